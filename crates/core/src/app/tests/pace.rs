//! How often each thing is read, and how seldom the program wakes.

use super::build::Script;
use super::polling::many;
use crate::app::{Msg, next_deadline};
use crate::domain::samples::{DB, Sample, deployment, failover_event, group_arn};
use crate::domain::{Meter, Query, Simulated, Topic};
use std::collections::BTreeMap;
use std::time::Duration;

/// Polls of a topic in five minutes.
fn in_five_minutes(script: &mut Script, topics: &[Topic]) -> Vec<usize> {
    let start = script.mono;
    script.run(300);
    topics.iter().map(|t| script.count(start, t)).collect()
}

fn topics() -> [Topic; 6] {
    [
        Topic::Services,
        Topic::Tasks("backend".into()),
        Topic::Tasks("frontend".into()),
        Topic::TargetHealth(group_arn("backend")),
        Topic::Databases,
        Topic::DbEvents,
    ]
}

#[test]
fn steady_is_slow() {
    let mut script = Script::watching();
    let counts = in_five_minutes(&mut script, &topics());
    assert_eq!(counts, [30, 10, 10, 20, 10, 5]);
    let calls = script.asked.len();
    assert!(calls < 170, "about 30 readings a minute: {calls}");
}

#[test]
fn a_rollout_is_watched_closely_the_other_service_is_not() {
    let mut script = Script::watching();
    let service = script.account.service("backend");
    service.deployments.insert(0, deployment("ecs-svc/backend-2", "PRIMARY", "IN_PROGRESS"));
    service.deployments[1].status = "ACTIVE".into();
    script.run(11);
    let counts = in_five_minutes(&mut script, &topics());
    for (count, meant) in counts.iter().zip([100_usize, 100, 10, 100, 10, 5]) {
        assert!(count.abs_diff(meant) <= 2, "{counts:?}");
    }
}

#[test]
fn a_failover_is_watched_closely() {
    let mut script = Script::watching();
    script.account.db_events = vec![failover_event(100, "Multi-AZ instance failover started.")];
    script.run(61);
    let start = script.mono;
    script.run(60);
    assert!(script.count(start, &Topic::Databases).abs_diff(20) <= 1);
    assert!(script.count(start, &Topic::DbEvents).abs_diff(12) <= 1);
    assert!(script.count(start, &Topic::TargetHealth(group_arn("backend"))).abs_diff(20) <= 1);
    // Five minutes after the last event, and with the database available, all is calm again.
    script.account.db_events.push(failover_event(160, "Multi-AZ instance failover completed."));
    script.run(400);
    let start = script.mono;
    script.run(60);
    assert_eq!(script.count(start, &Topic::Databases), 2);
    assert_eq!(script.state.account.party_box.databases[0].id, DB);
}

#[test]
fn a_faster_pace_takes_effect_at_once() {
    let mut script = Script::watching();
    script.run(2);
    let start = script.mono;
    script.account.writer().status = "rebooting".into();
    script.state.account.store.slot_mut(&Topic::Databases).due = Duration::ZERO;
    script.send(Msg::Tick);
    script.settle();
    script.run(6);
    assert!(script.count(start, &Topic::Services) >= 1, "its ten seconds are not waited for");
}

/// Requests that a question makes, and the limit it counts against, as published by AWS.
fn requests(query: &Query, account: &Sample) -> (&'static str, usize) {
    match query {
        Query::Services { .. } => ("ecs services", 1 + account.services.len().div_ceil(10)),
        Query::Clusters { .. } => ("ecs services", 2),
        Query::Tasks { .. } => ("ecs tasks", 3),
        Query::TaskDefinition { .. } => ("ecs definitions", 1),
        Query::TargetGroups { arns } => ("elb", arns.len().div_ceil(20) + arns.len().min(8)),
        Query::TargetHealth { .. } | Query::LoadBalancers { .. } => ("elb", 1),
        Query::Listeners { .. } => ("elb", 5),
        Query::Network { .. } => ("ec2", 6),
        _ => ("other", 1),
    }
}

