//! Findings about which databases belong: none was found, one is only assumed, one that is named is not here.

use super::access::is_chain_read;
use super::{Finding, Subject, plural};
use crate::domain::{
    Belonging, Database, DatabaseChoice, Level, PartyBox, Serves, Store, Topic, db_status, families_in_vpc,
};
use std::collections::BTreeSet;

const ADVICE: &str =
    "name it with --database or in the configuration file; `database = \"none\"` if there is none";

pub(super) fn examine(store: &Store, party_box: &PartyBox, findings: &mut Vec<Finding>) {
    if store.services().is_none() || !is_link_read(store) {
        return;
    }
    if let Some(text) = find_no_database(store, party_box) {
        findings.push(Finding::new(Level::Unknown, Subject::Whole, text).advise(ADVICE));
    }
    for (id, why) in party_box.belongings.iter().filter(|(_, why)| why.is_assumed()) {
        let others = plural(party_box.databases.len().saturating_sub(1), "other");
        let text = match why {
            Belonging::Vpc if party_box.databases.len() > 1 => {
                format!(
                    "{id} and {others} are assumed to be its database: nothing else is in this VPC, and nothing links them"
                )
            }
            Belonging::Vpc => {
                format!("{id} is assumed to be its database: the only one in this VPC, and nothing links it")
            }
            _ => format!("{id} is {}", why.reason()),
        };
        // Once for the family.
        if party_box.databases.first().is_some_and(|first| first.id == *id) || !matches!(why, Belonging::Vpc)
        {
            findings.push(Finding::new(Level::Idle, Subject::Database(id.clone()), text).advise(ADVICE));
        }
    }
    examine_named(store, party_box, findings);
}

/// Databases that the settings or task definitions name, and that are not here.
fn examine_named(store: &Store, party_box: &PartyBox, findings: &mut Vec<Finding>) {
    if store.payload(&Topic::Databases).is_none() {
        return;
    }
    if let DatabaseChoice::Named(names) = &party_box.choice {
        let here = |name: &str| {
            store.databases().iter().any(|db| {
                db.id.eq_ignore_ascii_case(name)
                    || db.cluster.as_deref().is_some_and(|c| c.eq_ignore_ascii_case(name))
            })
        };
        for name in names.iter().filter(|name| !here(name)) {
            let text = format!("The settings name the database {name}: RDS has none of that name here");
            findings.push(Finding::new(Level::Warn, Subject::Database(name.clone()), text).advise(ADVICE));
        }
    }
    for (host, service) in strange_hosts(store) {
        let text = format!(
            "{service} names the database {host}, which is not in this account and Region: it is not looked at"
        );
        findings.push(Finding::new(Level::Idle, Subject::Service(service.to_owned()), text));
    }
}

/// Hosts of databases that a service names and that RDS does not have here, each with the service. Endpoints of one's
/// own making, and of proxies that were not read, cannot be told from those of other accounts and are left out.
fn strange_hosts(store: &Store) -> BTreeSet<(&str, &str)> {
    let services = store.services().into_iter().flat_map(|all| all.iter());
    let named =
        services.filter_map(|s| Some((s, store.task_definition(&s.task_definition)?))).flat_map(|(s, d)| {
            let hosts = d.containers.iter().flat_map(|c| &c.database_hosts);
            hosts.map(|host| (host.as_str(), s.name.as_str()))
        });
    let known = |host: &str| {
        let is = |own: &Option<String>| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(host));
        store.databases().iter().any(|db| is(&db.host))
            || store.db_clusters().iter().any(|c| is(&c.host) || is(&c.reader_host))
            || store.db_proxies().iter().any(|p| is(&p.host))
    };
    let custom = |host: &str| {
        host.contains(".cluster-custom-")
            || (host.contains(".proxy-") && store.payload(&Topic::DbProxies).is_none())
    };
    named.filter(|(host, _)| !known(host) && !custom(host)).collect()
}

/// Whether everything was read, or cannot be, by which a database could be linked to the services.
pub(super) fn is_link_read(store: &Store) -> bool {
    let links = |topic: &Topic| {
        matches!(
            topic,
            Topic::TaskDefinition(_)
                | Topic::DbProxies
                | Topic::DbClusters
                | Topic::PrefixLists
                | Topic::Secrets
        )
    };
    is_chain_read(store)
        && store.answered(&Topic::Databases)
        && store.iter().filter(|(topic, _)| links(topic)).all(|(topic, _)| store.answered(topic))
}

/// Why there is no database to judge, where there should be one; `None` when one was found, when there is none by the
/// settings, or when RDS cannot be read, which is told by itself.
pub fn find_no_database(store: &Store, party_box: &PartyBox) -> Option<String> {
    if !party_box.databases.is_empty()
        || party_box.choice == DatabaseChoice::Absent
        || store.payload(&Topic::Databases).is_none()
    {
        return None;
    }
    if let Some((host, service)) = strange_hosts(store).first() {
        return Some(format!(
            "No database found: {service} names {host}, which is not in this account and Region; whether all is well cannot be told"
        ));
    }
    let near = families_in_vpc(store);
    let all = store.databases();
    let told = match (near.len(), all.len()) {
        (_, 0) => "RDS has none in this Region".to_owned(),
        (0, 1) => format!("nothing links {}, in another VPC, to the services", all[0].id),
        (0, count) => format!("none of {count} in other VPCs is linked to the services"),
        _ => {
            let names: Vec<&str> =
                near.iter().filter_map(|family| family.first()).map(String::as_str).collect();
            format!("{} are in this VPC and nothing links one to the services", names.join(", "))
        }
    };
    let away: Vec<&Database> = all
        .iter()
        .filter(|db| near.iter().flatten().any(|id| *id == db.id))
        .filter(|db| db_status(&db.status).is_none_or(|known| known.serves != Serves::Yes))
        .collect();
    let away = match away.as_slice() {
        [] => String::new(),
        some => {
            let each: Vec<String> = some.iter().map(|db| format!("{} is {}", db.id, db.status)).collect();
            format!(" ({})", each.join(", "))
        }
    };
    Some(format!("No database found: {told}{away}; whether all is well cannot be told"))
}
