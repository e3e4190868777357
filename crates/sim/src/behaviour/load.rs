//! The load over a day, and its effect on tasks, targets and databases: the data of each minute.
use std::f64::consts::TAU;

use chrono::{TimeDelta, Timelike};

use super::dataplane::{DatabaseReach, database_reach};
use super::elb::passes_health_check;
use crate::world::cloudwatch::{DatabaseMinute, GroupMinute, MINUTES_KEPT, Minute, ServiceMinute};
use crate::world::ecs::{Service, Task, Workload};
use crate::world::elb::TargetState;
use crate::world::rds::DbInstance;
use crate::world::rng::{noise, stream_of};
use crate::world::{LoadRise, Time, World};

/// Seconds between samples.
const SAMPLE_SECONDS: u32 = 10;
/// Tokyo is nine hours ahead; the players come in the evening there.
const TOKYO: TimeDelta = TimeDelta::hours(9);
const GIB: f64 = 1_073_741_824.0;

/// The load of a service.
struct Profile {
    /// Requests a second at night, and how many more at the evening's height.
    night: f64,
    evening: f64,
    /// CPU of one request a second, in percent of a 0.25 vCPU task.
    cost: f64,
    /// Median response time in seconds of an idle task.
    idle_p50: f64,
    /// Connections that stay open per request a second: Socket.io keeps many.
    connections: f64,
}

const FRONTEND: Profile = Profile { night: 6.0, evening: 12.0, cost: 3.0, idle_p50: 0.042, connections: 3.0 };
const WORKER: Profile = Profile { night: 0.0, evening: 0.0, cost: 0.0, idle_p50: 0.0, connections: 0.0 };
const BACKEND: Profile =
    Profile { night: 14.0, evening: 30.0, cost: 1.6, idle_p50: 0.016, connections: 14.0 };

fn profile(service: &Service) -> &'static Profile {
    match service.workload {
        Workload::Web => &FRONTEND,
        Workload::Api => &BACKEND,
        Workload::Worker => &WORKER,
    }
}

/// Takes the present second's sample, if one is due. Returns whether a minute was completed.
pub(crate) fn step(world: &mut World) -> bool {
    let now = world.now;
    if !now.second().is_multiple_of(SAMPLE_SECONDS) {
        return false;
    }
    let index = now.timestamp().div_euclid(60);
    let completed = world.cloudwatch.current.index != index;
    let fresh = || Minute {
        index,
        services: vec![ServiceMinute::default(); world.ecs.services.len()],
        groups: vec![GroupMinute::default(); world.elb.target_groups.len()],
        databases: vec![DatabaseMinute::default(); world.rds.instances.len()],
        nat_lost: false,
    };
    if completed {
        let minute = std::mem::replace(&mut world.cloudwatch.current, fresh());
        // The very first one is the empty default.
        if !minute.services.is_empty() {
            world.cloudwatch.minutes.push_back(minute);
        }
        let surplus = world.cloudwatch.minutes.len().saturating_sub(MINUTES_KEPT);
        world.cloudwatch.minutes.drain(..surplus);
    }
    take_sample(world);
    completed
}

/// Fills the minutes before the world began, from what runs now.
pub(crate) fn fill_past_minutes(world: &mut World) {
    let now = world.now;
    let minutes = i64::try_from(MINUTES_KEPT).unwrap_or(0);
    let mut at = now - TimeDelta::minutes(minutes) - TimeDelta::seconds(now.timestamp().rem_euclid(60));
    while at <= now {
        world.now = at;
        step(world);
        at += TimeDelta::seconds(i64::from(SAMPLE_SECONDS));
    }
    world.now = now;
}

/// 0 at nine in the morning in Tokyo, 1 at nine in the evening.
fn day_curve(at: Time) -> f64 {
    let hour = f64::from((at + TOKYO).num_seconds_from_midnight()) / 3600.0;
    0.5 + 0.5 * ((hour - 21.0) / 24.0 * TAU).cos()
}

