//! Findings about the network: who may reach whom, and what the loss of a zone would cost.

use super::access::is_chain_read;
use super::zones::join_zones;
use super::{Finding, Subject, network_gates, zone_letter};
use crate::domain::{InboundRule, Level, LoadBalancer, Network, PartyBox, Store, range_contains};
use std::collections::BTreeSet;

pub(super) fn examine(store: &Store, party_box: &PartyBox, findings: &mut Vec<Finding>) {
    if let Some(network) = store.network() {
        examine_gateways(network, findings);
        examine_missing(store, network, findings);
        network_gates::examine(store, network, findings);
        let chain = if is_chain_read(store) { attached_groups(store, party_box) } else { Vec::new() };
        for (group, tier) in chain {
            let Some(group) = network.security_groups.iter().find(|g| g.id == group) else { continue };
            for rule in &group.inbound {
                if let Err(problem) = judge_rule(rule, tier, store, party_box) {
                    findings.push(
                        Finding::new(
                            Level::Warn,
                            Subject::Network,
                            format!(
                                "Security group {} admits {} from {}: {problem}",
                                group.name,
                                format_ports(rule),
                                rule.source
                            ),
                        )
                        .advise("6 shows all rules"),
                    );
                }
            }
        }
    }
}

/// What a security group guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Load balancers.
    Balancer,
    /// Services' tasks.
    Service,
    /// Databases.
    Database,
}

impl Tier {
    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Balancer => "ALB",
            Self::Service => "services",
            Self::Database => "database",
        }
    }
}

/// The tier that a security group guards; the first in the order of the chain when there are several. `None`:
/// nothing of the Party Box.
pub fn tier_of(store: &Store, party_box: &PartyBox, group: &str) -> Option<Tier> {
    attached_groups(store, party_box).into_iter().find(|(id, _)| id == group).map(|(_, tier)| tier)
}

/// The attached security groups with their tiers, in the order of the chain.
pub fn attached_groups(store: &Store, party_box: &PartyBox) -> Vec<(String, Tier)> {
    let mut found: Vec<(String, Tier)> = Vec::new();
    let mut add = |ids: &[String], tier| {
        for id in ids {
            if !found.iter().any(|(known, t)| known == id && *t == tier) {
                found.push((id.clone(), tier));
            }
        }
    };
    for balancer in &party_box.balancers {
        add(&balancer.security_groups, Tier::Balancer);
    }
    for service in store.services().into_iter().flat_map(|s| s.iter()) {
        add(&service.security_groups, Tier::Service);
    }
    for database in &party_box.databases {
        add(&database.security_groups, Tier::Database);
    }
    found
}

/// Judges an inbound rule: `Ok` as meant, and how; `Err` with what is wrong. Meant: 443 (80 only to redirect)
/// from the world to the load balancer, the containers' port from the load balancer's groups only, the
/// database's port from the services' groups only.
pub fn judge_rule(
    rule: &InboundRule,
    tier: Tier,
    store: &Store,
    party_box: &PartyBox,
) -> Result<&'static str, String> {
    if rule.protocol == "-1" {
        return Err("every protocol and port".to_owned());
    }
    let (meant, ports) = match tier {
        Tier::Balancer => return judge_balancer_rule(rule, store, party_box),
        Tier::Service => {
            let links = store.services().into_iter().flat_map(|s| s.iter()).flat_map(|s| &s.target_links);
            ((Tier::Balancer, "the load balancer's group"), links.map(|l| l.port).collect::<BTreeSet<_>>())
        }
        Tier::Database => {
            if let Some(meant) = judge_way_to_database(rule, store) {
                return Ok(meant);
            }
            let ports = party_box.databases.iter().filter_map(|d| d.port).collect();
            ((Tier::Service, "the services' groups"), ports)
        }
    };
    // A network load balancer without security groups keeps its clients' addresses or sends from its own:
    // there is no group to admit.
    // <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html>
    let ungrouped = |b: &&LoadBalancer| !b.is_application() && b.security_groups.is_empty();
    if tier == Tier::Service
        && !rule.source.starts_with("sg-")
        && let Some(balancer) = party_box.balancers.iter().find(ungrouped)
        && single_port(rule).is_some_and(|port| ports.is_empty() || ports.contains(&port))
    {
        return Ok(match balancer.kind.as_str() {
            "network" => "addresses, as an NLB without groups needs",
            _ => "addresses, as a load balancer without groups needs",
        });
    }
    if !rule.source.starts_with("sg-") {
        return Err(format!("addresses; meant is {} only", meant.1));
    }
    if !attached_groups(store, party_box).iter().any(|(id, tier)| *id == rule.source && *tier == meant.0) {
        return Err(format!("another group; meant is {} only", meant.1));
    }
    let Some(port) = single_port(rule) else { return Err("more than one port".to_owned()) };
    if !ports.is_empty() && !ports.contains(&port) {
        return Err(format!("nothing of the chain listens on {port}"));
    }
    Ok("as meant")
}

