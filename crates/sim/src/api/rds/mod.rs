//! RDS.
use chrono::{DateTime, Utc};

mod catalogue;
mod clusters;
mod events;
mod proxies;
mod snapshots;

use super::shared::page_size;
use crate::behaviour::rds_actions::reboot_db_instance;
use crate::behaviour::rds_changes::{create_db_snapshot, start_db_instance, stop_db_instance};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::rds::DbInstance;
use crate::world::{Tag, World};

pub(super) type Answer = Result<Node, ApiError>;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(
    operation: &str,
    world: &mut World,
    input: Input<'_>,
    now: DateTime<Utc>,
) -> Option<Answer> {
    Some(match operation {
        "DescribeDBInstances" => describe_db_instances(world, input),
        "DescribeDBClusters" => clusters::describe(world, input),
        "DescribeEvents" => events::describe(world, input, now),
        "DescribeDBProxies" => proxies::describe(world, input),
        "DescribeDBProxyTargetGroups" => proxies::target_groups(world, input),
        "DescribeDBProxyTargets" => proxies::targets(world, input),
        "DescribePendingMaintenanceActions" => describe_pending_maintenance(world, input),
        "DescribeDBSubnetGroups" => describe_db_subnet_groups(world, input),
        "ListTagsForResource" => list_tags(world, input),
        "RebootDBInstance" => reboot(world, input, now),
        "StopDBInstance" => stop(world, input),
        "StartDBInstance" => start(world, input),
        "DescribeDBSnapshots" => snapshots::describe(world, input, now),
        "CreateDBSnapshot" => snapshots::create(world, input),
        "DescribeDBParameterGroups" => catalogue::parameter_groups(world, input),
        "DescribeDBEngineVersions" => catalogue::engine_versions(input),
        "DescribeDBLogFiles" => catalogue::log_files(world, input, now),
        "FailoverDBCluster" => clusters::failover(world, input, now),
        _ => return None,
    })
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

pub(super) fn required<'a>(input: Input<'a>, member: &str) -> Result<&'a str, ApiError> {
    input.text(member)?.filter(|text| !text.is_empty()).ok_or_else(|| {
        ApiError::new("MissingParameter", format!("The request must contain the parameter {member}."))
    })
}

fn no_instance(id: &str) -> ApiError {
    ApiError::new("DBInstanceNotFound", format!("DBInstance {id} not found.")).with_status(404)
}

/// One page, 20 to 100 things long, and its marker.
pub(super) fn paged<T>(
    input: Input<'_>,
    scope: &str,
    things: Vec<T>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let asked = input.int("MaxRecords")?;
    let size = page_size(asked, 100, 20..=100).map_err(|()| {
        invalid(format!(
            "Invalid value {} for MaxRecords. Must be between 20 and 100",
            asked.unwrap_or_default()
        ))
    })?;
    page(things, size, input.text("Marker")?, scope, key).map_err(|_| invalid("Invalid value for Marker."))
}

/// The values of each filter, by the filter's name.
pub(super) fn filters<'a>(
    input: Input<'a>,
    known: &[&str],
) -> Result<Vec<(&'a str, Vec<&'a str>)>, ApiError> {
    input
        .list("Filters")?
        .into_iter()
        .map(|filter| {
            let name = required(filter, "Name")?;
            if !known.contains(&name) {
                return Err(invalid(format!("Unrecognized filter name: {name}")));
            }
            Ok((name, filter.texts("Values")?))
        })
        .collect()
}

fn describe_db_instances(world: &World, input: Input<'_>) -> Answer {
    let known = ["db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine"];
    let filters = filters(input, &known)?;
    let fits = |each: &&DbInstance| {
        filters.iter().all(|(name, values)| {
            values.iter().any(|value| match *name {
                "db-instance-id" => each.id == *value || each.arn == *value,
                "db-cluster-id" => world
                    .rds
                    .cluster_of(each)
                    .is_some_and(|cluster| cluster.id == *value || cluster.arn == *value),
                "dbi-resource-id" => each.resource_id == *value,
                "engine" => each.engine == *value,
                _ => false,
            })
        })
    };
    let found = match input.text("DBInstanceIdentifier")?.filter(|id| !id.is_empty()) {
        Some(id) => vec![world.rds.instance(id).ok_or_else(|| no_instance(id))?],
        None => world.rds.instances.iter().filter(fits).collect(),
    };
    let (found, marker) = paged(input, "DBInstances", found, |each| each.id.clone())?;
    Ok(map! {
        "Marker": marker,
        "DBInstances/DBInstance": Node::list(found.into_iter().map(|each| instance(world, each))),
    })
}

