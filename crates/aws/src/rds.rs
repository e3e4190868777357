//! RDS: instances, clusters and their events.

use super::Aws;
use super::convert::call_each;
use super::query_protocol::{Parameters, QueryModel, parameter};
use super::service_endpoint::ServiceNames;
use super::xml::Node;
use partybox_core::domain::{
    CallError, Database, DbCluster, DbEvent, DbEventSource, DbMember, DbProxy, ErrorKind, Maintenance,
    ProxyTarget, Replication,
};

/// How RDS is called and what it speaks.
pub(super) const MODEL: QueryModel = QueryModel {
    names: ServiceNames { id: "RDS", signing: "rds", host: "rds" },
    version: "2014-10-31",
    next_marker: "Marker",
};
/// How far back events are asked for, minutes: 24 hours. RDS keeps 14 days; its own default is one hour.
const EVENT_MINUTES: u32 = 1440;
/// Events kept, the newest.
const EVENTS_KEPT: usize = 500;

/// `DescribeDBInstances`, all pages.
pub(super) async fn databases(aws: &Aws) -> Result<Vec<Database>, CallError> {
    let pages = aws.rds().read_pages("rds:DescribeDBInstances", &full_pages()).await?;
    Ok(list_all(&pages, "DBInstances").map(database).collect())
}

/// `DescribeDBClusters`, all pages.
pub(super) async fn clusters(aws: &Aws) -> Result<Vec<DbCluster>, CallError> {
    let pages = aws.rds().read_pages("rds:DescribeDBClusters", &full_pages()).await?;
    Ok(list_all(&pages, "DBClusters").map(cluster).collect())
}

fn full_pages() -> Parameters {
    vec![parameter("MaxRecords", &100)]
}

fn list_all<'a>(pages: &'a [Node], name: &'static str) -> impl Iterator<Item = &'a Node> {
    pages.iter().flat_map(move |page| page.list(name))
}

/// A cluster as the domain's type. Of pending values only the names are kept.
pub(super) fn cluster(from: &Node) -> DbCluster {
    const PENDING: [&str; 6] = [
        "DBClusterIdentifier",
        "EngineVersion",
        "BackupRetentionPeriod",
        "AllocatedStorage",
        "Iops",
        "MasterUserPassword",
    ];
    let members = from.list("DBClusterMembers").map(|member| DbMember {
        instance: member.text_at(&["DBInstanceIdentifier"]),
        writer: member.flag("IsClusterWriter"),
        promotion_tier: member.number("PromotionTier"),
    });
    DbCluster {
        id: from.text_at(&["DBClusterIdentifier"]),
        arn: from.text_at(&["DBClusterArn"]),
        status: from.text_at(&["Status"]),
        engine: from.text_at(&["Engine"]),
        version: from.text_at(&["EngineVersion"]),
        host: from.text("Endpoint"),
        reader_host: from.text("ReaderEndpoint"),
        port: from.number("Port").filter(|port| *port > 0),
        members: members.collect(),
        latest_restorable: from.time("LatestRestorableTime"),
        pending: pending_names(from, &PENDING),
        security_groups: security_groups(from),
        managed_secret: from.child("MasterUserSecret").and_then(|secret| secret.text("SecretArn")),
        deletion_protection: from.at(&["DeletionProtection"]).map(|told| told == "true"),
    }
}

/// `DescribeDBProxies`, and `DescribeDBProxyTargets` of each in the VPC. Without permission for the latter the proxies
/// stand alone.
pub(super) async fn proxies(aws: &Aws, vpc: &str) -> Result<Vec<DbProxy>, CallError> {
    let pages = aws.rds().read_pages("rds:DescribeDBProxies", &full_pages()).await?;
    let here = list_all(&pages, "DBProxies")
        .map(proxy)
        .filter(|proxy| proxy.vpc.as_deref().is_none_or(|its| its == vpc));
    let answers = call_each(here.collect(), 3, |proxy| {
        let aws = aws.clone();
        async move { with_targets(&aws, proxy).await }
    })
    .await;
    answers.into_iter().collect()
}

