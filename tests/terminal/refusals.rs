//! What cannot be shown is said in one sentence, with exit code 2 and the terminal as before.

use super::BINARY;
use partybox_testkit::terminal::{account_at, free_port};
use std::process::Stdio;

/// Starts the screen on something that cannot be; the sentence must contain these words.
fn refused(args: &[&str], env: &[(String, String)], words: &[&str]) {
    let mut screen = BINARY.screen(args, env, 200, 24);
    let code = screen.end();
    let text = screen.text();
    assert_eq!(code, 2, "{text}");
    assert!(screen.restored() && screen.cooked(), "the terminal is not as before: {text}");
    // One sentence may wrap at the edge of the terminal.
    let said = text.replace('\n', "");
    assert_eq!(said.matches("partybox-top: ").count(), 1, "{text}");
    assert!(said.trim().starts_with("partybox-top: ") && said.trim().ends_with('.'), "{text}");
    for word in words {
        assert!(said.contains(word), "no {word} in: {text}");
    }
    for noise in ["panicked", "acktrace", "Location", "src/", "Error:", "Some(", "Err("] {
        assert!(!said.contains(noise), "{noise} in: {text}");
    }
}

fn without(env: &[(String, String)], name: &str) -> Vec<(String, String)> {
    env.iter().filter(|(n, _)| !n.starts_with(name)).cloned().collect()
}

fn with(mut env: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    env.push((name.to_owned(), value.to_owned()));
    env
}

#[test]
fn no_region() {
    let env = account_at(&format!("http://127.0.0.1:{}", free_port()));
    refused(&[], &without(&env, "AWS_REGION"), &["No AWS Region", "--region", "AWS_REGION"]);
}

#[test]
fn no_credentials() {
    let env = account_at(&format!("http://127.0.0.1:{}", free_port()));
    let env = without(&without(&env, "AWS_ACCESS"), "AWS_SECRET");
    refused(&[], &env, &["No AWS credentials", "aws sso login", "AWS_ACCESS_KEY_ID"]);
}

#[test]
fn no_such_profile() {
    let env = account_at(&format!("http://127.0.0.1:{}", free_port()));
    refused(&["--profile", "nobody"], &env, &["no AWS profile", "nobody"]);
}

#[test]
fn no_such_cluster() {
    let sim = BINARY.sim(&[]);
    refused(&["--cluster", "nowhere"], &sim.env, &["no cluster", "nowhere", "ap-northeast-1", "--cluster"]);
}

#[test]
fn an_endpoint_that_is_no_url() {
    let env = account_at("");
    refused(&["--endpoint-url", "localhost"], &env, &["localhost", "is not an endpoint URL"]);
    refused(
        &[],
        &with(without(&env, "AWS_ENDPOINT"), "AWS_ENDPOINT_URL", "ftp://x"),
        &["ftp://x", "not an endpoint"],
    );
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    for args in [&[][..], &["demo"]] {
        let output = BINARY
            .command(args)
            .stdin(Stdio::null())
            .envs(account_at("http://127.0.0.1:1"))
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains("needs a terminal") && said.contains("partybox-top status"), "{said}");
    }
}
