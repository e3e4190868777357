//! Parsers of AWS's sentences, for facts that AWS gives in no other form. Each kind of sentence is read here
//! and nowhere else.
//! The input is AWS's text. Text that this program writes for people is never parsed.

mod ecs;

pub use ecs::{
    EventParts, ServiceEventKind, TroubleKind, cause, parts, service_event_kind, stop_trouble, trouble,
};

use super::{FailoverStep, Level};

/// Whether a task's `stoppedReason` says that the scheduler stopped it as it failed a health check: the code
/// alone says only that the scheduler did. `Task failed ELB health checks in (target-group ...)`, `Task
/// failed container health checks`.
pub fn names_failed_health_check(stopped_reason: &str) -> bool {
    stopped_reason.contains("failed") && stopped_reason.contains("health check")
}

/// Whether a task's reason is about a health check: what the check was answered says more than it.
pub fn names_health_check(reason: &str) -> bool {
    reason.contains("health check")
}

/// Whether a reason has the exit code of a container in it.
pub fn names_exit_code(reason: &str) -> bool {
    reason.contains("exit code")
}

/// Whether a service's event or a deployment's `rolloutStateReason` says that ECS goes back to an earlier
/// deployment:
/// `ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.`
pub fn names_rollback(text: &str) -> bool {
    text.contains("rolling back")
}

/// Why a deployment failed, from a service's event: `(service web) (deployment ecs-svc/1) deployment failed:
/// tasks failed to start.` gives `tasks failed to start`. `None` for any other event.
pub fn failed_deployment(event: &str) -> Option<&str> {
    let (_, why) = event.split_once("deployment failed")?;
    let why = why.strip_prefix(':').unwrap_or(event);
    Some(why.trim().trim_end_matches('.'))
}

/// Whether a service's event says that a deployment has completed.
pub fn names_completed_deployment(event: &str) -> bool {
    event.contains("deployment completed")
}

/// Whether the reason of a stopped service deployment says that another one took over.
pub fn names_newer_deployment(status_reason: &str) -> bool {
    status_reason.contains("new service deployment") || status_reason.contains("newer")
}

/// Whether a service's event says that ECS finds no place for its tasks, or cannot start them there.
pub fn names_no_placement(event: &str) -> bool {
    matches!(service_event_kind(event), ServiceEventKind::Wrong(kind) if kind.is_of_placement())
}

/// Whether an event that ECS finds no place for tasks says why.
pub fn has_placement_reason(event: &str) -> bool {
    !event.contains("unable to consistently start")
}

/// Why ECS places no task, in short, from a service's event without the service's name: `was unable to place a
/// task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability
/// zone.` gives `capacity is unavailable at this time`.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub fn placement_reason(event: &str) -> String {
    let because = [" because ", "Reason: ", "reason: "];
    let told = because.iter().find_map(|words| Some(event.split_once(words)?.1)).unwrap_or(event);
    let first = told.split(". ").next().unwrap_or(told).trim_end_matches('.');
    let mut letters = first.chars();
    match (letters.next(), letters.next()) {
        // A word in capitals, as in `RESOURCE:ENI`, stays.
        (Some(one), Some(two)) if one.is_uppercase() && two.is_lowercase() => {
            format!("{}{}", one.to_lowercase(), &first[one.len_utf8()..])
        }
        _ => first.to_owned(),
    }
}

/// Whether a service's event says that ECS begins to even out its tasks over the zones (`true`), or has done so
/// (`false`); `None` for any other event. `(service web) is not AZ balanced with 3 tasks in ap-northeast-1a, 1
/// tasks in ap-northeast-1c. AZ Rebalancing in progress.`
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing-event-messages-list.html>
pub fn zone_rebalancing(event: &str) -> Option<bool> {
    if event.contains("is not AZ balanced") {
        Some(true)
    } else if event.contains("is AZ balanced") {
        Some(false)
    } else {
        None
    }
}

/// Whether a service's event is about tasks that do not do well.
pub fn names_trouble(event: &str) -> bool {
    matches!(
        service_event_kind(event),
        ServiceEventKind::Wrong(_) | ServiceEventKind::Replaced | ServiceEventKind::DeploymentFailed
    )
}

