//! Service deployments and revisions: ECS's own record of each rollout, with its breaker, alarms, hooks and
//! stages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One service deployment, from `DescribeServiceDeployments`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceDeployment {
    /// `arn:...:service-deployment/<cluster>/<service>/<id>`.
    pub arn: String,
    /// Service name.
    pub service: String,
    /// `PENDING`, `IN_PROGRESS`, `SUCCESSFUL`, `STOPPED`, `STOP_REQUESTED`, `ROLLBACK_REQUESTED`,
    /// `ROLLBACK_IN_PROGRESS`,
    /// `ROLLBACK_SUCCESSFUL`, `ROLLBACK_FAILED`, or one that we never heard of.
    pub status: String,
    /// ECS's sentence for the status.
    pub status_reason: Option<String>,
    /// `SCALE_UP`, `BAKE_TIME`, ...; stages can pass between two polls.
    pub stage: Option<String>,
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR`, `CANARY`.
    pub strategy: Option<String>,
    /// When it was asked for.
    pub created_at: Option<DateTime<Utc>>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was stopped.
    pub stopped_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// What is being deployed.
    pub target: Option<RevisionTasks>,
    /// What is being replaced.
    pub sources: Vec<RevisionTasks>,
    /// The circuit breaker, as the API counts it.
    pub breaker: Option<Breaker>,
    /// Deployment alarms.
    pub alarms: Option<DeployAlarms>,
    /// The way back, once it has begun.
    pub rollback: Option<Rollback>,
    /// Lower bound of healthy tasks, percent.
    pub min_healthy_percent: Option<u32>,
    /// Upper bound of tasks, percent.
    pub max_percent: Option<u32>,
    /// Minutes that both revisions run after the traffic was shifted.
    pub bake_minutes: Option<u32>,
    /// The steps of a linear or canary one.
    pub steps: Option<TrafficSteps>,
    /// Lifecycle hooks, with where they stand.
    pub hooks: Vec<Hook>,
    /// When it counts as successful before all new tasks are up and the old ones are gone; `None`: not early.
    #[serde(default)]
    pub early: Option<EarlySuccess>,
}

impl ServiceDeployment {
    /// The last part of the ARN.
    pub fn id(&self) -> &str {
        super::short(&self.arn)
    }

    /// Whether it has ended, by its status. An unknown status has not.
    pub fn ended(&self) -> bool {
        matches!(self.status.as_str(), "SUCCESSFUL" | "STOPPED" | "ROLLBACK_SUCCESSFUL" | "ROLLBACK_FAILED")
    }
}

/// A service revision within a deployment, with its task counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionTasks {
    /// Service revision ARN.
    pub arn: String,
    /// Tasks asked for.
    pub requested: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks pending.
    pub pending: u32,
    /// Its share of the production traffic, per mille, as of the answer. ECS tells it in percent with tenths.
    pub traffic: Option<u32>,
}

/// How a LINEAR or CANARY deployment shifts production traffic. AWS's defaults: 10 % every 6 min; 5 %, then
/// the rest after 10 min.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficSteps {
    /// `stepPercent` or `canaryPercent`, per mille.
    pub permille: u32,
    /// Minutes until the next step.
    pub minutes: u32,
}

impl TrafficSteps {
    /// `12.5 %`.
    pub fn percent(permille: u32) -> String {
        match permille % 10 {
            0 => format!("{} %", permille / 10),
            tenths => format!("{}.{tenths} %", permille / 10),
        }
    }
}

/// `earlySuccessCriteria` of a rolling deployment that has them on: what is not done by then goes on in the
/// background.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentEarlySuccessCriteria.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlySuccess {
    /// Healthy new tasks at which it counts as successful, percent of the desired count.
    pub healthy_percent: Option<u32>,
    /// `BLOCKING`: the old tasks are gone by then; `DEFERRED`: they go afterwards.
    pub cleanup: Option<String>,
}

/// The deployment circuit breaker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// `TRIGGERED`, `MONITORING`, `MONITORING_COMPLETE`, `DISABLED`.
    pub status: String,
    /// Failed tasks so far.
    pub failures: u32,
    /// Failed tasks at which it trips.
    pub threshold: u32,
    /// `resetOnHealthyTask`: whether a healthy task sets the count to 0; `None` when not told.
    #[serde(default)]
    pub resets: Option<bool>,
}

impl Breaker {
    /// What a healthy task does to the count, when that is told.
    pub fn reset_words(&self) -> Option<&'static str> {
        let resets = self.resets?;
        Some(if resets { "a healthy task sets it to 0" } else { "a healthy task does not set it back" })
    }
}

/// CloudWatch alarms that guard a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployAlarms {
    /// `TRIGGERED`, `MONITORING`, ...
    pub status: String,
    /// All of them.
    pub names: Vec<String>,
    /// Those that fired.
    pub triggered: Vec<String>,
}

/// A rollback of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub started_at: Option<DateTime<Utc>>,
    /// Service revision gone back to, ARN.
    pub revision: Option<String>,
}

/// A lifecycle hook of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// Id with which it is continued; absent before it runs.
    pub id: Option<String>,
    /// `PAUSE` or `AWS_LAMBDA`.
    pub kind: String,
    /// Stages at which it runs.
    pub stages: Vec<String>,
    /// `AWAITING_ACTION`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, ... as ECS says it.
    pub status: Option<String>,
    /// When it times out; a PAUSE hook then rolls back (1440 minutes by default).
    pub expires_at: Option<DateTime<Utc>>,
    /// The Lambda function's name.
    #[serde(default)]
    pub function: Option<String>,
    /// `ROLLBACK` or `CONTINUE`: what it does when it times out.
    #[serde(default)]
    pub timeout_action: Option<String>,
}

impl Hook {
    /// `hook check-schema in progress`; `None` for one that has not run, or that succeeded.
    pub fn words(&self) -> Option<String> {
        let status = self.status.as_deref().filter(|status| *status != "SUCCEEDED")?;
        let name = self.function.clone().unwrap_or_else(|| self.kind.to_lowercase());
        Some(format!("hook {name} {}", status.to_lowercase().replace('_', " ")))
    }
}

/// A service revision: what a deployment really runs, images resolved to digests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRevision {
    /// Its ARN.
    pub arn: String,
    /// Its task definition's ARN.
    pub task_definition: String,
    /// What its containers run.
    pub images: Vec<RevisionImage>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
}

/// The image that a container of a service revision runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionImage {
    /// Container name.
    pub container: String,
    /// The reference in the task definition.
    pub reference: String,
    /// `sha256:...`, where ECS resolved it.
    pub digest: Option<String>,
}

/// A line of a task's own log stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The text. Shown as it is, only of tasks that failed.
    pub text: String,
}

/// An image of a repository that could be deployed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EcrImage {
    /// `sha256:...`.
    pub digest: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: Option<DateTime<Utc>>,
    /// Compressed size, bytes.
    pub size_bytes: Option<u64>,
    /// What its scan found; of an index, that of the image in it for the service's platform.
    pub scan: super::Scan,
    /// `ACTIVE`, `ARCHIVED` or `ACTIVATING`, as ECR says it; `None` when it says nothing.
    #[serde(default)]
    pub status: Option<String>,
}

impl EcrImage {
    /// Why it cannot be pulled, and so not be deployed, if that is so.
    pub fn pull_block(&self) -> Option<super::PullBlock> {
        super::PullBlock::of_status(self.status.as_deref())
    }
}
