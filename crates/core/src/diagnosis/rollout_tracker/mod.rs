//! Rollouts followed from reading to reading: what each waits for, why it fails, and how it ended.
//!
//! A rollout is identified by its service deployment's ARN, and its verdict is ECS's word for that very
//! deployment, cross checked with what else was read. Where an endpoint has no service deployments,
//! `deployments[]` and the events must do: such a verdict is marked as weak. "Stable" is never taken for
//! "deployed".

use serde::{Deserialize, Serialize};

mod by_deployments_list;
mod by_service_deployment;
mod by_task_sets;
mod expected_end;
mod failures;
mod model;
mod revision_sides;
#[cfg(test)]
mod tests;
mod waits;

pub use model::{FailureGroup, Rollout, RolloutVerdict, Side, StillOpen};
pub(super) use waits::placement_event;
pub use waits::{Wait, WaitKind};

use crate::domain::{
    ErrorKind, ImageReference, Level, PartyBox, ServiceContainer, ServiceNode, Store, Topic,
};
use chrono::{DateTime, TimeDelta, Utc};
use model::Memory;
use std::collections::BTreeMap;
use std::time::Duration;
use waits::{Draining, TargetKey};

/// Ended rollouts that are kept of each service.
const KEEP: usize = 6;
/// After this many failed reads in a row, service deployments are taken to be unavailable.
const TRIES: u32 = 5;
/// A rollout without an end after this time is reported as timed out: a PAUSE hook alone may wait for 1440
/// minutes.
const PATIENCE: TimeDelta = TimeDelta::hours(36);

/// All rollouts that are remembered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rollouts {
    all: BTreeMap<String, Rollout>,
    /// When the first reading came (server time): what began later is reported as news.
    begun: Option<DateTime<Utc>>,
    /// Since when targets drain, by service.
    #[serde(with = "crate::domain::pairs::inner")]
    draining: BTreeMap<String, Draining>,
    /// The last description of each failing target, by service and task id.
    sick: BTreeMap<String, BTreeMap<String, String>>,
    /// Until when somebody has seen how a service's rollouts ended, by service (server time).
    #[serde(default)]
    noted: BTreeMap<String, DateTime<Utc>>,
}

/// A rollout's verdict that was not known before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Service name.
    pub service: String,
    /// The rollout's id.
    pub id: String,
    /// How it ended.
    pub verdict: RolloutVerdict,
    /// How serious.
    pub level: Level,
    /// One sentence, without the service's name.
    pub text: String,
    /// Whether nothing was told of this rollout's end before: false when draining has become succeeded.
    pub first: bool,
}

/// A failed task whose log should be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogWanted {
    /// Task id.
    pub task: String,
    /// Its task definition's ARN, which names the log group.
    pub task_definition: String,
    /// The container that ended, when one did.
    pub container: Option<String>,
}

/// The data from which a service's rollouts are updated.
struct RolloutInput<'a> {
    store: &'a Store,
    node: &'a ServiceNode,
    now: DateTime<Utc>,
    begun: DateTime<Utc>,
    /// The endpoint has no service deployments.
    lacking: bool,
}

impl RolloutInput<'_> {
    /// When the newest reading of the services was asked for, monotonic.
    fn services_read(&self) -> Option<Duration> {
        self.store.slot(&Topic::Services).and_then(|s| s.taken)
    }

    /// Whether the services, the tasks and the targets were all asked for at or after a moment (monotonic);
    /// what was never read at all is not waited for.
    fn all_read_since(&self, moment: Duration) -> bool {
        let service = self.node.service();
        let since = |topic: Topic| {
            let slot = self.store.slot(&topic).filter(|slot| slot.payload.is_some());
            slot.is_none_or(|slot| slot.taken >= Some(moment))
        };
        since(Topic::Services)
            && since(Topic::Tasks(service.name.clone()))
            && service.target_groups().all(|arn| since(Topic::TargetHealth(arn.to_owned())))
    }

    /// When the newest reading of the service deployments was asked for: (monotonic, server).
    fn records_read(&self) -> Option<(Duration, DateTime<Utc>)> {
        let slot = self.store.slot(&Topic::ServiceDeployments(self.node.service().name.clone()))?;
        slot.taken.zip(slot.taken_at)
    }

    /// Whether every registration that the desired count asks for is healthy.
    fn targets_fit(&self) -> bool {
        self.node.has_healthy(self.node.service().desired)
    }
}

