//! Finds the protocol, service and operation of a request, and answers in that protocol.
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value};

use crate::api::{self, Service};
use crate::behaviour;
use crate::dataplane;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::checksum;
use crate::protocol::request::{self, Request, Response, dated};
use crate::protocol::sigv4::{Refusal, Signature};
use crate::protocol::{cbor, form, json, xml};
use crate::world::World;

mod rest;

/// The protocol of a request and of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    /// awsJson; the minor version is 0 or 1.
    Json(u8),
    Query,
    Ec2,
    Cbor,
}

/// An API request: protocol, service and operation.
struct Call {
    protocol: Protocol,
    /// `None` when no service here has the name in the request.
    service: Option<Service>,
    operation: String,
    input: Result<Value, &'static str>,
}

/// Answers one request as the account would at `now`; the world is first brought up to that time. The request must
/// be signed, but nothing is verified.
pub fn handle(world: &mut World, request: &Request, now: DateTime<Utc>) -> Response {
    answer(world, request, now, None)
}

/// The socket that a request came over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Socket {
    /// What the clock on the wall shows.
    pub wall: DateTime<Utc>,
    /// The port that is listened on.
    pub port: u16,
}

/// The same for a request that came over a socket, where the account's time is `now`: its signature is verified,
/// and it must not come from a page in a browser.
pub(crate) fn handle_verified(
    world: &mut World,
    request: &Request,
    now: DateTime<Utc>,
    socket: Socket,
) -> Response {
    answer(world, request, now, Some(socket))
}

fn answer(world: &mut World, request: &Request, now: DateTime<Utc>, socket: Option<Socket>) -> Response {
    behaviour::advance(world, now);
    let response = match classify(request) {
        Some(call) => answer_call(world, request, &call, now, socket),
        None => match rest::service_of(request) {
            Some(service) => rest::refuse(request, service, &request_id(request, now)),
            None => dataplane::answer_request(world, request, now),
        },
    };
    dated(response, now)
}

/// The request's protocol and operation; `None` for the load balancer's own traffic.
fn classify(request: &Request) -> Option<Call> {
    let body = request::body(request);
    if let Some(target) = request::header(request, "x-amz-target") {
        let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
        let minor = request::header(request, "content-type")
            .is_some_and(|kind| kind.starts_with("application/x-amz-json-1.0"));
        return Some(Call {
            protocol: Protocol::Json(u8::from(!minor)),
            service: Service::from_target(prefix),
            operation: operation.to_owned(),
            input: body.and_then(|body| json_input(&body)),
        });
    }
    let path = request.uri().path();
    if let Some(rest) = path.strip_prefix("/service/")
        && let Some((name, operation)) = rest.split_once("/operation/")
    {
        return Some(Call {
            protocol: Protocol::Cbor,
            service: Service::from_target(name),
            operation: operation.to_owned(),
            input: body.and_then(|body| cbor::parse(&body).map_err(|_| "The body is not well-formed CBOR.")),
        });
    }
    query_call(request, body)
}

fn json_input(body: &[u8]) -> Result<Value, &'static str> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).ok().filter(Value::is_object).ok_or("The body is not a JSON structure.")
}

/// A form in the body, or in the query of a GET, that names an `Action`.
fn query_call(request: &Request, body: Result<Bytes, &'static str>) -> Option<Call> {
    let is_form = request::header(request, "content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let parsed = if *request.method() == Method::POST && is_form && request.uri().path() == "/" {
        body.and_then(|body| form::parse(&body))
    } else {
        let query = request.uri().query().unwrap_or_default();
        match form::parse(query.as_bytes()) {
            Ok(members) if members.contains_key("Action") => Ok(members),
            // Signed for a service that takes forms, and without any: it is told what is missing.
            Ok(members)
                if credential_scope(request)
                    .is_some_and(|it| Service::from_query("", Some(it)).is_some()) =>
            {
                Ok(members)
            }
            _ => return None,
        }
    };
    let text = |name: &str| {
        let members = parsed.as_ref().ok()?;
        members.get(name)?.as_str()
    };
    let signed_for = Signature::of(request).map(|signature| signature.service);
    let service = Service::from_query(text("Version").unwrap_or_default(), signed_for.as_deref());
    Some(Call {
        protocol: if service == Some(Service::Ec2) { Protocol::Ec2 } else { Protocol::Query },
        service,
        operation: text("Action").unwrap_or_default().to_owned(),
        input: parsed.map(Value::Object),
    })
}

/// The service that the signature names: `Credential=key/20261122/region/service/aws4_request`.
fn credential_scope(request: &Request) -> Option<&str> {
    let (_, credential) = request::header(request, "authorization")?.split_once("Credential=")?;
    credential.split([',', ' ']).next()?.split('/').nth(3)
}

