//! RDS: snapshots of instances.
use chrono::{DateTime, TimeDelta, Utc};

use super::{Answer, filters, invalid, no_instance, paged, required, tags};
use crate::behaviour::rds_changes::create_db_snapshot;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::rds::{DbInstance, DbSnapshot};
use crate::world::{Tag, World};

/// A snapshot as the API shows it.
struct Shown<'w> {
    id: String,
    arn: String,
    automated: bool,
    instance: &'w DbInstance,
    /// When it was complete, or when that is expected.
    complete_at: DateTime<Utc>,
    started_at: DateTime<Utc>,
    tags: &'w [Tag],
}

/// The daily backups begin and end at these seconds of the day, as their events say.
const BACKUP: (i64, i64) = (17 * 3600 + 6 * 60 + 41, 17 * 3600 + 9 * 60 + 54);

/// The automated snapshots: one for each day that backups are kept. A cluster's members have none of their own.
fn automated(world: &World, now: DateTime<Utc>) -> Vec<Shown<'_>> {
    let mut found = Vec::new();
    for instance in world.rds.instances.iter().filter(|each| each.cluster.is_none()) {
        for day in (0..=i64::from(instance.backup_retention_days)).rev() {
            let midnight =
                (now.date_naive() - TimeDelta::days(day)).and_time(chrono::NaiveTime::MIN).and_utc();
            let started_at = midnight + TimeDelta::seconds(BACKUP.0);
            let old = now - started_at > TimeDelta::days(i64::from(instance.backup_retention_days));
            if started_at > now || old || started_at < instance.created_at {
                continue;
            }
            let id = format!("rds:{}-{}", instance.id, started_at.format("%Y-%m-%d-%H-%M"));
            found.push(Shown {
                arn: world.account.arn("rds", &format!("snapshot:{id}")),
                id,
                automated: true,
                instance,
                complete_at: midnight + TimeDelta::seconds(BACKUP.1),
                started_at,
                tags: &instance.tags,
            });
        }
    }
    found
}

fn manual<'w>(world: &'w World, each: &'w DbSnapshot) -> Option<Shown<'w>> {
    Some(Shown {
        id: each.id.clone(),
        arn: each.arn.clone(),
        automated: false,
        instance: world.rds.instance(&each.instance)?,
        complete_at: each.complete_at,
        started_at: each.started_at,
        tags: &each.tags,
    })
}

fn all(world: &World, now: DateTime<Utc>) -> Vec<Shown<'_>> {
    let mut found = automated(world, now);
    found.extend(world.rds.snapshots.iter().filter_map(|each| manual(world, each)));
    found
}

/// `DescribeDBSnapshots`.
pub(super) fn describe(world: &World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let known = ["db-instance-id", "db-snapshot-id", "dbi-resource-id", "snapshot-type", "engine"];
    let filters = filters(input, &known)?;
    let text = |member: &str| Ok::<_, ApiError>(input.text(member)?.filter(|text| !text.is_empty()));
    let (instance, id, kind) =
        (text("DBInstanceIdentifier")?, text("DBSnapshotIdentifier")?, text("SnapshotType")?);
    let kind_of = |each: &Shown<'_>| if each.automated { "automated" } else { "manual" };
    if let Some(kind) = kind
        && !["automated", "manual", "shared", "public", "awsbackup"].contains(&kind)
    {
        return Err(invalid(format!("Invalid snapshot type: {kind}")));
    }
    let mut found = all(world, now);
    found.retain(|each| {
        instance.is_none_or(|name| each.instance.id.eq_ignore_ascii_case(name) || each.instance.arn == name)
            && id.is_none_or(|id| each.id.eq_ignore_ascii_case(id) || each.arn == id)
            && kind.is_none_or(|kind| kind_of(each) == kind)
            && filters.iter().all(|(name, values)| {
                values.iter().any(|value| match *name {
                    "db-instance-id" => each.instance.id == *value || each.instance.arn == *value,
                    "db-snapshot-id" => each.id == *value || each.arn == *value,
                    "dbi-resource-id" => each.instance.resource_id == *value,
                    "snapshot-type" => kind_of(each) == *value,
                    _ => each.instance.engine == *value,
                })
            })
    });
    if let Some(id) = id.filter(|_| found.is_empty()) {
        return Err(
            ApiError::new("DBSnapshotNotFound", format!("DBSnapshot {id} not found.")).with_status(404)
        );
    }
    let (found, marker) = paged(input, "DBSnapshots", found, |each| each.id.clone())?;
    Ok(map! {
        "Marker": marker,
        "DBSnapshots/DBSnapshot": Node::list(found.iter().map(|each| render(each, now))),
    })
}

