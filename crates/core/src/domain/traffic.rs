//! Load balancers, listeners, rules and certificates, in ELBv2's own words.

use super::Level;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A load balancer: application, network or gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// Full ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// Public DNS name.
    pub dns_name: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// `active`, `provisioning`, `active_impaired`, `failed`.
    pub state: String,
    /// ELBv2's sentence when the state has one.
    pub state_reason: Option<String>,
    /// VPC id.
    pub vpc: Option<String>,
    /// (zone, subnet).
    pub zones: Vec<(String, String)>,
    /// Attached security groups. A network load balancer may have none, and then admits all.
    pub security_groups: Vec<String>,
    /// `application`, `network` or `gateway`; empty when not said.
    #[serde(default)]
    pub kind: String,
}

impl LoadBalancer {
    /// The severity of its state. `active_impaired` routes all traffic and cannot scale: a warning, as is a word
    /// that is new.
    pub fn level(&self) -> Level {
        match self.state.as_str() {
            "active" => Level::Good,
            "provisioning" => Level::Busy,
            "failed" => Level::Bad,
            "" => Level::Unknown,
            _ => Level::Warn,
        }
    }

    /// Whether it is one for requests of HTTP: it has rules, and CloudWatch counts its requests.
    pub fn is_application(&self) -> bool {
        matches!(self.kind.as_str(), "" | "application")
    }

    /// What it is called in short: `ALB`, `NLB`, `GWLB`.
    pub fn short_kind(&self) -> &str {
        match self.kind.as_str() {
            "" | "application" => "ALB",
            "network" => "NLB",
            "gateway" => "GWLB",
            other => other,
        }
    }
}

/// A listener with its rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Full ARN.
    pub arn: String,
    /// Port.
    pub port: u32,
    /// `HTTP` or `HTTPS`; of a network load balancer `TCP`, `TLS`, `UDP`, ...
    pub protocol: String,
    /// TLS policy.
    pub ssl_policy: Option<String>,
    /// Default and further certificates, ARNs.
    pub certificates: Vec<String>,
    /// In the order in which they are tried; `default` last.
    pub rules: Vec<Rule>,
}

/// A listener rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Full ARN.
    pub arn: String,
    /// 1-50000, or `None` for the default rule.
    pub priority: Option<u32>,
    /// All of them must hold.
    pub conditions: Vec<RuleCondition>,
    /// What it does, e.g. `forward`, `redirect`; in their order.
    pub actions: Vec<RuleAction>,
    /// What it makes of the request before it forwards it, e.g. `url-rewrite ^/api/(.*)$ to /$1`.
    #[serde(default)]
    pub transforms: Vec<String>,
    /// For how many seconds it sends a client to the same one of its target groups, where it does.
    #[serde(default)]
    pub sticky_seconds: Option<u32>,
}

/// A condition of a listener rule: one of its values or regular expressions must match.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenCondition")]
pub struct RuleCondition {
    /// `path-pattern`, `host-header`, `http-header`, `http-request-method`, `query-string`, `source-ip`.
    pub field: String,
    /// The header's name, of `http-header`.
    pub name: Option<String>,
    /// Values, with `*` and `?`; those of a query as `key=value`.
    pub values: Vec<String>,
    /// Regular expressions.
    pub regexes: Vec<String>,
}

impl RuleCondition {
    /// Whether it is about the request's path.
    pub fn is_path(&self) -> bool {
        self.field == "path-pattern"
    }

    /// In words: `path /api/*`, `header User-Agent *bot*`, `host ~ ^www`.
    pub fn words(&self) -> String {
        let field = match self.field.as_str() {
            "path-pattern" => "path",
            "host-header" => "host",
            "http-header" => "header",
            "http-request-method" => "method",
            "query-string" => "query",
            "source-ip" => "source",
            other => other,
        };
        let regexes = self.regexes.iter().map(|regex| format!("~ {regex}"));
        let parts = std::iter::once(field.to_owned()).chain(self.name.clone());
        parts.chain(self.values.iter().cloned()).chain(regexes).collect::<Vec<_>>().join(" ")
    }
}

