//! The status of a Party Box as text and as JSON. The shape of the JSON is documented in
//! `docs/status-json.md`; its
//! `version` goes up when a field changes its meaning or goes away.

use super::ExitStatus;
use crate::app::State;
use crate::diagnosis::{Subject, plural};
use crate::domain::{Belonging, GroupHealth, Image, JudgedBy, Level, Now, Payload, Scan, short};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Version of the JSON's shape.
pub const VERSION: u32 = 1;

/// Everything that `status` tells.
#[derive(Debug, Serialize)]
pub struct Status {
    version: u32,
    /// RFC 3339, the server's clock.
    taken_at: String,
    account: Option<String>,
    caller: Option<String>,
    region: String,
    cluster: Option<String>,
    simulated: bool,
    health: &'static str,
    headline: String,
    /// Some readings did not arrive in time.
    incomplete: bool,
    findings: Vec<FindingOut>,
    services: Vec<ServiceOut>,
    load_balancers: Vec<BalancerOut>,
    databases: Vec<DatabaseOut>,
    images: Vec<ImageOut>,
    unreadable: Vec<Unreadable>,
    #[serde(skip)]
    exit: ExitStatus,
    /// The finding that the headline tells.
    #[serde(skip)]
    headline_of: Option<usize>,
}

#[derive(Debug, Serialize)]
struct FindingOut {
    level: &'static str,
    kind: &'static str,
    name: Option<String>,
    text: String,
    advice: Option<String>,
}

#[derive(Debug, Serialize)]
struct ServiceOut {
    name: String,
    status: String,
    desired: u32,
    running: u32,
    pending: u32,
    /// `null` while the target groups could not be read.
    healthy_targets: Option<u32>,
    registered_targets: Option<u32>,
    draining_targets: Option<u32>,
    /// `targets`, `containers` or `running`: what says that its tasks are healthy.
    judged_by: &'static str,
    /// By their containers' checks; `null` unless those are what counts.
    healthy_tasks: Option<u32>,
    target_groups: Vec<GroupOut>,
    task_definition: String,
    autoscaling: Option<(u32, u32)>,
    running_by_zone: BTreeMap<String, u32>,
    deployments: Vec<DeploymentOut>,
    controller: String,
    scheduling: String,
    runs_on: String,
    task_sets: Vec<TaskSetOut>,
}

#[derive(Debug, Serialize)]
struct TaskSetOut {
    id: String,
    status: String,
    stability: String,
    task_definition: String,
    desired: u32,
    running: u32,
    pending: u32,
    external_id: Option<String>,
}

/// How a service stands in one of its target groups.
#[derive(Debug, Serialize)]
struct GroupOut {
    name: String,
    arn: String,
    /// Whether it does not exist, although the service names it.
    gone: bool,
    /// `null` while they could not be read.
    healthy: Option<u32>,
    registered: Option<u32>,
    draining: Option<u32>,
    unused: Option<u32>,
    shifted_away: Option<u32>,
}

impl GroupOut {
    fn new(group: &GroupHealth) -> Self {
        let known = |n: u32| (group.known && !group.gone).then_some(n);
        Self {
            name: group.name.clone(),
            arn: group.arn.clone(),
            gone: group.gone,
            healthy: known(group.healthy),
            registered: known(group.registered),
            draining: known(group.draining),
            unused: known(group.unused),
            shifted_away: known(group.shifted),
        }
    }
}

#[derive(Debug, Serialize)]
struct DeploymentOut {
    id: String,
    status: String,
    rollout_state: Option<String>,
    rollout_reason: Option<String>,
    task_definition: String,
    desired: u32,
    running: u32,
    pending: u32,
    failed: u32,
}

#[derive(Debug, Serialize)]
struct BalancerOut {
    name: String,
    state: String,
    dns_name: String,
    zones: Vec<String>,
}

