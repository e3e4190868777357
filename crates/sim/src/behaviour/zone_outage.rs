//! The loss of a whole zone, and its return.
use chrono::TimeDelta;

use super::rds::{self, Why};
use crate::world::{World, ZoneLoss};

/// How long an outage of a zone lasts.
const AWAY: TimeDelta = TimeDelta::minutes(15);
/// Seconds until clients no longer connect to the load balancer's node there: its DNS answer leaves out what
/// fails Route 53's health checks, and is kept for 60 s at most.
const NODE_OUT: (i64, i64) = (30, 60);

/// Loses a zone within the next second; the databases whose primary is there fail over by themselves.
pub(crate) fn lose_zone(world: &mut World, zone: &str) {
    let from = world.now + TimeDelta::milliseconds(world.rng.between(1, 999));
    let node_out_at = from + TimeDelta::milliseconds(world.rng.between(NODE_OUT.0 * 1000, NODE_OUT.1 * 1000));
    let zone = zone.to_owned();
    world.zone_loss =
        Some(ZoneLoss { zone: zone.clone(), from, until: from + AWAY, node_out_at, clean_at: None });
    for index in 0..world.rds.instances.len() {
        let instance = &world.rds.instances[index];
        if instance.multi_az && instance.operation.is_none() && instance.primary_zone == zone {
            rds::begin_reboot(world, index, Why::ZoneLost(from));
        }
    }
}

/// Notes when the API has removed everything of the lost zone from service.
pub(crate) fn step(world: &mut World) {
    let now = world.now;
    let Some(loss) = world.zone_loss.as_ref().filter(|loss| loss.clean_at.is_none() && loss.from <= now)
    else {
        return;
    };
    let main = world.roles.main.map(|id| world.service(id));
    let mut groups =
        main.into_iter().filter_map(|service| world.elb.target_group(&service.serving_group_arn));
    let gone = groups.all(|group| group.serving().iter().all(|target| target.zone != loss.zone));
    let end = if gone || now >= loss.until { Some(now.max(loss.node_out_at)) } else { None };
    if let Some(loss) = &mut world.zone_loss {
        loss.clean_at = end;
    }
}
