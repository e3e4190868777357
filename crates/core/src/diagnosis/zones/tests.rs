//! Zones of the sample: `a` and `c`, each with a task of each service.

use super::*;
use crate::domain::samples::{DB, Sample, at, failover_event, group_arn};
use crate::domain::{NatGateway, Route, RouteTable, Subnet};
use std::time::Duration;

fn zones_of(sample: &Sample) -> Vec<Zone> {
    let store = sample.store(Duration::ZERO, at(0));
    list_zones(&store, &PartyBox::join(&store), at(0))
}

/// The sample with public subnets in two zones, a balancer in both, and one NAT gateway, in `a`.
fn whole() -> Sample {
    let mut sample = Sample::healthy();
    let route = |target: &str| Route {
        destination: "0.0.0.0/0".into(),
        target: target.into(),
        state: "active".into(),
    };
    for zone in ["a", "c"] {
        let id = format!("public-{zone}");
        sample.balancer.zones.push((format!("ap-northeast-1{zone}"), id.clone()));
        sample.network.subnets.push(Subnet {
            id,
            zone: format!("ap-northeast-1{zone}"),
            ..Subnet::default()
        });
    }
    sample.network.route_tables = vec![
        RouteTable {
            id: "public".into(),
            subnets: vec!["public-a".into(), "public-c".into()],
            routes: vec![route("igw-1")],
            ..RouteTable::default()
        },
        RouteTable { id: "main".into(), main: true, routes: vec![route("nat-a")], ..RouteTable::default() },
    ];
    sample.network.nat_gateways = vec![NatGateway {
        id: "nat-a".into(),
        state: "available".into(),
        subnet: "public-a".into(),
        ..NatGateway::default()
    }];
    sample
}

fn losses(zone: &Zone) -> Vec<(Level, String)> {
    zone.losses().map(|l| (l.level, l.sentence())).collect()
}

#[test]
fn each_zone_tells_what_its_loss_takes_the_worst_first() {
    let zones = zones_of(&whole());
    let names: Vec<&str> = zones.iter().map(|z| z.name.as_str()).collect();
    assert_eq!(names, ["ap-northeast-1a", "ap-northeast-1c"]);
    assert_eq!((zones[0].healthy, zones[0].registered, zones[0].running), (2, 2, 2));
    assert_eq!(zones[0].level(), Level::Good);
    assert_eq!(
        losses(&zones[0]),
        [
            (Level::Warn, "backend 1 of 2 targets (1 left)".to_owned()),
            (Level::Warn, "frontend 1 of 2 targets (1 left)".to_owned()),
            (
                Level::Warn,
                "the writer party-box-db (the standby in 1c takes over, usually in 15-40 s)".to_owned()
            ),
            (Level::Warn, "the read replica party-box-db-replica".to_owned()),
            (Level::Warn, "the NAT gateway of the private subnets in 1a and 1c: no way out".to_owned()),
            (Level::Idle, "a node of party-box-alb (nodes left in 1c)".to_owned()),
        ]
    );
    assert_eq!(
        losses(&zones[1])[2..],
        [
            (Level::Idle, "the standby of party-box-db (the writer goes on, without one)".to_owned()),
            (Level::Idle, "a node of party-box-alb (nodes left in 1a)".to_owned()),
        ]
    );
    let subnets: Vec<&str> = zones[1].of(PartKind::Subnet).map(|p| p.here.as_str()).collect();
    assert_eq!(
        subnets,
        [
            "public, 0 free, out through the internet gateway",
            "private, 200 free, out through the NAT gateway in 1a"
        ]
    );
}

#[test]
fn where_a_loss_takes_everything_it_is_bad() {
    let mut sample = whole();
    for task in sample.tasks_of("backend") {
        task.zone = Some("ap-northeast-1a".into());
    }
    sample.writer().multi_az = false;
    sample.writer().secondary_zone = None;
    sample.balancer.zones.pop();
    let zones = zones_of(&sample);
    assert_eq!(zones[0].loss(), Level::Bad);
    assert_eq!(
        losses(&zones[0])[..3],
        [
            (Level::Bad, "backend all 2 targets: it is down until ECS starts others elsewhere".to_owned()),
            (Level::Bad, "the writer party-box-db: no standby takes over".to_owned()),
            (Level::Bad, "the only node of party-box-alb".to_owned()),
        ]
    );
    assert!(zones[1].of(PartKind::Service).all(|p| p.name != "backend"));
}

