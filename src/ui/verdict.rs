//! Inbound rules against the intended chain: 443 from the world -> the container's port from the ALB -> 5432 from ECS.

use crate::domain::{InboundRule, Level, PartyBox, RuleAction, SecurityGroup, Store};

/// What a security group protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The load balancer.
    Balancer,
    /// The services' tasks.
    Services,
    /// The databases.
    Databases,
    /// Nothing of the Party Box.
    Other,
}

impl Role {
    /// What the group protects, by who carries it.
    pub(super) fn of(party_box: &PartyBox, group: &str) -> Self {
        if party_box.balancers.iter().any(|b| b.security_groups.iter().any(|g| g == group)) {
            Self::Balancer
        } else if is_service_group(party_box, group) {
            Self::Services
        } else if party_box.databases.iter().any(|d| d.security_groups.iter().any(|g| g == group)) {
            Self::Databases
        } else {
            Self::Other
        }
    }

    /// Its name on the screen.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Balancer => "ALB",
            Self::Services => "services",
            Self::Databases => "database",
            Self::Other => "other",
        }
    }
}

fn is_service_group(party_box: &PartyBox, group: &str) -> bool {
    party_box.services.iter().any(|n| n.service().security_groups.iter().any(|g| g == group))
}

/// A rule of a group: as intended, wider than needed, or open where it must not be.
pub(super) fn rule(
    store: &Store,
    party_box: &PartyBox,
    role: Role,
    inbound: &InboundRule,
) -> (Level, String) {
    let world = matches!(inbound.source.as_str(), "0.0.0.0/0" | "::/0");
    let only = |port: u32| {
        let port = i32::try_from(port).ok();
        inbound.protocol == "tcp" && port.is_some() && inbound.from_port == port && inbound.to_port == port
    };
    let from = Role::of(party_box, &inbound.source);
    match role {
        Role::Balancer if world && only(443) => (Level::Good, "as intended".into()),
        Role::Balancer if world && only(80) && redirects(store, party_box) => {
            (Level::Good, "redirected to HTTPS".into())
        }
        Role::Balancer if world => (Level::Warn, "the world needs 443 only".into()),
        Role::Balancer => (Level::Good, "narrower than the world".into()),
        Role::Services | Role::Databases if world => (Level::Bad, "open to the world".into()),
        Role::Services => {
            let ports = party_box.services.iter().flat_map(|n| &n.service().target_links);
            match (from == Role::Balancer, ports.map(|l| l.port).any(only)) {
                (true, true) => (Level::Good, "as intended".into()),
                (true, false) => (Level::Warn, "wider than the container's port".into()),
                _ => (Level::Warn, "not from the ALB's group".into()),
            }
        }
        Role::Databases => {
            let port = party_box.databases.iter().filter_map(|d| d.port).any(only) || only(5432);
            match (from == Role::Services, port) {
                (true, true) => (Level::Good, "as intended".into()),
                (true, false) => (Level::Warn, "wider than the database's port".into()),
                _ => (Level::Warn, "not from the services' group".into()),
            }
        }
        Role::Other => (Level::Idle, "not part of the chain".into()),
    }
}

/// Whether port 80 does nothing but redirect.
fn redirects(store: &Store, party_box: &PartyBox) -> bool {
    let mut listeners = party_box.balancers.iter().filter_map(|b| store.listeners(&b.arn)).flatten();
    listeners.any(|l| {
        l.port == 80 && l.rules.iter().all(|r| r.actions.iter().all(|a| matches!(a, RuleAction::Redirect(_))))
    })
}

/// A rule's ports in words.
pub(super) fn ports(rule: &InboundRule) -> String {
    match (rule.protocol.as_str(), rule.from_port, rule.to_port) {
        ("-1", _, _) => "everything".into(),
        (protocol, Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (protocol, Some(from), Some(to)) => format!("{protocol} {from}-{to}"),
        (protocol, _, _) => format!("{protocol} all"),
    }
}

/// A rule's source in words: `the world`, or a group's name.
pub(super) fn source(groups: &[SecurityGroup], source: &str) -> String {
    match source {
        "0.0.0.0/0" => "the world (IPv4)".into(),
        "::/0" => "the world (IPv6)".into(),
        id => groups.iter().find(|g| g.id == id).map_or_else(
            || id.to_owned(),
            |g| if g.name.is_empty() { id.to_owned() } else { g.name.clone() },
        ),
    }
}
