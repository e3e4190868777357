//! Operations that tools of others call: what they list agrees with the rest of the account, and what they change acts.
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::handle;
use crate::world::World;
use crate::{Scenario, build_account};

struct Account {
    world: World,
    now: DateTime<Utc>,
}

impl Account {
    fn new() -> Self {
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        Self { world: build_account(Scenario::Steady, 7, now), now }
    }

    fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    fn send(&mut self, service: &str, headers: &[(&str, &str)], body: String) -> (u16, String) {
        let signed = format!(
            "AWS4-HMAC-SHA256 Credential=key/20260101/ap-northeast-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=00"
        );
        let mut request = http::Request::builder().method("POST").uri("/").header("authorization", signed);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body)).expect("a request");
        let response = handle(&mut self.world, &request, self.now);
        let body = String::from_utf8(response.body().to_vec()).expect("text");
        (response.status().as_u16(), body)
    }

    fn form(&mut self, service: &str, body: &str) -> (u16, String) {
        let version = match service {
            "ec2" => "2016-11-15",
            "rds" => "2014-10-31",
            _ => "2015-12-01",
        };
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        self.send(service, &[("content-type", kind)], format!("Version={version}&{body}"))
    }

    /// The answer of a form that must be taken.
    fn ok(&mut self, service: &str, body: &str) -> String {
        let (status, answer) = self.form(service, body);
        assert_eq!(status, 200, "{body}: {answer}");
        answer
    }

    /// The code with which a form is refused.
    fn refused(&mut self, service: &str, body: &str) -> String {
        let (status, answer) = self.form(service, body);
        assert_ne!(status, 200, "{body}: {answer}");
        all(&answer, "Code").first().cloned().unwrap_or(answer)
    }

    fn json(&mut self, target: &str, body: &Value) -> (u16, Value) {
        let service = match target.split('.').next() {
            Some("AnyScaleFrontendService") => "application-autoscaling",
            Some("AmazonEC2ContainerServiceV20141113") => "ecs",
            Some("secretsmanager") => "secretsmanager",
            _ => "ecr",
        };
        let (status, answer) = self.send(service, &[("x-amz-target", target)], body.to_string());
        (status, serde_json::from_str(&answer).expect("JSON"))
    }
}

/// The texts of every element of a name.
fn all(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).map(str::to_owned).collect()
}

#[test]
fn interfaces_are_those_of_what_runs() {
    let mut account = Account::new();
    let answer = account.ok("ec2", "Action=DescribeNetworkInterfaces");
    let addresses = all(&answer, "privateIpAddress");
    for task in account.world.ecs.tasks() {
        assert!(addresses.contains(&task.private_ip), "{}: {addresses:?}", task.private_ip);
    }
    for (kind, words) in [
        ("the load balancer's", "ELB app/"),
        ("the database's", "RDSNetworkInterface"),
        ("the NAT gateway's", "Interface for NAT Gateway nat-"),
        ("a task's", ":attachment/"),
    ] {
        assert!(all(&answer, "description").iter().any(|text| text.contains(words)), "{kind}: {answer}");
    }
    let mut ids = all(&answer, "networkInterfaceId");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all(&answer, "networkInterfaceId").len(), "no interface is told twice");

    let task = account.world.ecs.tasks().next().expect("a task").eni_id.clone();
    let one = account.ok("ec2", &format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={task}"));
    assert_eq!(all(&one, "networkInterfaceId"), [task]);
    let rds = "Action=DescribeNetworkInterfaces&Filter.1.Name=requester-id&Filter.1.Value.1=amazon-rds";
    assert!(all(&account.ok("ec2", rds), "interfaceType").iter().all(|kind| kind == "interface"));
    let missing = "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-0";
    assert_eq!(account.refused("ec2", missing), "InvalidNetworkInterfaceID.NotFound");
    let filter = "Action=DescribeNetworkInterfaces&Filter.1.Name=colour&Filter.1.Value.1=red";
    assert_eq!(account.refused("ec2", filter), "InvalidParameterValue");
}

