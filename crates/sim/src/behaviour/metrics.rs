//! CloudWatch metrics, computed from the data of each minute.
//!
//! Names, dimensions and units are those of the services' own documentation, e.g.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>.
use chrono::DateTime;

use crate::world::cloudwatch::{CustomMetric, DatabaseMinute, GroupMinute, Minute, Stat};
use crate::world::rng::{noise, stream_of};
use crate::world::{Time, World};

/// A metric that exists in this account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricId {
    /// e.g. `AWS/ECS`.
    pub namespace: &'static str,
    /// e.g. `CPUUtilization`.
    pub name: &'static str,
    /// Dimension names and values.
    pub dimensions: Vec<(&'static str, String)>,
}

/// A request for one series.
#[derive(Debug, Clone)]
pub struct MetricQuery<'a> {
    /// e.g. `AWS/ECS`.
    pub namespace: &'a str,
    /// e.g. `CPUUtilization`.
    pub name: &'a str,
    /// Dimension names and values, in any order.
    pub dimensions: &'a [(String, String)],
    /// `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p99` or `p99.9`.
    pub statistic: &'a str,
    /// Seconds; a multiple of 60.
    pub period: u32,
    /// Points at or after this.
    pub start: Time,
    /// Points before this.
    pub end: Time,
}

const ECS: &str = "AWS/ECS";
const ALB: &str = "AWS/ApplicationELB";
const NLB: &str = "AWS/NetworkELB";
const RDS: &str = "AWS/RDS";
const NAT: &str = "AWS/NATGateway";

const ECS_METRICS: [&str; 2] = ["CPUUtilization", "MemoryUtilization"];
/// Metrics of a load balancer and also of its target groups.
const SHARED_METRICS: [&str; 5] = [
    "RequestCount",
    "HTTPCode_Target_4XX_Count",
    "HTTPCode_Target_5XX_Count",
    "TargetResponseTime",
    "TargetConnectionErrorCount",
];
/// Metrics of a target group only.
const GROUP_METRICS: [&str; 2] = ["HealthyHostCount", "UnHealthyHostCount"];
/// Metrics of a network load balancer: flows, not requests.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html>
const FLOW_METRICS: [&str; 4] =
    ["ActiveFlowCount", "NewFlowCount", "ProcessedBytes", "TCP_Target_Reset_Count"];
/// Metrics of a load balancer only.
const BALANCER_METRICS: [&str; 4] =
    ["HTTPCode_ELB_5XX_Count", "ActiveConnectionCount", "NewConnectionCount", "ProcessedBytes"];
const RDS_METRICS: [&str; 8] = [
    "CPUUtilization",
    "DatabaseConnections",
    "FreeableMemory",
    FREE_STORAGE,
    "ReadLatency",
    "WriteLatency",
    "ReadIOPS",
    "WriteIOPS",
];
const FREE_STORAGE: &str = "FreeStorageSpace";
/// The lag of a cluster's readers, in milliseconds. That of replicas is in seconds.
const AURORA_REPLICA_LAG: &str = "AuroraReplicaLag";
const REPLICA_LAG: &str = "ReplicaLag";
const NAT_METRICS: [&str; 2] = ["ErrorPortAllocation", "ActiveConnectionCount"];

/// Every metric that exists, for `ListMetrics`.
pub fn list(world: &World) -> Vec<MetricId> {
    let mut metrics = Vec::new();
    let mut add = |namespace, names: &[&'static str], dimensions: &[(&'static str, &str)]| {
        metrics.extend(names.iter().map(|name| MetricId {
            namespace,
            name,
            dimensions: dimensions.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(),
        }));
    };
    for service in &world.ecs.services {
        let cluster = service.cluster_arn.rsplit('/').next().unwrap_or_default();
        add(ECS, &ECS_METRICS, &[("ClusterName", cluster), ("ServiceName", &service.name)]);
    }
    for cluster in &world.ecs.clusters {
        add(ECS, &ECS_METRICS, &[("ClusterName", &cluster.name)]);
    }
    for balancer in &world.elb.load_balancers {
        let own = ("LoadBalancer", balancer.dimension());
        let groups =
            world.elb.target_groups.iter().filter(|it| it.load_balancer_arns.contains(&balancer.arn));
        if balancer.is_network() {
            add(NLB, &FLOW_METRICS, &[own]);
            for group in groups {
                add(NLB, &GROUP_METRICS, &[("TargetGroup", group.dimension()), own]);
            }
            continue;
        }
        add(ALB, &SHARED_METRICS, &[own]);
        add(ALB, &BALANCER_METRICS, &[own]);
        for group in groups {
            let both = [("TargetGroup", group.dimension()), own];
            add(ALB, &SHARED_METRICS, &both);
            add(ALB, &GROUP_METRICS, &both);
            add(ALB, &SHARED_METRICS, &both[..1]);
        }
    }
    for database in &world.rds.instances {
        let own = [("DBInstanceIdentifier", database.id.as_str())];
        for name in RDS_METRICS.iter().filter(|name| database.cluster.is_none() || **name != FREE_STORAGE) {
            add(RDS, &[name], &own);
        }
        if database.replica_source.is_some() {
            add(RDS, &[REPLICA_LAG], &own);
        }
        if database.cluster.is_some() {
            add(RDS, &[AURORA_REPLICA_LAG], &own);
        }
    }
    for gateway in &world.network.nat_gateways {
        add(NAT, &NAT_METRICS, &[("NatGatewayId", &gateway.id)]);
    }
    metrics
}

