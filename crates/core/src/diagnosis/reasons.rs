//! Why a service's tasks do not start or do not stay: ECS's own reason, from its events and its stopped tasks.

use crate::domain::sentences::{self, ServiceEventKind, TroubleKind};
use crate::domain::{Service, ServiceEvent, ServiceNode, Task};
use chrono::{DateTime, TimeDelta, Utc};

/// How much older than a stopped task's an event's reason may be and still be the newer news: ECS writes the
/// event some seconds before the task has stopped.
const SLACK: TimeDelta = TimeDelta::seconds(90);

/// ECS's reason for tasks that lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Of which kind it is.
    pub kind: TroubleKind,
    /// AWS's words in short.
    pub cause: String,
    /// When it was last told.
    pub at: DateTime<Utc>,
}

impl Reason {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        self.kind.advice()
    }
}

/// The newest reason of a service since it was last as it should be; `None` where ECS tells of nothing wrong.
///
/// ECS leaves out an event that it wrote before until the cause is gone or six hours have passed, and writes
/// `has reached a steady state` once all is well: so the newest trouble since then stands, whatever its age.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html>
pub fn find_reason(node: &ServiceNode) -> Option<Reason> {
    reason_of(node.service(), node.rows.iter().map(|row| node.task(row)))
}

fn reason_of<'a>(service: &Service, tasks: impl Iterator<Item = &'a Task>) -> Option<Reason> {
    let mut settled = None;
    let (mut told, mut vague) = (None, None);
    for event in &service.events {
        match event.kind() {
            kind if kind.settles() => {
                settled = Some(event.at);
                break;
            }
            ServiceEventKind::Wrong(kind) => {
                let slot = if kind.is_vague() { &mut vague } else { &mut told };
                if slot.is_none() {
                    *slot = Some(Reason { kind, cause: sentences::cause(&event.message), at: event.at });
                }
            }
            _ => {}
        }
    }
    let stopped = tasks
        .filter(|task| task.is_over() && task.failed())
        .filter_map(|task| Some((task.stopped_at?, task)))
        .filter(|(at, _)| settled.is_none_or(|since| *at > since))
        .max_by_key(|(at, _)| *at)
        .and_then(|(at, task)| stop_reason(task, at));
    match (told, stopped) {
        (Some(told), Some(stopped)) if told.at + SLACK < stopped.at && !stopped.kind.is_vague() => {
            Some(stopped)
        }
        (Some(told), _) => Some(told),
        (None, stopped) => stopped.or(vague),
    }
}

/// Why a task ended, with its exit code where a container has one.
fn stop_reason(task: &Task, at: DateTime<Utc>) -> Option<Reason> {
    let kind = task.trouble()?;
    let own = task.stopped_reason.as_deref().unwrap_or_default();
    // The container's own reason says more than `Essential container in task exited`.
    let inner = task.containers.iter().filter_map(|container| container.reason.as_deref());
    let text = inner.clone().find(|text| sentences::trouble(text) == Some(kind)).unwrap_or(own);
    let mut cause = sentences::cause(text);
    if let Some(code) = task.containers.iter().find_map(|c| c.exit_code.filter(|code| *code != 0))
        && !sentences::names_exit_code(&cause)
    {
        cause = format!("{cause} (exit code {code}{})", exit_meaning(code));
    }
    Some(Reason { kind, cause, at })
}

/// What an exit code means where it is not the program's own: 128 and the signal's number.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>
fn exit_meaning(code: i32) -> &'static str {
    match code {
        137 => ": killed, often for want of memory",
        139 => ": segmentation fault",
        143 => ": ended by SIGTERM",
        _ => "",
    }
}

