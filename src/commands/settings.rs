//! The settings in effect: from the file, the environment and the flags; each later one wins.

use crate::cli::{Appearance, DrillFlags, Target};
use crate::config::Config;
use partybox_core::app::DrillDefaults;

/// The account and cluster to watch: from a flag, else the environment (which the AWS SDK reads), else the
/// file.
pub(super) fn target(flags: Target, config: &Config) -> Target {
    let or = |flag: &Option<String>, file: &Option<String>| flag.clone().or_else(|| file.clone());
    Target {
        profile: or(&flags.profile, &config.profile),
        region: or(&flags.region, &config.region),
        cluster: or(&flags.cluster, &config.cluster),
        read_only: flags.read_only || config.read_only,
        ..flags
    }
}

/// The appearance of the screen.
pub(super) fn appearance(flags: Appearance, config: &Config) -> Appearance {
    Appearance { ascii: flags.ascii || config.ascii, no_color: flags.no_color || config.no_color }
}

/// The settings of drills.
pub(super) fn drills(flags: &DrillFlags, config: &Config) -> DrillDefaults {
    let usual = DrillDefaults::default();
    DrillDefaults {
        dns: std::env::var("PARTYBOX_DNS").ok().and_then(|text| text.parse().ok()),
        url: flags.probe.clone().or_else(|| config.probe.url.clone()),
        interval: config.probe.interval.unwrap_or(usual.interval),
        timeout: config.probe.timeout.unwrap_or(usual.timeout),
        expect: config.probe.expect(),
        target: flags.target_rto.or(config.drill.target).unwrap_or(usual.target),
        report: config.drill.report.clone(),
        ..usual
    }
}

/// The file's settings that also fit a simulated account. The account and, above all, the URL to probe are
/// left out.
pub(super) fn simulated(config: &Config) -> Config {
    let Config { ascii, no_color, drill, probe, .. } = config.clone();
    let probe = crate::config::Probe { url: None, status: None, body: None, ..probe };
    Config { ascii, no_color, probe, drill, ..Config::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Drill, Probe};
    use std::time::Duration;

    fn config() -> Config {
        Config {
            cluster: Some("party-box".into()),
            region: Some("ap-northeast-1".into()),
            read_only: true,
            ascii: true,
            probe: Probe { url: Some("https://real/".into()), status: Some((204, 204)), ..Probe::default() },
            drill: Drill { target: Some(Duration::from_mins(1)), report: Some("there".into()) },
            ..Config::default()
        }
    }

    #[test]
    fn flags_stand_above_the_file() {
        let flags = Target { cluster: Some("other".into()), ..Target::default() };
        let target = target(flags, &config());
        assert_eq!(
            (target.cluster.as_deref(), target.region.as_deref()),
            (Some("other"), Some("ap-northeast-1"))
        );
        assert!(target.read_only && appearance(Appearance::default(), &config()).ascii);
        let none = drills(&DrillFlags::default(), &config());
        assert_eq!((none.url.as_deref(), none.target), (Some("https://real/"), Duration::from_mins(1)));
        assert_eq!((none.expect.status, none.interval), ((204, 204), Duration::from_millis(200)));
        let flags =
            DrillFlags { probe: Some("http://flag/".into()), target_rto: Some(Duration::from_secs(9)) };
        let both = drills(&flags, &config());
        assert_eq!((both.url.as_deref(), both.target), (Some("http://flag/"), Duration::from_secs(9)));
    }

    #[test]
    fn a_demo_never_probes_what_the_file_names() {
        let config = simulated(&config());
        let drills = drills(&DrillFlags::default(), &config);
        assert_eq!(
            (drills.url, drills.expect.status, drills.target),
            (None, (200, 299), Duration::from_mins(1))
        );
        assert_eq!(target(Target::default(), &config).cluster, None);
        assert!(!config.read_only);
    }
}