pub(super) fn tags(tags: &[Tag]) -> Node {
    Node::list(tags.iter().map(|tag| map! { "Key": &tag.key, "Value": &tag.value }))
}

fn instance(world: &World, each: &DbInstance) -> Node {
    let groups = each.security_groups.iter().map(|id| map! { "VpcSecurityGroupId": id, "Status": "active" });
    let replication = each.replica_source.as_ref().map(|_| {
        Node::list([map! {
            "StatusType": "read replication",
            "Normal": true,
            "Status": "replicating",
        }])
    });
    map! {
        "DBInstanceIdentifier": &each.id,
        "DBInstanceClass": &each.class,
        "Engine": each.engine,
        "DBInstanceStatus": each.status.as_str(),
        "MasterUsername": &each.master_username,
        "DBName": &each.db_name,
        "Endpoint": map! {
            "Address": &each.endpoint_address,
            "Port": each.port,
            "HostedZoneId": &each.endpoint_hosted_zone_id,
        },
        "AllocatedStorage": each.allocated_storage,
        "InstanceCreateTime": each.created_at,
        "PreferredBackupWindow": &each.backup_window,
        "BackupRetentionPeriod": each.backup_retention_days,
        "DBSecurityGroups/DBSecurityGroup": Node::List(Vec::new()),
        "VpcSecurityGroups/VpcSecurityGroupMembership": Node::list(groups),
        "DBParameterGroups/DBParameterGroup": Node::list([map! {
            "DBParameterGroupName": &each.parameter_group,
            "ParameterApplyStatus": "in-sync",
        }]),
        "AvailabilityZone": &each.availability_zone,
        "DBSubnetGroup": subnet_group(world, &each.subnet_group),
        "PreferredMaintenanceWindow": &each.maintenance_window,
        "PendingModifiedValues": Node::empty(),
        "LatestRestorableTime": each.latest_restorable_time,
        "MultiAZ": each.multi_az,
        "EngineVersion": &each.engine_version,
        "AutoMinorVersionUpgrade": each.auto_minor_version_upgrade,
        "ReadReplicaSourceDBInstanceIdentifier": each.replica_source.as_ref(),
        "ReadReplicaDBInstanceIdentifiers/ReadReplicaDBInstanceIdentifier":
            Node::list(&each.replicas),
        "LicenseModel": "postgresql-license",
        "Iops": (each.iops > 0).then_some(each.iops),
        "StorageThroughput": each.storage_throughput,
        "OptionGroupMemberships/OptionGroupMembership": Node::list([map! {
            "OptionGroupName": format!(
                "default:{}-{}",
                each.engine,
                each.engine_version.split('.').next().unwrap_or_default()
            ),
            "Status": "in-sync",
        }]),
        "SecondaryAvailabilityZone": each.secondary_availability_zone.as_ref(),
        "PubliclyAccessible": each.publicly_accessible,
        "StatusInfos/DBInstanceStatusInfo": replication,
        "StorageType": each.storage_type,
        "DbInstancePort": 0,
        "DBClusterIdentifier": each.cluster.as_ref(),
        "PromotionTier": each.promotion_tier,
        "StorageEncrypted": each.storage_encrypted,
        "KmsKeyId": each.kms_key_id.as_ref(),
        "DbiResourceId": &each.resource_id,
        "CACertificateIdentifier": each.ca_certificate,
        "DomainMemberships/DomainMembership": Node::List(Vec::new()),
        "CopyTagsToSnapshot": true,
        "MonitoringInterval": 0,
        "DBInstanceArn": &each.arn,
        "IAMDatabaseAuthenticationEnabled": false,
        "PerformanceInsightsEnabled": each.performance_insights,
        "DeletionProtection": each.deletion_protection,
        "AssociatedRoles/DBInstanceRole": Node::List(Vec::new()),
        "MaxAllocatedStorage": each.max_allocated_storage,
        "TagList/Tag": tags(&each.tags),
        "CustomerOwnedIpEnabled": false,
        "NetworkType": "IPV4",
        "ActivityStreamStatus": "stopped",
        "BackupTarget": "region",
        "DedicatedLogVolume": false,
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
    }
}

