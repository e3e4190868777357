//! What the tasks' containers wrote, computed from their lives.
use chrono::TimeDelta;

use super::dataplane::{DatabaseReach, database_reach};
use crate::world::ecs::{ImageFault, Task, TaskDefinition, Workload};
use crate::world::rng::{noise, stream_of};
use crate::world::{Time, World};

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

/// Seconds between two lines of a container that just serves.
const LINE_EVERY: i64 = 15;
/// The longest time range of lines that one request returns.
const LONGEST: TimeDelta = TimeDelta::hours(6);

/// Every log group.
pub fn groups(world: &World) -> Vec<LogGroup> {
    let mut groups: Vec<LogGroup> = Vec::new();
    for service in &world.ecs.services {
        let Some(definition) = world.ecs.task_definition(&service.task_definition) else { continue };
        let name = &definition.container.log_group;
        if groups.iter().all(|known| known.name != *name) {
            groups.push(LogGroup {
                name: name.clone(),
                arn: world.account.arn("logs", &format!("log-group:{name}")),
                created_at: service.created_at,
                retention_days: 30,
            });
        }
    }
    groups
}

fn stream_name(task: &Task, definition: &TaskDefinition) -> String {
    format!("{}/{}/{}", definition.container.log_prefix, definition.container.name, task.id)
}

/// The tasks that write to a group, with the names of their streams.
fn writers<'a>(world: &'a World, group: &'a str) -> impl Iterator<Item = (&'a Task, String)> {
    world.ecs.tasks().filter_map(move |task| {
        let definition = world.ecs.task_definition(&task.task_definition_arn)?;
        (definition.container.log_group == group && first_line(task).is_some())
            .then(|| (task, stream_name(task, definition)))
    })
}

/// When a container wrote its first line.
fn first_line(task: &Task) -> Option<Time> {
    task.pull_stopped_at.map(|at| at + TimeDelta::seconds(1))
}

/// The streams of a group, newest last; `None` when there is no such group.
pub fn streams(world: &World, group: &str) -> Option<Vec<LogStream>> {
    let known = groups(world).into_iter().find(|each| each.name == group)?;
    let mut streams: Vec<LogStream> = writers(world, group)
        .map(|(task, name)| LogStream {
            arn: format!("{}:log-stream:{name}", known.arn),
            created_at: first_line(task).unwrap_or(task.created_at),
            first_event: first_line(task).filter(|at| *at <= world.now),
            last_event: lines(world, task, world.now - TimeDelta::minutes(2), Time::MAX_UTC)
                .last()
                .map(|event| event.at),
            name,
        })
        .collect();
    streams.sort_by_key(|each| each.created_at);
    Some(streams)
}

/// The events of a stream with `start <= at < end`, oldest first; `None` when there is no such stream.
pub fn events(world: &World, group: &str, stream: &str, start: Time, end: Time) -> Option<Vec<LogEvent>> {
    let (task, _) = writers(world, group).find(|(_, name)| name == stream)?;
    Some(lines(world, task, start, end))
}

fn lines(world: &World, task: &Task, start: Time, end: Time) -> Vec<LogEvent> {
    let Some(first) = first_line(task) else { return Vec::new() };
    let last = task.execution_stopped_at.unwrap_or(world.now).min(world.now);
    let until = end.min(last + TimeDelta::seconds(1));
    let backend = task.workload != Workload::Web;
    let mut events = Vec::new();
    let mut add = |at: Time, message: String| {
        // The lines of a task in a lost zone do not arrive.
        if at >= start && at < until && !world.is_lost(&task.zone, at) {
            // Lines of one second stand in their order.
            let second = u64::try_from((at - first).num_seconds()).unwrap_or(0);
            let before = events.iter().filter(|each: &&LogEvent| each.at == at).count();
            let sequence = second * 16 + u64::try_from(before).unwrap_or(0);
            events.push(LogEvent { at, message, sequence });
        }
    };
    let crashes = task.fault == ImageFault::Crashes;
    for (after, text) in if crashes { CRASH } else { startup(backend) } {
        add(first + TimeDelta::seconds(*after), (*text).to_owned());
    }
    // Lines stand at fixed seconds of the task's life, so that asking twice brings the same ones.
    let from =
        start.max(until.checked_sub_signed(LONGEST).unwrap_or(start)).max(first + TimeDelta::seconds(5));
    let offset = (from - first).num_seconds().div_euclid(LINE_EVERY) * LINE_EVERY;
    let mut at = first + TimeDelta::seconds(offset.max(LINE_EVERY));
    while at < until {
        add(at, line(world, task, backend, at));
        at += TimeDelta::seconds(LINE_EVERY);
    }
    if let Some(stopped) = task.execution_stopped_at.filter(|_| !crashes) {
        add(stopped, "SIGTERM received, closing connections".to_owned());
    }
    events
}

/// A container that cannot start, and says why (the seconds are those of its own life).
const CRASH: &[(i64, &str)] = &[
    (0, "[Nest] 1  LOG [NestFactory] Starting Nest application..."),
    (1, "[Nest] 1  LOG [InstanceLoader] PrismaModule dependencies initialized"),
    (
        2,
        "[Nest] 1  ERROR [ExceptionHandler] PrismaClientInitializationError: Invalid `prisma.$connect()` invocation:",
    ),
    (2, "error: Environment variable not found: DATABASE_REPLICA_URL."),
    (2, "  -->  schema.prisma:11"),
    (2, "   | 10 |   provider = \"postgresql\""),
    (2, "   | 11 |   url      = env(\"DATABASE_REPLICA_URL\")"),
    (3, "Node.js v20.15.1"),
];

const fn startup(backend: bool) -> &'static [(i64, &'static str)] {
    if backend {
        &[
            (0, "[Nest] 1  LOG [NestFactory] Starting Nest application..."),
            (1, "[Nest] 1  LOG [TypeOrmModule] Connected to partybox"),
            (2, "[Nest] 1  LOG [WebSocketsController] RoomGateway subscribed to the \"join\" message"),
            (3, "[Nest] 1  LOG [NestApplication] Nest application successfully started, listening on 3000"),
        ]
    } else {
        &[(0, "  Next.js 14.2.5"), (1, "  - Local: http://0.0.0.0:3000"), (2, "  Ready in 1834ms")]
    }
}

/// The line that a serving container writes at `at`.
fn line(world: &World, task: &Task, backend: bool, at: Time) -> String {
    let draw = noise(world.seed, stream_of(&task.id), at.timestamp());
    if task.fault == ImageFault::Unhealthy {
        return "GET /health 503 - configuration is incomplete: REDIS_URL is not set".to_owned();
    }
    if backend && database_reach(world, task, at) != DatabaseReach::Up {
        let database = task.database.as_deref().unwrap_or_default();
        return format!(
            "[Nest] 1  ERROR [ExceptionsHandler] Connection terminated unexpectedly ({database}:5432)"
        );
    }
    let milliseconds = 2.0 + draw * 40.0;
    match (backend, draw) {
        (_, draw) if draw < 0.4 => "GET /health 200 1ms".to_owned(),
        (true, draw) if draw < 0.7 => format!("GET /api/rooms 200 {milliseconds:.0}ms"),
        (true, _) => format!("[RoomGateway] {:.0} players in 1 room", 2.0 + draw * 8.0),
        (false, _) => format!("GET / 200 in {milliseconds:.0}ms"),
    }
}
