//! What leads out of the VPC, and whether the tasks' subnets have a way out.

use super::{Finding, Subject, join_zones, plural, zone_letter};
use crate::domain::{ErrorKind, Level, Network, Store, Subnet, Topic, VpcEndpoint, WayOut};
use std::collections::{BTreeMap, BTreeSet};

/// One line about a gate of the VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// How serious it is.
    pub level: Level,
    /// What kind of gate.
    pub kind: &'static str,
    /// Its state, or why there is none.
    pub text: String,
    /// Which it is, in small print; may be empty.
    pub detail: String,
}

impl Gate {
    fn new(level: Level, kind: &'static str, text: impl Into<String>) -> Self {
        Self { level, kind, text: text.into(), detail: String::new() }
    }
}

/// The gates of the VPC that was read, for a list of them. The internet gateway is the first.
pub fn list_gates(store: &Store, network: &Network) -> Vec<Gate> {
    let mut gates = vec![internet(store, network)];
    let zone =
        |subnet: &str| network.subnets.iter().find(|s| s.id == subnet).map_or("?", |s| zone_letter(&s.zone));
    for nat in &network.nat_gateways {
        let why = nat.failure.as_deref().map(|why| format!("  {why}")).unwrap_or_default();
        let ip = nat.public_ip.as_deref().map(|ip| format!("  {ip}")).unwrap_or_default();
        gates.push(Gate {
            detail: format!("{}  {}{ip}{why}", zone(&nat.subnet), nat.id),
            ..Gate::new(nat.level(), "NAT gateway", nat.state.as_str())
        });
    }
    if network.nat_gateways.is_empty() {
        gates.push(without_nat(store, network));
    }
    gates.extend(endpoints(store));
    gates
}

fn internet(store: &Store, network: &Network) -> Gate {
    let kind = "internet gateway";
    match network.internet_gateways.first() {
        Some((id, state)) => {
            let good = matches!(state.as_str(), "available" | "attached");
            Gate {
                detail: id.clone(),
                ..Gate::new(if good { Level::Good } else { Level::Bad }, kind, state.as_str())
            }
        }
        None if is_shared(store, network) => Gate::new(Level::Idle, kind, owners(network)),
        // Only a load balancer or a subnet that is to be reached from outside needs one.
        None if store.load_balancers().iter().any(|b| b.scheme == "internet-facing") => {
            Gate::new(Level::Warn, kind, "none")
        }
        None => Gate::new(Level::Idle, kind, "none"),
    }
}

/// What is said in place of a NAT gateway where there is none.
fn without_nat(store: &Store, network: &Network) -> Gate {
    let kind = "NAT gateway";
    if is_shared(store, network) {
        return Gate::new(Level::Idle, kind, owners(network));
    }
    let blind = subnets_without_way(store, network);
    if !blind.is_empty() {
        return match cannot_leave(store) {
            Some(true) => Gate::new(Level::Warn, kind, "none: private tasks cannot reach out"),
            Some(false) => Gate::new(Level::Good, kind, "none: private tasks reach AWS by VPC endpoints"),
            None => Gate::new(Level::Idle, kind, format!("none: {}", endpoints_unread(store))),
        };
    }
    let ways: BTreeSet<&str> = task_subnets(store, network)
        .map(|s| network.leads_out(&s.id))
        .filter(|way| *way != WayOut::None)
        .map(WayOut::name)
        .collect();
    match ways.into_iter().collect::<Vec<_>>().join(", ") {
        ways if ways.is_empty() => Gate::new(Level::Idle, kind, "none"),
        ways => Gate::new(Level::Good, kind, format!("none: tasks reach out by {ways}")),
    }
}

