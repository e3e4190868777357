//! Errors as each protocol shapes them.
use std::borrow::Cow;

use crate::behaviour::Refused;

/// An operation's error: AWS's code, its message and the HTTP status it comes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The code as the service's protocol writes it (`ClusterNotFoundException`, `DBInstanceNotFound`).
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) status: u16,
}

impl Fault {
    /// A client's error, HTTP status 400.
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Fault { code: code.into(), message: message.into(), status: 400 }
    }

    /// The same error with another HTTP status.
    pub(crate) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Whose fault the query protocols say it is.
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

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        let status = match refused.code {
            "DBInstanceNotFound" | "DBClusterNotFoundFault" => 404,
            "ServerException" | "InternalFailure" => 500,
            _ => 400,
        };
        Fault::new(refused.code, refused.message).with_status(status)
    }
}
