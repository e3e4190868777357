//! Databases: CPU, connections, storage and the lag of replicas.

use super::lasting;
use crate::diagnosis::{Finding, Subject, format_span};
use crate::domain::{Database, Latest, Level, MetricKind, Store};
use chrono::{DateTime, Utc};

/// A CPU that has nothing left, percent.
const CPU: f64 = 90.0;
/// Minutes in a row: a vacuum or a backup takes fewer.
const MINUTES: u32 = 5;
/// The part of the connections' ceiling from which new ones may soon be refused.
const NEAR: f64 = 0.85;
/// The part of the storage that should stay free. RDS's own event warns at 10 %.
const FREE: f64 = 0.10;
/// PostgreSQL's figure saw-tooths up to 5 minutes when the source is idle, seconds.
const LAG: f64 = 300.0;

const GIB: f64 = 1_073_741_824.0;

pub(super) fn examine(store: &Store, db: &Database, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let id = &db.id;
    let of = |kind| store.timed(kind, id, now);
    let warn = |text: String| Finding::new(Level::Warn, Subject::Database(id.clone()), text);
    let cpu = of(MetricKind::DbCpu);
    if let Some(run) = cpu.run(|value| value >= CPU).filter(|run| run.minutes >= MINUTES) {
        let text = format!("{id} is overloaded: CPU at {:.0} % {}", run.value, lasting(&cpu, &run));
        findings.push(warn(text).advise("4 shows its metrics"));
    }
    let connections = of(MetricKind::DbConnections);
    if let Some(ceiling) = default_connections(db)
        && let Some(run) = connections.run(|value| value >= ceiling * NEAR).filter(|run| run.minutes >= 2)
    {
        let text = format!(
            "{id} has {:.0} connections {}; the default for {} is at most about {ceiling:.0}",
            run.value,
            lasting(&connections, &run),
            db.class
        );
        findings.push(warn(text).advise("more may be refused; 4 shows its metrics"));
    }
    let storage = of(MetricKind::DbFreeStorage);
    if let (Some((at, free)), Some(all)) = (storage.fresh(), db.storage_gib.filter(|gib| *gib > 0))
        && free < f64::from(all) * GIB * FREE
    {
        let text = format!(
            "{id} has {:.1} GiB of {all} GiB storage left (as of {} ago): it stops when there is none",
            free / GIB,
            format_span(storage.age(at))
        );
        findings.push(warn(text));
    }
    if db.replica_of.is_some() {
        let lag = of(MetricKind::DbReplicaLag);
        if let Some((at, value)) = lag.fresh() {
            if value > LAG {
                let age = format_span(lag.age(at));
                findings.push(warn(format!("{id} lags {value:.0}s behind its source (as of {age} ago)")));
            }
        } else if let Latest::Value(at, _) = lag.latest() {
            findings.push(warn(format!(
                "How far {id} is behind its source is not known: CloudWatch has no lag since {} ago",
                format_span(lag.age(at))
            )));
        }
    }
}

/// The connections that a class of this size takes by default, from the formulas of RDS's parameter groups:
/// `LEAST({DBInstanceClassMemory/9531392}, 5000)` for PostgreSQL, `{DBInstanceClassMemory/12582880}` for `MySQL` and
/// `MariaDB`. The memory that RDS reckons with is a little less than the class has. `None` for a class or an engine
/// that is not known here; a parameter group may say otherwise.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html>
fn default_connections(db: &Database) -> Option<f64> {
    let memory = class_memory(&db.class)? * GIB;
    match db.engine.as_str() {
        "postgres" | "aurora-postgresql" => Some((memory / 9_531_392.0).min(5000.0)),
        "mysql" | "mariadb" => Some((memory / 12_582_880.0).min(16_000.0)),
        _ => None,
    }
}

/// The memory of a DB instance class, GiB: `db.t4g.medium` has 4. Families have 2 (c), 4 (m) or 8 (r) GiB a vCPU,
/// of which `large` has two.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html>
fn class_memory(class: &str) -> Option<f64> {
    let mut parts = class.strip_prefix("db.")?.split('.');
    let (family, size) = (parts.next()?, parts.next()?);
    let small = match size {
        "micro" => Some(1.0),
        "small" => Some(2.0),
        "medium" => Some(4.0),
        _ => None,
    };
    if family.starts_with('t') && small.is_some() {
        return small;
    }
    let per_vcpu = match family.chars().next()? {
        't' | 'm' => 4.0,
        'r' => 8.0,
        'c' => 2.0,
        _ => return None,
    };
    let vcpus = match size {
        "medium" => 1.0,
        "large" => 2.0,
        "xlarge" => 4.0,
        other => other.strip_suffix("xlarge")?.parse::<f64>().ok()? * 4.0,
    };
    Some(per_vcpu * vcpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_classes_is_as_listed() {
        let table = [
            ("db.t4g.micro", Some(1.0)),
            ("db.t3.medium", Some(4.0)),
            ("db.t4g.large", Some(8.0)),
            ("db.m6g.2xlarge", Some(32.0)),
            ("db.r6g.large", Some(16.0)),
            ("db.r7g.16xlarge", Some(512.0)),
            ("db.serverless", None),
            ("db.z1d.large", None),
            ("", None),
        ];
        for (class, memory) in table {
            assert_eq!(class_memory(class), memory, "{class}");
        }
    }
}
