//! The IAM permissions that the program can use. The README's policies are written from this list, and a test
//! compares it with the calls in the source.

use partybox_core::domain::Topic;

/// What looking needs, each once: what the topics of the core say that reading them calls. None gives a
/// secret's value.
pub fn read_actions() -> Vec<&'static str> {
    let mut actions: Vec<&'static str> = Vec::new();
    for action in Topic::one_of_each().iter().flat_map(|topic| topic.facts().actions) {
        if !actions.contains(action) {
            actions.push(action);
        }
    }
    actions
}

/// Permissions for changes, limited to the resources of one's own cluster and database.
pub const ACTS_ON_RESOURCES: &[&str] = &[
    "ecs:UpdateService",
    "ecs:StopServiceDeployment",
    "ecs:ContinueServiceDeployment",
    "ecs:StopTask",
    "rds:RebootDBInstance",
    "rds:FailoverDBCluster",
];

/// Permissions for changes for which IAM has no resource to limit them to. `TagResource` comes with a
/// registration that has tags.
pub const ACTS_ON_ANY: &[&str] =
    &["ecs:RegisterTaskDefinition", "ecs:TagResource", "application-autoscaling:RegisterScalableTarget"];
