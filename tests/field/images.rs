//! Cases of images, their registries and their scans.

use crate::kit::{ACCOUNT, REGION, Seen};
use partybox_core::operation::{Draft, Plan};
use partybox_testkit::rig::{Instead, Rewrites, json_error};
use serde_json::{Value, json};

/// The answers that name an image's host.
const NAMES_IMAGES: [&str; 3] = ["DescribeTasks", "DescribeTaskDefinition", "DescribeServiceRevisions"];

/// An account whose images are named by another host.
fn hosted(host: String) -> Rewrites {
    let ecr = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com");
    Rewrites::default().any(
        move |operation, body| {
            if NAMES_IMAGES.contains(&operation) { body.replace(&ecr, &host) } else { body }
        },
    )
}

fn images(seen: &Seen) -> Vec<Value> {
    seen.json()["images"].as_array().expect("images").clone()
}

fn scans(seen: &Seen) -> Vec<String> {
    images(seen).iter().map(|image| image["scan"].as_str().unwrap_or_default().to_owned()).collect()
}

fn blocked(plan: &Plan) -> Vec<&str> {
    plan.checks.iter().filter(|c| c.outcome.word() == "block").map(|c| c.text.as_str()).collect()
}

#[test]
fn every_host_of_ecr_leads_to_the_same_images() {
    for host in [
        format!("{ACCOUNT}.dkr-ecr.{REGION}.on.aws"),
        format!("{ACCOUNT}.dkr.ecr-fips.{REGION}.amazonaws.com"),
    ] {
        let mut seen = Seen::of(hosted(host.clone()));
        assert_eq!(scans(&seen), ["COMPLETE", "COMPLETE"], "{host}");
        seen.says("runs with 2 high vulnerabilities");
        let plan = seen.deploy("backend", None, "1.22.0").expect("a plan");
        assert!(
            plan.request.contains(&format!("image={host}/party-box/backend@sha256:")),
            "{}",
            plan.request
        );
        assert!(!plan.blocked(), "{:?}", plan.checks);
    }
}

#[test]
fn the_registry_of_another_region_is_not_asked_and_said_so() {
    let mut seen = Seen::of(hosted(format!("{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com")));
    assert_eq!(scans(&seen), ["not-asked", "not-asked"]);
    seen.says("is not looked up: it is in Region us-east-1");
    let refused = seen.deploy("backend", None, "1.22.0").expect_err("not asked");
    assert!(refused.contains("of Region us-east-1, which is not asked"), "{refused}");
}

#[test]
fn the_registry_of_another_account_may_let_nobody_look() {
    let other = "210987654321.dkr.ecr.ap-northeast-1.amazonaws.com".to_owned();
    let denied = |operation: &str, body: &str| {
        let theirs = body.contains("210987654321") && operation.starts_with("Describe");
        theirs
            .then(|| json_error("AccessDeniedException", "User is not authorized to perform this operation"))
    };
    let mut seen = Seen::of(hosted(other).before(denied));
    seen.says("is in the registry of account 210987654321, which lets us not look");
    let screen = seen.screen("5");
    assert!(screen.contains("unreadable") && !screen.contains("reading…"), "{screen}");
}

/// The partition of China: other ARNs, Regions and hosts.
#[test]
fn chinas_partition_has_images_like_any_other() {
    const PAIRS: [(&str, &str); 4] = [
        ("arn:aws:", "arn:aws-cn:"),
        ("arn%3Aaws%3A", "arn%3Aaws-cn%3A"),
        ("ap-northeast-1", "cn-north-1"),
        ("amazonaws.com", "amazonaws.com.cn"),
    ];
    let there = |_: &str, body: &str| {
        let body = PAIRS.iter().rev().fold(body.to_owned(), |body, (here, there)| body.replace(there, here));
        Some(Instead::Ask(body))
    };
    let rewrites = Rewrites::default()
        .before(there)
        .any(|_, body| PAIRS.iter().fold(body, |body, (here, there)| body.replace(here, there)));
    let mut seen = Seen::of(rewrites);
    assert_eq!(scans(&seen), ["COMPLETE", "COMPLETE"], "{}", seen.text());
    let plan = seen.deploy("backend", None, "1.22.0").expect("a plan");
    assert!(plan.request.contains(".dkr.ecr.cn-north-1.amazonaws.com.cn/"), "{}", plan.request);
}

