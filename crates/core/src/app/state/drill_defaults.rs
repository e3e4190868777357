//! The settings of drills.

use crate::domain::{Expect, redacted};
use crate::operation::drill::PROMISED;
use core::net::SocketAddr;
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// The probe's interval: an outage is measured to within one of these.
const INTERVAL: Duration = Duration::from_millis(200);
/// The probe's timeout: no player waits longer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The probe stops by itself after this long.
const MOST: Duration = Duration::from_mins(30);
/// The settings of drills, from the configuration and the flags. A drill's own specification may differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillDefaults {
    /// The URL to probe; without one, the load balancer's `/api/health`. It is recorded without its secrets.
    #[serde(serialize_with = "write_redacted")]
    pub url: Option<String>,
    /// DNS server to ask for the database endpoint's name; `None` = this machine's.
    pub dns: Option<SocketAddr>,
    /// From one request to the next.
    pub interval: Duration,
    /// Each request's own timeout.
    pub timeout: Duration,
    /// The criteria of a good answer.
    pub expect: Expect,
    /// The target recovery time.
    pub target: Duration,
    /// A folder that gets the report too, beside the state directory.
    pub report: Option<String>,
    /// The probe stops by itself after this long, and a drill ends.
    #[serde(rename = "most")]
    pub max_duration: Duration,
}

/// Writes a URL without its secrets.
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
