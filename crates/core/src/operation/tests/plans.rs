//! Plans of the ways forward and back: what they send, and what they warn of.

use super::*;
use crate::domain::samples::{at, record, revision};
use crate::domain::{
    EcrImage, Hook, RevisionTasks, ScalingRange, Scan, ServiceDeployment, ServiceRevision, TaskDefinition,
};

const DIGEST: &str = "sha256:0123456789abcdef";
const IMAGE: &str =
    "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/party-box/backend@sha256:0123456789abcdef";

fn range_of(min: u32, max: u32) -> ScalingRange {
    ScalingRange { min, max, suspended: false }
}

fn revision_arn(number: u32) -> String {
    format!("arn:aws:ecs:ap-northeast-1:123456789012:service-revision/party-box/backend/{number}")
}

fn ended(id: &str, number: u32, status: &str, second: i64) -> ServiceDeployment {
    ServiceDeployment {
        finished_at: Some(at(second + 200)),
        target: Some(RevisionTasks { arn: revision_arn(number), ..RevisionTasks::default() }),
        ..record(id, status, second)
    }
}

/// Versions 5 and 7 once came up, 6 did not; 7 runs.
fn sample() -> Sample {
    let mut sample = Sample::healthy();
    sample.records.insert(
        "backend".into(),
        vec![
            ended("c", 7, "SUCCESSFUL", -86_400),
            ended("b", 6, "ROLLBACK_SUCCESSFUL", -90_000),
            ended("a", 5, "SUCCESSFUL", -99_000),
        ],
    );
    sample.revisions = [5, 6, 7]
        .map(|n| ServiceRevision {
            arn: revision_arn(n),
            task_definition: revision("backend", n),
            ..ServiceRevision::default()
        })
        .into();
    sample
}

/// Version 8 rolls out since second 0.
fn rolling(hook: bool) -> Sample {
    let mut sample = sample();
    let mut now = record("d", "IN_PROGRESS", 0);
    now.sources = vec![RevisionTasks { arn: revision_arn(7), running: 2, ..RevisionTasks::default() }];
    if hook {
        now.hooks = vec![Hook {
            id: Some("hook-1".into()),
            status: Some("AWAITING_ACTION".into()),
            expires_at: Some(at(3600)),
            ..Hook::default()
        }];
    }
    sample.records.get_mut("backend").expect("there").insert(0, now);
    let service = sample.service("backend");
    service.deployments[0].status = "ACTIVE".into();
    let mut new = made(OURS, "PRIMARY", "IN_PROGRESS");
    new.task_definition = revision("backend", 8);
    new.created_at = Some(at(0));
    service.deployments.insert(0, new);
    sample
}

