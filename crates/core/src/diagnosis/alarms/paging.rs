//! What nobody would be told of: the troubles of a Party Box on which no alarm with an enabled action looks.

use super::Concern;
use crate::diagnosis::{Finding, Subject};
use crate::domain::{Alarm, Level, PartyBox, Store};

/// A trouble that somebody should be told of.
struct Trouble {
    /// Its name in the finding.
    name: &'static str,
    /// The metrics that show it.
    metrics: &'static [&'static str],
    /// Whether this Party Box can have it.
    applies: fn(&PartyBox) -> bool,
}

/// The troubles, in the order in which users feel them. The names are those of CloudWatch.
const TROUBLES: [Trouble; 7] = [
    Trouble {
        name: "5xx answers",
        metrics: &[
            "HTTPCode_Target_5XX_Count",
            "HTTPCode_ELB_5XX_Count",
            "HTTPCode_ELB_500_Count",
            "HTTPCode_ELB_502_Count",
            "HTTPCode_ELB_503_Count",
            "HTTPCode_ELB_504_Count",
        ],
        applies: has_application_balancer,
    },
    Trouble {
        name: "unhealthy targets",
        metrics: &[
            "UnHealthyHostCount",
            "HealthyHostCount",
            "UnhealthyRoutingRequestCount",
            "UnhealthyStateRouting",
            "HealthyStateRouting",
            "RunningTaskCount",
        ],
        applies: |party_box| !party_box.groups.is_empty(),
    },
    Trouble { name: "latency", metrics: &["TargetResponseTime"], applies: has_application_balancer },
    Trouble {
        name: "CPU of the services",
        metrics: &["CPUUtilization", "CpuUtilized", "TaskCpuUtilization", "ServiceCpuUtilization"],
        applies: |party_box| !party_box.services.is_empty(),
    },
    Trouble {
        name: "database connections",
        metrics: &["DatabaseConnections", "DatabaseConnectionsCurrentlyBorrowed", "ConnectionAttempts"],
        applies: |party_box| !party_box.databases.is_empty(),
    },
    Trouble {
        name: "free storage",
        metrics: &["FreeStorageSpace", "FreeLocalStorage"],
        applies: |party_box| party_box.databases.iter().any(|db| db.cluster.is_none()),
    },
    Trouble {
        name: "replica lag",
        metrics: &["ReplicaLag", "AuroraReplicaLag", "AuroraReplicaLagMaximum", "OldestReplicationSlotLag"],
        applies: |party_box| party_box.databases.iter().any(|db| db.replica_of.is_some()),
    },
];

fn has_application_balancer(party_box: &PartyBox) -> bool {
    party_box.balancers.iter().any(|b| b.arn.contains("loadbalancer/app/"))
}

/// The finding that names the troubles of which nobody would be told. The database's CPU is no service's.
pub(super) fn examine(judged: &[(&Alarm, Concern)], store: &Store, party_box: &PartyBox) -> Option<Finding> {
    store.services()?;
    let telling = |alarm: &Alarm| {
        alarm.tells() || judged.iter().any(|(parent, _)| parent.tells() && parent.names(alarm))
    };
    let ours: Vec<&Alarm> = judged
        .iter()
        .filter(|(alarm, concern)| {
            matches!(concern, Concern::Ours(_) | Concern::Beside(_) | Concern::Whole(_)) && telling(alarm)
        })
        .map(|(alarm, _)| *alarm)
        .collect();
    let covered = |trouble: &Trouble| {
        ours.iter().any(|alarm| {
            let metric = |m: &crate::domain::AlarmMetric| {
                trouble.metrics.contains(&m.name.as_str())
                    && (m.name != "CPUUtilization" || m.namespace != "AWS/RDS")
            };
            let query = |text: &String| trouble.metrics.iter().any(|name| text.contains(name));
            alarm.metrics.iter().any(metric) || alarm.expressions.iter().any(query)
        })
    };
    let missing: Vec<&str> = TROUBLES
        .iter()
        .filter(|trouble| (trouble.applies)(party_box) && !covered(trouble))
        .map(|trouble| trouble.name)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let text = format!(
        "Nobody would be paged for {}: no alarm about this box with an enabled action looks at it",
        missing.join(", ")
    );
    Some(
        Finding::new(Level::Idle, Subject::Whole, text)
            .advise("other tools may watch it; CloudWatch's alarms do not"),
    )
}
