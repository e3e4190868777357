//! STS: the caller's identity.

use super::Aws;
use super::error::IntoCallError;
use super::plain_text::plain_text;
use partybox_core::domain::{CallError, Identity};

/// `GetCallerIdentity`, which needs no permission.
pub(super) async fn identity(aws: &Aws) -> Result<Identity, CallError> {
    let answer = aws.sts().get_caller_identity().send().await.for_action("sts:GetCallerIdentity")?;
    Ok(Identity {
        account: plain_text(answer.account.unwrap_or_default()),
        arn: plain_text(answer.arn.unwrap_or_default()),
    })
}
