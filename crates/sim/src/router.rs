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

/// Answers one request as the account would at `now`; the world is first brought up to that time.
pub fn handle(world: &mut World, request: &Request, now: DateTime<Utc>) -> Response {
    behaviour::advance(world, now);
    let response = match classify(request) {
        Some(call) => answer_call(world, request, &call, now),
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
    let service = Service::from_query(text("Version").unwrap_or_default(), credential_scope(request));
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

/// Checks that the request is signed. Any key is accepted.
fn check_signature(request: &Request) -> Result<(), ApiError> {
    if request.uri().query().is_some_and(|query| query.contains("X-Amz-Signature=")) {
        return Ok(());
    }
    match request::header(request, "authorization") {
        None => Err(ApiError::new("MissingAuthenticationToken", "Request is missing Authentication Token")
            .with_status(403)),
        Some(value)
            if value.starts_with("AWS4-")
                && value.contains("SignedHeaders=")
                && value.contains("Signature=")
                && credential_scope(request).is_some() =>
        {
            Ok(())
        }
        Some(_) => Err(ApiError::new(
            "IncompleteSignature",
            "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters.",
        )),
    }
}

fn answer_call(world: &mut World, request: &Request, call: &Call, now: DateTime<Utc>) -> Response {
    let outcome = check_signature(request).and_then(|()| run_operation(world, call, now));
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