#[derive(Debug, Serialize)]
struct DatabaseOut {
    id: String,
    status: String,
    role: &'static str,
    engine: String,
    engine_version: String,
    multi_az: bool,
    zone: Option<String>,
    standby_zone: Option<String>,
    replica_of: Option<String>,
    backup_days: u32,
    encrypted: bool,
    public: bool,
    latest_restorable: Option<String>,
    /// Why it is counted to the Party Box: a word.
    belongs: &'static str,
    /// The same as a sentence.
    belongs_why: String,
}

#[derive(Debug, Serialize)]
struct ImageOut {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: String,
    used_by: BTreeMap<String, u32>,
    /// `never`, `unreadable`, `index`, `not-asked`, `unknown`, or ECR's own word.
    scan: String,
    findings: BTreeMap<String, u32>,
}

#[derive(Debug, Serialize)]
struct Unreadable {
    action: String,
    code: Option<String>,
    message: String,
}

impl Status {
    /// The status of a state. `problem` says why it could not look at all.
    pub fn new(state: &State, now: Now, problem: Option<String>, incomplete: bool) -> Self {
        let it = &state.account.party_box;
        let could_look =
            problem.is_none() && !it.services.is_empty() || state.account.store.services().is_some();
        let level = state.account.health.level;
        let level = if problem.is_some() || !could_look { Level::Unknown } else { level };
        let health = match level {
            Level::Bad => "critical",
            Level::Warn => "degraded",
            Level::Unknown => "unknown",
            Level::Busy => "changing",
            Level::Good | Level::Idle => "healthy",
        };
        let unread = incomplete && state.account.store.services().is_none();
        let own_headline = problem.is_none() && !unread;
        let unreachable = || {
            if unread {
                // The reason, when one is known: refused is not the same as slow.
                let failure = state.account.store.iter().find_map(|(_, slot)| slot.failure.as_ref());
                failure.map_or("AWS did not answer in time.".to_owned(), |f| f.error.message.clone())
            } else {
                state.account.health.headline.clone()
            }
        };
        let identity = state.account.store.identity();
        Self {
            version: VERSION,
            taken_at: state.polling.clock.now(now).to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            account: identity.map(|i| i.account.clone()),
            caller: identity.map(|i| i.arn.clone()),
            region: state.session.region.clone(),
            cluster: state.session.cluster.clone(),
            simulated: state.polling.meter.simulated.is_some(),
            health,
            headline: problem.unwrap_or_else(unreachable),
            incomplete,
            findings: state
                .account
                .health
                .findings
                .iter()
                .map(|f| {
                    let (kind, name) = subject(&f.subject);
                    FindingOut {
                        level: word(f.level),
                        kind,
                        name,
                        text: f.text.clone(),
                        advice: f.advice.clone(),
                    }
                })
                .collect(),
            services: services(state),
            load_balancers: it
                .balancers
                .iter()
                .map(|b| BalancerOut {
                    name: b.name.clone(),
                    state: b.state.clone(),
                    dns_name: b.dns_name.clone(),
                    zones: b.zones.iter().map(|z| z.0.clone()).collect(),
                })
                .collect(),
            databases: databases(state),
            images: images(state),
            unreadable: state
                .account
                .store
                .unreadable()
                .map(|(_, error)| Unreadable {
                    action: error.action.clone(),
                    code: error.code.clone(),
                    message: error.message.clone(),
                })
                .chain(unread_scans(state))
                .collect(),
            exit: ExitStatus::of_status(level),
            headline_of: state.account.health.headline_of.filter(|_| own_headline),
        }
    }

    /// What the command's exit code says of it.
    pub fn exit_status(&self) -> ExitStatus {
        self.exit
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Idle => "note",
        Level::Good => "healthy",
        Level::Unknown => "unknown",
        Level::Busy => "changing",
        Level::Warn => "degraded",
        Level::Bad => "critical",
    }
}

