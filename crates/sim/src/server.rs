//! The server: the simulated account on a loopback port, with a thread and a runtime of its own.
use std::cell::{Cell, RefCell};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener, UdpSocket as StdUdpSocket};
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio::time::MissedTickBehavior;

use crate::behaviour;
use crate::behaviour::dns_records;
use crate::clock::{self, VirtualClock};
use crate::dataplane::{Stalled, StalledBy};
use crate::estate::Estate;
use crate::protocol::dns;
use crate::protocol::request::{MAX_BODY, Request, Response};
use crate::router::{Socket, handle_verified};
use crate::seed::{Scenario, build_estate};
use crate::world::World;

/// The greatest speed: above it, time would pass faster than it can be computed.
pub const MAX_SPEED: f64 = 10_000.0;

/// The interval, in real time, at which the world is brought up to date without requests, so that the next
/// request need not wait.
const CATCH_UP_EVERY: Duration = Duration::from_secs(10);

/// The most virtual time that is computed at once. After a longer pause (the process was stopped) the clock
/// goes on from here, so that the next request does not wait for days to be computed.
const CATCH_UP_MOST: TimeDelta = TimeDelta::days(1);

/// The longest pause, in virtual time, between attempts of a request that hangs.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The longest query over UDP that is read: more than any resolver sends.
const QUERY_MOST: usize = 1500;

/// How a simulated account is started.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// What account it is.
    pub estate: Estate,
    /// What happens by itself.
    pub scenario: Scenario,
    /// Virtual seconds per real second; above 0.
    pub speed: f64,
    /// The same seed and speed tell the same story.
    pub seed: u64,
    /// A loopback address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where it answers DNS, over UDP: a loopback address. `None` takes any free port of the address above.
    pub listen_dns: Option<SocketAddr>,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            estate: Estate::party_box(),
            scenario: Scenario::default(),
            speed: 1.0,
            seed: 1,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            listen_dns: None,
        }
    }
}

/// A simulated account that is being served. It stops, and its port closes, when this is dropped.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    dns_addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// The address that it listens on.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address at which it answers DNS, over UDP: what the names of the database's endpoints resolve to
    /// within the VPC, and the load balancer's name to loopback.
    pub const fn dns_addr(&self) -> SocketAddr {
        self.dns_addr
    }

    /// What `AWS_ENDPOINT_URL` must be for a client to reach it. The load balancer's own traffic
    /// (`/`, `/health`, `/api/health`) is answered at the same address.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has already been reported, and there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

/// Starts serving a new account. It is bound when this returns, so that the first request may
/// follow at once.
pub fn start(config: SimConfig) -> io::Result<Running> {
    let SimConfig { estate, scenario, speed, seed, listen, listen_dns } = config;
    let listen_dns = listen_dns.unwrap_or_else(|| SocketAddr::new(listen.ip(), 0));
    if let Some(open) = [listen, listen_dns].iter().find(|each| !each.ip().is_loopback()) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "the simulated account answers anyone who can reach it, so it listens on loopback only, not on {}",
                open.ip()
            ),
        ));
    }
    if !(speed > 0.0 && speed <= MAX_SPEED) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the speed must be above 0 and at most {MAX_SPEED}, not {speed}"),
        ));
    }
    let clock = VirtualClock::start_now(speed);
    let world = build_estate(&estate, scenario, seed, clock.start())
        .map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
    let listener = StdListener::bind(listen)?;
    listener.set_nonblocking(true)?;
    let addr = listener.local_addr()?;
    let names = StdUdpSocket::bind(listen_dns)?;
    names.set_nonblocking(true)?;
    let dns_addr = names.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("sim".to_owned()).spawn(move || {
        let account = Rc::new(Account {
            mark: format!("speed={speed}; scenario={scenario}"),
            port: addr.port(),
            world: RefCell::new(world),
            clock,
            paused: Cell::new(TimeDelta::zero()),
        });
        runtime.block_on(LocalSet::new().run_until(serve(listener, names, account, stopped)));
    })?;
    Ok(Running { addr, dns_addr, stop: Some(stop), thread: Some(thread) })
}

/// The world and the clock that drives it.
struct Account {
    /// The header value that tells this server from AWS.
    mark: String,
    /// The port that it listens on.
    port: u16,
    world: RefCell<World>,
    clock: VirtualClock,
    /// Virtual time that was skipped; see [`CATCH_UP_MOST`].
    paused: Cell<TimeDelta>,
}

