//! Registries: scans over time, archived images, other accounts' repositories.

use super::*;
use crate::{Scenario, build_account};
use serde_json::{Value, json};

const NAME: &str = "party-box/backend";

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("in range")
}

fn ask(world: &mut World, operation: &str, body: &Value, seconds: i64) -> Value {
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("x-amz-target", format!("AmazonEC2ContainerRegistry_V20150921.{operation}"))
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=key/20260101/ap-northeast-1/ecr/aws4_request, SignedHeaders=host, Signature=00",
        )
        .body(bytes::Bytes::from(body.to_string()))
        .expect("a request");
    let response = crate::handle(world, &request, start() + TimeDelta::seconds(seconds));
    serde_json::from_slice(response.body()).expect("JSON")
}

#[test]
fn a_scan_takes_its_time_and_may_come_to_nothing() {
    for (outcome, status) in [
        (ScanOutcome::Complete, "COMPLETE"),
        (ScanOutcome::Failed, "FAILED"),
        (ScanOutcome::Unsupported, "UNSUPPORTED_IMAGE"),
    ] {
        let mut world = build_account(Scenario::Steady, 7, start());
        let image = world.ecr.repositories[1].images.last_mut().expect("an image");
        (image.scanned_at, image.scan_outcome) = (None, outcome);
        let asked = json!({ "repositoryName": NAME, "imageId": { "imageDigest": image.digest } });
        let never = ask(&mut world, "DescribeImageScanFindings", &asked, 0);
        assert!(never["__type"].as_str().is_some_and(|it| it.contains("ScanNotFoundException")), "{never}");
        ask(&mut world, "StartImageScan", &asked, 0);
        let told = |world: &mut World, at| {
            let answer = ask(world, "DescribeImageScanFindings", &asked, at);
            (answer["imageScanStatus"]["status"].clone(), answer["imageScanFindings"].is_null())
        };
        assert_eq!(told(&mut world, 20), ("IN_PROGRESS".into(), true));
        assert_eq!(told(&mut world, 60), (status.into(), outcome != ScanOutcome::Complete));
    }
}

#[test]
fn an_index_tells_its_images_and_is_not_scanned_itself() {
    let mut world = build_account(Scenario::Steady, 7, start());
    let image = world.ecr.repositories[1].images.last_mut().expect("an image");
    image.index = vec![("amd64", "sha256:a".into()), ("arm64", "sha256:b".into())];
    let id = json!({ "imageDigest": image.digest });
    let asked = json!({ "repositoryName": NAME, "imageIds": [id, { "imageTag": "none" }] });
    let answer = ask(&mut world, "BatchGetImage", &asked, 0);
    let manifest = answer["images"][0]["imageManifest"].as_str().expect("a manifest");
    let manifest: Value = serde_json::from_str(manifest).expect("JSON");
    assert_eq!(manifest["manifests"][1]["platform"]["architecture"], "arm64");
    assert_eq!(answer["failures"][0]["failureCode"], "ImageNotFound");
    let refused = ask(&mut world, "StartImageScan", &json!({ "repositoryName": NAME, "imageId": id }), 0);
    let code = refused["__type"].as_str().unwrap_or_default();
    assert!(code.contains("UnsupportedImageTypeException"), "{refused}");
}

#[test]
fn archived_images_are_told_to_those_who_ask_for_them() {
    let mut world = build_account(Scenario::Steady, 7, start());
    let all = world.ecr.repositories[1].images.len();
    world.ecr.repositories[1].images[0].archived_at = Some(start());
    let mut count = |filter: Value| {
        let answer =
            ask(&mut world, "DescribeImages", &json!({ "repositoryName": NAME, "filter": filter }), 0);
        answer["imageDetails"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(count(json!({})), all - 1);
    assert_eq!(count(json!({ "imageStatus": "ARCHIVED" })), 1);
    assert_eq!(count(json!({ "imageStatus": "ANY" })), all);
}
