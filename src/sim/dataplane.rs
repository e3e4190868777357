//! The load balancer's own traffic: what a player's browser, or a probe, would be answered.
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, StatusCode, header};

use super::behaviour::dataplane::{DatabaseReach, Routed, route};
use super::wire::json;
use super::wire::node::{Node, map};
use super::wire::paging::checksum;
use super::wire::{Request, Response};
use super::world::World;

/// Marks an answer that the load balancer gives only after its idle timeout: whoever serves it should wait
/// for as long, or until a fresh try is answered otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hangs;

/// The cookie that keeps a browser on one task.
const STICKY: &str = "AWSALB";
/// Turns tried to find the task that a cookie names.
const TURNS: u64 = 32;

/// Answers as the load balancer would at `now`.
pub(crate) fn answer(world: &World, request: &Request, now: DateTime<Utc>) -> Response {
    let path = request.uri().path();
    let turn = now.timestamp_millis().unsigned_abs();
    let mut routed = route(world, path, turn);
    let realtime = path.starts_with("/socket.io/") || path.starts_with("/api/");
    if realtime && let Some(wanted) = cookie(request, STICKY) {
        let stays =
            |routed: &Routed| matches!(routed, Routed::Task { task_id, .. } if mark(task_id) == wanted);
        if let Some(same) = (0..TURNS).map(|turn| route(world, path, turn)).find(stays) {
            routed = same;
        }
    }
    let Routed::Task { service, task_id, zone, sound, database } = routed else {
        return balancer_error(StatusCode::SERVICE_UNAVAILABLE, "503 Service Temporarily Unavailable");
    };
    let task = Task { id: &task_id, zone: &zone, sound, database };
    let mut response = if service == "backend" { task.backend(request, now) } else { task.frontend(path) };
    if realtime {
        let cookie = format!("{STICKY}={}; Path=/", mark(&task_id));
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// A task as one request meets it.
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

    /// Liveness: it does not ask the database, so that a failover costs no task.
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
            DatabaseReach::Hangs => {
                let mut response = balancer_error(StatusCode::GATEWAY_TIMEOUT, "504 Gateway Time-out");
                response.extensions_mut().insert(Hangs);
                return response;
            }
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

    /// Engine.IO's long polling: a handshake without a session, and only the task that gave a session knows it.
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
            // Engine.IO's "noop" packet: nothing has happened in the room.
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

/// What cookies and sessions call a task.
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

/// An answer that the load balancer makes itself.
fn balancer_error(status: StatusCode, title: &str) -> Response {
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    let mut response = text(status, "text/html", page);
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("awselb/2.0"));
    response
}
