//! DNS records within the VPC.
use std::net::Ipv4Addr;

use crate::world::{Time, World};

/// Time to live of a database endpoint's record, seconds.
const DATABASE_TTL: u32 = 5;
/// Time to live of a load balancer's record, seconds.
const BALANCER_TTL: u32 = 60;

/// The address that a name resolves to at `now`, and for how many seconds that may be kept.
pub(crate) fn look_up_name(world: &World, name: &str, now: Time) -> Option<(Ipv4Addr, u32)> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if let Some(record) = world.rds.records.iter().find(|record| record.name.eq_ignore_ascii_case(name)) {
        return Some((record.address_at(now), DATABASE_TTL));
    }
    let mut balancers = world.elb.load_balancers.iter();
    balancers
        .any(|each| each.dns_name.eq_ignore_ascii_case(name))
        .then_some((Ipv4Addr::LOCALHOST, BALANCER_TTL))
}
