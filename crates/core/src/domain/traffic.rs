//! Load balancers, listeners, rules, target groups and certificates, in ELBv2's own words.

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

/// A target group with its health check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Full ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// `HTTP`, ...
    pub protocol: String,
    /// Port.
    pub port: u32,
    /// `ip` or `instance`.
    pub target_type: String,
    /// Load balancers that route to it.
    pub load_balancers: Vec<String>,
    /// Health check path.
    pub check_path: Option<String>,
    /// Seconds between checks (5-300).
    pub check_interval: u32,
    /// Seconds until a check times out.
    pub check_timeout: u32,
    /// Good checks in a row until healthy (2-10).
    pub healthy_threshold: u32,
    /// Bad checks in a row until unhealthy (2-10).
    pub unhealthy_threshold: u32,
    /// HTTP codes that count as good.
    pub matcher: Option<String>,
    /// `deregistration_delay.timeout_seconds` (default 300).
    pub deregistration_delay: Option<u32>,
    /// `stickiness.enabled`.
    pub sticky: Option<bool>,
}

/// One registered target and how the load balancer sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetHealth {
    /// IP address (or instance id).
    pub id: String,
    /// Port.
    pub port: u32,
    /// Zone, when given.
    pub zone: Option<String>,
    /// `initial`, `healthy`, `unhealthy`, `draining`, ... as ELBv2 says it.
    pub state: String,
    /// Reason code, e.g. `Target.ResponseCodeMismatch`.
    pub reason: Option<String>,
    /// ELBv2's sentence.
    pub description: Option<String>,
}

/// What the load balancer does with a target, from the state's name.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html>
impl TargetHealth {
    /// Whether it gets requests because it passes its checks.
    pub fn serves(&self) -> bool {
        self.state == "healthy"
    }

    /// Whether it is deregistered and only keeps its open connections, healthy or not: it counts no more as
    /// registered.
    pub fn drains(&self) -> bool {
        matches!(self.state.as_str(), "draining" | "unhealthy.draining")
    }

    /// Whether it is registered to stay and fails its checks, or cannot be checked.
    pub fn fails(&self) -> bool {
        matches!(self.state.as_str(), "unhealthy" | "unavailable")
    }

    /// Whether it fails its checks, also while it drains.
    pub fn is_unhealthy(&self) -> bool {
        self.fails() || self.state == "unhealthy.draining"
    }

    /// The severity of its state.
    pub fn level(&self) -> Level {
        match self.state.as_str() {
            _ if self.is_unhealthy() => Level::Bad,
            _ if self.serves() => Level::Good,
            _ if self.drains() => Level::Busy,
            "initial" => Level::Busy,
            "unused" => Level::Idle,
            _ => Level::Unknown,
        }
    }

    /// Why it is as it is: ELBv2's sentence, else its code.
    pub fn why(&self) -> Option<&str> {
        self.description.as_deref().or(self.reason.as_deref())
    }
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
