//! Plans to roll back or to continue: stop a rollout, answer its hook, return to an earlier revision.

use super::{
    PlanContext, age, blank, block, common, containers, controller, node, pass, refused, replaceable,
    replaced, rollout_checks, warn,
};
use crate::diagnosis::{Rollout, format_span, plural};
use crate::domain::{FieldChange, Hook, ServiceNode, Topic, short};
use crate::operation::{Action, Check, Plan};

/// A plan to roll back: in flight, the rollout is stopped or its hook answered; afterwards, the service goes
/// back to the revision before.
pub fn roll_back(ctx: PlanContext<'_>, service: &str) -> Result<Plan, String> {
    let node = node(ctx, service)?;
    if node.service().deployed_elsewhere().is_some() {
        return revert(ctx, service, &node.service().task_definition);
    }
    let Some(rollout) = ctx.rollouts.in_flight(service) else {
        let to = previous(ctx, node)?;
        return revert(ctx, service, &to);
    };
    if rollout.rolling_back {
        return Err(format!("{service} is rolling back already"));
    }
    if let Some(hook) = &rollout.hook {
        return Ok(answer(ctx, node, rollout, hook, false));
    }
    if rollout.can_stop() {
        return Ok(stop(ctx, node, rollout));
    }
    if rollout.id.starts_with("arn:") {
        return Err(format!("the rollout of {service} is {}: ECS stops it no more", rollout.status));
    }
    if !rollout.weak {
        return Err(format!("ECS does not list the new deployment of {service} yet: a moment"));
    }
    // Without service deployments there is nothing to stop: what is being replaced is deployed anew.
    let before = rollout.from.as_ref().map(|side| side.task_definition.clone());
    let to = before.filter(|arn| !arn.is_empty() && *arn != rollout.to.task_definition);
    let to = to.ok_or_else(|| format!("what {service} ran before is not known: choose an image with r"))?;
    revert(ctx, service, &to)
}

/// Makes the plan to continue a rollout that its PAUSE hook holds.
pub fn proceed(ctx: PlanContext<'_>, service: &str) -> Result<Plan, String> {
    let node = node(ctx, service)?;
    let held = ctx.rollouts.in_flight(service).and_then(|r| Some((r, r.hook.as_ref()?)));
    let (rollout, hook) = held.ok_or_else(|| format!("no rollout of {service} waits for an answer"))?;
    Ok(answer(ctx, node, rollout, hook, true))
}

fn deployments(node: &ServiceNode) -> Topic {
    Topic::ServiceDeployments(node.service().name.clone())
}

/// Checks that what the rollout would replace still runs.
fn standing(ctx: PlanContext<'_>, node: &ServiceNode, rollout: &Rollout) -> Check {
    let topic = Topic::Tasks(node.service().name.clone());
    let other = |id: &&String| Some(id.as_str()) != rollout.deployment.as_deref();
    let old: u32 =
        node.by_deployment.iter().filter(|(id, _)| other(id)).map(|(_, counts)| counts.healthy).sum();
    let age = age(ctx, &topic);
    if old > 0 {
        pass(format!("{} still healthy{age}", plural(old as usize, "old task")))
    } else {
        warn(format!("no old task is left: they are started anew{age}"))
    }
}

fn sides(rollout: &Rollout) -> (String, String) {
    let from = rollout.from.as_ref().map_or("the revision before", |side| side.name());
    (rollout.to.name().to_owned(), from.to_owned())
}

fn stop(ctx: PlanContext<'_>, node: &ServiceNode, rollout: &Rollout) -> Plan {
    let it = node.service();
    let action = Action::StopRollout {
        cluster: ctx.cluster.into(),
        service: it.name.clone(),
        deployment: rollout.id.clone(),
    };
    let mut plan = blank(ctx, it, format!("Roll {} back", it.name), action);
    plan.checks = common(ctx, &deployments(node), "ecs:StopServiceDeployment");
    plan.checks.push(controller(it));
    let status = rollout.status.as_str();
    plan.checks
        .push(pass(format!("the rollout is {status}, {} old", format_span(ctx.now - rollout.since()))));
    plan.checks.push(standing(ctx, node, rollout));
    let (to, from) = sides(rollout);
    plan.changes =
        vec![FieldChange::new("revision", to, from), FieldChange::new("rollout", status, "stopped")];
    plan.request = format!("ecs:StopServiceDeployment serviceDeploymentArn={} stopType=ROLLBACK", rollout.id);
    plan.consequences =
        vec!["new tasks drain and stop; ECS brings the revision before back to its full number".to_owned()];
    plan
}