fn subnet_group(world: &World, name: &str) -> Node {
    let Some(group) = world.rds.subnet_group(name) else {
        return Node::Absent;
    };
    let subnets = group.subnets.iter().map(|(id, zone)| {
        map! {
            "SubnetIdentifier": id,
            "SubnetAvailabilityZone": map! { "Name": zone },
            "SubnetOutpost": Node::empty(),
            "SubnetStatus": "Active",
        }
    });
    map! {
        "DBSubnetGroupName": &group.name,
        "DBSubnetGroupDescription": &group.description,
        "VpcId": &group.vpc_id,
        "SubnetGroupStatus": "Complete",
        "Subnets/Subnet": Node::list(subnets),
        "DBSubnetGroupArn": &group.arn,
    }
}

fn describe_db_subnet_groups(world: &World, input: Input<'_>) -> Answer {
    let wanted = input.text("DBSubnetGroupName")?;
    let found: Vec<&String> = world
        .rds
        .subnet_groups
        .iter()
        .map(|each| &each.name)
        .filter(|name| wanted.is_none_or(|wanted| wanted == *name))
        .collect();
    if let Some(name) = wanted.filter(|_| found.is_empty()) {
        return Err(ApiError::new(
            "DBSubnetGroupNotFoundFault",
            format!("DB subnet group '{name}' does not exist."),
        )
        .with_status(404));
    }
    let (found, marker) = paged(input, "DBSubnetGroups", found, |name| (*name).clone())?;
    let found = found.into_iter().map(|name| subnet_group(world, name));
    Ok(map! { "Marker": marker, "DBSubnetGroups/DBSubnetGroup": Node::list(found) })
}

fn describe_pending_maintenance(world: &World, input: Input<'_>) -> Answer {
    if let Some(arn) = input.text("ResourceIdentifier")?
        && world.rds.instance(arn).is_none()
        && world.rds.cluster(arn).is_none()
    {
        return Err(
            ApiError::new("ResourceNotFoundFault", format!("Resource {arn} not found.")).with_status(404)
        );
    }
    filters(input, &["db-cluster-id", "db-instance-id"])?;
    paged(input, "PendingMaintenance", Vec::<u8>::new(), u8::to_string)?;
    Ok(map! {
        "PendingMaintenanceActions/ResourcePendingMaintenanceActions": Node::List(Vec::new()),
    })
}

fn list_tags(world: &World, input: Input<'_>) -> Answer {
    let arn = required(input, "ResourceName")?;
    let instance = world.rds.instance(arn).filter(|each| each.arn == arn).map(|each| &each.tags);
    let cluster = || world.rds.cluster(arn).filter(|each| each.arn == arn).map(|each| &each.tags);
    let found = instance.or_else(cluster).ok_or_else(|| no_instance(arn))?;
    Ok(map! { "TagList/Tag": tags(found) })
}

fn reboot(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let id = required(input, "DBInstanceIdentifier")?;
    let force = input.flag("ForceFailover")?.unwrap_or(false);
    let index = reboot_db_instance(world, id, force, now)?;
    Ok(map! { "DBInstance": instance(world, &world.rds.instances[index]) })
}

/// `StopDBInstance`: the answer already says `stopping`.
fn stop(world: &mut World, input: Input<'_>) -> Answer {
    let id = required(input, "DBInstanceIdentifier")?;
    let snapshot = input.text("DBSnapshotIdentifier")?.filter(|id| !id.is_empty());
    if let Some(snapshot) = snapshot {
        snapshots::check_name(snapshot)?;
    }
    let index = stop_db_instance(world, id)?;
    if let Some(snapshot) = snapshot {
        create_db_snapshot(world, index, snapshot, Vec::new())?;
    }
    Ok(map! { "DBInstance": instance(world, &world.rds.instances[index]) })
}

fn start(world: &mut World, input: Input<'_>) -> Answer {
    let index = start_db_instance(world, required(input, "DBInstanceIdentifier")?)?;
    Ok(map! { "DBInstance": instance(world, &world.rds.instances[index]) })
}