impl Rollouts {
    /// All rollouts, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Rollout> {
        self.all.values()
    }

    /// A rollout by its ARN or its `ecs-svc/...` id.
    pub fn find(&self, id: &str) -> Option<&Rollout> {
        self.all.get(id).or_else(|| self.all.values().find(|r| r.is(id)))
    }

    /// A service's rollouts, newest first.
    pub fn of(&self, service: &str) -> Vec<&Rollout> {
        let mut list: Vec<&Rollout> = self.all.values().filter(|r| r.service == service).collect();
        list.sort_by_key(|r| std::cmp::Reverse((r.created_at.unwrap_or(r.first_seen), r.first_seen)));
        list
    }

    /// A service's newest rollout.
    pub fn newest(&self, service: &str) -> Option<&Rollout> {
        self.of(service).into_iter().next()
    }

    /// A service's newest rollout that tells how it ended: of one that another took over, that one tells more.
    pub(super) fn last_end(&self, service: &str) -> Option<&Rollout> {
        let tells = |r: &&Rollout| !matches!(r.verdict, None | Some(RolloutVerdict::Superseded(_)));
        self.of(service).into_iter().find(tells)
    }

    /// Notes that somebody has seen how a service's rollouts ended so far.
    pub fn note(&mut self, service: &str, now: DateTime<Utc>) {
        self.noted.insert(service.to_owned(), now);
    }

    /// Whether somebody has seen what ended at this moment.
    pub fn is_noted(&self, service: &str, ended: DateTime<Utc>) -> bool {
        self.noted.get(service).is_some_and(|until| ended <= *until)
    }

    /// The rollout of a service that has no verdict at all yet.
    pub fn in_flight(&self, service: &str) -> Option<&Rollout> {
        self.of(service).into_iter().find(|r| r.verdict.is_none())
    }

    /// Whether something counts down now.
    pub fn counts_down(&self, now: DateTime<Utc>) -> bool {
        self.all.values().any(|r| r.waits.iter().any(|w| w.until.is_some_and(|until| until > now)))
    }

    /// The failed tasks whose logs are most useful: the newest of at most two reasons, of the rollout on the
    /// screen if it has any, else of one that fails now or failed lately.
    pub fn log_wanted(&self, focused: Option<&str>, now: DateTime<Utc>) -> Vec<LogWanted> {
        let lately =
            |r: &&Rollout| r.in_flight() || r.finished_at.is_some_and(|at| now - at < TimeDelta::hours(1));
        let failing = self.all.values().filter(|r| !r.failures.is_empty()).filter(lately);
        let first = failing.min_by_key(|r| {
            let age = std::cmp::Reverse(r.created_at.unwrap_or(r.first_seen));
            (focused != Some(r.service.as_str()), !r.in_flight(), age)
        });
        let Some(rollout) = first else { return Vec::new() };
        // What never started has written nothing.
        let wrote = |group: &&FailureGroup| {
            group.stop_code.as_deref() != Some("TaskFailedToStart") || !group.exits.is_empty()
        };
        let newest = rollout.failures.iter().filter(wrote).filter_map(|group| {
            let task = group.tasks.first()?;
            let failed = rollout.memory.failed.get(task)?;
            let container = failed.exits.iter().find(|(_, code)| *code != 0).or(failed.exits.first());
            Some(LogWanted {
                task: task.clone(),
                task_definition: failed.task_definition.clone(),
                container: container.map(|(name, _)| name.clone()),
            })
        });
        newest.take(2).collect()
    }

    /// The operator triggered a rollout: it is followed from here on, also before ECS lists it. `before` is
    /// the PRIMARY that it replaces, `sent` the monotonic time before which readings tell nothing of it.
    pub fn pin(&mut self, id: &str, service: &str, before: &str, at: DateTime<Utc>, sent: Duration) {
        let key = self.find(id).map_or_else(|| id.to_owned(), |r| r.id.clone());
        let rollout = self.all.entry(key).or_insert_with(|| Rollout {
            id: id.to_owned(),
            deployment: Some(id.to_owned()),
            service: service.to_owned(),
            status: "PENDING".to_owned(),
            first_seen: at,
            ..Rollout::default()
        });
        let memory: &mut Memory = &mut rollout.memory;
        if memory.pinned.is_none() {
            memory.pinned = Some(sent);
            memory.triggered = Some(at);
            memory.before = Some(before.to_owned());
            memory.live = true;
        }
    }

    /// Updates the rollouts of a service from the readings. Returns the verdicts that are new.
    pub fn observe(
        &mut self,
        store: &Store,
        party_box: &PartyBox,
        service: &str,
        now: DateTime<Utc>,
    ) -> Vec<News> {
        let begun = *self.begun.get_or_insert(now);
        let Some(node) = party_box.service(service) else { return Vec::new() };
        self.remember_targets(node, store, now);
        let topic = Topic::ServiceDeployments(service.to_owned());
        let lacking = store.payload(&topic).is_none()
            && store.failure(&topic).is_some_and(|f| {
                let never =
                    matches!(f.error.kind, ErrorKind::Unsupported | ErrorKind::Denied | ErrorKind::NotFound);
                never || f.count >= TRIES
            });
        let input = RolloutInput { store, node, now, begun, lacking };
        by_service_deployment::take_records(&mut self.all, &input);
        by_deployments_list::take_deployments(&mut self.all, &input);
        by_task_sets::take_sets(&mut self.all, &input);
        let peers = list_peers(&self.all, &input);
        let mut news = Vec::new();
        for rollout in self.all.values_mut().filter(|r| r.service == service) {
            let sick = self.sick.get(service);
            failures::note_failures(rollout, node, store, sick.unwrap_or(&BTreeMap::new()));
            note_other_image(rollout, node);
            if !rollout.in_flight() {
                continue;
            }
            let verdict = rollout_verdict(rollout, &input, &peers);
            if verdict.is_some() && verdict != rollout.verdict {
                let first = rollout.verdict.is_none();
                rollout.verdict = verdict;
                rollout.open = by_service_deployment::still_open(rollout, &input);
                news.extend(news_of_end(rollout, first));
            }
            if rollout.verdict.as_ref().is_some_and(RolloutVerdict::is_final) {
                rollout.waits.clear();
                rollout.eta = None;
                rollout.open = None;
            } else {
                let draining = self.draining.get(service);
                let empty = Draining::new();
                rollout.waits = waits::list_waits(rollout, node, store, draining.unwrap_or(&empty), now);
                rollout.open = by_service_deployment::still_open(rollout, &input);
                rollout.eta = expected_end::expected_end(rollout, &input);
            }
        }
        self.forget(service);
        news
    }

    /// Since when targets drain, and what was said of sick ones: readings show only the present.
    fn remember_targets(&mut self, node: &ServiceNode, store: &Store, now: DateTime<Utc>) {
        let name = &node.service().name;
        let known = self.draining.remove(name).unwrap_or_default();
        let mut draining = Draining::new();
        for arn in node.service().target_groups() {
            let seen =
                store.slot(&Topic::TargetHealth(arn.to_owned())).and_then(|s| s.taken_at).unwrap_or(now);
            for target in store.target_health(arn).unwrap_or_default().iter().filter(|t| t.drains()) {
                let key = TargetKey { group: arn.to_owned(), id: target.id.clone(), port: target.port };
                let stopping = node.rows.iter().find_map(|row| {
                    let task = node.task(row);
                    task.stopping_at.filter(|_| task.is_at(target))
                });
                let since = known.get(&key).copied().unwrap_or(seen);
                // The task began to stop when its target was deregistered.
                draining.insert(key, stopping.map_or(since, |at| at.min(since)));
            }
        }
        self.draining.insert(name.clone(), draining);
        let sick = self.sick.entry(name.clone()).or_default();
        sick.retain(|id, _| node.rows.iter().any(|row| node.task(row).id == *id));
        for row in &node.rows {
            let Some(target) = row.target.as_ref().filter(|t| t.is_unhealthy()) else {
                continue;
            };
            if let Some(text) = target.why() {
                sick.insert(node.task(row).id.clone(), text.to_owned());
            }
        }
    }

    /// Keeps the newest few that ended, and all that have not.
    fn forget(&mut self, service: &str) {
        let old: Vec<String> = self
            .of(service)
            .into_iter()
            .filter(|r| !r.in_flight())
            .skip(KEEP)
            .map(|r| r.id.clone())
            .collect();
        for id in old {
            self.all.remove(&id);
        }
    }
}

