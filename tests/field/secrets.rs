//! Cases of secrets that task definitions name.

use crate::kit::{ACCOUNT, REGION, Seen};
use partybox_testkit::rig::{Rewrites, json_error};
use serde_json::json;

/// The secrets of every container made others.
fn secrets(values: Vec<String>) -> Rewrites {
    Rewrites::default().json("DescribeTaskDefinition", move |answer, _| {
        for container in answer["taskDefinition"]["containerDefinitions"].as_array_mut().expect("containers")
        {
            let all = values.iter().map(|from| json!({ "name": "X", "valueFrom": from }));
            container["secrets"] = all.collect();
        }
    })
}

fn arn(account: &str, name: &str) -> String {
    format!("arn:aws:secretsmanager:{REGION}:{account}:secret:{name}")
}

/// Secrets Manager as somebody meets it who may look at their own account alone.
fn as_met(rewrites: Rewrites) -> Rewrites {
    rewrites.before(|operation, body| match operation {
        "DescribeSecret" if body.contains("210987654321") => Some(json_error(
            "AccessDeniedException",
            "User: me is not authorized to perform: secretsmanager:DescribeSecret",
        )),
        "DescribeSecret" if body.contains("removed") => {
            Some(json_error("ResourceNotFoundException", "Secrets Manager can't find the specified secret."))
        }
        _ => None,
    })
}

#[test]
fn each_secret_is_told_for_what_it_is() {
    let own = arn(ACCOUNT, "party-box/database-Xk2PqV");
    let mut values: Vec<String> = [":username::", ":password:AWSPREVIOUS:", "::AWSCURRENT:"]
        .map(|suffix| format!("{own}{suffix}"))
        .into();
    values.push("party-box-api-key".into());
    values.push(format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/party-box/prod/api-key"));
    values.push(format!("{}:key::", arn("210987654321", "shared/stripe-QwErTy")));
    values.push(arn(ACCOUNT, "party-box/removed-AaBbCc"));
    let seen = Seen::of(as_met(secrets(values)));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("Secret party-box/removed-AaBbCc does not exist: new tasks of")
        .says("Secret shared/stripe-QwErTy of account 210987654321 is not looked at: no permission for secretsmanager:DescribeSecret")
        .says("2 parameters of the tasks in SSM not looked at");
}

#[test]
fn the_login_of_a_registry_and_of_a_log_driver_must_be_there_too() {
    let named = |place: &'static str| {
        as_met(Rewrites::default().json("DescribeTaskDefinition", move |answer, _| {
            for container in answer["taskDefinition"]["containerDefinitions"].as_array_mut().expect("containers") {
                if place == "registry" {
                    let secret = arn(ACCOUNT, "ghcr-removed-ZzYyXx");
                    container["repositoryCredentials"] = json!({ "credentialsParameter": secret });
                } else {
                    let secret = arn(ACCOUNT, "splunk-removed-ZzYyXx");
                    container["logConfiguration"] =
                        json!({ "logDriver": "splunk", "secretOptions": [{ "name": "t", "valueFrom": secret }] });
                    container["environmentFiles"] =
                        json!([{ "type": "s3", "value": "arn:aws:s3:::bucket/prod.env" }]);
                }
            }
        }))
    };
    let seen = Seen::of(named("registry"));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("Secret ghcr-removed-ZzYyXx does not exist");
    let seen = Seen::of(named("logs"));
    seen.says("Secret splunk-removed-ZzYyXx does not exist")
        .says("1 environment file of the tasks in S3 not looked at");
}

/// One that is throttled is not one that is gone: what was read before stays, and it is said.
#[test]
fn a_secret_that_is_throttled_is_not_gone() {
    let values = vec![arn(ACCOUNT, "party-box/database-Xk2PqV"), arn(ACCOUNT, "slow-AaBbCc")];
    let seen = Seen::of(secrets(values).before(|operation, body| {
        (operation == "DescribeSecret" && body.contains("slow-"))
            .then(|| json_error("ThrottlingException", "Rate exceeded"))
    }));
    seen.does_not_say("does not exist")
        .does_not_say("All well")
        .says("AWS throttles secretsmanager:DescribeSecret");
}