/// The reason, where it keeps tasks from starting that are wanted and do not run, or that a rollout brings. What
/// was told of an earlier rollout, or before ECS began to go back, is not about what starts now.
pub fn keeps_from_starting(node: &ServiceNode) -> Option<Reason> {
    let service = node.service();
    if service.running >= service.desired && !service.is_rolling() {
        return None;
    }
    let by_set = || service.shift().and_then(|shift| shift.new.created_at);
    let begun = service.primary().map_or_else(by_set, |deployment| deployment.created_at);
    let went_back = |event: &ServiceEvent| event.kind() == ServiceEventKind::RollingBack;
    let went_back = service.events.iter().find(|event| went_back(event)).map(|event| event.at);
    let since = if service.is_rolling() { begun.max(went_back) } else { went_back };
    // A rollout that finds no place or whose tasks fail says so itself.
    let counts = |kind: TroubleKind| {
        kind.keeps_from_starting() && (!service.is_rolling() || kind.shows_in_events_alone())
    };
    find_reason(node).filter(|reason| counts(reason.kind) && since.is_none_or(|since| reason.at >= since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Container;
    use crate::domain::samples::{at, event};

    const STEADY: &str = "(service web) has reached a steady state.";
    const FULL: &str =
        "(service web) was unable to place a task because no container instance met all of its requirements.";
    const IMPAIRED: &str = "(service web) is unable to consistently start tasks successfully.";

    /// Events, newest first, as (second, sentence).
    fn service(events: &[(i64, &str)]) -> Service {
        let events = events.iter().map(|(second, text)| event(*second, text)).collect();
        Service { name: "web".into(), desired: 2, events, ..Service::default() }
    }

    fn stopped(second: i64, code: &str, reason: &str, container: Option<&str>) -> Task {
        Task {
            last_status: "STOPPED".into(),
            stop_code: Some(code.into()),
            stopped_reason: Some(reason.into()),
            stopped_at: Some(at(second)),
            containers: vec![Container { reason: container.map(str::to_owned), ..Container::default() }],
            ..Task::default()
        }
    }

    fn told(events: &[(i64, &str)], tasks: &[Task]) -> Option<(TroubleKind, String)> {
        reason_of(&service(events), tasks.iter()).map(|reason| (reason.kind, reason.cause))
    }

    #[test]
    fn what_was_wrong_before_the_steady_state_is_over() {
        assert_eq!(told(&[(60, STEADY), (0, FULL)], &[]), None);
        let kind = told(&[(60, FULL), (0, STEADY)], &[]).map(|(kind, _)| kind);
        assert_eq!(kind, Some(TroubleKind::Placement));
    }

    #[test]
    fn a_stopped_task_says_more_than_that_tasks_do_not_start() {
        let pull = "CannotPullContainerError: manifest for web:9 not found: manifest unknown";
        let task = stopped(50, "TaskFailedToStart", "Task failed to start", Some(pull));
        let found = told(&[(60, IMPAIRED)], std::slice::from_ref(&task));
        assert_eq!(found.as_ref().map(|(kind, _)| *kind), Some(TroubleKind::ImageGone));
        assert!(found.is_some_and(|(_, cause)| cause.contains("manifest unknown")));
        assert_eq!(told(&[(60, IMPAIRED)], &[]).map(|(kind, _)| kind), Some(TroubleKind::Inconsistent));
    }

    #[test]
    fn the_newer_of_two_telling_reasons_counts() {
        let task = stopped(
            600,
            "EssentialContainerExited",
            "Essential container in task exited",
            Some("OutOfMemoryError: Container killed due to memory usage"),
        );
        let tasks = [task];
        assert_eq!(told(&[(0, FULL)], &tasks).map(|(kind, _)| kind), Some(TroubleKind::Memory));
        assert_eq!(told(&[(700, FULL)], &tasks).map(|(kind, _)| kind), Some(TroubleKind::Placement));
    }

    #[test]
    fn what_somebody_stopped_is_no_reason() {
        let tasks = [stopped(
            10,
            "ServiceSchedulerInitiated",
            "Scaling activity initiated by (deployment ecs-svc/1)",
            None,
        )];
        assert_eq!(told(&[], &tasks), None);
    }

    #[test]
    fn a_kill_is_told_with_its_exit_code() {
        let mut task = stopped(10, "EssentialContainerExited", "Essential container in task exited", None);
        task.containers[0].exit_code = Some(137);
        let cause = told(&[], &[task]).map(|(_, cause)| cause);
        assert_eq!(
            cause.as_deref(),
            Some("Essential container in task exited (exit code 137: killed, often for want of memory)")
        );
    }

    /// Sequences of real accounts, ids replaced, newest first: what is told at their end.
    #[test]
    fn sequences_of_events_end_in_what_happened() {
        let sick = "(service web) (task 9d85) (port 8080) is unhealthy in (target-group arn:x) due to (reason Request timed out).";
        let replaced = "(service web) has started 1 tasks: (task a). Amazon ECS replaced 1 tasks due to an unhealthy status.";
        let table: [(&str, &[&str], Option<TroubleKind>); 8] = [
            (
                "a deployment that completes",
                &[
                    STEADY,
                    "(service web) (deployment ecs-svc/2) deployment completed.",
                    "(service web, taskSet ecs-svc/1) has begun draining connections on 2 tasks.",
                    "(service web) deregistered 2 targets in (target-group arn:x)",
                    "(service web) has stopped 2 running tasks: (task a) (task b).",
                    "(service web) registered 2 targets in (target-group arn:x)",
                    "(service web) has started 2 tasks: (task c) (task d).",
                ],
                None,
            ),
            (
                "a deployment that the breaker ends, before it is steady again",
                &[
                    "(service web) rolling back to deployment ecs-svc/1.",
                    "(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
                    "(service web) has stopped 1 running tasks: (task b).",
                    "(service web) (task b) failed container health checks.",
                    replaced,
                    "(service web) has started 1 tasks: (task b).",
                    STEADY,
                ],
                Some(TroubleKind::HealthCheck),
            ),
            (
                "scaled out and in",
                &[
                    STEADY,
                    "(service web) has stopped 1 running tasks: (task b).",
                    "(service web, taskSet ecs-svc/1) has begun draining connections on 1 tasks.",
                    "(service web) deregistered 1 targets in (target-group arn:x)",
                    "(service web) has started 1 tasks: (task b).",
                ],
                None,
            ),
            (
                "an unhealthy task that was replaced",
                &["(service web) has stopped 1 running tasks: (task 9d85).", sick, replaced, STEADY],
                Some(TroubleKind::HealthCheck),
            ),
            (
                "zones made even",
                &[
                    "(service web) is AZ balanced with 2 tasks in eu-central-1a, 2 tasks in eu-central-1c.",
                    "(service web) has stopped 1 running tasks in eu-central-1a due to AZ rebalancing: (task a).",
                    "(service web) has started 1 tasks in eu-central-1c to AZ Rebalance: (task b).",
                    "(service web) is not AZ balanced with 3 tasks in eu-central-1a, 1 tasks in eu-central-1c. AZ Rebalancing in progress.",
                    STEADY,
                ],
                None,
            ),
            (
                "no Spot capacity to replace what was taken",
                &[
                    "(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.",
                    "(service web) has stopped 1 running tasks: (task a).",
                    STEADY,
                ],
                Some(TroubleKind::Capacity),
            ),
            (
                "a target group deleted under a rollout",
                &[
                    "(service web) failed to register targets in (target-group arn:x) with (error TargetGroupNotFoundException: One or more target groups not found)",
                    "(service web) has started 2 tasks: (task c) (task d).",
                    STEADY,
                ],
                Some(TroubleKind::GroupGone),
            ),
            (
                "a role that cannot be assumed",
                &[
                    "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::111122223333:role/x' that was provided for this task.).",
                ],
                Some(TroubleKind::Role),
            ),
        ];
        for (name, events, expected) in table {
            let events: Vec<(i64, &str)> = (0..).map(|i| -i * 20).zip(events.iter().copied()).collect();
            assert_eq!(told(&events, &[]).map(|(kind, _)| kind), expected, "{name}");
        }
    }
}
