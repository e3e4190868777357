//! What differs from the default account in a scenario, before the services are filled in.
use super::{edge, role};
use crate::scenario::Scenario;
use crate::world::World;
use crate::world::ecs::{
    AdvancedConfiguration, DeploymentAlarms, DeploymentConfiguration, HookAction, PauseHook, Stage, Steps,
    Strategy,
};

/// Seconds that a target of `backend` drains in `slow-drain`: the load balancer's default.
const SLOW_DRAIN: u32 = 300;
/// Minutes for which both revisions run in `blue-green`.
const BAKE_MINUTES: u32 = 5;
/// Minutes for which both revisions run in `linear` and `canary` once all traffic has been shifted.
const SHORT_BAKE: u32 = 2;
/// Minutes until an unanswered pause rolls back in `blue-green`.
const PAUSE_MINUTES: u32 = 15;

/// Changes the edge as the scenario needs it.
pub(super) fn prepare(world: &mut World) {
    if world.scenario == Scenario::SlowDrain
        && let Some(group) = world.elb.target_group_mut(&edge::target_group_arn("backend"))
    {
        group.deregistration_delay = SLOW_DRAIN;
        for (key, value) in &mut group.attributes {
            if key == "deregistration_delay.timeout_seconds" {
                *value = SLOW_DRAIN.to_string();
            }
        }
    }
}

/// How a service deploys, and what it has beside its target group.
pub(super) fn deploys(
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
    let (strategy, steps) = match world.scenario {
        _ if service != "backend" => return (rolling, None),
        Scenario::BlueGreen => (Strategy::BlueGreen, None),
        Scenario::Linear => (Strategy::Linear, Some(Steps { percent: 25, bake_minutes: 1 })),
        Scenario::Canary => (Strategy::Canary, Some(Steps { percent: 10, bake_minutes: 4 })),
        _ => return (rolling, None),
    };
    let hook = PauseHook {
        stages: vec![Stage::PostTestTrafficShift],
        timeout_minutes: PAUSE_MINUTES,
        action: HookAction::Rollback,
    };
    let paused = strategy == Strategy::BlueGreen;
    let (alternate_target_group_arn, test_listener_rule) = edge::add_test_listener(world);
    let configuration = DeploymentConfiguration {
        strategy,
        steps,
        bake_minutes: if paused { BAKE_MINUTES } else { SHORT_BAKE },
        hooks: if paused { vec![hook] } else { Vec::new() },
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