fn render(each: &Shown<'_>, now: DateTime<Utc>) -> Node {
    let of = each.instance;
    let done = now >= each.complete_at;
    let whole = (each.complete_at - each.started_at).num_seconds().max(1);
    let percent = ((now - each.started_at).num_seconds() * 100 / whole).clamp(0, 100);
    map! {
        "DBSnapshotIdentifier": &each.id,
        "DBInstanceIdentifier": &of.id,
        // It comes with the end.
        "SnapshotCreateTime": done.then_some(each.complete_at),
        "OriginalSnapshotCreateTime": done.then_some(each.complete_at),
        "Engine": of.engine,
        "EngineVersion": &of.engine_version,
        "AllocatedStorage": of.allocated_storage,
        "Status": if done { "available" } else { "creating" },
        "Port": of.port,
        "AvailabilityZone": &of.availability_zone,
        "InstanceCreateTime": of.created_at,
        "MasterUsername": &of.master_username,
        "LicenseModel": "postgresql-license",
        "SnapshotType": if each.automated { "automated" } else { "manual" },
        "Iops": (of.iops > 0).then_some(of.iops),
        "StorageThroughput": of.storage_throughput,
        "PercentProgress": if done { 100 } else { percent },
        "StorageType": of.storage_type,
        "Encrypted": of.storage_encrypted,
        "KmsKeyId": of.kms_key_id.as_ref(),
        "DBSnapshotArn": &each.arn,
        "IAMDatabaseAuthenticationEnabled": false,
        "DbiResourceId": &of.resource_id,
        "TagList/Tag": tags(each.tags),
        "SnapshotTarget": "region",
        "DedicatedLogVolume": false,
    }
}

/// A snapshot's name: letters, digits and single hyphens, a letter first, no hyphen last.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let plain = name.chars().all(|each| each.is_ascii_alphanumeric() || each == '-');
    let fits = plain
        && name.len() <= 255
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('-')
        && !name.contains("--");
    if fits {
        return Ok(());
    }
    Err(invalid(format!(
        "The parameter DBSnapshotIdentifier is not a valid identifier: {name}. Identifiers must begin with a letter; \
         must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two \
         consecutive hyphens."
    )))
}

/// `CreateDBSnapshot`.
pub(super) fn create(world: &mut World, input: Input<'_>) -> Answer {
    let id = required(input, "DBSnapshotIdentifier")?;
    let name = required(input, "DBInstanceIdentifier")?;
    check_name(id)?;
    let index = world.rds.instances.iter().position(|each| each.id.eq_ignore_ascii_case(name));
    let index = index.ok_or_else(|| no_instance(name))?;
    if world.rds.instances[index].cluster.is_some() {
        return Err(invalid(
            "A snapshot of a cluster's member is made of its cluster, with CreateDBClusterSnapshot.",
        ));
    }
    let mut own = Vec::new();
    for tag in input.list("Tags")? {
        own.push(Tag::new(required(tag, "Key")?, tag.text("Value")?.unwrap_or_default()));
    }
    let place = create_db_snapshot(world, index, id, own)?;
    let shown = manual(world, &world.rds.snapshots[place]).map(|each| render(&each, world.now));
    Ok(map! { "DBSnapshot": shown })
}
