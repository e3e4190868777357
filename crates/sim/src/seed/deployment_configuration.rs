//! How the services deploy: as the estate says, and the main one as the account's rules say.
use super::{edge, role};
use crate::estate::{Estate, ServicePart};
use crate::world::World;
use crate::world::ecs::{
    AdvancedConfiguration, DeploymentAlarms, DeploymentConfiguration, HookAction, PauseHook, Stage, Strategy,
    Threshold,
};
use crate::world::rules::RolloutRules;

/// Minutes that `CodeDeploy` leaves the old tasks running after the traffic was shifted.
const TERMINATION_WAIT: u32 = 5;

/// The deployment configuration of a service, and what it has beside its target group for shifting traffic; that is
/// added to the load balancer here.
pub(super) fn configure_deployments(
    world: &mut World,
    estate: &Estate,
    part: &ServicePart,
    main: bool,
) -> (DeploymentConfiguration, Option<AdvancedConfiguration>) {
    // A daemon's old task must make room for the new one.
    let (least, most) = if part.daemon { (0, 100) } else { (part.deploy.least, part.deploy.most) };
    let rolling = DeploymentConfiguration {
        minimum_healthy_percent: least,
        maximum_percent: most,
        breaker: part.deploy.breaker,
        rollback: part.deploy.breaker,
        threshold: Threshold::BoundedPercent(50),
        reset_on_healthy: true,
        strategy: Strategy::Rolling,
        steps: None,
        bake_minutes: 0,
        hooks: Vec::new(),
        alarms: None,
    };
    let RolloutRules { strategy, steps, bake_minutes, pause_minutes } = if part.is_code_deploy() {
        RolloutRules {
            strategy: Strategy::BlueGreen,
            bake_minutes: TERMINATION_WAIT,
            ..RolloutRules::ROLLING
        }
    } else if main {
        world.rules.rollout
    } else {
        RolloutRules::ROLLING
    };
    let shifts = part.target_groups.first().filter(|_| strategy.shifts_traffic());
    let Some(listener) = shifts.and_then(|group| edge::add_test_listener(world, estate, group.get_ref()))
    else {
        return (rolling, None);
    };
    let pause = pause_minutes.map(|timeout_minutes| PauseHook {
        stages: vec![Stage::PostTestTrafficShift],
        timeout_minutes,
        action: HookAction::Rollback,
    });
    let alarms = estate.alarm.iter().filter(|each| each.metric.get_ref() == "HTTPCode_Target_5XX_Count");
    let names: Vec<String> = alarms.map(|each| each.name.clone()).collect();
    let configuration = DeploymentConfiguration {
        strategy,
        steps,
        bake_minutes,
        hooks: pause.into_iter().collect(),
        alarms: (!names.is_empty()).then_some(DeploymentAlarms { names, enable: true, rollback: true }),
        ..rolling
    };
    let advanced = AdvancedConfiguration {
        alternate_target_group_arn: listener.second_group,
        production_listener_rule: listener.production_rule,
        test_listener_rule: listener.test_rule,
        role_arn: role("ecsInfrastructureRoleForLoadBalancers"),
    };
    (configuration, Some(advanced))
}
