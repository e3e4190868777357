//! What the answer to a change means: done, refused, or nobody knows.

use super::super::Aws;
use super::super::error::IntoCallError;
use super::super::request_metrics::THROTTLE_CODES;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use partybox_core::domain::{CallError, ErrorKind};
use std::error::Error;

/// The answer to a change that was sent. Where it leaves open whether the change was carried out, the error's kind is
/// [`ErrorKind::Unclear`], so that it is not blindly tried again.
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

/// Marks an error as one after which nobody knows what AWS did.
pub(super) fn mark_unclear(mut error: CallError) -> CallError {
    error.kind = ErrorKind::Unclear;
    error.message = format!(
        "{} — it may or may not have taken effect: look before trying again",
        error.message.trim_end_matches('.')
    );
    error
}

/// The look before sending failed, so nothing was sent.
pub(super) fn mark_not_sent(mut error: CallError) -> CallError {
    error.message = format!("{}; nothing was sent", error.message.trim_end_matches('.'));
    error
}

/// Codes of a server that broke, whatever the status they come with:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html>
const BROKE: [&str; 4] = ["ServerException", "InternalFailure", "InternalError", "ServiceUnavailable"];

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
        SdkError::ServiceError(answer) => match answer.err().code() {
            // Turned away at the door, whatever the status.
            Some(code) if THROTTLE_CODES.contains(&code) => false,
            // A server that broke may have broken after the deed; one that knows no such call has done nothing.
            Some(code) => {
                let status = answer.raw().status();
                (status.is_server_error() && status.as_u16() != 501) || BROKE.contains(&code)
            }
            // No AWS service answers so: a proxy, which may have passed the request on.
            None => true,
        },
        // In time there was no answer, or one that cannot be read.
        _ => true,
    }
}

/// Whether there was never a connection that could have carried the request.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        // hyper's client and the SDK's connect timeout are types of crates that are none of ours.
        if text.contains("client error (Connect)") || text.contains("HTTP connect timeout") {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_server::connect;

    #[tokio::test]
    async fn without_a_connection_nothing_can_have_happened() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port");
        let aws = connect(&format!("http://{gone}"));
        let answer = aws.ecs().update_service().service("backend").send().await;
        let error = take_mutation_answer(&aws, "ecs:UpdateService", answer).expect_err("nobody listens");
        assert_eq!(error.kind, ErrorKind::Unreachable, "{}", error.message);
    }
}
