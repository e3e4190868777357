//! Turns the SDK's errors into one sentence that says what to do.

use super::plain_text::plain;
use super::request_metrics::THROTTLE_CODES;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use partybox_core::domain::{CallError, ErrorKind};
use std::error::Error;

/// Gives an SDK result the name of its AWS action and turns its error into ours.
pub(super) trait IntoCallError<T> {
    /// `action` is written as in IAM, e.g. `ecs:DescribeServices`.
    fn for_action(self, action: &'static str) -> Result<T, CallError>;
}

impl<T, E> IntoCallError<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn for_action(self, action: &'static str) -> Result<T, CallError> {
        self.map_err(|error| match &error {
            SdkError::ServiceError(context) => {
                let source = context.err();
                of_answer(action, source.code(), source.message(), context.raw())
            }
            SdkError::ResponseError(context) => match context.raw().body().bytes() {
                Some(_) => not_an_answer(action, context.raw()),
                None => unreachable(action, "the answer broke off"),
            },
            SdkError::TimeoutError(_) => unreachable(action, "no answer in time"),
            SdkError::DispatchFailure(context) if context.is_timeout() => {
                unreachable(action, "no answer in time")
            }
            SdkError::DispatchFailure(context) if context.is_io() => unreachable(action, &root_cause(&error)),
            other => before_the_answer(action, other),
        })
    }
}

/// The error for an error answer of the service.
pub(super) fn of_answer(
    action: &str,
    code: Option<&str>,
    message: Option<&str>,
    raw: &HttpResponse,
) -> CallError {
    let status = raw.status().as_u16();
    match code {
        Some(code) if !is_html(raw) => from_code(action, code, message.unwrap_or(""), status),
        _ if status == 429 => from_code(action, "TooManyRequests", "", status),
        _ => not_an_answer(action, raw),
    }
}

/// The error for an answer that no AWS service gives: HTML, an empty 400, another protocol.
pub(super) fn not_an_answer(action: &str, raw: &HttpResponse) -> CallError {
    let status = raw.status().as_u16();
    let message = match status {
        404 | 405 | 501 => format!("The endpoint does not know {action} (HTTP {status})."),
        _ if is_html(raw) => format!("The endpoint answered {action} with a web page (HTTP {status})."),
        _ => format!("The endpoint's answer to {action} could not be understood (HTTP {status})."),
    };
    CallError { kind: ErrorKind::Unsupported, action: action.into(), code: None, message }
}

/// The error for a failure before any answer that is neither a timeout nor of the network.
fn before_the_answer(action: &str, error: &(dyn Error + 'static)) -> CallError {
    if let Some(reason) = find::<CredentialsError>(error) {
        let message = format!("No credentials: {}. Log in again, e.g. `aws sso login`.", root_cause(reason));
        return CallError { kind: ErrorKind::Credentials, action: action.into(), code: None, message };
    }
    // A connection that closes in the middle is none of the kinds above in the SDK.
    let reason = root_cause(error);
    if find::<std::io::Error>(error).is_some() || reason.contains("connection") {
        return unreachable(action, &reason);
    }
    CallError {
        kind: ErrorKind::Service,
        action: action.into(),
        code: None,
        message: format!("{action} could not be sent: {reason}."),
    }
}

/// The error when nothing answered. [`name_endpoint`] adds the endpoint.
pub(super) fn unreachable(action: &str, reason: &str) -> CallError {
    CallError { kind: ErrorKind::Unreachable, action: action.into(), code: None, message: reason.to_owned() }
}

/// Names the endpoint in an error of the kind [`ErrorKind::Unreachable`]; the other kinds came from an
/// endpoint that answered.
pub(super) fn name_endpoint(mut error: CallError, endpoint: Option<&str>, region: &str) -> CallError {
    if error.kind == ErrorKind::Unreachable {
        let service = error.action.split(':').next().unwrap_or("AWS");
        let endpoint = endpoint.map_or_else(|| format!("{service} in {region}"), str::to_owned);
        error.message = format!("{endpoint} cannot be reached: {}.", error.message);
    }
    error
}

/// The error for a request that the program refuses to send.
pub(super) fn refuse(action: &str, message: String) -> CallError {
    CallError { kind: ErrorKind::Refused, action: action.into(), code: None, message }
}

/// The error for a service's error code.
pub(super) fn from_code(action: &str, code: &str, message: &str, status: u16) -> CallError {
    // `com.amazonaws.ecs#ClientException` and `Code;Sender` are spellings of the code alone.
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = &plain(code.split([';', ':']).next().unwrap_or(code), 100);
    let (kind, sentence) = match code.as_str() {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "NotAuthorized"
        | "UnauthorizedAccess" => {
            let permission = named_permission(message).unwrap_or(action);
            (
                ErrorKind::Denied,
                format!("No permission for {permission}: the IAM policy of this role must allow it."),
            )
        }
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => (
            ErrorKind::Credentials,
            "The credentials have expired. Log in again, e.g. `aws sso login`.".to_owned(),
        ),
        "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => (
            ErrorKind::Credentials,
            "The credentials have expired, or this machine's clock is wrong. Log in again; check the clock."
                .to_owned(),
        ),
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidToken"
        | "AuthFailure"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "InvalidAccessKeyId"
        | "OptInRequired"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature" => (
            ErrorKind::Credentials,
            format!("AWS does not accept these credentials ({code}). Check the profile, or log in again."),
        ),
        _ if THROTTLE_CODES.contains(&code.as_str()) => {
            (ErrorKind::Throttled, format!("AWS asks to slow down ({code} on {action})."))
        }
        // Some emulators answer what they lack with an ordinary code and the status 501.
        _ if status == 501 => {
            (ErrorKind::Unsupported, format!("The endpoint does not know {action} (HTTP {status})."))
        }
        "UnknownOperationException"
        | "UnknownOperation"
        | "InvalidAction"
        | "NotImplemented"
        | "NotImplementedException"
        | "NotImplementedError" => {
            (ErrorKind::Unsupported, format!("The endpoint does not know {action} (HTTP {status})."))
        }
        _ => {
            let kind = if code.contains("NotFound") { ErrorKind::NotFound } else { ErrorKind::Service };
            let message = if message.is_empty() { format!("HTTP {status}") } else { first_line(message) };
            (kind, format!("{code}: {message}"))
        }
    };
    CallError { kind, action: action.into(), code: Some(code.to_owned()), message: sentence }
}

