//! The settings in effect: from the file, the environment and the flags; each later one wins.

use crate::cli::{Appearance, Target};
use crate::config::{self, Config};
use partybox_core::domain::{DrillOptions, DrillSettings};

/// The account and cluster to watch: from a flag, else the environment (which the AWS SDK reads), else the
/// file.
pub(super) fn target(flags: Target, config: &Config) -> Target {
    let or = |flag: &Option<String>, file: &Option<String>| flag.clone().or_else(|| file.clone());
    Target {
        profile: or(&flags.profile, &config.profile),
        region: or(&flags.region, &config.region),
        cluster: or(&flags.cluster, &config.cluster),
        database: flags.database.clone().or_else(|| config.database.clone()),
        read_only: flags.read_only || config.read_only,
        ..flags
    }
}

/// The appearance of the screen.
pub(super) fn appearance(flags: Appearance, config: &Config) -> Appearance {
    Appearance { ascii: flags.ascii || config.ascii, no_color: flags.no_color || config.no_color }
}

/// The settings of drills.
pub(super) fn drills(flags: DrillOptions, config: &Config) -> DrillSettings {
    DrillSettings::merge(flags, config::drill_environment(), config.drills.clone())
}

/// The file's settings that also fit a simulated account. The account and, above all, the URL to probe are
/// left out.
pub(super) fn simulated(config: &Config) -> Config {
    let Config { ascii, no_color, drills, .. } = config.clone();
    let drills = DrillOptions { url: None, expect_status: None, expect_body: None, ..drills };
    Config { ascii, no_color, drills, ..Config::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;
    use std::time::Duration;

    fn config() -> Config {
        Config {
            cluster: Some("party-box".into()),
            region: Some("ap-northeast-1".into()),
            read_only: true,
            ascii: true,
            drills: DrillOptions {
                url: Some("https://real/".into()),
                expect_status: Some((204, 204)),
                target: Some(Duration::from_mins(1)),
                copy_to: Some("there".into()),
                ..DrillOptions::default()
            },
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
        let none = drills(DrillOptions::default(), &config());
        assert_eq!((none.url.as_deref(), none.target), (Some("https://real/"), Duration::from_mins(1)));
        assert_eq!((none.probe.expect.status, none.probe.interval), ((204, 204), Duration::from_millis(200)));
        let words = ["partybox-top", "--probe", "http://flag/", "--target-rto", "9s"];
        let both = drills(Cli::parse_from(words).drill_options(), &config());
        assert_eq!((both.url.as_deref(), both.target), (Some("http://flag/"), Duration::from_secs(9)));
    }

    #[test]
    fn the_flags_of_a_drill_are_its_settings() {
        let words = "partybox-top --probe http://flag/ drill db --probe-interval 1s --probe-timeout 3s --expect-status 204 \
                     --expect-body up --observe --for 10m --report here --target-rto 9s";
        let options = Cli::parse_from(words.split_whitespace()).drill_options();
        let wanted = DrillOptions {
            url: Some("http://flag/".into()),
            interval: Some(Duration::from_secs(1)),
            timeout: Some(Duration::from_secs(3)),
            expect_status: Some((204, 204)),
            expect_body: Some("up".into()),
            dns: None,
            max_duration: Some(Duration::from_mins(10)),
            target: Some(Duration::from_secs(9)),
            copy_to: Some("here".into()),
        };
        assert_eq!(options, wanted);
        // How long it is watched for is a flag of an observed one.
        let triggered = Cli::parse_from(["partybox-top", "drill", "db"]).drill_options();
        assert_eq!(triggered, DrillOptions::default());
    }

    #[test]
    fn a_demo_never_probes_what_the_file_names() {
        let config = simulated(&config());
        let drills = drills(DrillOptions::default(), &config);
        assert_eq!(
            (drills.url, drills.probe.expect.status, drills.target),
            (None, (200, 299), Duration::from_mins(1))
        );
        assert_eq!(target(Target::default(), &config).cluster, None);
        assert!(!config.read_only);
    }
}