#[test]
fn a_burst_never_takes_more_than_its_share_of_a_published_limit() {
    // The account-wide bursts are 100 (services, tasks, EC2), 50 (definitions) and 40 (ELB).
    let published = BTreeMap::from([
        ("ecs services", 100),
        ("ecs tasks", 100),
        ("ecs definitions", 50),
        ("elb", 40),
        ("ec2", 100),
    ]);
    let mut script = many(40);
    script.account.writer().status = "rebooting".into();
    let mut log: Vec<(Duration, &str, usize)> = Vec::new();
    for _ in 0..120 {
        script.hang = true;
        script.run(1);
        for ask in &script.open {
            let (limit, count) = requests(&ask.query, &script.account);
            log.push((script.mono, limit, count));
        }
        script.hang = false;
        script.settle();
        script.open.clear();
    }
    for (limit, burst) in published {
        for window in [1_u64, 10] {
            let most = log
                .iter()
                .map(|(start, ..)| {
                    log.iter()
                        .filter(|(at, l, _)| {
                            *l == limit && at >= start && *at < *start + Duration::from_secs(window)
                        })
                        .map(|(.., n)| n)
                        .sum::<usize>()
                })
                .max()
                .unwrap_or(0);
            let share = usize::try_from(window).expect("small") * 4 + burst / 2;
            assert!(most <= share, "{limit} in {window}s: {most} > {share}");
        }
    }
}

#[test]
fn the_attributes_of_many_groups_are_read_in_turns_that_follow_soon() {
    for (unread, most) in [(true, 14..=18), (false, 1..=3)] {
        let mut script = many(40);
        for group in script.account.groups.iter_mut().filter(|_| unread) {
            group.deregistration_delay = None;
        }
        // The first reading still had them all: the next one is due five minutes later.
        script.run(320);
        let start = script.mono;
        script.run(500);
        let asked = script.count(start, &Topic::TargetGroups);
        assert!(most.contains(&asked), "unread {unread}: {asked} times");
    }
}

#[test]
fn with_many_services_only_the_focused_ones_tasks_are_read_often() {
    let mut script = many(100);
    script.run(120);
    script.keys("2jjj");
    assert_eq!(script.state.selected_service(), Some("svc003"));
    let start = script.mono;
    script.run(300);
    let count = |n: usize| script.count(start, &Topic::Tasks(format!("svc{n:03}")));
    assert!((19..=21).contains(&count(3)), "every 15 s: {}", count(3));
    for n in (0..100).filter(|n| *n != 3) {
        assert!(count(n) <= 1, "svc{n:03}: {}", count(n));
    }
    let calls = script.asked.iter().filter(|(at, _)| *at >= start).count() / 5;
    assert!(calls < 180, "calls a minute: {calls}");
}

#[test]
fn under_a_tight_limit_nobody_starves() {
    let mut script = many(40);
    script.run(120);
    script.account.writer().status = "rebooting".into();
    script.run(40);
    let start = script.mono;
    script.run(120);
    // 40 groups wanted every 5 s, 2 a second allowed: each comes round about once in 20 s.
    for n in 0..40 {
        let count = script.count(start, &Topic::TargetHealth(group_arn(&format!("svc{n:03}"))));
        assert!((5..=7).contains(&count), "svc{n:03}: {count}");
    }
}

#[test]
fn the_focused_service_comes_first_also_in_the_first_minute() {
    let mut script = many(40);
    let unread = |s: &Script, n: usize| s.state.account.store.tasks(&format!("svc{n:03}")).is_none();
    assert!(unread(&script, 30), "not everything fits into the first burst");
    script.keys("2G");
    script.run(2);
    assert!(!unread(&script, 39));
    assert!(unread(&script, 30));
}