fn subject(subject: &Subject) -> (&'static str, Option<String>) {
    match subject {
        Subject::Whole => ("party-box", None),
        Subject::Balancer(n) => ("load-balancer", Some(n.clone())),
        Subject::Service(n) => ("service", Some(n.clone())),
        Subject::Database(n) => ("database", Some(n.clone())),
        Subject::Image(n) => ("image", Some(n.clone())),
        Subject::Network => ("network", None),
        Subject::Certificate(n) => ("certificate", Some(n.clone())),
        Subject::Secret(n) => ("secret", Some(n.clone())),
    }
}

fn services(state: &State) -> Vec<ServiceOut> {
    let one = |node: &crate::domain::ServiceNode| {
        let s = node.service();
        let targets = |n: u32| (node.targets_known && !s.target_links.is_empty()).then_some(n);
        ServiceOut {
            name: s.name.clone(),
            status: s.status.clone(),
            desired: s.desired,
            running: s.running,
            pending: s.pending,
            healthy_targets: targets(node.healthy),
            registered_targets: targets(node.registered),
            draining_targets: targets(node.draining),
            judged_by: match node.judged_by() {
                JudgedBy::Targets => "targets",
                JudgedBy::Containers => "containers",
                JudgedBy::Running => "running",
            },
            healthy_tasks: (node.judged_by() == JudgedBy::Containers && node.tasks_known)
                .then_some(node.counts.healthy),
            target_groups: node.groups.iter().map(GroupOut::new).collect(),
            task_definition: s.task_definition.clone(),
            autoscaling: node.scaling.as_ref().map(|a| (a.min, a.max)),
            running_by_zone: node.zones.clone(),
            deployments: s
                .deployments
                .iter()
                .map(|d| DeploymentOut {
                    id: d.id.clone(),
                    status: d.status.clone(),
                    rollout_state: d.rollout_state.clone(),
                    rollout_reason: d.rollout_reason.clone(),
                    task_definition: d.task_definition.clone(),
                    desired: d.desired,
                    running: d.running,
                    pending: d.pending,
                    failed: d.failed,
                })
                .collect(),
            controller: if s.controller.is_empty() { "ECS".to_owned() } else { s.controller.clone() },
            scheduling: if s.scheduling.is_empty() { "REPLICA".to_owned() } else { s.scheduling.clone() },
            runs_on: s.runs_on(),
            task_sets: s
                .task_sets
                .iter()
                .map(|set| TaskSetOut {
                    id: set.id.clone(),
                    status: set.status.clone(),
                    stability: set.stability.clone(),
                    task_definition: set.task_definition.clone(),
                    desired: set.desired,
                    running: set.running,
                    pending: set.pending,
                    external_id: set.external_id.clone(),
                })
                .collect(),
        }
    };
    state.account.party_box.services.iter().map(one).collect()
}

fn databases(state: &State) -> Vec<DatabaseOut> {
    let one = |db: &crate::domain::Database| DatabaseOut {
        id: db.id.clone(),
        status: db.status.clone(),
        role: db.role(),
        engine: db.engine.clone(),
        engine_version: db.version.clone(),
        multi_az: db.multi_az,
        zone: db.zone.clone(),
        standby_zone: db.secondary_zone.clone(),
        replica_of: db.replica_of.clone(),
        backup_days: db.backup_days,
        encrypted: db.encrypted,
        public: db.public,
        latest_restorable: db.latest_restorable.map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        belongs: state.account.party_box.belongings.get(&db.id).map_or("unknown", Belonging::word),
        belongs_why: state
            .account
            .party_box
            .belongings
            .get(&db.id)
            .map(Belonging::reason)
            .unwrap_or_default(),
    };
    state.account.party_box.databases.iter().map(one).collect()
}