#[test]
fn regions_zones_addresses_rules_and_acls_are_listed() {
    let mut account = Account::new();
    let zones = account.ok("ec2", "Action=DescribeAvailabilityZones");
    let known = all(&zones, "zoneName");
    for subnet in &account.world.network.subnets {
        assert!(known.contains(&subnet.zone) && all(&zones, "zoneId").contains(&subnet.zone_id), "{zones}");
    }
    let wrong = "Action=DescribeAvailabilityZones&ZoneName.1=ap-northeast-1x";
    assert_eq!(account.refused("ec2", wrong), "InvalidParameterValue");
    let regions = account.ok("ec2", "Action=DescribeRegions");
    assert!(all(&regions, "regionName").contains(&account.world.account.region), "{regions}");

    let address = account.world.network.nat_gateways[0].public_ip.clone();
    let found = account.ok("ec2", &format!("Action=DescribeAddresses&PublicIp.1={address}"));
    assert_eq!(all(&found, "publicIp"), [address]);
    assert_eq!(
        account.refused("ec2", "Action=DescribeAddresses&PublicIp.1=192.0.2.1"),
        "InvalidAddress.NotFound"
    );

    let group = account.world.network.security_groups[0].id.clone();
    let body = format!("Action=DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1={group}");
    let rules = account.ok("ec2", &body);
    let own = &account.world.network.security_groups[0];
    let entries = own.ingress.iter().chain(&own.egress);
    let count: usize = entries.map(|entry| entry.cidrs.len() + entry.groups.len()).sum();
    assert_eq!(all(&rules, "securityGroupRuleId").len(), count, "{rules}");

    let acls = account.ok("ec2", "Action=DescribeNetworkAcls");
    assert_eq!(all(&acls, "subnetId").len(), account.world.network.subnets.len(), "{acls}");
}

#[test]
fn target_groups_are_changed_and_targets_taken_out() {
    let mut account = Account::new();
    let group = account.world.elb.target_groups[0].clone();
    let arn = format!("TargetGroupArn={}", group.arn);
    let set = |key: &str, value: &str| {
        format!(
            "Action=ModifyTargetGroupAttributes&{arn}&Attributes.member.1.Key={key}\
             &Attributes.member.1.Value={value}"
        )
    };
    account.ok("elasticloadbalancing", &set("deregistration_delay.timeout_seconds", "17"));
    for (key, value, code) in [
        ("deregistration_delay.timeout_seconds", "3601", "InvalidConfigurationRequest"),
        ("slow_start.duration_seconds", "5", "InvalidConfigurationRequest"),
        ("colour", "red", "ValidationError"),
    ] {
        assert_eq!(account.refused("elasticloadbalancing", &set(key, value)), code, "{key}");
    }
    let shown = account.ok("elasticloadbalancing", &format!("Action=DescribeTargetGroupAttributes&{arn}"));
    assert!(shown.contains("<Value>17</Value>"), "{shown}");

    let check = format!("Action=ModifyTargetGroup&{arn}&HealthCheckPath=/ready&HealthyThresholdCount=3");
    let changed = account.ok("elasticloadbalancing", &check);
    assert_eq!(all(&changed, "HealthCheckPath"), ["/ready"]);
    assert_eq!(account.world.elb.target_groups[0].health_check.healthy_threshold, 3);
    let slow = format!("Action=ModifyTargetGroup&{arn}&HealthCheckTimeoutSeconds=100");
    assert_eq!(account.refused("elasticloadbalancing", &slow), "ValidationError");

    let target = group.targets[0].clone();
    let out = format!("Action=DeregisterTargets&{arn}&Targets.member.1.Id={}", target.ip);
    account.ok("elasticloadbalancing", &out);
    // The same again, and one that is not there, are taken in silence.
    account.ok("elasticloadbalancing", &out);
    account
        .ok("elasticloadbalancing", &format!("Action=DeregisterTargets&{arn}&Targets.member.1.Id=10.9.9.9"));
    let health = account.ok("elasticloadbalancing", &format!("Action=DescribeTargetHealth&{arn}"));
    assert!(all(&health, "State").contains(&"draining".to_owned()), "{health}");
    account.pass(18);
    let health = account.ok("elasticloadbalancing", &format!("Action=DescribeTargetHealth&{arn}"));
    assert!(!health.contains(&target.ip), "it drained for the new delay: {health}");
}

#[test]
fn listeners_tell_their_attributes() {
    let mut account = Account::new();
    let arn = account.world.elb.listeners[0].arn.clone();
    let answer =
        account.ok("elasticloadbalancing", &format!("Action=DescribeListenerAttributes&ListenerArn={arn}"));
    assert!(answer.contains("routing.http.response.server.enabled"), "{answer}");
    let missing = "Action=DescribeListenerAttributes&ListenerArn=arn:none";
    assert_eq!(account.refused("elasticloadbalancing", missing), "ListenerNotFound");
}

