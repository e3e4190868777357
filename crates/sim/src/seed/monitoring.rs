//! The secrets, target tracking and the alarms, also those that target tracking makes for itself.
use chrono::TimeDelta;

use super::{days, edge, role, tags};
use crate::estate::{ACCOUNT, AlarmPart, Estate, REGION, ScalingPart, SecretPart, ServicePart};
use crate::world::World;
use crate::world::cloudwatch::{Alarm, AlarmState, Comparison};
use crate::world::scaling::{ScalableTarget, ScalingActivity, ScalingPolicy, Suspended, TrackingState};
use crate::world::secrets::Secret;

/// Secrets, scaling and alarms.
pub(super) fn fill(world: &mut World, estate: &Estate) {
    for part in &estate.secret {
        let secret = secret(world, estate, part);
        world.secrets.push(secret);
    }
    for part in &estate.service {
        if let Some(bounds) = &part.scaling {
            scaling(world, estate, part, bounds);
        }
    }
    let alarms: Vec<Alarm> = estate.alarm.iter().map(|part| alarm(world, estate, part)).collect();
    world.cloudwatch.alarms.extend(alarms);
}

fn secret_arn(estate: &Estate, name: &str) -> String {
    let derived = || estate.digits("secret", name, 6);
    let end = estate.given("secret", name).map_or_else(derived, str::to_owned);
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-{end}")
}

/// `valueFrom` of a secret's name, with what stands behind a `:` in it (a JSON key, a stage, a version).
pub(super) fn secret_reference(_: &World, estate: &Estate, reference: &str) -> String {
    let (name, rest) = reference.split_once(':').map_or((reference, None), |(name, rest)| (name, Some(rest)));
    let arn = secret_arn(estate, name);
    rest.map_or(arn.clone(), |rest| format!("{arn}:{rest}"))
}

fn secret(world: &mut World, estate: &Estate, part: &SecretPart) -> Secret {
    let now = world.now;
    let rotated = now - days(12) - TimeDelta::minutes(83);
    let (current, previous) = (world.rng.uuid(), world.rng.uuid());
    Secret {
        name: part.name.clone(),
        arn: secret_arn(estate, &part.name),
        description: part.text.clone(),
        rotation_enabled: part.rotates,
        rotation_lambda_arn: world
            .account
            .arn("lambda", &format!("function:{}-rotate-database", estate.project)),
        rotation_days: 30,
        created_at: now - days(208),
        last_rotated: rotated,
        last_changed: rotated,
        last_accessed: now - TimeDelta::seconds(now.timestamp().rem_euclid(86_400)),
        next_rotation: rotated + days(30),
        versions: vec![(current, vec!["AWSCURRENT"]), (previous, vec!["AWSPREVIOUS"])],
        tags: tags(estate, &part.name),
        rotates_at: None,
    }
}

fn scaling(world: &mut World, estate: &Estate, part: &ServicePart, bounds: &ScalingPart) {
    let now = world.now;
    let (service, min, max) = (part.name.as_str(), bounds.min, bounds.max);
    let resource_id = format!("service/{}/{service}", estate.cluster_of(part));
    let target_id = super::fixed_hex(&format!("scalable target {service}"), 34);
    let policy_id = world.rng.uuid();
    let name = format!("{service}-cpu-70");
    world.scaling.targets.push(ScalableTarget {
        resource_id: resource_id.clone(),
        arn: world.account.arn("application-autoscaling", &format!("scalable-target/{target_id}")),
        min_capacity: min,
        max_capacity: max,
        role_arn: role(
            "aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService",
        ),
        created_at: now - days(205),
        suspended: Suspended::default(),
        state: TrackingState { last_scaled: None, capacity_since: None, seen_desired: part.tasks },
    });
    let alarm = |world: &mut World, kind: &str| {
        let name = format!("TargetTracking-{resource_id}-{kind}-{}", world.rng.uuid());
        let arn = world.account.arn("cloudwatch", &format!("alarm:{name}"));
        (name, arn)
    };
    let alarms = vec![alarm(world, "AlarmHigh"), alarm(world, "AlarmLow")];
    let arn = world.account.arn(
        "autoscaling",
        &format!("scalingPolicy:{policy_id}:resource/ecs/{resource_id}:policyName/{name}"),
    );
    for (ago, to, way) in [(27, 3, 0), (26, min, 1)] {
        let started_at = now - TimeDelta::hours(ago) - TimeDelta::minutes(17);
        world.scaling.activities.push(ScalingActivity {
            id: world.rng.uuid(),
            resource_id: resource_id.clone(),
            description: format!("Setting desired count to {to}."),
            cause: format!("monitor alarm {} in state ALARM triggered policy {name}", alarms[way].0),
            started_at,
            ended_at: Some(started_at + TimeDelta::seconds(46)),
            status: "Successful",
            status_message: format!(
                "Successfully set desired count to {to}. Change successfully fulfilled by ecs."
            ),
            to,
        });
    }
    world.scaling.activities.sort_by_key(|each| each.started_at);
    let policy = ScalingPolicy {
        name,
        arn,
        resource_id,
        target_value: 70.0,
        scale_out_cooldown: 60,
        scale_in_cooldown: 300,
        created_at: now - days(205),
        alarms,
    };
    let states = [AlarmState::Ok, AlarmState::Alarm];
    world.cloudwatch.alarms.extend(policy.tracking_alarms(states, now - TimeDelta::hours(26)));
    world.scaling.policies.push(policy);
}

