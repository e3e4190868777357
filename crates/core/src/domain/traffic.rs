//! Load balancers, listeners, rules and certificates, in ELBv2's own words.

use super::Level;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An application load balancer.
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
    /// Attached security groups.
    pub security_groups: Vec<String>,
}

impl LoadBalancer {
    /// The severity of its state. `active_impaired` routes all traffic and cannot scale: a warning.
    pub fn level(&self) -> Level {
        match self.state.as_str() {
            "active" => Level::Good,
            "provisioning" => Level::Busy,
            "active_impaired" => Level::Warn,
            "failed" => Level::Bad,
            _ => Level::Unknown,
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
    /// `HTTP` or `HTTPS`.
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
    /// Conditions as (field, values), e.g. `path-pattern` with `/api/*`.
    pub conditions: Vec<(String, Vec<String>)>,
    /// What it does, e.g. `forward`, `redirect`.
    pub actions: Vec<RuleAction>,
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
}

/// Days before its end at which ACM has long renewed a certificate: fewer are a warning.
const RENEWED_BY: i64 = 30;
/// Days before its end at which a certificate is replaced tonight.
const LAST_DAYS: i64 = 7;

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateConcern {
    /// Its status is another than `ISSUED`.
    NotIssued,
    /// Its validity has ended.
    Expired,
    /// Its validity ends in so many days, rounded down.
    Ends(i64),
    /// Its renewal waits for its validation or has failed.
    Renewal,
}

impl CertificateConcern {
    /// How serious it is. A listener uses the certificate, or it would not have been read: one that is not
    /// issued, or is over, turns users away now; one with days left will before the week is out, as no
    /// renewal came in time. A renewal that is stuck leaves time to mend it.
    pub fn level(self) -> Level {
        match self {
            Self::NotIssued | Self::Expired => Level::Bad,
            Self::Ends(days) if days < LAST_DAYS => Level::Bad,
            Self::Ends(_) | Self::Renewal => Level::Warn,
        }
    }
}

impl Certificate {
    /// All that is wrong with it; the first tells most. `now` is the server's time.
    pub fn concerns(&self, now: DateTime<Utc>) -> Vec<CertificateConcern> {
        if self.status != "ISSUED" {
            return vec![CertificateConcern::NotIssued];
        }
        let left = self.not_after.map(|end| end - now);
        let ending = left.and_then(|left| match left.num_days() {
            _ if left <= TimeDelta::zero() => Some(CertificateConcern::Expired),
            days if days < RENEWED_BY => Some(CertificateConcern::Ends(days)),
            _ => None,
        });
        let stuck = matches!(self.renewal.as_deref(), Some("PENDING_VALIDATION" | "FAILED"));
        ending.into_iter().chain(stuck.then_some(CertificateConcern::Renewal)).collect()
    }

    /// How serious the worst of its concerns is; good without any.
    pub fn level(&self, now: DateTime<Utc>) -> Level {
        self.concerns(now).into_iter().map(CertificateConcern::level).max().unwrap_or(Level::Good)
    }
}
