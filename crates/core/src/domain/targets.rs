//! Target groups and their targets, in ELBv2's own words.

use super::Level;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A target group with its health check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Full ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// `HTTP`, `TCP`, `TLS`, `GENEVE`, ...; empty of a group of Lambda functions.
    pub protocol: String,
    /// Port.
    pub port: u32,
    /// `ip`, `instance`, `lambda` or `alb`.
    pub target_type: String,
    /// Load balancers that route to it.
    pub load_balancers: Vec<String>,
    /// Protocol of the health check, where it was told: a `TCP` check has no path.
    #[serde(default)]
    pub check_protocol: Option<String>,
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
    /// `target_group_health.unhealthy_state_routing.minimum_healthy_targets.*`: with fewer healthy targets the
    /// load balancer sends requests to all of them.
    #[serde(default)]
    pub routing_minimum: HealthMinimum,
    /// `target_group_health.dns_failover.minimum_healthy_targets.*`: with fewer healthy targets in a zone, its
    /// node leaves the load balancer's DNS name.
    #[serde(default)]
    pub dns_minimum: HealthMinimum,
    /// `preserve_client_ip.enabled`, of a group of a Network Load Balancer: its targets see the clients' own
    /// addresses, and their security groups must admit those.
    #[serde(default)]
    pub preserves_client_ip: Option<bool>,
}

/// How many healthy targets a target group must have at least. What is not told is AWS's default: one target,
/// no percentage.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthMinimum {
    /// `.count`; `None`: off or not told.
    pub count: Option<u32>,
    /// `.percentage`, 1-100; `None`: off or not told.
    pub percent: Option<u32>,
}

impl HealthMinimum {
    /// Whether `healthy` of `all` targets are too few.
    pub fn is_missed(self, healthy: u32, all: u32) -> bool {
        healthy < self.count.unwrap_or(1)
            || self
                .percent
                .is_some_and(|percent| u64::from(healthy) * 100 < u64::from(percent) * u64::from(all))
    }

    /// In words, when it is another than the default: `at least 50 % must be healthy`.
    pub fn words(self) -> Option<String> {
        let count = self.count.filter(|count| *count > 1).map(|count| count.to_string());
        let percent = self.percent.map(|percent| format!("{percent} %"));
        let both: Vec<String> = count.into_iter().chain(percent).collect();
        (!both.is_empty()).then(|| format!("at least {} must be healthy", both.join(" and ")))
    }
}

impl TargetGroup {
    /// How long a target that passes its checks is `initial` at most, seconds. One passed check makes a new
    /// target healthy; one that times out or comes between two answers is allowed for.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
    pub fn first_checks_take(&self) -> u32 {
        self.check_interval.saturating_mul(2).saturating_add(self.check_timeout)
    }

    /// The health check in words: `GET /health every 30s`, `TCP check every 30s`.
    pub fn check_words(&self) -> String {
        let what = match (&self.check_path, self.check_protocol.as_deref()) {
            (Some(path), _) => path.clone(),
            (None, Some(protocol)) => format!("{protocol} check"),
            (None, None) => "tcp check".to_owned(),
        };
        format!("{what} every {}s", self.check_interval)
    }
}

/// One registered target and how the load balancer sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetHealth {
    /// IP address (v4 or v6), instance id, or the ARN of a Lambda function or of a load balancer.
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
    /// What an operator's hand makes of it, whatever its state: a zonal shift.
    #[serde(default)]
    pub overridden: Option<Override>,
    /// Whether it answers worse than the others of its group, where the load balancer looks for that.
    #[serde(default)]
    pub anomaly: Option<Anomaly>,
}

/// `administrativeOverride` of a target.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AdministrativeOverride.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// `no_override`, `zonal_shift_active`, `zonal_shift_delegated_to_dns`, `unknown`.
    pub state: String,
    /// Its code, e.g. `AdministrativeOverride.ZonalShiftActive`.
    pub reason: Option<String>,
    /// ELBv2's sentence.
    pub description: Option<String>,
}

/// `anomalyDetection` of a target: automatic target weights.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AnomalyDetection.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anomaly {
    /// `normal` or `anomalous`.
    pub result: String,
    /// `mitigationInEffect`: it gets fewer requests than its share.
    pub mitigated: bool,
}

/// What the load balancer does with a target, from the state's name.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html>
impl TargetHealth {
    /// Whether it gets requests because it passes its checks, or because the load balancer makes none.
    pub fn serves(&self) -> bool {
        (self.state == "healthy" || self.is_unchecked()) && !self.is_shifted_away()
    }

    /// Whether its group has its health checks switched off: it gets requests all the same.
    pub fn is_unchecked(&self) -> bool {
        self.state == "unavailable" && self.reason.as_deref() == Some("Target.HealthCheckDisabled")
    }

    /// Whether it is deregistered and only keeps its open connections, healthy or not: it counts no more as
    /// registered.
    pub fn drains(&self) -> bool {
        matches!(self.state.as_str(), "draining" | "unhealthy.draining")
    }

