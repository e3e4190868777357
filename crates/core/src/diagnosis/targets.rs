//! Findings about a service's targets and its tasks' health, target group by target group: a request that goes
//! to one group finds no help in another.

use super::{Condition, Finding, Subject, plural, zone_letter};
use crate::domain::{
    GroupHealth, GroupNode, JudgedBy, Late, Level, LoadBalancer, PartyBox, ServiceNode, TargetHealth,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with the targets of a service. `rolling`: the rollout's own sentence tells of those that are
/// sick.
pub(super) fn examine(node: &ServiceNode, party_box: &PartyBox, rolling: bool, findings: &mut Vec<Finding>) {
    if node.judged_by() != JudgedBy::Targets {
        examine_containers(node, rolling, findings);
        return;
    }
    for group in &node.groups {
        if group.gone {
            findings.push(describe_gone(node, group));
        } else if group.known {
            let view = GroupView { node, group, party_box };
            view.examine(rolling, findings);
        }
    }
    examine_late(node, findings);
}

/// The finding for a target group that does not exist. The tasks that run go on without it.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-load-balancers.html>
fn describe_gone(node: &ServiceNode, group: &GroupHealth) -> Finding {
    let name = &node.service().name;
    let end = if node.service().is_rolling() { ", the rollout will not end" } else { "" };
    let text = format!(
        "{name} names a target group that is gone ({}): its tasks cannot be registered{end}",
        group.name
    );
    finding(Condition::GroupGone.level(), node, text)
        .advise("create the group again, or update the service's load balancers")
}

fn finding(level: Level, node: &ServiceNode, text: String) -> Finding {
    Finding::new(level, Subject::Service(node.service().name.clone()), text)
}

/// One target group of a service, with what is needed to tell of it.
struct GroupView<'a> {
    node: &'a ServiceNode,
    group: &'a GroupHealth,
    party_box: &'a PartyBox,
}

impl<'a> GroupView<'a> {
    fn examine(&self, rolling: bool, findings: &mut Vec<Finding>) {
        let service = self.node.service();
        let add = |level: Level, text: String| finding(level, self.node, text);
        if self.group.serves_nobody() && service.running > 0 && service.desired > 0 {
            findings.push(add(Condition::Down.level(), self.describe_none()).advise("3 shows the targets"));
            return;
        }
        if self.group.fails_open() {
            findings.push(
                add(Condition::FailsOpen.level(), self.describe_fail_open()).advise("3 shows the targets"),
            );
        }
        if !rolling {
            for (why, count) in self.reasons(TargetHealth::fails) {
                let text = format!(
                    "{count} of {} targets of {} unhealthy: {why}",
                    self.group.registered,
                    self.name()
                );
                findings.push(add(Condition::Unhealthy.level(), text));
            }
        }
        let off = Condition::PartlyOff.level();
        let unused = self.reasons(TargetHealth::is_unused);
        let shifted = self.reasons(|t| t.is_shifted_away() && !t.drains());
        let shifted = shifted.into_iter().map(|(why, n)| (format!("a zonal shift is active; {why}"), n));
        for (why, count) in unused.into_iter().chain(shifted) {
            let (registered, name) = (self.group.registered, self.name());
            let gets = if count == 1 { "gets" } else { "get" };
            let text = format!("{count} of {registered} targets of {name} {gets} no requests: {why}");
            findings.push(add(off, text).advise("3 shows the targets"));
        }
        if self.group.anomalous > 0 {
            let mitigated =
                self.targets().filter(|t| t.anomaly.as_ref().is_some_and(|a| a.mitigated)).count();
            let fewer = if mitigated > 0 { ": the load balancer sends fewer requests there" } else { "" };
            let answers = if self.group.anomalous == 1 { "answers" } else { "answer" };
            let (count, all, name) = (self.group.anomalous, self.group.registered, self.name());
            let text = format!("{count} of {all} targets of {name} {answers} worse than the others{fewer}");
            findings.push(add(off, text).advise("3 shows the targets"));
        }
        for (state, count) in self.unknown_states() {
            let all = self.group.registered;
            let is = if count == 1 { "is" } else { "are" };
            findings.push(add(off, format!("{count} of {all} targets of {} {is} {state}", self.name())));
        }
    }

    /// The service; with the group's name where there are several, also two of which one waits.
    fn name(&self) -> String {
        let service = &self.node.service().name;
        if self.node.groups.len() > 1 || !self.group.alternates.is_empty() {
            format!("{service} in {}", self.group.name)
        } else {
            service.clone()
        }
    }

