//! Services with REST protocols. The account has none of them: a client of one is refused in its own protocol, never
//! sent to the load balancer.
use http::{HeaderValue, StatusCode, header};

use super::credential_scope;
use crate::protocol::request::{self, Request, Response};
use crate::protocol::xml;

/// How a service writes its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// S3's own: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    S3,
    /// REST XML: <https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html>
    Xml,
    /// REST JSON: <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>
    Json,
}

/// Beginnings of paths that no application's are: the version of a service's API.
const PATHS: [(&str, &str); 4] = [
    ("/2013-04-01/", "route53"),
    ("/2020-05-31/", "cloudfront"),
    ("/2015-03-31/", "lambda"),
    ("/2020-06-30/", "lambda"),
];

/// The services whose hosts are known by their names.
const HOSTS: [&str; 6] = ["s3", "route53", "lambda", "cloudfront", "apigateway", "eks"];

/// The service that a request without a form or a target is for: by its signature, else by its host or path. `None`
/// for the load balancer's own traffic.
pub(super) fn service_of(request: &Request) -> Option<&str> {
    credential_scope(request).or_else(|| presigned(request)).or_else(|| by_host(request)).or_else(|| {
        let path = request.uri().path();
        PATHS.iter().find(|(start, _)| path.starts_with(start)).map(|(_, service)| *service)
    })
}

/// The service of a presigned request: `X-Amz-Credential=key%2F20261122%2Fregion%2Fservice%2Faws4_request`.
fn presigned(request: &Request) -> Option<&str> {
    let (_, rest) = request.uri().query()?.split_once("X-Amz-Credential=")?;
    let credential = rest.split('&').next()?;
    if credential.contains('/') { credential.split('/').nth(3) } else { credential.split("%2F").nth(3) }
}

/// `lambda.ap-northeast-1.amazonaws.com`, `s3.amazonaws.com`, `BUCKET.s3.ap-northeast-1.amazonaws.com`.
fn by_host(request: &Request) -> Option<&'static str> {
    let host = request::header(request, "host").or_else(|| request.uri().host())?;
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let labels = host.strip_suffix(".amazonaws.com")?;
    HOSTS.into_iter().find(|service| labels.split('.').any(|label| label == *service))
}

/// The refusal: nobody may do anything with a service that the account does not have.
pub(super) fn refuse(request: &Request, service: &str, id: &str) -> Response {
    let form = match service {
        "s3" | "s3express" | "s3-outposts" => Form::S3,
        "route53" | "cloudfront" => Form::Xml,
        _ => Form::Json,
    };
    let message = format!(
        "User is not authorized to perform this operation: the simulated account has no service {service}."
    );
    let mut body = String::new();
    match form {
        Form::S3 => {
            body.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
            xml::element(&mut body, "Code", "AccessDenied");
            xml::element(&mut body, "Message", &message);
            xml::element(&mut body, "Resource", request.uri().path());
            xml::element(&mut body, "RequestId", id);
            body.push_str("</Error>");
        }
        Form::Xml => {
            let version = if service == "route53" { "2013-04-01" } else { "2020-05-31" };
            body.push_str("<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"http");
            body.push_str(if service == "route53" { "s://route53" } else { "://cloudfront" });
            body.push_str(".amazonaws.com/doc/");
            body.push_str(version);
            body.push_str("/\"><Error>");
            xml::element(&mut body, "Type", "Sender");
            xml::element(&mut body, "Code", "AccessDenied");
            xml::element(&mut body, "Message", &message);
            body.push_str("</Error>");
            xml::element(&mut body, "RequestId", id);
            body.push_str("</ErrorResponse>");
        }
        Form::Json => body = serde_json::json!({ "message": message }).to_string(),
    }
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::FORBIDDEN;
    let headers = response.headers_mut();
    let (kind, id_header) = match form {
        Form::S3 => ("application/xml", "x-amz-request-id"),
        Form::Xml => ("text/xml", "x-amzn-requestid"),
        Form::Json => ("application/json", "x-amzn-requestid"),
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if form == Form::Json {
        headers.insert("x-amzn-errortype", HeaderValue::from_static("AccessDeniedException"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(id_header, id);
    }
    response
}

#[cfg(test)]
#[path = "rest_tests.rs"]
mod tests;