async fn serve(
    listener: StdListener,
    names: StdUdpSocket,
    account: Rc<Account>,
    mut stopped: oneshot::Receiver<()>,
) {
    let (Ok(listener), Ok(names)) = (TcpListener::from_std(listener), UdpSocket::from_std(names)) else {
        return;
    };
    tokio::task::spawn_local(answer_names(names, Rc::clone(&account)));
    let mut catch_up = tokio::time::interval(CATCH_UP_EVERY);
    catch_up.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            _ = catch_up.tick() => {
                let now = account.now();
                behaviour::advance(&mut account.world.borrow_mut(), now);
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::task::spawn_local(connection(stream, Rc::clone(&account)));
                }
                // Most likely out of file descriptors: wait for connections to end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

/// Answers DNS, one datagram after the other.
async fn answer_names(socket: UdpSocket, account: Rc<Account>) {
    let mut query = [0; QUERY_MOST];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut query).await else {
            // Most likely an answer that could not be delivered.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let answer = dns::respond(&query[..length], |name| account.resolve(name));
        if let Some(answer) = answer {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

async fn connection(stream: TcpStream, account: Rc<Account>) {
    // Answers are small and go out in one write: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let account = Rc::clone(&account);
        async move { account.respond(request).await }
    });
    // The end of a connection, orderly or not, concerns only its client.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Account {
    /// The virtual time now.
    fn now(&self) -> DateTime<Utc> {
        let now = self.clock.now() - self.paused.get();
        let behind = now - self.world.borrow().now;
        if behind <= CATCH_UP_MOST {
            return now;
        }
        let left_out = behind - CATCH_UP_MOST;
        self.paused.set(self.paused.get() + left_out);
        now - left_out
    }

    /// What a name resolves to now, and for how many seconds that may be kept.
    fn resolve(&self, name: &str) -> Option<(Ipv4Addr, u32)> {
        let now = self.now();
        let mut world = self.world.borrow_mut();
        behaviour::advance(&mut world, now);
        dns_records::look_up_name(&world, name, now)
    }

    async fn respond(&self, request: http::Request<Incoming>) -> io::Result<http::Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
            let mut refusal = Response::new(Bytes::from_static(b"the body is too long"));
            *refusal.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return Ok(refusal.map(Full::new));
        };
        let mut response = self.settle(http::Request::from_parts(head, body.to_bytes())).await?;
        if let Ok(mark) = HeaderValue::from_str(&self.mark) {
            response.headers_mut().insert("x-partybox-sim", mark);
        }
        Ok(response.map(Full::new))
    }

    /// The answer at the time at which the load balancer would give it: a request that hangs is tried again
    /// until it has another answer or the load balancer's timeout ends.
    ///
    /// # Errors
    /// Nothing answers: the connection is to be closed without an answer.
    async fn settle(&self, mut request: Request) -> io::Result<Response> {
        let began = self.now();
        let pause = Duration::try_from_secs_f64(LOOK_AGAIN.as_secs_f64() / self.clock.speed());
        let pause = pause.unwrap_or(LOOK_AGAIN).max(Duration::from_millis(10));
        loop {
            let now = self.now();
            let socket = Socket { wall: clock::wall(), port: self.port };
            let response = handle_verified(&mut self.world.borrow_mut(), &request, now, socket);
            let Some(Stalled { held, patience }) = response.extensions().get::<Stalled>().cloned() else {
                return Ok(response);
            };
            if (now - began).to_std().unwrap_or_default() >= patience {
                return match held {
                    StalledBy::Task(_) => Ok(response),
                    StalledBy::Node => Err(io::ErrorKind::ConnectionAborted.into()),
                };
            }
            request.extensions_mut().insert(held);
            tokio::time::sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    fn get(addr: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(addr).expect("connects");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: alb\r\nConnection: close\r\n\r\n").expect("is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("is answered");
        answer
    }

    #[test]
    fn serves_at_once_says_what_it_is_and_stops_when_dropped() {
        let running = start(SimConfig { speed: 20.0, ..SimConfig::default() }).expect("starts");
        let answer = get(running.addr(), "/api/health");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("x-partybox-sim: speed=20; scenario=steady\r\n"), "{answer}");
        assert!(answer.contains(r#""db":"up""#), "{answer}");
        assert_eq!(answer.matches("date: ").count(), 1, "{answer}");
        let addr = running.addr();
        drop(running);
        assert!(TcpStream::connect(addr).is_err());
    }

    /// What a signed `ListClusters` gets, after `change` was made to it on its way.
    fn listed(running: &Running, host: &str, change: fn(&mut Request)) -> String {
        let mut request = http::Request::builder().method("POST").uri("/").header("host", host);
        for (name, value) in [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "AmazonEC2ContainerServiceV20141113.ListClusters"),
            ("x-amz-security-token", "a session's"),
        ] {
            request = request.header(name, value);
        }
        let mut request = request.body(Bytes::from_static(b"{}")).expect("a request");
        crate::sign(&mut request, "ap-northeast-1", "ecs", clock::wall());
        change(&mut request);
        let mut stream = TcpStream::connect(running.addr()).expect("connects");
        let head: Vec<String> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().expect("text")))
            .collect();
        let head = format!("POST / HTTP/1.1\r\nconnection: close\r\n{}", head.concat());
        let length = request.body().len();
        write!(stream, "{head}content-length: {length}\r\n\r\n").expect("is sent");
        stream.write_all(request.body()).expect("is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("is answered");
        answer
    }

    fn other_body(request: &mut Request) {
        *request.body_mut() = Bytes::from_static(b"{ }");
    }

    #[test]
    fn what_changed_on_its_way_is_refused_unless_a_proxy_stands_between() {
        let running = start(SimConfig::default()).expect("starts");
        let own = running.addr().to_string();
        assert!(listed(&running, &own, |_| ()).contains("clusterArns"));
        let answer = listed(&running, &own, other_body);
        assert!(
            answer.starts_with("HTTP/1.1 400") && answer.contains("InvalidSignatureException"),
            "{answer}"
        );
        let by_proxy = "127.0.0.1:1";
        assert!(listed(&running, by_proxy, other_body).contains("clusterArns"));
        let unknown = |request: &mut Request| {
            let value = request.headers()["authorization"].to_str().expect("text");
            let value = value.replace("=simulated/", "=AKIANOBODY/");
            request.headers_mut().insert("authorization", value.parse().expect("a value"));
        };
        assert!(listed(&running, by_proxy, unknown).contains("UnrecognizedClientException"));
    }

    #[test]
    fn no_page_in_a_browser_gets_an_answer() {
        let running = start(SimConfig::default()).expect("starts");
        let own = running.addr().to_string();
        let by_page = |request: &mut Request| {
            request.headers_mut().insert("origin", HeaderValue::from_static("https://elsewhere.example"));
        };
        for answer in [listed(&running, &own, by_page), listed(&running, "elsewhere.example", |_| ())] {
            assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("AccessDenied"), "{answer}");
        }
    }

    #[test]
    fn answers_names_on_a_port_of_its_own() {
        let running = start(SimConfig::default()).expect("starts");
        assert_ne!(running.addr(), running.dns_addr());
        let socket = StdUdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        let mut query = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0".to_vec();
        for label in "party-box-db.cq7w2m4x8k1z.ap-northeast-1.rds.amazonaws.com".split('.') {
            query.push(u8::try_from(label.len()).expect("short"));
            query.extend_from_slice(label.as_bytes());
        }
        query.extend([0, 0, 1, 0, 1]);
        socket.send_to(b"nonsense", running.dns_addr()).expect("is sent");
        socket.send_to(&query, running.dns_addr()).expect("is sent");
        let mut answer = [0; 512];
        let (length, from) = socket.recv_from(&mut answer).expect("is answered");
        assert_eq!(from, running.dns_addr());
        assert_eq!(answer[..2], [0, 7]);
        assert_eq!(answer[length - 10..length], [0, 0, 0, 5, 0, 4, 10, 0, 2, 210]);
    }

    #[test]
    fn refuses_to_be_reached_from_elsewhere_and_impossible_speeds() {
        let open = SimConfig { listen: SocketAddr::from(([0, 0, 0, 0], 0)), ..SimConfig::default() };
        assert_eq!(start(open).expect_err("refused").kind(), io::ErrorKind::InvalidInput);
        let listen_dns = Some(SocketAddr::from(([0, 0, 0, 0], 0)));
        let open = SimConfig { listen_dns, ..SimConfig::default() };
        assert_eq!(start(open).expect_err("refused").kind(), io::ErrorKind::InvalidInput);
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, MAX_SPEED * 2.0] {
            let config = SimConfig { speed, ..SimConfig::default() };
            assert_eq!(start(config).expect_err("refused").kind(), io::ErrorKind::InvalidInput);
        }
    }
}