/// Noise around 0, at most `width` to either side: a slow part and a quick one.
fn wobble(seed: u64, name: &str, at: Time, width: f64) -> f64 {
    let stream = stream_of(name);
    let slow = at.timestamp().div_euclid(300);
    let along = f64::from(u32::try_from(at.timestamp().rem_euclid(300)).unwrap_or(0)) / 300.0;
    let glide = noise(seed, stream, slow) * (1.0 - along) + noise(seed, stream, slow + 1) * along;
    let quick = noise(seed, stream ^ 0x5151, at.timestamp());
    (glide - 0.5) * width * 1.4 + (quick - 0.5) * width * 0.6
}

/// Requests a second that reach a service.
fn requests_per_second(world: &World, service: &Service) -> f64 {
    let profile = profile(service);
    let base = profile.night + profile.evening * day_curve(world.now);
    // Requests that meet a lost node of the load balancer never arrive.
    let nodes = world.elb.load_balancers.first().map_or(1, |balancer| balancer.zones.len().max(1));
    let reach = match &world.zone_loss {
        Some(loss) if loss.lasts(world.now) && world.now < loss.node_out_at => 1.0 - 1.0 / number(nodes),
        _ => 1.0,
    };
    base * world.load_factor
        * load_rise_factor(world)
        * reach
        * (1.0 + wobble(world.seed, &service.name, world.now, 0.16))
}

/// A scripted rise of the load: from nothing to its factor in two minutes.
fn load_rise_factor(world: &World) -> f64 {
    let Some(LoadRise { since, factor }) = world.load_rise else { return 1.0 };
    let along = ((world.now - since).as_seconds_f64() / 120.0).clamp(0.0, 1.0);
    1.0 + (factor - 1.0) * along
}

/// The factor by which the load must rise for one service to get `wanted` requests a second.
pub(crate) fn load_factor_for(world: &World, service: &Service, wanted: f64) -> f64 {
    let profile = profile(service);
    wanted / (profile.night + profile.evening * day_curve(world.now)) / world.load_factor.max(0.01)
}

/// The part of a service's sockets that are still on draining tasks, 0..1. They stay while their players
/// stay, and seven in ten have left by the end of the delay.
fn lingering(world: &World, service: &Service) -> f64 {
    let Some(group) =
        world.elb.target_group(&service.serving_group_arn).filter(|_| world.rules.sockets_linger)
    else {
        return 0.0;
    };
    let delay = f64::from(group.deregistration_delay.max(1));
    let held = group.targets.iter().filter_map(|target| {
        let left = (target.drained_at? - world.now).as_seconds_f64() / delay;
        Some(0.3 + 0.7 * left.clamp(0.0, 1.0))
    });
    held.sum::<f64>() / f64::from(service.desired_count.max(1))
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// The state of a service's tasks, as far as the load depends on it.
struct Serving<'a> {
    tasks: Vec<&'a Task>,
    rate: f64,
    /// The part of the requests since the last sample that fail at once, 0..1.
    failing: f64,
    /// The part of them that wait for a database that does not answer, 0..1.
    hanging: f64,
    /// The part of them that meet a task in a lost zone, 0..1.
    lost: f64,
}

impl Serving<'_> {
    /// The part of the requests that fail in any way.
    fn bad(&self) -> f64 {
        self.failing + self.hanging + self.lost
    }
}

fn serving<'a>(world: &World, service: &'a Service) -> Serving<'a> {
    let group = world.elb.target_group(&service.serving_group_arn);
    let tasks: Vec<&Task> = group.map_or_else(Vec::new, |group| {
        let targets = group.serving();
        service.tasks.iter().filter(|task| targets.iter().any(|it| it.task_id == task.id)).collect()
    });
    let rate = requests_per_second(world, service);
    let mut serving = Serving { tasks, rate, failing: 0.0, hanging: 0.0, lost: 0.0 };
    if serving.tasks.is_empty() {
        serving.failing = 1.0;
        return serving;
    }
    let one = 1.0 / number(serving.tasks.len()) / f64::from(SAMPLE_SECONDS);
    // Some routes live in the task's memory and need no database.
    let needs_database = if service.database.is_some() { 0.8 } else { 0.0 };
    for task in &serving.tasks {
        for ago in 0..SAMPLE_SECONDS {
            let at = world.now - TimeDelta::seconds(i64::from(ago));
            if world.is_lost(&task.zone, at) || !task.is_listening() {
                serving.lost += one;
            } else if !passes_health_check(task) {
                serving.failing += one;
            } else {
                match database_reach(world, task, at) {
                    DatabaseReach::Up => {}
                    DatabaseReach::Refused => serving.failing += one * needs_database,
                    DatabaseReach::Hangs => serving.hanging += one * needs_database,
                }
            }
        }
    }
    serving
}

