//! Who starts and replaces a service's tasks, and on what they run.

use super::ecs::{Service, TargetLink, short};
use super::{Level, Task};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Who makes a service's deployments, its `deploymentController`.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentController.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controller<'a> {
    /// ECS itself: rolling, blue/green, linear, canary. `deployments[]` tells of them.
    Ecs,
    /// AWS `CodeDeploy`: blue/green by task sets.
    CodeDeploy,
    /// A program of the account's own, by task sets.
    External,
    /// A kind that is not known here, in AWS's word.
    Other(&'a str),
}

impl Controller<'_> {
    /// Whether `UpdateService` makes its deployments.
    pub fn is_ecs(self) -> bool {
        self == Self::Ecs
    }

    /// Its name in a sentence.
    pub fn name(&self) -> &str {
        match self {
            Self::Ecs => "ECS",
            Self::CodeDeploy => "CodeDeploy",
            Self::External => "an external controller",
            Self::Other(word) => word,
        }
    }
}

/// A part of a service's `capacityProviderStrategy`.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityShare {
    /// `FARGATE`, `FARGATE_SPOT`, or the name of a provider of instances.
    pub provider: String,
    /// Tasks that run on it at least.
    pub base: u32,
    /// Its part of the others, relative to the other weights.
    pub weight: u32,
}

/// A task set: how `CodeDeploy` and external controllers run a service's tasks. It takes the place of
/// `deployments[]`.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskSet {
    /// `ecs-svc/<digits>`: its tasks' `startedBy`.
    pub id: String,
    /// `PRIMARY` (serves production traffic), `ACTIVE` or `DRAINING` (its tasks end).
    pub status: String,
    /// Task definition ARN.
    pub task_definition: String,
    /// Tasks wanted, `computedDesiredCount`: the service's desired count by its scale, rounded up.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks pending.
    pub pending: u32,
    /// `STEADY_STATE` or `STABILIZING`.
    pub stability: String,
    /// Percent of the service's desired count that it should run.
    pub scale_percent: Option<f64>,
    /// The controller's own name for it, e.g. `CodeDeploy`'s `d-...`.
    pub external_id: Option<String>,
    /// `CODE_DEPLOY`, or whoever made it.
    pub started_by: Option<String>,
    /// Where its tasks are registered.
    pub links: Vec<TargetLink>,
    /// Subnets of its awsvpc configuration.
    pub subnets: Vec<String>,
    /// Security groups of its awsvpc configuration.
    pub security_groups: Vec<String>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl TaskSet {
    /// Whether production traffic goes to it.
    pub fn is_primary(&self) -> bool {
        self.status == "PRIMARY"
    }

    /// Whether its tasks end.
    pub fn is_draining(&self) -> bool {
        self.status == "DRAINING"
    }

    /// Whether it runs all its tasks, and ECS calls it steady.
    pub fn is_steady(&self) -> bool {
        self.stability == "STEADY_STATE" && self.running >= self.desired && self.pending == 0
    }

    /// The severity of its status and its stability; a word that is not known is to be looked at.
    pub fn level(&self) -> Level {
        match (self.status.as_str(), self.stability.as_str()) {
            ("DRAINING", _) | ("PRIMARY" | "ACTIVE", "STABILIZING") => Level::Busy,
            ("PRIMARY" | "ACTIVE", "STEADY_STATE") => Level::Good,
            ("PRIMARY" | "ACTIVE", "") => Level::Unknown,
            _ => Level::Warn,
        }
    }
}

/// Two task sets of which one takes the other's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift<'a> {
    /// What is brought, or was: the newest.
    pub new: &'a TaskSet,
    /// What serves or served before.
    pub old: &'a TaskSet,
}

impl Shift<'_> {
    /// Whether the newest is given up: its tasks end, and the older one serves.
    pub fn goes_back(&self) -> bool {
        self.new.is_draining() && self.old.is_primary()
    }

    /// Whether production traffic goes to the new set already.
    pub fn is_shifted(&self) -> bool {
        self.new.is_primary()
    }
}