/// (id, when it was asked for) of every deployment of a service that is known.
fn list_peers(all: &BTreeMap<String, Rollout>, input: &RolloutInput<'_>) -> Vec<(String, DateTime<Utc>)> {
    let service = input.node.service();
    let records = input.store.deployments(&service.name).unwrap_or_default();
    let mut list: Vec<(String, DateTime<Utc>)> =
        records.iter().filter_map(|r| Some((r.arn.clone(), r.created_at?))).collect();
    let tracked = all.values().filter(|r| r.service == service.name);
    list.extend(tracked.filter_map(|r| Some((r.id.clone(), r.created_at?))));
    list
}

fn rollout_verdict(
    rollout: &Rollout,
    input: &RolloutInput<'_>,
    peers: &[(String, DateTime<Utc>)],
) -> Option<RolloutVerdict> {
    let by_sets = !input.node.service().deployed_by().is_ecs();
    let verdict = if by_sets && !rollout.id.starts_with("arn:") {
        by_task_sets::verdict_by_sets(rollout, input)
    } else if rollout.id.starts_with("arn:") {
        by_service_deployment::verdict_by_record(rollout, input, peers)
    } else if rollout.weak {
        by_deployments_list::verdict_by_list(rollout, input)
    } else {
        None
    };
    verdict.or_else(|| (input.now - rollout.since() > PATIENCE).then_some(RolloutVerdict::TimedOut))
}