fn take_sample(world: &mut World) {
    let mut minute = std::mem::take(&mut world.cloudwatch.current);
    let mut backend_rate = 0.0;
    let mut connections = 0.0;
    for (service, facts) in world.ecs.services.iter().zip(&mut minute.services) {
        let serving = serving(world, service);
        let utilisation = sample_service(world, service, &serving, facts);
        let group = &service.serving_group_arn;
        let place = world.elb.target_groups.iter().position(|each| each.arn == *group);
        if let Some(facts) = place.and_then(|place| minute.groups.get_mut(place)) {
            sample_group(world, service, &serving, utilisation, facts);
        }
        if service.database.is_some() {
            backend_rate += serving.rate * (1.0 - serving.bad());
            let pools = service.tasks.iter().filter(|task| task.is_running());
            let pools = pools.filter(|task| !world.is_lost(&task.zone, world.now));
            let open = pools.filter(|task| database_reach(world, task, world.now) == DatabaseReach::Up);
            connections += number(open.count()) * 5.0;
        }
    }
    for (group, facts) in world.elb.target_groups.iter().zip(&mut minute.groups) {
        facts.healthy.add(number(group.count(TargetState::Healthy)));
        facts.unhealthy.add(number(group.count(TargetState::Unhealthy)));
    }
    for (database, facts) in world.rds.instances.iter().zip(&mut minute.databases) {
        sample_database(world, database, backend_rate, connections, facts);
    }
    let mut gateways = world.network.nat_gateways.iter();
    minute.nat_lost |= gateways.any(|gateway| {
        let subnet = world.network.subnet(&gateway.subnet_id);
        subnet.is_some_and(|subnet| world.is_lost(&subnet.zone, world.now))
    });
    world.cloudwatch.current = minute;
}

/// One sample per running task. Returns the mean utilisation, 0..1.
fn sample_service(world: &World, service: &Service, serving: &Serving<'_>, facts: &mut ServiceMinute) -> f64 {
    let share = serving.rate / number(serving.tasks.len().max(1));
    let mut total = 0.0;
    let mut running = 0.0_f64;
    // Tasks that are cut off report nothing.
    let heard = service.tasks.iter().filter(|task| !world.is_lost(&task.zone, world.now));
    for task in heard.filter(|task| task.is_running()) {
        let age = task.started_at.map_or(0.0, |at| (world.now - at).as_seconds_f64());
        let serves = serving.tasks.iter().any(|each| each.id == task.id);
        let work = if serves { share * profile(service).cost * (1.0 - 0.5 * serving.bad()) } else { 0.0 };
        // A new process compiles and fills its caches for about a minute.
        let warming = if age < 60.0 { 55.0 * (1.0 - age / 60.0) } else { 0.0 };
        let cpu = (3.5 + work + warming + wobble(world.seed, &task.id, world.now, 4.0)).clamp(0.3, 100.0);
        let memory = 37.0 + (age / 3600.0 * 0.22).min(21.0) + wobble(world.seed, &task.arn, world.now, 2.4);
        facts.cpu.add(cpu);
        facts.memory.add(memory.clamp(5.0, 100.0));
        total += cpu;
        running += 1.0;
    }
    total / running.max(1.0) / 100.0
}

