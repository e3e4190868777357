//! The Party Box as a graph: the store's readings joined once, when one arrives, so that drawing joins
//! nothing.

use super::group_health::{self, TargetIndex};
use super::{
    Belonging, ClusterNode, Database, DatabaseChoice, GroupHealth, ImageNode, ImageReference, Joins, Level,
    LoadBalancer, Scaling, Service, ServiceContainer, Store, TargetGroup, TargetHealth, Task, TaskCounts,
    TaskTarget, Topic, belonging, db_clusters,
    running_images::{RunningImage, join_images, running_images},
    short,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A Party Box: a cluster's services and everything they refer to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PartyBox {
    /// The services, by name.
    pub services: Vec<ServiceNode>,
    /// The load balancers that lead to them.
    pub balancers: Vec<LoadBalancer>,
    /// Their target groups, by name.
    pub groups: Vec<GroupNode>,
    /// The databases that belong to it (writers first).
    pub databases: Vec<Database>,
    /// Why each of them does, by its identifier.
    pub belongings: BTreeMap<String, Belonging>,
    /// What the settings say of the databases.
    pub choice: DatabaseChoice,
    /// The DB clusters that they are members of, by identifier.
    pub clusters: Vec<ClusterNode>,
    /// The distinct images that run, by repository and digest.
    pub images: Vec<ImageNode>,
}

/// A service with its tasks, targets and images.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceNode {
    all: Arc<Vec<Service>>,
    index: usize,
    tasks: Arc<Vec<Task>>,
    /// Its tasks: those of the newest deployment first, the stopped ones last.
    pub rows: Vec<TaskRow>,
    /// Whether its tasks were ever read.
    pub tasks_known: bool,
    /// How it stands in each of its target groups, in the order of the service.
    pub groups: Vec<GroupHealth>,
    /// Healthy targets in the worst of its target groups: the requests of one group find no help in another.
    /// While a blue/green deployment runs, of the old tasks and the new.
    pub healthy: u32,
    /// Registered targets of that group that do not drain.
    pub registered: u32,
    /// Targets that drain, in the group with the most of them.
    pub draining: u32,
    /// Whether the health of all its target groups was read, or they are known to be gone.
    pub targets_known: bool,
    /// Whether ECS checks the health of its containers.
    pub container_checks: bool,
    /// Autoscaling, if the service is registered.
    pub scaling: Option<Scaling>,
    /// Zone -> running tasks.
    pub zones: BTreeMap<String, u32>,
    /// All its tasks, counted by how far they are.
    pub counts: TaskCounts,
    /// The same for each deployment, by deployment id.
    pub by_deployment: BTreeMap<String, TaskCounts>,
    /// Which of its containers its tag, its digest and its deployments are about, by the definition that it
    /// deploys now.
    pub container: ServiceContainer,
    /// The distinct images that its living tasks run. Counted here, so that a reading of one service does not
    /// walk the tasks of all.
    pub(super) images: Vec<RunningImage>,
}

impl ServiceNode {
    /// The service as ECS described it.
    pub fn service(&self) -> &Service {
        &self.all[self.index]
    }

    /// The target group that decides how it stands: the worst of those that are known.
    pub fn worst_group(&self) -> Option<&GroupHealth> {
        GroupHealth::worst(&self.groups)
    }

    /// Whether each of its target groups has as many healthy targets as this, or more.
    pub fn has_healthy(&self, tasks: u32) -> bool {
        self.targets_known && self.groups.iter().all(|group| !group.gone && group.healthy >= tasks)
    }

    /// What says that one of its tasks is healthy.
    pub fn judged_by(&self) -> JudgedBy {
        match (self.service().target_links.is_empty(), self.container_checks) {
            (false, _) => JudgedBy::Targets,
            (true, true) => JudgedBy::Containers,
            (true, false) => JudgedBy::Running,
        }
    }

    /// The task of one of [`ServiceNode::rows`].
    pub fn task(&self, row: &TaskRow) -> &Task {
        &self.tasks[row.task]
    }
}

/// What says that a task of a service is healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JudgedBy {
    /// Its targets.
    Targets,
    /// Its containers' health checks, where the service has no target group.
    Containers,
    /// Nothing: without either, that it runs.
    Running,
}

/// What a running task has waited for longer than that takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// To be registered in a target group.
    Unregistered,
    /// For the first health checks of its target.
    FirstChecks,
}

/// Time that ECS is given to register a task that runs, seconds, beside the grace period.
const REGISTERS_WITHIN: u32 = 60;