/// The scan state of the backend's image, without findings.
fn scanned(status: &'static str) -> Rewrites {
    Rewrites::default().json("DescribeImageScanFindings", move |answer, request| {
        if request["repositoryName"].as_str().is_some_and(|name| name.ends_with("backend")) {
            answer["imageScanStatus"] = json!({ "status": status, "description": "as it is" });
            answer.as_object_mut().expect("an answer").remove("imageScanFindings");
        }
    })
}

#[test]
fn a_scan_without_a_result_is_not_a_clean_one() {
    for (status, word, sentence) in [
        ("UNSUPPORTED_IMAGE", "cannot be scanned", "cannot be scanned: ECR does not support the image"),
        ("SCAN_ELIGIBILITY_EXPIRED", "no longer scanned", "is no longer scanned"),
        ("FINDINGS_UNAVAILABLE", "no findings told", "whose findings ECR does not tell"),
        ("LIMIT_EXCEEDED", "limit exceeded", "a limit of scanning is exceeded"),
        ("PENDING", "pending", "is being scanned"),
        ("FAILED", "failed", "its scan failed"),
        ("QUANTUM", "quantum", "a scan that is QUANTUM"),
    ] {
        let mut seen = Seen::of(scanned(status));
        seen.says(sentence);
        let screen = seen.screen("5");
        let row = screen
            .lines()
            .find(|it| it.contains("party-box/backend ") && it.contains(word))
            .unwrap_or_default();
        assert!(row.matches(" - ").count() >= 4, "{status}: {row}\n{screen}");
        assert!(!screen.contains("the scan found nothing"), "{screen}");
    }
    // It says that it is complete, and tells nothing.
    let seen = Seen::of(scanned("COMPLETE"));
    seen.says("ECR says COMPLETE and gives no findings");
    assert!(!seen.json()["unreadable"].as_array().expect("a list").is_empty());
}

/// What runs is an index of images for two platforms. `contents`: what ECR tells of what is in it.
fn indexed(contents: fn(&str) -> Option<Instead>) -> Rewrites {
    Rewrites::default()
        .json("DescribeImages", |answer, request| {
            if request["imageIds"].is_array() {
                for image in answer["imageDetails"].as_array_mut().expect("images") {
                    image["imageManifestMediaType"] = json!("application/vnd.oci.image.index.v1+json");
                }
            }
        })
        .before(move |operation, body| match operation {
            "BatchGetImage" => contents(body),
            "DescribeImageScanFindings" => {
                let asked: Value = serde_json::from_str(body).expect("JSON");
                Some(match asked["imageId"]["imageDigest"].as_str() {
                    Some("sha256:amd") => Instead::Answer(
                        200,
                        json!({
                            "imageScanStatus": { "status": "COMPLETE" },
                            "imageScanFindings": { "findingSeverityCounts": { "CRITICAL": 3 } },
                        })
                        .to_string(),
                    ),
                    _ => json_error("ScanNotFoundException", "Image scan does not exist for the image"),
                })
            }
            _ => None,
        })
}

