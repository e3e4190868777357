//! Failovers of DB clusters: a reader is promoted, the endpoint follows, the old writer comes back as a
//! reader.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html>
use super::app_outage::{self, draw_span};
use super::rds::is_now;
use super::rds_events::{self, About, publish_failover_event};
use crate::world::rds::{ClusterFailover, ClusterStatus, DbCluster, DbStatus, DrillKind, DrillTruth, Outage};
use crate::world::{Time, TruthKind, World};

/// The member that is promoted when the request names none: the available reader with the lowest tier.
pub(crate) fn promotion_candidate(world: &World, cluster: &DbCluster) -> Option<String> {
    let mut readers: Vec<_> = cluster.members.iter().filter(|each| !each.writer).collect();
    readers.sort_by_key(|each| each.promotion_tier);
    let available = |id: &str| {
        world
            .rds
            .instance(id)
            .is_some_and(|it| it.status == DbStatus::Available && !world.is_lost(&it.primary_zone, world.now))
    };
    readers.into_iter().map(|each| each.instance.clone()).find(|id| available(id))
}

/// Begins a failover to a member, asked for at `accepted_at`, and draws its times.
pub(crate) fn begin_failover(world: &mut World, index: usize, to: String, accepted_at: Time) {
    let cluster = &world.rds.clusters[index];
    let (id, from) = (cluster.id.clone(), cluster.writer().unwrap_or_default().to_owned());
    let started_at = world.now + draw_span(world, 1, 4);
    let down_at = started_at + draw_span(world, 0, 2);
    // With a reader to promote, service is "typically restored in less than 60 seconds", often in half of
    // that.
    let up_at = down_at + draw_span(world, 20, 35);
    let dns_at = up_at + draw_span(world, -5, 5);
    let moved_at = up_at + draw_span(world, 0, 4);
    let reader_at = up_at + draw_span(world, 2, 8);
    let complete_at = reader_at.max(dns_at).max(moved_at) + draw_span(world, 1, 4);
    let back = app_outage::begin_outage(world, &id, (down_at, down_at), up_at, Some(dns_at));
    move_records(world, index, &from, &to, dns_at);
    let told = !rds_events::loses_events(world);
    world.rds.drills.push(DrillTruth {
        database: id,
        kind: DrillKind::Failover,
        accepted_at: Some(accepted_at),
        api_down_at: back.map(|_| down_at),
        api_first_up_at: back.map(|back| back.first),
        api_all_up_at: back.map(|back| back.all),
        started_event_at: told.then_some(started_at),
        completed_event_at: told.then_some(complete_at),
        dns_changed_at: Some(dns_at),
        writer_moved_at: Some(moved_at),
        ..DrillTruth::default()
    });
    world.rds.clusters[index].operation =
        Some(ClusterFailover { from, to, started_at, down_at, up_at, moved_at, reader_at, complete_at });
}

/// Points the cluster's endpoint at the new writer and its reader endpoint at the old one, from `at` on.
fn move_records(world: &mut World, index: usize, from: &str, to: &str, at: Time) {
    let now = world.now;
    let address = |world: &World, id: &str| {
        let instance = world.rds.instance(id)?;
        instance.address_in(&instance.primary_zone)
    };
    let cluster = &world.rds.clusters[index];
    for (name, id) in [(cluster.endpoint.clone(), to), (cluster.reader_endpoint.clone(), from)] {
        let Some(address) = address(world, id) else { continue };
        if let Some(record) = world.rds.records.iter_mut().find(|record| record.name == name) {
            record.change(now, at, address);
        }
    }
}

/// Advances every cluster by one second.
pub(crate) fn step(world: &mut World) {
    let now = world.now;
    for index in 0..world.rds.clusters.len() {
        if now.timestamp() % 300 == 0 {
            world.rds.clusters[index].latest_restorable_time = now - chrono::TimeDelta::seconds(62);
        }
        if let Some(operation) = world.rds.clusters[index].operation.clone() {
            run_failover(world, index, &operation);
        }
    }
}

/// Runs a cluster's failover. Each of its moments lies in one second, so each takes effect exactly once.
fn run_failover(world: &mut World, index: usize, operation: &ClusterFailover) {
    let about = About::Cluster(index);
    let ClusterFailover { from, to, started_at, down_at, up_at, reader_at, complete_at, .. } = operation;
    let place = |world: &World, id: &str| world.rds.instances.iter().position(|each| each.id == id);
    let (Some(old), Some(new)) = (place(world, from), place(world, to)) else { return };
    let database = world.rds.clusters[index].id.clone();
    if is_now(world, *started_at) {
        world.rds.clusters[index].status = ClusterStatus::FailingOver;
        world.rds.instances[old].status = DbStatus::Rebooting;
        let same = world.rds.instances[old].primary_zone == world.rds.instances[new].primary_zone;
        let kind = if same { "same" } else { "cross" };
        let message = format!("Started {kind} AZ failover to DB instance: {to}");
        publish_failover_event(world, about, message, "failover", *started_at);
    }
    if is_now(world, *down_at) {
        for instance in [old, new] {
            world.rds.instances[instance].last_outage = Some(Outage { from: *down_at, until: None });
        }
        world.note_at(*down_at, TruthKind::DatabaseDown { database: database.clone() });
        publish_failover_event(world, About::Instance(old), "DB instance shutdown", "availability", *down_at);
    }
    if is_now(world, *up_at) {
        world.rds.instances[new].last_outage = Some(Outage { from: *down_at, until: Some(*up_at) });
        world.note_at(*up_at, TruthKind::DatabaseUp { database });
        publish_failover_event(world, About::Instance(new), "DB instance restarted", "availability", *up_at);
    }
    if is_now(world, operation.moved_at) {
        for member in &mut world.rds.clusters[index].members {
            member.writer = member.instance == *to;
        }
    }
    if is_now(world, *reader_at) {
        let instance = &mut world.rds.instances[old];
        instance.last_outage = Some(Outage { from: *down_at, until: Some(*reader_at) });
        instance.status = DbStatus::Available;
        publish_failover_event(
            world,
            About::Instance(old),
            "DB instance restarted",
            "availability",
            *reader_at,
        );
    }
    if is_now(world, *complete_at) {
        let cluster = &mut world.rds.clusters[index];
        cluster.status = ClusterStatus::Available;
        cluster.operation = None;
        let message = format!("Completed failover to DB instance: {to}");
        publish_failover_event(world, about, message, "failover", *complete_at);
    }
}
