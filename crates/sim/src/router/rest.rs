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
mod tests {
    use chrono::DateTime;
    use http::Method;

    use super::*;
    use crate::{Scenario, build_account};

    fn ask(method: Method, uri: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(bytes::Bytes::new()).expect("a request");
        let mut world = build_account(Scenario::Steady, 7, now);
        let response = crate::handle(&mut world, &request, now);
        let kind = response.headers()[header::CONTENT_TYPE].to_str().expect("text").to_owned();
        let body = String::from_utf8(response.body().to_vec()).expect("text");
        (response.status().as_u16(), kind, body)
    }

    fn signed(service: &str) -> String {
        let scope = format!("key/20260101/ap-northeast-1/{service}/aws4_request");
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")
    }

    #[test]
    fn rest_services_are_refused_in_their_own_form() {
        for (service, path, kind, start) in [
            (
                "s3",
                "/bucket/key?list-type=2",
                "application/xml",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>",
            ),
            (
                "route53",
                "/2013-04-01/hostedzone",
                "text/xml",
                "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"https://route53",
            ),
            ("lambda", "/2015-03-31/functions/", "application/json", "{\"message\":"),
            ("execute-api", "/health", "application/json", "{\"message\":"),
        ] {
            let header = signed(service);
            let (status, own, body) = ask(Method::GET, path, &[("authorization", &header)]);
            assert_eq!((status, own.as_str()), (403, kind), "{service}: {body}");
            assert!(body.starts_with(start) && body.contains(service), "{service}: {body}");
        }
    }

    #[test]
    fn hosts_paths_and_presigned_links_tell_the_service_too() {
        for (uri, host, service) in [
            ("/", "party-box-logs.s3.ap-northeast-1.amazonaws.com", "s3"),
            ("/2015-03-31/functions", "127.0.0.1:4566", "lambda"),
            ("/key?X-Amz-Credential=k%2F20260101%2Fap-northeast-1%2Fs3%2Faws4_request", "127.0.0.1", "s3"),
        ] {
            let (status, _, body) = ask(Method::GET, uri, &[("host", host)]);
            assert!(status == 403 && body.contains(&format!("has no service {service}")), "{uri}: {body}");
        }
        for (uri, host) in [("/", "party-box-1.ap-northeast-1.elb.amazonaws.com"), ("/health", "127.0.0.1:1")]
        {
            let (status, _, body) = ask(Method::GET, uri, &[("host", host)]);
            assert_eq!(status, 200, "the load balancer's own traffic: {body}");
        }
    }

    #[test]
    fn a_form_service_without_a_form_is_told_so() {
        let header = signed("ec2");
        let (status, _, body) = ask(Method::GET, "/", &[("authorization", &header)]);
        assert!(status == 400 && body.contains("<Code>MissingAction</Code>"), "{body}");
    }
}