impl Service {
    /// Who makes its deployments. Answers from before there were controllers name none: ECS.
    pub fn deployed_by(&self) -> Controller<'_> {
        match self.controller.as_str() {
            "" | "ECS" => Controller::Ecs,
            "CODE_DEPLOY" => Controller::CodeDeploy,
            "EXTERNAL" => Controller::External,
            other => Controller::Other(other),
        }
    }

    /// Whether it runs one task on each instance rather than a number of tasks.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html>
    pub fn is_daemon(&self) -> bool {
        self.scheduling == "DAEMON"
    }

    /// Whether each of its tasks has a network interface, and with it an address, of its own: only a service
    /// of such tasks has subnets.
    pub fn has_own_addresses(&self) -> bool {
        !self.subnets.is_empty()
    }

    /// Whether AWS has the machines: they are Fargate's, as far as the answer says.
    pub fn is_fargate(&self) -> bool {
        if self.capacity.is_empty() {
            return self.launch_type.as_deref().is_none_or(|launch| launch == "FARGATE");
        }
        self.capacity.iter().all(|share| share.provider.starts_with("FARGATE"))
    }

    /// Whether its tasks, or some, run on capacity that AWS may take back with two minutes' notice.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html>
    pub fn uses_spot(&self) -> bool {
        self.capacity
            .iter()
            .any(|share| share.provider == "FARGATE_SPOT" && (share.weight > 0 || share.base > 0))
    }

    /// On what its tasks run: `FARGATE`, `EC2`, `FARGATE base 1 weight 1, FARGATE_SPOT weight 3`.
    pub fn runs_on(&self) -> String {
        if self.capacity.is_empty() {
            return self.launch_type.clone().unwrap_or_else(|| "not said".to_owned());
        }
        let single = self.capacity.len() == 1;
        let share = |share: &CapacityShare| match (single, share.base) {
            (true, _) => share.provider.clone(),
            (false, 0) => format!("{} weight {}", share.provider, share.weight),
            (false, base) => format!("{} base {base} weight {}", share.provider, share.weight),
        };
        self.capacity.iter().map(share).collect::<Vec<_>>().join(", ")
    }

    /// The task set that production traffic goes to.
    pub fn primary_set(&self) -> Option<&TaskSet> {
        self.task_sets.iter().find(|set| set.is_primary())
    }

    /// The task set that was made last. ECS lists the newest first where the times do not tell.
    pub fn newest_set(&self) -> Option<&TaskSet> {
        self.task_sets.iter().rev().max_by_key(|set| set.created_at)
    }

    /// The two task sets of which one takes the other's place; `None` while there is one.
    pub fn shift(&self) -> Option<Shift<'_>> {
        let new = self.newest_set()?;
        let others = || self.task_sets.iter().filter(|set| set.id != new.id);
        let old =
            others().find(|set| set.is_primary()).or_else(|| others().max_by_key(|set| set.created_at))?;
        Some(Shift { new, old })
    }

    /// The `startedBy` of its newest tasks: the PRIMARY deployment's id, or the newest task set's.
    pub fn newest_starter(&self) -> Option<&str> {
        let by_set = || self.newest_set().map(|set| set.id.as_str());
        self.primary().map(|deployment| deployment.id.as_str()).or_else(by_set)
    }

    /// Why nobody can set its number of tasks now; `None` where one can.
    ///
    /// A daemon's is refused (`The daemon scheduling strategy does not support a desired count for
    /// services`, fabfuel/ecs-deploy#59). `CodeDeploy`'s may be changed, but not in the middle of a shift: the new
    /// task set was made for the number that was wanted as it began.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>
    pub fn fixed_count(&self) -> Option<String> {
        if self.is_daemon() {
            return Some(
                "a daemon service has no count: ECS runs one task on each instance that fits".to_owned(),
            );
        }
        let controller = self.deployed_by();
        let shift = self.shift()?;
        (controller == Controller::CodeDeploy).then(|| {
            format!(
                "deployments are controlled by CodeDeploy, and it is between {} and {}: scale once it has ended",
                short(&shift.old.task_definition),
                short(&shift.new.task_definition)
            )
        })
    }

    /// Why `UpdateService` cannot make a deployment of it; `None` where it can. AWS's words: `Cannot force a
    /// new deployment on services with a CODE_DEPLOY deployment controller`, `Unable to update task definition on
    /// services with a CODE_DEPLOY deployment controller`.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html>
    pub fn deployed_elsewhere(&self) -> Option<String> {
        let controller = self.deployed_by();
        let way = match controller {
            Controller::Ecs => return None,
            Controller::CodeDeploy => "start or stop a deployment there",
            Controller::External => "it makes task sets, and ECS takes no deployment",
            Controller::Other(_) => "what ECS takes of such a service is not known here",
        };
        Some(format!("deployments are controlled by {}, not by ECS: {way}", controller.name()))
    }

    /// Why its number of tasks is not autoscaling's; `None` where it may be.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html>
    pub fn unscalable(&self) -> Option<String> {
        if self.is_daemon() {
            return self.fixed_count();
        }
        (self.deployed_by() == Controller::External).then(|| {
            "deployments are controlled by an external controller: autoscaling does not work with it"
                .to_owned()
        })
    }
}

