//! The load balancer's own traffic: the answers to a player's browser, or to a probe.
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, StatusCode, header};

use crate::behaviour;
use crate::behaviour::dataplane::{DatabaseReach, Routed, meet, meets_dead_node, route, take_turn};
use crate::behaviour::dns_records;
use crate::protocol::json;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::checksum;
use crate::protocol::request::{Request, Response, dated};
use crate::world::{Time, World};

/// The result of a request to the load balancer.
#[derive(Debug)]
pub enum Served {
    /// It is answered at once.
    Answer(Response),
    /// Nothing answers it for now.
    Hangs,
}

/// Serves one request as the load balancer would at `now`, to the millisecond; the world is first brought up
/// to that time. Every call is a request of its own: the targets take turns.
pub fn serve(world: &mut World, request: &Request, now: DateTime<Utc>) -> Served {
    behaviour::advance(world, now);
    let response = dated(answer_request(world, request, now), now);
    if response.extensions().get::<Stalled>().is_some() { Served::Hangs } else { Served::Answer(response) }
}

/// The address that a name resolves to at `now`; the world is first brought up to that time. Names of
/// database endpoints give addresses of the VPC, the load balancer's gives loopback, where the simulator
/// answers for it.
pub fn resolve(world: &mut World, name: &str, now: Time) -> Option<Ipv4Addr> {
    behaviour::advance(world, now);
    dns_records::look_up_name(world, name, now).map(|(address, _)| address)
}

/// Marks an answer that the load balancer gives only after a while. The server should wait that long, or
/// until another attempt has another answer.
#[derive(Clone, Debug)]
pub(crate) struct Stalled {
    /// The cause of the delay.
    pub(crate) held: StalledBy,
    /// How long it waits at most.
    pub(crate) patience: Duration,
}

/// The cause of a request's delay. A request that carries this is the same one, tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StalledBy {
    /// The task with this id.
    Task(String),
    /// A load balancer node that is gone: there is no answer, and in the end no connection.
    Node,
}

