//! Elastic Load Balancing: the load balancer, its listeners and rules, target groups and targets.
use std::collections::BTreeMap;

use super::{Tag, Time};

/// Everything that the ELBv2 API knows.
#[derive(Debug, Clone, Default)]
pub struct Elb {
    /// The load balancers.
    pub load_balancers: Vec<LoadBalancer>,
    /// Their listeners.
    pub listeners: Vec<Listener>,
    /// The listeners' rules; each listener has a default one.
    pub rules: Vec<Rule>,
    /// The target groups.
    pub target_groups: Vec<TargetGroup>,
    /// Requests answered so far, by which the nodes take turns. Never served.
    pub requests: u64,
    /// The next turn in each target group, by its ARN. Never served.
    pub turns: BTreeMap<String, u64>,
}

impl Elb {
    /// The target group with this ARN.
    pub fn target_group(&self, arn: &str) -> Option<&TargetGroup> {
        self.target_groups.iter().find(|each| each.arn == arn)
    }

    /// The rule with this ARN, to change it.
    pub fn rule_mut(&mut self, arn: &str) -> Option<&mut Rule> {
        self.rules.iter_mut().find(|each| each.arn == arn)
    }

    /// The target group with this ARN, to change it.
    pub fn target_group_mut(&mut self, arn: &str) -> Option<&mut TargetGroup> {
        self.target_groups.iter_mut().find(|each| each.arn == arn)
    }
}

/// A load balancer.
#[derive(Debug, Clone)]
pub struct LoadBalancer {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its public name.
    pub dns_name: String,
    /// The Route 53 zone of that name.
    pub canonical_hosted_zone_id: String,
    /// `internet-facing` or `internal`.
    pub scheme: &'static str,
    /// Its VPC.
    pub vpc_id: String,
    /// Zone name and subnet id.
    pub zones: Vec<(String, String)>,
    /// Security group ids.
    pub security_groups: Vec<String>,
    /// When it was created.
    pub created_at: Time,
    /// Its attributes: key, value.
    pub attributes: Vec<(String, String)>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// `application` or `network`.
    pub kind: &'static str,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub address_type: &'static str,
}

impl LoadBalancer {
    /// Whether it is a network load balancer.
    pub fn is_network(&self) -> bool {
        self.kind == "network"
    }

    /// The CloudWatch dimension `LoadBalancer`: `app/NAME/ID` or `net/NAME/ID`.
    pub fn dimension(&self) -> &str {
        after_marker(&self.arn, "loadbalancer/")
    }
}

/// A listener.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its load balancer.
    pub load_balancer_arn: String,
    /// Its port.
    pub port: u16,
    /// `HTTP` or `HTTPS`; `TCP` or `TLS` of a network load balancer.
    pub protocol: &'static str,
    /// Certificate ARNs, the default one first.
    pub certificates: Vec<String>,
    /// The TLS policy of an HTTPS listener.
    pub ssl_policy: Option<&'static str>,
    /// What it does by default.
    pub default_action: Action,
}

/// A listener rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its ARN.
    pub arn: String,
    /// Its listener.
    pub listener_arn: String,
    /// 1-50000; `None` is the default rule, which AWS calls `default`.
    pub priority: Option<u32>,
    /// The path patterns it matches; empty for the default rule.
    pub path_patterns: Vec<String>,
    /// What it does.
    pub action: Action,
    /// Its conditions on other things than the path.
    pub conditions: Vec<Condition>,
}

/// A condition of a rule on something else than the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `host-header`, `http-header`, `http-request-method`, `query-string` or `source-ip`.
    pub field: &'static str,
    /// The header, or the query's key.
    pub key: Option<String>,
    /// Any of these.
    pub values: Vec<String>,
}

impl Rule {
    /// The priority as the API gives it: a string.
    pub fn priority_text(&self) -> String {
        self.priority.map_or_else(|| "default".to_owned(), |number| number.to_string())
    }
}

/// What a listener or a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// To one target group.
    Forward {
        /// The target group.
        target_group_arn: String,
        /// Seconds of stickiness between groups; `None` is off.
        stickiness_seconds: Option<u32>,
    },
    /// To several target groups, by weight (0-999): what ECS makes of a blue/green service's rules.
    Split {
        /// Target groups and their weights.
        target_groups: Vec<(String, u32)>,
    },
    /// To HTTPS on 443, same host, path and query.
    RedirectToHttps,
    /// An answer of the load balancer's own, with this status.
    FixedResponse {
        /// The HTTP status.
        status: u16,
    },
}