/// The news of a rollout's end; none when it ended before the program started.
fn news_of_end(rollout: &Rollout, first: bool) -> Option<News> {
    let verdict = rollout.verdict.clone()?;
    if !rollout.memory.live {
        return None;
    }
    let mut text = rollout.sentence();
    if rollout.weak {
        text.push_str("; told by deployments[] alone");
    }
    Some(News {
        service: rollout.service.clone(),
        id: rollout.id.clone(),
        level: verdict.level(),
        verdict,
        text,
        first,
    })
}

/// Fills in what is known of a task definition and the tasks that run it.
fn fill_side(side: &mut Side, input: &RolloutInput<'_>, deployment: Option<&str>) {
    let service = input.node.service();
    let revision = side.revision.as_ref().and_then(|arn| input.store.revision(&service.name, arn));
    if let Some(revision) = revision {
        side.task_definition.clone_from(&revision.task_definition);
    }
    let definition = input.store.task_definition(&side.task_definition);
    let container = match definition {
        Some(definition) => ServiceContainer::of(service, Some(definition)),
        None => input.node.container.clone(),
    };
    let image = revision.and_then(|r| container.find(&r.images, |image| &image.container));
    if let Some(image) = image {
        side.tag = ImageReference::parse(&image.reference).tag.or(side.tag.take());
        side.digest = image.digest.clone().or(side.digest.take());
    }
    if side.tag.is_none()
        && let Some(found) = definition.and_then(|d| container.find(&d.containers, |c| &c.name))
    {
        side.tag = ImageReference::parse(&found.image).tag;
    }
    if side.digest.is_none()
        && let Some(counts) = deployment.and_then(|id| input.node.by_deployment.get(id))
    {
        side.digest.clone_from(&counts.digest);
    }
}

/// Whether a running task of the rollout has another digest than its revision names.
fn note_other_image(rollout: &mut Rollout, node: &ServiceNode) {
    let (Some(own), Some(meant)) = (&rollout.deployment, &rollout.to.digest) else { return };
    let other = node.rows.iter().find_map(|row| {
        let task = node.task(row);
        let digest = row.digest.as_ref()?;
        let ours = task.started_by.as_ref() == Some(own) && task.last_status == "RUNNING";
        (ours && digest != meant).then(|| (task.id.clone(), digest.clone()))
    });
    rollout.other_image = other;
}
