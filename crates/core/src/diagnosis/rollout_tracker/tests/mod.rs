//! Rollouts reading by reading, with a fixed clock.

mod interleaved;
mod verdicts;
mod why;

use super::*;
use crate::domain::samples::{Sample, at, deployment, event, record, record_arn, revision, target, task};
use crate::domain::{Deployment, RevisionImage, RevisionTasks, ServiceDeployment, ServiceRevision};

pub(super) const OLD: &str = "ecs-svc/backend-1";
pub(super) const NEW: &str = "ecs-svc/backend-2";

/// A program that looks at an account again and again.
pub(super) struct Watch {
    pub(super) rollouts: Rollouts,
}

impl Watch {
    /// It has seen a healthy Party Box a minute before the beginning.
    pub(super) fn new(sample: &Sample) -> Self {
        let mut watch = Self { rollouts: Rollouts::default() };
        assert_eq!(watch.look(sample, -60), [], "what ended before is no news");
        watch
    }

    /// Everything is read at a second.
    pub(super) fn look(&mut self, sample: &Sample, second: i64) -> Vec<News> {
        let mono = Duration::from_secs(u64::try_from(1000 + second).expect("a time of the test"));
        self.take(&sample.store(mono, at(second)), second)
    }

    pub(super) fn take(&mut self, store: &Store, second: i64) -> Vec<News> {
        self.rollouts.observe(store, &PartyBox::join(store), "backend", at(second))
    }

    pub(super) fn verdict(&self) -> Option<RolloutVerdict> {
        self.rollouts.find(NEW).and_then(|r| r.verdict.clone())
    }

    pub(super) fn it(&self) -> &Rollout {
        self.rollouts.find(NEW).expect("followed")
    }
}

pub(super) fn revision_arn(number: u32) -> String {
    format!("arn:aws:ecs:ap-northeast-1:123456789012:service-revision/party-box/backend/{number}")
}

/// Healthy, with ECS's record of how version 7 once came up.
pub(super) fn before() -> Sample {
    let mut sample = Sample::healthy();
    let mut first = record("first", "SUCCESSFUL", -86_400);
    first.finished_at = Some(at(-86_400 + 200));
    first.target = Some(RevisionTasks { arn: revision_arn(7), ..RevisionTasks::default() });
    sample.records.insert("backend".into(), vec![first]);
    sample.revisions = [7, 8]
        .map(|n| ServiceRevision {
            arn: revision_arn(n),
            task_definition: revision("backend", n),
            images: vec![RevisionImage {
                container: "app".into(),
                reference: format!(
                    "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/party-box/backend:v{n}"
                ),
                digest: Some(format!("sha256:backend{n}")),
            }],
            created_at: None,
        })
        .into();
    sample
}

pub(super) fn made(id: &str, status: &str, rollout: &str, number: u32, second: i64) -> Deployment {
    Deployment {
        task_definition: revision("backend", number),
        created_at: Some(at(second)),
        updated_at: Some(at(second)),
        ..deployment(id, status, rollout)
    }
}

/// ECS's record of the rollout of version 8.
pub(super) fn eight(status: &str) -> ServiceDeployment {
    ServiceDeployment {
        target: Some(RevisionTasks { arn: revision_arn(8), ..RevisionTasks::default() }),
        sources: vec![RevisionTasks { arn: revision_arn(7), running: 2, ..RevisionTasks::default() }],
        ..record("second", status, 0)
    }
}

/// Version 8 rolls out since second 0.
pub(super) fn rolling() -> Sample {
    let mut sample = before();
    let service = sample.service("backend");
    service.deployments[0].status = "ACTIVE".into();
    service.deployments.insert(0, made(NEW, "PRIMARY", "IN_PROGRESS", 8, 0));
    service.task_definition = revision("backend", 8);
    sample.records.get_mut("backend").expect("there").insert(0, eight("IN_PROGRESS"));
    for n in [3, 4] {
        sample.tasks_of("backend").push(task("backend", n, NEW));
        sample.targets_of("backend").push(target("backend", n, "initial"));
    }
    sample
}

/// Its record, to be changed.
pub(super) fn record_of(sample: &mut Sample) -> &mut ServiceDeployment {
    let list = sample.records.get_mut("backend").expect("there");
    list.iter_mut().find(|r| r.arn == record_arn("backend", "second")).expect("there")
}

/// Version 8 is out; its old tasks drain still.
pub(super) fn out() -> Sample {
    let mut sample = rolling();
    record_of(&mut sample).status = "SUCCESSFUL".into();
    record_of(&mut sample).finished_at = Some(at(120));
    let service = sample.service("backend");
    service.deployments[0].rollout_state = Some("COMPLETED".into());
    for task in sample.tasks_of("backend").iter_mut().take(2) {
        task.last_status = "DEACTIVATING".into();
        task.desired_status = "STOPPED".into();
        task.stopping_at = Some(at(100));
    }
    for (i, target) in sample.targets_of("backend").iter_mut().enumerate() {
        target.state = if i < 2 { "draining" } else { "healthy" }.into();
    }
    sample
}

/// Version 8 is out and alone.
pub(super) fn done() -> Sample {
    let mut sample = out();
    sample.service("backend").deployments.truncate(1);
    sample.tasks_of("backend").drain(..2);
    sample.targets_of("backend").drain(..2);
    sample
}

/// The breaker gave version 8 up; version 7 comes back.
pub(super) fn going_back() -> Sample {
    let mut sample = rolling();
    let record = record_of(&mut sample);
    record.status = "ROLLBACK_IN_PROGRESS".into();
    record.rollback = Some(crate::domain::Rollback {
        reason: Some("The circuit breaker threshold was exceeded.".into()),
        started_at: Some(at(60)),
        revision: Some(revision_arn(7)),
    });
    let service = sample.service("backend");
    service.deployments.swap(0, 1);
    service.deployments[0].status = "PRIMARY".into();
    service.deployments[0].rollout_state = Some("IN_PROGRESS".into());
    service.deployments[1].status = "ACTIVE".into();
    service.deployments[1].rollout_state = Some("FAILED".into());
    service.task_definition = revision("backend", 7);
    let text = format!("(service backend) (deployment {NEW}) deployment failed: tasks failed to start.");
    service.events.insert(0, event(60, &text));
    service.events.insert(0, event(60, &format!("(service backend) rolling back to deployment {OLD}.")));
    sample
}

/// Version 7 is back, and calls itself completed.
pub(super) fn back() -> Sample {
    let mut sample = going_back();
    record_of(&mut sample).status = "ROLLBACK_SUCCESSFUL".into();
    let service = sample.service("backend");
    service.deployments.truncate(1);
    service.deployments[0].rollout_state = Some("COMPLETED".into());
    let text = format!("(service backend) (deployment {OLD}) deployment completed.");
    service.events.insert(0, event(150, &text));
    sample.tasks_of("backend").truncate(2);
    sample.targets_of("backend").truncate(2);
    sample
}

/// A colleague's version 7 takes over at second 40.
pub(super) fn taken_over() -> Sample {
    let mut sample = rolling();
    let record = record_of(&mut sample);
    record.status = "STOPPED".into();
    record.stopped_at = Some(at(40));
    record.status_reason = Some("Stopped because a new service deployment started.".into());
    sample
        .records
        .get_mut("backend")
        .expect("there")
        .insert(0, crate::domain::samples::record("third", "IN_PROGRESS", 40));
    let service = sample.service("backend");
    service.deployments[0].status = "ACTIVE".into();
    service.deployments.insert(0, made("ecs-svc/backend-9", "PRIMARY", "IN_PROGRESS", 7, 40));
    sample
}
