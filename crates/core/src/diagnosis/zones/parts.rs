//! Services, load balancers, gateways and subnets, zone by zone.

use super::{Loss, Part, PartKind, Zone, join_zones};
use crate::diagnosis::{plural, zone_letter};
use crate::domain::{
    Address, GroupHealth, Level, MetricKey, MetricKind, Network, PartyBox, Route, ServiceNode, Store,
    TargetHealth,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A service's share of one zone.
#[derive(Debug, Clone, Default)]
struct Share {
    running: u32,
    healthy: u32,
    registered: u32,
    failing: u32,
    /// Targets that get no requests, though they fail no check.
    off: u32,
    /// Targets by their state.
    targets: BTreeMap<String, u32>,
}

impl Share {
    fn add(&mut self, target: &TargetHealth) {
        self.healthy += u32::from(target.serves());
        self.registered += u32::from(!target.drains());
        self.failing += u32::from(target.fails());
        self.off += u32::from(target.is_unused() || target.is_shifted_away());
        *self.targets.entry(target.word()).or_default() += 1;
    }

    /// What counts of it: its healthy targets, or its tasks.
    fn count(&self, served: bool) -> u32 {
        if served { self.healthy } else { self.running }
    }

    /// How many of its targets do not serve.
    fn lacks(&self) -> u32 {
        self.registered.saturating_sub(self.healthy)
    }
}

/// Tasks and targets of each service. Each target group is judged by itself and the worst is told: what one loses
/// with a zone, the others do not make up for.
pub(super) fn add_services(party_box: &PartyBox, zones: &mut [Zone]) {
    for node in &party_box.services {
        let served = !node.groups.is_empty() && node.targets_known;
        let groups =
            node.groups.iter().filter(|_| served).map(|group| Shares::of_group(party_box, node, group));
        let mut groups: Vec<Shares<'_>> = groups.collect();
        if groups.is_empty() {
            groups.push(Shares::of_tasks(node));
        }
        let several = groups.len() > 1;
        for zone in zones.iter_mut() {
            let here =
                || groups.iter().filter_map(|group| Some((group, group.by_zone.get(zone.name.as_str())?)));
            let Some((told, share)) = here().max_by_key(|(_, share)| (share_level(share), share.lacks()))
            else {
                continue;
            };
            let loss = |(group, share): (&Shares<'_>, &Share)| {
                let of = if several {
                    format!("{} in {}", node.service().name, group.name)
                } else {
                    node.service().name.clone()
                };
                let left = group.all().saturating_sub(share.count(group.served));
                Some((share_loss(&of, share, group.served, group.all())?, left))
            };
            let worst =
                here().filter_map(loss).max_by_key(|(loss, left)| (loss.level, std::cmp::Reverse(*left)));
            zone.running += share.running;
            zone.healthy += share.healthy;
            zone.registered += share.registered;
            zone.parts.push(Part {
                kind: PartKind::Service,
                name: node.service().name.clone(),
                role: None,
                level: share_level(share),
                here: describe_share(share, Some(told.name).filter(|_| several)),
                loss: worst.map(|(loss, _)| loss),
            });
        }
    }
}

/// How a service is spread over the zones, by the targets of one of its groups or by its tasks.
struct Shares<'a> {
    /// The group's name.
    name: &'a str,
    by_zone: BTreeMap<&'a str, Share>,
    /// Whether its targets count, not its tasks.
    served: bool,
}

impl<'a> Shares<'a> {
    fn of_tasks(node: &'a ServiceNode) -> Self {
        let mut by_zone: BTreeMap<&str, Share> = BTreeMap::new();
        for task in node.rows.iter().map(|row| node.task(row)).filter(|task| task.last_status != "STOPPED") {
            let Some(zone) = task.zone.as_deref() else { continue };
            by_zone.entry(zone).or_default().running += u32::from(task.last_status == "RUNNING");
        }
        Self { name: "", by_zone, served: false }
    }

