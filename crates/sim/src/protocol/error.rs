//! Errors, and their form in each protocol.
use std::borrow::Cow;

/// An operation's error: AWS's code, its message and the HTTP status it comes with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The code as the service's protocol writes it (`ClusterNotFoundException`, `DBInstanceNotFound`).
    pub code: Cow<'static, str>,
    /// In AWS's words.
    pub message: String,
    /// The HTTP status: 400 unless the service's model says otherwise.
    pub status: u16,
}

impl ApiError {
    /// A client's error, HTTP status 400.
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        ApiError { code: code.into(), message: message.into(), status: 400 }
    }

    /// The same error with another HTTP status.
    pub(crate) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Whose fault the error is, in the query protocols' terms.
    pub(crate) const fn sender(&self) -> &'static str {
        if self.status < 500 { "Sender" } else { "Receiver" }
    }

    /// The name of the error's shape in CloudWatch's model, whose query protocol uses other codes.
    pub(crate) fn shape(&self) -> &str {
        match &*self.code {
            "InvalidParameterValue" => "InvalidParameterValueException",
            "InvalidParameterCombination" => "InvalidParameterCombinationException",
            "MissingParameter" => "MissingRequiredParameterException",
            "ResourceNotFound" => "ResourceNotFoundException",
            "InvalidAction" => "UnknownOperationException",
            code => code,
        }
    }
}
