//! DB instances that are stopped, started, or copied to a snapshot.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html>
use chrono::TimeDelta;

use super::app_outage::{self, draw_span};
use super::rds::is_now;
use super::rds_events::{About, publish_event};
use crate::protocol::error::ApiError;
use crate::world::rds::{DbChange, DbEvent, DbSnapshot, DbStatus, Outage};
use crate::world::{Tag, TruthKind, World};

/// RDS starts a stopped instance after seven days.
const STOPPED_AT_MOST: TimeDelta = TimeDelta::days(7);

fn index_of(world: &World, id: &str) -> Result<usize, ApiError> {
    let mut all = world.rds.instances.iter();
    all.position(|each| each.id.eq_ignore_ascii_case(id) || each.arn == id).ok_or_else(|| {
        ApiError::new("DBInstanceNotFound", format!("DBInstance {id} not found.")).with_status(404)
    })
}

/// The refusal of what an instance's state does not allow.
fn wrong_state(message: String) -> ApiError {
    ApiError::new("InvalidDBInstanceState", message)
}

/// `StopDBInstance`. Returns the index in `Rds::instances`.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState`, `InvalidParameterCombination`.
pub fn stop_db_instance(world: &mut World, id: &str) -> Result<usize, ApiError> {
    let index = index_of(world, id)?;
    let instance = &world.rds.instances[index];
    if instance.engine.starts_with("aurora") || instance.cluster.is_some() {
        let message = format!("{} DB instances are not eligible for stopping and starting.", instance.engine);
        return Err(ApiError::new("InvalidParameterCombination", message));
    }
    if instance.replica_source.is_some() || !instance.replicas.is_empty() {
        let what =
            if instance.replica_source.is_some() { "it is a read replica" } else { "it has a read replica" };
        return Err(wrong_state(format!("Cannot stop DB instance {}: {what}.", instance.id)));
    }
    if instance.status != DbStatus::Available || instance.operation.is_some() {
        return Err(wrong_state("Instance is not in available state.".to_owned()));
    }
    let (name, now) = (instance.id.clone(), world.now);
    let down_at = now + draw_span(world, 15, 40);
    let until = now + draw_span(world, 180, 300);
    let starts_at = until + STOPPED_AT_MOST;
    app_outage::begin_outage(world, &name, (down_at, down_at), starts_at, None);
    let instance = &mut world.rds.instances[index];
    instance.status = DbStatus::Stopping;
    instance.change = Some(DbChange::Stop { down_at, until, starts_at });
    Ok(index)
}

/// `StartDBInstance`. Returns the index in `Rds::instances`.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState`.
pub fn start_db_instance(world: &mut World, id: &str) -> Result<usize, ApiError> {
    let index = index_of(world, id)?;
    let instance = &world.rds.instances[index];
    if instance.status != DbStatus::Stopped {
        return Err(wrong_state(format!("Instance {} is not stopped, it cannot be started.", instance.id)));
    }
    begin_start(world, index);
    Ok(index)
}

fn begin_start(world: &mut World, index: usize) {
    let now = world.now;
    let up_at = now + draw_span(world, 200, 360);
    let until = up_at + draw_span(world, 15, 45);
    let instance = &mut world.rds.instances[index];
    instance.status = DbStatus::Starting;
    instance.change = Some(DbChange::Start { up_at, until });
    // The application was to be without its database for a week.
    let name = instance.id.clone();
    let own = world.rds.client_outages.iter_mut().filter(|each| each.database == name && each.back_at > now);
    for outage in own {
        outage.back_at = up_at;
        outage.straggler = None;
    }
}