    /// Whether it is registered to stay and fails its checks, or cannot be checked.
    pub fn fails(&self) -> bool {
        self.state == "unhealthy" || self.state == "unavailable" && !self.is_unchecked()
    }

    /// Whether it fails its checks, also while it drains.
    pub fn is_unhealthy(&self) -> bool {
        self.fails() || self.state == "unhealthy.draining"
    }

    /// Whether it is registered and the load balancer sends it nothing, not even when no target is healthy: no
    /// load balancer uses its group, its zone is not enabled, its instance is stopped.
    pub fn is_unused(&self) -> bool {
        self.state == "unused"
    }

    /// Whether its state is one of those that ELBv2 documents.
    pub fn is_known(&self) -> bool {
        const KNOWN: [&str; 7] =
            ["healthy", "unhealthy", "initial", "draining", "unused", "unavailable", "unhealthy.draining"];
        KNOWN.contains(&self.state.as_str())
    }

    /// Whether a zonal shift keeps requests from it. The load balancer ignores the shift when no target
    /// outside the zone is healthy.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/zonal-shift.html>
    pub fn is_shifted_away(&self) -> bool {
        self.overridden.as_ref().is_some_and(|it| it.state.starts_with("zonal_shift"))
    }

    /// Whether the load balancer finds that it answers worse than the others.
    pub fn is_anomalous(&self) -> bool {
        self.anomaly.as_ref().is_some_and(|it| it.result == "anomalous" || it.mitigated)
    }

    /// The severity of its state. One that gets no requests though it is registered to get some is a warning,
    /// as is a state whose word is new.
    pub fn level(&self) -> Level {
        match self.state.as_str() {
            _ if self.is_unhealthy() => Level::Bad,
            _ if self.drains() => Level::Busy,
            _ if self.is_shifted_away() || self.is_unused() || self.is_anomalous() => Level::Warn,
            _ if self.serves() => Level::Good,
            "initial" => Level::Busy,
            _ => Level::Warn,
        }
    }

    /// Its state in a word or two, with what an override makes of it: `healthy, shifted away`.
    pub fn word(&self) -> String {
        let remark = match (self.is_shifted_away(), self.is_anomalous(), self.is_unchecked()) {
            (true, ..) => ", shifted away",
            (_, true, _) => ", anomalous",
            (.., true) => ", unchecked",
            _ => return self.state.clone(),
        };
        format!("{}{remark}", self.state)
    }

    /// Why it is as it is: the override's sentence, else ELBv2's sentence, else its code.
    pub fn why(&self) -> Option<&str> {
        let shift = self.overridden.as_ref().filter(|_| self.is_shifted_away());
        let shift = shift.and_then(|it| it.description.as_deref().or(it.reason.as_deref()));
        shift.or(self.description.as_deref()).or(self.reason.as_deref())
    }

    /// Its address.
    pub fn address(&self) -> Address<'_> {
        Address::new(&self.id)
    }
}

/// Where a target is. Two spellings of one IPv6 address are one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Address<'a> {
    /// An IP address.
    Ip(IpAddr),
    /// An instance id or an ARN.
    Name(&'a str),
}

impl<'a> Address<'a> {
    /// The address that a text is.
    pub fn new(text: &'a str) -> Self {
        text.parse().map_or(Self::Name(text), Self::Ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_gets_no_requests_does_not_serve() {
        let of = |state: &str, reason: Option<&str>| TargetHealth {
            state: state.into(),
            reason: reason.map(str::to_owned),
            ..TargetHealth::default()
        };
        assert!(of("unavailable", Some("Target.HealthCheckDisabled")).serves());
        assert!(!of("unavailable", Some("Elb.InternalError")).serves());
        assert!(!of("unused", Some("Target.NotInUse")).serves());
        let mut shifted = of("healthy", None);
        assert!(shifted.serves());
        shifted.overridden = Some(Override { state: "zonal_shift_active".into(), ..Override::default() });
        assert!(!shifted.serves());
        assert_eq!((shifted.level(), shifted.word().as_str()), (Level::Warn, "healthy, shifted away"));
        shifted.overridden = Some(Override { state: "no_override".into(), ..Override::default() });
        assert!(shifted.serves());
        let mut odd = of("healthy", None);
        odd.anomaly = Some(Anomaly { result: "anomalous".into(), mitigated: true });
        assert!(odd.serves() && odd.level() == Level::Warn);
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        assert_eq!(Address::new("2406:da14:abc::1"), Address::new("2406:DA14:0abc:0:0:0:0:1"));
        assert_ne!(Address::new("10.0.2.1"), Address::new("10.0.2.10"));
        assert_eq!(Address::new("i-0123"), Address::Name("i-0123"));
    }

    #[test]
    fn too_few_healthy_targets_are_counted_or_a_percentage() {
        let usual = HealthMinimum::default();
        assert!(usual.is_missed(0, 4) && !usual.is_missed(1, 4));
        let half = HealthMinimum { count: Some(1), percent: Some(50) };
        assert!(half.is_missed(1, 4) && !half.is_missed(2, 4));
        assert_eq!((usual.words(), half.words().as_deref()), (None, Some("at least 50 % must be healthy")));
    }
}
