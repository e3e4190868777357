//! The scenarios about failovers, each compared with its description.
use chrono::TimeDelta;

use super::drills::{Met, SEEDS, ask, assert_as_truth, fail_over, only_drill, pass, probe, world};
use crate::Scenario;
use crate::behaviour::metrics::{self, MetricQuery};
use crate::behaviour::rds_actions::{failover_db_cluster, reboot_db_instance};
use crate::protocol::error::ApiError;
use crate::resolve;
use crate::world::elb::TargetState;
use crate::world::rds::{ClusterStatus, DbEvent, DbStatus, DrillKind};
use crate::world::{Time, World};

/// The events since the beginning, in the order of publication.
fn told(world: &World) -> Vec<&DbEvent> {
    world.rds.events.iter().filter(|event| event.at > world.began).collect()
}

fn messages<'a>(events: &[&'a DbEvent]) -> Vec<&'a str> {
    events.iter().map(|event| event.message.as_str()).collect()
}

const USUAL: [&str; 4] = [
    "Multi-AZ instance failover started.",
    "DB instance restarted",
    "Multi-AZ instance failover completed",
    "The user requested a failover of the DB instance.",
];

#[test]
fn events_come_in_order_and_at_their_time() {
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        fail_over(&mut world);
        pass(&mut world, 300);
        assert_eq!(messages(&told(&world)), USUAL);
        let truth = only_drill(&world);
        assert_eq!(Some(told(&world)[0].at), truth.started_event_at);
        assert_eq!(Some(told(&world)[2].at), truth.completed_event_at);
    }
}

#[test]
fn failovers_are_refused_or_abandoned_as_aws_does() {
    let mut world = world(Scenario::Steady, 6);
    let refused = |world: &mut World, id| {
        let now = world.now;
        let result: Result<usize, ApiError> = reboot_db_instance(world, id, true, now);
        result.expect_err("refused").code
    };
    assert_eq!(refused(&mut world, "nobody"), "DBInstanceNotFound");
    assert_eq!(refused(&mut world, "party-box-db-replica-1"), "InvalidDBInstanceState");
    fail_over(&mut world);
    pass(&mut world, 30);
    assert_eq!(world.rds.instances[0].status, DbStatus::Rebooting);
    assert_eq!(refused(&mut world, "party-box-db"), "InvalidDBInstanceState");
    pass(&mut world, 120);
    fail_over(&mut world);
    pass(&mut world, 15);
    assert!(told(&world).last().expect("an event").message.starts_with("Abandoning user requested failover"));
    let outage = world.rds.instances[0].last_outage;
    pass(&mut world, 45);
    assert_eq!(world.rds.instances[0].last_outage, outage, "nothing happened");
    pass(&mut world, 300);
    fail_over(&mut world);
    pass(&mut world, 200);
    assert_ne!(world.rds.instances[0].last_outage, outage, "now it happened");
    let kinds: Vec<DrillKind> = world.drill_truths().iter().map(|truth| truth.kind).collect();
    assert_eq!(kinds, [DrillKind::Failover, DrillKind::Abandoned, DrillKind::Failover]);
}

#[test]
fn what_is_still_to_come_is_in_no_truth() {
    let mut world = world(Scenario::Steady, 1);
    fail_over(&mut world);
    pass(&mut world, 18);
    let truth = only_drill(&world);
    assert!(truth.accepted_at.is_some() && truth.api_down_at.is_some() && truth.started_event_at.is_some());
    let later = [truth.api_first_up_at, truth.api_all_up_at, truth.completed_event_at, truth.dns_changed_at];
    assert_eq!(later, [None; 4]);
}

