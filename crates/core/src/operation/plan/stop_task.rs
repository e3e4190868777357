//! The plan to stop one task; ECS replaces it.

use super::{PlanContext, blank, block, common, in_flight, node, pass, warn};
use crate::diagnosis::{plural, zone_letter};
use crate::domain::{FieldChange, TargetHealth, Topic};
use crate::operation::{Action, Plan};

/// A plan to stop a task of a service.
pub fn stop_task(ctx: PlanContext<'_>, service: &str, task: &str) -> Result<Plan, String> {
    let node = node(ctx, service)?;
    let it = node.service();
    let row = node.rows.iter().find(|row| node.task(row).id == task);
    let row = row.ok_or_else(|| format!("task {task} of {service} is not listed any more"))?;
    let seen = node.task(row);
    let action = Action::StopTask { cluster: ctx.cluster.into(), service: service.into(), task: task.into() };
    let mut plan = blank(ctx, it, format!("Stop a task of {service}"), action);
    plan.resource.clone_from(&seen.arn);
    plan.checks = common(ctx, &Topic::Tasks(service.to_owned()), "ecs:StopTask");
    let ends = seen.desired_status == "STOPPED" || seen.last_status == "STOPPED";
    plan.checks.push(if ends {
        block(format!("it is {} already", seen.last_status))
    } else {
        pass(format!("it is {}", seen.last_status))
    });
    let healthy = row.target.as_ref().is_some_and(TargetHealth::serves);
    let others = node.healthy.saturating_sub(u32::from(healthy));
    if !it.target_links.is_empty() {
        plan.checks.push(if others > 0 {
            pass(format!("{} stay", plural(others as usize, "healthy target")))
        } else {
            warn("no other target is healthy: nothing serves until the next one is")
        });
    }
    plan.checks.push(in_flight(it, "its tasks come and go anyway"));
    let zone = seen.zone.as_deref().map_or("?", zone_letter).to_owned();
    plan.changes = vec![
        FieldChange::new("task", seen.last_status.clone(), "STOPPED, replaced by a new one"),
        FieldChange::new("where", format!("{} in {zone}", seen.ip.as_deref().unwrap_or("no address")), "-"),
    ];
    plan.request =
        format!("ecs:StopTask cluster={} task={} reason=\"stopped by partybox-top\"", ctx.cluster, seen.arn);
    plan.consequences = vec![
        "its connections drain, then it stops; rooms in its memory end".to_owned(),
        "it cannot be called back; ECS starts another".to_owned(),
    ];
    Ok(plan)
}