/// The endpoints, those of one state together.
fn endpoints(store: &Store) -> Vec<Gate> {
    let kind = "VPC endpoints";
    let Some(all) = store.vpc_endpoints() else {
        let denied = store.failure(&Topic::VpcEndpoints).is_some();
        return if denied { vec![Gate::new(Level::Idle, kind, endpoints_unread(store))] } else { Vec::new() };
    };
    let mut states: BTreeMap<String, Vec<&VpcEndpoint>> = BTreeMap::new();
    for endpoint in all {
        states.entry(endpoint.state.to_ascii_lowercase()).or_default().push(endpoint);
    }
    let gate = |(state, group): (String, Vec<&VpcEndpoint>)| {
        let names: BTreeSet<&str> = group.iter().map(|e| e.short_service()).collect();
        let why =
            group.iter().find_map(|e| e.failure.as_deref()).map(|why| format!("  {why}")).unwrap_or_default();
        let level = group.iter().map(|e| e.level()).max().unwrap_or_default();
        Gate {
            detail: names.into_iter().collect::<Vec<_>>().join(" ") + &why,
            ..Gate::new(level, kind, state)
        }
    };
    states.into_iter().map(gate).collect()
}

fn endpoints_unread(store: &Store) -> String {
    match store.failure(&Topic::VpcEndpoints).map(|failure| &failure.error) {
        Some(error) if error.kind == ErrorKind::Denied => {
            format!("VPC endpoints are not looked at: no permission for {}", error.action)
        }
        Some(error) => format!("VPC endpoints are not looked at: {}", error.message),
        None => "VPC endpoints are being read".to_owned(),
    }
}

fn is_shared(store: &Store, network: &Network) -> bool {
    store.identity().is_some_and(|identity| network.is_shared_with(&identity.account))
}

/// Of a shared VPC: its owner's gateways are not shown to those who share its subnets.
fn owners(network: &Network) -> String {
    format!("the VPC's owner's, account {}: not shown to this account", network.owner)
}

/// The subnets in which the services' tasks start.
fn task_subnets<'a>(store: &'a Store, network: &'a Network) -> impl Iterator<Item = &'a Subnet> {
    let named: BTreeSet<&String> =
        store.services().into_iter().flat_map(|all| all.iter()).flat_map(|s| &s.subnets).collect();
    network.subnets.iter().filter(move |subnet| named.contains(&subnet.id))
}

/// Those of them that have no default route.
fn subnets_without_way<'a>(store: &'a Store, network: &'a Network) -> Vec<&'a Subnet> {
    // Without any route table, they were not shown.
    let shown = |subnet: &&Subnet| network.route_table(&subnet.id).is_some();
    task_subnets(store, network).filter(shown).filter(|s| network.leads_out(&s.id) == WayOut::None).collect()
}

/// Whether nothing leads from a subnet without a default route to AWS: no endpoint stands in the VPC, and no route leads
/// to one. `None` while the endpoints are not known.
fn cannot_leave(store: &Store) -> Option<bool> {
    let routes = store.network().into_iter().flat_map(|n| &n.route_tables).flat_map(|table| &table.routes);
    // Also routes to other networks, such as a range behind a transit gateway, may lead to somebody's endpoints.
    let mut other = routes.filter(|route| !route.leads_nowhere() && route.target != "local");
    let leads = other.any(|route| !route.target.starts_with("igw-") && !route.target.starts_with("nat-"));
    match store.vpc_endpoints() {
        _ if leads => Some(false),
        Some(endpoints) => Some(!endpoints.iter().any(|endpoint| endpoint.level() == Level::Good)),
        None => None,
    }
}

pub(super) fn examine(store: &Store, network: &Network, findings: &mut Vec<Finding>) {
    let mut tell = |level, text: String| findings.push(Finding::new(level, Subject::Network, text));
    if is_shared(store, network) {
        let text = format!(
            "The VPC is account {}'s, which shares its subnets: its gateways are not seen here",
            network.owner
        );
        tell(Level::Idle, text);
    } else {
        let blind = subnets_without_way(store, network);
        if !blind.is_empty() && cannot_leave(store) == Some(true) {
            let zones: BTreeSet<&str> = blind.iter().map(|s| s.zone.as_str()).collect();
            let text = format!(
                "{} of the tasks in {} cannot reach out: no default route and no VPC endpoint",
                plural(blind.len(), "subnet"),
                join_zones(&zones)
            );
            tell(Level::Warn, text);
        }
    }
    for endpoint in store.vpc_endpoints().unwrap_or_default().iter().filter(|e| e.level() > Level::Good) {
        let why = endpoint.failure.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let state = endpoint.state.to_ascii_lowercase();
        tell(
            endpoint.level(),
            format!("VPC endpoint {} of {} is {state}{why}", endpoint.id, endpoint.short_service()),
        );
    }
}