const ECR: &str = "AmazonEC2ContainerRegistry_V20150921";

#[test]
fn lifecycle_previews_and_tokens_are_given() {
    let mut account = Account::new();
    let name = account.world.ecr.repositories[0].name.clone();
    let body = json!({ "repositoryName": name });
    let (status, answer) = account.json(&format!("{ECR}.GetLifecyclePolicyPreview"), &body);
    assert_eq!((status, &answer["__type"]), (400, &json!("LifecyclePolicyPreviewNotFoundException")));
    let policy = json!({ "rules": [{
        "rulePriority": 1,
        "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1 },
        "action": { "type": "expire" },
    }] });
    let start = json!({ "repositoryName": name, "lifecyclePolicyText": policy.to_string() });
    let (status, answer) = account.json(&format!("{ECR}.StartLifecyclePolicyPreview"), &start);
    assert_eq!((status, &answer["status"]), (200, &json!("IN_PROGRESS")));
    let (_, answer) = account.json(&format!("{ECR}.StartLifecyclePolicyPreview"), &start);
    assert_eq!(answer["__type"], "LifecyclePolicyPreviewInProgressException");
    account.pass(10);
    let (_, answer) = account.json(&format!("{ECR}.GetLifecyclePolicyPreview"), &body);
    let expiring = account.world.ecr.repositories[0].images.len() - 1;
    assert_eq!(answer["status"], "COMPLETE");
    assert_eq!(answer["summary"]["expiringImageTotalCount"], expiring);
    assert_eq!(answer["previewResults"].as_array().map(Vec::len), Some(expiring));

    let (_, answer) = account.json(&format!("{ECR}.GetAuthorizationToken"), &json!({}));
    assert!(
        answer["authorizationData"][0]["proxyEndpoint"].as_str().is_some_and(|it| it.contains(".dkr.ecr."))
    );
}

#[test]
fn scaling_is_set_and_keeps_a_schedule() {
    let mut account = Account::new();
    let id = account.world.scaling.targets[0].resource_id.clone();
    let target = |more: &Value| {
        let mut body = json!({
            "ServiceNamespace": "ecs",
            "ResourceId": id,
            "ScalableDimension": "ecs:service:DesiredCount",
        });
        let members = body.as_object_mut().expect("a structure");
        members.extend(more.as_object().expect("a structure").clone());
        body
    };
    let name = account.world.scaling.policies[0].name.clone();
    let policy = |metric: &str| {
        target(&json!({
            "PolicyName": name,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 50.0,
                "PredefinedMetricSpecification": { "PredefinedMetricType": metric },
            },
        }))
    };
    let put = "AnyScaleFrontendService.PutScalingPolicy";
    let (status, answer) = account.json(put, &policy("ECSServiceAverageCPUUtilization"));
    assert_eq!((status, answer["Alarms"].as_array().map(Vec::len)), (200, Some(2)), "{answer}");
    let thresholds: Vec<f64> = account
        .world
        .cloudwatch
        .alarms
        .iter()
        .filter(|alarm| account.world.scaling.policies[0].alarms.iter().any(|(name, _)| *name == alarm.name))
        .map(|alarm| alarm.threshold)
        .collect();
    assert_eq!(thresholds, [50.0, 45.0]);
    let (status, answer) = account.json(put, &policy("ECSServiceAverageMemoryUtilization"));
    assert_eq!((status, &answer["__type"]), (400, &json!("ValidationException")), "{answer}");

    let at = (account.now + TimeDelta::seconds(90)).format("at(%Y-%m-%dT%H:%M:%S)").to_string();
    let action = target(&json!({
        "ScheduledActionName": "evening",
        "Schedule": at,
        "ScalableTargetAction": { "MinCapacity": 4, "MaxCapacity": 9 },
    }));
    let put = "AnyScaleFrontendService.PutScheduledAction";
    assert_eq!(account.json(put, &action).0, 200);
    let wrong = target(&json!({
        "ScheduledActionName": "x", "Schedule": "cron(now)", "ScalableTargetAction": { "MinCapacity": 4 },
    }));
    assert_eq!(account.json(put, &wrong).1["__type"], "ValidationException");
    account.pass(200);
    let (_, answer) = account
        .json("AnyScaleFrontendService.DescribeScheduledActions", &json!({ "ServiceNamespace": "ecs" }));
    assert_eq!(answer["ScheduledActions"][0]["ScheduledActionName"], "evening");
    let bounds = &account.world.scaling.targets[0];
    assert_eq!((bounds.min_capacity, bounds.max_capacity), (4, 9));
    let (_, answer) = account
        .json("AnyScaleFrontendService.DescribeScalingActivities", &json!({ "ServiceNamespace": "ecs" }));
    let newest = [&answer["ScalingActivities"][0], &answer["ScalingActivities"][1]];
    assert_eq!(newest[0]["Cause"], "minimum capacity was set to 4", "{answer}");
    assert_eq!(newest[1]["Cause"], "scheduled action name evening was triggered");
}