#[test]
fn a_simulated_clock_is_polled_at_its_own_speed_but_not_madly() {
    let mut script = Script::watching();
    script.state.polling.clock.learn(&Meter {
        server_date: Some((script.mono, script.now().wall)),
        simulated: Some(Simulated { speed: 20.0, scenario: "steady".into() }),
        ..Meter::default()
    });
    script.send(Msg::Tick);
    assert_eq!(script.state.polling.schedule.every(&Topic::Services), Some(Duration::from_millis(500)));
    assert_eq!(script.state.polling.schedule.every(&Topic::Databases), Some(Duration::from_millis(1500)));
}

#[test]
fn without_answers_it_wakes_seldom_and_never_spins() {
    for speed in [None, Some(1.0), Some(20.0), Some(60.0)] {
        let mut script = Script::watching();
        if let Some(speed) = speed {
            script.state.polling.clock.learn(&Meter {
                server_date: Some((script.mono, script.now().wall)),
                simulated: Some(Simulated { speed, scenario: "steady".into() }),
                ..Meter::default()
            });
        }
        script.keys("\x1bs\x1bF\x1b");
        script.hang = true;
        script.run(600);
        let before = script.ticks;
        script.run(60);
        let ticks = script.ticks - before;
        assert!(ticks < 200, "{speed:?}: {ticks} in a minute");
        assert!(next_deadline(&script.state, script.now()).is_some(), "and still looks again");
    }
}

#[test]
fn in_the_first_minute_without_any_answer_it_wakes_seldom_too() {
    let mut script = Script::new(Sample::healthy(), None);
    script.hang = true;
    script.connect();
    script.run(60);
    assert!(script.ticks < 10, "{}", script.ticks);
}

#[test]
fn with_very_many_groups_their_health_keeps_nothing_else_waiting() {
    let mut script = many(200);
    let asked = |script: &Script, wanted: fn(&Topic) -> bool| {
        script.asked.iter().filter(|(_, topic)| wanted(topic)).map(|(at, _)| *at).collect::<Vec<_>>()
    };
    let start = script.mono;
    script.run(15);
    let balancers = asked(&script, |topic| matches!(topic, Topic::LoadBalancers));
    assert_eq!(balancers.len(), 1, "the load balancers are known soon");
    script.run(300);
    for n in 0..200 {
        let count = script.count(start, &Topic::TargetHealth(group_arn(&format!("svc{n:03}"))));
        assert!((2..=3).contains(&count), "svc{n:03}: {count}");
    }
    // Wanted each minute: not kept waiting by the health of the groups.
    script.run(300);
    let balancers = asked(&script, |topic| matches!(topic, Topic::LoadBalancers));
    for pair in balancers.windows(2).skip(3) {
        let between = pair[1].saturating_sub(pair[0]);
        assert!(between < Duration::from_secs(75), "{between:?}");
    }
}

#[test]
fn what_costs_more_than_a_full_bucket_is_paid_off_before_the_next_question() {
    // 200 groups: 10 pages and the attributes of 8 make 18 requests; a full bucket has 16, and 2 come in a
    // second.
    let mut script = many(200);
    script.run(20);
    let elb = |topic: &Topic| {
        matches!(
            topic,
            Topic::TargetGroups | Topic::TargetHealth(_) | Topic::LoadBalancers | Topic::Listeners(_)
        )
    };
    let mut asked = script.asked.iter().filter(|(_, topic)| elb(topic));
    let (first, topic) = asked.next().expect("something was asked");
    assert_eq!(*topic, Topic::TargetGroups);
    let (next, topic) = asked.next().expect("something else was asked");
    let price = if matches!(topic, Topic::Listeners(_)) { 5 } else { 1 };
    let debt = Duration::from_millis(500 * (2 + price));
    let waited = next.saturating_sub(*first);
    assert!(waited >= debt && waited < debt + Duration::from_secs(1), "{topic:?} after {waited:?}");
}
