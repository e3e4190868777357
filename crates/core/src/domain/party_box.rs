//! The Party Box as a graph: the store's readings joined once, when one arrives, so that drawing joins
//! nothing.

use super::{
    ClusterNode, Container, Database, EcrReference, ImageId, Joins, Level, LoadBalancer, Scaling, Scan,
    Service, Store, TargetGroup, TargetHealth, Task, TaskCounts, Topic, db_clusters, short,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
    /// The databases that admit the services (writers first).
    pub databases: Vec<Database>,
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
    /// Healthy targets, over its target groups. While a blue/green deployment runs, of the old tasks and the
    /// new.
    pub healthy: u32,
    /// Registered targets that do not drain.
    pub registered: u32,
    /// Targets that drain.
    pub draining: u32,
    /// Whether the health of all its target groups was read.
    pub targets_known: bool,
    /// Autoscaling, if the service is registered.
    pub scaling: Option<Scaling>,
    /// Zone -> running tasks.
    pub zones: BTreeMap<String, u32>,
    /// All its tasks, counted by how far they are.
    pub counts: TaskCounts,
    /// The same for each deployment, by deployment id.
    pub by_deployment: BTreeMap<String, TaskCounts>,
    /// The distinct images that its living tasks run. Counted here, so that a reading of one service does not
    /// walk the tasks of all.
    images: Vec<RunningImage>,
}

/// An image that containers of a service run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RunningImage {
    id: ImageId,
    tag: Option<String>,
    /// How many containers run it.
    containers: u32,
}

impl ServiceNode {
    /// The service as ECS described it.
    pub fn service(&self) -> &Service {
        &self.all[self.index]
    }

    /// The task of one of [`ServiceNode::rows`].
    pub fn task(&self, row: &TaskRow) -> &Task {
        &self.tasks[row.task]
    }
}

/// A task joined, by its IP, to its target.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskRow {
    task: usize,
    /// The target with the task's IP, if registered.
    pub target: Option<TargetHealth>,
    /// Whether it belongs to the PRIMARY deployment, or to the newest task set.
    pub newest: bool,
    /// Tag in the task definition's image reference.
    pub tag: Option<String>,
    /// Digest that really runs.
    pub digest: Option<String>,
    /// The worse of the task's and its target's state.
    pub level: Level,
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

/// A running image.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageNode {
    /// Registry, repository, digest.
    pub id: ImageId,
    /// Tag under which the task definition names it.
    pub tag: Option<String>,
    /// Services that run it, and how many of their tasks do.
    pub used_by: BTreeMap<String, u32>,
    /// Its scan, when read.
    pub scan: Option<Scan>,
}

impl PartyBox {
    /// Joins all readings.
    pub fn join(store: &Store) -> Self {
        let mut this = Self {
            groups: join_groups(store),
            balancers: store.load_balancers().to_vec(),
            databases: databases_of(store),
            ..Self::default()
        };
        this.clusters = db_clusters::join(store, &mut this.databases);
        if let Some(services) = store.services() {
            this.services = (0..services.len()).map(|i| join_service(store, services, i)).collect();
            this.services.sort_by(|a, b| a.service().name.cmp(&b.service().name));
        }
        this.images = join_images(store, &this.services);
        this
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
    pub fn rejoin(&mut self, store: &Store, topic: &Topic) {
        match (topic.facts().joins, topic) {
            (Joins::All, _) => *self = Self::join(store),
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
    let mut node = ServiceNode {
        all: Arc::clone(services),
        index,
        tasks: Arc::clone(&tasks),
        rows: Vec::new(),
        tasks_known,
        healthy: 0,
        registered: 0,
        draining: 0,
        targets_known: true,
        scaling: store.scaling().iter().find(|s| short(&s.resource_id) == service.name).cloned(),
        zones: BTreeMap::new(),
        counts: TaskCounts::default(),
        by_deployment: BTreeMap::new(),
        images: running_images(&tasks),
    };
    let mut by_ip: HashMap<&str, &TargetHealth> = HashMap::new();
    for arn in service.target_groups() {
        let Some(targets) = store.target_health(arn) else {
            node.targets_known = false;
            continue;
        };
        for target in targets {
            node.healthy += u32::from(target.serves());
            node.registered += u32::from(!target.drains());
            node.draining += u32::from(target.drains());
            by_ip.insert(target.id.as_str(), target);
        }
    }
    let newest = service.newest_starter();
    for (i, task) in tasks.iter().enumerate() {
        if task.last_status == "RUNNING" {
            *node.zones.entry(task.zone.clone().unwrap_or_else(|| "?".into())).or_default() += 1;
        }
        node.rows.push(join_task(task, i, newest, &by_ip));
    }
    node.rows.sort_by(|a, b| compare_tasks((&tasks[a.task], a), (&tasks[b.task], b)));
    let targets = !service.target_links.is_empty();
    for row in &node.rows {
        let task = &tasks[row.task];
        node.counts.add(task, row, targets);
        if let Some(id) = &task.started_by {
            if !node.by_deployment.contains_key(id) {
                node.by_deployment.insert(id.clone(), TaskCounts::default());
            }
            if let Some(counts) = node.by_deployment.get_mut(id) {
                counts.add(task, row, targets);
            }
        }
    }
    node
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
    by_ip: &HashMap<&str, &TargetHealth>,
) -> TaskRow {
    let stopped = task.is_over();
    let target =
        if stopped { None } else { task.ip.as_deref().and_then(|ip| by_ip.get(ip)).copied().cloned() };
    let main = main_container(&task.containers);
    let state = task.level();
    let level = match &target {
        Some(target) if task.last_status == "RUNNING" => state.max(target.level()),
        _ => state,
    };
    TaskRow {
        task: index,
        newest: newest.is_some() && task.started_by.as_deref() == newest,
        tag: main.and_then(|c| EcrReference::parse(&c.image)).and_then(|r| r.tag),
        digest: main.and_then(|c| c.digest.clone()),
        level,
        target,
    }
}

/// The container that matters: the first with an ECR image, else the first.
fn main_container(containers: &[Container]) -> Option<&Container> {
    containers.iter().find(|c| EcrReference::parse(&c.image).is_some()).or_else(|| containers.first())
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
            };
            node.targets.sort_by(|a, b| b.level().cmp(&a.level()).then_with(|| a.id.cmp(&b.id)));
            node
        })
        .collect();
    nodes.sort_by(|a, b| a.group.name.cmp(&b.group.name));
    nodes
}

