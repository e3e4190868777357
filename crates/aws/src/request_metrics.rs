//! Counts requests and throttled answers, and keeps the newest server time and simulator header.
#![expect(clippy::disallowed_methods, reason = "falls back to this clock while nothing has answered")]

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use chrono::{DateTime, TimeDelta, Utc};
use partybox_core::domain::{Meter, Simulated};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Codes with which AWS services throttle. `LimitExceededException` is not one of them: it is a quota.
pub(super) const THROTTLE_CODES: [&str; 13] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
];

/// The monotonic clock of the meter. Its owner decides where it starts.
pub(super) struct Clock(Box<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    /// A clock that the caller controls.
    pub(super) fn given(elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Box::new(elapsed))
    }

    /// The time since `epoch`; it stands still while tokio's clock is paused.
    pub(super) fn since(epoch: Instant) -> Self {
        let epoch = tokio::time::Instant::from_std(epoch);
        Self::given(move || epoch.elapsed())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Counts requests at the HTTP client, so that retries inside the SDK are counted too.
#[derive(Debug)]
pub(super) struct RequestMetrics {
    clock: Clock,
    requests: AtomicU64,
    throttles: AtomicU64,
    latest: Mutex<LatestDate>,
}

#[derive(Debug, Clone, Default)]
struct LatestDate {
    server_date: Option<(Duration, DateTime<Utc>)>,
    simulated: Option<Simulated>,
}

impl RequestMetrics {
    /// Counters that take their monotonic times from `clock`.
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, requests: AtomicU64::new(0), throttles: AtomicU64::new(0), latest: Mutex::default() }
    }

    /// Counts a request that goes out.
    pub(super) fn sent(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an answer. `failure` is the body of an error answer, else empty.
    pub(super) fn answered(&self, response: &HttpResponse, failure: &[u8]) {
        let headers = response.headers();
        let status = response.status().as_u16();
        let code =
            headers.get("x-amzn-query-error").or_else(|| headers.get("x-amzn-errortype")).unwrap_or("");
        if status == 429 || (status >= 400 && (says_throttled(code.as_bytes()) || says_throttled(failure))) {
            self.throttles.fetch_add(1, Ordering::Relaxed);
        }
        let date = headers
            .get("date")
            .and_then(|text| DateTime::parse_from_rfc2822(text).ok())
            .map(|date| ((self.clock.0)(), date.to_utc()));
        let simulated = headers.get("x-partybox-sim").and_then(parse_simulated);
        if date.is_none() && simulated.is_none() {
            return;
        }
        let mut latest = self.latest();
        if date.is_some() {
            latest.server_date = date;
        }
        if simulated.is_some() {
            latest.simulated = simulated;
        }
    }

    /// A copy of all counters and of the latest values.
    pub(super) fn read(&self) -> Meter {
        let latest = self.latest().clone();
        Meter {
            requests: self.requests.load(Ordering::Relaxed),
            throttles: self.throttles.load(Ordering::Relaxed),
            server_date: latest.server_date,
            simulated: latest.simulated,
        }
    }

    /// The endpoint's clock now: its newest `Date` plus the time since, which runs faster in a simulation.
    /// Before the first answer it is this machine's clock.
    pub(super) fn server_now(&self) -> DateTime<Utc> {
        let latest = self.latest().clone();
        let Some((came, date)) = latest.server_date else { return Utc::now() };
        let speed = latest.simulated.map_or(1.0, |s| s.speed);
        let since = (self.clock.0)().saturating_sub(came).as_secs_f64() * speed;
        Duration::try_from_secs_f64(since)
            .ok()
            .and_then(|since| TimeDelta::from_std(since).ok())
            .and_then(|since| date.checked_add_signed(since))
            .unwrap_or(date)
    }

    fn latest(&self) -> MutexGuard<'_, LatestDate> {
        // A panic elsewhere cannot leave these plain values half written.
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an error's body names a throttle code. The code stands near the start in every protocol.
fn says_throttled(body: &[u8]) -> bool {
    let body = &body[..body.len().min(2048)];
    let text = String::from_utf8_lossy(body);
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| THROTTLE_CODES.contains(&word))
}

/// Parses the simulator's header, e.g. `speed=20; scenario=deploy`.
fn parse_simulated(header: &str) -> Option<Simulated> {
    let mut simulated = Simulated { speed: 1.0, scenario: String::new() };
    for part in header.split(';') {
        match part.trim().split_once('=')? {
            ("speed", speed) => {
                simulated.speed = speed.parse().ok().filter(|s: &f64| s.is_finite() && *s > 0.0)?;
            }
            ("scenario", scenario) => scenario.clone_into(&mut simulated.scenario),
            _ => {}
        }
    }
    Some(simulated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_simulated_endpoint_says_of_itself() {
        assert_eq!(
            parse_simulated("speed=20; scenario=bad-deploy"),
            Some(Simulated { speed: 20.0, scenario: "bad-deploy".into() })
        );
        assert_eq!(parse_simulated("nonsense"), None);
        assert_eq!(parse_simulated("speed=fast; scenario=x"), None);
    }

    #[test]
    fn knows_throttling_in_json_and_in_xml() {
        assert!(says_throttled(
            br#"{"__type":"com.amazonaws.ecs#ThrottlingException","message":"Rate exceeded"}"#
        ));
        assert!(says_throttled(b"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"));
        assert!(says_throttled(b"<Response><Errors><Error><Code>RequestLimitExceeded</Code>"));
        assert!(!says_throttled(br#"{"__type":"LimitExceededException"}"#));
        assert!(!says_throttled(b""));
    }
}