#[test]
fn a_gateway_of_its_own_zone_takes_no_other_along() {
    let mut sample = whole();
    let nat = NatGateway {
        id: "nat-c".into(),
        subnet: "public-c".into(),
        ..sample.network.nat_gateways[0].clone()
    };
    sample.network.nat_gateways.push(nat);
    let route = Route { target: "nat-c".into(), ..sample.network.route_tables[1].routes[0].clone() };
    sample.network.route_tables.push(RouteTable {
        id: "c".into(),
        subnets: vec!["subnet-c".into()],
        routes: vec![route],
        ..RouteTable::default()
    });
    for (zone, letter) in zones_of(&sample).iter().zip(["1a", "1c"]) {
        let loss = zone.of(PartKind::Gateway).next().and_then(|p| p.loss.clone()).expect("a loss");
        assert_eq!(
            (loss.level, loss.sentence()),
            (Level::Idle, format!("the NAT gateway of {letter} alone"))
        );
    }
}

#[test]
fn a_cluster_is_told_by_its_members() {
    let zones = zones_of(&Sample::aurora());
    let of = |zone: &Zone| {
        let part = zone.of(PartKind::Database).next().expect("a member").clone();
        (part.here, part.loss.expect("a loss").sentence())
    };
    assert_eq!(
        of(&zones[0]),
        (
            "writer, available".into(),
            "the writer party-box-db-1 (the reader party-box-db-2 in 1c takes over, usually in under 60 s)"
                .into()
        )
    );
    assert_eq!(
        of(&zones[1]),
        ("reader, available".into(), "the reader party-box-db-2 (the writer goes on)".into())
    );
}

#[test]
fn after_a_loss_it_is_told_what_it_took() {
    let mut sample = whole();
    for service in ["backend", "frontend"] {
        let sick = &mut sample.health.get_mut(&group_arn(service)).expect("a group")[1];
        sick.state = "unhealthy".into();
        sick.description = Some("Request timed out".into());
    }
    let mut gone = crate::domain::samples::task("backend", 4, "ecs-svc/backend-1");
    gone.last_status = "STOPPED".into();
    gone.stopped_at = Some(at(-120));
    gone.stopped_reason = Some("Task failed ELB health checks".into());
    let mut old = gone.clone();
    old.id = "old".into();
    old.stopped_at = Some(at(-3600));
    let mut scaled_in = gone.clone();
    scaled_in.id = "scaled-in".into();
    scaled_in.stopped_reason = Some("Scaling activity initiated by deployment".into());
    sample.tasks_of("backend").extend([gone, old, scaled_in]);
    sample.db_events = vec![failover_event(-60, "Multi-AZ instance failover completed.")];
    let zones = zones_of(&sample);
    assert_eq!(zones[0].level(), Level::Bad);
    let impact: Vec<&str> = zones[0].impact.iter().map(|t| t.1.as_str()).collect();
    assert_eq!(
        impact,
        [
            "backend: 1 of 1 target here unhealthy (Request timed out)",
            "backend: 1 task stopped here, last 2m ago: Task failed ELB health checks",
            "frontend: 1 of 1 target here unhealthy (Request timed out)",
            "party-box-db failed over 60s ago: RDS shows its writer here, its standby in 1c",
        ]
    );
    assert_eq!(
        zones[1].impact.iter().map(|t| t.1.as_str()).collect::<Vec<_>>(),
        ["party-box-db failed over 60s ago: RDS shows its writer in 1a, its standby here"]
    );
    assert!(
        zones[0].losses().all(|l| !l.short.starts_with("backend")),
        "what is lost already is not lost again"
    );
    assert!(
        losses(&zones[1])
            .iter()
            .any(|l| l.1 == "backend its only target: it is down until ECS starts others elsewhere")
    );

    sample.writer().status = "rebooting".into();
    assert!(
        zones_of(&sample)[0].impact.iter().any(|t| *t == (Level::Bad, format!("{DB} (writer) is rebooting")))
    );
}