/// Other ways to a database than from the services' groups that are as meant: a proxy's group, a group between that
/// admits the services, the VPC's own addresses and prefix lists.
fn judge_way_to_database(rule: &InboundRule, store: &Store) -> Option<&'static str> {
    let source = &rule.source;
    if source.starts_with("pl-") {
        return Some(if store.prefix_list(source).is_some() {
            "by a prefix list"
        } else {
            "by a prefix list: not read"
        });
    }
    if store.network().is_some_and(|network| range_contains(&network.cidr, source)) {
        return Some("from the VPC's own addresses");
    }
    if store.db_proxies().iter().any(|proxy| proxy.security_groups.contains(source)) {
        return Some("from a proxy");
    }
    let services: Vec<&String> = store.services()?.iter().flat_map(|s| &s.security_groups).collect();
    if services.contains(&source) {
        return None;
    }
    // Tasks without an interface of their own go out by their instance's groups, which are not read.
    if source.starts_with("sg-") && store.services()?.iter().any(|service| service.security_groups.is_empty())
    {
        return Some("from a group that may be the instances': not read");
    }
    let between = store.network()?.security_groups.iter().find(|group| group.id == *source)?;
    between
        .inbound
        .iter()
        .any(|rule| services.contains(&&rule.source))
        .then_some("from a group that the services reach")
}

/// Subnets and security groups that services name and that do not exist.
fn examine_missing(store: &Store, network: &Network, findings: &mut Vec<Finding>) {
    let services = || store.services().into_iter().flat_map(|all| all.iter());
    for id in &network.missing {
        for service in services().filter(|s| s.subnets.contains(id)) {
            let left = service.subnets.iter().any(|other| network.missing.iter().all(|gone| gone != other));
            let (level, then) = if left {
                (Level::Warn, "its tasks can start in the others alone")
            } else {
                (Level::Bad, "its tasks have no other: none will start")
            };
            let text = format!("Subnet {id} that {} names does not exist: {then}", service.name);
            findings.push(Finding::new(level, Subject::Service(service.name.clone()), text));
        }
        for service in services().filter(|s| s.security_groups.contains(id)) {
            let text = format!(
                "Security group {id} that {} names does not exist: new tasks will not start",
                service.name
            );
            findings.push(Finding::new(Level::Bad, Subject::Service(service.name.clone()), text));
        }
    }
}

/// Judges a rule of a load balancer's group.
fn judge_balancer_rule(
    rule: &InboundRule,
    store: &Store,
    party_box: &PartyBox,
) -> Result<&'static str, String> {
    let listens = |port: u32| {
        let others = party_box.balancers.iter().filter(|b| !b.is_application());
        others.filter_map(|b| store.listeners(&b.arn)).flatten().any(|listener| listener.port == port)
    };
    match single_port(rule) {
        Some(port) if listens(port) => Ok("as meant"),
        Some(443) => Ok("as meant"),
        Some(80) if only_redirects(store, party_box) => Ok("redirected to HTTPS"),
        Some(80) => Err("plain HTTP that is not redirected".to_owned()),
        _ if rule.source.starts_with("sg-") => Ok("from a group only"),
        _ => Err("more than HTTPS".to_owned()),
    }
}