fn sample_group(
    world: &World,
    service: &Service,
    serving: &Serving<'_>,
    utilisation: f64,
    facts: &mut GroupMinute,
) {
    let profile = profile(service);
    let came = serving.rate * f64::from(SAMPLE_SECONDS);
    if serving.tasks.is_empty() {
        facts.elb_5xx += came;
        return;
    }
    // A request that hangs, or finds no task, is answered with 504 by the load balancer; one that fails at
    // once by the target.
    facts.elb_5xx += came * (serving.hanging + serving.lost);
    facts.target_5xx += came * serving.failing;
    facts.connection_errors += came * serving.lost;
    facts.requests += came;
    facts.target_4xx += came * 0.004;
    facts.new_connections += came * 0.35;
    facts.processed_bytes += came * 21_400.0;
    facts.samples += 1.0;
    let crowding = 1.0 / (1.0 - 0.85 * utilisation.clamp(0.0, 0.98));
    let jitter = 1.0 + wobble(world.seed, &service.arn, world.now, 0.3);
    let p50 = profile.idle_p50 * crowding * jitter;
    let p99 = if serving.hanging > 0.0 { 9.5 } else { p50 * (5.5 + 2.0 * jitter) };
    facts.p50 += (p50 - facts.p50) / facts.samples;
    facts.p99 += (p99 - facts.p99) / facts.samples;
    let lingering = lingering(world, service).min(1.0);
    // Of the players who leave a draining task only half are back by the end of its delay.
    let back = if lingering > 0.0 { lingering + 0.5 * (1.0 - lingering) } else { 1.0 };
    facts.active_connections += (serving.rate * profile.connections * (1.0 - 0.6 * serving.bad()) * back
        - facts.active_connections)
        / facts.samples;
}

fn sample_database(
    world: &World,
    database: &DbInstance,
    rate: f64,
    connections: f64,
    facts: &mut DatabaseMinute,
) {
    let now = world.now;
    let sway =
        |what: &str, width: f64| 1.0 + wobble(world.seed, &format!("{} {what}", database.id), now, width);
    let replica = world.rds.is_reader(database);
    if !database.is_up(now) {
        facts.connections.add(0.0);
        return;
    }
    let since_outage =
        database.last_outage.and_then(|outage| outage.until).map(|until| (now - until).as_seconds_f64());
    // After an outage every pool connects at once, and the caches are cold.
    let rush = since_outage.map_or(0.0, |since| (1.0 - since / 90.0).max(0.0));
    let share = if replica { 0.35 } else { 1.0 };
    facts.cpu.add(((5.0 + rate * 0.45 * share + 40.0 * rush) * sway("cpu", 0.2)).min(100.0));
    let held =
        if replica { 3.0 } else { (connections * (1.0 + 1.2 * rush) + 2.0 + rate * 0.1) * sway("c", 0.1) };
    facts.connections.add(held.round());
    facts.freeable_memory.add(1.55 * GIB * sway("memory", 0.04));
    let hours = f64::from(u32::try_from(now.timestamp().rem_euclid(86_400 * 30)).unwrap_or(0)) / 3600.0;
    // The volume of a cluster grows by itself: there is no such metric.
    if database.cluster.is_none() {
        facts.free_storage.add((74.0 - hours * 0.004) * GIB);
    }
    facts.read_latency.add(0.0006 * (1.0 + 12.0 * rush) * sway("read", 0.5));
    facts.write_latency.add(0.0017 * (1.0 + 6.0 * rush) * sway("write", 0.4));
    facts.read_iops.add((1.0 + rate * 0.3 * share + 300.0 * rush) * sway("r", 0.4));
    facts.write_iops.add((2.0 + rate * 0.8) * sway("w", 0.4));
    if database.cluster.is_some() && replica {
        // Readers of one volume: milliseconds, and no more than their caches are behind.
        facts.replica_lag.add(18.0 * sway("lag", 0.6));
    }
    if database.replica_source.is_some() {
        facts.replica_lag.add(replica_lag(world, database));
    }
}

/// PostgreSQL's lag is the age of the last replayed transaction: it climbs while nothing is written, and
/// falls when something is (at the latest every five minutes).
fn replica_lag(world: &World, replica: &DbInstance) -> f64 {
    let now = world.now;
    let source = replica.replica_source.as_deref().and_then(|id| world.rds.instance(id));
    if let Some(outage) = source.and_then(|source| source.last_outage).filter(|outage| outage.until.is_none())
    {
        return (now - outage.from).as_seconds_f64();
    }
    let along = f64::from(u32::try_from(now.timestamp().rem_euclid(300)).unwrap_or(0)) / 300.0;
    let idle = (1.0 - day_curve(now)).powi(4);
    0.05 + along * (2.0 + 40.0 * idle)
}
