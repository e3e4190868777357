//! Which alarms concern a Party Box, and what is said of them.

use super::*;
use crate::diagnosis::tests::{examined, level_of};
use crate::domain::AlarmMetric;
use crate::domain::samples::{Sample, alarm, at, record};
use std::time::Duration;

/// A firing alarm on a metric with these dimensions.
fn on(namespace: &str, dimensions: &[(&str, &str)]) -> Alarm {
    alarm("theirs", "ALARM", namespace, "Something", dimensions)
}

/// A firing alarm of metric math, or of a query.
fn math(metrics: Vec<AlarmMetric>, expressions: &[&str]) -> Alarm {
    let expressions = expressions.iter().map(|text| (*text).to_owned()).collect();
    Alarm { metrics, expressions, ..on("", &[]) }
}

fn composite(name: &str, rule: &str) -> Alarm {
    Alarm { rule: Some(rule.into()), metrics: Vec::new(), ..alarm(name, "ALARM", "", "", &[]) }
}

fn concern_of(sample: &Sample, name: &str) -> Concern {
    let store = sample.store(Duration::ZERO, at(0));
    let party_box = PartyBox::join(&store);
    let judged = judge_alarms(&store, &party_box);
    judged.into_iter().find(|(alarm, _)| alarm.name == name).expect("it is there").1
}

#[test]
fn dimensions_tell_whose_an_alarm_is_and_the_most_exact_one_decides() {
    type Dimensions = &'static [(&'static str, &'static str)];
    let table: [(&str, Dimensions, bool); 19] = [
        ("AWS/ECS", &[("ClusterName", "party-box"), ("ServiceName", "backend")], true),
        ("AWS/ECS", &[("ServiceName", "backend"), ("ClusterName", "other")], false),
        ("AWS/ECS", &[("ClusterName", "party-box"), ("ServiceName", "worker")], false),
        ("AWS/ECS", &[("ClusterName", "party-box")], true),
        (
            "ECS/ContainerInsights",
            &[("ClusterName", "party-box"), ("TaskDefinitionFamily", "frontend")],
            true,
        ),
        ("ECS/ContainerInsights", &[("ClusterName", "party-box"), ("TaskDefinitionFamily", "x")], false),
        ("AWS/ApplicationELB", &[("LoadBalancer", "app/party-box/1")], true),
        ("AWS/ApplicationELB", &[("LoadBalancer", "app/party-box/2")], false),
        ("AWS/ApplicationELB", &[("TargetGroup", "targetgroup/backend/1")], true),
        // Another team's target group behind the load balancer that both share.
        (
            "AWS/ApplicationELB",
            &[("LoadBalancer", "app/party-box/1"), ("TargetGroup", "targetgroup/x/9")],
            false,
        ),
        ("AWS/RDS", &[("DBInstanceIdentifier", "party-box-db")], true),
        ("AWS/RDS", &[("DBInstanceIdentifier", "party-box-db-replica")], true),
        ("AWS/RDS", &[("DBInstanceIdentifier", "billing-db")], false),
        ("AWS/RDS", &[("DBClusterIdentifier", "billing")], false),
        ("AWS/NATGateway", &[("NatGatewayId", "nat-9")], false),
        ("AWS/ECR", &[("RepositoryName", "party-box/backend")], true),
        ("AWS/Logs", &[("LogGroupName", "/aws/lambda/x")], false),
        (
            "AWS/CertificateManager",
            &[("CertificateArn", "arn:aws:acm:ap-northeast-1:123456789012:certificate/1")],
            false,
        ),
        ("AWS/SQS", &[("QueueName", "backend")], false),
    ];
    for (namespace, dimensions, ours) in table {
        let mut sample = Sample::healthy();
        sample.alarms.push(on(namespace, dimensions));
        let concern = concern_of(&sample, "theirs");
        assert_eq!(matches!(concern, Concern::Ours(_)), ours, "{dimensions:?}: {concern:?}");
        let health = examined(&sample, 0);
        let (level, text) = if ours {
            (Level::Warn, "Alarm theirs is firing for 3m")
        } else {
            (Level::Idle, "1 alarm of this Region is firing, none about this box")
        };
        assert_eq!(level_of(&health, text), Some(level), "{dimensions:?}: {:?}", health.findings);
        assert_eq!(health.level == Level::Good, !ours, "{dimensions:?}");
    }
}