/// The port of a rule for exactly one TCP port.
fn single_port(rule: &InboundRule) -> Option<u32> {
    let port = rule.from_port.filter(|from| rule.protocol == "tcp" && rule.to_port == Some(*from))?;
    u32::try_from(port).ok()
}

/// Whether every listener on port 80 only redirects.
fn only_redirects(store: &Store, party_box: &PartyBox) -> bool {
    party_box.balancers.iter().filter_map(|b| store.listeners(&b.arn)).flatten().filter(|l| l.port == 80).all(
        |l| {
            l.rules
                .iter()
                .all(|r| r.actions.iter().all(|a| matches!(a, crate::domain::RuleAction::Redirect(_))))
        },
    )
}

/// `tcp 443`, `tcp 1000-2000`, `everything`.
pub fn format_ports(rule: &InboundRule) -> String {
    match (rule.protocol.as_str(), rule.from_port, rule.to_port) {
        ("-1", _, _) => "everything".to_owned(),
        (protocol, Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (protocol, Some(from), Some(to)) => format!("{protocol} {from}-{to}"),
        (protocol, _, _) => format!("{protocol} all ports"),
    }
}

fn examine_gateways(network: &Network, findings: &mut Vec<Finding>) {
    for nat in network.nat_gateways.iter().filter(|n| n.state != "available" && n.state != "deleted") {
        let reason = nat.failure.as_deref().map(|f| format!(": {f}")).unwrap_or_default();
        findings.push(Finding::new(
            nat.level(),
            Subject::Network,
            format!("NAT gateway {} is {}{reason}", nat.id, nat.state),
        ));
    }
    let zone_of = |subnet: &str| network.subnets.iter().find(|s| s.id == subnet).map(|s| s.zone.as_str());
    let nat_zones: BTreeSet<&str> = network
        .nat_gateways
        .iter()
        .filter(|n| n.state == "available")
        .filter_map(|n| zone_of(&n.subnet))
        .collect();
    let zones: BTreeSet<&str> = network.subnets.iter().map(|s| s.zone.as_str()).collect();
    if nat_zones.len() == 1 && zones.len() > 1 {
        let zone = nat_zones.first().map_or("", |z| zone_letter(z));
        findings.push(Finding::new(
            Level::Idle,
            Subject::Network,
            format!("The only NAT gateway is in {zone}: without that zone no task reaches out"),
        ));
    }
    // With one gateway alone it is said above.
    for nat in network.nat_gateways.iter().filter(|n| n.state == "available" && nat_zones.len() > 1) {
        let Some(home) = zone_of(&nat.subnet) else { continue };
        let through = network.subnets.iter().filter(|s| s.zone != home);
        let through = through.filter(|s| network.way_out(&s.id).is_some_and(|r| r.target == nat.id));
        let others: BTreeSet<&str> = through.map(|s| s.zone.as_str()).collect();
        if !others.is_empty() {
            let (others, home) = (join_zones(&others), zone_letter(home));
            findings.push(
                Finding::new(
                    Level::Idle,
                    Subject::Network,
                    format!("Private subnets in {others} reach out through the NAT gateway in {home}: without that zone they do not"),
                )
                .advise("7 shows the zones"),
            );
        }
    }
    for table in &network.route_tables {
        for route in table.routes.iter().filter(|r| r.leads_nowhere()) {
            findings.push(Finding::new(
                route.level(),
                Subject::Network,
                format!(
                    "Route {} of {} leads nowhere ({} is gone)",
                    route.destination, table.id, route.target
                ),
            ));
        }
    }
}
