//! The plan of a failover of a database.

use super::{PlanContext, account, age, block, common, failover_cluster, pass, preflight, warn};
use crate::diagnosis::zone_letter;
use crate::domain::{Database, FieldChange, Topic, USUAL_FAILOVER};
use crate::operation::drill::report::DrillSummary;
use crate::operation::{Action, Check, Confirm, Plan};
use std::time::Duration;

/// A plan to fail a database over: an instance to its standby, a cluster (by its identifier, or a member's)
/// to a reader.
pub fn failover(ctx: PlanContext<'_>, database: &str) -> Result<Plan, String> {
    if let Some(node) = ctx.party_box.cluster(database) {
        return failover_cluster::failover(ctx, node);
    }
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
            FieldChange::new("writer zone", zone(&db.zone), zone(&db.secondary_zone)),
            FieldChange::new("standby zone", zone(&db.secondary_zone), zone(&db.zone)),
        ],
        request: format!("rds:RebootDBInstance DBInstanceIdentifier={database} ForceFailover=true"),
        consequences: [
            format!("the database is away for usually {USUAL_FAILOVER} (AWS promises 60-120 s); requests that need it fail"),
            "it cannot be called back once sent".into(),
        ]
        .into_iter()
        .chain(last_measured(ctx, database))
        .collect(),
        checks,
        confirm: Confirm::Type(database.to_owned()),
        action: Action::Failover { database: database.into(), zone: db.zone.clone() },
    })
}

/// What the newest drill measured with this very database: it tells more than any promise.
pub(super) fn last_measured(ctx: PlanContext<'_>, database: &str) -> Option<String> {
    let simulated = ctx.simulated;
    let same = |past: &&DrillSummary| past.database == database && past.simulated == simulated;
    let (past, ms) = ctx.past.iter().filter(same).find_map(|past| Some((past, past.rto_ms?)))?;
    let (day, seconds) = (past.at.format("%Y-%m-%d"), Duration::from_millis(ms).as_secs_f64());
    Some(format!("its last drill, on {day}, measured {seconds:.1} s until it recovered"))
}

fn failover_checks(ctx: PlanContext<'_>, db: &Database) -> Vec<Check> {
    let mut checks = vec![preflight::probed(ctx, &db.id)];
    let age = age(ctx, &Topic::Databases);
    if let Some(source) = &db.replica_of {
        checks.push(block(format!("it is a read replica of {source}: fail over {source} instead")));
    } else if let Some(cluster) = &db.cluster {
        // If the cluster were known, the plan would be the cluster's.
        checks.push(block(format!(
            "it is a member of cluster {cluster}, which was not read: {cluster} fails over as a whole"
        )));
    } else {
        checks.push(pass("it is neither a replica nor a member of a cluster"));
    }
    checks.push(if !db.multi_az {
        block(format!("not Multi-AZ: there is no standby to fail over to{age}"))
    } else if let Some(zone) = &db.secondary_zone {
        pass(format!("Multi-AZ, standby in {}{age}", zone_letter(zone)))
    } else {
        warn(format!("Multi-AZ, but RDS does not name the standby's zone{age}"))
    });
    checks.push(preflight::status(ctx, &db.status, &Topic::Databases));
    checks.push(preflight::pending(ctx, &db.pending, &Topic::Databases));
    checks.push(preflight::maintenance(ctx, &db.id));
    checks.push(preflight::restorable(ctx, db.latest_restorable));
    checks.push(preflight::recent(ctx, &db.id));
    checks.extend(preflight::lags(ctx, &db.id));
    checks.extend(preflight::surroundings(ctx));
    checks
}
