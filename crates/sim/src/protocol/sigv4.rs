//! AWS Signature Version 4: whether a request was signed with the account's secret, for this service, just now.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
use std::fmt::Write as _;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::request::{Request, header};

/// The keys of the account: what `sim` prints, and what the program's own demonstration and its tests use.
const KEYS: [(&str, &str); 3] = [("simulated", "simulated"), ("AKIDEXAMPLE", "example"), ("test", "test")];
/// How far a request's date may be from the time.
const SKEW: TimeDelta = TimeDelta::minutes(5);
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &str = "%Y%m%dT%H%M%SZ";

/// The parts of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    /// The access key id.
    key: String,
    /// The date of the scope.
    day: String,
    /// The Region that it is for.
    pub(crate) region: String,
    /// The service that it is for.
    pub(crate) service: String,
    /// The headers that it covers, in lower case.
    headers: Vec<String>,
    /// In hexadecimal digits.
    digest: String,
    /// `X-Amz-Date`.
    date: String,
    /// Seconds for which a signature in the query holds.
    expires: Option<i64>,
}

/// Why a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nobody has this access key.
    UnknownKey,
    /// Another secret, or another request.
    Mismatch,
    /// Too old, or from the future: the date of the request and the time.
    Expired(String, String),
    /// For another service.
    WrongService,
}

impl Signature {
    /// The signature of a request, in its header or its query; `None` when there is none, or half a one.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        match header(request, "authorization") {
            Some(value) => Self::from_header(request, value.strip_prefix(ALGORITHM)?),
            None => Self::from_query(request),
        }
    }

    fn from_header(request: &Request, value: &str) -> Option<Self> {
        let part = |name: &str| {
            let mut parts = value.split(',').map(str::trim);
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        let date = header(request, "x-amz-date").unwrap_or_default().to_owned();
        Self::new(part("Credential")?, part("SignedHeaders")?, part("Signature")?, date, None)
    }

    fn from_query(request: &Request) -> Option<Self> {
        let query = request.uri().query()?;
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let expires = value("X-Amz-Expires").and_then(|text| text.parse().ok()).or(Some(900));
        let (credential, headers) = (value("X-Amz-Credential")?, value("X-Amz-SignedHeaders")?);
        Self::new(&credential, &headers, &value("X-Amz-Signature")?, value("X-Amz-Date")?, expires)
    }

    fn new(
        credential: &str,
        headers: &str,
        signature: &str,
        date: String,
        expires: Option<i64>,
    ) -> Option<Self> {
        let mut scope = credential.trim().rsplitn(5, '/');
        let (end, service, region, day, key) =
            (scope.next()?, scope.next()?, scope.next()?, scope.next()?, scope.next()?);
        (end == "aws4_request").then(|| Self {
            key: key.to_owned(),
            day: day.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            headers: headers.split(';').map(str::to_ascii_lowercase).collect(),
            digest: signature.to_owned(),
            date,
            expires,
        })
    }

    fn secret(&self) -> Result<&'static str, Refusal> {
        let known = KEYS.iter().find(|(key, _)| *key == self.key);
        known.map(|(_, secret)| *secret).ok_or(Refusal::UnknownKey)
    }

    /// Checks it against the request: the same secret signed the same headers and body.
    pub(crate) fn verify_digest(&self, request: &Request) -> Result<(), Refusal> {
        let wanted = self.compute(request, self.secret()?).ok_or(Refusal::Mismatch)?;
        if wanted == self.digest { Ok(()) } else { Err(Refusal::Mismatch) }
    }

    /// Checks whose it is, for which service and of when. `times` are the moments that count as now.
    pub(crate) fn verify_scope(&self, service: Option<&str>, times: &[DateTime<Utc>]) -> Result<(), Refusal> {
        self.secret()?;
        if service.is_some_and(|service| service != self.service) {
            return Err(Refusal::WrongService);
        }
        if !self.date.starts_with(&self.day) {
            return Err(Refusal::Mismatch);
        }
        let dated = NaiveDateTime::parse_from_str(&self.date, DATE).map_err(|_| Refusal::Mismatch)?.and_utc();
        let lasts = self.expires.map_or(SKEW, |seconds| TimeDelta::seconds(seconds.clamp(1, 604_800)));
        let holds = |now: &DateTime<Utc>| *now - dated <= lasts && dated - *now <= SKEW;
        if times.iter().any(holds) {
            return Ok(());
        }
        let now = times.first().map(|now| now.format(DATE).to_string()).unwrap_or_default();
        Err(Refusal::Expired(self.date.clone(), now))
    }

    /// The signature that the request should have; `None` when its body is not the one that was signed.
    fn compute(&self, request: &Request, secret: &str) -> Option<String> {
        let own = hex(&Sha256::digest(request.body()));
        let payload = match header(request, "x-amz-content-sha256") {
            Some(stated) if stated == "UNSIGNED-PAYLOAD" || stated == own => stated.to_owned(),
            Some(_) => return None,
            None => own,
        };
        let mut canonical = format!(
            "{}\n{}\n{}\n",
            request.method(),
            encoded(request.uri().path().as_bytes(), b"/"),
            canonical_query(request.uri().query().unwrap_or_default())
        );
        for name in &self.headers {
            let values: Vec<String> = request
                .headers()
                .get_all(name)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            if values.is_empty() {
                return None;
            }
            let _ = writeln!(canonical, "{name}:{}", values.join(","));
        }
        let _ = write!(canonical, "\n{}\n{payload}", self.headers.join(";"));
        let scope = format!("{}/{}/{}/aws4_request", self.day, self.region, self.service);
        let digest = hex(&Sha256::digest(canonical.as_bytes()));
        let text = format!("{ALGORITHM}\n{}\n{scope}\n{digest}", self.date);
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in [self.day.as_str(), &self.region, &self.service, "aws4_request"] {
            key = keyed(&key, part);
        }
        Some(hex(&keyed(&key, &text)))
    }
}

