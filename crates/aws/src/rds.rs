//! RDS: instances, clusters and their events.

use super::Aws;
use super::convert::{count_or_zero, to_chrono};
use super::error::IntoCallError;
use aws_sdk_rds::types::{
    DbCluster as SdkCluster, DbInstance, Event, PendingMaintenanceAction, PendingModifiedValues, SourceType,
};
use partybox_core::domain::{CallError, Database, DbCluster, DbEvent, DbEventSource, DbMember, Maintenance};

/// How far back events are asked for, minutes: 24 hours. RDS keeps 14 days; its own default is one hour.
const EVENT_MINUTES: i32 = 1440;
/// Events kept, the newest.
const EVENTS_KEPT: usize = 500;

/// `DescribeDBInstances`, all pages.
pub(super) async fn databases(aws: &Aws) -> Result<Vec<Database>, CallError> {
    let mut databases = Vec::new();
    let mut pages = aws.rds().describe_db_instances().max_records(100).into_paginator().items().send();
    while let Some(instance) = pages.next().await {
        databases.push(database(instance.for_action("rds:DescribeDBInstances")?));
    }
    Ok(databases)
}

/// `DescribeDBClusters`, all pages.
pub(super) async fn clusters(aws: &Aws) -> Result<Vec<DbCluster>, CallError> {
    let mut clusters = Vec::new();
    let mut pages = aws.rds().describe_db_clusters().max_records(100).into_paginator().items().send();
    while let Some(found) = pages.next().await {
        clusters.push(cluster(found.for_action("rds:DescribeDBClusters")?));
    }
    Ok(clusters)
}

/// A cluster in our words. Of pending values only the names are kept.
pub(super) fn cluster(from: SdkCluster) -> DbCluster {
    let members = from.db_cluster_members.unwrap_or_default().into_iter().map(|member| DbMember {
        instance: member.db_instance_identifier.unwrap_or_default(),
        writer: member.is_cluster_writer.unwrap_or(false),
        promotion_tier: member.promotion_tier.and_then(|tier| u32::try_from(tier).ok()),
    });
    let pending = from.pending_modified_values.as_ref().map(|values| {
        [
            ("DBClusterIdentifier", values.db_cluster_identifier.is_some()),
            ("EngineVersion", values.engine_version.is_some()),
            ("BackupRetentionPeriod", values.backup_retention_period.is_some()),
            ("AllocatedStorage", values.allocated_storage.is_some()),
            ("Iops", values.iops.is_some()),
            ("MasterUserPassword", values.master_user_password.is_some()),
        ]
        .into_iter()
        .filter(|(_, waits)| *waits)
        .map(|(name, _)| name.to_owned())
        .collect()
    });
    DbCluster {
        id: from.db_cluster_identifier.unwrap_or_default(),
        arn: from.db_cluster_arn.unwrap_or_default(),
        status: from.status.unwrap_or_default(),
        engine: from.engine.unwrap_or_default(),
        version: from.engine_version.unwrap_or_default(),
        host: from.endpoint,
        reader_host: from.reader_endpoint,
        port: from.port.and_then(|p| u32::try_from(p).ok()).filter(|p| *p > 0),
        members: members.collect(),
        latest_restorable: from.latest_restorable_time.and_then(to_chrono),
        pending: pending.unwrap_or_default(),
        security_groups: from
            .vpc_security_groups
            .unwrap_or_default()
            .into_iter()
            .filter_map(|group| group.vpc_security_group_id)
            .collect(),
    }
}

/// `DescribeEvents` of DB instances and clusters in the last day, newest last. One call for all kinds of sources: those
/// of snapshots, proxies and parameter groups are dropped here.
pub(super) async fn events(aws: &Aws) -> Result<Vec<DbEvent>, CallError> {
    let mut events = Vec::new();
    let mut pages =
        aws.rds().describe_events().duration(EVENT_MINUTES).max_records(100).into_paginator().items().send();
    while let Some(found) = pages.next().await {
        events.extend(event(found.for_action("rds:DescribeEvents")?));
    }
    events.sort_by_key(|event: &DbEvent| event.at);
    let surplus = events.len().saturating_sub(EVENTS_KEPT);
    events.drain(..surplus);
    Ok(events)
}

/// An event without a time cannot be placed and is dropped.
fn event(from: Event) -> Option<DbEvent> {
    let of = match from.source_type? {
        SourceType::DbInstance => DbEventSource::Instance,
        SourceType::DbCluster => DbEventSource::Cluster,
        _ => return None,
    };
    Some(DbEvent {
        of,
        source: from.source_identifier.unwrap_or_default(),
        at: from.date.and_then(to_chrono)?,
        message: from.message.unwrap_or_default(),
        categories: from.event_categories.unwrap_or_default(),
    })
}

/// `DescribePendingMaintenanceActions` of one DB instance or cluster.
pub(super) async fn maintenance(aws: &Aws, arn: &str) -> Result<Vec<Maintenance>, CallError> {
    let mut found = Vec::new();
    let mut pages = aws
        .rds()
        .describe_pending_maintenance_actions()
        .resource_identifier(arn)
        .max_records(100)
        .into_paginator()
        .items()
        .send();
    while let Some(resource) = pages.next().await {
        let resource = resource.for_action("rds:DescribePendingMaintenanceActions")?;
        let actions = resource.pending_maintenance_action_details.unwrap_or_default();
        found.extend(actions.into_iter().map(pending_action));
    }
    Ok(found)
}