#[test]
fn a_secret_is_rotated_once_at_a_time() {
    let mut account = Account::new();
    let place = account.world.secrets.iter().position(|each| each.rotation_enabled);
    let place = place.expect("a secret that rotates");
    let before = account.world.secrets[place].clone();
    let body = json!({ "SecretId": before.name });
    let (status, answer) = account.json("secretsmanager.RotateSecret", &body);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(account.json("secretsmanager.RotateSecret", &body).1["__type"], "InvalidRequestException");
    account.pass(30);
    let (_, shown) = account.json("secretsmanager.DescribeSecret", &body);
    let version = answer["VersionId"].as_str().expect("an id");
    assert_eq!(shown["VersionIdsToStages"][version], json!(["AWSCURRENT", "AWSPENDING"]));
    assert_eq!(shown["VersionIdsToStages"][&before.versions[0].0], json!(["AWSPREVIOUS"]));
    account.world.secrets[place].rotation_enabled = false;
    let (_, answer) = account.json("secretsmanager.RotateSecret", &body);
    assert_eq!(answer["__type"], "InvalidRequestException");
}

#[test]
fn a_database_is_copied_stopped_and_started_over_time() {
    let mut account = Account::new();
    let stop = "Action=StopDBInstance&DBInstanceIdentifier=party-box-db";
    assert_eq!(account.refused("rds", stop), "InvalidDBInstanceState", "it has a replica");
    // Without the replica it may be stopped.
    account.world.rds.instances.retain(|each| each.id == "party-box-db");
    account.world.rds.instances[0].replicas.clear();
    let status = |account: &mut Account| {
        all(&account.ok("rds", "Action=DescribeDBInstances"), "DBInstanceStatus")[0].clone()
    };
    let copy = "Action=CreateDBSnapshot&DBInstanceIdentifier=party-box-db&DBSnapshotIdentifier=before-it";
    let answer = account.ok("rds", copy);
    assert_eq!(all(&answer, "Status")[0], "creating", "{answer}");
    assert_eq!(status(&mut account), "backing-up");
    assert_eq!(account.refused("rds", copy), "DBSnapshotAlreadyExists");
    assert_eq!(account.refused("rds", stop), "InvalidDBInstanceState");
    account.pass(300);
    let shown = account.ok("rds", "Action=DescribeDBSnapshots&DBSnapshotIdentifier=before-it");
    assert_eq!(all(&shown, "Status"), ["available"]);
    assert_eq!(status(&mut account), "available");

    assert!(account.ok("rds", stop).contains("<DBInstanceStatus>stopping<"));
    account.pass(400);
    assert_eq!(status(&mut account), "stopped");
    assert!(!account.world.rds.instances[0].is_up(account.now), "it answers nobody");
    let reboot = "Action=RebootDBInstance&DBInstanceIdentifier=party-box-db";
    assert_eq!(account.refused("rds", reboot), "InvalidDBInstanceState");
    let start = "Action=StartDBInstance&DBInstanceIdentifier=party-box-db";
    assert!(account.ok("rds", start).contains("<DBInstanceStatus>starting<"));
    account.pass(500);
    assert_eq!(status(&mut account), "available");
    assert!(account.world.rds.instances[0].is_up(account.now));
    let events = account.ok("rds", "Action=DescribeEvents&Duration=60");
    for message in ["Manual snapshot created", "DB instance stopped", "DB instance started"] {
        assert!(events.contains(&format!("<Message>{message}</Message>")), "{message}: {events}");
    }
}

