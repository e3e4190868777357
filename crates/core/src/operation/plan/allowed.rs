//! What a service's deployment controller and its scheduling allow. It is asked before every other check, and
//! before there is a deployment to look at: `CodeDeploy`'s services have none.

use super::{PlanContext, blank, block, pass, warn};
use crate::domain::{Controller, Service};
use crate::operation::{Action, Check, Plan};

/// A plan that AWS would refuse: why, and nothing else to weigh.
pub(super) fn refused(
    ctx: PlanContext<'_>,
    service: &Service,
    title: String,
    action: Action,
    why: String,
) -> Plan {
    let call = action.call();
    let mut plan = blank(ctx, service, title, action);
    plan.checks.push(block(why));
    plan.request = format!("nothing: {call} does not do this to such a service");
    plan
}

/// What a service runs now and a new deployment would replace: the deployment's id and its task definition.
pub(super) fn replaceable(service: &Service) -> Result<(String, String), String> {
    if let Some(primary) = service.primary() {
        return Ok((primary.id.clone(), primary.task_definition.clone()));
    }
    match (service.primary_set(), service.deployed_by()) {
        (_, Controller::Ecs) => Err(format!("{} has no PRIMARY deployment to replace", service.name)),
        (Some(set), _) => Ok((set.id.clone(), set.task_definition.clone())),
        (None, _) => Ok((String::new(), service.task_definition.clone())),
    }
}

/// Who deploys a service whose number of tasks is to be changed; `None` where that is ECS, of which nobody
/// asks.
pub(super) fn counted_with(service: &Service) -> Option<Check> {
    Some(match service.deployed_by() {
        Controller::Ecs => return None,
        controller @ Controller::CodeDeploy => {
            pass(format!("deployments are controlled by {}; the number of tasks is ECS's", controller.name()))
        }
        controller @ Controller::External => warn(format!(
            "deployments are controlled by {}: each task set takes its part of the number",
            controller.name()
        )),
        controller @ Controller::Other(_) => warn(format!(
            "deployments are controlled by {}: whether ECS changes the number of tasks is not known here",
            controller.name()
        )),
    })
}