/// `CreateDBSnapshot` of an instance. Returns the index in `Rds::snapshots`.
///
/// # Errors
/// `DBSnapshotAlreadyExists`, `InvalidDBInstanceState`.
pub fn create_db_snapshot(
    world: &mut World,
    index: usize,
    id: &str,
    tags: Vec<Tag>,
) -> Result<usize, ApiError> {
    if world.rds.snapshots.iter().any(|each| each.id.eq_ignore_ascii_case(id)) {
        return Err(ApiError::new(
            "DBSnapshotAlreadyExists",
            format!("Cannot create the snapshot because a snapshot with the identifier {id} already exists."),
        ));
    }
    // One that is asked for with a stop is made while the instance stops.
    let instance = &world.rds.instances[index];
    let stopping = instance.status == DbStatus::Stopping;
    if (instance.status != DbStatus::Available && !stopping) || instance.operation.is_some() {
        return Err(wrong_state(format!(
            "Cannot create a snapshot because the database instance {} is not currently in the available state.",
            instance.id
        )));
    }
    let (now, name) = (world.now, instance.id.clone());
    let complete_at = now + draw_span(world, 130, 230);
    if !stopping {
        let instance = &mut world.rds.instances[index];
        instance.status = DbStatus::BackingUp;
        instance.change = Some(DbChange::Snapshot { until: complete_at });
    }
    let id = id.to_lowercase();
    let arn = world.account.arn("rds", &format!("snapshot:{id}"));
    world.rds.snapshots.push(DbSnapshot { id, arn, instance: name, started_at: now, complete_at, tags });
    let place = world.rds.snapshots.len() - 1;
    tell(world, place, "Creating manual snapshot");
    Ok(place)
}

/// Publishes an event of a snapshot (RDS-EVENT-0040, RDS-EVENT-0042).
fn tell(world: &mut World, place: usize, message: &str) {
    let snapshot = &world.rds.snapshots[place];
    let event = DbEvent {
        source: snapshot.id.clone(),
        source_type: "db-snapshot",
        source_arn: snapshot.arn.clone(),
        message: message.to_owned(),
        categories: vec!["creation"],
        at: world.now,
    };
    world.rds.events.push(event);
}

/// Advances an instance by one second.
pub(crate) fn step(world: &mut World, index: usize) {
    if index == 0 {
        for place in 0..world.rds.snapshots.len() {
            if is_now(world, world.rds.snapshots[place].complete_at) {
                tell(world, place, "Manual snapshot created");
            }
        }
    }
    let now = world.now;
    let Some(change) = world.rds.instances[index].change else { return };
    let about = About::Instance(index);
    let database = world.rds.instances[index].id.clone();
    match change {
        DbChange::Stop { down_at, until, starts_at } => {
            if is_now(world, down_at) {
                world.rds.instances[index].last_outage = Some(Outage { from: down_at, until: None });
                world.note_at(down_at, TruthKind::DatabaseDown { database });
                publish_event(world, about, "DB instance shutdown", "availability", down_at);
            }
            if is_now(world, until) {
                world.rds.instances[index].status = DbStatus::Stopped;
                publish_event(world, about, "DB instance stopped", "notification", until);
            }
            if is_now(world, starts_at) {
                begin_start(world, index);
                let message = "DB instance is being started due to it exceeding the maximum allowed time being \
                               stopped.";
                publish_event(world, about, message, "notification", now);
            }
        }
        DbChange::Start { up_at, until } => {
            if is_now(world, up_at) {
                if let Some(outage) = &mut world.rds.instances[index].last_outage {
                    outage.until = Some(up_at);
                }
                world.note_at(up_at, TruthKind::DatabaseUp { database });
                publish_event(world, about, "DB instance restarted", "availability", up_at);
            }
            if is_now(world, until) {
                end(world, index);
                publish_event(world, about, "DB instance started", "notification", until);
            }
        }
        DbChange::Snapshot { until } => {
            if is_now(world, until) {
                end(world, index);
            }
        }
    }
}

fn end(world: &mut World, index: usize) {
    let instance = &mut world.rds.instances[index];
    instance.change = None;
    // A failover that RDS began meanwhile has a status of its own.
    if instance.operation.is_none() {
        instance.status = DbStatus::Available;
    }
}