/// The backend is registered in a second group, which has these targets.
fn in_a_second_group(sample: &mut Sample, change: impl Fn(usize, &mut crate::domain::TargetHealth)) {
    let (arn, first) = (group_arn("internal"), group_arn("backend"));
    let mut link = sample.service("backend").target_links[0].clone();
    link.target_group_arn.clone_from(&arn);
    sample.service("backend").target_links.push(link);
    let mut group = sample.groups.iter().find(|group| group.arn == first).expect("a group").clone();
    (group.arn, group.name) = (arn.clone(), "internal".into());
    sample.groups.push(group);
    let mut targets = sample.health[&first].clone();
    targets.iter_mut().enumerate().for_each(|(i, target)| change(i, target));
    sample.health.insert(arn, targets);
}

#[test]
fn what_one_group_loses_the_other_does_not_make_up_for() {
    let mut sample = whole();
    in_a_second_group(&mut sample, |i, target| {
        if i == 0 {
            target.state = "unhealthy".into();
        }
    });
    let zones = zones_of(&sample);
    let only = "backend in internal its only target: it is down until ECS starts others elsewhere";
    let of = |zone: &Zone| {
        let part = zone.of(PartKind::Service).find(|part| part.name == "backend").expect("its part").clone();
        (part.level, part.here, part.loss.map(|loss| (loss.level, loss.sentence())))
    };
    let seen: Vec<_> = zones.iter().map(of).collect();
    let sick = seen.iter().find(|(level, ..)| *level == Level::Bad).expect("a zone where it is sick");
    assert_eq!(sick.1, "1 running, targets in internal: 1 unhealthy");
    assert!(seen.iter().any(|it| it.2 == Some((Level::Bad, only.to_owned()))), "{seen:?}");
    // A task counts once, whatever the number of its groups.
    assert_eq!(zones.iter().map(|zone| zone.registered).sum::<u32>(), 4);
}

/// The impact in the first zone of a task that stopped there so long ago, seconds.
fn after_a_stop(sample: &mut Sample, ago: i64) -> (Level, String) {
    let mut gone = crate::domain::samples::task("backend", 4, "ecs-svc/backend-1");
    gone.last_status = "STOPPED".into();
    gone.stopped_at = Some(at(-ago));
    gone.stopped_reason = Some("Task failed ELB health checks".into());
    sample.tasks_of("backend").push(gone);
    let zone = zones_of(sample).into_iter().find(|zone| !zone.impact.is_empty()).expect("an impact");
    zone.impact[0].clone()
}

#[test]
fn a_loss_ends_with_the_zones_return() {
    let (level, text) = after_a_stop(&mut whole(), 660);
    assert_eq!(level, Level::Idle);
    assert!(text.ends_with("; the zone works again"), "{text}");
}

#[test]
fn where_nothing_shows_life_nothing_is_green() {
    let mut sample = whole();
    for service in ["backend", "frontend"] {
        sample.targets_of(service).clear();
    }
    let zones = zones_of(&sample);
    for kind in [PartKind::Balancer, PartKind::Gateway] {
        for part in zones.iter().flat_map(|zone| zone.of(kind)) {
            assert_eq!(part.level, Level::Unknown, "{part:?}");
        }
    }
    let (level, text) = after_a_stop(&mut sample, 660);
    assert_eq!(level, Level::Unknown);
    assert!(text.ends_with("nothing here shows whether the zone works again"), "{text}");
    assert!(zones_of(&sample).iter().all(|zone| !zone.is_lost()), "it may be back");
    let mut fresh = sample;
    fresh.tasks_of("backend").retain(|task| task.last_status != "STOPPED");
    assert_eq!(after_a_stop(&mut fresh, 60).0, Level::Warn);
}

#[test]
fn nothing_known_is_no_zone() {
    assert!(list_zones(&Store::default(), &PartyBox::default(), at(0)).is_empty());
}
