//! The plan to change the number of tasks.

use super::{PlanContext, account, common, counted_with, in_flight, node, pass, refused, room, warn};
use crate::diagnosis::plural;
use crate::domain::{FieldChange, Topic};
use crate::operation::{Action, Check, Confirm, Plan};

/// A plan to scale a service.
pub fn scale(ctx: PlanContext<'_>, service: &str, to: u32) -> Result<Plan, String> {
    let node = node(ctx, service)?;
    let it = node.service();
    let action = Action::Scale { cluster: ctx.cluster.into(), service: service.into(), from: it.desired, to };
    if let Some(why) = it.fixed_count() {
        return Ok(refused(ctx, it, format!("Scale {service}"), action, why));
    }
    if to == it.desired {
        return Err(format!("{service} already wants {}", plural(to as usize, "task")));
    }
    let mut checks: Vec<Check> = counted_with(it).into_iter().collect();
    checks.extend(common(ctx, &Topic::Services, "ecs:UpdateService"));
    checks.push(match &node.scaling {
        None => pass("no autoscaling registered: the number stays as you set it"),
        Some(s) if s.suspended => pass(format!("autoscaling {}-{} is suspended", s.min, s.max)),
        Some(s) if (s.min..=s.max).contains(&to) => {
            pass(format!("inside the autoscaling range {}-{}", s.min, s.max))
        }
        Some(s) if to > s.max => warn(format!(
            "above the autoscaling range {}-{}: the next scale-in drops it to {}; m moves the range, p suspends scaling",
            s.min, s.max, s.max
        )),
        Some(s) => warn(format!(
            "below the autoscaling range {}-{}: the next scale-out jumps to {}; m moves the range, p suspends scaling",
            s.min, s.max, s.min
        )),
    });
    checks.push(in_flight(it, "scaling now changes its task count"));
    if to > it.desired {
        checks.push(room(ctx, it, to - it.desired));
    }
    let mut consequences = vec![if to > it.desired {
        format!(
            "{} start; they serve once their health checks pass",
            plural((to - it.desired) as usize, "task")
        )
    } else {
        format!("{} drain their connections, then stop", plural((it.desired - to) as usize, "task"))
    }];
    if to == 0 {
        consequences.push(format!("nothing will serve {service} any more"));
    }
    Ok(Plan {
        title: format!("Scale {service}"),
        account: account(ctx),
        region: ctx.region.to_owned(),
        resource: it.arn.clone(),
        changes: vec![FieldChange::new("desired tasks", it.desired.to_string(), to.to_string())],
        request: format!("ecs:UpdateService cluster={} service={service} desiredCount={to}", ctx.cluster),
        consequences,
        checks,
        confirm: if to == 0 { Confirm::Type(service.to_owned()) } else { Confirm::Yes },
        action,
    })
}