#[test]
fn an_index_is_resolved_to_the_image_that_runs() {
    let seen = Seen::of(indexed(|body| {
        let asked: Value = serde_json::from_str(body).expect("JSON");
        let entry = |architecture: &str, digest: &str| json!({ "digest": digest, "platform": { "architecture": architecture, "os": "linux" } });
        let manifest = json!({ "manifests": [entry("arm64", "sha256:arm"), entry("amd64", "sha256:amd")] });
        let images = asked["imageIds"]
            .as_array()
            .expect("ids")
            .iter()
            .map(|id| json!({ "imageId": id, "imageManifest": manifest.to_string() }));
        Some(Instead::Answer(200, json!({ "images": images.collect::<Vec<_>>() }).to_string()))
    }));
    assert_eq!(scans(&seen), ["COMPLETE", "COMPLETE"], "{}", seen.text());
    seen.says("party-box/backend:1.23.0 runs with 3 critical vulnerabilities").does_not_say("never scanned");
}

#[test]
fn an_index_that_cannot_be_looked_into_is_said_to_be_one() {
    let mut seen = Seen::of(indexed(|_| Some(json_error("AccessDeniedException", "not authorized"))));
    assert_eq!(scans(&seen), ["index", "index"]);
    seen.says(
        "is an index: its images are scanned, not it (no permission for ecr:BatchGetImage to see them)",
    );
    seen.does_not_say("never scanned");
    assert!(!seen.screen("5").contains("would scan the next one"));
}

/// No repository has a flag of its own, and the backend's image was never scanned. `registry`: what the registry's
/// own configuration says.
fn unscanned(registry: Value) -> Rewrites {
    Rewrites::default()
        .json("DescribeRepositories", |answer, _| {
            for repository in answer["repositories"].as_array_mut().expect("repositories") {
                repository["imageScanningConfiguration"] = json!({ "scanOnPush": false });
            }
        })
        .json("GetRegistryScanningConfiguration", move |answer, _| {
            answer["scanningConfiguration"] = registry.clone();
        })
        .before(|operation, _| {
            let scan = operation == "DescribeImageScanFindings";
            scan.then(|| json_error("ScanNotFoundException", "Image scan does not exist for the image"))
        })
}

#[test]
fn the_registrys_scanning_counts_before_the_repositorys_flag() {
    let rule = |frequency: &str, filter: &str| json!([{ "scanFrequency": frequency, "repositoryFilters": [{ "filter": filter, "filterType": "WILDCARD" }] }]);
    for (registry, words, advised) in [
        (
            json!({ "scanType": "ENHANCED", "rules": rule("CONTINUOUS_SCAN", "*") }),
            "scanned continuously",
            false,
        ),
        (
            json!({ "scanType": "BASIC", "rules": rule("SCAN_ON_PUSH", "party-box/*") }),
            "scans on push",
            false,
        ),
        (json!({ "scanType": "ENHANCED", "rules": rule("SCAN_ON_PUSH", "prod*") }), "no scan on push", true),
        (json!({ "scanType": "BASIC", "rules": [] }), "no scan on push", true),
    ] {
        let mut seen = Seen::of(unscanned(registry.clone()));
        seen.says("runs and was never scanned");
        let screen = seen.screen("5");
        assert!(screen.contains(words), "{registry}: {screen}");
        assert_eq!(screen.contains("scan on push would scan the next one"), advised, "{registry}: {screen}");
    }
}

#[test]
fn a_registry_whose_scanning_nobody_may_see_is_not_said_to_scan_nothing() {
    let denied = |operation: &str, _: &str| {
        (operation == "GetRegistryScanningConfiguration").then(|| json_error("AccessDeniedException", "no"))
    };
    let mut seen = Seen::of(unscanned(json!({})).before(denied));
    seen.says("No permission for ecr:GetRegistryScanningConfiguration");
    let screen = seen.screen("5");
    assert!(screen.contains("scan on push unknown") && !screen.contains("no scan on push"), "{screen}");
}