    /// The group that is judged; none until it was read.
    fn nodes(&self) -> impl Iterator<Item = &'a GroupNode> {
        self.party_box.group(&self.group.arn).into_iter()
    }

    fn targets(&self) -> impl Iterator<Item = &'a TargetHealth> {
        self.nodes().flat_map(|node| &node.targets)
    }

    fn balancers(&self) -> impl Iterator<Item = &'a LoadBalancer> {
        let party_box = self.party_box;
        let arns = self.nodes().flat_map(|node| &node.group.load_balancers);
        arns.filter_map(move |arn| party_box.balancers.iter().find(|b| b.arn == *arn))
    }

    /// No target serves: what becomes of the requests.
    fn describe_none(&self) -> String {
        let (group, name) = (self.group, self.name());
        if group.registered == 0 {
            return format!("No healthy target for {name}: none is registered, so requests find nobody");
        }
        if group.unused == group.registered {
            let why: Vec<String> = self.reasons(TargetHealth::is_unused).into_keys().collect();
            let all = plural(group.registered as usize, "target");
            return format!(
                "No healthy target for {name}: none of its {all} gets requests: {}",
                why.join("; ")
            );
        }
        let shifted = match group.shifted {
            0 => String::new(),
            n => format!(", {n} in a zone that is shifted away"),
        };
        format!(
            "No healthy target for {name} ({} registered{shifted}): the load balancer sends requests to {}",
            group.registered,
            if group.unused == 0 {
                "all of them".to_owned()
            } else {
                format!("all but {} unused", group.unused)
            }
        )
    }

    /// Too few healthy targets for the group's own minimum.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html>
    fn describe_fail_open(&self) -> String {
        let group = self.group;
        format!(
            "Only {} of {} targets of {} healthy; {}, so the load balancer sends requests to the sick ones too",
            group.healthy,
            group.registered,
            self.name(),
            group.minimum.words().unwrap_or_default()
        )
    }

    /// Why the targets are so, and how many for that reason.
    fn reasons(&self, is: impl Fn(&TargetHealth) -> bool) -> BTreeMap<String, u32> {
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        for target in self.targets().filter(|target| is(target)) {
            *found.entry(self.reason(target)).or_default() += 1;
        }
        found
    }

    /// Why a target is as it is. Of one that is unused, what is known better than by AWS's sentence: its zone
    /// is not enabled, or nothing uses its group.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html>
    fn reason(&self, target: &TargetHealth) -> String {
        let told = target.why().unwrap_or("no reason told").trim_end_matches('.').to_owned();
        if !target.is_unused() {
            return told;
        }
        let zone = self.zone_of(target);
        let mut balancers = self.balancers().peekable();
        let known = balancers.peek().is_some_and(|b| !b.zones.is_empty());
        match (target.reason.as_deref(), zone) {
            (Some("Target.NotInUse"), _) if self.nodes().all(|n| n.group.load_balancers.is_empty()) => {
                format!("no load balancer uses {}", self.group.name)
            }
            (Some("Target.NotInUse"), Some(zone))
                if known && !balancers.any(|b| b.zones.iter().any(|(own, _)| own == zone)) =>
            {
                format!("zone {} is not enabled for the load balancer", zone_letter(zone))
            }
            (Some("Target.InvalidState"), _) => format!("its instance is stopped or ended ({told})"),
            (Some("Target.IpUnusable"), _) => {
                format!("the load balancer itself uses the address {} ({told})", target.id)
            }
            _ => told,
        }
    }

    /// The zone of a target: its task's, or the one that the load balancer names.
    fn zone_of(&self, target: &'a TargetHealth) -> Option<&'a str> {
        let tasks = self.node.rows.iter().map(|row| self.node.task(row));
        let task = tasks.into_iter().find(|task| task.last_status != "STOPPED" && task.is_at(target));
        let told = target.zone.as_deref().filter(|zone| *zone != "all");
        task.and_then(|task| task.zone.as_deref()).or(told)
    }

    /// States whose word is new, and how many targets are in them.
    fn unknown_states(&self) -> BTreeMap<&'a str, u32> {
        let mut found = BTreeMap::new();
        for target in self.targets().filter(|target| !target.is_known()) {
            *found.entry(target.state.as_str()).or_default() += 1;
        }
        found
    }
}

/// Tasks that have run for longer than they need to be served, and are not.
fn examine_late(node: &ServiceNode, findings: &mut Vec<Finding>) {
    let count = |what: Late| node.rows.iter().filter(|row| row.late == Some(what)).count();
    let name = &node.service().name;
    let level = Condition::PartlyOff.level();
    let unregistered = count(Late::Unregistered);
    if unregistered > 0 {
        let groups: BTreeSet<&str> = node
            .rows
            .iter()
            .filter(|row| row.late == Some(Late::Unregistered))
            .flat_map(|row| row.targets.iter().filter(|it| it.target.is_none()))
            .map(|it| node.groups[it.group].name.as_str())
            .collect();
        let groups: Vec<&str> = groups.into_iter().collect();
        let text = format!(
            "{} of {name} {} no target in {}, after the grace period",
            plural(unregistered, "running task"),
            if unregistered == 1 { "has" } else { "have" },
            groups.join(" and ")
        );
        findings.push(finding(level, node, text).advise("2 shows the tasks; their events tell why"));
    }
    let initial = count(Late::FirstChecks);
    if initial > 0 {
        let text = format!(
            "{} of {name} still in {} first health checks, longer than those take",
            plural(initial, "target"),
            if initial == 1 { "its" } else { "their" }
        );
        findings.push(finding(level, node, text).advise("3 shows the targets"));
    }
}

/// A service without a target group is as healthy as its containers' own checks say.
fn examine_containers(node: &ServiceNode, rolling: bool, findings: &mut Vec<Finding>) {
    let name = &node.service().name;
    let (sick, healthy) = (node.counts.unhealthy, node.counts.healthy);
    if sick == 0 {
        return;
    }
    let all = sick + healthy + node.counts.running;
    if healthy == 0 && node.service().desired > 0 {
        let text = format!("No healthy task of {name}: the container health check of {sick} of {all} fails");
        findings.push(finding(Condition::Down.level(), node, text).advise("2 shows the tasks"));
    } else if !rolling {
        let text = format!("{sick} of {all} tasks of {name} unhealthy: their container health check fails");
        findings.push(finding(Condition::Unhealthy.level(), node, text).advise("2 shows the tasks"));
    }
}
