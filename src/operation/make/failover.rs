//! A failover of a database.

use super::{Context, account, block, common, pass, warn};
use crate::diagnosis::{last_failover, plural, span, zone_letter};
use crate::domain::{Database, FailoverStep, Topic};
use crate::operation::{Action, Check, Confirm, Plan};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// A plan to fail a database over to its standby.
pub fn failover(ctx: Context<'_>, database: &str) -> Result<Plan, String> {
    let db = ctx
        .party_box
        .database(database)
        .ok_or_else(|| format!("{database} is not a database of this Party Box"))?;
    let mut checks = common(ctx, &Topic::Databases, "rds:RebootDBInstance");
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

/// Whether the outage will be measured.
fn probed(ctx: Context<'_>, database: &str) -> Check {
    let Some(drill) = ctx.drill.filter(|drill| drill.database == database) else {
        return warn("nothing is probed: the outage will not be measured");
    };
    let (url, baseline) = (drill.probe.shown_url(), &drill.measured.since);
    match (baseline.good, drill.failing()) {
        (0, Some(why)) => warn(format!("the probe of {url} gets no good answer: {}", why.words())),
        (0, None) => warn(format!("the probe of {url} has no answer yet: wait for its baseline")),
        (good, Some(why)) => {
            warn(format!("the probe of {url} fails now ({}), {good} were good", why.words()))
        }
        (good, None) if baseline.bad == 0 => pass(format!(
            "the probe of {url} is good: {good} answers, half within {} ms",
            baseline.p50.as_millis()
        )),
        (good, None) => warn(format!(
            "the probe of {url} is good, but {} of {} failed before",
            baseline.bad,
            good + baseline.bad
        )),
    }
}

fn failover_checks(ctx: Context<'_>, db: &Database) -> Vec<Check> {
    let mut checks = vec![probed(ctx, &db.id)];
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