#[test]
fn a_scan_of_inspector_is_read_like_any_other() {
    let seen = Seen::of(Rewrites::default().json("DescribeImageScanFindings", |answer, _| {
        let finding = json!({
            "severity": "CRITICAL",
            "title": "CVE-2025-1001 - openssl",
            "packageVulnerabilityDetails": { "vulnerabilityId": "CVE-2025-1001" },
        });
        answer["imageScanStatus"] =
            json!({ "status": "ACTIVE", "description": "Continuous scan is selected." });
        answer["imageScanFindings"] = json!({
            "enhancedFindings": [finding],
            "findingSeverityCounts": { "CRITICAL": 2, "HIGH": 1, "UNTRIAGED": 1 },
        });
    }));
    assert_eq!(scans(&seen), ["ACTIVE", "ACTIVE"]);
    seen.says("runs with 2 critical vulnerabilities").does_not_say("its scan");
}

#[test]
fn immutability_with_exclusions_says_which_tags_may_move() {
    let mut seen = Seen::of(Rewrites::default().json("DescribeRepositories", |answer, _| {
        for repository in answer["repositories"].as_array_mut().expect("repositories") {
            repository["imageTagMutability"] = json!("IMMUTABLE_WITH_EXCLUSION");
            let filters = json!([{ "filter": "latest", "filterType": "WILDCARD" }]);
            repository["imageTagMutabilityExclusionFilters"] = filters;
        }
    }));
    let screen = seen.screen("5");
    assert!(screen.contains("tags immutable, but latest may move"), "{screen}");
}

/// Images of which `fits` says so are in the archive.
fn archived(fits: fn(&Value) -> bool) -> Rewrites {
    Rewrites::default().json("DescribeImages", move |answer, _| {
        for image in
            answer["imageDetails"].as_array_mut().expect("images").iter_mut().filter(|image| fits(image))
        {
            image["imageStatus"] = json!("ARCHIVED");
            image["lastArchivedAt"] = json!(1_790_000_000);
        }
    })
}

#[test]
fn a_running_image_in_the_archive_is_an_outage_to_come() {
    let mut seen = Seen::of(archived(|image| image["imageTags"][0] == "1.23.0"));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("party-box/backend:1.23.0 runs and is archived: it cannot be pulled until it is restored");
    let plan = seen.plan(Draft::Redeploy { service: "backend".into() }).expect("a plan");
    assert!(blocked(&plan).iter().any(|text| text.contains("is archived")), "{:?}", plan.checks);
    seen.rig.keys("\x1b");
    assert!(seen.screen("5").contains("archived"));
}

#[test]
fn an_image_in_the_archive_is_not_offered() {
    let mut seen = Seen::of(archived(|image| image["imageTags"][0] == "1.22.0"));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    let plan = seen.deploy("backend", None, "1.22.0").expect("a plan");
    assert!(blocked(&plan).iter().any(|text| text.contains("this image is archived")), "{:?}", plan.checks);
    let plan = seen.deploy("backend", None, "1.21.0").expect("a plan");
    assert!(!plan.blocked(), "{:?}", plan.checks);
}

#[test]
fn a_rollback_onto_an_archived_image_is_forbidden() {
    let mut seen = Seen::of(archived(|image| image["imageTags"][0] != "1.23.0"));
    let _ = seen.plan(Draft::RollBack { service: "backend".into() });
    seen.wait(10_000);
    let partybox_core::app::Overlay::Plan(panel) = &seen.rig.state.screen.overlay else { panic!("no plan") };
    let plan = panel.plan.as_ref().expect("a plan");
    assert!(blocked(plan).iter().any(|text| text.contains("is archived")), "{:?}", plan.checks);
}

#[test]
fn a_running_image_that_is_gone_is_told_and_not_read_for_ever() {
    let gone = |operation: &str, body: &str| {
        (operation == "DescribeImages" && body.contains("party-box/backend"))
            .then(|| json_error("ImageNotFoundException", "The image with imageId does not exist"))
    };
    let mut seen = Seen::of(Rewrites::default().before(gone));
    seen.says("party-box/backend:1.23.0 runs and is gone from its repository");
    let screen = seen.screen("5");
    assert!(!screen.contains("reading…"), "{screen}");
}
