//! CloudWatch alarms, in CloudWatch's own words.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A metric or composite alarm.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alarm {
    /// Name.
    pub name: String,
    /// Full ARN.
    pub arn: String,
    /// `OK`, `ALARM`, `INSUFFICIENT_DATA`, as CloudWatch says it.
    pub state: String,
    /// CloudWatch's sentence.
    pub reason: Option<String>,
    /// Since when it is in that state.
    pub since: Option<DateTime<Utc>>,
    /// `PARTIAL_DATA`, `EVALUATION_ERROR` or `EVALUATION_FAILURE`; absent while it is evaluated as it should be.
    pub evaluation: Option<String>,
    /// What a missing point counts as: `missing`, `ignore`, `breaching`, `notBreaching`.
    pub missing_data: Option<String>,
    /// The metrics that it looks at, also inside metric math.
    pub metrics: Vec<AlarmMetric>,
    /// Its metric math and queries.
    pub expressions: Vec<String>,
    /// A composite alarm's rule, which names its children.
    pub rule: Option<String>,
    /// Whether its actions are enabled; `None` when not said.
    pub actions_enabled: Option<bool>,
    /// What it does when it goes into `ALARM`: ARNs.
    pub actions: Vec<String>,
    /// Why a composite alarm's actions do not happen now: `Alarm`, `WaitPeriod`, `ExtensionPeriod`.
    pub suppressed_by: Option<String>,
}

/// A metric that an alarm looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlarmMetric {
    /// e.g. `AWS/ECS`.
    pub namespace: String,
    /// e.g. `CPUUtilization`.
    pub name: String,
    /// Dimension names and values.
    pub dimensions: Vec<(String, String)>,
    /// The account whose metric it is, when that is another than the alarm's.
    pub account: Option<String>,
}

impl AlarmMetric {
    /// The value of a dimension.
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What an alarm says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// `OK`.
    Quiet,
    /// `ALARM`.
    Firing,
    /// `INSUFFICIENT_DATA`: it can say nothing.
    Blind,
    /// A word that is not known here.
    Other,
}

/// Of which of target tracking's alarms this is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalingAlarm {
    /// In `ALARM` it adds capacity.
    Out,
    /// In `ALARM` it takes capacity away, down to the minimum. At the minimum it stays in `ALARM` for as long
    /// as the load is low: on a quiet service always.
    In,
    /// Of a policy of another kind.
    Other,
}

impl Alarm {
    /// Its state as data.
    pub fn state(&self) -> AlarmState {
        match self.state.as_str() {
            "OK" => AlarmState::Quiet,
            "ALARM" => AlarmState::Firing,
            "INSUFFICIENT_DATA" => AlarmState::Blind,
            _ => AlarmState::Other,
        }
    }

    /// Whether it fires.
    pub fn fires(&self) -> bool {
        self.state() == AlarmState::Firing
    }

    /// Whether it is there for autoscaling alone, and which way it scales: target tracking makes its own alarms,
    /// `TargetTracking-service/CLUSTER/SERVICE-AlarmHigh-UUID` and `-AlarmLow-`, also `-ProvisionedCapacityHigh-`
    /// and `Low`; those of step scaling have a policy as their only action.
    /// <https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html>
    pub fn scaling(&self) -> Option<ScalingAlarm> {
        let policy = |arn: &String| arn.contains(":scalingPolicy:");
        let tracking = self.name.starts_with("TargetTracking-");
        if !tracking && (self.actions.is_empty() || !self.actions.iter().all(policy)) {
            return None;
        }
        Some(match self.name.rsplit_once("-Alarm").map_or("", |(_, kind)| kind) {
            kind if tracking && kind.starts_with("High") => ScalingAlarm::Out,
            kind if tracking && kind.starts_with("Low") => ScalingAlarm::In,
            _ => ScalingAlarm::Other,
        })
    }

    /// Whether something is told to somebody when it fires: an enabled action that is not autoscaling's.
    pub fn tells(&self) -> bool {
        self.actions_enabled != Some(false)
            && self.actions.iter().any(|arn| !arn.contains(":scalingPolicy:") && !arn.is_empty())
    }

    /// The alarms that a composite alarm's rule names, by name or ARN, each once. The rule is CloudWatch's own
    /// expression, e.g. `ALARM("a") AND NOT OK(b)` or `AT_LEAST(2, ALARM, (a, b, c))`.
    pub fn children(&self) -> Vec<&str> {
        let Some(mut rest) = self.rule.as_deref() else { return Vec::new() };
        let mut words: Vec<&str> = Vec::new();
        while let Some(first) = rest.chars().next() {
            let (word, after) = match first {
                '"' | '\'' => {
                    let inner = &rest[1..];
                    inner.split_once(first).unwrap_or((inner, ""))
                }
                '(' | ')' | ',' => ("", &rest[1..]),
                _ if first.is_whitespace() => ("", &rest[first.len_utf8()..]),
                _ => {
                    let end = rest.find(|c: char| c.is_whitespace() || "(),\"'".contains(c));
                    rest.split_at(end.unwrap_or(rest.len()))
                }
            };
            if !word.is_empty() && !words.contains(&word) {
                words.push(word);
            }
            rest = after;
        }
        words
    }

    /// Whether a composite alarm's rule names another alarm.
    pub fn names(&self, other: &Self) -> bool {
        self.children().into_iter().any(|word| word == other.name || (word == other.arn && !word.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_children_of_a_rule_are_named_in_every_way() {
        let of = |rule: &str| {
            let alarm = Alarm { rule: Some(rule.into()), ..Alarm::default() };
            alarm.children().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(of("ALARM(\"one two\") AND NOT ALARM(three)").contains(&"one two".to_owned()));
        assert!(of("ALARM(a-b) OR ALARM('c')").iter().any(|w| w == "a-b"));
        let arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x";
        assert!(of(&format!("(ALARM({arn}))")).contains(&arn.to_owned()));
        assert!(of("AT_LEAST(2, ALARM, (a, b, c))").contains(&"c".to_owned()));
        assert_eq!(of("TRUE"), ["TRUE"]);
    }

    #[test]
    fn autoscalings_own_alarms_are_known_by_name_or_by_their_only_action() {
        let named = |name: &str| Alarm { name: name.into(), ..Alarm::default() }.scaling();
        let of = |kind: &str| named(&format!("TargetTracking-service/c/s-{kind}-1b2c"));
        assert_eq!(of("AlarmHigh"), Some(ScalingAlarm::Out));
        assert_eq!(of("AlarmLow"), Some(ScalingAlarm::In));
        assert_eq!(of("ProvisionedCapacityLow"), Some(ScalingAlarm::Other));
        assert_eq!(named("cpu-high"), None);
        let policy = "arn:aws:autoscaling:r:1:scalingPolicy:u:resource/ecs/service/c/s:policyName/p";
        let mut step = Alarm { actions: vec![policy.into()], ..Alarm::default() };
        assert_eq!((step.scaling(), step.tells()), (Some(ScalingAlarm::Other), false));
        step.actions.push("arn:aws:sns:r:1:on-call".into());
        assert_eq!((step.scaling(), step.tells()), (None, true));
        step.actions_enabled = Some(false);
        assert!(!step.tells());
    }
}