/// Checks that the request is signed, with any key.
fn check_signature(request: &Request) -> Result<(), ApiError> {
    if Signature::of(request).is_some() {
        return Ok(());
    }
    match request::header(request, "authorization") {
        None => Err(ApiError::new("MissingAuthenticationToken", "Request is missing Authentication Token")
            .with_status(403)),
        Some(_) => Err(ApiError::new(
            "IncompleteSignature",
            "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters.",
        )),
    }
}

/// Refuses what a page in a browser could send: a request under another name than this host's own (a name that
/// an attacker points here), or one that says which page it came from.
fn check_sender(request: &Request) -> Result<(), ApiError> {
    let host = request::header(request, "host").unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let own = address || name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost");
    let by_page =
        request.headers().contains_key("origin") || request.headers().contains_key("sec-fetch-site");
    if own && !by_page {
        return Ok(());
    }
    let message = "The simulated account answers clients on this host alone, and no page in a browser.";
    Err(ApiError::new("AccessDeniedException", message).with_status(403))
}

/// Whether the client signed its request for another port than the one it came to: a proxy stands between, and it
/// may have changed the body.
fn through_a_proxy(request: &Request, port: u16) -> bool {
    let host = request::header(request, "host").unwrap_or_default();
    let signed_for = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(80);
    signed_for != port
}

