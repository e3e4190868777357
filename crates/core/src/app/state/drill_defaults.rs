//! How drills are done.

use crate::domain::{Expect, redacted};
use crate::operation::drill::PROMISED;
use core::net::SocketAddr;
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// A few times a second: an outage is measured to within one of these.
const INTERVAL: Duration = Duration::from_millis(200);
/// Longer than this no player waits.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The probe stops by itself after this long.
const MOST: Duration = Duration::from_mins(30);
/// How drills are done, unless an order says otherwise: from the configuration and the flags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillDefaults {
    /// The URL to probe; else the load balancer's, with `/api/health`. Written down without what may be
    /// secret in it.
    #[serde(serialize_with = "write_redacted")]
    pub url: Option<String>,
    /// DNS server to ask for the database endpoint's name; `None` = this machine's.
    pub dns: Option<SocketAddr>,
    /// From one request to the next.
    pub interval: Duration,
    /// Each request's own timeout.
    pub timeout: Duration,
    /// What a good answer is.
    pub expect: Expect,
    /// The recovery time to reach.
    pub target: Duration,
    /// A folder that gets the report too, beside the state directory.
    pub report: Option<String>,
    /// The probe stops by itself after this long, and a drill ends.
    #[serde(rename = "most")]
    pub max_duration: Duration,
}

/// A URL as it may end up in a file.
#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
fn write_redacted<S: Serializer>(url: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    url.as_deref().map(redacted).serialize(to)
}

impl Default for DrillDefaults {
    fn default() -> Self {
        Self {
            url: None,
            dns: None,
            interval: INTERVAL,
            timeout: TIMEOUT,
            expect: Expect::default(),
            target: PROMISED,
            report: None,
            max_duration: MOST,
        }
    }
}