/// A task joined, by its address and port, to its targets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskRow {
    task: usize,
    /// The worst of its targets, if any is registered.
    pub target: Option<TargetHealth>,
    /// How it stands in each target group whose targets are known. Empty of a stopped task.
    pub targets: Vec<TaskTarget>,
    /// In how many of them it ought to be registered and is not.
    pub unregistered: usize,
    /// Whether it belongs to the PRIMARY deployment, or to the newest task set.
    pub newest: bool,
    /// What it has waited for longer than that takes.
    pub late: Option<Late>,
    /// Tag in the image reference of the service's container.
    pub tag: Option<String>,
    /// Digest that this container really runs.
    pub digest: Option<String>,
    /// The worst of the task's and its targets' states.
    pub level: Level,
}

impl TaskRow {
    /// Whether it gets requests in every target group that it belongs to.
    pub fn serves(&self) -> bool {
        self.unregistered == 0 && self.target.as_ref().is_some_and(TargetHealth::serves)
    }
}

/// A target group with its targets' health.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupNode {
    /// The target group.
    pub group: TargetGroup,
    /// Its targets: the worst first.
    pub targets: Vec<TargetHealth>,
    /// Whether they were ever read.
    pub known: bool,
    /// The service behind it.
    pub service: Option<String>,
    /// Whether it does not exist, although a service names it.
    pub gone: bool,
}

impl GroupNode {
    /// How many targets get requests because they pass their checks.
    pub fn healthy(&self) -> usize {
        self.targets.iter().filter(|t| t.serves()).count()
    }

    /// How many targets do not drain.
    pub fn registered(&self) -> usize {
        self.targets.iter().filter(|t| !t.drains()).count()
    }
}

impl PartyBox {
    /// Joins all readings; the databases are found.
    pub fn join(store: &Store) -> Self {
        Self::join_with(store, &DatabaseChoice::Found)
    }

    /// Joins all readings; the databases are those that the settings choose.
    pub fn join_with(store: &Store, choice: &DatabaseChoice) -> Self {
        let mut this = Self {
            groups: join_groups(store),
            balancers: store.load_balancers().to_vec(),
            ..Self::default()
        };
        this.rejoin_databases(store, choice);
        if let Some(services) = store.services() {
            this.services = (0..services.len()).map(|i| join_service(store, services, i)).collect();
            this.services.sort_by(|a, b| a.service().name.cmp(&b.service().name));
        }
        this.images = join_images(store, &this.services);
        this
    }

    /// Finds the databases anew, after a reading that concerns them alone.
    fn rejoin_databases(&mut self, store: &Store, choice: &DatabaseChoice) {
        (self.databases, self.belongings) = belonging::find_databases(store, choice);
        self.clusters = db_clusters::join(store, &mut self.databases);
        self.choice = choice.clone();
    }

    /// Joins one service anew, after a reading that concerns it alone.
    fn rejoin_service(&mut self, store: &Store, name: &str) {
        let Some(node) = self.services.iter_mut().find(|n| n.service().name == name) else { return };
        let Some(services) = store.services() else { return };
        let Some(index) = services.iter().position(|s| s.name == name) else { return };
        *node = join_service(store, services, index);
        self.images = join_images(store, &self.services);
    }

    /// Joins the services of one target group anew.
    fn rejoin_group(&mut self, store: &Store, arn: &str) {
        let names: Vec<String> = self
            .services
            .iter()
            .filter(|n| n.service().registers_in(arn))
            .map(|n| n.service().name.clone())
            .collect();
        self.groups = join_groups(store);
        for name in names {
            self.rejoin_service(store, &name);
        }
    }

    /// A service by name.
    pub fn service(&self, name: &str) -> Option<&ServiceNode> {
        self.services.iter().find(|n| n.service().name == name)
    }

    /// A target group by ARN.
    pub fn group(&self, arn: &str) -> Option<&GroupNode> {
        self.groups.iter().find(|g| g.group.arn == arn)
    }

    /// A database by identifier.
    pub fn database(&self, id: &str) -> Option<&Database> {
        self.databases.iter().find(|d| d.id == id)
    }

    /// A DB cluster by its identifier, or by one of its members'.
    pub fn cluster(&self, id: &str) -> Option<&ClusterNode> {
        let of_member = self.database(id).and_then(|db| db.cluster.as_deref());
        let known = |id: &str| self.clusters.iter().find(|c| c.cluster.id == id);
        known(id).or_else(|| known(of_member?))
    }

