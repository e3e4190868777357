//! CloudWatch: alarms, and the data per minute from which every metric is computed.
use std::collections::VecDeque;

use super::Time;

/// Minutes of data that are kept: a little over three hours.
pub const MINUTES_KEPT: usize = 190;

/// Everything that CloudWatch's API is answered from.
#[derive(Debug, Clone, Default)]
pub struct CloudWatch {
    /// The metric alarms.
    pub alarms: Vec<Alarm>,
    /// The data of each whole minute, oldest first.
    pub minutes: VecDeque<Minute>,
    /// The data of the current minute.
    pub current: Minute,
    /// What alarms did, oldest first.
    pub history: Vec<AlarmChange>,
    /// What was put there with `PutMetricData`.
    pub custom: Vec<CustomMetric>,
}

/// A change of an alarm's state.
#[derive(Debug, Clone)]
pub struct AlarmChange {
    /// The alarm.
    pub alarm: String,
    /// When.
    pub at: Time,
    /// Its state before.
    pub from: AlarmState,
    /// Its state since.
    pub to: AlarmState,
    /// Why, in AWS's words.
    pub reason: String,
}

/// A metric of the account's own, with its minutes in the order of time.
#[derive(Debug, Clone)]
pub struct CustomMetric {
    /// Not `AWS/...`.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Dimension names and values, by name.
    pub dimensions: Vec<(String, String)>,
    /// Minutes since the epoch, and the samples of each.
    pub minutes: Vec<(i64, Stat)>,
}

/// A metric alarm.
#[derive(Debug, Clone)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What it is for.
    pub description: String,
    /// e.g. `AWS/ECS`.
    pub namespace: &'static str,
    /// e.g. `CPUUtilization`.
    pub metric: &'static str,
    /// Dimension names and values.
    pub dimensions: Vec<(String, String)>,
    /// `Average` or `Sum`.
    pub statistic: &'static str,
    /// Seconds.
    pub period: u32,
    /// Periods looked at, all of which must breach.
    pub evaluation_periods: u32,
    /// On which side of the threshold a breach is.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: f64,
    /// `notBreaching`, `missing` or `ignore`.
    pub treat_missing: &'static str,
    /// SNS topics to tell.
    pub actions: Vec<String>,
    /// `OK` or `ALARM`.
    pub state: AlarmState,
    /// Why, in AWS's words.
    pub state_reason: String,
    /// When the state was last computed anew.
    pub state_updated_at: Time,
    /// When the state last changed.
    pub state_transitioned_at: Time,
    /// When the alarm itself was last changed.
    pub configured_at: Time,
    /// Whether it watches something that is not simulated: its state stays as it is. Never served.
    pub elsewhere: bool,
}

/// `ComparisonOperator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Above it is a breach.
    Greater,
    /// Below it is a breach.
    Less,
}

impl Comparison {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Greater => "GreaterThanThreshold",
            Self::Less => "LessThanThreshold",
        }
    }

    /// The words of `StateReason`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Greater => "greater than",
            Self::Less => "less than",
        }
    }

    /// Whether a value is a breach.
    pub fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Greater => value > threshold,
            Self::Less => value < threshold,
        }
    }
}

/// `StateValue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// Within bounds.
    Ok,
    /// Breached.
    Alarm,
    /// Not enough data.
    InsufficientData,
}

impl AlarmState {
    /// The state of a word of the API.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|state| state.as_str() == word)
    }

    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// Changes of alarms that are kept.
const HISTORY_KEPT: usize = 1000;

impl CloudWatch {
    /// Brings an alarm into a state. What it was before stays in the history.
    pub fn set_alarm(&mut self, position: usize, to: AlarmState, reason: String, at: Time) {
        let Some(alarm) = self.alarms.get_mut(position) else { return };
        let from = alarm.state;
        alarm.state_updated_at = at;
        if from != to {
            alarm.state = to;
            alarm.state_transitioned_at = at;
            self.history.push(AlarmChange {
                alarm: alarm.name.clone(),
                at,
                from,
                to,
                reason: reason.clone(),
            });
            let surplus = self.history.len().saturating_sub(HISTORY_KEPT);
            self.history.drain(..surplus);
        }
        alarm.state_reason = reason;
    }