#[test]
fn the_address_changes_around_the_end_of_the_outage() {
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        let name = world.rds.instances[0].endpoint_address.clone();
        let began = world.now;
        let before = resolve(&mut world, &name, began).expect("an address");
        assert_eq!(before.octets()[..3], [10, 0, 2], "the primary is in zone a");
        fail_over(&mut world);
        let mut at = began;
        let mut changed = None;
        while at < began + TimeDelta::seconds(200) {
            let address = resolve(&mut world, &name.to_uppercase(), at).expect("an address");
            if address != before {
                assert_eq!(address.octets()[..3], [10, 0, 4], "the standby is in zone c");
                changed = changed.or(Some(at));
            }
            assert!(changed.is_none() || address != before, "it changes once");
            at += TimeDelta::milliseconds(10);
        }
        let truth = only_drill(&world);
        let late = changed.expect("changed") - truth.dns_changed_at.expect("true");
        assert!(late >= TimeDelta::zero() && late <= TimeDelta::milliseconds(10), "{late}");
        let outage = world.rds.instances[0].last_outage.and_then(|it| it.until).expect("over");
        let beside = (truth.dns_changed_at.expect("true") - outage).num_milliseconds();
        assert!((-5000..=0).contains(&beside), "{beside} ms");
        assert!(truth.api_first_up_at > truth.dns_changed_at, "the application needs the new address");
        assert!(truth.api_first_up_at > Some(outage));
    }
}

#[test]
fn names_that_are_nobody_s_resolve_to_nothing() {
    let mut world = world(Scenario::Steady, 1);
    let now = world.now;
    let balancer = world.elb.load_balancers[0].dns_name.clone();
    assert_eq!(resolve(&mut world, &format!("{balancer}."), now), Some(std::net::Ipv4Addr::LOCALHOST));
    assert_eq!(resolve(&mut world, "example.com", now), None);
    assert_eq!(resolve(&mut world, "", now), None);
}

#[test]
fn a_slow_failover_takes_as_long_as_documented_and_has_a_straggler() {
    for seed in SEEDS {
        let mut world = world(Scenario::FailoverSlow, seed);
        fail_over(&mut world);
        let seen = probe(&mut world, 360);
        let truth = only_drill(&world);
        assert_as_truth(&seen, &truth);
        let (first, all) = (truth.api_first_up_at.expect("up"), truth.api_all_up_at.expect("up"));
        let away = (first - truth.api_down_at.expect("down")).num_seconds();
        assert!((60..=128).contains(&away), "seed {seed}: {away} s");
        let late = (all - first).num_milliseconds();
        assert!((4_000..=12_000).contains(&late), "seed {seed}: {late} ms");
        let between: Vec<Met> =
            seen.iter().filter(|(at, _)| *at >= first && *at < all).map(|(_, met)| *met).collect();
        let good = between.iter().filter(|met| **met == Met::Good).count();
        assert!(good.abs_diff(between.len() - good) <= 1, "one of two tasks: {good} of {}", between.len());
        let started = truth.started_event_at.expect("started");
        assert!(truth.completed_event_at.expect("completed") - started > TimeDelta::seconds(60));
    }
}

#[test]
fn the_status_of_a_slow_failover_is_rebooting_all_the_time() {
    let mut world = world(Scenario::FailoverSlow, 3);
    fail_over(&mut world);
    for _ in 0..75 {
        pass(&mut world, 1);
        assert_eq!(world.rds.instances[0].status, DbStatus::Rebooting);
    }
}

#[test]
fn a_refused_failover_changes_nothing_and_is_explained_by_the_one_before() {
    for seed in SEEDS {
        let mut world = world(Scenario::FailoverRefused, seed);
        let before: Vec<&DbEvent> =
            world.rds.events.iter().filter(|it| it.categories.contains(&"failover")).collect();
        assert_eq!(messages(&before), [USUAL[0], USUAL[2], USUAL[3]]);
        assert_eq!(world.began - before[1].at, TimeDelta::minutes(4));
        pass(&mut world, 150);
        let instances = format!("{:?}", world.rds.instances);
        fail_over(&mut world);
        let seen = probe(&mut world, 100);
        assert!(seen.iter().all(|(_, met)| *met == Met::Good));
        assert_eq!(
            messages(&told(&world)),
            [
                "Abandoning user requested failover since a failover recently occurred on the database instance."
            ]
        );
        let truth = only_drill(&world);
        assert_eq!((truth.kind, truth.api_down_at), (DrillKind::Abandoned, None));
        assert_eq!(truth.abandoned_event_at, Some(told(&world)[0].at));
        // Only the latest restorable time goes on.
        let restorable = |text: &str| {
            let (head, tail) = text.split_once("latest_restorable_time").expect("the field");
            (head.to_owned(), tail.split_once("publicly").expect("the next field").1.to_owned())
        };
        assert_eq!(restorable(&instances), restorable(&format!("{:?}", world.rds.instances)));
    }
}