#[test]
fn what_rds_offers_and_keeps_is_listed() {
    let mut account = Account::new();
    let automated = "Action=DescribeDBSnapshots&DBInstanceIdentifier=party-box-db&SnapshotType=automated";
    assert_eq!(all(&account.ok("rds", automated), "DBSnapshotIdentifier").len(), 7, "one for each day");
    let missing = "Action=DescribeDBSnapshots&DBSnapshotIdentifier=nothing";
    assert_eq!(account.refused("rds", missing), "DBSnapshotNotFound");
    let groups = account.ok("rds", "Action=DescribeDBParameterGroups");
    assert_eq!(all(&groups, "DBParameterGroupFamily"), ["postgres16"]);
    let unknown = "Action=DescribeDBParameterGroups&DBParameterGroupName=nothing";
    assert_eq!(account.refused("rds", unknown), "DBParameterGroupNotFound");
    let version = account.world.rds.instances[0].engine_version.clone();
    let body = format!("Action=DescribeDBEngineVersions&Engine=postgres&EngineVersion={version}");
    assert_eq!(all(&account.ok("rds", &body), "Status"), ["available"]);
    let logs = "Action=DescribeDBLogFiles&DBInstanceIdentifier=party-box-db&FilenameContains=postgresql.log";
    assert_eq!(all(&account.ok("rds", logs), "LogFileName").len(), 72);
    assert_eq!(
        account.refused("rds", "Action=DescribeDBLogFiles&DBInstanceIdentifier=x"),
        "DBInstanceNotFound"
    );
}

const ECS: &str = "AmazonEC2ContainerServiceV20141113";

#[test]
fn a_job_runs_to_its_end_and_another_until_it_is_stopped() {
    let mut account = Account::new();
    let (name, subnets) = {
        let service = &account.world.ecs.services[0];
        (service.task_definition.clone(), service.network.subnets.clone())
    };
    let definition = account.world.ecs.task_definition(&name).expect("one").clone();
    let run = |command: Value| {
        json!({
            "cluster": "party-box",
            "taskDefinition": definition.arn,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": subnets } },
            "overrides": { "containerOverrides": [{ "name": definition.container.name, "command": command }] },
        })
    };
    let start = |account: &mut Account, command: Value| {
        let (status, answer) = account.json(&format!("{ECS}.RunTask"), &run(command));
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["tasks"][0]["group"], format!("family:{}", definition.family));
        answer["tasks"][0]["taskArn"].as_str().expect("an ARN").to_owned()
    };
    let (job, other) = (start(&mut account, json!(["migrate"])), start(&mut account, json!([])));
    let show = |account: &mut Account, arn: &str| {
        let body = json!({ "cluster": "party-box", "tasks": [arn] });
        account.json(&format!("{ECS}.DescribeTasks"), &body).1["tasks"][0].clone()
    };
    account.pass(120);
    let ended = show(&mut account, &job);
    assert_eq!(ended["lastStatus"], "STOPPED", "{ended}");
    assert_eq!(
        (&ended["stopCode"], &ended["containers"][0]["exitCode"]),
        (&json!("EssentialContainerExited"), &json!(0))
    );
    assert_eq!(show(&mut account, &other)["lastStatus"], "RUNNING");
    let stop = json!({ "cluster": "party-box", "task": other, "reason": "enough" });
    account.json(&format!("{ECS}.StopTask"), &stop);
    account.pass(30);
    let ended = show(&mut account, &other);
    assert_eq!((&ended["lastStatus"], &ended["stoppedReason"]), (&json!("STOPPED"), &json!("enough")));
    let wrong = json!({ "cluster": "party-box", "taskDefinition": "nothing" });
    assert_eq!(account.json(&format!("{ECS}.RunTask"), &wrong).1["__type"], "ClientException");
}

#[test]
fn a_deregistered_definition_starts_nothing_new() {
    let mut account = Account::new();
    let name = account.world.ecs.services[0].task_definition.clone();
    let body = json!({ "taskDefinition": name });
    let (_, answer) = account.json(&format!("{ECS}.DeregisterTaskDefinition"), &body);
    assert_eq!(answer["taskDefinition"]["status"], "INACTIVE", "{answer}");
    let update = json!({ "cluster": "party-box", "service": account.world.ecs.services[0].name, "taskDefinition": name });
    let (_, answer) = account.json(&format!("{ECS}.UpdateService"), &update);
    assert_eq!(answer["__type"], "ClientException", "{answer}");
}
