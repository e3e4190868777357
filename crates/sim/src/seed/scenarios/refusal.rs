//! Whether a scenario makes sense on an estate: what its rules and its steps need.
use crate::estate::{EnginePart, Estate, ServicePart};
use crate::world::rules::{DatabaseLayout, EventFaults, Rules};
use crate::world::script::Step;

/// Why these rules and steps make no sense there, in a sentence; `None` when they do.
pub(super) fn refusal(rules: &Rules, steps: &[Step], estate: &Estate) -> Option<&'static str> {
    let has = |wanted: fn(&Step) -> bool| steps.iter().any(wanted);
    let main = estate.service.get(estate.main_service())?;
    let instance = estate.database.first().is_some_and(|it| it.engine == EnginePart::Postgres && it.multi_az);
    let of_instances = has(|step| matches!(step, Step::FailDatabaseHost))
        || rules.last_failover_ago.is_some()
        || rules.failover_takes != Rules::DEFAULT.failover_takes;
    let of_databases = rules.database == DatabaseLayout::AuroraCluster
        || rules.event_faults != EventFaults::None
        || rules.straggler;
    if of_instances && !instance {
        return Some("its first database is no Multi-AZ instance");
    }
    if of_databases && estate.database.is_empty() {
        return Some("it has no database");
    }
    if rules.rollout.strategy.shifts_traffic() {
        return shifting(main, estate);
    }
    if rules.drain_seconds.is_some() && main.target_groups.is_empty() {
        return Some("the service that is deployed has no target group");
    }
    if has(|step| matches!(step, Step::ExhaustCapacity { .. })) && main.on_instances() {
        return Some("the service that is deployed does not run on Fargate");
    }
    if has(|step| matches!(step, Step::RaiseLoad { .. })) && main.scaling.is_none() {
        return Some("the service that is deployed does not scale by itself");
    }
    if has(|step| matches!(step, Step::LoseZone)) && estate.zones.len() < 2 {
        return Some("it has one zone only");
    }
    None
}

/// ECS shifts traffic between target groups by the rules of an application load balancer.
fn shifting(main: &ServicePart, estate: &Estate) -> Option<&'static str> {
    if main.is_code_deploy() {
        return Some("CodeDeploy deploys the service there, not ECS");
    }
    if main.target_groups.is_empty() || main.daemon {
        return Some("the service that is deployed has no traffic to shift");
    }
    let applications = estate.load_balancer.iter().filter(|each| !each.is_network());
    if applications.count() == 0 {
        return Some("its load balancer has no rules to shift traffic by");
    }
    None
}
