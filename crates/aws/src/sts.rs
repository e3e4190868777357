//! STS: the caller's identity.

use super::Aws;
use super::error::IntoCallError;
use partybox_core::domain::{CallError, Identity};

/// `GetCallerIdentity`, which needs no permission.
pub(super) async fn identity(aws: &Aws) -> Result<Identity, CallError> {
    let answer = aws.sts().get_caller_identity().send().await.for_action("sts:GetCallerIdentity")?;
    Ok(Identity { account: answer.account.unwrap_or_default(), arn: answer.arn.unwrap_or_default() })
}
