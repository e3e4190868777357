//! What the answer to a change means: done, refused, or unclear.

use super::super::Aws;
use super::super::error::IntoCallError;
use super::super::failure::{AttemptFailure, error_leaves_open, never_connected};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use partybox_core::domain::{CallError, ErrorKind};
use std::error::Error;

/// Turns the answer to a change that was sent into a result. When it leaves open whether the change was
/// carried out, the error's kind is [`ErrorKind::Unclear`], so that nobody tries it again without looking.
pub(super) fn take_mutation_answer<T, E>(
    aws: &Aws,
    action: &'static str,
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<T, CallError>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let unclear = answer.as_ref().is_err_and(may_have_taken_effect);
    answer
        .for_action(action)
        .map_err(|error| if unclear { mark_unclear(aws.name_endpoint(error)) } else { error })
}

/// As [`take_mutation_answer`], for a call without an SDK.
pub(super) fn take_signed_answer<T>(aws: &Aws, answer: Result<T, AttemptFailure>) -> Result<T, CallError> {
    answer.map_err(|failure| {
        if failure.may_have_taken_effect {
            mark_unclear(aws.name_endpoint(failure.error))
        } else {
            failure.error
        }
    })
}

/// Marks an error after which it is unknown whether AWS carried the change out.
pub(super) fn mark_unclear(mut error: CallError) -> CallError {
    error.kind = ErrorKind::Unclear;
    error.message = format!(
        "{} — it may or may not have taken effect: look before trying again",
        error.message.trim_end_matches('.')
    );
    error
}

/// Marks an error of the read before the change: nothing was sent.
pub(super) fn mark_not_sent(mut error: CallError) -> CallError {
    error.message = format!("{}; nothing was sent", error.message.trim_end_matches('.'));
    error
}

/// Whether the request may have been carried out in spite of this error.
fn may_have_taken_effect<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        // No request was made, or none could be signed.
        SdkError::ConstructionFailure(_) => false,
        SdkError::DispatchFailure(failure) if failure.is_user() => false,
        SdkError::DispatchFailure(_) => !never_connected(error),
        SdkError::ServiceError(answer) => {
            error_leaves_open(answer.err().code(), answer.raw().status().as_u16())
        }
        // No answer in time, or one that cannot be read.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_server::connect;
    use crate::query_protocol::parameter;

    #[tokio::test]
    async fn without_a_connection_nothing_can_have_happened() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port");
        let aws = connect(&format!("http://{gone}"));
        let answer = aws.ecs().update_service().service("backend").send().await;
        let error = take_mutation_answer(&aws, "ecs:UpdateService", answer).expect_err("nobody listens");
        assert_eq!(error.kind, ErrorKind::Unreachable, "{}", error.message);
    }

    #[tokio::test]
    async fn nor_can_it_for_a_call_without_an_sdk() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port");
        let aws = connect(&format!("http://{gone}"));
        let parameters = vec![parameter("DBInstanceIdentifier", "party-box-db")];
        let answer = aws.rds().send_once("rds:RebootDBInstance", &parameters).await;
        let error = take_signed_answer(&aws, answer).expect_err("nobody listens");
        assert_eq!(error.kind, ErrorKind::Unreachable, "{}", error.message);
    }
}
