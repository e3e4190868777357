//! What the tasks' containers wrote, computed from their lives.
use crate::sim::world::{Time, World};

/// A log group.
#[derive(Debug, Clone)]
pub struct LogGroup {
    /// Its name, e.g. `/ecs/party-box-backend`.
    pub name: String,
    /// Its ARN, without the trailing `:*`.
    pub arn: String,
    /// When it was created.
    pub created_at: Time,
    /// Days that events are kept.
    pub retention_days: u32,
}

/// A log stream: one container of one task.
#[derive(Debug, Clone)]
pub struct LogStream {
    /// e.g. `ecs/backend/TASKID`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it was created.
    pub created_at: Time,
    /// Its first event.
    pub first_event: Option<Time>,
    /// Its last event.
    pub last_event: Option<Time>,
}

/// A log event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// When.
    pub at: Time,
    /// The line.
    pub message: String,
    /// A number that grows along the stream; an event's id is made of it.
    pub sequence: u64,
}

/// Every log group.
pub fn groups(world: &World) -> Vec<LogGroup> {
    let _ = world;
    Vec::new()
}

/// The streams of a group, newest last; `None` when there is no such group.
pub fn streams(world: &World, group: &str) -> Option<Vec<LogStream>> {
    let _ = (world, group);
    None
}

/// The events of a stream with `start <= at < end`, oldest first; `None` when there is no such stream.
pub fn events(world: &World, group: &str, stream: &str, start: Time, end: Time) -> Option<Vec<LogEvent>> {
    let _ = (world, group, stream, start, end);
    None
}
