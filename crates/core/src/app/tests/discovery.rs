//! From one cluster name to everything, or to a sentence that says what to do.

use super::build::Script;
use crate::app::{Msg, Pane, StartPhase, View};
use crate::domain::samples::{Sample, error, group_arn, revision};
use crate::domain::{Cluster, ErrorKind, ImageId, Topic};
use std::collections::BTreeSet;
use std::time::Duration;

#[test]
fn one_cluster_name_leads_to_everything() {
    let mut script = Script::new(Sample::healthy(), Some("party-box"));
    script.connect();
    let found: BTreeSet<Topic> = script.asked.iter().map(|(_, t)| t.clone()).collect();
    let balancer = script.account.balancer.arn.clone();
    let image = |name: &str| {
        Topic::Image(ImageId {
            registry: "123456789012".into(),
            repository: format!("party-box/{name}"),
            digest: format!("sha256:{name}7"),
        })
    };
    let meant = BTreeSet::from([
        Topic::Identity,
        Topic::Clusters,
        Topic::Services,
        Topic::Tasks("backend".into()),
        Topic::Tasks("frontend".into()),
        Topic::TaskDefinition(revision("backend", 7)),
        Topic::TaskDefinition(revision("frontend", 7)),
        Topic::ServiceDeployments("backend".into()),
        Topic::ServiceDeployments("frontend".into()),
        Topic::Scaling,
        Topic::TargetGroups,
        Topic::TargetHealth(group_arn("backend")),
        Topic::TargetHealth(group_arn("frontend")),
        Topic::LoadBalancers,
        Topic::Listeners(balancer),
        Topic::Certificates,
        Topic::Databases,
        Topic::DbEvents,
        image("backend"),
        image("frontend"),
        Topic::Repositories,
        Topic::Secrets,
        Topic::Network,
        Topic::Metrics,
        Topic::Alarms,
        Topic::DbProxies,
        Topic::VpcEndpoints,
    ]);
    assert_eq!(found, meant);
    assert!(script.state.all_answered());
    // Each once; the target groups' metrics and the like are not asked for in pieces.
    assert_eq!(script.asked.len(), meant.len(), "{:?}", script.asked);
    let it = &script.state.account.party_box;
    assert_eq!((it.services.len(), it.databases.len(), it.images.len(), it.groups.len()), (2, 2, 2, 2));
    assert!(
        script.state.account.health.headline.starts_with("All well"),
        "{}",
        script.state.account.health.headline
    );
}

#[test]
fn nothing_is_asked_before_the_region_is_known() {
    let mut script = Script::new(Sample::healthy(), None);
    script.send(Msg::Tick);
    script.run(120);
    assert_eq!(script.asked, []);
}

#[test]
fn metrics_do_not_wait_for_what_does_not_exist() {
    let mut account = Sample::healthy();
    for service in &mut account.services {
        service.subnets.clear();
    }
    for group in &mut account.groups {
        group.load_balancers.clear();
    }
    let mut script = Script::new(account, None);
    script.connect();
    assert!(script.asked.iter().any(|(_, t)| *t == Topic::Metrics));
    assert!(!script.asked.iter().any(|(_, t)| *t == Topic::Network));
}

fn clusters(names: &[&str]) -> Sample {
    let mut account = Sample::healthy();
    account.clusters = names
        .iter()
        .map(|n| Cluster { name: (*n).into(), status: "ACTIVE".into(), ..Cluster::default() })
        .collect();
    account
}

#[test]
fn the_only_cluster_is_watched() {
    let mut script = Script::new(clusters(&["party"]), None);
    script.connect();
    assert_eq!(script.state.session.phase, StartPhase::Watching);
    assert_eq!(script.state.session.cluster.as_deref(), Some("party"));
}