async fn with_targets(aws: &Aws, proxy: DbProxy) -> Result<DbProxy, CallError> {
    let mut parameters = full_pages();
    parameters.push(parameter("DBProxyName", &proxy.name));
    match aws.rds().read_pages("rds:DescribeDBProxyTargets", &parameters).await {
        Ok(pages) => {
            let targets = list_all(&pages, "Targets").map(proxy_target).collect();
            Ok(DbProxy { targets: Some(targets), ..proxy })
        }
        Err(error) if matches!(error.kind, ErrorKind::Denied | ErrorKind::NotFound) => Ok(proxy),
        Err(error) => Err(error),
    }
}

fn proxy(from: &Node) -> DbProxy {
    DbProxy {
        name: from.text_at(&["DBProxyName"]),
        status: from.text_at(&["Status"]),
        vpc: from.text("VpcId"),
        security_groups: from.list("VpcSecurityGroupIds").map(|group| group.text.clone()).collect(),
        host: from.text("Endpoint"),
        secrets: from.list("Auth").filter_map(|auth| auth.text("SecretArn")).collect(),
        targets: None,
    }
}

fn proxy_target(from: &Node) -> ProxyTarget {
    let health = from.child("TargetHealth");
    let said = |name: &str| health.and_then(|health| health.text(name));
    ProxyTarget {
        resource: from.text_at(&["RdsResourceId"]),
        cluster: from.text("TrackedClusterId"),
        state: said("State").unwrap_or_default(),
        reason: said("Reason"),
        description: said("Description"),
    }
}

fn security_groups(from: &Node) -> Vec<String> {
    from.list("VpcSecurityGroups").filter_map(|group| group.text("VpcSecurityGroupId")).collect()
}

/// Names of the settings that wait to be applied, as RDS writes them, without their values.
fn pending_names(from: &Node, known: &[&str]) -> Vec<String> {
    let Some(values) = from.child("PendingModifiedValues") else { return Vec::new() };
    let waits = |name: &&&str| values.child(name).is_some_and(|value| !value.is_empty());
    known.iter().filter(waits).map(|name| (*name).to_owned()).collect()
}

/// `DescribeEvents` of DB instances and clusters in the last day, newest last. One call for all kinds of
/// sources: those of snapshots, proxies and parameter groups are dropped here.
pub(super) async fn events(aws: &Aws) -> Result<Vec<DbEvent>, CallError> {
    let parameters = vec![parameter("Duration", &EVENT_MINUTES), parameter("MaxRecords", &100)];
    let pages = aws.rds().read_pages("rds:DescribeEvents", &parameters).await?;
    let mut events: Vec<DbEvent> = list_all(&pages, "Events").filter_map(event).collect();
    events.sort_by_key(|event| event.at);
    let surplus = events.len().saturating_sub(EVENTS_KEPT);
    events.drain(..surplus);
    Ok(events)
}

/// An event as the domain's type. One without a time cannot be placed and is dropped.
fn event(from: &Node) -> Option<DbEvent> {
    let of = match from.at(&["SourceType"])? {
        "db-instance" => DbEventSource::Instance,
        "db-cluster" => DbEventSource::Cluster,
        _ => return None,
    };
    Some(DbEvent {
        of,
        source: from.text_at(&["SourceIdentifier"]),
        at: from.time("Date")?,
        message: from.text_at(&["Message"]),
        categories: from.list("EventCategories").map(|category| category.text.clone()).collect(),
    })
}

/// `DescribePendingMaintenanceActions` of one DB instance or cluster.
pub(super) async fn maintenance(aws: &Aws, arn: &str) -> Result<Vec<Maintenance>, CallError> {
    let parameters = vec![parameter("ResourceIdentifier", arn), parameter("MaxRecords", &100)];
    let pages = aws.rds().read_pages("rds:DescribePendingMaintenanceActions", &parameters).await?;
    let resources = list_all(&pages, "PendingMaintenanceActions");
    Ok(resources
        .flat_map(|resource| resource.list("PendingMaintenanceActionDetails"))
        .map(pending_action)
        .collect())
}

fn pending_action(from: &Node) -> Maintenance {
    // RDS's own date where it gives one, else the earlier of the dates from which it may apply the action.
    let dates = ["AutoAppliedAfterDate", "ForcedApplyDate"];
    let earliest = dates.into_iter().filter_map(|name| from.time(name)).min();
    Maintenance {
        action: from.text_at(&["Action"]),
        description: from.text("Description"),
        applied_at: from.time("CurrentApplyDate").or(earliest),
    }
}