fn images(state: &State) -> Vec<ImageOut> {
    let one = |image: &crate::domain::ImageNode| {
        let (scan, findings) = match &image.scan {
            None => ("unknown".to_owned(), BTreeMap::new()),
            Some(Scan::Never) => ("never".to_owned(), BTreeMap::new()),
            Some(Scan::Unreadable(_)) => ("unreadable".to_owned(), BTreeMap::new()),
            Some(Scan::Index(_)) => ("index".to_owned(), BTreeMap::new()),
            Some(Scan::NotAsked(_)) => ("not-asked".to_owned(), BTreeMap::new()),
            Some(Scan::Done { status, counts, .. }) => (status.clone(), counts.clone()),
        };
        ImageOut {
            registry: image.host.clone(),
            repository: image.id.repository.clone(),
            tag: image.tag.clone(),
            digest: image.id.digest.clone(),
            used_by: image.used_by.clone(),
            scan,
            findings,
        }
    };
    state.account.party_box.images.iter().map(one).collect()
}

/// How healthy a service's tasks are, and by what: of several target groups each.
fn describe_targets(s: &ServiceOut) -> String {
    match (s.judged_by, s.healthy_tasks) {
        ("containers", Some(healthy)) => return format!("{healthy}/{} tasks healthy", s.running),
        ("containers", None) => return "tasks unknown".to_owned(),
        ("running", _) => return "no health check: running counts as up".to_owned(),
        _ => {}
    }
    let one = |group: &GroupOut| match (group.gone, group.healthy, group.registered) {
        (true, ..) => "target group gone".to_owned(),
        (_, Some(healthy), Some(registered)) => format!("{healthy}/{registered} targets healthy"),
        _ => "targets unknown".to_owned(),
    };
    match s.target_groups.as_slice() {
        [only] => one(only),
        groups => {
            let each: Vec<String> =
                groups.iter().map(|group| format!("{} in {}", one(group), group.name)).collect();
            each.join(", ")
        }
    }
}

/// The scans that could not be read though the images were.
fn unread_scans(state: &State) -> impl Iterator<Item = Unreadable> {
    state.account.store.iter().filter_map(|(_, slot)| match &slot.payload {
        Some(Payload::Image(Image { scan: Scan::Unreadable(why), .. })) => Some(Unreadable {
            action: "ecr:DescribeImageScanFindings".to_owned(),
            code: None,
            message: why.clone(),
        }),
        _ => None,
    })
}

/// The JSON, one object and a newline.
pub fn json(status: &Status) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(status)? + "\n")
}

/// The text, for a person.
pub fn text(status: &Status) -> String {
    let mut out = format!("{}: {}\n", status.health, status.headline);
    if status.services.is_empty() && status.databases.is_empty() {
        return out;
    }
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!(
        "{} in {} of account {}{}, {}",
        status.cluster.as_deref().unwrap_or("no cluster"),
        status.region,
        status.account.as_deref().unwrap_or("unknown"),
        if status.simulated { " (simulated)" } else { "" },
        status.taken_at
    ));
    for balancer in &status.load_balancers {
        line(format!("  load balancer {:<16} {}", balancer.name, balancer.state));
    }
    for s in &status.services {
        let targets = describe_targets(s);
        let wanted = if s.scheduling == "DAEMON" { "daemon".to_owned() } else { s.desired.to_string() };
        let on = if s.runs_on == "FARGATE" { String::new() } else { format!(", on {}", s.runs_on) };
        line(format!(
            "  service       {:<16} {}/{wanted} running, {targets}, {}{on}",
            s.name,
            s.running,
            short(&s.task_definition)
        ));
    }
    for db in &status.databases {
        let zone = match (&db.zone, &db.standby_zone) {
            (Some(zone), Some(standby)) => format!(", {zone}, standby in {standby}"),
            (Some(zone), None) => format!(", {zone}"),
            _ => String::new(),
        };
        line(format!("  database      {:<16} {} {}{zone}", db.id, db.role, db.status));
    }
    // One of them is the headline already, unless all is well.
    let rest = status.findings.iter().enumerate().filter(|(i, _)| status.headline_of != Some(*i));
    for (_, f) in rest {
        line(format!("  {:<9} {}", f.level, f.text));
    }
    if !status.unreadable.is_empty() {
        line(format!("  {} could not be read", plural(status.unreadable.len(), "thing")));
    }
    out
}