/// The databases that belong: those with a security group that admits one of the services' groups, and the
/// replicas and sources of those. While the groups cannot be read, those in the services' VPC.
fn databases_of(store: &Store) -> Vec<Database> {
    let Some(services) = store.services() else { return Vec::new() };
    let service_groups: BTreeSet<&str> =
        services.iter().flat_map(|s| s.security_groups.iter().map(String::as_str)).collect();
    let vpcs: BTreeSet<&str> = store.load_balancers().iter().filter_map(|l| l.vpc.as_deref()).collect();
    let admits = |db: &Database| match store.network() {
        Some(network) => network.security_groups.iter().any(|group| {
            db.security_groups.contains(&group.id)
                && group.inbound.iter().any(|rule| service_groups.contains(rule.source.as_str()))
        }),
        None => db.vpc.as_deref().is_some_and(|vpc| vpcs.contains(vpc)),
    };
    let mut ids: BTreeSet<String> =
        store.databases().iter().filter(|d| admits(d)).map(|d| d.id.clone()).collect();
    for db in store.databases() {
        if ids.contains(&db.id) {
            ids.extend(db.replicas.iter().map(|r| short_id(r).to_owned()));
            ids.extend(db.replica_of.iter().map(|r| short_id(r).to_owned()));
        }
    }
    // The members of a cluster stand or fall together.
    let clusters: BTreeSet<&str> = store
        .databases()
        .iter()
        .filter(|d| ids.contains(&d.id))
        .filter_map(|d| d.cluster.as_deref())
        .collect();
    let members =
        store.databases().iter().filter(|d| d.cluster.as_deref().is_some_and(|c| clusters.contains(c)));
    ids.extend(members.map(|d| d.id.clone()));
    let mut found: Vec<Database> =
        store.databases().iter().filter(|d| ids.contains(&d.id)).cloned().collect();
    found.sort_by(|a, b| a.replica_of.is_some().cmp(&b.replica_of.is_some()).then_with(|| a.id.cmp(&b.id)));
    found
}

/// A replica may be named by ARN when it is in another Region.
fn short_id(id: &str) -> &str {
    id.rsplit(':').next().unwrap_or(id)
}

/// The distinct images of the tasks that are not stopped.
fn running_images(tasks: &[Task]) -> Vec<RunningImage> {
    let mut seen: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let living = tasks.iter().filter(|task| !task.is_over());
    for container in living.flat_map(|task| &task.containers) {
        if let Some(digest) = &container.digest {
            *seen.entry((&container.image, digest)).or_default() += 1;
        }
    }
    let parsed = seen.into_iter().filter_map(|((image, digest), count)| {
        let EcrReference { registry, repository, tag } = EcrReference::parse(image)?;
        let id = ImageId { registry, repository, digest: digest.to_owned() };
        Some(RunningImage { id, tag, containers: count })
    });
    parsed.collect()
}

fn join_images(store: &Store, services: &[ServiceNode]) -> Vec<ImageNode> {
    let mut nodes: BTreeMap<ImageId, ImageNode> = BTreeMap::new();
    for node in services {
        for RunningImage { id, tag, containers } in &node.images {
            let entry = nodes.entry(id.clone()).or_insert_with(|| ImageNode {
                scan: store.image(id).map(|i| i.scan.clone()),
                id: id.clone(),
                tag: tag.clone(),
                used_by: BTreeMap::new(),
            });
            *entry.used_by.entry(node.service().name.clone()).or_default() += containers;
        }
    }
    nodes.into_values().collect()
}
