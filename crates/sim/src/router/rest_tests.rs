//! REST services are refused in their own forms.
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
    for (uri, host) in [("/", "party-box-1.ap-northeast-1.elb.amazonaws.com"), ("/health", "127.0.0.1:1")] {
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