#[test]
fn lost_events_never_appear_but_the_failover_does() {
    for seed in SEEDS {
        let mut world = world(Scenario::FailoverLostEvents, seed);
        fail_over(&mut world);
        pass(&mut world, 560);
        assert_eq!(messages(&told(&world)), Vec::<&str>::new());
        let truth = only_drill(&world);
        assert_eq!((truth.started_event_at, truth.completed_event_at), (None, None));
        assert!(truth.api_all_up_at.is_some() && truth.zones_swapped_at.is_some());
    }
}

#[test]
fn reordered_events_come_late_out_of_order_and_some_twice() {
    for seed in SEEDS {
        let mut world = world(Scenario::FailoverReorderedEvents, seed);
        fail_over(&mut world);
        let mut shown: Vec<(Time, Time, String)> = Vec::new();
        for _ in 0..400 {
            pass(&mut world, 1);
            for event in &told(&world)[shown.len()..] {
                shown.push((world.now, event.at, event.message.clone()));
            }
        }
        for message in USUAL {
            assert!(shown.iter().any(|(_, _, text)| text == message), "{message}: {shown:#?}");
        }
        assert!(shown.len() > USUAL.len(), "some come twice");
        assert!(!shown.is_sorted_by_key(|(_, at, _)| *at), "seed {seed}: {shown:#?}");
        let place = |message: &str| shown.iter().position(|(_, _, text)| text == message).expect("told");
        assert!(place(USUAL[2]) < place(USUAL[1]), "the completion before the restart");
        for (seen, at, text) in &shown {
            let late = (*seen - *at).num_seconds();
            assert!((20..=115).contains(&late), "{text}: {late} s");
        }
    }
}

#[test]
fn an_aurora_cluster_moves_its_writer() {
    for seed in SEEDS {
        let mut world = world(Scenario::Aurora, seed);
        let (writer, reader) = ("party-box-db-1", "party-box-db-2");
        let began = world.now;
        let endpoint = world.rds.clusters[0].endpoint.clone();
        let before = resolve(&mut world, &endpoint, began).expect("an address");
        assert_eq!(world.rds.clusters[0].writer(), Some(writer));
        failover_db_cluster(&mut world, "party-box-db", None, began).expect("accepted");
        let seen = probe(&mut world, 90);
        let truth = only_drill(&world);
        assert_as_truth(&seen, &truth);
        let away = (truth.api_all_up_at.expect("up") - truth.api_down_at.expect("down")).num_seconds();
        assert!((20..=47).contains(&away), "seed {seed}: {away} s");
        assert_eq!(world.rds.clusters[0].writer(), Some(reader));
        assert!(truth.writer_moved_at.is_some() && truth.zones_swapped_at.is_none());
        assert_eq!(world.rds.clusters[0].status, ClusterStatus::Available);
        assert!(world.rds.instances.iter().all(|it| it.status == DbStatus::Available));
        let now = world.now;
        let after = resolve(&mut world, &endpoint, now).expect("an address");
        let own = world.rds.instances[1].endpoint_address.clone();
        assert_eq!(resolve(&mut world, &own, now), Some(after));
        let readers = world.rds.clusters[0].reader_endpoint.clone();
        assert_eq!(resolve(&mut world, &readers, now), Some(before));
        let events = told(&world);
        let by = |kind: &str| {
            let own: Vec<&DbEvent> = events.iter().copied().filter(|it| it.source_type == kind).collect();
            messages(&own)
        };
        assert_eq!(
            by("db-cluster"),
            [
                "Started cross AZ failover to DB instance: party-box-db-2",
                "Completed failover to DB instance: party-box-db-2"
            ]
        );
        assert_eq!(
            by("db-instance"),
            ["DB instance shutdown", "DB instance restarted", "DB instance restarted"]
        );
        // And back, to a member that is named.
        failover_db_cluster(&mut world, "party-box-db", Some(writer), now).expect("accepted");
        pass(&mut world, 90);
        assert_eq!(world.rds.clusters[0].writer(), Some(writer));
        assert_eq!(resolve(&mut world, &endpoint, now + TimeDelta::seconds(90)), Some(before));
    }
}

