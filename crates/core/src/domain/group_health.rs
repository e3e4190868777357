//! How a service stands in each of its target groups. A service is as healthy as it is in the worst of them: the
//! requests of one group find no help in another.

use super::group_traffic::Registration;
use super::{
    Address, HealthMinimum, Service, Store, TargetGroup, TargetHealth, TargetLink, Task, Topic, short,
};
use std::cmp::Ordering;
use std::collections::HashMap;

/// One registration of a service: a target group and, where traffic is shifted between two, its alternate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupHealth {
    /// ARN of the target group that is judged: the one that gets the requests, of several the worst.
    pub arn: String,
    /// ARNs of the other groups between which its traffic is shifted: of a blue/green, linear or canary service
    /// the other one of its pair, those of the other task sets.
    pub alternates: Vec<String>,
    /// The target group's name, also where it could not be read: it is in the ARN.
    pub name: String,
    /// `ip`, `instance`, `lambda`, `alb`; empty until read.
    pub target_type: String,
    /// The container's port that is registered.
    pub port: u32,
    /// Whether the health of its targets is known. That of a group that is gone is.
    pub known: bool,
    /// Whether the target group does not exist: tasks cannot be registered, and a rollout does not end.
    pub gone: bool,
    /// Targets that get requests because they pass their checks.
    pub healthy: u32,
    /// Targets that do not drain.
    pub registered: u32,
    /// Targets that drain, those of the other groups as well.
    pub draining: u32,
    /// Targets that fail their checks.
    pub failing: u32,
    /// Targets in their first checks.
    pub initial: u32,
    /// Targets that get no request, whatever happens: see [`TargetHealth::is_unused`].
    pub unused: u32,
    /// Targets from which a zonal shift keeps requests.
    pub shifted: u32,
    /// Targets that answer worse than the others.
    pub anomalous: u32,
    /// Targets in a state whose word is new.
    pub unknown: u32,
    /// How many healthy targets it must have, or requests go to all of them.
    pub minimum: HealthMinimum,
}

/// How one task stands in one of its service's registrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskTarget {
    /// Index into [`super::ServiceNode::groups`].
    pub group: usize,
    /// Its target; `None`: the group does not know it.
    pub target: Option<TargetHealth>,
}

impl GroupHealth {
    /// All its target groups.
    pub fn arns(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.arn.as_str()).chain(self.alternates.iter().map(String::as_str))
    }

    /// Whether targets are registered and none of them serves.
    pub fn serves_nobody(&self) -> bool {
        self.known && self.healthy == 0
    }

    /// Whether the load balancer sends requests to all targets, healthy or not, as too few are healthy. Those
    /// that are unused get none even then.
    pub fn fails_open(&self) -> bool {
        let reachable = self.registered.saturating_sub(self.unused);
        self.known && reachable > 0 && self.minimum.is_missed(self.healthy, reachable)
    }

    /// The order of how bad they stand: the worst first.
    fn compare(&self, other: &Self) -> Ordering {
        let lacking = |group: &Self| i64::from(group.healthy) - i64::from(group.registered);
        let has_some = |group: &Self| !group.serves_nobody() || !group.known;
        let gone_first = other.gone.cmp(&self.gone);
        gone_first
            .then_with(|| has_some(self).cmp(&has_some(other)))
            .then_with(|| lacking(self).cmp(&lacking(other)))
    }

    /// The worst of several.
    pub fn worst(groups: &[Self]) -> Option<&Self> {
        groups.iter().filter(|group| group.known).min_by(|a, b| a.compare(b))
    }

    /// One registration, judged by the groups that get its requests: an empty one at rest is no fault, and a
    /// healthy one that gets none is no help.
    fn of(registration: &Registration<'_>, store: &Store) -> Self {
        let (link, all) = (registration.link, registration.arns());
        let one = |arn: &str| Self::of_group(arn, link.port, store);
        let mut this = if is_gone(store, &link.target_group_arn) {
            one(&link.target_group_arn)
        } else {
            let serving: Vec<Self> = registration.serving(store).iter().map(|arn| one(arn)).collect();
            let worst = Self::worst(&serving);
            let unread = serving.iter().find(|group| !group.known);
            let sure = worst.filter(|group| group.gone || group.serves_nobody());
            sure.or(unread).or(worst).cloned().unwrap_or_else(|| one(&link.target_group_arn))
        };
        this.alternates = all.iter().filter(|arn| **arn != this.arn).map(|arn| (*arn).to_owned()).collect();
        let drains =
            |arn: &String| store.target_health(arn).into_iter().flatten().filter(|t| t.drains()).count();
        let elsewhere: usize = this.alternates.iter().map(drains).sum();
        this.draining += u32::try_from(elsewhere).unwrap_or(u32::MAX);
        this
    }

    /// One target group alone.
    fn of_group(arn: &str, port: u32, store: &Store) -> Self {
        let group = store.target_groups().iter().find(|group| group.arn == arn);
        let gone = is_gone(store, arn);
        let targets = store.target_health(arn).filter(|_| !gone);
        let mut this = Self {
            arn: arn.to_owned(),
            name: group.map_or_else(|| name_of(arn).to_owned(), |g| g.name.clone()),
            target_type: group.map(|g| g.target_type.clone()).unwrap_or_default(),
            port,
            known: gone || targets.is_some(),
            gone,
            minimum: group.map(|g: &TargetGroup| g.routing_minimum).unwrap_or_default(),
            ..Self::default()
        };
        for target in targets.into_iter().flatten() {
            this.add(target);
        }
        this
    }

    fn add(&mut self, target: &TargetHealth) {
        self.healthy += u32::from(target.serves());
        self.registered += u32::from(!target.drains());
        self.draining += u32::from(target.drains());
        self.failing += u32::from(target.fails());
        self.initial += u32::from(target.state == "initial");
        self.unused += u32::from(target.is_unused());
        self.shifted += u32::from(target.is_shifted_away() && !target.drains());
        self.unknown += u32::from(!target.is_known());
        self.anomalous += u32::from(target.is_anomalous() && !target.drains());
    }
}