/// A plan, its store having images to choose from.
fn plan_of(
    sample: &Sample,
    make: impl Fn(plan::PlanContext<'_>) -> Result<Plan, String>,
) -> Result<Plan, String> {
    let mut store = sample.store(Duration::ZERO, at(0));
    let slot = store.slot_mut(&Topic::Candidates("123456789012".into(), "party-box/backend".into()));
    slot.payload = Some(crate::domain::Payload::Candidates(sample.candidates.clone()));
    slot.taken_at = Some(at(0));
    let party_box = PartyBox::join(&store);
    let mut rollouts = Rollouts::default();
    rollouts.observe(&store, &party_box, "backend", at(0));
    make(plan::PlanContext {
        store: &store,
        party_box: &party_box,
        rollouts: &rollouts,
        past: &[],
        simulated: false,
        drill: None,
        denied: &BTreeMap::from([("ecs:StopTask".to_owned(), at(-60))]),
        account: Some("123456789012"),
        cluster: "party-box",
        region: "ap-northeast-1",
        read_only: false,
        now: at(12),
    })
}

#[test]
fn another_image_is_sent_by_digest_and_changes_nothing_else() {
    let plan = plan_of(&sample(), |c| plan::deploy(c, "backend", "app", IMAGE)).expect("a plan");
    assert!(!plan.blocked(), "{:?}", plan.checks);
    assert_eq!(
        plan.action,
        Action::Deploy {
            cluster: "party-box".into(),
            service: "backend".into(),
            primary: BEFORE.into(),
            from: revision("backend", 7),
            container: "app".into(),
            image: IMAGE.into(),
        }
    );
    assert_eq!(
        plan.changes[0],
        FieldChange::new("image of app", "v7 sha256:backend7", "untagged 0123456789ab")
    );
    for words in
        ["ecs:RegisterTaskDefinition family=backend", IMAGE, "then ecs:UpdateService", "taskDefinition="]
    {
        assert!(plan.request.contains(words), "{words}: {}", plan.request);
    }
    assert!(!plan.request.contains("desiredCount"), "{}", plan.request);
    let gone = plan_of(&sample(), |c| plan::deploy(c, "backend", "sidecar", IMAGE)).expect("a plan");
    assert!(gone.blocked());
    assert!(plan_of(&sample(), |c| plan::deploy(c, "backend", "app", "nginx:latest")).is_err());
}

#[test]
fn the_scan_of_the_chosen_digest_is_told_with_the_age_of_that_evidence() {
    let done = |status: &str, critical: u32| Scan::Done {
        status: status.into(),
        at: None,
        counts: BTreeMap::from([("CRITICAL".to_owned(), critical), ("HIGH".to_owned(), 4)]),
        findings: Vec::new(),
    };
    let table = [
        (Some(Scan::Never), CheckResult::Warn, "this digest was never scanned (read 12s ago)"),
        (
            Some(done("COMPLETE", 1)),
            CheckResult::Warn,
            "its scan has 1 critical finding, 4 high (read 12s ago)",
        ),
        (
            Some(done("ACTIVE", 0)),
            CheckResult::Pass,
            "its scan has no critical finding, 4 high (read 12s ago)",
        ),
        (
            Some(done("IN_PROGRESS", 0)),
            CheckResult::Warn,
            "its scan is IN_PROGRESS: what it has is not known",
        ),
        (Some(Scan::Unreadable("denied".into())), CheckResult::Warn, "its scan cannot be read: denied"),
        (None, CheckResult::Warn, "this digest is not among the images that were read"),
    ];
    for (scan, outcome, text) in table {
        let mut sample = sample();
        sample.candidates = scan
            .map(|scan| EcrImage { digest: DIGEST.into(), scan, ..EcrImage::default() })
            .into_iter()
            .collect();
        let plan = plan_of(&sample, |c| plan::deploy(c, "backend", "app", IMAGE)).expect("a plan");
        assert!(worst(&plan, outcome).iter().any(|t| t.contains(text)), "{text}: {:?}", plan.checks);
    }
}

#[test]
fn the_way_back_is_the_one_that_the_moment_has() {
    let action =
        |sample: &Sample| plan_of(sample, |c| plan::roll_back(c, "backend")).map(|p| (p.action, p.request));
    // Nothing is in flight: the newest earlier success of another revision, not the one that failed.
    let (way, request) = action(&sample()).expect("a plan");
    assert!(matches!(way, Action::Revert { ref to, .. } if *to == revision("backend", 5)), "{way:?}");
    assert_eq!(
        request,
        format!(
            "ecs:UpdateService cluster=party-box service=backend taskDefinition={}",
            revision("backend", 5)
        )
    );
    // In flight: the rollout is stopped.
    let (way, request) = action(&rolling(false)).expect("a plan");
    assert!(
        matches!(way, Action::StopRollout { ref deployment, .. } if deployment.ends_with("/d")),
        "{way:?}"
    );
    assert!(request.ends_with("/d stopType=ROLLBACK"), "{request}");
    // Held by its hook: the hook is answered.
    let (way, request) = action(&rolling(true)).expect("a plan");
    assert!(matches!(way, Action::Continue { go_on: false, ref hook, .. } if hook == "hook-1"), "{way:?}");
    assert!(request.ends_with("hookId=hook-1 action=ROLLBACK"), "{request}");
    // On its way back already, or nothing known to go back to.
    let mut back = rolling(false);
    back.records.get_mut("backend").expect("there")[0].status = "ROLLBACK_IN_PROGRESS".into();
    assert!(action(&back).is_err_and(|e| e.contains("already")));
    let mut blank = sample();
    blank.records.clear();
    assert!(action(&blank).is_err_and(|e| e.contains("not known")));
    let mut same = sample();
    same.records.get_mut("backend").expect("there").truncate(1);
    assert!(action(&same).is_err_and(|e| e.contains("moved tag")));
    // Without service deployments: what is being replaced is deployed anew.
    let (way, _) = action(&lacking(&rolling(false))).expect("a plan");
    assert!(matches!(way, Action::Revert { ref to, .. } if *to == revision("backend", 7)), "{way:?}");
}

#[test]
fn a_hook_is_continued_only_while_it_awaits_an_answer() {
    let plan = plan_of(&rolling(true), |c| plan::proceed(c, "backend")).expect("a plan");
    assert!(plan.request.ends_with("hookId=hook-1 action=CONTINUE"), "{}", plan.request);
    assert!(!plan.blocked());
    assert!(plan_of(&rolling(false), |c| plan::proceed(c, "backend")).is_err());
    let mut late = rolling(true);
    late.records.get_mut("backend").expect("there")[0].hooks[0].expires_at = Some(at(5));
    assert!(plan_of(&late, |c| plan::proceed(c, "backend")).expect("a plan").blocked());
}

#[test]
fn a_task_is_stopped_once_and_told_what_it_leaves() {
    let plan = plan_of(&sample(), |c| plan::stop_task(c, "backend", "backend-1")).expect("a plan");
    assert!(!plan.blocked());
    assert!(plan.request.starts_with("ecs:StopTask cluster=party-box task=arn:"), "{}", plan.request);
    let warned = worst(&plan, CheckResult::Warn);
    assert_eq!(warned, ["ecs:StopTask was denied 72s ago: you may lack the permission"]);
    let mut alone = sample();
    alone.targets_of("backend").truncate(1);
    let plan = plan_of(&alone, |c| plan::stop_task(c, "backend", "backend-1")).expect("a plan");
    assert!(
        worst(&plan, CheckResult::Warn).iter().any(|t| t.contains("nothing serves")),
        "{:?}",
        plan.checks
    );
    let mut stopping = sample();
    stopping.tasks_of("backend")[0].desired_status = "STOPPED".into();
    assert!(plan_of(&stopping, |c| plan::stop_task(c, "backend", "backend-1")).expect("a plan").blocked());
    assert!(plan_of(&sample(), |c| plan::stop_task(c, "backend", "nobody")).is_err());
}

#[test]
fn of_a_range_only_what_changes_is_sent() {
    let of = |min, max, suspended| {
        plan_of(&sample(), |c| plan::range(c, "backend", ScalingRange { min, max, suspended }))
    };
    let table = [
        ((2, 9, false), "maxCapacity=9"),
        ((1, 6, false), "minCapacity=1"),
        ((1, 9, false), "minCapacity=1 maxCapacity=9"),
        (
            (2, 6, true),
            "suspendedState={dynamicScalingInSuspended=true, dynamicScalingOutSuspended=true, scheduledScalingSuspended=true}",
        ),
    ];
    for ((min, max, suspended), fields) in table {
        let plan = of(min, max, suspended).expect("a plan");
        let meant = format!("scalableDimension=ecs:service:DesiredCount {fields}");
        assert!(plan.request.ends_with(&meant), "{}", plan.request);
        assert!(!plan.blocked());
    }
    assert!(worst(&of(3, 6, false).expect("a plan"), CheckResult::Warn)[0].contains("scale-out jumps to 3"));
    assert!(
        worst(&of(1, 1, false).expect("a plan"), CheckResult::Warn)[0].contains("scale-in drops them to 1")
    );
    assert!(of(2, 6, false).is_err_and(|e| e.contains("already")));
    assert!(of(6, 2, false).is_err());
}

#[test]
fn another_account_than_the_sessions_is_blocked() {
    let plan = plan_of(&sample(), |c| {
        plan::scale(plan::PlanContext { account: Some("999999999999"), ..c }, "backend", 4)
    });
    assert!(
        worst(&plan.expect("a plan"), CheckResult::Block)[0].contains("this session began in 999999999999")
    );
}

#[test]
fn each_operation_has_its_inverse_or_says_why_not() {
    let ended = |action: Action, verdict: Verdict| Tracked {
        stage: OperationStage::Ended(verdict),
        ..tracked(action, Accepted::Asked)
    };
    let (cluster, service) = (String::from("party-box"), String::from("backend"));
    let scale = Action::Scale { cluster: cluster.clone(), service: service.clone(), from: 2, to: 4 };
    let range = Action::Range {
        cluster: cluster.clone(),
        service: service.clone(),
        from: range_of(2, 6),
        to: range_of(2, 9),
    };
    let deploy = Action::Deploy {
        cluster: cluster.clone(),
        service: service.clone(),
        primary: BEFORE.into(),
        from: revision("backend", 7),
        container: "app".into(),
        image: IMAGE.into(),
    };
    let revert = Action::Revert {
        cluster: cluster.clone(),
        service: service.clone(),
        primary: BEFORE.into(),
        to: revision("backend", 5),
    };
    let of = |action: &Action| inverse(&ended(action.clone(), Verdict::Succeeded));
    assert_eq!(of(&scale), Ok(Draft::Scale { service: service.clone(), to: 2 }));
    assert_eq!(of(&range), Ok(Draft::Range { service: service.clone(), range: range_of(2, 6) }));
    assert_eq!(of(&deploy), Ok(Draft::Revert { service: service.clone(), to: revision("backend", 7) }));
    assert_eq!(of(&revert), Ok(Draft::RollBack { service: service.clone() }));
    let stop = Action::StopTask { cluster, service, task: "x".into() };
    for action in [stop, failing_over().action, redeploying().action] {
        assert!(of(&action).is_err(), "{action:?}");
    }
    let back = ended(deploy, Verdict::RolledBack("breaker".into()));
    assert!(inverse(&back).is_err(), "there is nothing left to undo");
    // What was refused has changed nothing: the one before is meant.
    let list = [ended(range, Verdict::Refused("no".into())), ended(scale.clone(), Verdict::Succeeded)];
    assert_eq!(last_ended(&list).map(|t| &t.action), Some(&scale));
}

#[test]
fn a_definition_that_was_not_read_blocks_another_image() {
    let mut sample = sample();
    sample.definitions.clear();
    sample.definitions.insert("other".into(), TaskDefinition::default());
    assert!(plan_of(&sample, |c| plan::deploy(c, "backend", "app", IMAGE)).expect("a plan").blocked());
}

#[test]
fn operations_on_a_rollout_end_by_its_verdict() {
    let arn = crate::domain::samples::record_arn("backend", "d");
    let stop = || {
        let (cluster, service) = ("party-box".into(), "backend".into());
        tracked(Action::StopRollout { cluster, service, deployment: arn.clone() }, Accepted::Asked)
    };
    let look = |tracked: &mut Tracked, sample: &Sample, seconds: i64| {
        let mono = Duration::from_secs(1000 + u64::try_from(seconds).expect("later"));
        followed(tracked, &sample.store(mono, at(seconds)), at(seconds))
    };
    let mut sample = rolling(false);
    assert_eq!(look(&mut stop(), &sample, 3), None);
    let list = sample.records.get_mut("backend").expect("there");
    list[0].status = "ROLLBACK_IN_PROGRESS".into();
    assert_eq!(look(&mut stop(), &sample, 6), None);
    let list = sample.records.get_mut("backend").expect("there");
    list[0].status = "ROLLBACK_SUCCESSFUL".into();
    assert_eq!(look(&mut stop(), &sample, 90), Some(Verdict::Succeeded), "this was asked for");

    let proceed = |hook: bool| {
        let mut it = tracked(
            Action::Continue {
                cluster: "party-box".into(),
                service: "backend".into(),
                deployment: arn.clone(),
                hook: "hook-1".into(),
                go_on: true,
            },
            Accepted::Asked,
        );
        look(&mut it, &rolling(hook), 5)
    };
    assert_eq!((proceed(true), proceed(false)), (None, Some(Verdict::Succeeded)));
}

#[test]
fn a_stopped_task_is_followed_until_another_has_its_place() {
    let mut it = tracked(
        Action::StopTask { cluster: "party-box".into(), service: "backend".into(), task: "backend-1".into() },
        Accepted::Stopping,
    );
    let mut sample = Sample::healthy();
    assert_eq!(look(&mut it, &sample, 3), None);
    sample.tasks_of("backend")[0].last_status = "STOPPED".into();
    sample.service("backend").running = 1;
    assert_eq!(look(&mut it, &sample, 30), None);
    assert_eq!(it.progress.text, "STOPPED; 1 of 2 running");
    sample.service("backend").running = 2;
    assert_eq!(look(&mut it, &sample, 60), Some(Verdict::Succeeded));
}

#[test]
fn a_range_is_set_once_it_reads_so() {
    let range = || {
        let (cluster, service) = ("party-box".into(), "backend".into());
        let (from, to) = (range_of(2, 6), range_of(2, 9));
        tracked(Action::Range { cluster, service, from, to }, Accepted::RangeSet)
    };
    let mut sample = Sample::healthy();
    assert_eq!(look(&mut range(), &sample, 3), None);
    sample.scaling[1].max = 7;
    assert!(matches!(look(&mut range(), &sample, 6), Some(Verdict::Superseded(_))));
    sample.scaling[1].max = 9;
    assert_eq!(look(&mut range(), &sample, 9), Some(Verdict::Succeeded));
}