#[test]
fn a_cluster_refuses_what_it_cannot_do() {
    let mut world = world(Scenario::Aurora, 2);
    let refused = |world: &mut World, id: &str, target: Option<&str>| {
        let now = world.now;
        failover_db_cluster(world, id, target, now).expect_err("refused").code
    };
    assert_eq!(refused(&mut world, "nobody", None), "DBClusterNotFoundFault");
    assert_eq!(refused(&mut world, "party-box-db", Some("nobody")), "DBInstanceNotFound");
    assert_eq!(refused(&mut world, "party-box-db", Some("party-box-db-1")), "InvalidDBInstanceState");
    let now = world.now;
    let forced = reboot_db_instance(&mut world, "party-box-db-1", true, now).expect_err("no standby");
    assert_eq!(forced.code, "InvalidDBInstanceState");
    failover_db_cluster(&mut world, "party-box-db", None, now).expect("accepted");
    pass(&mut world, 10);
    assert_eq!(world.rds.clusters[0].status, ClusterStatus::FailingOver);
    assert_eq!(refused(&mut world, "party-box-db", None), "InvalidDBClusterStateFault");
}

#[test]
fn the_reboot_of_a_writer_is_an_outage_without_a_failover() {
    let mut world = world(Scenario::Aurora, 2);
    let now = world.now;
    reboot_db_instance(&mut world, "party-box-db-1", false, now).expect("accepted");
    let seen = probe(&mut world, 90);
    assert!(seen.iter().any(|(_, met)| *met != Met::Good));
    let now = world.now;
    reboot_db_instance(&mut world, "party-box-db-2", false, now).expect("accepted");
    let seen = probe(&mut world, 90);
    assert!(seen.iter().all(|(_, met)| *met == Met::Good), "the application does not read from the reader");
    assert_eq!(world.rds.clusters[0].writer(), Some("party-box-db-1"));
}

#[test]
fn a_lost_zone_takes_its_tasks_its_node_and_the_database_with_it() {
    for seed in SEEDS {
        let mut world = world(Scenario::AzOutage, seed);
        let seen = probe(&mut world, 240);
        let truth = only_drill(&world);
        assert_eq!(truth.accepted_at, None);
        assert_eq!(truth.zone_lost_at, truth.api_down_at);
        assert_eq!(truth.api_first_up_at, truth.api_all_up_at, "the database is the last to be back");
        assert_as_truth(&seen, &truth);
        let zone = "ap-northeast-1a";
        assert!(world.is_lost(zone, world.now));
        let causes = told(&world);
        assert!(messages(&causes).last().expect("events").contains("loss of network connectivity"));
        assert_eq!(world.rds.instances[0].primary_zone, "ap-northeast-1c");
        for service in &world.ecs.services {
            let group = world.elb.target_group(&service.serving_group_arn).expect("its group");
            assert_eq!(group.count(TargetState::Healthy), 2, "seed {seed}: replaced");
            assert!(group.serving().iter().all(|target| target.zone != zone), "elsewhere");
            let events: Vec<&str> = service.events.iter().map(|event| event.message.as_str()).collect();
            assert!(
                events.iter().any(|text| text.contains("due to (reason Request timed out)")),
                "{events:#?}"
            );
        }
        // The page of the other service suffers from the zone, not from the database.
        pass(&mut world, 16 * 60);
        assert!(!world.is_lost(zone, world.now), "it comes back");
        let now = world.now;
        assert_eq!(ask(&mut world, "/api/health", now), Met::Good);
    }
}

