//! Application Auto Scaling: targets, policies and activities.
use super::Time;
use super::cloudwatch::{Alarm, AlarmState, Comparison};
use super::schedule::Schedule;

/// Everything that the Application Auto Scaling API knows.
#[derive(Debug, Clone, Default)]
pub struct Scaling {
    /// The scalable targets.
    pub targets: Vec<ScalableTarget>,
    /// Their policies.
    pub policies: Vec<ScalingPolicy>,
    /// The activities, oldest first.
    pub activities: Vec<ScalingActivity>,
    /// The scheduled actions.
    pub scheduled: Vec<ScheduledAction>,
}

/// A change of a scalable target's bounds, by the clock.
#[derive(Debug, Clone)]
pub struct ScheduledAction {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `service/CLUSTER/SERVICE`.
    pub resource_id: String,
    /// The expression, as it was given.
    pub expression: String,
    /// The same, read.
    pub schedule: Schedule,
    /// Not before.
    pub from: Option<Time>,
    /// Not after.
    pub until: Option<Time>,
    /// The fewest tasks from then on, if it changes.
    pub min_capacity: Option<u32>,
    /// The most tasks from then on, if it changes.
    pub max_capacity: Option<u32>,
    /// When it was made.
    pub created_at: Time,
}

/// The service namespace of every resource here.
pub const NAMESPACE: &str = "ecs";
/// The scalable dimension of every resource here.
pub const DIMENSION: &str = "ecs:service:DesiredCount";

/// A service that scales.
#[derive(Debug, Clone)]
pub struct ScalableTarget {
    /// `service/CLUSTER/SERVICE`.
    pub resource_id: String,
    /// Its ARN.
    pub arn: String,
    /// The fewest tasks.
    pub min_capacity: u32,
    /// The most tasks.
    pub max_capacity: u32,
    /// The service-linked role.
    pub role_arn: String,
    /// When it was registered.
    pub created_at: Time,
    /// What is switched off for now.
    pub suspended: Suspended,
    /// The policy's memory.
    pub state: TrackingState,
}

/// `SuspendedState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Suspended {
    /// No policy scales in.
    pub dynamic_in: bool,
    /// No policy scales out.
    pub dynamic_out: bool,
    /// No scheduled action runs.
    pub scheduled: bool,
}

/// The memory of target tracking about a service.
#[derive(Debug, Clone, Default)]
pub struct TrackingState {
    /// The last change to the desired count by the policy.
    pub last_scaled: Option<Time>,
    /// When the capacity last changed, whoever changed it.
    pub capacity_since: Option<Time>,
    /// The desired count seen last.
    pub seen_desired: u32,
}

/// A target tracking policy on the average CPU of a service.
#[derive(Debug, Clone)]
pub struct ScalingPolicy {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `service/CLUSTER/SERVICE`.
    pub resource_id: String,
    /// Percent of CPU (`ECSServiceAverageCPUUtilization`).
    pub target_value: f64,
    /// Seconds after a scale-out before the next.
    pub scale_out_cooldown: u32,
    /// Seconds after a change before a scale-in.
    pub scale_in_cooldown: u32,
    /// When it was created.
    pub created_at: Time,
    /// The alarms AWS made for it: name, ARN.
    pub alarms: Vec<(String, String)>,
}

impl ScalingPolicy {
    /// The alarms that target tracking makes and evaluates. The low one stands in ALARM for as long as the load is low:
    /// on a quiet service always. Periods as seen in real accounts: 3 of a minute above the target, 15 below 0.9 of it.
    /// <https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html>
    pub fn tracking_alarms(&self, states: [AlarmState; 2], since: Time) -> Vec<Alarm> {
        let mut parts = self.resource_id.split('/').skip(1).map(str::to_owned);
        let (cluster, service) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let kinds = [(Comparison::Greater, 1.0, 3), (Comparison::Less, 0.9, 15)];
        let alarms = self.alarms.iter().zip(kinds).zip(states);
        alarms
            .map(|(((name, arn), (comparison, share, periods)), state)| {
                let threshold = (self.target_value * share * 10.0).round() / 10.0;
                let not = if state == AlarmState::Ok { "not " } else { "" };
                let state_reason = if state == AlarmState::InsufficientData {
                    "Unchecked: Initial alarm creation".to_owned()
                } else {
                    format!(
                        "Threshold Crossed: {periods} datapoints were {not}{} the threshold ({threshold:.1}).",
                        comparison.words()
                    )
                };
                Alarm {
                    name: name.clone(),
                    arn: arn.clone(),
                    description: format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.", self.arn),
                    namespace: "AWS/ECS",
                    metric: "CPUUtilization",
                    dimensions: vec![
                        ("ClusterName".to_owned(), cluster.clone()),
                        ("ServiceName".to_owned(), service.clone()),
                    ],
                    statistic: "Average",
                    period: 60,
                    evaluation_periods: periods,
                    comparison,
                    threshold,
                    treat_missing: "missing",
                    actions: vec![self.arn.clone()],
                    state,
                    state_reason,
                    state_updated_at: since,
                    state_transitioned_at: since,
                    configured_at: self.created_at,
                    elsewhere: false,
                }
            })
            .collect()
    }
}

/// A scaling activity.
#[derive(Debug, Clone)]
pub struct ScalingActivity {
    /// A UUID.
    pub id: String,
    /// `service/CLUSTER/SERVICE`.
    pub resource_id: String,
    /// e.g. `Setting desired count to 3.`
    pub description: String,
    /// Which alarm, in AWS's words.
    pub cause: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// `Successful`, `InProgress`.
    pub status: &'static str,
    /// e.g. `Successfully set desired count to 3. Change successfully fulfilled by ecs.`
    pub status_message: String,
    /// The desired count that it set.
    pub to: u32,
}
