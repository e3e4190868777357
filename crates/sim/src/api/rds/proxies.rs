//! RDS's proxies.
use super::{Answer, paged, required};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::rds::{DbProxy, ProxyTarget};

/// `DescribeDBProxies`.
pub(super) fn describe(world: &World, input: Input<'_>) -> Answer {
    let found = match input.text("DBProxyName")?.filter(|name| !name.is_empty()) {
        Some(name) => vec![find(world, name)?],
        None => world.rds.proxies.iter().collect(),
    };
    let (found, marker) = paged(input, "DBProxies", found, |each| each.name.clone())?;
    Ok(map! { "Marker": marker, "DBProxies": Node::list(found.into_iter().map(proxy)) })
}

/// `DescribeDBProxyTargetGroups`: each proxy has one, `default`.
pub(super) fn target_groups(world: &World, input: Input<'_>) -> Answer {
    let proxy = find(world, required(input, "DBProxyName")?)?;
    let (found, marker) = paged(input, "DBProxyTargetGroups", vec![proxy], |each| each.name.clone())?;
    Ok(map! { "Marker": marker, "TargetGroups": Node::list(found.into_iter().map(target_group)) })
}

/// `DescribeDBProxyTargets`.
pub(super) fn targets(world: &World, input: Input<'_>) -> Answer {
    let proxy = find(world, required(input, "DBProxyName")?)?;
    let all = proxy.targets.iter().collect();
    let (found, marker) = paged(input, "DBProxyTargets", all, |each: &&ProxyTarget| each.instance.clone())?;
    Ok(map! { "Marker": marker, "Targets": Node::list(found.into_iter().map(|each| target(world, each))) })
}

fn find<'a>(world: &'a World, name: &str) -> Result<&'a DbProxy, ApiError> {
    world.rds.proxies.iter().find(|each| each.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        ApiError::new("DBProxyNotFoundFault", format!("DBProxy {name} not found.")).with_status(404)
    })
}

fn proxy(each: &DbProxy) -> Node {
    map! {
        "DBProxyName": &each.name,
        "DBProxyArn": &each.arn,
        "Status": each.status,
        "EngineFamily": each.engine_family,
        "VpcId": &each.vpc_id,
        "VpcSecurityGroupIds": Node::list(&each.security_groups),
        "VpcSubnetIds": Node::list(&each.subnets),
        "Auth": Node::list([map! {
            "AuthScheme": "SECRETS",
            "SecretArn": &each.secret_arn,
            "IAMAuth": "DISABLED",
        }]),
        "RoleArn": format!("arn:aws:iam::{}:role/rds-proxy", each.arn.split(':').nth(4).unwrap_or_default()),
        "Endpoint": &each.endpoint,
        "RequireTLS": true,
        "IdleClientTimeout": 1800,
        "DebugLogging": false,
        "CreatedDate": each.created_at,
        "UpdatedDate": each.created_at,
    }
}

fn target_group(each: &DbProxy) -> Node {
    map! {
        "DBProxyName": &each.name,
        "TargetGroupName": "default",
        "TargetGroupArn": each.arn.replace(":db-proxy:prx-", ":target-group:prx-tg-"),
        "IsDefault": true,
        "Status": "available",
        "ConnectionPoolConfig": map! {
            "MaxConnectionsPercent": 100,
            "MaxIdleConnectionsPercent": 50,
            "ConnectionBorrowTimeout": 120,
        },
        "CreatedDate": each.created_at,
        "UpdatedDate": each.created_at,
    }
}

fn target(world: &World, each: &ProxyTarget) -> Node {
    let instance = world.rds.instance(&each.instance);
    map! {
        "TargetArn": instance.map(|instance| &instance.arn),
        "Endpoint": instance.map(|instance| &instance.endpoint_address),
        "TrackedClusterId": each.cluster.as_ref(),
        "RdsResourceId": &each.instance,
        "Port": instance.map(|instance| instance.port),
        "Type": "RDS_INSTANCE",
        "Role": each.role,
        "TargetHealth": map! {
            "State": each.state,
            "Reason": each.reason,
            "Description": each.description.as_ref(),
        },
    }
}