    /// Joins anew what follows from a reading of this topic.
    pub fn rejoin(&mut self, store: &Store, topic: &Topic, choice: &DatabaseChoice) {
        match (topic.facts().joins, topic) {
            (Joins::All, _) => *self = Self::join_with(store, choice),
            (Joins::Databases, _) => self.rejoin_databases(store, choice),
            (Joins::One, Topic::Tasks(name)) => self.rejoin_service(store, name),
            (Joins::One, Topic::TargetHealth(arn)) => self.rejoin_group(store, arn),
            (Joins::One | Joins::Nothing, _) => {}
        }
    }

    /// What a failover of this DB instance or cluster is about: the cluster, when it is a member of one, else
    /// itself.
    pub fn failover_subject<'a>(&'a self, id: &'a str) -> &'a str {
        self.cluster(id).map_or(id, |node| node.cluster.id.as_str())
    }

    /// What a failover of a DB instance or cluster concerns, as (identifier, ARN): the cluster and its
    /// members, or the instance itself.
    pub fn rds_resources(&self, id: &str) -> Vec<(&str, &str)> {
        match self.cluster(id) {
            Some(node) => {
                let members = node.members.iter().filter_map(|m| self.database(&m.id));
                let own = (node.cluster.id.as_str(), node.cluster.arn.as_str());
                std::iter::once(own).chain(members.map(|db| (db.id.as_str(), db.arn.as_str()))).collect()
            }
            None => self.database(id).map(|db| (db.id.as_str(), db.arn.as_str())).into_iter().collect(),
        }
    }

    /// The images that a service runs.
    pub fn images_of<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a ImageNode> {
        self.images.iter().filter(move |i| i.used_by.contains_key(service))
    }
}

fn join_service(store: &Store, services: &Arc<Vec<Service>>, index: usize) -> ServiceNode {
    let service = &services[index];
    let tasks = store.tasks(&service.name).cloned();
    let tasks_known = tasks.is_some();
    let tasks = tasks.unwrap_or_default();
    let groups = group_health::join_groups(service, store);
    let definition = store.task_definition(&service.task_definition);
    let mut node = ServiceNode {
        all: Arc::clone(services),
        index,
        tasks: Arc::clone(&tasks),
        rows: Vec::new(),
        tasks_known,
        healthy: 0,
        registered: 0,
        draining: groups.iter().map(|group| group.draining).max().unwrap_or(0),
        targets_known: groups.iter().all(|group| group.known),
        container_checks: definition.is_some_and(|d| d.containers.iter().any(|c| c.health_check))
            || tasks.iter().any(|task| matches!(task.health.as_str(), "HEALTHY" | "UNHEALTHY")),
        groups: Vec::new(),
        scaling: store.scaling().iter().find(|s| short(&s.resource_id) == service.name).cloned(),
        zones: BTreeMap::new(),
        counts: TaskCounts::default(),
        by_deployment: BTreeMap::new(),
        container: ServiceContainer::of(service, store.task_definition(deployed(service))),
        images: running_images(store, &tasks),
    };
    if let Some(worst) = GroupHealth::worst(&groups) {
        (node.healthy, node.registered) = (worst.healthy, worst.registered);
    }
    let index = TargetIndex::new(&groups, store);
    // Traffic that is shifted to a group that nothing names: a task without a target says nothing then.
    let elsewhere = service.strategy.as_deref().is_some_and(|strategy| service.registers_elsewhere(strategy));
    let newest = service.newest_starter();
    let times = JoinTimes::of(service, store);
    let mut containers: HashMap<&str, ServiceContainer> = HashMap::new();
    for (i, task) in tasks.iter().enumerate() {
        if task.last_status == "RUNNING" {
            *node.zones.entry(task.zone.clone().unwrap_or_else(|| "?".into())).or_default() += 1;
        }
        // Each revision may have other containers; one that was not read is taken for one like the newest.
        let container = containers.entry(task.task_definition.as_str()).or_insert_with(|| {
            let definition = store.task_definition(&task.task_definition);
            definition.map_or_else(|| node.container.clone(), |d| ServiceContainer::of(service, Some(d)))
        });
        node.rows.push(join_task(task, i, newest, &index, elsewhere, container));
        if let Some(row) = node.rows.last_mut() {
            row.late = times.late(task, row);
        }
    }
    node.rows.sort_by(|a, b| compare_tasks((&tasks[a.task], a), (&tasks[b.task], b)));
    drop(index);
    node.groups = groups;
    let judged = node.judged_by();
    for row in &node.rows {
        let task = &tasks[row.task];
        node.counts.add(task, row, judged);
        if let Some(id) = &task.started_by {
            if !node.by_deployment.contains_key(id) {
                node.by_deployment.insert(id.clone(), TaskCounts::default());
            }
            if let Some(counts) = node.by_deployment.get_mut(id) {
                counts.add(task, row, judged);
            }
        }
    }
    node
}