/// The permission that an error message names: `... is not authorized to perform: iam:PassRole on resource
/// ...` -> `iam:PassRole`. The missing one is not always that of the call.
fn named_permission(message: &str) -> Option<&str> {
    let after = message.split("perform: ").nth(1)?;
    let permission = after.split_whitespace().next()?;
    let is_one = permission.contains(':')
        && permission.chars().all(|c| c.is_ascii_alphanumeric() || "-:*".contains(c));
    is_one.then_some(permission)
}

fn first_line(message: &str) -> String {
    plain(message.lines().next().unwrap_or_default(), 300)
}

fn is_html(raw: &HttpResponse) -> bool {
    raw.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/html"))
        || raw.body().bytes().is_some_and(|body| body.trim_ascii_start().starts_with(b"<!"))
}

/// The first error of a type in a chain.
pub(super) fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The text of the last error of a chain, which is the cause behind the wrappers: its first line, without a
/// full stop.
pub fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    let text = last.to_string();
    // "Connection refused (os error 111)": the number is of no use to the reader.
    let text = text.split(" (os error").next().unwrap_or(&text);
    first_line(text).trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fall_into_their_families() {
        let kind = |code| from_code("ecs:DescribeServices", code, "", 400).kind;
        for code in ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"] {
            assert_eq!(kind(code), ErrorKind::Denied, "{code}");
        }
        for code in ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "UnrecognizedClientException"]
        {
            assert_eq!(kind(code), ErrorKind::Credentials, "{code}");
        }
        for code in ["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"]
        {
            assert_eq!(kind(code), ErrorKind::Throttled, "{code}");
        }
        for code in ["ClusterNotFoundException", "DBInstanceNotFound", "InvalidVpcID.NotFound"] {
            assert_eq!(kind(code), ErrorKind::NotFound, "{code}");
        }
        assert_eq!(kind("UnknownOperationException"), ErrorKind::Unsupported);
        assert_eq!(kind("InvalidParameterException"), ErrorKind::Service);
        assert_eq!(kind("LimitExceededException"), ErrorKind::Service);
    }

    #[test]
    fn a_denial_names_the_permission_that_is_missing() {
        let plain = from_code("rds:DescribeDBInstances", "AccessDenied", "", 403);
        assert!(plain.message.contains("rds:DescribeDBInstances"), "{}", plain.message);
        let other = from_code(
            "ecs:UpdateService",
            "com.amazonaws.ecs#AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: iam:PassRole on resource: x",
            400,
        );
        assert_eq!(other.code.as_deref(), Some("AccessDeniedException"));
        assert!(other.message.contains("iam:PassRole"), "{}", other.message);
    }

    #[test]
    fn the_place_is_named_only_when_nothing_answered() {
        let error =
            name_endpoint(unreachable("ecs:ListServices", "Connection refused"), Some("http://h:1"), "r");
        assert_eq!(error.message, "http://h:1 cannot be reached: Connection refused.");
        let error =
            name_endpoint(unreachable("rds:DescribeEvents", "no answer in time"), None, "ap-northeast-1");
        assert_eq!(error.message, "rds in ap-northeast-1 cannot be reached: no answer in time.");
        let denied = from_code("ecs:ListServices", "AccessDenied", "", 403);
        assert_eq!(name_endpoint(denied.clone(), Some("http://h:1"), "r"), denied);
    }
}
