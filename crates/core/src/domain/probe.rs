//! A probe of the service from the operator's side: its settings and its results.

use super::ProbeSettings;
use core::net::IpAddr;
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// A probe's URL, the names that it resolves, and its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeSpec {
    /// An `http://` or `https://` URL whose answer needs the database. It is recorded without its secrets.
    #[serde(serialize_with = "write_redacted")]
    pub url: String,
    /// Host to connect to instead of the URL's own: the load balancer, whose certificate is for another name.
    pub via: Option<String>,
    /// Name of the database's endpoint, looked up every second where it resolves.
    pub name: Option<String>,
    /// How often, how long, and what a good answer is.
    #[serde(flatten)]
    pub settings: ProbeSettings,
}

impl ProbeSpec {
    /// The URL as it may be shown and stored: a password before the host, or a token in the query, is `***`.
    pub fn shown_url(&self) -> String {
        redacted(&self.url)
    }
}

/// A URL without its secrets: the user and password, the values of the query, the fragment.
pub fn redacted(url: &str) -> String {
    let (url, fragment) = url.split_once('#').map_or((url, ""), |(url, _)| (url, "#***"));
    let (before, query) = url.split_once('?').map_or((url, None), |(before, query)| (before, Some(query)));
    let (scheme, rest) = before.split_once("://").map_or(("", before), |(scheme, rest)| (scheme, rest));
    let host = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(host);
    let mut out = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    match authority.rsplit_once('@') {
        Some((_, host)) => out.extend(["***@", host]),
        None => out.push_str(authority),
    }
    out.push_str(path);
    if let Some(query) = query {
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| {
                pair.split_once('=').map_or_else(|| "***".to_owned(), |(name, _)| format!("{name}=***"))
            })
            .collect();
        out.push('?');
        out.push_str(&pairs.join("&"));
    }
    out.push_str(fragment);
    out
}

/// Writes a URL as [`redacted`] gives it, for files.
fn write_redacted<S: Serializer>(url: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&redacted(url))
}

/// The criteria of a good answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expect {
    /// HTTP status codes, from and to, both included.
    pub status: (u16, u16),
    /// A text that the body contains.
    pub body: Option<String>,
}

impl Default for Expect {
    /// Any 2xx.
    fn default() -> Self {
        Self { status: (200, 299), body: None }
    }
}

impl Expect {
    /// Judges an answer. The body itself is never kept, since it is the application's.
    pub fn judge(&self, status: u16, body: &str) -> ProbeAnswer {
        if !(self.status.0..=self.status.1).contains(&status) {
            ProbeAnswer::WrongStatus(status)
        } else if self.body.as_ref().is_some_and(|text| !body.contains(text)) {
            ProbeAnswer::WrongBody(status)
        } else {
            ProbeAnswer::Good(status)
        }
    }

    /// In words, e.g. `status 200-299, body contains "up"`.
    pub fn words(&self) -> String {
        let (from, to) = self.status;
        let status = if from == to { format!("status {from}") } else { format!("status {from}-{to}") };
        match &self.body {
            Some(text) => format!("{status}, body contains \"{text}\""),
            None => status,
        }
    }
}

/// One request of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// Its number, from 0, in the order of sending.
    pub number: u64,
    /// When it was sent, monotonic.
    pub sent: Duration,
    /// How long until the whole answer, the failure, or the timeout.
    pub took: Duration,
    /// What came.
    pub answer: ProbeAnswer,
}

impl Probed {
    /// When its answer or failure was there, monotonic.
    pub fn received(&self) -> Duration {
        self.sent + self.took
    }

    /// Whether the answer was good.
    pub fn good(&self) -> bool {
        matches!(self.answer, ProbeAnswer::Good(_))
    }
}

/// What came back for one request of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProbeAnswer {
    /// As expected; the HTTP status.
    Good(u16),
    /// Another HTTP status than expected.
    WrongStatus(u16),
    /// The status is as expected, the body is not.
    WrongBody(u16),
    /// No whole answer in time.
    TimedOut,
    /// No connection, or it broke; in a few words, e.g. `connection refused`.
    Failed(String),
    /// So many requests are still waiting that this one was not sent.
    NotSent,
}

impl ProbeAnswer {
    /// In a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Good(status) => format!("{status}"),
            Self::WrongStatus(status) => format!("HTTP {status}"),
            Self::WrongBody(status) => format!("HTTP {status} without the expected text"),
            Self::TimedOut => "timed out".to_owned(),
            Self::Failed(why) => why.clone(),
            Self::NotSent => "not sent: too many still waiting".to_owned(),
        }
    }
}

/// An answer to the look-up of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// When it was there, monotonic.
    pub at: Duration,
    /// Addresses, sorted; or why there are none, in a few words.
    pub answer: Result<Vec<IpAddr>, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_may_be_secret() {
        for (url, shown) in [
            ("https://play.example.com/api/health", "https://play.example.com/api/health"),
            (
                "https://ops:p@ss@play.example.com:8443/api?key=abc&x=1#frag",
                "https://***@play.example.com:8443/api?key=***&x=***#***",
            ),
            ("http://[::1]:80?t0ken", "http://[::1]:80?***"),
            ("http://host/a@b?u=http://x:y@z/", "http://host/a@b?u=***"),
            ("user:pass@host/path", "***@host/path"),
        ] {
            assert_eq!(redacted(url), shown);
        }
    }

    #[test]
    fn status_and_body_are_judged() {
        let expect = Expect { status: (200, 204), body: Some("\"db\":\"up\"".into()) };
        assert_eq!(expect.judge(200, r#"{"db":"up"}"#), ProbeAnswer::Good(200));
        assert_eq!(expect.judge(204, ""), ProbeAnswer::WrongBody(204));
        assert_eq!(expect.judge(205, r#"{"db":"up"}"#), ProbeAnswer::WrongStatus(205));
        assert_eq!(Expect::default().judge(301, ""), ProbeAnswer::WrongStatus(301));
        assert_eq!(Expect::default().words(), "status 200-299");
    }
}
