//! Deployment strategies, lifecycle stages, pause hooks and deployment alarms.
use crate::world::Time;

/// `deploymentConfiguration.strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// New tasks replace old ones, a few at a time.
    #[default]
    Rolling,
    /// All new tasks stand beside all old ones, and the traffic is shifted at once.
    BlueGreen,
    /// As blue/green, but the traffic is shifted in equal steps with a pause after each.
    Linear,
    /// As blue/green, but a small part of the traffic is shifted first, and the rest after a pause.
    Canary,
}

impl Strategy {
    /// Whether all new tasks stand beside all old ones until the traffic has been shifted.
    pub const fn shifts_traffic(self) -> bool {
        !matches!(self, Self::Rolling)
    }

    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rolling => "ROLLING",
            Self::BlueGreen => "BLUE_GREEN",
            Self::Linear => "LINEAR",
            Self::Canary => "CANARY",
        }
    }
}

/// `lifecycleStage` of a service deployment, in order. A rolling one knows only `ScaleUp` and `CleanUp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Leftovers of an interrupted deployment are cleared away.
    ReconcileService,
    /// Before the first new task.
    PreScaleUp,
    /// New tasks start.
    ScaleUp,
    /// All new tasks are healthy.
    PostScaleUp,
    /// The test listener turns to the new tasks.
    TestTrafficShift,
    /// The new tasks have the test traffic.
    PostTestTrafficShift,
    /// The production listener turns to the new tasks.
    ProductionTrafficShift,
    /// The new tasks have all the traffic.
    PostProductionTrafficShift,
    /// Both revisions run; going back takes a moment only.
    BakeTime,
    /// Old tasks are drained and stopped.
    CleanUp,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 10] = [
        Self::ReconcileService,
        Self::PreScaleUp,
        Self::ScaleUp,
        Self::PostScaleUp,
        Self::TestTrafficShift,
        Self::PostTestTrafficShift,
        Self::ProductionTrafficShift,
        Self::PostProductionTrafficShift,
        Self::BakeTime,
        Self::CleanUp,
    ];

    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReconcileService => "RECONCILE_SERVICE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::BakeTime => "BAKE_TIME",
            Self::CleanUp => "CLEAN_UP",
        }
    }

    /// The stage that follows; the last one follows itself.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL.into_iter().find(|each| *each > self).unwrap_or(self)
    }
}

/// What a pause hook leads to: `CONTINUE` or `ROLLBACK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookAction {
    /// On to the next stage.
    Continue,
    /// Back to the revision before.
    Rollback,
}

impl HookAction {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Rollback => "ROLLBACK",
        }
    }
}

/// A lifecycle hook of type PAUSE in a deployment configuration.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseHook {
    /// The stages at which the deployment pauses.
    pub stages: Vec<Stage>,
    /// Minutes until `action` is taken (1-20,160; AWS's default is 1,440).
    pub timeout_minutes: u32,
    /// What happens then.
    pub action: HookAction,
}

/// `lifecycleHookDetails[].status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookStatus {
    /// Somebody must decide.
    AwaitingAction,
    /// Continued.
    Succeeded,
    /// Rolled back.
    Failed,
    /// Nobody decided in time.
    TimedOut,
}

impl HookStatus {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingAction => "AWAITING_ACTION",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
        }
    }
}

/// One pause of one service deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookDetail {
    /// `ecs-pause-` and 43 characters.
    pub id: String,
    /// The stage at which it paused.
    pub stage: Stage,
    /// Where it stands.
    pub status: HookStatus,
    /// When it times out.
    pub expires_at: Time,
    /// What happens then.
    pub timeout_action: HookAction,
}

/// `deploymentConfiguration.alarms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentAlarms {
    /// The CloudWatch alarms that are watched.
    pub names: Vec<String>,
    /// Whether they are watched at all.
    pub enable: bool,
    /// Whether one of them in ALARM rolls the deployment back.
    pub rollback: bool,
}

/// `linearConfiguration` or `canaryConfiguration`: how production traffic is shifted bit by bit.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-linear.html>,
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// `stepPercent`, or `canaryPercent`. AWS takes multiples of 0.1; whole ones do here.
    pub percent: u32,
    /// `stepBakeTimeInMinutes`, or `canaryBakeTimeInMinutes`: the pause after a step that is not the last.
    pub bake_minutes: u32,
}

/// `deploymentCircuitBreaker.thresholdConfiguration`.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// Percent of the desired count, at least 3 and at most 200 failures. AWS's default is 50.
    BoundedPercent(u32),
    /// Percent of the desired count.
    UnboundedPercent(u32),
    /// So many failures.
    Count(u32),
}

impl Threshold {
    /// The API's word and value.
    pub const fn parts(self) -> (&'static str, u32) {
        match self {
            Self::BoundedPercent(value) => ("BOUNDED_PERCENT", value),
            Self::UnboundedPercent(value) => ("UNBOUNDED_PERCENT", value),
            Self::Count(value) => ("COUNT", value),
        }
    }
}

/// How a service deploys (`deploymentConfiguration`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentConfiguration {
    /// Healthy tasks to keep, in percent of the desired count, rounded up.
    pub minimum_healthy_percent: u32,
    /// Tasks allowed, in percent of the desired count, rounded down.
    pub maximum_percent: u32,
    /// Whether the circuit breaker is on.
    pub breaker: bool,
    /// Whether the circuit breaker rolls back.
    pub rollback: bool,
    /// At how many failures the circuit breaker triggers.
    pub threshold: Threshold,
    /// Whether a healthy task ends the counting of failures (`resetOnHealthyTask`).
    pub reset_on_healthy: bool,
    /// How new tasks take over.
    pub strategy: Strategy,
    /// The steps of a linear or canary one.
    pub steps: Option<Steps>,
    /// Minutes for which both revisions run once production traffic has shifted.
    pub bake_minutes: u32,
    /// Where it pauses.
    pub hooks: Vec<PauseHook>,
    /// The alarms that end a deployment.
    pub alarms: Option<DeploymentAlarms>,
}

/// `loadBalancers[].advancedConfiguration` of a blue/green service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvancedConfiguration {
    /// The other target group.
    pub alternate_target_group_arn: String,
    /// The rule that routes production traffic.
    pub production_listener_rule: String,
    /// The rule that routes test traffic.
    pub test_listener_rule: String,
    /// The role with which ECS changes the rules.
    pub role_arn: String,
}

/// The state of the monitoring of a service deployment, by circuit breaker or alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monitor {
    /// Not in use.
    Disabled,
    /// Watching.
    Monitoring,
    /// Over, without a failure.
    Complete,
    /// Has ended the deployment.
    Triggered,
}

impl Monitor {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "DISABLED",
            Self::Monitoring => "MONITORING",
            Self::Complete => "MONITORING_COMPLETE",
            Self::Triggered => "TRIGGERED",
        }
    }

    /// A watch at the beginning of a deployment.
    pub const fn begin(enabled: bool) -> Self {
        if enabled { Self::Monitoring } else { Self::Disabled }
    }

    /// The same watch once the deployment is over.
    #[must_use]
    pub const fn over(self) -> Self {
        match self {
            Self::Monitoring => Self::Complete,
            other => other,
        }
    }
}
