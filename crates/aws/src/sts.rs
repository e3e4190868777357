//! STS: who we are.

use super::Aws;
use super::error::Told;
use partybox_core::domain::{CallError, Identity};

/// `GetCallerIdentity`, which needs no permission.
pub(super) async fn identity(aws: &Aws) -> Result<Identity, CallError> {
    let answer = aws.sts().get_caller_identity().send().await.told("sts:GetCallerIdentity")?;
    Ok(Identity { account: answer.account.unwrap_or_default(), arn: answer.arn.unwrap_or_default() })
}
