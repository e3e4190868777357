//! The plan to change the autoscaling range, or to suspend or resume scaling.

use super::{PlanContext, blank, common, node, pass, refused, warn};
use crate::domain::{FieldChange, Scaling, ScalingRange, Topic};
use crate::operation::{Action, Plan};

/// A plan to move the autoscaling range of a service, or to suspend or resume scaling.
pub fn range(ctx: PlanContext<'_>, service: &str, to: ScalingRange) -> Result<Plan, String> {
    let node = node(ctx, service)?;
    let it = node.service();
    let scaling = node.scaling.as_ref();
    if let Some(why) = it.unscalable() {
        let from = scaling.map_or(to, Scaling::range);
        let action = Action::Range { cluster: ctx.cluster.into(), service: service.into(), from, to };
        return Ok(refused(ctx, it, format!("Autoscaling of {service}"), action, why));
    }
    let scaling = scaling.ok_or_else(|| format!("{service} is not registered for autoscaling"))?;
    let from = scaling.range();
    let ScalingRange { min, max, suspended } = to;
    if min > max {
        return Err(format!("the lower bound {min} is above the upper one {max}"));
    }
    if from == to {
        return Err(format!("the range of {service} is {min}-{max} already"));
    }
    let action = Action::Range { cluster: ctx.cluster.into(), service: service.into(), from, to };
    let mut plan = blank(ctx, it, format!("Autoscaling of {service}"), action);
    let call = "application-autoscaling:RegisterScalableTarget";
    plan.resource.clone_from(&scaling.resource_id);
    plan.checks = common(ctx, &Topic::Scaling, call);
    let wanted = it.desired;
    plan.checks.push(if suspended {
        warn(format!(
            "scaling is suspended: nothing follows the load; {wanted} tasks stay until you resume it"
        ))
    } else if (min..=max).contains(&wanted) {
        pass(format!("the {wanted} tasks that are wanted now lie inside it"))
    } else if wanted > max {
        warn(format!("{wanted} tasks are wanted now: the next scale-in drops them to {max}"))
    } else {
        warn(format!("{wanted} tasks are wanted now: the next scale-out jumps to {min}"))
    });
    if min == 0 && scaling.min > 0 {
        plan.checks.push(warn("the lower bound 0 lets autoscaling stop the last task"));
    }
    let policies: Vec<&str> = scaling.policies.iter().map(|policy| policy.name.as_str()).collect();
    plan.checks.push(if policies.is_empty() {
        pass("no scaling policy acts within it")
    } else {
        pass(format!("policies that act within it: {}", policies.join(", ")))
    });
    // Only what changes is sent.
    let word = |suspended: bool| if suspended { "suspended" } else { "active" };
    let mut sent = Vec::new();
    if min != from.min {
        plan.changes.push(FieldChange::new("lower bound", from.min.to_string(), min.to_string()));
        sent.push(format!("minCapacity={min}"));
    }
    if max != from.max {
        plan.changes.push(FieldChange::new("upper bound", from.max.to_string(), max.to_string()));
        sent.push(format!("maxCapacity={max}"));
    }
    if suspended != from.suspended {
        plan.changes.push(FieldChange::new("scaling", word(from.suspended), word(suspended)));
        sent.push(format!(
            "suspendedState={{dynamicScalingInSuspended={suspended}, dynamicScalingOutSuspended={suspended}, \
             scheduledScalingSuspended={suspended}}}"
        ));
    }
    plan.request = format!(
        "{call} serviceNamespace=ecs resourceId={} scalableDimension=ecs:service:DesiredCount {}",
        scaling.resource_id,
        sent.join(" ")
    );
    plan.consequences = vec![if suspended {
        "CPU and schedules change the number of tasks no more".to_owned()
    } else {
        format!("autoscaling keeps {service} between {min} and {max} tasks")
    }];
    Ok(plan)
}
