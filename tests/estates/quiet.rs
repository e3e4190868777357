//! A quiet estate is read whole, is well, and is counted right.

use crate::{estates, program, until};
use partybox_core::report::status::{self, Status};
use partybox_sim::Scenario;
use serde_json::Value;

/// The program looks for so long before it is asked, milliseconds.
const LOOK: u64 = 90_000;

/// A quiet estate, and what the program must say of it.
struct Expected {
    name: &'static str,
    /// The services with their running tasks.
    services: &'static [(&'static str, u64)],
    /// The databases that belong to them.
    databases: &'static [&'static str],
    /// The findings that are no notes: none, where nothing is wrong with it.
    findings: &'static [&'static str],
    /// What this caller may not read of it: another account's registry.
    denied: &'static [&'static str],
}

/// An estate with nothing in it, of which everything can be read.
const PLAIN: Expected = Expected { name: "", services: &[], databases: &[], findings: &[], denied: &[] };

const EXPECTED: &[Expected] = &[
    Expected {
        name: "party-box",
        services: &[("backend", 2), ("frontend", 2)],
        databases: &["party-box-db", "party-box-db-replica-1"],
        ..PLAIN
    },
    Expected {
        name: "three-zones",
        services: &[("backend", 3), ("frontend", 3)],
        databases: &["party-box-db", "party-box-db-replica-1"],
        ..PLAIN
    },
    Expected {
        name: "aurora",
        services: &[("backend", 3), ("frontend", 3)],
        databases: &["party-box-db-1", "party-box-db-2", "party-box-db-3"],
        ..PLAIN
    },
    Expected {
        name: "endpoints",
        services: &[("backend", 2), ("frontend", 2)],
        databases: &["party-box-db"],
        ..PLAIN
    },
    Expected { name: "nlb", services: &[("backend", 2)], databases: &["party-box-db"], ..PLAIN },
    Expected {
        name: "codedeploy",
        services: &[("backend", 2), ("frontend", 2)],
        databases: &["party-box-db"],
        ..PLAIN
    },
    Expected {
        name: "ipv6",
        services: &[("backend", 2), ("frontend", 2)],
        databases: &["party-box-db"],
        ..PLAIN
    },
    Expected {
        name: "shared-vpc",
        services: &[("backend", 2), ("frontend", 2)],
        databases: &["party-box-db"],
        ..PLAIN
    },
    Expected {
        name: "messy",
        services: &[("backend", 2), ("frontend", 3), ("node-agent", 3), ("worker", 2)],
        databases: &["party-box-db", "party-box-db-replica-1"],
        findings: &[
            "1 of 3 targets of frontend gets no requests: zone 1d is not enabled for the load balancer",
        ],
        denied: &["ecr:DescribeRepositories"],
    },
    Expected {
        name: "ec2-bridge",
        services: &[("backend", 2), ("frontend", 2), ("node-agent", 4)],
        databases: &["party-box-db"],
        ..PLAIN
    },
    Expected {
        name: "proxy",
        services: &[("backend", 2), ("frontend", 2)],
        databases: &["party-box-db"],
        ..PLAIN
    },
];

#[test]
fn a_quiet_estate_is_read_whole_and_well() {
    let mut wrong = Vec::new();
    for estate in estates() {
        let mut rig = program(&estate, Scenario::Steady, 1);
        rig.connect(0);
        until(&mut rig, LOOK, |_| false);
        let mut says = |what: String| wrong.push(format!("{}: {what}", estate.name()));
        if !rig.state.all_answered() {
            says("not everything was answered".to_owned());
        }
        let status = Status::new(&rig.state, rig.now(), None, false);
        let json = serde_json::to_value(&status).expect("a status is data");
        let expected = EXPECTED.iter().find(|it| it.name == estate.name());
        let denied: Vec<&str> = json["unreadable"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|each| each["action"].as_str().unwrap_or_default())
            .collect();
        if denied != expected.map_or(PLAIN.denied, |it| it.denied) {
            says(format!("unreadable: {}", json["unreadable"]));
        }
        let Some(expected) = expected else { continue };
        let text = status::text(&status);
        let list = |part: &str| json[part].as_array().cloned().unwrap_or_default();
        let name = |each: &Value, key: &str| each[key].as_str().unwrap_or_default().to_owned();
        let found: Vec<(String, u64)> = list("services")
            .iter()
            .map(|each| (name(each, "name"), each["running"].as_u64().unwrap_or_default()))
            .collect();
        if !found.iter().map(|(name, count)| (name.as_str(), *count)).eq(expected.services.iter().copied()) {
            says(format!("services {found:?} in\n{text}"));
        }
        let found: Vec<String> = list("databases").iter().map(|each| name(each, "id")).collect();
        if found != expected.databases {
            says(format!("databases {found:?} in\n{text}"));
        }
        let findings: Vec<String> = list("findings")
            .iter()
            .filter(|each| each["level"] != "note")
            .map(|each| name(each, "text"))
            .collect();
        if !findings.iter().map(String::as_str).eq(expected.findings.iter().copied()) {
            says(format!("findings {findings:?} in\n{text}"));
        }
        if (status.exit_status().code() == 0) != expected.findings.is_empty() {
            says(format!("exit code {} in\n{text}", status.exit_status().code()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