/// What the load balancer's check of a task saw, from a service's event: `(service web) (port 3000) is
/// unhealthy in (target-group ...) due to (reason Health checks failed with these codes: [503])`.
pub fn failed_check(event: &str) -> Option<&str> {
    let (_, reason) = event.split_once(" is unhealthy in ")?.1.split_once("(reason ")?;
    Some(reason.trim_end_matches(['.', ')']))
}

/// How many tasks ECS stopped, from a service's event: `(service web) has stopped 2 running tasks: (task 1) (task
/// 2).` gives 2. Those that were pending never served.
pub fn stopped_tasks(event: &str) -> Option<u32> {
    let (_, rest) = event.split_once("has stopped ")?;
    let (count, what) = rest.split_once(' ')?;
    what.starts_with("running task").then(|| count.parse().ok())?
}

/// A service's event without the service's own name, and its task set's, before it: `(service web) has reached
/// a steady state.` What else stands in brackets is kept: it tells which deployment or task.
pub fn without_service<'a>(event: &'a str, service: &str) -> &'a str {
    let head = event.strip_prefix("(service ").and_then(|rest| rest.strip_prefix(service));
    let rest = head.and_then(|head| match head.strip_prefix(", taskSet ") {
        Some(set) => set.split_once(") ").map(|(_, rest)| rest),
        None => head.strip_prefix(") "),
    });
    rest.unwrap_or(event)
}

/// How serious a service's event is; one of another wording is a note.
pub(super) fn service_event_level(event: &str) -> Level {
    service_event_kind(event).level()
}

/// What an RDS event of the category `failover` says:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html>
pub(super) fn failover_step(event: &str) -> FailoverStep {
    let words = event.to_ascii_lowercase();
    if words.starts_with("abandoning") || names_failed_cluster_failover(event) {
        FailoverStep::Abandoned
    } else if words.contains("complete") || words.starts_with("recovered") {
        FailoverStep::Ends
    } else if words.contains("started") {
        FailoverStep::Begins
    } else {
        FailoverStep::Remark
    }
}

/// Whether an RDS event says that a cluster's failover failed: `Cluster failover failed, check the health of
/// your cluster instances and try again.`
pub fn names_failed_cluster_failover(event: &str) -> bool {
    event.to_ascii_lowercase().starts_with("cluster failover failed")
}

/// The instance that a cluster failed over to: `Completed failover to DB instance: NAME`.
pub fn new_writer(event: &str) -> Option<&str> {
    event.rsplit_once("DB instance: ").map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_failed_deployment_is_what_follows_the_colon() {
        let event = "(service web) (deployment ecs-svc/1) deployment failed: tasks failed to start.";
        assert_eq!(failed_deployment(event), Some("tasks failed to start"));
        let bare = "(service web) (deployment ecs-svc/1) deployment failed.";
        assert_eq!(failed_deployment(bare), Some("(service web) (deployment ecs-svc/1) deployment failed"));
        assert_eq!(failed_deployment("(service web) has reached a steady state."), None);
    }

    #[test]
    fn running_tasks_that_ecs_stopped_are_counted() {
        let of = |what: &str| stopped_tasks(&format!("(service web) has stopped {what}: (task 1)."));
        assert_eq!((of("2 running tasks"), of("1 pending tasks")), (Some(2), None));
        assert_eq!(stopped_tasks("(service web) has started 1 tasks: (task 1)."), None);
    }

    #[test]
    fn why_no_task_is_placed_is_told_in_a_few_words() {
        for (event, words) in [
            (
                "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later.",
                "capacity is unavailable at this time",
            ),
            (
                "was unable to place a task because no container instance met all of its requirements. Reason: No \
                 Container Instances were found in your cluster. For more information, see the guide.",
                "no container instance met all of its requirements",
            ),
            ("was unable to place a task. Reason: RESOURCE:ENI.", "RESOURCE:ENI"),
            ("something else", "something else"),
        ] {
            assert_eq!(placement_reason(event), words);
        }
    }

    #[test]
    fn an_event_loses_its_own_services_name_only() {
        assert_eq!(without_service("(service web) has started 1 tasks.", "web"), "has started 1 tasks.");
        assert_eq!(without_service("(service web-2) failed.", "web"), "(service web-2) failed.");
    }

    #[test]
    fn what_a_check_was_answered_is_read_from_the_event() {
        let event = "(service web) (port 3000) is unhealthy in (target-group arn:x) due to (reason Health checks failed \
                     with these codes: [503]).";
        assert_eq!(failed_check(event), Some("Health checks failed with these codes: [503]"));
    }
}