/// The unit of a metric, e.g. `Percent`; `None` for an unknown name.
pub fn unit(name: &str) -> Option<&'static str> {
    Some(match name {
        "CPUUtilization" | "MemoryUtilization" => "Percent",
        "TargetResponseTime" | "ReadLatency" | "WriteLatency" | "ReplicaLag" => "Seconds",
        AURORA_REPLICA_LAG => "Milliseconds",
        "FreeableMemory" | "FreeStorageSpace" | "ProcessedBytes" => "Bytes",
        "ReadIOPS" | "WriteIOPS" => "Count/Second",
        "RequestCount"
        | "HTTPCode_Target_4XX_Count"
        | "HTTPCode_Target_5XX_Count"
        | "HTTPCode_ELB_5XX_Count"
        | "TargetConnectionErrorCount"
        | "HealthyHostCount"
        | "UnHealthyHostCount"
        | "ActiveConnectionCount"
        | "ActiveFlowCount"
        | "NewFlowCount"
        | "TCP_Target_Reset_Count"
        | "NewConnectionCount"
        | "DatabaseConnections"
        | "ErrorPortAllocation" => "Count",
        _ => return None,
    })
}

/// The points of a series as the world has them, oldest first, with the beginning of each period. Empty when the
/// metric does not exist or had nothing to say. The newest minute is there, and incomplete.
pub fn query(world: &World, query: &MetricQuery<'_>) -> Vec<(Time, f64)> {
    points(world, query, |_| true)
}

/// The points that CloudWatch has already got: none of the running minute, and the newest ones late.
pub fn published(world: &World, query: &MetricQuery<'_>) -> Vec<(Time, f64)> {
    points(world, query, |minute| is_published(world, query.namespace, minute))
}

/// Whether the data of a minute has arrived. A load balancer sends each minute after its end, sometimes minutes late;
/// the other services within the next minute. All series of a service come together.
fn is_published(world: &World, namespace: &str, minute: i64) -> bool {
    let chance = |of: &str| noise(world.seed, stream_of(of) ^ stream_of(namespace), minute);
    let (least, most) = if namespace == ALB { (15.0, 60.0) } else { (10.0, 45.0) };
    let mut delay = least + (most - least) * chance("delay");
    if namespace == ALB && chance("late") > 0.97 {
        delay += 120.0;
    }
    let end = DateTime::from_timestamp((minute + 1) * 60, 0);
    end.is_none_or(|end| (world.now - end).as_seconds_f64() >= delay)
}

fn points(world: &World, query: &MetricQuery<'_>, is_there: impl Fn(i64) -> bool) -> Vec<(Time, f64)> {
    let period = i64::from(query.period.max(60)) / 60;
    let mut points: Vec<(i64, Sample)> = Vec::new();
    let mut add = |index: i64, sample: Sample| {
        let bucket = index - index.rem_euclid(period);
        let Some(at) = DateTime::from_timestamp(bucket * 60, 0) else { return };
        if at < query.start || at >= query.end {
            return;
        }
        match points.last_mut() {
            Some((last, merged)) if *last == bucket => merged.merge(&sample),
            _ => points.push((bucket, sample)),
        }
    };
    if let Some(own) = custom(world, query) {
        for (index, stat) in &own.minutes {
            if let Some(sample) = Sample::plain(*stat) {
                add(*index, sample);
            }
        }
    } else {
        let Some(source) = Source::of(world, query) else { return Vec::new() };
        let minutes = world.cloudwatch.minutes.iter().chain([&world.cloudwatch.current]);
        for minute in minutes.filter(|minute| is_there(minute.index)) {
            if let Some(sample) = source.sample(minute) {
                add(minute.index, sample);
            }
        }
    }
    points
        .into_iter()
        .filter_map(|(bucket, sample)| {
            let at = DateTime::from_timestamp(bucket * 60, 0)?;
            Some((at, sample.statistic(query.statistic)?))
        })
        .collect()
}

