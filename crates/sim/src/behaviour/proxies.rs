//! RDS Proxies over time: their targets follow their databases.
use crate::world::World;
use crate::world::rds::ProxyTarget;

/// Brings the targets of every proxy up to date: a database that does not answer is not available, and the writer is
/// the member that the cluster calls so.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_TargetHealth.html>
pub(crate) fn step(world: &mut World) {
    let now = world.now;
    let rds = &world.rds;
    let seen = |target: &ProxyTarget| {
        let instance = rds.instance(&target.instance)?;
        let reads = target.cluster.is_some() && rds.is_reader(instance);
        Some((instance.is_up(now), if reads { "READ_ONLY" } else { "READ_WRITE" }))
    };
    let states: Vec<Vec<Option<(bool, &'static str)>>> =
        rds.proxies.iter().map(|proxy| proxy.targets.iter().map(seen).collect()).collect();
    for (proxy, states) in world.rds.proxies.iter_mut().zip(states) {
        for (target, state) in proxy.targets.iter_mut().zip(states) {
            let Some((up, role)) = state else { continue };
            target.role = role;
            target.state = if up { "AVAILABLE" } else { "UNAVAILABLE" };
            target.reason = (!up).then_some("UNREACHABLE");
            target.description =
                (!up).then(|| "DBProxy Target unavailable due to an internal error".to_owned());
        }
    }
}
