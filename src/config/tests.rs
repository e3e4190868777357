//! Valid and invalid files.

use super::file::read;
use super::{Config, pace, parse_duration, probe_url, statuses, under_environment};
use partybox_core::domain::{DatabaseChoice, DrillOptions};
use std::time::Duration;

const WHOLE: &str = r#"
profile = "prod"
region = "ap-northeast-1"
cluster = "party-box"
database = ["party-box-db", "other"]
read-only = true
ascii = true
no-color = true

[probe]
url = "https://play.example.com/api/health"
interval = "250ms"
timeout = "3s"
expect-status = "200-204"
expect-body = "\"db\":\"up\""

[drill]
target-rto = "2m"
report = "drills"
"#;

#[test]
fn a_whole_file_is_read() {
    let wanted = Config {
        profile: Some("prod".into()),
        region: Some("ap-northeast-1".into()),
        cluster: Some("party-box".into()),
        database: Some(DatabaseChoice::Named(vec!["party-box-db".into(), "other".into()])),
        read_only: true,
        ascii: true,
        no_color: true,
        drills: DrillOptions {
            url: Some("https://play.example.com/api/health".into()),
            interval: Some(Duration::from_millis(250)),
            timeout: Some(Duration::from_secs(3)),
            expect_status: Some((200, 204)),
            expect_body: Some("\"db\":\"up\"".into()),
            target: Some(Duration::from_mins(2)),
            copy_to: Some("drills".into()),
            ..DrillOptions::default()
        },
    };
    assert_eq!(read(WHOLE), Ok(wanted));
    assert_eq!(read(""), Ok(Config::default()));
}

#[test]
fn the_environment_stands_above_the_file() {
    let config = read(WHOLE).expect("a good file");
    let under = under_environment(config.clone(), |name| name == "AWS_REGION");
    assert_eq!((under.profile.as_deref(), under.region.as_deref()), (Some("prod"), None));
    let under = under_environment(config, |name| name == "AWS_PROFILE");
    assert_eq!((under.profile.as_deref(), under.region.as_deref()), (None, Some("ap-northeast-1")));
}

#[test]
fn what_is_not_known_is_refused_with_its_line_and_a_suggestion() {
    for (text, line, words) in [
        ("\n[probe]\nintervall = \"1s\"", 3, "unknown key `intervall` in [probe]: did you mean `interval`?"),
        ("read_only = true", 1, "unknown key `read_only`: did you mean `read-only`?"),
        ("[probee]\nurl = 1", 1, "unknown key `probee`: did you mean `probe`?"),
        ("[drill]\n\ncolour = 1", 3, "unknown key `colour` in [drill]: known are target-rto, report"),
        ("probe = 3", 1, "`probe` is a section: write [probe]"),
        ("ascii = \"yes\"", 1, "`ascii` is true or false"),
        ("region = \"\"", 1, "`region` is empty"),
        ("[probe]\ninterval = 200", 2, "`interval` wants a text in quotes"),
        ("[probe]\ninterval = \"2h\"", 2, "`interval`: `2h` is out of range: from 10ms to 1m"),
        ("[probe]\nexpect-status = \"299-200\"", 2, "is no HTTP status: it looks like 200 or 200-299"),
        ("[probe]\nurl = \"play.example.com\"", 2, "a URL to probe looks like https://"),
        ("[drill]\ntarget-rto = \"0s\"", 2, "a target is above zero"),
    ] {
        let (at, what) = read(text).expect_err(text);
        assert_eq!(at, Some(line), "{text}: {what}");
        assert!(what.contains(words), "{text}: {what}");
    }
    assert_eq!(read("a = 1\nb = [").expect_err("no TOML").0, Some(2));
    assert_eq!(read("region = \"a\"\nregion = \"b\"").expect_err("twice").0, Some(2));
}

#[test]
fn values_are_read_as_they_are_written() {
    for (text, millis) in
        [("200ms", 200), ("90s", 90_000), ("90", 90_000), ("15m", 900_000), ("1h", 3_600_000)]
    {
        assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)));
    }
    for text in ["", "s", "1d", "1.5s", "-1s", "ms200", "99999999999999999999s"] {
        assert!(parse_duration(text).is_err(), "{text}");
    }
    assert!(pace("5ms").is_err() && pace("10ms").is_ok());
    assert_eq!((statuses("204"), statuses("200-299")), (Ok((204, 204)), Ok((200, 299))));
    for text in ["", "20", "600", "200-", "ok"] {
        assert!(statuses(text).is_err(), "{text}");
    }
    let secret = probe_url("https://user:s3cret@host/").expect_err("not sent");
    assert!(!secret.contains("s3cret"), "{secret}");
    assert!(probe_url("ftp://host/").is_err() && probe_url("/api/health").is_err());
    assert!(probe_url("http://127.0.0.1:8080/api/health").is_ok());
}