/// An instance as the domain's type. The pending master password is dropped here.
pub(super) fn database(from: &Node) -> Database {
    const PENDING: [&str; 23] = [
        "DBInstanceClass",
        "AllocatedStorage",
        "MasterUserPassword",
        "Port",
        "BackupRetentionPeriod",
        "MultiAZ",
        "EngineVersion",
        "LicenseModel",
        "Iops",
        "StorageThroughput",
        "DBInstanceIdentifier",
        "StorageType",
        "CACertificateIdentifier",
        "DBSubnetGroupName",
        "PendingCloudwatchLogsExports",
        "ProcessorFeatures",
        "AutomationMode",
        "ResumeFullAutomationModeTime",
        "MultiTenant",
        "IAMDatabaseAuthenticationEnabled",
        "DedicatedLogVolume",
        "Engine",
        "AdditionalStorageVolumes",
    ];
    let endpoint = from.child("Endpoint");
    let subnet_group = from.child("DBSubnetGroup");
    let subnets = subnet_group.into_iter().flat_map(|group| group.list("Subnets")).map(|subnet| {
        (subnet.text_at(&["SubnetIdentifier"]), subnet.text_at(&["SubnetAvailabilityZone", "Name"]))
    });
    let port =
        endpoint.and_then(|endpoint| endpoint.number("Port")).or_else(|| from.number("DbInstancePort"));
    Database {
        id: from.text_at(&["DBInstanceIdentifier"]),
        arn: from.text_at(&["DBInstanceArn"]),
        status: from.text_at(&["DBInstanceStatus"]),
        engine: from.text_at(&["Engine"]),
        version: from.text_at(&["EngineVersion"]),
        class: from.text_at(&["DBInstanceClass"]),
        host: endpoint.and_then(|endpoint| endpoint.text("Address")),
        port: port.filter(|port| *port > 0),
        multi_az: from.flag("MultiAZ"),
        zone: from.text("AvailabilityZone"),
        secondary_zone: from.text("SecondaryAvailabilityZone"),
        replica_of: from.text("ReadReplicaSourceDBInstanceIdentifier"),
        replicas: from.list("ReadReplicaDBInstanceIdentifiers").map(|replica| replica.text.clone()).collect(),
        cluster: from.text("DBClusterIdentifier"),
        writes: None,
        storage_gib: from.number("AllocatedStorage"),
        storage_type: from.text("StorageType"),
        encrypted: from.flag("StorageEncrypted"),
        public: from.flag("PubliclyAccessible"),
        deletion_protection: from.flag("DeletionProtection"),
        backup_days: from.number("BackupRetentionPeriod").unwrap_or(0),
        backup_window: from.text("PreferredBackupWindow"),
        latest_restorable: from.time("LatestRestorableTime"),
        pending: pending_names(from, &PENDING),
        security_groups: security_groups(from),
        subnets: subnets.collect(),
        vpc: subnet_group.and_then(|group| group.text("VpcId")),
        managed_secret: from
            .child("MasterUserSecret")
            .and_then(|secret| Some((secret.text("SecretArn")?, secret.text_at(&["SecretStatus"])))),
        replication: from
            .list("StatusInfos")
            .find(|info| info.at(&["StatusType"]) == Some("read replication"))
            .map(|info| Replication {
                normal: info.flag("Normal"),
                status: info.text_at(&["Status"]),
                message: info.text("Message"),
            }),
        progress: from.text("PercentProgress"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(pending: &str) -> Database {
        let xml =
            format!("<DBInstance><PendingModifiedValues>{pending}</PendingModifiedValues></DBInstance>");
        database(&Node::parse(&xml).expect("well-formed"))
    }

    #[test]
    fn a_pending_password_leaves_only_its_name() {
        let database = instance(
            "<MasterUserPassword>hunter2</MasterUserPassword><DBInstanceClass>db.t4g.large</DBInstanceClass>",
        );
        assert_eq!(database.pending, ["DBInstanceClass", "MasterUserPassword"]);
        assert!(!format!("{database:?}").contains("hunter2"));
    }

    #[test]
    fn empty_pending_values_are_nothing_pending() {
        let database = instance("<ProcessorFeatures/>");
        assert!(database.pending.is_empty());
        assert_eq!(database.role(), "writer");
    }
}