/// The task definition that a service deploys.
fn deployed(service: &Service) -> &str {
    service.primary().map_or(service.task_definition.as_str(), |d| d.task_definition.as_str())
}

/// When the readings that are joined were made, and how long a new task may take. By the readings' own time:
/// what is joined knows no clock.
struct JoinTimes {
    read_at: Option<DateTime<Utc>>,
    grace: u32,
    first_checks: u32,
}

impl JoinTimes {
    fn of(service: &Service, store: &Store) -> Self {
        let groups = service.target_groups().map(|arn| Topic::TargetHealth(arn.to_owned()));
        let topics = groups.chain([Topic::Tasks(service.name.clone())]);
        let own = store.target_groups().iter().filter(|group| service.registers_in(&group.arn));
        Self {
            // By the older reading: what it lacks may have come since.
            read_at: topics.filter_map(|topic| store.slot(&topic).and_then(|slot| slot.taken_at)).min(),
            grace: service.grace_seconds.unwrap_or(0),
            first_checks: own.map(TargetGroup::first_checks_take).max().unwrap_or(0),
        }
    }

    /// Whether a task that is meant to run waits for too long.
    fn late(&self, task: &Task, row: &TaskRow) -> Option<Late> {
        let running = task.last_status == "RUNNING" && task.desired_status == "RUNNING";
        let since = self.read_at? - task.started_at.filter(|_| running)?;
        let beyond = |seconds: u32| since > TimeDelta::seconds(i64::from(seconds));
        let initial = || {
            let targets = row.targets.iter().filter_map(|it| it.target.as_ref());
            targets.into_iter().any(|target| target.state == "initial")
        };
        if row.unregistered > 0 && beyond(self.grace.max(REGISTERS_WITHIN)) {
            Some(Late::Unregistered)
        } else if initial() && beyond(self.grace + self.first_checks + REGISTERS_WITHIN) {
            Some(Late::FirstChecks)
        } else {
            None
        }
    }
}

/// The living before the stopped, the newest deployment first, then the newest task.
fn compare_tasks(one: (&Task, &TaskRow), other: (&Task, &TaskRow)) -> std::cmp::Ordering {
    let key = |(task, row): (&Task, &TaskRow)| {
        let stopped = task.is_over();
        let when = if stopped { task.stopped_at } else { task.created_at };
        (stopped, !row.newest, std::cmp::Reverse(when.map_or(0, |t| t.timestamp())))
    };
    key(one).cmp(&key(other)).then_with(|| one.0.id.cmp(&other.0.id))
}

fn join_task(
    task: &Task,
    index: usize,
    newest: Option<&str>,
    index_of: &TargetIndex<'_>,
    elsewhere: bool,
    container: &ServiceContainer,
) -> TaskRow {
    let stopped = task.is_over();
    let targets = if stopped { Vec::new() } else { index_of.find(task) };
    let registered = || targets.iter().filter_map(|it| it.target.as_ref());
    let target = registered().max_by_key(|target| (target.level(), !target.serves())).cloned();
    // ECS registers a task when it runs.
    let due = task.last_status == "RUNNING" && !elsewhere;
    let unregistered = if due { targets.len() - registered().count() } else { 0 };
    let main = container.of_task(task);
    let state = task.level();
    let level = match &target {
        Some(target) if task.last_status == "RUNNING" => state.max(target.level()),
        _ => state,
    };
    TaskRow {
        task: index,
        newest: newest.is_some() && task.started_by.as_deref() == newest,
        tag: main.and_then(|c| ImageReference::parse(&c.image).tag),
        digest: main.and_then(|c| c.digest.clone()),
        late: None,
        level,
        target,
        targets,
        unregistered,
    }
}

fn join_groups(store: &Store) -> Vec<GroupNode> {
    let mut nodes: Vec<GroupNode> = store
        .target_groups()
        .iter()
        .map(|group| {
            let targets = store.target_health(&group.arn);
            let mut node = GroupNode {
                group: group.clone(),
                known: targets.is_some(),
                targets: targets.unwrap_or_default().to_vec(),
                service: store
                    .services()
                    .and_then(|all| all.iter().find(|s| s.registers_in(&group.arn)).map(|s| s.name.clone())),
                gone: false,
            };
            node.targets.sort_by(|a, b| b.level().cmp(&a.level()).then_with(|| a.id.cmp(&b.id)));
            node
        })
        .collect();
    nodes.sort_by(|a, b| a.group.name.cmp(&b.group.name));
    nodes
}
