//! Cases of certificates.

use crate::kit::{ACCOUNT, Seen, set};
use partybox_testkit::rig::{Rewrites, json_error};
use serde_json::json;

/// The end of the certificate made another, seconds from now (negative: ago), with ACM's status.
fn ending(status: &'static str, seconds: i64) -> Seen {
    let probe = Seen::of(Rewrites::default());
    let now = probe.rig.state.polling.clock.now(probe.rig.now()).timestamp();
    Seen::of(Rewrites::default().json("DescribeCertificate", move |answer, _| {
        answer["Certificate"]["Status"] = json!(status);
        answer["Certificate"]["NotAfter"] = json!(now + seconds);
    }))
}

#[test]
fn a_certificate_that_ended_has_ended_whatever_acm_still_says() {
    for status in ["ISSUED", "EXPIRED"] {
        let seen = ending(status, -3600);
        assert_eq!(seen.code(), 3, "{}", seen.text());
        seen.says("has expired: it ended ").does_not_say("0 days");
    }
}

#[test]
fn a_certificate_with_hours_left_says_hours() {
    let seen = ending("ISSUED", 5 * 3600 + 60);
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("ends in 5h").does_not_say("0 days");
}

/// Every certificate of the listeners made another.
fn listeners(arn: &'static str) -> Rewrites {
    Rewrites::default()
        .xml("DescribeListeners", move |xml, _| set(xml, "CertificateArn", arn))
        .xml("DescribeListenerCertificates", move |xml, _| set(xml, "CertificateArn", arn))
}

#[test]
fn a_certificate_in_iam_is_said_to_be_there() {
    let mut seen = Seen::of(listeners("arn:aws:iam::123456789012:server-certificate/party-box-2024"));
    assert!(seen.json()["headline"].as_str().is_some_and(|h| h.starts_with("All well")), "{}", seen.text());
    seen.says("party-box-2024 is kept in IAM: it is not read, its end is not known");
    let screen = seen.screen("3");
    assert!(screen.contains("kept in IAM") && !screen.contains("reading…"), "{screen}");
}

#[test]
fn a_certificate_of_another_region_is_not_one_that_is_gone() {
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    let seen = Seen::of(listeners(arn));
    seen.says("is kept in us-east-1").does_not_say("does not exist");
}

#[test]
fn a_certificate_that_is_gone_is_a_finding() {
    let mut seen = Seen::of(Rewrites::default().before(|operation, _| {
        let gone = format!("Could not find certificate arn:aws:acm:ap-northeast-1:{ACCOUNT}:certificate/x.");
        (operation == "DescribeCertificate").then(|| json_error("ResourceNotFoundException", &gone))
    }));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("that a listener names does not exist in ACM");
    let screen = seen.screen("3");
    assert!(screen.contains("does not exist") && !screen.contains("reading…"), "{screen}");
}