/// A target group.
#[derive(Debug, Clone)]
pub struct TargetGroup {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `HTTP`, `TCP` or `TLS`.
    pub protocol: &'static str,
    /// `HTTP1`; empty for `TCP` and `TLS`.
    pub protocol_version: &'static str,
    /// The port of its targets.
    pub port: u16,
    /// Its VPC.
    pub vpc_id: String,
    /// `ip` or `instance`.
    pub target_type: &'static str,
    /// How targets are checked.
    pub health_check: HealthCheck,
    /// The load balancers that route to it.
    pub load_balancer_arns: Vec<String>,
    /// Seconds that a target drains.
    pub deregistration_delay: u32,
    /// Its attributes: key, value.
    pub attributes: Vec<(String, String)>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its targets.
    pub targets: Vec<Target>,
    /// `ipv4` or `ipv6`.
    pub address_type: &'static str,
}

impl TargetGroup {
    /// The CloudWatch dimension `TargetGroup`: `targetgroup/NAME/ID`.
    pub fn dimension(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or(&self.arn)
    }

    /// The targets that requests go to: the healthy ones; when there is none, all but the draining
    /// (fail-open).
    pub fn serving(&self) -> Vec<&Target> {
        let healthy: Vec<&Target> =
            self.targets.iter().filter(|each| each.state == TargetState::Healthy).collect();
        if healthy.is_empty() {
            let open = |each: &&Target| !matches!(each.state, TargetState::Draining | TargetState::Unused);
            return self.targets.iter().filter(open).collect();
        }
        healthy
    }

    /// How many targets are in this state.
    pub fn count(&self, state: TargetState) -> usize {
        self.targets.iter().filter(|each| each.state == state).count()
    }

    /// The state of the target of this task.
    pub fn state_of(&self, task_id: &str) -> Option<TargetState> {
        self.targets.iter().find(|each| each.task_id == task_id).map(|each| each.state)
    }
}

/// How a target group checks its targets.
#[derive(Debug, Clone)]
pub struct HealthCheck {
    /// The path that is asked for.
    pub path: String,
    /// `HTTP` or `TCP`.
    pub protocol: &'static str,
    /// `traffic-port`, or a number.
    pub port: String,
    /// Seconds between checks.
    pub interval: u32,
    /// Seconds to wait for an answer.
    pub timeout: u32,
    /// Checks to pass before a target is healthy.
    pub healthy_threshold: u32,
    /// Checks to fail before a target is unhealthy.
    pub unhealthy_threshold: u32,
    /// The HTTP codes that pass, e.g. `200`.
    pub matcher: String,
}

/// A registered target.
#[derive(Debug, Clone)]
pub struct Target {
    /// The task behind it.
    pub task_id: String,
    /// Its address, or its instance's id: the API's `Target.Id`.
    pub ip: String,
    /// Its port.
    pub port: u16,
    /// Its zone.
    pub zone: String,
    /// Its state.
    pub state: TargetState,
    /// Why, unless healthy, e.g. `Target.ResponseCodeMismatch`.
    pub reason: Option<&'static str>,
    /// Why, in words.
    pub description: Option<String>,
    /// When it was registered.
    pub registered_at: Time,
    /// When it is checked next.
    pub next_check: Time,
    /// Checks passed in a row.
    pub passed: u32,
    /// Checks failed in a row.
    pub failed: u32,
    /// When it has drained, once it is draining.
    pub drained_at: Option<Time>,
}

/// `TargetHealth.State`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// Registered, not yet known.
    Initial,
    /// Passes its checks.
    Healthy,
    /// Fails its checks.
    Unhealthy,
    /// Deregistered, finishing its connections.
    Draining,
    /// Gets no traffic: its zone is not enabled for the load balancer.
    Unused,
}

impl TargetState {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Draining => "draining",
            Self::Unused => "unused",
        }
    }
}

fn after_marker<'a>(text: &'a str, marker: &str) -> &'a str {
    text.split_once(marker).map_or(text, |(_, rest)| rest)
}
