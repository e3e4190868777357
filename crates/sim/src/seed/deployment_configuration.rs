//! The deployment configuration of the services: rolling, or for `backend` as the account's rules say.
use super::{edge, role};
use crate::world::World;
use crate::world::ecs::{
    AdvancedConfiguration, DeploymentAlarms, DeploymentConfiguration, HookAction, PauseHook, Stage, Strategy,
};
use crate::world::rules::RolloutRules;

/// The deployment configuration of a service, and what it has beside its target group for shifting traffic;
/// that is added to the load balancer here.
pub(super) fn configure_deployments(
    world: &mut World,
    service: &str,
) -> (DeploymentConfiguration, Option<AdvancedConfiguration>) {
    let rolling = DeploymentConfiguration {
        minimum_healthy_percent: 100,
        maximum_percent: 200,
        breaker: true,
        rollback: true,
        strategy: Strategy::Rolling,
        steps: None,
        bake_minutes: 0,
        hooks: Vec::new(),
        alarms: None,
    };
    let RolloutRules { strategy, steps, bake_minutes, pause_minutes } = world.rules.rollout;
    if service != "backend" || !strategy.shifts_traffic() {
        return (rolling, None);
    }
    let pause = pause_minutes.map(|timeout_minutes| PauseHook {
        stages: vec![Stage::PostTestTrafficShift],
        timeout_minutes,
        action: HookAction::Rollback,
    });
    let (alternate_target_group_arn, test_listener_rule) = edge::add_test_listener(world);
    let configuration = DeploymentConfiguration {
        strategy,
        steps,
        bake_minutes,
        hooks: pause.into_iter().collect(),
        alarms: Some(DeploymentAlarms {
            names: vec!["party-box-alb-5xx".to_owned()],
            enable: true,
            rollback: true,
        }),
        ..rolling
    };
    let advanced = AdvancedConfiguration {
        alternate_target_group_arn,
        production_listener_rule: edge::production_rule(),
        test_listener_rule,
        role_arn: role("ecsInfrastructureRoleForLoadBalancers"),
    };
    (configuration, Some(advanced))
}