fn answer(ctx: PlanContext<'_>, node: &ServiceNode, rollout: &Rollout, hook: &Hook, go_on: bool) -> Plan {
    let it = node.service();
    let id = hook.id.clone().unwrap_or_default();
    let action = Action::Continue {
        cluster: ctx.cluster.into(),
        service: it.name.clone(),
        deployment: rollout.id.clone(),
        hook: id.clone(),
        go_on,
    };
    let title = if go_on { "Continue the rollout of" } else { "Roll back at the hook" };
    let mut plan = blank(ctx, it, format!("{title} {}", it.name), action);
    plan.checks = common(ctx, &deployments(node), "ecs:ContinueServiceDeployment");
    let stage = rollout.stage.as_deref().unwrap_or("its stage");
    plan.checks.push(match hook.expires_at.map(|at| at - ctx.now) {
        Some(left) if left.num_seconds() <= 0 => block(format!("the hook at {stage} has timed out")),
        Some(left) => pass(format!("the hook at {stage} awaits an answer for {} more", format_span(left))),
        None => pass(format!("the hook at {stage} awaits an answer")),
    });
    if go_on {
        plan.checks.push(match rollout.failures.first() {
            Some(group) => warn(format!("tasks of it failed: {} x {}", group.count, group.words())),
            None => pass("no task of it has failed"),
        });
        if let Some(alarms) = rollout.alarms.as_ref().filter(|a| !a.triggered.is_empty()) {
            plan.checks.push(warn(format!("alarms are firing: {}", alarms.triggered.join(", "))));
        }
    } else {
        plan.checks.push(standing(ctx, node, rollout));
    }
    let (to, from) = sides(rollout);
    let word = if go_on { "CONTINUE" } else { "ROLLBACK" };
    plan.changes = if go_on {
        vec![FieldChange::new("hook", "AWAITING_ACTION", "continued")]
    } else {
        vec![
            FieldChange::new("revision", to, from),
            FieldChange::new("hook", "AWAITING_ACTION", "rolled back"),
        ]
    };
    plan.request = format!(
        "ecs:ContinueServiceDeployment serviceDeploymentArn={} hookId={id} action={word}",
        rollout.id
    );
    plan.consequences = vec![if go_on {
        format!("the rollout goes on after {stage}")
    } else {
        "ECS goes back to the revision before".to_owned()
    }];
    plan
}

/// A plan to go back to a task definition, or to any other that is registered.
pub fn revert(ctx: PlanContext<'_>, service: &str, to: &str) -> Result<Plan, String> {
    let it = node(ctx, service)?.service();
    let (primary, from) = replaceable(it)?;
    let action = Action::Revert {
        cluster: ctx.cluster.into(),
        service: service.into(),
        primary: primary.clone(),
        to: to.into(),
    };
    if let Some(why) = it.deployed_elsewhere() {
        return Ok(refused(ctx, it, format!("Go back with {service}"), action, why));
    }
    if from == to {
        return Err(format!("{service} runs {} already", short(to)));
    }
    let mut plan = blank(ctx, it, format!("Go back with {service}"), action);
    plan.checks = common(ctx, &Topic::Services, "ecs:UpdateService");
    plan.checks.extend(rollout_checks(ctx, it));
    plan.checks.push(proven(ctx, service, to));
    plan.checks.extend(containers::can_be_pulled(ctx, service, to));
    plan.changes = vec![
        FieldChange::new("revision", short(&from), short(to)),
        FieldChange::new("deployment", primary, "a new one"),
    ];
    plan.request = format!("ecs:UpdateService cluster={} service={service} taskDefinition={to}", ctx.cluster);
    plan.consequences = vec![
        replaced(it),
        "a tag in that revision is resolved anew: its image may have moved since".to_owned(),
    ];
    Ok(plan)
}

/// Checks whether that revision was ever rolled out successfully.
fn proven(ctx: PlanContext<'_>, service: &str, to: &str) -> Check {
    let topic = Topic::ServiceDeployments(service.to_owned());
    let records = ctx.store.deployments(service).unwrap_or_default();
    let success = records.iter().filter(|r| r.status == "SUCCESSFUL").find(|r| {
        let revision = r.target.as_ref().and_then(|t| ctx.store.revision(service, &t.arn));
        revision.is_some_and(|revision| revision.task_definition == to)
    });
    match success.and_then(|r| r.finished_at) {
        Some(at) => {
            pass(format!("{} came up {} ago{}", short(to), format_span(ctx.now - at), age(ctx, &topic)))
        }
        None => warn(format!("ECS remembers no success of {}{}", short(to), age(ctx, &topic))),
    }
}

/// The task definition of the newest earlier successful rollout that ran another one.
fn previous(ctx: PlanContext<'_>, node: &ServiceNode) -> Result<String, String> {
    let it = node.service();
    let name = &it.name;
    let now = it.primary().map_or(it.task_definition.as_str(), |p| p.task_definition.as_str());
    let records = ctx.store.deployments(name).unwrap_or_default();
    let mut earlier = records
        .iter()
        .filter(|r| r.status == "SUCCESSFUL")
        .filter_map(|r| ctx.store.revision(name, &r.target.as_ref()?.arn))
        .map(|revision| revision.task_definition.as_str());
    if let Some(found) = earlier.clone().find(|arn| *arn != now) {
        return Ok(found.to_owned());
    }
    // Where ECS has no records: what was seen to be replaced.
    let seen = ctx.rollouts.of(name).into_iter().filter(|r| r.to.task_definition == now);
    let mut before = seen.filter_map(|r| r.from.as_ref()).map(|side| side.task_definition.as_str());
    if let Some(found) = before.find(|arn| !arn.is_empty() && *arn != now) {
        return Ok(found.to_owned());
    }
    Err(if earlier.next().is_some() {
        format!(
            "{name} ran {} each time before: a moved tag is not rolled back by it; r chooses an image",
            short(now)
        )
    } else {
        format!("what {name} ran before is not known: r chooses an image")
    })
}
