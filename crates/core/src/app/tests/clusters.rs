//! A database that is a DB cluster: what is read of it, and what F drafts. And the zones view's lists.

use super::build::Script;
use crate::app::{Pane, View};
use crate::domain::samples::{DB, Sample};
use crate::domain::{ErrorKind, Topic, samples};
use crate::operation::{Accepted, Action, Draft, OperationStage, Verdict};
use std::time::Duration;

fn aurora() -> Script {
    let mut script = Script::new(Sample::aurora(), None);
    script.connect();
    script
}

#[test]
fn clusters_are_read_only_where_a_database_is_a_member_of_one() {
    let start = Duration::ZERO;
    assert_eq!(Script::watching().count(start, &Topic::DbClusters), 0);
    let script = aurora();
    assert_eq!(script.count(start, &Topic::DbClusters), 1);
    let roles: Vec<_> =
        script.state.account.party_box.databases.iter().map(|d| (d.id.as_str(), d.role())).collect();
    assert_eq!(roles, [("party-box-db-1", "writer"), ("party-box-db-2", "reader")]);
}

#[test]
fn a_member_drafts_the_failover_of_its_cluster_which_ends_when_the_writer_has_moved() {
    let mut script = aurora();
    script.keys("4jF");
    assert_eq!(script.plan().draft, Draft::Failover { database: DB.into() });
    assert_eq!(
        script.state.drill.current.as_ref().map(|d| d.database.as_str()),
        Some(DB),
        "its baseline runs"
    );
    script.settle();
    script.keys("party-box-db\n");
    let meant = Action::FailoverCluster { cluster: DB.into(), writer: "party-box-db-1".into(), to: None };
    assert_eq!(script.acts.last().map(|a| &a.1), Some(&meant));
    script.account.db_clusters[0].status = "failing-over".into();
    script.acted(Ok(Accepted::FailoverAccepted("available".into())));
    let start = script.mono;
    script.run(30);
    assert!(script.count(start, &Topic::DbClusters) >= 9, "read closely while it lasts");
    assert_eq!(script.state.operations[0].stage, OperationStage::Following);
    script.account.writes(2);
    script.account.db_clusters[0].status = "available".into();
    script.run(5);
    assert_eq!(script.state.operations[0].stage, OperationStage::Ended(Verdict::Succeeded));
    let told = |text: &str| script.state.timeline.entries().iter().any(|e| e.text == text);
    assert!(told("writer party-box-db-1 -> party-box-db-2"));
    assert!(told("status available -> failing-over"));
}

#[test]
fn from_anywhere_the_only_cluster_is_meant() {
    let mut script = aurora();
    script.keys("2F");
    assert_eq!(script.plan().draft, Draft::Failover { database: DB.into() });
}

#[test]
fn maintenance_is_asked_rarely_and_only_while_it_matters() {
    let mut script = Script::watching();
    let arn = script.account.databases[0].arn.clone();
    let topic = Topic::Maintenance(arn);
    script.run(60);
    assert_eq!(script.count(Duration::ZERO, &topic), 0, "nobody looks");
    script.keys("4");
    script.settle();
    script.run(300);
    assert_eq!(script.count(Duration::ZERO, &topic), 1);
    script.run(400);
    assert_eq!(script.count(Duration::ZERO, &topic), 2, "every ten minutes");
    script.faults.push((|t| matches!(t, Topic::Maintenance(_)), samples::error(ErrorKind::Denied)));
    script.keys("1F");
    script.settle();
    script.run(1);
    let plan = script.plan().plan.as_ref().expect("a plan");
    assert!(plan.checks.iter().any(|c| c.text.contains("maintenance")), "{:?}", plan.checks);
}

#[test]
fn zones_are_rows_with_parts_and_the_filter_finds_what_stands_in_them() {
    let mut script = Script::watching();
    assert!(script.state.account.zones.is_empty(), "made when looked at");
    script.keys("7");
    assert_eq!(script.state.account.zones.len(), 2);
    assert_eq!(script.state.rows(View::Zones, Pane::Main), 2);
    let first = script.state.rows(View::Zones, Pane::Detail);
    assert!(first > 3);
    script.keys("j");
    assert_eq!(script.state.selected_zone().map(|z| z.name.as_str()), Some("ap-northeast-1c"));
    script.keys("k/replica\n");
    assert_eq!(script.state.rows(View::Zones, Pane::Main), 1, "the replica stands in one zone");
    assert_eq!(script.state.rows(View::Zones, Pane::Detail), 1);
}
