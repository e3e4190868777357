//! Answers of the simulated account, changed on their way to the program: what another account would have said.

use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;

type Request = http::Request<Bytes>;
type Response = http::Response<Bytes>;
/// Changes a JSON answer; the second is the request.
type Json = dyn Fn(&mut Value, &Value) + Send + Sync;
/// Makes another XML answer; the second is the request's form.
type Xml = dyn Fn(&str, &Form) -> String + Send + Sync;
/// Changes the body of an answer of whatever operation, which is the first.
type Any = dyn Fn(&str, String) -> String + Send + Sync;
/// Answers in the account's place, or changes the request's body before the account sees it.
type Before = dyn Fn(&str, &str) -> Option<Instead> + Send + Sync;

/// The fields of a request of the query protocol.
pub type Form = BTreeMap<String, String>;

/// What happens in place of asking the account as it was asked.
#[derive(Debug, Clone)]
pub enum Instead {
    /// The account is not asked at all: status and body (JSON or XML, as the operation has it).
    Answer(u16, String),
    /// The account is asked this.
    Ask(String),
}

/// What is changed between a program and its account.
#[derive(Default)]
pub struct Rewrites {
    before: Vec<Box<Before>>,
    json: Vec<(&'static str, Box<Json>)>,
    xml: Vec<(&'static str, Box<Xml>)>,
    any: Vec<Box<Any>>,
}

impl Rewrites {
    /// Changes the answers of an operation of the JSON protocol.
    #[must_use]
    pub fn json(
        mut self,
        operation: &'static str,
        f: impl Fn(&mut Value, &Value) + Send + Sync + 'static,
    ) -> Self {
        self.json.push((operation, Box::new(f)));
        self
    }

    /// Changes the answers of an operation of the query protocol.
    #[must_use]
    pub fn xml(
        mut self,
        operation: &'static str,
        f: impl Fn(&str, &Form) -> String + Send + Sync + 'static,
    ) -> Self {
        self.xml.push((operation, Box::new(f)));
        self
    }

    /// Changes the answers of every operation.
    #[must_use]
    pub fn any(mut self, f: impl Fn(&str, String) -> String + Send + Sync + 'static) -> Self {
        self.any.push(Box::new(f));
        self
    }

    /// Looks at every request (operation, body) before the account does.
    #[must_use]
    pub fn before(mut self, f: impl Fn(&str, &str) -> Option<Instead> + Send + Sync + 'static) -> Self {
        self.before.push(Box::new(f));
        self
    }

    /// The answer that the program gets.
    pub(super) fn serve(&self, request: &Request, account: impl FnOnce(&Request) -> Response) -> Response {
        let operation = operation(request);
        let mut request = request.clone();
        for rewrite in &self.before {
            match rewrite(&operation, &String::from_utf8_lossy(request.body())) {
                Some(Instead::Answer(status, body)) => return answer(status, body),
                Some(Instead::Ask(body)) => *request.body_mut() = body.into(),
                None => {}
            }
        }
        let response = account(&request);
        if !response.status().is_success() {
            return response;
        }
        let asked = String::from_utf8_lossy(request.body()).into_owned();
        let Ok(mut text) = String::from_utf8(response.body().to_vec()) else { return response };
        for (_, rewrite) in self.json.iter().filter(|(name, _)| *name == operation) {
            let mut told: Value = serde_json::from_str(&text).expect("a JSON answer");
            rewrite(&mut told, &serde_json::from_str(&asked).unwrap_or_default());
            text = told.to_string();
        }
        let form: Form = form_urlencoded::parse(asked.as_bytes()).into_owned().collect();
        for (_, rewrite) in self.xml.iter().filter(|(name, _)| *name == operation) {
            text = rewrite(&text, &form);
        }
        for rewrite in &self.any {
            text = rewrite(&operation, text);
        }
        let (mut parts, _) = response.into_parts();
        // They are those of the body as it was.
        for name in ["content-length", "x-amz-crc32"] {
            parts.headers.remove(name);
        }
        Response::from_parts(parts, text.into())
    }
}

/// The operation that a request asks for.
fn operation(request: &Request) -> String {
    let target = request.headers().get("x-amz-target").and_then(|it| it.to_str().ok());
    if let Some((_, operation)) = target.and_then(|it| it.rsplit_once('.')) {
        return operation.to_owned();
    }
    let mut fields = form_urlencoded::parse(request.body());
    fields.find(|(key, _)| key == "Action").map_or_else(String::new, |(_, action)| action.into_owned())
}

fn answer(status: u16, body: String) -> Response {
    let kind = if body.starts_with('<') { "text/xml" } else { "application/x-amz-json-1.1" };
    let response = http::Response::builder().status(status).header("content-type", kind);
    response.body(body.into()).expect("a good answer")
}

/// An error of the JSON protocol.
pub fn json_error(code: &str, message: &str) -> Instead {
    Instead::Answer(400, serde_json::json!({ "__type": code, "message": message }).to_string())
}

/// An error of the query protocol.
pub fn xml_error(code: &str, message: &str) -> Instead {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    Instead::Answer(400, format!("<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"))
}
