//! Findings about tasks that lack and why, about who runs a service and on what, and about states that are not
//! known here.

use super::{Condition, Finding, Subject, find_reason, keeps_from_starting, plural};
use crate::domain::{Controller, Level, Service, ServiceNode, Store, TaskLife, Topic, short};
use std::collections::BTreeMap;

/// Adds the findings about a service's missing tasks.
pub(super) fn examine_lack(node: &ServiceNode, condition: Condition, findings: &mut Vec<Finding>) {
    let service = node.service();
    let name = &service.name;
    let finding = |level, text: String| Finding::new(level, Subject::Service(name.clone()), text);
    let rolling = service.is_rolling();
    if condition == Condition::ScaledToZero {
        findings.push(if service.is_daemon() {
            finding(condition.level(), format!("{name} is a daemon that no instance fits: nothing runs it"))
                .advise("add an instance to the cluster")
        } else {
            finding(condition.level(), format!("{name} is scaled to zero: nothing serves it"))
                .advise("s scales it up")
        });
        return;
    }
    let reason = find_reason(node);
    let because = |text: String| match &reason {
        Some(reason) => format!("{text}: {}", reason.cause),
        None => text,
    };
    if service.running == 0 {
        let text = because(format!("{name} has no running task; {} wanted", service.desired));
        let advice = reason.as_ref().map_or("2 shows why tasks stop", |reason| reason.advice());
        findings.push(finding(Condition::Down.level(), text).advise(advice));
    } else if service.running < service.desired && !rolling {
        let stuck = keeps_from_starting(node);
        let way = match (&stuck, service.pending) {
            (Some(_), 0) => "the others do not start".to_owned(),
            (_, pending) => format!("{pending} on their way"),
        };
        let text = because(format!("{name} runs {} of {} tasks; {way}", service.running, service.desired));
        findings.push(match &stuck {
            Some(reason) => finding(Condition::NotStarting.level(), text).advise(reason.advice()),
            None => finding(Condition::Starting.level(), text),
        });
    } else if rolling && let Some(reason) = keeps_from_starting(node) {
        let text = format!("{name}: its rollout waits and may not end by itself: {}", reason.cause);
        findings.push(finding(Condition::NotStarting.level(), text).advise(reason.advice()));
    } else if !rolling && let Some(reason) = reason.filter(|reason| reason.kind.keeps_from_starting()) {
        let text = format!("{name} runs what is wanted, but is not steady: {}", reason.cause);
        findings.push(finding(Level::Idle, text).advise(reason.advice()));
    }
}

/// Adds the findings about who runs a service and on what, and about states that are not known here.
pub(super) fn examine_runner(store: &Store, node: &ServiceNode, findings: &mut Vec<Finding>) {
    let service = node.service();
    let name = &service.name;
    let mut add = |level, text: String, advice: &str| {
        findings.push(Finding::new(level, Subject::Service(name.clone()), text).advise(advice));
    };
    if let Controller::Other(word) = service.deployed_by() {
        let text = format!("{name} is deployed by {word}, which is not known here");
        add(Level::Warn, text, "look at its deployments in the console");
    }
    if service.uses_spot() {
        let text = format!(
            "{name} runs on {}: AWS may stop its Spot tasks at two minutes' notice",
            service.runs_on()
        );
        add(Level::Idle, text, "a base on FARGATE keeps some tasks");
    }
    for set in service.task_sets.iter().filter(|set| set.level() == Level::Warn) {
        let text =
            format!("a task set of {name} is {} {}, which is not known here", set.status, set.stability);
        add(Level::Warn, text, "look at it in the console");
    }
    for (word, count) in unknown_states(node) {
        let text =
            format!("{} of {name} in the state {word}, which is not known here", plural(count, "task"));
        add(Level::Warn, text, "look at it in the console");
    }
    let apart =
        node.rows.iter().map(|row| node.task(row)).filter(|task| !task.is_over() && task.is_out_of_touch());
    let apart = apart.count();
    if apart > 0 {
        let text = format!(
            "{} of {name} on instances whose agent ECS does not hear: their state is the last one known",
            plural(apart, "task")
        );
        add(Level::Warn, text, "look at the instances and their agents");
    }
    examine_definition(store, service, &mut add);
}

/// A task definition that is withdrawn: what runs goes on with it.
fn examine_definition(store: &Store, service: &Service, add: &mut impl FnMut(Level, String, &str)) {
    let name = short(&service.task_definition);
    if store.is_gone(&Topic::TaskDefinition(service.task_definition.clone())) {
        let text = format!("{name} of {} does not exist: no task of it can be started", service.name);
        add(Level::Warn, text, "deploy a task definition that exists");
        return;
    }
    let Some(definition) = store.task_definition(&service.task_definition) else { return };
    if !definition.is_withdrawn() {
        return;
    }
    let level = if definition.status == "INACTIVE" { Level::Idle } else { Level::Warn };
    let text = format!(
        "{name} of {} is {}: its tasks go on and are replaced, but it may be deleted",
        service.name, definition.status
    );
    add(level, text, "register it anew, and deploy that: r");
}

/// States of tasks that are not known, and how many tasks are in each.
fn unknown_states(node: &ServiceNode) -> BTreeMap<&str, usize> {
    let mut states = BTreeMap::new();
    for row in &node.rows {
        let task = node.task(row);
        if task.life() == TaskLife::Unknown {
            *states.entry(task.last_status.as_str()).or_default() += 1;
        }
    }
    states
}
