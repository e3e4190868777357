//! The traffic of a service while a deployment shifts it.
use crate::world::World;
use crate::world::ecs::{Service, ServiceDeployment, ServiceDeploymentStatus, ServiceId, Stage};
use crate::world::elb::Action;

/// The deployment that shifts traffic which a service is in, unless it is being rolled back.
pub(crate) fn shifting_deployment(service: &Service) -> Option<&ServiceDeployment> {
    service.current().filter(|record| {
        record.configuration.strategy.shifts_traffic()
            && record.rollback.is_none()
            && matches!(
                record.status,
                ServiceDeploymentStatus::Pending
                    | ServiceDeploymentStatus::InProgress
                    | ServiceDeploymentStatus::RollbackRequested
                    | ServiceDeploymentStatus::StopRequested
            )
    })
}

/// The stage of the deployment that shifts traffic which a service is in.
pub(crate) fn shift_stage(service: &Service) -> Option<Stage> {
    shifting_deployment(service).map(|record| record.lifecycle_stage)
}

/// Sends all production traffic to a target group. A rolling service has but one, so nothing changes there.
pub(crate) fn turn_production_traffic(world: &mut World, service_id: ServiceId, group: &str) {
    let service = world.service_mut(service_id);
    let Some(advanced) = service.load_balancer.advanced.clone() else { return };
    group.clone_into(&mut service.serving_group_arn);
    turn_rule(world, &advanced.production_listener_rule, group, 100);
}

pub(crate) fn turn_test_traffic(world: &mut World, service_id: ServiceId, group: &str) {
    let advanced = world.service(service_id).load_balancer.advanced.as_ref();
    let Some(rule) = advanced.map(|advanced| advanced.test_listener_rule.clone()) else { return };
    turn_rule(world, &rule, group, 100);
}

/// Gives a target group this percentage of a rule's traffic, and the other one the rest.
pub(crate) fn turn_rule(world: &mut World, rule: &str, group: &str, percent: u32) {
    let Some(rule) = world.elb.rule_mut(rule) else { return };
    if let Action::Split { target_groups } = &mut rule.action {
        for (arn, weight) in target_groups {
            *weight = if arn == group { percent } else { 100 - percent };
        }
    }
}
