//! Application Auto Scaling of the services' desired counts.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Application Auto Scaling's registration of a service's desired count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// `service/<cluster>/<service>`.
    pub resource_id: String,
    /// Lower bound.
    pub min: u32,
    /// Upper bound.
    pub max: u32,
    /// Whether any of scale-in, scale-out or schedules is suspended.
    pub suspended: bool,
    /// Which of them.
    #[serde(default)]
    pub parts: SuspendedParts,
    /// Its policies.
    pub policies: Vec<ScalingPolicy>,
}

/// `SuspendedState`: what is switched off for now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendedParts {
    /// No policy takes tasks away.
    pub scale_in: bool,
    /// No policy adds tasks.
    pub scale_out: bool,
    /// No scheduled action runs.
    pub scheduled: bool,
}

/// A scaling policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "RecordedPolicy")]
pub struct ScalingPolicy {
    /// Its name.
    pub name: String,
    /// What it follows.
    pub kind: PolicyKind,
}

/// What a scaling policy follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PolicyKind {
    /// `TargetTrackingScaling`: a metric is kept at a value.
    Target {
        /// A predefined metric, e.g. `ECSServiceAverageCPUUtilization`; `None` for one of the account's own.
        metric: Option<String>,
        /// The value, in the metric's unit (percent for the predefined ones of CPU and memory).
        value: f64,
    },
    /// `StepScaling`: steps, by an alarm.
    Step,
    /// `PredictiveScaling`: by forecast.
    Predictive,
    /// A kind that is not known here.
    Other(String),
}

/// A policy as it is recorded: older recordings have its name and target value alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum RecordedPolicy {
    Now { name: String, kind: PolicyKind },
    Before(String, Option<f64>),
}

impl From<RecordedPolicy> for ScalingPolicy {
    fn from(recorded: RecordedPolicy) -> Self {
        match recorded {
            RecordedPolicy::Now { name, kind } => Self { name, kind },
            RecordedPolicy::Before(name, Some(value)) => Self::tracking(&name, None, value),
            RecordedPolicy::Before(name, None) => Self { name, kind: PolicyKind::Step },
        }
    }
}

impl ScalingPolicy {
    /// A target tracking policy.
    pub fn tracking(name: &str, metric: Option<&str>, value: f64) -> Self {
        Self { name: name.to_owned(), kind: PolicyKind::Target { metric: metric.map(str::to_owned), value } }
    }
}

impl Scaling {
    /// Between which numbers it moves the desired count, and whether it does.
    pub fn range(&self) -> ScalingRange {
        ScalingRange { min: self.min, max: self.max, suspended: self.suspended }
    }

    /// The target of a predefined metric, the lowest where several policies have one.
    pub fn target(&self, predefined: &str) -> Option<f64> {
        let of = |policy: &ScalingPolicy| match &policy.kind {
            PolicyKind::Target { metric: Some(metric), value } if metric == predefined => Some(*value),
            _ => None,
        };
        self.policies.iter().filter_map(of).min_by(f64::total_cmp)
    }

    /// The first target, whatever is tracked.
    pub fn first_target(&self) -> Option<f64> {
        self.policies.iter().find_map(|policy| match policy.kind {
            PolicyKind::Target { value, .. } => Some(value),
            _ => None,
        })
    }

    /// Whether it can add a task to so many.
    pub fn can_add_to(&self, desired: u32) -> bool {
        !self.parts.scale_out && !self.policies.is_empty() && desired < self.max
    }
}

/// Between which desired counts autoscaling moves a service, and whether it does. Written `2-10` or `2-10,
/// suspended`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingRange {
    /// Lower bound, tasks.
    pub min: u32,
    /// Upper bound, tasks.
    pub max: u32,
    /// Whether scaling is suspended.
    pub suspended: bool,
}

impl fmt::Display for ScalingRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}{}", self.min, self.max, if self.suspended { ", suspended" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_of_older_recordings_are_read() {
        let read = |text: &str| serde_json::from_str::<ScalingPolicy>(text).expect("a policy");
        assert_eq!(read(r#"["cpu70", 70.0]"#), ScalingPolicy::tracking("cpu70", None, 70.0));
        let new = ScalingPolicy::tracking("cpu70", Some("ECSServiceAverageCPUUtilization"), 70.0);
        assert_eq!(read(&serde_json::to_string(&new).expect("text")), new);
    }
}