#[test]
fn metric_math_and_queries_are_looked_into() {
    let metric = |dimensions: &[(&str, &str)]| on("AWS/ECS", dimensions).metrics.remove(0);
    let ours = metric(&[("LoadBalancer", "app/party-box/1")]);
    let theirs = metric(&[("LoadBalancer", "app/other/1")]);
    let abroad = AlarmMetric { account: Some("999999999999".into()), ..ours.clone() };
    let query = "SELECT AVG(CPUUtilization) FROM SCHEMA(\"AWS/ECS\", ClusterName, ServiceName)";
    let of = |service: &str| {
        format!("{query} WHERE ClusterName = 'party-box' AND ServiceName = '{service}' GROUP BY ServiceName")
    };
    let table = [
        (math(vec![theirs.clone(), ours.clone()], &["100*m1/m2"]), "ours"),
        (math(vec![theirs], &["100*m1/m2"]), "others"),
        (math(vec![abroad], &["m1"]), "others"),
        (math(Vec::new(), &[&of("backend")]), "ours"),
        (math(Vec::new(), &[&of("worker")]), "others"),
        (math(Vec::new(), &[query]), "whole"),
        (math(Vec::new(), &["SELECT MAX(Errors) FROM \"AWS/Lambda\""]), "others"),
    ];
    for (alarm, meant) in table {
        let mut sample = Sample::healthy();
        let about = format!("{:?}", alarm.expressions);
        sample.alarms.push(alarm);
        let word = match concern_of(&sample, "theirs") {
            Concern::Ours(_) => "ours",
            Concern::Whole(_) => "whole",
            Concern::Others => "others",
            other => panic!("{about}: {other:?}"),
        };
        assert_eq!(word, meant, "{about}");
    }
}

#[test]
fn a_composite_alarm_concerns_us_through_its_children() {
    let theirs = on("AWS/SQS", &[("QueueName", "x")]);
    // (rule, whether our child fires, what it is)
    let table = [
        ("ALARM(\"alb-5xx\") OR ALARM(theirs)", true, "ours"),
        ("ALARM(alb-5xx)", false, "ours"),
        ("ALARM(alb-5xx) OR ALARM(theirs)", false, "beside"),
        ("ALARM(theirs)", true, "others"),
        ("ALARM(inner)", true, "ours"),
        ("AT_LEAST(1, ALARM, (theirs, alb-5xx))", true, "ours"),
        ("ALARM(arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:alb-5xx)", true, "ours"),
        // A circle, which CloudWatch forbids, ends.
        ("ALARM(outer) OR ALARM(theirs)", false, "others"),
    ];
    for (rule, fires, meant) in table {
        let mut sample = Sample::healthy();
        let own = sample.alarms.iter_mut().find(|a| a.name == "alb-5xx").expect("it is there");
        own.state = if fires { "ALARM" } else { "OK" }.into();
        sample.alarms.extend([
            composite("outer", rule),
            composite("inner", "ALARM(alb-5xx)"),
            theirs.clone(),
        ]);
        let word = match concern_of(&sample, "outer") {
            Concern::Ours(AlarmLink::Child { .. }) => "ours",
            Concern::Beside(_) => "beside",
            Concern::Others => "others",
            other => panic!("{rule}: {other:?}"),
        };
        assert_eq!(word, meant, "{rule}");
    }
}

#[test]
fn an_alarm_that_a_services_deployments_watch_is_ours_by_name() {
    let mut sample = Sample::healthy();
    sample.alarms.push(on("Custom", &[]));
    assert_eq!(concern_of(&sample, "theirs"), Concern::Others);
    let mut record = record("1", "SUCCESSFUL", -600);
    let names = vec!["theirs".to_owned()];
    record.alarms = Some(crate::domain::DeployAlarms { names, ..Default::default() });
    sample.records.insert("backend".into(), vec![record]);
    assert!(matches!(concern_of(&sample, "theirs"), Concern::Ours(AlarmLink::Named { .. })));
}

#[test]
fn what_was_not_read_leaves_an_alarm_unclear_and_worth_a_look() {
    let mut sample = Sample::healthy();
    sample.alarms.push(on("AWS/ApplicationELB", &[("LoadBalancer", "app/party-box/1")]));
    let mut store = sample.store(Duration::ZERO, at(0));
    store.slot_mut(&Topic::LoadBalancers).payload = None;
    store.slot_mut(&Topic::TargetGroups).payload = None;
    let (firing, others) = firing_alarms(&store, &PartyBox::join(&store));
    assert_eq!((firing.len(), others), (1, 0));
}