    /// The state of an alarm, by its name.
    pub fn alarm_state(&self, name: &str) -> Option<AlarmState> {
        self.alarms.iter().find(|alarm| alarm.name == name).map(|alarm| alarm.state)
    }
}

/// The data of one minute. The vectors run parallel to the world's own.
#[derive(Debug, Clone, Default)]
pub struct Minute {
    /// The minute's beginning, in minutes since the epoch.
    pub index: i64,
    /// Per service, in the order of `Ecs::services`.
    pub services: Vec<ServiceMinute>,
    /// Per target group, in the order of `Elb::target_groups`.
    pub groups: Vec<GroupMinute>,
    /// Per DB instance, in the order of `Rds::instances`.
    pub databases: Vec<DatabaseMinute>,
    /// Whether the NAT gateway's zone was away.
    pub nat_lost: bool,
}

/// Samples of one quantity: enough for Average, Sum, Minimum, Maximum and `SampleCount`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stat {
    /// How many samples.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The smallest.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Stat {
    /// Adds a sample.
    pub fn add(&mut self, value: f64) {
        if self.count > 0.0 {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        } else {
            self.min = value;
            self.max = value;
        }
        self.count += 1.0;
        self.sum += value;
    }

    /// Adds the samples of another; for periods longer than a minute.
    pub fn merge(&mut self, other: &Self) {
        if other.count <= 0.0 {
            return;
        }
        if self.count > 0.0 {
            self.min = self.min.min(other.min);
            self.max = self.max.max(other.max);
        } else {
            self.min = other.min;
            self.max = other.max;
        }
        self.count += other.count;
        self.sum += other.sum;
    }

    /// The average, if there is any sample.
    pub fn average(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

/// The data of a service in one minute.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServiceMinute {
    /// Percent of the reserved CPU, one sample per running task and 10 s.
    pub cpu: Stat,
    /// Percent of the reserved memory, likewise.
    pub memory: Stat,
}

/// The data of a target group in one minute.
#[derive(Debug, Clone, Copy, Default)]
pub struct GroupMinute {
    /// Requests that reached a target.
    pub requests: f64,
    /// 5xx answers of targets.
    pub target_5xx: f64,
    /// 4xx answers of targets.
    pub target_4xx: f64,
    /// 5xx answers of the load balancer itself (no target, or no answer in time).
    pub elb_5xx: f64,
    /// Connections to targets that could not be made.
    pub connection_errors: f64,
    /// Connections open at a time (clients and targets).
    pub active_connections: f64,
    /// Connections newly opened.
    pub new_connections: f64,
    /// Bytes in and out.
    pub processed_bytes: f64,
    /// Samples taken so far.
    pub samples: f64,
    /// Median response time in seconds.
    pub p50: f64,
    /// 99th percentile of the response time in seconds.
    pub p99: f64,
    /// Healthy targets.
    pub healthy: Stat,
    /// Unhealthy targets.
    pub unhealthy: Stat,
}

/// The data of a database in one minute.
#[derive(Debug, Clone, Copy, Default)]
pub struct DatabaseMinute {
    /// Percent.
    pub cpu: Stat,
    /// Open connections.
    pub connections: Stat,
    /// Bytes of free memory.
    pub freeable_memory: Stat,
    /// Bytes of free storage.
    pub free_storage: Stat,
    /// Seconds.
    pub read_latency: Stat,
    /// Seconds.
    pub write_latency: Stat,
    /// Operations a second.
    pub read_iops: Stat,
    /// Operations a second.
    pub write_iops: Stat,
    /// Seconds that a replica is behind, milliseconds of a cluster's reader; no samples for a primary.
    pub replica_lag: Stat,
}
