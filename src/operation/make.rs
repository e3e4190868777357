//! Makes plans from the newest readings, with their preflight checks.

use super::{Action, Check, Confirm, Outcome, Plan};
use crate::diagnosis::{last_failover, plural, span, zone_letter};
use crate::domain::{Database, FailoverStep, PartyBox, Service, ServiceNode, Store, Topic, short};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Readings.
    pub store: &'a Store,
    /// Readings, joined.
    pub party_box: &'a PartyBox,
    /// Cluster name.
    pub cluster: &'a str,
    /// Region.
    pub region: &'a str,
    /// Whether every action is refused.
    pub read_only: bool,
    /// The server's time.
    pub now: DateTime<Utc>,
}

/// Readings older than this (server time) are warned of; four times that blocks.
const FRESH: TimeDelta = TimeDelta::seconds(60);

/// A plan to scale a service.
pub fn scale(ctx: Context<'_>, service: &str, to: u32) -> Result<Plan, String> {
    let node = node(ctx, service)?;
    let it = node.service();
    if to == it.desired {
        return Err(format!("{service} already wants {}", plural(to as usize, "task")));
    }
    let mut checks = common(ctx, &Topic::Services);
    checks.push(match &node.scaling {
        None => pass("no autoscaling registered: the number stays as you set it"),
        Some(s) if s.suspended => pass(format!("autoscaling {}-{} is suspended", s.min, s.max)),
        Some(s) if (s.min..=s.max).contains(&to) => {
            pass(format!("inside the autoscaling range {}-{}", s.min, s.max))
        }
        Some(s) if to > s.max => warn(format!(
            "above the autoscaling range {}-{}: the next scale-in drops it to {}",
            s.min, s.max, s.max
        )),
        Some(s) => warn(format!(
            "below the autoscaling range {}-{}: the next scale-out jumps to {}",
            s.min, s.max, s.min
        )),
    });
    checks.push(in_flight(it, "scaling now changes its task count"));
    if to > it.desired {
        checks.push(addresses(ctx, it, to - it.desired));
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
        changes: vec![("desired tasks".into(), it.desired.to_string(), to.to_string())],
        request: format!("ecs:UpdateService cluster={} service={service} desiredCount={to}", ctx.cluster),
        consequences,
        checks,
        confirm: if to == 0 { Confirm::Type(service.to_owned()) } else { Confirm::Yes },
        action: Action::Scale { cluster: ctx.cluster.into(), service: service.into(), from: it.desired, to },
    })
}

/// A plan to force a new deployment of a service.
pub fn redeploy(ctx: Context<'_>, service: &str) -> Result<Plan, String> {
    let node = node(ctx, service)?;
    let it = node.service();
    let primary = it.primary().ok_or_else(|| format!("{service} has no PRIMARY deployment to replace"))?;
    let mut checks = common(ctx, &Topic::Services);
    checks.push(if it.controller == "ECS" || it.controller.is_empty() {
        pass("deployments are controlled by ECS")
    } else {
        block(format!("deployments of {service} are controlled by {}: redeploy it there", it.controller))
    });
    checks.push(in_flight(it, "this one would supersede it"));
    checks.push(match it.circuit_breaker {
        Some((true, true)) => pass("the circuit breaker is on and rolls back"),
        Some((true, false)) => warn("the circuit breaker is on but does not roll back"),
        _ => warn("no circuit breaker: a failing rollout goes on until stopped"),
    });
    let surge = (it.desired.saturating_mul(it.max_percent.unwrap_or(200)) / 100).saturating_sub(it.desired);
    checks.push(addresses(ctx, it, surge));
    let revision = short(&primary.task_definition).to_owned();
    let image = ctx.party_box.images_of(service).next();
    let image = image.map_or("image unknown".to_owned(), |i| {
        format!(
            "{} {}",
            i.tag.as_deref().unwrap_or("untagged"),
            i.id.digest.get(7..19).unwrap_or(&i.id.digest)
        )
    });
    Ok(Plan {
        title: format!("Redeploy {service}"),
        account: account(ctx),
        region: ctx.region.to_owned(),
        resource: it.arn.clone(),
        changes: vec![
            ("deployment".into(), primary.id.clone(), "a new one".into()),
            ("revision".into(), revision.clone(), format!("{revision} (unchanged)")),
            ("image".into(), image, "its tag, resolved anew".into()),
        ],
        request: format!(
            "ecs:UpdateService cluster={} service={service} forceNewDeployment=true",
            ctx.cluster
        ),
        consequences: vec![format!(
            "{} replaced step by step, at least {}% healthy; open WebSockets drain, then close",
            plural(it.desired as usize, "task"),
            it.min_healthy_percent.unwrap_or(100)
        )],
        checks,
        confirm: Confirm::Yes,
        action: Action::Redeploy {
            cluster: ctx.cluster.into(),
            service: service.into(),
            primary: primary.id.clone(),
        },
    })
}

/// A plan to fail a database over to its standby.
pub fn failover(ctx: Context<'_>, database: &str) -> Result<Plan, String> {
    let db = ctx
        .party_box
        .database(database)
        .ok_or_else(|| format!("{database} is not a database of this Party Box"))?;
    let mut checks = common(ctx, &Topic::Databases);
    checks.extend(failover_checks(ctx, db));
    let zone = |z: &Option<String>| z.as_deref().map_or("unknown", zone_letter).to_owned();
    Ok(Plan {
        title: format!("Fail over {database}"),
        account: account(ctx),
        region: ctx.region.to_owned(),
        resource: db.arn.clone(),
        changes: vec![
            ("writer zone".into(), zone(&db.zone), zone(&db.secondary_zone)),
            ("standby zone".into(), zone(&db.secondary_zone), zone(&db.zone)),
        ],
        request: format!("rds:RebootDBInstance DBInstanceIdentifier={database} ForceFailover=true"),
        consequences: vec![
            "the database is away for usually 60-120 s; requests that need it fail".into(),
            "it cannot be called back once sent".into(),
        ],
        checks,
        confirm: Confirm::Type(database.to_owned()),
        action: Action::Failover { database: database.into(), zone: db.zone.clone() },
    })
}