#[test]
fn what_an_alarm_says_is_told_by_its_state_and_its_settings() {
    type Change = fn(&mut Alarm);
    let own = |change: Change| {
        let mut sample = Sample::healthy();
        change(sample.alarms.iter_mut().find(|a| a.name == "alb-latency").expect("it is there"));
        examined(&sample, 0)
    };
    let long = |a: &mut Alarm| a.since = Some(at(-7200));
    let table: [(Change, Option<Level>, &str); 9] = [
        (
            |a| a.state = "ALARM".into(),
            Some(Level::Warn),
            "firing for 3m (TargetResponseTime of party-box-alb)",
        ),
        (|a| a.state = "THINKING".into(), Some(Level::Warn), "Alarm alb-latency is in state THINKING"),
        (|a| a.state = "INSUFFICIENT_DATA".into(), None, "too little data"),
        (
            |a| a.evaluation = Some("EVALUATION_ERROR".into()),
            Some(Level::Warn),
            "not evaluated (EVALUATION_ERROR)",
        ),
        (|a| a.evaluation = Some("PARTIAL_DATA".into()), Some(Level::Idle), "only a part of its data"),
        (|a| a.evaluation = Some("EVALUATION_FAILURE".into()), Some(Level::Idle), "EVALUATION_FAILURE"),
        (|a| a.actions.clear(), Some(Level::Idle), "1 alarm of this box tells nobody"),
        (|a| a.actions_enabled = Some(false), Some(Level::Idle), "Nobody would be paged for latency:"),
        (
            |a| (a.state, a.suppressed_by) = ("ALARM".into(), Some("WaitPeriod".into())),
            Some(Level::Warn),
            "its actions are muted (WaitPeriod)",
        ),
    ];
    for (change, level, text) in table {
        let health = own(change);
        assert_eq!(level_of(&health, text), level, "{text}: {:#?}", health.findings);
    }
    let mut sample = Sample::healthy();
    let blind = &mut sample.alarms[0];
    blind.state = "INSUFFICIENT_DATA".into();
    long(blind);
    assert_eq!(level_of(&examined(&sample, 0), "has had too little data for 2h"), Some(Level::Idle));
}

#[test]
fn the_children_of_an_alarm_that_tells_need_no_action_of_their_own() {
    let mut sample = Sample::healthy();
    sample.alarms.iter_mut().for_each(|a| a.actions.clear());
    let health = examined(&sample, 0);
    assert_eq!(level_of(&health, "9 alarms of this box tell nobody"), Some(Level::Idle));
    let all = "Nobody would be paged for 5xx answers, unhealthy targets, latency, CPU of the services, database connections, \
               free storage, replica lag:";
    assert_eq!(level_of(&health, all), Some(Level::Idle), "{:#?}", health.findings);
    let rule = sample.alarms.iter().map(|a| format!("ALARM({})", a.name)).collect::<Vec<_>>().join(" OR ");
    sample.alarms.push(Alarm { state: "OK".into(), ..composite("any", &rule) });
    assert_eq!(examined(&sample, 0).findings, []);
}

#[test]
fn autoscalings_own_alarms_are_scaling_and_no_trouble() {
    let own = [("ClusterName", "party-box"), ("ServiceName", "backend")];
    let tracking = |kind: &str, state: &str| {
        let name = format!("TargetTracking-service/party-box/backend-{kind}-1b2c");
        Alarm { since: Some(at(-7200)), ..alarm(&name, state, "AWS/ECS", "CPUUtilization", &own) }
    };
    // (alarm, desired, what is told)
    let table = [
        (tracking("AlarmLow", "ALARM"), 2, None),
        (tracking("AlarmLow", "ALARM"), 3, Some("Autoscaling takes tasks from backend, down to 2")),
        (tracking("AlarmHigh", "ALARM"), 2, Some("Autoscaling adds tasks to backend")),
        (tracking("AlarmHigh", "INSUFFICIENT_DATA"), 2, Some("too little data for 2h: it adds no tasks")),
        (tracking("ProvisionedCapacityHigh", "ALARM"), 2, None),
    ];
    for (alarm, desired, text) in table {
        let name = format!("{} {desired}", alarm.name);
        let mut sample = Sample::healthy();
        let service = sample.service("backend");
        (service.desired, service.running) = (desired, desired);
        sample.alarms.push(alarm);
        let health = examined(&sample, 0);
        assert!(health.level < Level::Warn, "{name}: {:?}", health.findings);
        match text {
            Some(text) => {
                assert_eq!(level_of(&health, text), Some(Level::Idle), "{name}: {:?}", health.findings);
            }
            None => assert_eq!(level_of(&health, "utoscaling"), None, "{name}"),
        }
    }
}