/// Verifies the signature, with each protocol's own codes. Behind a proxy everything about it but the digest: a
/// changed body cannot be told from another secret.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
fn verify(request: &Request, call: &Call, times: &[DateTime<Utc>], port: u16) -> Result<(), ApiError> {
    let Some(signature) = Signature::of(request) else { return Ok(()) };
    let expected = call.service.map(Service::signing_name);
    let verified = signature.verify_scope(expected, times);
    let verified = if through_a_proxy(request, port) {
        verified
    } else {
        verified.and_then(|()| signature.verify_digest(request))
    };
    let Err(refusal) = verified else { return Ok(()) };
    let (unknown, wrong, expired) = match call.protocol {
        Protocol::Json(_) | Protocol::Cbor => (
            ("UnrecognizedClientException", 400),
            ("InvalidSignatureException", 400),
            ("InvalidSignatureException", 400),
        ),
        Protocol::Query => {
            (("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403), ("RequestExpired", 400))
        }
        Protocol::Ec2 => (("AuthFailure", 401), ("AuthFailure", 401), ("RequestExpired", 400)),
    };
    let ((code, status), message) = match refusal {
        Refusal::UnknownKey if call.protocol == Protocol::Ec2 => {
            (unknown, "AWS was not able to validate the provided access credentials".to_owned())
        }
        Refusal::UnknownKey => {
            (unknown, "The security token included in the request is invalid.".to_owned())
        }
        Refusal::Mismatch if call.protocol == Protocol::Ec2 => {
            (wrong, "AWS was not able to validate the provided access credentials".to_owned())
        }
        Refusal::Mismatch => (
            wrong,
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details."
                .to_owned(),
        ),
        Refusal::WrongService => (
            wrong,
            format!("Credential should be scoped to correct service: '{}'.", expected.unwrap_or_default()),
        ),
        Refusal::Expired(dated, now) => {
            (expired, format!("Signature expired: {dated} is now earlier than {now} less 5 min."))
        }
    };
    Err(ApiError::new(code, message).with_status(status))
}

/// The Region that a request is for, if it is another than the account's resources are in. STS answers
/// everywhere.
fn elsewhere(world: &World, request: &Request, call: &Call) -> Option<String> {
    let region = Signature::of(request)?.region;
    (region != world.account.region && call.service != Some(Service::Sts)).then_some(region)
}

fn answer_call(
    world: &mut World,
    request: &Request,
    call: &Call,
    now: DateTime<Utc>,
    socket: Option<Socket>,
) -> Response {
    let admitted = match socket {
        None => check_signature(request),
        Some(Socket { wall, port }) => check_sender(request)
            .and_then(|()| check_signature(request))
            .and_then(|()| verify(request, call, &[wall, now], port)),
    };
    let outcome = admitted.and_then(|()| match elsewhere(world, request, call) {
        None => run_operation(world, call, now),
        // The same account has nothing in its other Regions, and keeps nothing there.
        Some(region) => run_operation(&mut world.in_other_region(&region), call, now),
    });
    let id = request_id(request, now);
    let (status, content_type, body) = match &outcome {
        Ok(node) => (200, call.protocol.content_type(), success(call, node, &id)),
        Err(fault) => (fault.status, call.protocol.content_type(), failure(call.protocol, fault, &id)),
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-amzn-requestid", id);
    }
    if call.protocol == Protocol::Cbor {
        headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    // CloudWatch puts the codes of its query protocol into this header when it answers in another.
    if let Err(fault) = &outcome
        && matches!(call.protocol, Protocol::Json(_) | Protocol::Cbor)
        && call.service == Some(Service::CloudWatch)
        && let Ok(value) = HeaderValue::from_str(&format!("{};{}", fault.code, fault.sender()))
    {
        headers.insert("x-amzn-query-error", value);
    }
    response
}

fn run_operation(world: &mut World, call: &Call, now: DateTime<Utc>) -> Result<Node, ApiError> {
    let input = call.input.as_ref().map_err(|reason| match call.protocol {
        Protocol::Json(_) | Protocol::Cbor => ApiError::new("SerializationException", *reason),
        Protocol::Query | Protocol::Ec2 => ApiError::new("MalformedQueryString", *reason),
    })?;
    if call.operation.is_empty() && matches!(call.protocol, Protocol::Query | Protocol::Ec2) {
        return Err(ApiError::new("MissingAction", "The request must contain the parameter Action"));
    }
    call.service
        .and_then(|service| api::call(service, &call.operation, world, Input::new(input), now))
        .unwrap_or_else(|| Err(unknown_operation(call, input)))
}

fn unknown_operation(call: &Call, input: &Value) -> ApiError {
    let operation = &call.operation;
    match call.protocol {
        Protocol::Json(_) | Protocol::Cbor => {
            ApiError::new("UnknownOperationException", format!("The operation {operation} is not known."))
        }
        Protocol::Ec2 => ApiError::new(
            "InvalidAction",
            format!("The action {operation} is not valid for this web service."),
        ),
        Protocol::Query => {
            let version = input.get("Version").and_then(Value::as_str).unwrap_or("NO_VERSION_SPECIFIED");
            ApiError::new(
                "InvalidAction",
                format!("Could not find operation {operation} for version {version}"),
            )
        }
    }
}

impl Protocol {
    const fn content_type(self) -> &'static str {
        match self {
            Protocol::Json(0) => "application/x-amz-json-1.0",
            Protocol::Json(_) => "application/x-amz-json-1.1",
            Protocol::Query => "text/xml",
            Protocol::Ec2 => "text/xml;charset=UTF-8",
            Protocol::Cbor => "application/cbor",
        }
    }
}

fn success(call: &Call, node: &Node, id: &str) -> Vec<u8> {
    let operation = &call.operation;
    let namespace = call.service.map_or("", Service::namespace);
    match call.protocol {
        // Some operations answer without a body; clients read an empty structure the same way.
        Protocol::Json(_) => json::render(node).to_string().into_bytes(),
        Protocol::Cbor => cbor::render(node),
        Protocol::Query => {
            let result = xml::render(node, "member");
            format!(
                "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{result}</{operation}Result>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
            )
            .into_bytes()
        }
        Protocol::Ec2 => {
            let result = xml::render(node, "item");
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response xmlns=\"{namespace}\">\
                 <requestId>{id}</requestId>{result}</{operation}Response>"
            )
            .into_bytes()
        }
    }
}

fn failure(protocol: Protocol, fault: &ApiError, id: &str) -> Vec<u8> {
    let mut xml = String::new();
    match protocol {
        Protocol::Json(_) | Protocol::Cbor => {
            let body = map! { "__type": fault.shape(), "message": &fault.message };
            return if protocol == Protocol::Cbor {
                cbor::render(&body)
            } else {
                json::render(&body).to_string().into_bytes()
            };
        }
        Protocol::Query => {
            xml.push_str("<ErrorResponse><Error>");
            xml::element(&mut xml, "Type", fault.sender());
            xml::element(&mut xml, "Code", &fault.code);
            xml::element(&mut xml, "Message", &fault.message);
            xml.push_str("</Error>");
            xml::element(&mut xml, "RequestId", id);
            xml.push_str("</ErrorResponse>");
        }
        Protocol::Ec2 => {
            xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>");
            xml::element(&mut xml, "Code", &fault.code);
            xml::element(&mut xml, "Message", &fault.message);
            xml.push_str("</Error></Errors>");
            xml::element(&mut xml, "RequestID", id);
            xml.push_str("</Response>");
        }
    }
    xml.into_bytes()
}

/// An id made from the request and the time, so that the same requests give the same ids.
fn request_id(request: &Request, now: DateTime<Utc>) -> String {
    let invocation = request::header(request, "amz-sdk-invocation-id").unwrap_or_default();
    let signature = request::header(request, "authorization").unwrap_or_default();
    let text = format!("{invocation}{signature}{}{now}", request.uri());
    let (high, low) = (checksum(&text, "high"), checksum(&text, "low"));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod deployment_tests;
#[cfg(test)]
mod metric_tests;
#[cfg(test)]
mod operation_tests;
#[cfg(test)]
mod tests;