/// The metrics that alarms of an estate may watch.
const METRICS: [&str; 14] = [
    "CPUUtilization",
    "MemoryUtilization",
    "HTTPCode_Target_5XX_Count",
    "HTTPCode_ELB_5XX_Count",
    "UnHealthyHostCount",
    "HealthyHostCount",
    "TargetResponseTime",
    "TargetConnectionErrorCount",
    "RequestCount",
    "DatabaseConnections",
    "FreeStorageSpace",
    "FreeableMemory",
    "ReplicaLag",
    "ApproximateAgeOfOldestMessage",
];

/// The namespace of what an alarm watches, and its dimensions.
fn watched(estate: &Estate, part: &AlarmPart) -> (&'static str, Vec<(String, String)>) {
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let balancer = |name: &str| {
        let found = estate.load_balancer.iter().find(|each| each.name == name);
        found.map(|each| (each.is_network(), edge::balancer_arn(estate, each)))
    };
    let of = |arn: &str| arn.split("loadbalancer/").nth(1).unwrap_or_default().to_owned();
    let space = |network: bool| if network { "AWS/NetworkELB" } else { "AWS/ApplicationELB" };
    let (kind, name) = part.of.get_ref().split_once('/').unwrap_or_default();
    match kind {
        "service" => {
            let service = estate.service.iter().find(|each| each.name == name);
            let cluster = service.map_or_else(String::new, |each| estate.cluster_of(each).to_owned());
            ("AWS/ECS", vec![pair("ClusterName", cluster), pair("ServiceName", name.to_owned())])
        }
        "load-balancer" => {
            let (network, arn) = balancer(name).unwrap_or_default();
            (space(network), vec![pair("LoadBalancer", of(&arn))])
        }
        "target-group" => {
            let arn = edge::target_group_arn(estate, name);
            let group = arn.rsplit(':').next().unwrap_or_default().to_owned();
            let first = estate.load_balancer.first().and_then(|each| balancer(&each.name));
            let (network, balancer) = first.unwrap_or_default();
            (space(network), vec![pair("TargetGroup", group), pair("LoadBalancer", of(&balancer))])
        }
        "database" => ("AWS/RDS", vec![pair("DBInstanceIdentifier", name.to_owned())]),
        _ => ("AWS/SQS", vec![pair("QueueName", name.to_owned())]),
    }
}

fn alarm(world: &World, estate: &Estate, part: &AlarmPart) -> Alarm {
    let now = world.now;
    let (namespace, dimensions) = watched(estate, part);
    let metric = METRICS.into_iter().find(|each| each == part.metric.get_ref()).unwrap_or(METRICS[0]);
    let statistic = ["Average", "Sum", "Maximum"].into_iter().find(|each| each == part.statistic.get_ref());
    let topic = || world.account.arn("sns", &format!("{}-on-call", estate.project));
    let threshold = format!("{:.1}", part.above);
    let minutes = part.minutes;
    let state_reason = match (part.firing, part.missing_is_good) {
        (true, _) => {
            format!("Threshold Crossed: {minutes} datapoints were greater than the threshold ({threshold}).")
        }
        (false, true) => format!(
            "Threshold Crossed: no datapoints were received for {minutes} periods and {minutes} missing datapoints \
             were treated as [NonBreaching]."
        ),
        (false, false) => {
            format!(
                "Threshold Crossed: {minutes} datapoints were not greater than the threshold ({threshold})."
            )
        }
    };
    Alarm {
        name: part.name.clone(),
        arn: world.account.arn("cloudwatch", &format!("alarm:{}", part.name)),
        description: part.text.clone(),
        namespace,
        metric,
        dimensions,
        statistic: statistic.unwrap_or("Average"),
        period: 60,
        evaluation_periods: minutes,
        comparison: Comparison::Greater,
        threshold: part.above,
        treat_missing: if part.missing_is_good { "notBreaching" } else { "missing" },
        actions: if part.tells { vec![topic()] } else { Vec::new() },
        state: if part.firing { AlarmState::Alarm } else { AlarmState::Ok },
        state_reason,
        state_updated_at: now - TimeDelta::hours(26),
        state_transitioned_at: now - TimeDelta::hours(26),
        configured_at: now - days(204),
        elsewhere: namespace == "AWS/SQS",
    }
}