#[test]
fn of_several_clusters_one_is_chosen() {
    let mut script = Script::new(clusters(&["a", "b", "c"]), None);
    script.connect();
    assert_eq!(script.state.session.phase, StartPhase::Choosing);
    assert_eq!(script.count(Duration::ZERO, &Topic::Services), 0);
    script.keys("jjjk");
    assert_eq!(script.row(View::Overview, Pane::Main), 1, "to the last, then one up");
    // The list is read again and now begins with another: the choice stays on its cluster.
    script.account = clusters(&["0", "a", "b", "c"]);
    script.run(130);
    assert_eq!(script.row(View::Overview, Pane::Main), 2);
    script.keys("\n");
    script.settle();
    assert_eq!(script.state.session.phase, StartPhase::Watching);
    assert_eq!(script.state.session.cluster.as_deref(), Some("b"));
    assert!(script.state.account.store.services().is_some());
}

#[test]
fn what_cannot_be_found_stops_with_what_to_do() {
    type Row = (&'static str, Sample, Option<&'static str>, Option<ErrorKind>, &'static [&'static str]);
    let inactive = {
        let mut account = clusters(&["party-box"]);
        account.clusters[0].status = "INACTIVE".into();
        account
    };
    let table: [Row; 7] = [
        ("none", clusters(&[]), None, None, &["no ECS cluster in ap-northeast-1", "--region", "--profile"]),
        (
            "wrong",
            clusters(&["party-box"]),
            Some("party-bx"),
            None,
            &["\"party-bx\"", "--cluster", "--region"],
        ),
        ("inactive", inactive, Some("party-box"), None, &["\"party-box\"", "--cluster"]),
        ("not found", Sample::healthy(), Some("x"), Some(ErrorKind::NotFound), &["\"x\"", "--cluster"]),
        (
            "denied",
            Sample::healthy(),
            None,
            Some(ErrorKind::Denied),
            &["ecs:Something", "--cluster", "README"],
        ),
        ("credentials", Sample::healthy(), None, Some(ErrorKind::Credentials), &["try something else"]),
        (
            "credentials",
            Sample::healthy(),
            Some("party-box"),
            Some(ErrorKind::Credentials),
            &["try something"],
        ),
    ];
    for (name, account, wanted, kind, words) in table {
        let mut script = Script::new(account, wanted);
        if let Some(kind) = kind {
            script.faults.push((|topic| *topic == Topic::Clusters, error(kind)));
        }
        script.connect();
        let StartPhase::Stopped(sentence) = &script.state.session.phase else {
            panic!("{name}: {:?}", script.state.session.phase)
        };
        for word in words {
            assert!(sentence.contains(word), "{name}: {sentence}");
        }
        assert!(script.state.session.quitting, "{name}");
    }
    let mut script = Script::new(Sample::healthy(), None);
    script.send(Msg::CannotStart("No Region: use --region".into()));
    assert_eq!(script.state.session.phase, StartPhase::Stopped("No Region: use --region".into()));
}

#[test]
fn a_named_cluster_is_watched_though_clusters_may_not_be_listed() {
    for wanted in ["party-box", "arn:aws:ecs:ap-northeast-1:123456789012:cluster/party-box"] {
        let mut script = Script::new(Sample::healthy(), Some(wanted));
        script.faults.push((|topic| *topic == Topic::Clusters, error(ErrorKind::Denied)));
        script.connect();
        assert_eq!(script.state.session.phase, StartPhase::Watching);
        assert_eq!(script.state.session.cluster.as_deref(), Some("party-box"));
    }
}

#[test]
fn an_unreachable_endpoint_is_tried_until_it_answers() {
    for kind in [ErrorKind::Unreachable, ErrorKind::Unsupported, ErrorKind::Throttled, ErrorKind::Service] {
        let mut script = Script::new(Sample::healthy(), None);
        script.faults.push((|_| true, error(kind)));
        script.connect();
        script.run(300);
        assert_eq!(script.state.session.phase, StartPhase::Looking, "{kind:?}");
        assert!(!script.state.session.quitting, "{kind:?}");
        script.faults.clear();
        script.run(700);
        assert_eq!(script.state.session.phase, StartPhase::Watching, "{kind:?}");
        assert!(script.state.account.store.services().is_some(), "{kind:?}");
    }
}
