//! Who makes a service's deployments, how its tasks are counted, and on what they run.

/// How a service's tasks are run. The default is the Party Box's own: deployed by ECS, on Fargate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// `deploymentController`: `ECS`, `CODE_DEPLOY` or `EXTERNAL`. The latter two show their deployments as task
    /// sets.
    pub controller: &'static str,
    /// `schedulingStrategy`: `REPLICA` or `DAEMON`.
    pub scheduling: &'static str,
    /// `FARGATE`, `EC2` or `EXTERNAL`; `None` with a capacity provider strategy.
    pub launch_type: Option<&'static str>,
    /// The capacity provider strategy. Tasks run on its first provider.
    pub capacity: Vec<CapacityShare>,
}

impl Default for Runs {
    fn default() -> Self {
        Self { controller: "ECS", scheduling: "REPLICA", launch_type: Some("FARGATE"), capacity: Vec::new() }
    }
}

impl Runs {
    /// Whether its deployments are shown as task sets.
    pub fn by_task_sets(&self) -> bool {
        self.controller != "ECS"
    }

    /// Whether AWS has the machines.
    pub fn on_fargate(&self) -> bool {
        let fargate = |name: &str| name.starts_with("FARGATE");
        self.launch_type.is_some_and(fargate) || self.capacity.iter().any(|share| fargate(share.provider))
    }
}

/// A part of a capacity provider strategy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapacityShare {
    /// `FARGATE`, `FARGATE_SPOT`, or the name of a provider of instances.
    pub provider: &'static str,
    /// Tasks that it has at least.
    pub base: u32,
    /// Its part of the others.
    pub weight: u32,
}