/// Recordings hold conditions as they are, older ones as field and values.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenCondition {
    Pair(String, Vec<String>),
    Whole {
        field: String,
        #[serde(default)]
        name: Option<String>,
        values: Vec<String>,
        #[serde(default)]
        regexes: Vec<String>,
    },
}

impl From<WrittenCondition> for RuleCondition {
    fn from(written: WrittenCondition) -> Self {
        match written {
            WrittenCondition::Pair(field, values) => Self { field, values, ..Self::default() },
            WrittenCondition::Whole { field, name, values, regexes } => Self { field, name, values, regexes },
        }
    }
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleAction {
    /// To target groups: (ARN, weight).
    Forward(Vec<(String, u32)>),
    /// To a URL, written as ELBv2 does, e.g. `HTTPS://#{host}:443/#{path}?#{query} (HTTP_301)`.
    Redirect(String),
    /// Any other type, by its name.
    Other(String),
}

/// An ACM certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Full ARN.
    pub arn: String,
    /// Main domain name.
    pub domain: String,
    /// `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, ...
    pub status: String,
    /// `AMAZON_ISSUED`, `IMPORTED` (never renews by itself), `PRIVATE`.
    pub kind: String,
    /// End of validity.
    pub not_after: Option<DateTime<Utc>>,
    /// Managed renewal: `PENDING_AUTO_RENEWAL`, `PENDING_VALIDATION`, `SUCCESS`, `FAILED`.
    pub renewal: Option<String>,
    /// Where it is kept, when that is not this Region's ACM: `IAM`, or another Region. Nothing else is known of it then.
    #[serde(default)]
    pub kept_in: Option<String>,
}

/// Days before its end at which ACM has long renewed a certificate: fewer are a warning.
const RENEWED_BY: i64 = 30;
/// Days before its end at which a certificate is replaced tonight.
const LAST_DAYS: i64 = 7;

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateConcern {
    /// It is kept where it is not read: its end is not known.
    Elsewhere(String),
    /// Its status is another than `ISSUED`.
    NotIssued,
    /// Its validity ended so long ago.
    Expired(TimeDelta),
    /// Its validity ends in this time.
    Ends(TimeDelta),
    /// Its renewal waits for its validation or has failed.
    Renewal,
}

impl CertificateConcern {
    /// How serious it is. A listener uses the certificate, or it would not have been read: one that is not
    /// issued, or is over, turns users away now; one with days left will before the week is out, as no renewal came in
    /// time. A renewal that is stuck leaves time to mend it. One that is kept elsewhere is worth knowing.
    pub fn level(&self) -> Level {
        match self {
            Self::NotIssued | Self::Expired(_) => Level::Bad,
            Self::Ends(left) if left.num_days() < LAST_DAYS => Level::Bad,
            Self::Ends(_) | Self::Renewal => Level::Warn,
            Self::Elsewhere(_) => Level::Idle,
        }
    }
}

impl Certificate {
    /// All that is wrong with it; the first tells most. `now` is the server's time.
    pub fn concerns(&self, now: DateTime<Utc>) -> Vec<CertificateConcern> {
        if let Some(place) = &self.kept_in {
            return vec![CertificateConcern::Elsewhere(place.clone())];
        }
        let left = self.not_after.map(|end| end - now);
        // ACM's status may say ISSUED for a while after the end.
        if let Some(left) = left.filter(|left| *left <= TimeDelta::zero()) {
            return vec![CertificateConcern::Expired(-left)];
        }
        if self.status != "ISSUED" {
            return vec![CertificateConcern::NotIssued];
        }
        let ending = left.filter(|left| left.num_days() < RENEWED_BY).map(CertificateConcern::Ends);
        let stuck = matches!(self.renewal.as_deref(), Some("PENDING_VALIDATION" | "FAILED"));
        ending.into_iter().chain(stuck.then_some(CertificateConcern::Renewal)).collect()
    }

    /// How serious the worst of its concerns is; good without any.
    pub fn level(&self, now: DateTime<Utc>) -> Level {
        self.concerns(now).iter().map(CertificateConcern::level).max().unwrap_or(Level::Good)
    }
}
