//! The wire protocols of AWS, for requests and answers: awsJson, awsQuery, ec2Query and rpc-v2-cbor.
//!
//! A request becomes an [`input::Input`] whatever protocol brought it; an operation answers with a
//! [`node::Node`] or a [`ApiError`]; the protocol that asked renders either.
pub(crate) mod cbor;
pub(crate) mod dns;
pub(crate) mod error;
pub(crate) mod form;
pub(crate) mod input;
pub(crate) mod json;
pub(crate) mod node;
pub(crate) mod paging;
pub(crate) mod request;
pub(crate) mod sigv4;
pub(crate) mod xml;

pub use error::ApiError;
pub use request::{Request, Response};
pub use sigv4::sign;