/// The cookie that keeps a browser on one task.
const STICKY: &str = "AWSALB";
/// Turns tried to find the task that a cookie names.
const TURNS: u64 = 32;
/// How long the load balancer waits for a task's answer (its `idle_timeout.timeout_seconds`).
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
/// How long the load balancer waits for a connection to a task.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues>
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers as the load balancer would at `now`.
pub(crate) fn answer_request(world: &mut World, request: &Request, now: DateTime<Utc>) -> Response {
    let path = request.uri().path();
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let realtime = path.starts_with("/socket.io/") || path.starts_with("/api/");
    let routed = match request.extensions().get::<StalledBy>() {
        Some(StalledBy::Node) => return hanging(StalledBy::Node, IDLE_TIMEOUT),
        // A task that ended meanwhile has closed the connection.
        Some(StalledBy::Task(id)) => match meet(world, id, now, writes) {
            Some(same) => same,
            None => return balancer_error(StatusCode::BAD_GATEWAY, "502 Bad Gateway"),
        },
        None => {
            let turn = take_turn(world, path);
            if meets_dead_node(world, now) {
                return hanging(StalledBy::Node, IDLE_TIMEOUT);
            }
            let wanted = cookie(request, STICKY).filter(|_| realtime);
            let stays = |routed: &Routed| matches!(routed, Routed::Task { task_id, .. } if wanted == Some(mark(task_id).as_str()));
            let same =
                wanted.and_then(|_| (0..TURNS).map(|turn| route(world, path, turn, now, writes)).find(stays));
            same.unwrap_or_else(|| route(world, path, turn, now, writes))
        }
    };
    let (pages, task_id, zone, reachable, listening, sound, database) = match routed {
        Routed::Task { pages, task_id, zone, reachable, listening, sound, database, .. } => {
            (pages, task_id, zone, reachable, listening, sound, database)
        }
        Routed::Fixed(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
            return text(status, "text/plain; charset=utf-8", String::new());
        }
        Routed::NoTarget => {
            return balancer_error(StatusCode::SERVICE_UNAVAILABLE, "503 Service Temporarily Unavailable");
        }
    };
    if !reachable {
        return hanging(StalledBy::Task(task_id), CONNECT_TIMEOUT);
    }
    if !listening {
        return balancer_error(StatusCode::BAD_GATEWAY, "502 Bad Gateway");
    }
    let task = Task { id: &task_id, zone: &zone, sound, database };
    let mut response = if pages { task.frontend(path) } else { task.backend(request, now) };
    if realtime {
        let cookie = format!("{STICKY}={}; Path=/", mark(&task_id));
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The load balancer's answer when the wait is over.
fn hanging(held: StalledBy, patience: Duration) -> Response {
    let mut response = balancer_error(StatusCode::GATEWAY_TIMEOUT, "504 Gateway Time-out");
    response.extensions_mut().insert(Stalled { held, patience });
    response
}

/// A task as one request reaches it.
struct Task<'a> {
    id: &'a str,
    zone: &'a str,
    sound: bool,
    database: DatabaseReach,
}

impl Task<'_> {
    fn frontend(&self, path: &str) -> Response {
        if !self.sound {
            return json(StatusCode::SERVICE_UNAVAILABLE, &map! { "status": "starting" });
        }
        match path {
            "/health" => self.alive(),
            "/" => html(StatusCode::OK, "<h1>Party Box</h1>"),
            _ => html(StatusCode::NOT_FOUND, "<h1>404</h1><p>This page could not be found.</p>"),
        }
    }

    /// The liveness check. It does not query the database, so that a failover ends no task.
    fn alive(&self) -> Response {
        json(StatusCode::OK, &map! { "status": "ok", "task": self.id, "zone": self.zone })
    }

    fn backend(&self, request: &Request, now: DateTime<Utc>) -> Response {
        let path = request.uri().path();
        if !self.sound {
            return json(StatusCode::SERVICE_UNAVAILABLE, &map! { "status": "error" });
        }
        if path == "/health" {
            return self.alive();
        }
        // Rooms live in the tasks' memory: the realtime side plays on without the database.
        if path.starts_with("/socket.io/") {
            return self.socket_io(request, now);
        }
        match self.database {
            DatabaseReach::Up => {}
            DatabaseReach::Refused => {
                return json(
                    StatusCode::SERVICE_UNAVAILABLE,
                    &map! {
                        "status": "error",
                        "db": "down",
                        "task": self.id,
                        "zone": self.zone,
                    },
                );
            }
            DatabaseReach::Hangs => return hanging(StalledBy::Task(self.id.to_owned()), IDLE_TIMEOUT),
        }
        match path {
            "/api/health" => json(
                StatusCode::OK,
                &map! {
                    "status": "ok",
                    "db": "up",
                    "task": self.id,
                    "zone": self.zone,
                },
            ),
            "/api/rooms" => json(StatusCode::OK, &map! { "rooms": Node::List(Vec::new()) }),
            _ => json(
                StatusCode::NOT_FOUND,
                &map! {
                    "message": format!("Cannot {} {path}", request.method()),
                    "error": "Not Found",
                    "statusCode": 404,
                },
            ),
        }
    }

    /// Engine.IO's long polling: a handshake without a session, and only the task that gave a session knows
    /// it.
    fn socket_io(&self, request: &Request, now: DateTime<Utc>) -> Response {
        let query = request.uri().query().unwrap_or_default();
        let value = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let refuse = |code: i64, message: &str| {
            json(StatusCode::BAD_REQUEST, &map! { "code": code, "message": message })
        };
        if value("transport").as_deref() != Some("polling") {
            return refuse(0, "Transport unknown");
        }
        match value("sid") {
            Some(sid) if !sid.starts_with(&mark(self.id)) => refuse(1, "Session ID unknown"),
            // Engine.IO's "noop" packet: nothing to report.
            Some(_) => text(StatusCode::OK, "text/plain; charset=UTF-8", "6".to_owned()),
            None => {
                let session = format!("{}{:x}", mark(self.id), now.timestamp_millis());
                let handshake = map! {
                    "sid": session,
                    "upgrades": Node::list(["websocket"]),
                    "pingInterval": 25_000,
                    "pingTimeout": 20_000,
                    "maxPayload": 1_000_000,
                };
                let body = format!("0{}", json::render(&handshake));
                text(StatusCode::OK, "text/plain; charset=UTF-8", body)
            }
        }
    }
}

/// The name of a task in cookies and sessions.
fn mark(task_id: &str) -> String {
    format!("{:016x}", checksum(task_id, STICKY))
}

fn cookie<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(own, _)| *own == name)
        .map(|(_, value)| value)
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn json(status: StatusCode, body: &Node) -> Response {
    text(status, "application/json; charset=utf-8", json::render(body).to_string())
}

fn html(status: StatusCode, body: &str) -> Response {
    let page =
        format!("<!DOCTYPE html><html><head><title>Party Box</title></head><body>{body}</body></html>");
    text(status, "text/html; charset=utf-8", page)
}

/// An error answer of the load balancer itself.
fn balancer_error(status: StatusCode, title: &str) -> Response {
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    let mut response = text(status, "text/html", page);
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("awselb/2.0"));
    response
}

#[cfg(test)]
mod tests;