#[test]
fn requests_to_a_lost_zone_hang_before_the_targets_are_unhealthy() {
    let mut world = world(Scenario::AzOutage, 1);
    pass(&mut world, 31);
    let lost = world.zone_loss.clone().expect("lost");
    let mut met = Vec::new();
    for step in 0..40 {
        let at = lost.from + TimeDelta::milliseconds(1000 + step * 100);
        met.push(ask(&mut world, "/", at));
    }
    let hung = met.iter().filter(|met| **met == Met::Hung).count();
    assert_eq!(hung, 30, "of two nodes and two targets, one combination of four is whole");
    assert!(met.iter().all(|met| *met != Met::Refused));
}

fn series(
    world: &World,
    namespace: &str,
    name: &str,
    own: (&str, &str),
    statistic: &str,
) -> Vec<(Time, f64)> {
    let dimensions = [(own.0.to_owned(), own.1.to_owned())];
    let query = MetricQuery {
        namespace,
        name,
        dimensions: &dimensions,
        statistic,
        period: 60,
        start: world.began,
        end: world.now + TimeDelta::minutes(1),
    };
    metrics::query(world, &query)
}

#[test]
fn metrics_tell_of_the_outage_on_the_same_clock() {
    for seed in SEEDS {
        let mut world = world(Scenario::Steady, seed);
        let balancer = world.elb.load_balancers[0].dimension().to_owned();
        pass(&mut world, 120);
        fail_over(&mut world);
        pass(&mut world, 400);
        let truth = only_drill(&world);
        let (down, up) = (truth.api_down_at.expect("down"), truth.api_all_up_at.expect("up"));
        let minute = TimeDelta::minutes(1);
        let database = ("DBInstanceIdentifier", "party-box-db");
        let held = series(&world, "AWS/RDS", "DatabaseConnections", database, "Minimum");
        for (at, connections) in &held {
            if *at + minute < down || *at > up {
                assert!(*connections > 1.0, "seed {seed}: {at} {connections}");
            }
        }
        assert!(held.iter().any(|(at, connections)| *at < up && *at + minute > down && *connections < 0.5));
        let most = |from: Time, to: Time| {
            let points = series(&world, "AWS/RDS", "DatabaseConnections", database, "Maximum");
            points.iter().filter(|(at, _)| *at >= from && *at < to).map(|it| it.1).fold(0.0, f64::max)
        };
        assert!(most(up - minute, world.now) > most(world.began, down - minute), "all connect at once");
        let edge = ("LoadBalancer", balancer.as_str());
        for name in ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"] {
            let points = series(&world, "AWS/ApplicationELB", name, edge, "Sum");
            assert!(!points.is_empty(), "seed {seed}: {name}");
            for (at, _) in points {
                let sampled = TimeDelta::seconds(10);
                assert!(at + minute > down && at <= up + sampled, "seed {seed}: {name} at {at}, {truth:?}");
            }
        }
        let slow = series(&world, "AWS/ApplicationELB", "TargetResponseTime", edge, "p99");
        let slowest = slow.iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("points");
        assert!(slowest.1 > 1.0 && slowest.0 <= down + TimeDelta::seconds(18), "seed {seed}: {slowest:?}");
    }
}

#[test]
fn only_the_readers_of_a_cluster_lag() {
    let mut world = world(Scenario::Aurora, 1);
    let lag = |world: &World, id: &str| {
        let own = ("DBInstanceIdentifier", id);
        series(world, "AWS/RDS", "AuroraReplicaLag", own, "Maximum")
    };
    pass(&mut world, 120);
    assert!(lag(&world, "party-box-db-1").is_empty());
    assert!(lag(&world, "party-box-db-2").iter().all(|(_, value)| (5.0..60.0).contains(value)));
    assert!(!lag(&world, "party-box-db-2").is_empty());
    let now = world.now;
    failover_db_cluster(&mut world, "party-box-db", None, now).expect("accepted");
    pass(&mut world, 180);
    assert!(!lag(&world, "party-box-db-1").is_empty(), "it is a reader now");
}