fn pending_action(from: PendingMaintenanceAction) -> Maintenance {
    // RDS's own answer where it gives one; else the earlier of the dates from which it may act.
    let dates = [from.auto_applied_after_date, from.forced_apply_date];
    let earliest = dates.into_iter().flatten().filter_map(to_chrono).min();
    Maintenance {
        action: from.action.unwrap_or_default(),
        description: from.description,
        applied_at: from.current_apply_date.and_then(to_chrono).or(earliest),
    }
}

/// An instance in our words. The pending master password stays behind here.
pub(super) fn database(from: DbInstance) -> Database {
    let (host, endpoint_port) = from.endpoint.map_or((None, None), |e| (e.address, e.port));
    let subnet_group = from.db_subnet_group;
    let vpc = subnet_group.as_ref().and_then(|group| group.vpc_id.clone());
    let subnets = subnet_group
        .and_then(|group| group.subnets)
        .unwrap_or_default()
        .into_iter()
        .map(|subnet| {
            let zone = subnet.subnet_availability_zone.and_then(|zone| zone.name);
            (subnet.subnet_identifier.unwrap_or_default(), zone.unwrap_or_default())
        })
        .collect();
    Database {
        id: from.db_instance_identifier.unwrap_or_default(),
        arn: from.db_instance_arn.unwrap_or_default(),
        status: from.db_instance_status.unwrap_or_default(),
        engine: from.engine.unwrap_or_default(),
        version: from.engine_version.unwrap_or_default(),
        class: from.db_instance_class.unwrap_or_default(),
        host,
        port: endpoint_port.or(from.db_instance_port).and_then(|p| u32::try_from(p).ok()).filter(|p| *p > 0),
        multi_az: from.multi_az.unwrap_or(false),
        zone: from.availability_zone,
        secondary_zone: from.secondary_availability_zone,
        replica_of: from.read_replica_source_db_instance_identifier.filter(|source| !source.is_empty()),
        replicas: from.read_replica_db_instance_identifiers.unwrap_or_default(),
        cluster: from.db_cluster_identifier.filter(|cluster| !cluster.is_empty()),
        writes: None,
        storage_gib: from.allocated_storage.and_then(|gib| u32::try_from(gib).ok()),
        storage_type: from.storage_type,
        encrypted: from.storage_encrypted.unwrap_or(false),
        public: from.publicly_accessible.unwrap_or(false),
        deletion_protection: from.deletion_protection.unwrap_or(false),
        backup_days: count_or_zero(from.backup_retention_period),
        backup_window: from.preferred_backup_window,
        latest_restorable: from.latest_restorable_time.and_then(to_chrono),
        pending: from.pending_modified_values.as_ref().map(pending_names).unwrap_or_default(),
        security_groups: from
            .vpc_security_groups
            .unwrap_or_default()
            .into_iter()
            .filter_map(|group| group.vpc_security_group_id)
            .collect(),
        subnets,
        vpc,
        managed_secret: from
            .master_user_secret
            .and_then(|secret| Some((secret.secret_arn?, secret.secret_status.unwrap_or_default()))),
    }
}

/// Names of the settings that wait to be applied, as RDS writes them; never their values.
fn pending_names(from: &PendingModifiedValues) -> Vec<String> {
    [
        ("DBInstanceClass", from.db_instance_class.is_some()),
        ("AllocatedStorage", from.allocated_storage.is_some()),
        ("MasterUserPassword", from.master_user_password.is_some()),
        ("Port", from.port.is_some()),
        ("BackupRetentionPeriod", from.backup_retention_period.is_some()),
        ("MultiAZ", from.multi_az.is_some()),
        ("EngineVersion", from.engine_version.is_some()),
        ("LicenseModel", from.license_model.is_some()),
        ("Iops", from.iops.is_some()),
        ("StorageThroughput", from.storage_throughput.is_some()),
        ("DBInstanceIdentifier", from.db_instance_identifier.is_some()),
        ("StorageType", from.storage_type.is_some()),
        ("CACertificateIdentifier", from.ca_certificate_identifier.is_some()),
        ("DBSubnetGroupName", from.db_subnet_group_name.is_some()),
        ("PendingCloudwatchLogsExports", from.pending_cloudwatch_logs_exports.is_some()),
        ("ProcessorFeatures", !from.processor_features().is_empty()),
        ("AutomationMode", from.automation_mode.is_some()),
        ("ResumeFullAutomationModeTime", from.resume_full_automation_mode_time.is_some()),
        ("MultiTenant", from.multi_tenant.is_some()),
        ("IAMDatabaseAuthenticationEnabled", from.iam_database_authentication_enabled.is_some()),
        ("DedicatedLogVolume", from.dedicated_log_volume.is_some()),
        ("Engine", from.engine.is_some()),
        ("AdditionalStorageVolumes", !from.additional_storage_volumes().is_empty()),
    ]
    .into_iter()
    .filter(|(_, waits)| *waits)
    .map(|(name, _)| name.to_owned())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pending_password_leaves_only_its_name() {
        let pending = PendingModifiedValues::builder()
            .master_user_password("hunter2")
            .db_instance_class("db.t4g.large");
        let database = database(DbInstance::builder().pending_modified_values(pending.build()).build());
        assert_eq!(database.pending, ["DBInstanceClass", "MasterUserPassword"]);
        assert!(!format!("{database:?}").contains("hunter2"));
    }

    #[test]
    fn empty_pending_values_are_nothing_pending() {
        let nothing = PendingModifiedValues::builder().set_processor_features(Some(vec![])).build();
        let database = database(DbInstance::builder().pending_modified_values(nothing).build());
        assert!(database.pending.is_empty());
        assert_eq!(database.role(), "writer");
    }
}
