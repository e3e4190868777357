//! The database secret, target tracking and the alarms.
use chrono::TimeDelta;

use super::{CLUSTER, days, role, tags};
use crate::world::World;
use crate::world::cloudwatch::{Alarm, AlarmState};
use crate::world::scaling::{ScalableTarget, ScalingActivity, ScalingPolicy, Suspended, TrackingState};
use crate::world::secrets::Secret;

/// The resource part of the database secret's ARN.
pub(super) const SECRET_RESOURCE: &str = "secret:party-box/database-Xk2PqV";

/// Secret, scaling and alarms.
pub(super) fn fill(world: &mut World) {
    let secret = secret(world);
    world.secrets = vec![secret];
    for (service, min, max) in [("frontend", 2, 6), ("backend", 2, 10)] {
        scaling(world, service, min, max);
    }
    let alarms = alarms(world);
    world.cloudwatch.alarms = alarms;
}

fn secret(world: &mut World) -> Secret {
    let now = world.now;
    let rotated = now - days(12) - TimeDelta::minutes(83);
    let (current, previous) = (world.rng.uuid(), world.rng.uuid());
    Secret {
        name: "party-box/database".to_owned(),
        arn: world.account.arn("secretsmanager", SECRET_RESOURCE),
        description: "The backend's connection to PostgreSQL".to_owned(),
        rotation_enabled: true,
        rotation_lambda_arn: world.account.arn("lambda", "function:party-box-rotate-database"),
        rotation_days: 30,
        created_at: now - days(208),
        last_rotated: rotated,
        last_changed: rotated,
        last_accessed: now - TimeDelta::seconds(now.timestamp().rem_euclid(86_400)),
        next_rotation: rotated + days(30),
        versions: vec![(current, vec!["AWSCURRENT"]), (previous, vec!["AWSPREVIOUS"])],
        tags: tags("party-box/database"),
    }
}

fn scaling(world: &mut World, service: &str, min: u32, max: u32) {
    let now = world.now;
    let resource_id = format!("service/{CLUSTER}/{service}");
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
        state: TrackingState { last_scaled: None, capacity_since: None, seen_desired: 2 },
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
    world.scaling.policies.push(ScalingPolicy {
        name,
        arn,
        resource_id,
        target_value: 70.0,
        scale_out_cooldown: 60,
        scale_in_cooldown: 300,
        created_at: now - days(205),
        alarms,
    });
}

fn alarms(world: &World) -> Vec<Alarm> {
    let now = world.now;
    let balancer = world.elb.load_balancers.first().map(|it| it.dimension().to_owned()).unwrap_or_default();
    let base = Alarm {
        name: "party-box-backend-cpu-high".to_owned(),
        arn: world.account.arn("cloudwatch", "alarm:party-box-backend-cpu-high"),
        description: "CPU of the backend above 70 % for 3 minutes".to_owned(),
        namespace: "AWS/ECS",
        metric: "CPUUtilization",
        dimensions: vec![
            ("ClusterName".to_owned(), CLUSTER.to_owned()),
            ("ServiceName".to_owned(), "backend".to_owned()),
        ],
        statistic: "Average",
        period: 60,
        evaluation_periods: 3,
        threshold: 70.0,
        treat_missing: "missing",
        actions: vec![world.account.arn("sns", "party-box-on-call")],
        state: AlarmState::Ok,
        state_reason: "Threshold Crossed: 3 datapoints were not greater than the threshold (70.0)."
            .to_owned(),
        state_updated_at: now - TimeDelta::hours(26),
        state_transitioned_at: now - TimeDelta::hours(26),
        configured_at: now - days(204),
    };
    let errors = Alarm {
        name: "party-box-alb-5xx".to_owned(),
        arn: world.account.arn("cloudwatch", "alarm:party-box-alb-5xx"),
        description: "More than 10 errors of the targets a minute, for 2 minutes".to_owned(),
        namespace: "AWS/ApplicationELB",
        metric: "HTTPCode_Target_5XX_Count",
        dimensions: vec![("LoadBalancer".to_owned(), balancer)],
        statistic: "Sum",
        evaluation_periods: 2,
        threshold: 10.0,
        treat_missing: "notBreaching",
        state_reason: "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [NonBreaching].".to_owned(),
        ..base.clone()
    };
    vec![base, errors]
}