    fn of_group(party_box: &'a PartyBox, node: &'a ServiceNode, group: &'a GroupHealth) -> Self {
        let mut by_address: HashMap<Address<'_>, &str> = HashMap::new();
        for task in node.rows.iter().map(|row| node.task(row)) {
            let Some(zone) = task.zone.as_deref() else { continue };
            for address in task.addresses().chain(task.ec2_instance.as_deref().map(Address::Name)) {
                // Rows of the living come first: their address counts, should it have been used before.
                by_address.entry(address).or_insert(zone);
            }
        }
        // The load balancer names a target's zone itself, but not always, and `all` for one outside its VPC.
        let zone_of = |target: &'a TargetHealth| {
            let told = target.zone.as_deref().filter(|zone| *zone != "all");
            by_address.get(&target.address()).copied().or(told)
        };
        let mut this = Self { name: &group.name, served: true, ..Self::of_tasks(node) };
        for target in party_box.group(&group.arn).into_iter().flat_map(|group| &group.targets) {
            if let Some(zone) = zone_of(target) {
                this.by_zone.entry(zone).or_default().add(target);
            }
        }
        this
    }

    fn all(&self) -> u32 {
        self.by_zone.values().map(|share| share.count(self.served)).sum()
    }
}

fn share_level(share: &Share) -> Level {
    if share.failing > 0 && share.healthy == 0 {
        Level::Bad
    } else if share.failing > 0 || share.off > 0 {
        Level::Warn
    } else if share.registered > share.healthy {
        Level::Busy
    } else {
        Level::Good
    }
}

/// `2 running, targets: 1 healthy, 1 unhealthy`. `group`: the one of several that is told of.
fn describe_share(share: &Share, group: Option<&str>) -> String {
    let running = format!("{} running", share.running);
    if share.targets.is_empty() {
        return running;
    }
    let states: Vec<String> = share.targets.iter().map(|(state, n)| format!("{n} {state}")).collect();
    let of = group.map(|name| format!(" in {name}")).unwrap_or_default();
    format!("{running}, targets{of}: {}", states.join(", "))
}

fn share_loss(name: &str, share: &Share, served: bool, all: u32) -> Option<Loss> {
    let (here, what) = (share.count(served), if served { "target" } else { "task" });
    if here == 0 {
        return None;
    }
    let left = all.saturating_sub(here);
    let of = |n: u32| plural(n as usize, what);
    Some(if left == 0 {
        let which = if all == 1 { format!("its only {what}") } else { format!("all {}", of(all)) };
        let detail = ": it is down until ECS starts others elsewhere";
        Loss::new(Level::Bad, format!("{name} {which}"), detail)
    } else {
        Loss::new(Level::Warn, format!("{name} {here} of {}", of(all)), format!(" ({left} left)"))
    })
}

/// Nodes of the load balancers.
pub(super) fn add_balancers(party_box: &PartyBox, zones: &mut [Zone]) {
    for balancer in &party_box.balancers {
        let all: BTreeSet<&str> = balancer.zones.iter().map(|(zone, _)| zone.as_str()).collect();
        for zone in zones.iter_mut().filter(|z| all.contains(z.name.as_str())) {
            let rest: BTreeSet<&str> = all.iter().copied().filter(|z| *z != zone.name).collect();
            let loss = if rest.is_empty() {
                Loss::new(Level::Bad, format!("the only node of {}", balancer.name), "")
            } else {
                let detail = format!(" (nodes left in {})", join_zones(&rest));
                Loss::new(Level::Idle, format!("a node of {}", balancer.name), detail)
            };
            let subnets: Vec<&str> =
                balancer.zones.iter().filter(|(z, _)| *z == zone.name).map(|(_, s)| s.as_str()).collect();
            // The state is the load balancer's as a whole: it stays `active` when a zone is lost.
            let (level, remark) = match balancer.level() {
                Level::Good if zone.healthy == 0 => {
                    (Level::Unknown, "; no healthy target here shows whether it works")
                }
                level => (level, ""),
            };
            zone.parts.push(Part {
                kind: if balancer.is_application() { PartKind::Balancer } else { PartKind::NetworkBalancer },
                name: balancer.name.clone(),
                role: None,
                level,
                here: format!("a node in {}{remark}", subnets.join(" ")),
                loss: Some(loss),
            });
        }
    }
}