/// A metric of the account's own.
fn custom<'a>(world: &'a World, query: &MetricQuery<'_>) -> Option<&'a CustomMetric> {
    world.cloudwatch.custom.iter().find(|own| {
        own.namespace == query.namespace
            && own.name == query.name
            && own.dimensions.len() == query.dimensions.len()
            && query.dimensions.iter().all(|each| own.dimensions.contains(each))
    })
}

/// The source of a series: indices into each minute's data.
#[derive(Debug)]
enum Source {
    Services { name: &'static str, places: Vec<usize> },
    Groups { name: &'static str, places: Vec<usize> },
    Database { name: &'static str, place: usize },
    Nat { name: &'static str },
}

impl Source {
    /// Finds the source of a series, if exactly this metric exists.
    fn of(world: &World, query: &MetricQuery<'_>) -> Option<Self> {
        let known = list(world).into_iter().find(|metric| {
            metric.namespace == query.namespace
                && metric.name == query.name
                && metric.dimensions.len() == query.dimensions.len()
                && metric.dimensions.iter().all(|(key, value)| {
                    query.dimensions.iter().any(|(other, wanted)| key == other && value == wanted)
                })
        })?;
        let name = known.name;
        let value =
            |key: &str| known.dimensions.iter().find(|(own, _)| *own == key).map(|(_, value)| value.as_str());
        Some(match known.namespace {
            ECS => {
                let end = format!("/{}", value("ClusterName")?);
                let services = world.ecs.services.iter().enumerate();
                let places = services
                    .filter(|(_, each)| each.cluster_arn.ends_with(&end))
                    .filter(|(_, each)| value("ServiceName").is_none_or(|name| each.name == name))
                    .map(|(place, _)| place)
                    .collect();
                Self::Services { name, places }
            }
            ALB | NLB => {
                let balancer = value("LoadBalancer");
                let groups = world.elb.target_groups.iter().enumerate();
                let places = groups
                    .filter(|(_, each)| value("TargetGroup").is_none_or(|group| each.dimension() == group))
                    .filter(|(_, each)| {
                        balancer
                            .is_none_or(|name| each.load_balancer_arns.iter().any(|arn| arn.ends_with(name)))
                    })
                    .map(|(place, _)| place)
                    .collect();
                Self::Groups { name, places }
            }
            RDS => {
                let id = value("DBInstanceIdentifier")?;
                Self::Database { name, place: world.rds.instances.iter().position(|each| each.id == id)? }
            }
            _ => Self::Nat { name },
        })
    }

    /// The sample of a minute; `None` is no data, which is not 0.
    fn sample(&self, minute: &Minute) -> Option<Sample> {
        match self {
            Self::Services { name, places } => {
                let mut stat = Stat::default();
                for facts in places.iter().filter_map(|&place| minute.services.get(place)) {
                    stat.merge(if *name == "CPUUtilization" { &facts.cpu } else { &facts.memory });
                }
                Sample::plain(stat)
            }
            Self::Groups { name, places } => {
                let facts = places.iter().filter_map(|&place| minute.groups.get(place));
                let mut merged: Option<Sample> = None;
                for sample in facts.filter_map(|facts| group_sample(name, facts)) {
                    match &mut merged {
                        Some(merged) => merged.merge(&sample),
                        None => merged = Some(sample),
                    }
                }
                merged
            }
            Self::Database { name, place } => {
                Sample::plain(database_stat(name, minute.databases.get(*place)?))
            }
            Self::Nat { name } => {
                let share = if minute.nat_lost { 0.0 } else { 0.2 };
                let connections: f64 =
                    minute.groups.iter().map(|facts| facts.active_connections * share).sum();
                let value = if *name == "ErrorPortAllocation" { 0.0 } else { connections.round() };
                Sample::plain(one(value))
            }
        }
    }
}

fn one(value: f64) -> Stat {
    Stat { count: 1.0, sum: value, min: value, max: value }
}

fn group_sample(name: &str, facts: &GroupMinute) -> Option<Sample> {
    // Counts of requests have one sample of 1 each; counters that stayed at zero are not reported at all.
    let counted = |count: f64| {
        let count = count.round();
        (count > 0.0).then_some(Stat { count, sum: count, min: 1.0, max: 1.0 })
    };
    match name {
        "RequestCount" => Sample::plain(counted(facts.requests)?),
        "HTTPCode_Target_4XX_Count" => Sample::plain(counted(facts.target_4xx)?),
        "HTTPCode_Target_5XX_Count" => Sample::plain(counted(facts.target_5xx)?),
        "HTTPCode_ELB_5XX_Count" => Sample::plain(counted(facts.elb_5xx)?),
        "TargetConnectionErrorCount" | "TCP_Target_Reset_Count" => {
            Sample::plain(counted(facts.connection_errors)?)
        }
        "NewConnectionCount" | "NewFlowCount" => Sample::plain(counted(facts.new_connections)?),
        "ProcessedBytes" => {
            Sample::plain(one(facts.processed_bytes.round())).filter(|_| facts.requests > 0.0)
        }
        "ActiveConnectionCount" | "ActiveFlowCount" => {
            let value = facts.active_connections.round();
            Sample::plain(one(value)).filter(|_| facts.requests > 0.0)
        }
        "HealthyHostCount" => Sample::plain(facts.healthy),
        "UnHealthyHostCount" => Sample::plain(facts.unhealthy),
        "TargetResponseTime" => {
            let count = facts.requests.round();
            let spread = Spread { p50: facts.p50, p99: facts.p99 };
            let sum = spread.mean() * count;
            let stat = Stat { count, sum, min: spread.at(0.001), max: spread.at(0.9995) };
            (count > 0.0 && facts.p50 > 0.0).then_some(Sample { stat, spread: Some(spread) })
        }
        _ => None,
    }
}

fn database_stat(name: &str, facts: &DatabaseMinute) -> Stat {
    match name {
        "CPUUtilization" => facts.cpu,
        "DatabaseConnections" => facts.connections,
        "FreeableMemory" => facts.freeable_memory,
        "FreeStorageSpace" => facts.free_storage,
        "ReadLatency" => facts.read_latency,
        "WriteLatency" => facts.write_latency,
        "ReadIOPS" => facts.read_iops,
        "WriteIOPS" => facts.write_iops,
        _ => facts.replica_lag,
    }
}

/// A period's samples of one metric.
#[derive(Debug, Clone, Copy)]
struct Sample {
    stat: Stat,
    /// The distribution of response times.
    spread: Option<Spread>,
}

impl Sample {
    fn plain(stat: Stat) -> Option<Self> {
        (stat.count > 0.0).then_some(Self { stat, spread: None })
    }

    fn merge(&mut self, other: &Self) {
        if let (Some(own), Some(theirs)) = (&mut self.spread, other.spread) {
            let weight = other.stat.count / (self.stat.count + other.stat.count);
            own.p50 += (theirs.p50 - own.p50) * weight;
            // The slow tail of either part is the tail of both.
            own.p99 = own.p99.max(theirs.p99).min(own.p99 + (theirs.p99 - own.p99).abs() * weight.sqrt());
        }
        self.stat.merge(&other.stat);
    }

    fn statistic(&self, statistic: &str) -> Option<f64> {
        match statistic {
            "Average" => self.stat.average(),
            "Sum" => Some(self.stat.sum),
            "Minimum" => Some(self.stat.min),
            "Maximum" => Some(self.stat.max),
            "SampleCount" => Some(self.stat.count),
            _ => {
                let percent: f64 = statistic.strip_prefix('p')?.parse().ok()?;
                if !(0.0..=100.0).contains(&percent) {
                    return None;
                }
                let part = percent / 100.0;
                Some(match self.spread {
                    Some(spread) => spread.at(part),
                    None => self.stat.min + (self.stat.max - self.stat.min) * part,
                })
            }
        }
    }
}

/// Response times, log-normal: known by two of their percentiles (seconds).
#[derive(Debug, Clone, Copy)]
struct Spread {
    p50: f64,
    p99: f64,
}

/// The standard normal distribution's 99th percentile.
const Z99: f64 = 2.326_347_9;

impl Spread {
    fn sigma(self) -> f64 {
        (self.p99 / self.p50).max(1.0).ln() / Z99
    }

    fn mean(self) -> f64 {
        self.p50 * (self.sigma().powi(2) / 2.0).exp()
    }

    /// The value below which `part` (0..1) of the response times lie.
    fn at(self, part: f64) -> f64 {
        self.p50 * (self.sigma() * normal_quantile(part.clamp(0.0005, 0.9995))).exp()
    }
}

/// The standard normal distribution's quantile: Abramowitz and Stegun 26.2.23, good to 0.00045.
fn normal_quantile(part: f64) -> f64 {
    let tail = part.min(1.0 - part);
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let distance = t - above / below;
    if part < 0.5 { -distance } else { distance }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_returns_its_own_percentiles() {
        let spread = Spread { p50: 0.02, p99: 0.15 };
        assert!((spread.at(0.5) - 0.02).abs() < 0.000_1);
        assert!((spread.at(0.99) - 0.15).abs() < 0.001);
        assert!(spread.at(0.9) > spread.at(0.5) && spread.at(0.9) < spread.at(0.99));
    }
}
