//! Load balancers, listeners, rules, target groups and certificates, in ELBv2's own words.

use chrono::{DateTime, Utc};
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
    /// Conditions as (field, values), e.g. (`path-pattern`, [`/api/*`]).
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