impl Task {
    /// On what it runs, where the answer says.
    pub fn runs_on(&self) -> Option<&str> {
        self.capacity_provider.as_deref().or(self.launch_type.as_deref())
    }

    /// Whether it runs on capacity that AWS may take back.
    pub fn on_spot(&self) -> bool {
        self.capacity_provider.as_deref() == Some("FARGATE_SPOT")
    }

    /// Whether the agent of its instance is not heard of, so that its state may be an old one.
    pub fn is_out_of_touch(&self) -> bool {
        self.connectivity.as_deref() == Some("DISCONNECTED")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(id: &str, status: &str, minute: i64) -> TaskSet {
        TaskSet {
            id: id.into(),
            status: status.into(),
            task_definition: format!("arn:aws:ecs:r:1:task-definition/{id}"),
            created_at: DateTime::from_timestamp(1_800_000_000 + minute * 60, 0),
            ..TaskSet::default()
        }
    }

    #[test]
    fn the_newest_set_is_what_is_brought_whatever_the_order() {
        let mut service = Service { controller: "CODE_DEPLOY".into(), ..Service::default() };
        service.task_sets = vec![set("old:1", "PRIMARY", 0)];
        assert_eq!(service.shift(), None);
        assert_eq!(service.fixed_count(), None);
        service.task_sets.push(set("new:2", "ACTIVE", 5));
        let shift = service.shift().expect("two sets");
        assert_eq!((shift.new.id.as_str(), shift.old.id.as_str()), ("new:2", "old:1"));
        assert!(!shift.is_shifted() && !shift.goes_back());
        assert!(service.fixed_count().is_some_and(|why| why.contains("controlled by CodeDeploy")));
        service.task_sets.reverse();
        service.task_sets[0].status = "DRAINING".into();
        assert!(service.shift().expect("two sets").goes_back());
    }

    #[test]
    fn each_controller_allows_what_aws_allows() {
        let service = |controller: &str, scheduling: &str| Service {
            controller: controller.into(),
            scheduling: scheduling.into(),
            ..Service::default()
        };
        let allowed = |controller, scheduling| {
            let it = service(controller, scheduling);
            (it.fixed_count().is_none(), it.deployed_elsewhere().is_none(), it.unscalable().is_none())
        };
        assert_eq!(allowed("", ""), (true, true, true));
        assert_eq!(allowed("ECS", "REPLICA"), (true, true, true));
        assert_eq!(allowed("ECS", "DAEMON"), (false, true, false));
        assert_eq!(allowed("CODE_DEPLOY", "REPLICA"), (true, false, true));
        assert_eq!(allowed("EXTERNAL", "REPLICA"), (true, false, false));
        assert_eq!(allowed("LATER_KIND", "REPLICA"), (true, false, true));
        let why = service("LATER_KIND", "").deployed_elsewhere();
        assert!(why.is_some_and(|why| why.contains("LATER_KIND")));
    }

    #[test]
    fn capacity_is_named_as_it_is_shared() {
        let share = |provider: &str, base, weight| CapacityShare { provider: provider.into(), base, weight };
        let mut service = Service { launch_type: Some("EC2".into()), ..Service::default() };
        assert_eq!(
            (service.runs_on().as_str(), service.is_fargate(), service.uses_spot()),
            ("EC2", false, false)
        );
        service.launch_type = None;
        service.capacity = vec![share("FARGATE", 1, 1), share("FARGATE_SPOT", 0, 3)];
        assert_eq!(service.runs_on(), "FARGATE base 1 weight 1, FARGATE_SPOT weight 3");
        assert!(service.is_fargate() && service.uses_spot());
        service.capacity = vec![share("party-box-asg", 0, 1)];
        assert_eq!((service.runs_on().as_str(), service.is_fargate()), ("party-box-asg", false));
    }

    #[test]
    fn an_unknown_word_of_a_task_set_is_to_be_looked_at() {
        assert_eq!(
            TaskSet { stability: "STEADY_STATE".into(), ..set("a", "PRIMARY", 0) }.level(),
            Level::Good
        );
        assert_eq!(TaskSet { stability: "LATER".into(), ..set("a", "PRIMARY", 0) }.level(), Level::Warn);
        assert_eq!(set("a", "LATER", 0).level(), Level::Warn);
    }
}