fn failover_checks(ctx: Context<'_>, db: &Database) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(source) = &db.replica_of {
        checks.push(block(format!("it is a read replica of {source}: fail over {source} instead")));
    } else if let Some(cluster) = &db.cluster {
        checks.push(block(format!("it is a member of cluster {cluster}, which fails over as a whole")));
    }
    checks.push(if !db.multi_az {
        block("not Multi-AZ: there is no standby to fail over to")
    } else if let Some(zone) = &db.secondary_zone {
        pass(format!("Multi-AZ, standby in {}", zone_letter(zone)))
    } else {
        warn("Multi-AZ, but RDS does not name the standby's zone")
    });
    checks.push(if db.status == "available" {
        pass("status is available")
    } else {
        block(format!("status is {}: RDS fails over only from available", db.status))
    });
    if !db.pending.is_empty() {
        checks.push(warn(format!("changes are pending and may be applied: {}", db.pending.join(", "))));
    }
    checks.push(match db.latest_restorable {
        Some(t) if ctx.now - t < TimeDelta::minutes(15) => {
            pass(format!("restorable to {} ago", span(ctx.now - t)))
        }
        Some(t) => warn(format!("restorable only to {} ago; usually it is 5 minutes", span(ctx.now - t))),
        None => warn("RDS does not say to which time it can be restored"),
    });
    if let Some((event, step)) = last_failover(ctx.store.db_events(), &db.id)
        && ctx.now - event.at < TimeDelta::minutes(10)
        && step != FailoverStep::Abandoned
    {
        checks.push(warn(format!(
            "a failover {} ago: RDS may accept this one and then abandon it",
            span(ctx.now - event.at)
        )));
    }
    for node in ctx.party_box.services.iter().filter(|n| n.service().is_rolling()) {
        checks.push(warn(format!(
            "{} is being deployed: two changes at once are hard to tell apart",
            node.service().name
        )));
    }
    for node in &ctx.party_box.services {
        let zones: BTreeSet<&str> = node
            .rows
            .iter()
            .filter_map(|r| {
                r.target.as_ref().filter(|t| t.state == "healthy").and(node.task(r).zone.as_deref())
            })
            .collect();
        let name = &node.service().name;
        checks.push(if node.healthy >= 2 && zones.len() >= 2 {
            pass(format!("{name} has {} healthy targets in {} zones", node.healthy, zones.len()))
        } else {
            warn(format!(
                "{name} has {} in {}",
                plural(node.healthy as usize, "healthy target"),
                plural(zones.len(), "zone")
            ))
        });
    }
    checks
}

/// Checks that every plan needs.
fn common(ctx: Context<'_>, topic: &Topic) -> Vec<Check> {
    let mut checks = Vec::new();
    if ctx.read_only {
        checks.push(block("started with --read-only: nothing is sent"));
    }
    checks.push(match ctx.store.identity() {
        Some(identity) => pass(format!("you are {} in account {}", identity.role(), identity.account)),
        None => block("who you are is not known yet: no account to name in the confirmation"),
    });
    let slot = ctx.store.slot(topic);
    checks.push(match slot.and_then(|s| s.taken_at).map(|t| ctx.now - t) {
        Some(age) if age < FRESH => pass(format!("read {} ago", span(age))),
        Some(age) if age < FRESH * 4 => warn(format!("what is shown was read {} ago", span(age))),
        Some(age) => block(format!("what is shown was read {} ago: too old to act on", span(age))),
        None => block("not read yet"),
    });
    checks
}

fn in_flight(service: &Service, meaning: &str) -> Check {
    if service.is_rolling() {
        warn(format!("a rollout of {} is in flight: {meaning}", service.name))
    } else {
        pass("no rollout in flight")
    }
}

/// New tasks need addresses in the service's subnets.
fn addresses(ctx: Context<'_>, service: &Service, tasks: u32) -> Check {
    let Some(network) = ctx.store.network() else {
        return warn("free addresses of the subnets are not known");
    };
    let free: u32 =
        network.subnets.iter().filter(|s| service.subnets.contains(&s.id)).map(|s| s.free_addresses).sum();
    if free >= tasks {
        pass(format!("{free} free addresses in its subnets for {}", plural(tasks as usize, "more task")))
    } else {
        warn(format!("only {free} free addresses in its subnets for {}", plural(tasks as usize, "more task")))
    }
}

fn node<'a>(ctx: Context<'a>, service: &str) -> Result<&'a ServiceNode, String> {
    ctx.party_box.service(service).ok_or_else(|| format!("{service} is not in the cluster any more"))
}

fn account(ctx: Context<'_>) -> String {
    ctx.store.identity().map_or_else(|| "unknown".to_owned(), |i| i.account.clone())
}

fn pass(text: impl Into<String>) -> Check {
    Check { outcome: Outcome::Pass, text: text.into() }
}

fn warn(text: impl Into<String>) -> Check {
    Check { outcome: Outcome::Warn, text: text.into() }
}

fn block(text: impl Into<String>) -> Check {
    Check { outcome: Outcome::Block, text: text.into() }
}
