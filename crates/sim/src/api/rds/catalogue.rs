//! RDS: parameter groups, engine versions and log files.
use chrono::{DateTime, TimeDelta, Timelike as _, Utc};

use super::{Answer, filters, no_instance, paged, required};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::rds::DbStatus;
use crate::world::rng::noise;

/// The major version of an engine's version.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// `DescribeDBParameterGroups`: the groups that the instances have.
pub(super) fn parameter_groups(world: &World, input: Input<'_>) -> Answer {
    filters(input, &[])?;
    let mut found: Vec<(&String, String)> = world
        .rds
        .instances
        .iter()
        .map(|each| (&each.parameter_group, format!("{}{}", each.engine, major(&each.engine_version))))
        .collect();
    found.sort();
    found.dedup_by(|a, b| a.0 == b.0);
    if let Some(name) = input.text("DBParameterGroupName")?.filter(|name| !name.is_empty()) {
        found.retain(|(own, _)| own.eq_ignore_ascii_case(name));
        if found.is_empty() {
            let message = format!("DBParameterGroup not found: {name}");
            return Err(ApiError::new("DBParameterGroupNotFound", message).with_status(404));
        }
    }
    let (found, marker) = paged(input, "DBParameterGroups", found, |(name, _)| (*name).clone())?;
    let groups = found.into_iter().map(|(name, family)| {
        map! {
            "DBParameterGroupName": name,
            "DBParameterGroupFamily": &family,
            "Description": format!("Parameters of the {family} databases"),
            "DBParameterGroupArn": world.account.arn("rds", &format!("pg:{name}")),
        }
    });
    Ok(map! { "Marker": marker, "DBParameterGroups/DBParameterGroup": Node::list(groups) })
}

/// Some engine versions that RDS offers, oldest first, and the default one.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html>
const VERSIONS: [&str; 8] = ["14.17", "15.12", "16.4", "16.8", "16.10", "17.4", "17.6", "18.1"];
const DEFAULT: &str = "17.6";

/// `DescribeDBEngineVersions`.
pub(super) fn engine_versions(input: Input<'_>) -> Answer {
    filters(input, &["db-parameter-group-family", "engine", "engine-mode", "engine-version", "status"])?;
    let text = |member: &str| Ok::<_, ApiError>(input.text(member)?.filter(|text| !text.is_empty()));
    let (engine, version) = (text("Engine")?, text("EngineVersion")?);
    let family = text("DBParameterGroupFamily")?;
    let default_only = input.flag("DefaultOnly")?.unwrap_or(false);
    let mut found = Vec::new();
    for own in ["aurora-postgresql", "postgres"] {
        if engine.is_some_and(|engine| engine != own) {
            continue;
        }
        for (place, each) in VERSIONS.into_iter().enumerate() {
            let fits = version.is_none_or(|version| version == each || version == major(each))
                && family.is_none_or(|family| family == format!("{own}{}", major(each)))
                && (!default_only || each == DEFAULT);
            if fits {
                found.push((own, place));
            }
        }
    }
    let (found, marker) = paged(input, "DBEngineVersions", found, |(own, place)| format!("{own} {place}"))?;
    let versions = found.into_iter().map(|(own, place)| {
        let version = VERSIONS[place];
        let targets = VERSIONS[place + 1..].iter().map(|to| {
            map! {
                "Engine": own,
                "EngineVersion": *to,
                "Description": format!("PostgreSQL {to}-R1"),
                "AutoUpgrade": false,
                "IsMajorVersionUpgrade": major(to) != major(version),
            }
        });
        map! {
            "Engine": own,
            "EngineVersion": version,
            "DBParameterGroupFamily": format!("{own}{}", major(version)),
            "DBEngineDescription": "PostgreSQL",
            "DBEngineVersionDescription": format!("PostgreSQL {version}-R1"),
            "ValidUpgradeTarget/UpgradeTarget": Node::list(targets),
            "ExportableLogTypes": Node::list(["postgresql", "upgrade"]),
            "SupportsLogExportsToCloudwatchLogs": true,
            "SupportsReadReplica": true,
            "SupportedFeatureNames": Node::list(["s3Import", "s3Export"]),
            "Status": "available",
        }
    });
    Ok(map! { "Marker": marker, "DBEngineVersions/DBEngineVersion": Node::list(versions) })
}

/// Hours for which log files are kept: `rds.log_retention_period` is three days unless it is set.
const LOGS_KEPT: i64 = 72;

/// `DescribeDBLogFiles`: a file for each hour.
pub(super) fn log_files(world: &World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    filters(input, &[])?;
    let id = required(input, "DBInstanceIdentifier")?;
    let instance = world.rds.instance(id).ok_or_else(|| no_instance(id))?;
    let contains = input.text("FilenameContains")?;
    let (since, size) = (input.int("FileLastWritten")?, input.int("FileSize")?);
    let hour = now - TimeDelta::seconds(i64::from(now.minute() * 60 + now.second()));
    let up = |from: DateTime<Utc>| instance.status != DbStatus::Stopped || instance.is_up(from);
    let mut found = vec![("error/postgres.log".to_owned(), hour - TimeDelta::days(20), 1_642)];
    for back in (0..LOGS_KEPT).rev() {
        let from = hour - TimeDelta::hours(back);
        let name = format!("error/postgresql.log.{}", from.format("%Y-%m-%d-%H"));
        let written = (from + TimeDelta::minutes(59) + TimeDelta::seconds(57)).min(now);
        // A quiet hour writes its checkpoints: a dozen lines.
        let noise = noise(world.seed, 97, from.timestamp()).abs().min(1.0);
        let lines = (0..1000).take_while(|line| f64::from(*line) < noise * 1000.0).count();
        let share = (written - from).num_seconds().max(1);
        let bytes = (2400 + i64::try_from(lines).unwrap_or_default()) * share / 3600;
        if from >= instance.created_at && up(from) {
            found.push((name, written, bytes));
        }
    }
    found.retain(|(name, written, bytes)| {
        contains.is_none_or(|part| name.contains(part))
            && since.is_none_or(|since| written.timestamp_millis() >= since)
            && size.is_none_or(|size| *bytes > size)
    });
    let (found, marker) = paged(input, "DBLogFiles", found, |(name, ..)| name.clone())?;
    let files = found.into_iter().map(|(name, written, bytes)| {
        map! { "LogFileName": name, "LastWritten": written.timestamp_millis(), "Size": bytes }
    });
    Ok(map! { "Marker": marker, "DescribeDBLogFiles/DescribeDBLogFilesDetails": Node::list(files) })
}
