//! Settings of drills: the options of the file, the environment and the flags, and their merge.

use super::{Expect, redacted};
use core::net::SocketAddr;
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// What Multi-AZ promises: a failover of "typically 60-120 seconds".
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html>
pub const PROMISED_FAILOVER: Duration = Duration::from_mins(2);

/// How long an instance's failover to its standby usually takes, in words. AWS promises 60 to 120 seconds; fourteen that
/// were measured with `PostgreSQL` 16 took 15 to 39.
pub const USUAL_FAILOVER: &str = "15-40 s";

/// The probe's interval: an outage is measured to within one of these.
const INTERVAL: Duration = Duration::from_millis(200);
/// The probe's timeout: no player waits longer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The probe stops by itself after this long.
const MAX_DURATION: Duration = Duration::from_mins(30);

/// How a probe sends its requests, whatever the URL. Times are this machine's, monotonic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeSettings {
    /// From one request to the next; a slow one does not delay the next.
    pub interval: Duration,
    /// A request without its whole answer by then has failed.
    pub timeout: Duration,
    /// The criteria of a good answer.
    pub expect: Expect,
    /// DNS server to ask for the name of the database's endpoint; `None` = this machine's.
    pub dns: Option<SocketAddr>,
    /// The probe stops by itself after this long, and the drill ends.
    #[serde(rename = "most")]
    pub max_duration: Duration,
}

impl Default for ProbeSettings {
    fn default() -> Self {
        Self {
            interval: INTERVAL,
            timeout: TIMEOUT,
            expect: Expect::default(),
            dns: None,
            max_duration: MAX_DURATION,
        }
    }
}

/// The settings of all drills of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillSettings {
    /// The URL to probe; without one, the load balancer's `/api/health`. It is recorded without its secrets.
    #[serde(serialize_with = "write_redacted")]
    pub url: Option<String>,
    /// How it is probed.
    #[serde(flatten)]
    pub probe: ProbeSettings,
    /// The target recovery time, in the server's time.
    pub target: Duration,
    /// A folder that gets the report too, beside the state directory.
    #[serde(rename = "report")]
    pub copy_to: Option<String>,
}

/// Writes a URL without its secrets.
#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
fn write_redacted<S: Serializer>(url: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    url.as_deref().map(redacted).serialize(to)
}

impl Default for DrillSettings {
    fn default() -> Self {
        Self { url: None, probe: ProbeSettings::default(), target: PROMISED_FAILOVER, copy_to: None }
    }
}

impl DrillSettings {
    /// Merges the options of all sources: each setting is the flag's, else the environment's, else the
    /// file's, else the default.
    pub fn merge(flags: DrillOptions, environment: DrillOptions, file: DrillOptions) -> Self {
        let said = flags.or(environment).or(file);
        let usual = Self::default();
        let expect = Expect {
            status: said.expect_status.unwrap_or(usual.probe.expect.status),
            body: said.expect_body.or(usual.probe.expect.body),
        };
        Self {
            url: said.url.or(usual.url),
            probe: ProbeSettings {
                interval: said.interval.unwrap_or(usual.probe.interval),
                timeout: said.timeout.unwrap_or(usual.probe.timeout),
                expect,
                dns: said.dns.or(usual.probe.dns),
                max_duration: said.max_duration.unwrap_or(usual.probe.max_duration),
            },
            target: said.target.unwrap_or(usual.target),
            copy_to: said.copy_to.or(usual.copy_to),
        }
    }
}

/// Options of drills from one source: the file, the environment or the flags. `None` = not set there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DrillOptions {
    /// URL that the application answers with the database's help.
    pub url: Option<String>,
    /// From one request to the next.
    pub interval: Option<Duration>,
    /// Each request's own timeout.
    pub timeout: Option<Duration>,
    /// HTTP status codes of a good answer, from and to.
    pub expect_status: Option<(u16, u16)>,
    /// A text that a good answer's body contains.
    pub expect_body: Option<String>,
    /// DNS server to ask for the name of the database's endpoint.
    pub dns: Option<SocketAddr>,
    /// The probe stops by itself after this long.
    pub max_duration: Option<Duration>,
    /// The target recovery time.
    pub target: Option<Duration>,
    /// A folder that gets each drill's report.
    pub copy_to: Option<String>,
}

impl DrillOptions {
    /// Fills what is not set here from `other`.
    fn or(self, other: Self) -> Self {
        Self {
            url: self.url.or(other.url),
            interval: self.interval.or(other.interval),
            timeout: self.timeout.or(other.timeout),
            expect_status: self.expect_status.or(other.expect_status),
            expect_body: self.expect_body.or(other.expect_body),
            dns: self.dns.or(other.dns),
            max_duration: self.max_duration.or(other.max_duration),
            target: self.target.or(other.target),
            copy_to: self.copy_to.or(other.copy_to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every setting said, each a number of its own.
    fn options(n: u16) -> DrillOptions {
        let seconds = |more: u64| Some(Duration::from_secs(u64::from(n) + more));
        DrillOptions {
            url: Some(format!("http://host{n}/")),
            interval: seconds(1),
            timeout: seconds(2),
            expect_status: Some((n, n)),
            expect_body: Some(format!("body{n}")),
            dns: Some(SocketAddr::from(([127, 0, 0, 1], n))),
            max_duration: seconds(3),
            target: seconds(4),
            copy_to: Some(format!("folder{n}")),
        }
    }

    fn settings(n: u16) -> DrillSettings {
        let seconds = |more: u64| Duration::from_secs(u64::from(n) + more);
        DrillSettings {
            url: Some(format!("http://host{n}/")),
            probe: ProbeSettings {
                interval: seconds(1),
                timeout: seconds(2),
                expect: Expect { status: (n, n), body: Some(format!("body{n}")) },
                dns: Some(SocketAddr::from(([127, 0, 0, 1], n))),
                max_duration: seconds(3),
            },
            target: seconds(4),
            copy_to: Some(format!("folder{n}")),
        }
    }

    #[test]
    fn flags_stand_over_the_environment_over_the_file_over_the_default() {
        let none = DrillOptions::default;
        assert_eq!(DrillSettings::merge(options(100), options(200), options(300)), settings(100));
        assert_eq!(DrillSettings::merge(none(), options(200), options(300)), settings(200));
        assert_eq!(DrillSettings::merge(none(), none(), options(300)), settings(300));
        assert_eq!(DrillSettings::merge(none(), none(), none()), DrillSettings::default());
    }

    #[test]
    fn each_setting_is_merged_for_itself() {
        let flags = DrillOptions { expect_body: Some("up".into()), ..DrillOptions::default() };
        let merged = DrillSettings::merge(flags, DrillOptions::default(), options(204));
        assert_eq!(merged.probe.expect, Expect { status: (204, 204), body: Some("up".into()) });
        assert_eq!(merged.url, settings(204).url);
    }

    #[test]
    fn they_are_written_in_one_level_and_without_what_may_be_secret() {
        let settings = DrillSettings { url: Some("http://host/?key=t0ken".into()), ..settings(204) };
        let written = serde_json::to_value(&settings).expect("plain data");
        let mut names: Vec<&str> =
            written.as_object().expect("an object").keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["dns", "expect", "interval", "most", "report", "target", "timeout", "url"]);
        assert_eq!(written["url"], "http://host/?key=***");
        let read: DrillSettings = serde_json::from_value(written).expect("read again");
        assert_eq!(DrillSettings { url: settings.url.clone(), ..read }, settings);
    }
}