/// Whether a target group that something names does not exist.
fn is_gone(store: &Store, arn: &str) -> bool {
    store.is_gone(&Topic::TargetHealth(arn.to_owned()))
        || store.gone(&Topic::TargetGroups).any(|gone| gone == arn)
}

/// The name in a target group's ARN: `arn:...:targetgroup/NAME/ID`.
pub fn name_of(arn: &str) -> &str {
    let mut parts = arn.rsplit('/');
    parts.nth(1).unwrap_or_else(|| short(arn))
}

/// The registrations of a service, each once, with the health of their targets.
pub(super) fn join_groups(service: &Service, store: &Store) -> Vec<GroupHealth> {
    let links = &service.target_links;
    let first = |i: usize, link: &TargetLink| {
        !links[..i].iter().any(|l| l.target_group_arn == link.target_group_arn && l.port == link.port)
    };
    let each = links.iter().enumerate().filter(|(i, link)| first(*i, link));
    each.map(|(place, link)| GroupHealth::of(&Registration { service, place, link }, store)).collect()
}

/// The targets of a service's registrations, found by where they are.
pub(super) struct TargetIndex<'a> {
    /// Of each registration its targets by address and port.
    by_place: Vec<HashMap<(Address<'a>, u32), &'a TargetHealth>>,
    groups: &'a [GroupHealth],
}

impl<'a> TargetIndex<'a> {
    pub(super) fn new(groups: &'a [GroupHealth], store: &'a Store) -> Self {
        let by_place = groups.iter().map(|group| {
            let mut places: HashMap<(Address<'a>, u32), &TargetHealth> = HashMap::new();
            let read = group.arns().filter(|arn| !is_gone(store, arn));
            for target in read.filter_map(|arn| store.target_health(arn)).flatten() {
                let place = places.entry((target.address(), target.port)).or_insert(target);
                // A task that is in both groups of a pair serves if it does in one.
                if target.serves() {
                    *place = target;
                }
            }
            places
        });
        Self { by_place: by_place.collect(), groups }
    }

    /// How a task stands in each registration whose targets are known.
    pub(super) fn find(&self, task: &Task) -> Vec<TaskTarget> {
        let known = self.groups.iter().enumerate().filter(|(_, group)| group.known && !group.gone);
        known
            .map(|(index, group)| {
                let target = self.target(index, group, task).cloned();
                TaskTarget { group: index, target }
            })
            .collect()
    }

    fn target(&self, index: usize, group: &GroupHealth, task: &Task) -> Option<&'a TargetHealth> {
        let places = &self.by_place[index];
        if group.target_type == "instance" {
            let port = task.host_port(group.port)?;
            if let Some(id) = &task.ec2_instance {
                return places.get(&(Address::Name(id), port)).copied();
            }
            // Without the instance's id the port alone must tell, where it is one target's alone.
            let mut same = places.iter().filter(|((_, own), _)| *own == port);
            return same.next().filter(|_| same.next().is_none()).map(|(_, target)| *target);
        }
        task.addresses().find_map(|ip| match group.port {
            0 => places.iter().find(|((address, _), _)| *address == ip).map(|(_, target)| *target),
            port => places.get(&(ip, port)).copied(),
        })
    }
}
