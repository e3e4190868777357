//! A failed attempt of a call without an SDK: its error, whether another attempt may succeed, and whether a
//! mutation may have taken effect all the same.

use super::error::{not_an_answer, of_answer, root_cause, unreachable};
use super::request_metrics::THROTTLE_CODES;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use partybox_core::domain::{CallError, ErrorKind};
use std::error::Error;

/// Codes of a server that broke, whatever the status they come with:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html>
const BROKE: [&str; 4] = ["ServerException", "InternalFailure", "InternalError", "ServiceUnavailable"];
/// Codes and statuses after which the SDK tries again, beside throttling.
const TRANSIENT_CODES: [&str; 2] = ["RequestTimeout", "RequestTimeoutException"];
const TRANSIENT_STATUSES: [u16; 4] = [500, 502, 503, 504];

/// An attempt that failed.
#[derive(Debug)]
pub(super) struct AttemptFailure {
    /// What went wrong.
    pub(super) error: CallError,
    /// Another attempt may succeed.
    pub(super) transient: bool,
    /// The request may have been carried out in spite of the error.
    pub(super) may_have_taken_effect: bool,
}

impl AttemptFailure {
    /// No request was made, or none could be signed.
    pub(super) fn before_sending(error: CallError) -> Self {
        Self { error, transient: false, may_have_taken_effect: false }
    }

    /// The answer did not come in time, or broke off.
    pub(super) fn without_answer(action: &str, reason: &str) -> Self {
        Self { error: unreachable(action, reason), transient: true, may_have_taken_effect: true }
    }

    /// The connection failed.
    pub(super) fn of_connection(action: &str, error: &ConnectorError) -> Self {
        let reason = if error.is_timeout() { "no answer in time".to_owned() } else { root_cause(error) };
        let may_have_taken_effect = !error.is_user() && !never_connected(error);
        Self { error: unreachable(action, &reason), transient: true, may_have_taken_effect }
    }

    /// The service answered with an error; `code` is as the protocol's body or headers spell it.
    pub(super) fn of_answer(
        action: &str,
        code: Option<&str>,
        message: &str,
        response: &HttpResponse,
    ) -> Self {
        let error = of_answer(action, code, Some(message), response);
        let status = response.status().as_u16();
        let code = error.code.as_deref().filter(|code| !code.is_empty());
        let transient = error.kind == ErrorKind::Throttled
            || TRANSIENT_STATUSES.contains(&status)
            || code.is_some_and(|code| TRANSIENT_CODES.contains(&code));
        let may_have_taken_effect = error_leaves_open(code, status);
        Self { error, transient, may_have_taken_effect }
    }

    /// The status says success, but the body is not what the protocol promises.
    pub(super) fn not_understood(action: &str, response: &HttpResponse) -> Self {
        Self { error: not_an_answer(action, response), transient: false, may_have_taken_effect: true }
    }
}

/// Whether a request that was answered with this error may have been carried out.
pub(super) fn error_leaves_open(code: Option<&str>, status: u16) -> bool {
    match code {
        // A throttled request was not carried out, whatever the status.
        Some(code) if THROTTLE_CODES.contains(&code) => false,
        // A server that broke may have broken after the deed; one that knows no such call has done nothing.
        Some(code) => (status >= 500 && status != 501) || BROKE.contains(&code),
        // No AWS service answers so: a proxy, which may have passed the request on.
        None => true,
    }
}

/// Whether there was never a connection that could have carried the request.
pub(super) fn never_connected(error: &(dyn Error + 'static)) -> bool {
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