/// NAT gateways, with the zones whose private subnets reach out through them: a zone whose gateway stands
/// elsewhere loses its way out with that zone.
pub(super) fn add_gateways(store: &Store, network: &Network, zones: &mut [Zone], now: DateTime<Utc>) {
    let zone_of = |subnet: &str| network.subnets.iter().find(|s| s.id == subnet).map(|s| s.zone.as_str());
    for nat in network.nat_gateways.iter().filter(|n| n.state != "deleted") {
        let Some(home) = zone_of(&nat.subnet) else { continue };
        let through: BTreeSet<&str> = network
            .subnets
            .iter()
            .filter(|s| network.way_out(&s.id).is_some_and(|route| route.target == nat.id))
            .map(|s| s.zone.as_str())
            .collect();
        let Some(zone) = zones.iter_mut().find(|z| z.name == home) else { continue };
        let good = nat.state == "available";
        let others = through.iter().any(|z| *z != home);
        let loss = match (through.is_empty(), others) {
            (true, _) => None,
            (false, true) => {
                let short = format!("the NAT gateway of the private subnets in {}", join_zones(&through));
                Some(Loss::new(Level::Warn, short, ": no way out"))
            }
            (false, false) => {
                Some(Loss::new(Level::Idle, format!("the NAT gateway of {} alone", zone_letter(home)), ""))
            }
        };
        let serves = match through.len() {
            0 => "no subnet routes through it".to_owned(),
            _ => format!("way out of the private subnets in {}", join_zones(&through)),
        };
        // The state is the control plane's, which goes on when the zone is lost.
        let level = match nat.level() {
            Level::Good if zone.healthy == 0 && !is_counting(store, &nat.id, now) => Level::Unknown,
            level => level,
        };
        let remark = if level == Level::Unknown { "; nothing here shows whether it works" } else { "" };
        zone.parts.push(Part {
            kind: PartKind::Gateway,
            name: nat.id.clone(),
            role: None,
            level,
            here: if good { format!("{serves}{remark}") } else { format!("{}; {serves}", nat.state) },
            loss,
        });
    }
}

/// A gateway that works sends its metrics each minute; this long after the last it may not.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway-cloudwatch.html>
const COUNTS_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// Whether a NAT gateway has lately sent metrics.
pub(super) fn is_counting(store: &Store, nat: &str, now: DateTime<Utc>) -> bool {
    let series = store.series(&MetricKey::new(MetricKind::NatPortErrors, nat));
    series.and_then(|series| series.points.last()).is_some_and(|(at, _)| now - *at <= COUNTS_WITHIN)
}

/// Subnets, with their way out.
pub(super) fn add_subnets(network: &Network, zones: &mut [Zone]) {
    let mut all: Vec<_> = network.subnets.iter().collect();
    all.sort_by_key(|s| (!network.is_public(&s.id), s.cidr.as_str()));
    for subnet in all {
        let Some(zone) = zones.iter_mut().find(|z| z.name == subnet.zone) else { continue };
        let tier = if network.is_public(&subnet.id) { "public" } else { "private" };
        let route = network.way_out(&subnet.id);
        let gone = route.is_some_and(Route::leads_nowhere);
        let out = match route {
            Some(route) if gone => format!("{} leads nowhere", route.target),
            Some(route) if route.target.starts_with("nat-") => {
                let nat = network.nat_gateways.iter().find(|n| n.id == route.target);
                let at = nat.and_then(|n| network.subnets.iter().find(|s| s.id == n.subnet));
                format!("out through the NAT gateway in {}", at.map_or("?", |s| zone_letter(&s.zone)))
            }
            Some(route) if route.target.starts_with("igw-") => "out through the internet gateway".to_owned(),
            Some(route) => format!("out through {} {}", network.leads_out(&subnet.id).name(), route.target),
            None => "no way out".to_owned(),
        };
        zone.parts.push(Part {
            kind: PartKind::Subnet,
            name: subnet.name.clone().unwrap_or_else(|| subnet.id.clone()),
            role: None,
            level: route.map_or(Level::Good, Route::level),
            here: format!("{tier}, {} free, {out}", subnet.free_addresses),
            loss: None,
        });
    }
}