/// Signs a request with the account's own key, as a client would, for a test that asks without an SDK: it gets
/// the headers `x-amz-date` and `authorization`, which cover those that it has, `host` among them.
pub fn sign(request: &mut Request, region: &str, service: &str, at: DateTime<Utc>) {
    let date = at.format(DATE).to_string();
    let set = |request: &mut Request, name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    set(request, "x-amz-date", &date);
    let mut headers: Vec<String> = request.headers().keys().map(|name| name.as_str().to_owned()).collect();
    headers.sort_unstable();
    let (key, secret) = KEYS[0];
    let mut signature = Signature {
        key: key.to_owned(),
        day: date[..8].to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        headers,
        digest: String::new(),
        date,
        expires: None,
    };
    signature.digest = signature.compute(request, secret).unwrap_or_default();
    let Signature { day, headers, digest, .. } = &signature;
    let value = format!(
        "{ALGORITHM} Credential={key}/{day}/{region}/{service}/aws4_request, SignedHeaders={}, \
         Signature={digest}",
        headers.join(";")
    );
    set(request, "authorization", &value);
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Every byte but the unreserved and these as `%XX`.
fn encoded(bytes: &[u8], also: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || also.contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// The query's pairs, encoded and sorted, without the signature itself.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encoded(name.as_bytes(), b""), encoded(value.as_bytes(), b"")))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).expect("in range")
    }

    fn signed(body: &'static str) -> Request {
        let request =
            http::Request::builder().method("POST").uri("/?b=2&a=1%20").header("host", "localhost:1");
        let mut request = request.body(Bytes::from(body)).expect("a request");
        sign(&mut request, "ap-northeast-1", "ecs", at());
        request
    }

    fn verified(request: &Request) -> Result<(), Refusal> {
        Signature::of(request).expect("a signature").verify_digest(request)
    }

    #[test]
    fn what_was_signed_is_taken_and_what_was_changed_is_not() {
        assert_eq!(verified(&signed("{}")), Ok(()));
        let mut other = signed("{}");
        *other.body_mut() = Bytes::from_static(b"{ }");
        assert_eq!(verified(&other), Err(Refusal::Mismatch));
        let mut other = signed("{}");
        *other.uri_mut() = "/?b=2&a=2".parse().expect("a path");
        assert_eq!(verified(&other), Err(Refusal::Mismatch));
        let mut other = signed("{}");
        other.headers_mut().insert("host", HeaderValue::from_static("elsewhere"));
        assert_eq!(verified(&other), Err(Refusal::Mismatch));
    }

    #[test]
    fn another_service_another_time_and_an_unknown_key_are_refused() {
        let request = signed("{}");
        let signature = Signature::of(&request).expect("a signature");
        assert_eq!(signature.verify_scope(Some("rds"), &[at()]), Err(Refusal::WrongService));
        let late = at() + TimeDelta::minutes(6);
        assert!(matches!(signature.verify_scope(Some("ecs"), &[late]), Err(Refusal::Expired(..))));
        assert_eq!(signature.verify_scope(None, &[late, at()]), Ok(()));
        let nobody = Signature { key: "AKIANOBODY".to_owned(), ..signature };
        assert_eq!(nobody.verify_scope(Some("ecs"), &[at()]), Err(Refusal::UnknownKey));
    }

    #[test]
    fn the_signature_of_the_documented_example_is_the_documented_one() {
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-test-suite.html>: get-vanilla.
        let request = http::Request::builder()
            .uri("/")
            .header("host", "example.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .body(Bytes::new())
            .expect("a request");
        let signature = Signature::new(
            "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request",
            "host;x-amz-date",
            "",
            "20150830T123600Z".to_owned(),
            None,
        );
        let made = signature.expect("whole").compute(&request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        assert_eq!(made.as_deref(), Some("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"));
    }
}
