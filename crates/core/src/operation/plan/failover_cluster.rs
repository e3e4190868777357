//! The plan of a failover of a DB cluster: a reader becomes the writer.

use super::failover::last_measured;
use super::{PlanContext, account, age, block, common, pass, preflight, warn};
use crate::diagnosis::zone_letter;
use crate::domain::{ClusterNode, FieldChange, MemberNode, Topic};
use crate::operation::{Action, Check, Confirm, Plan};

/// Makes the plan to fail a cluster over. Of several readers the request names the one that would be
/// promoted, so that the plan shows what is sent.
pub(super) fn failover(ctx: PlanContext<'_>, node: &ClusterNode) -> Result<Plan, String> {
    let id = &node.cluster.id;
    let writer = node.writer().ok_or_else(|| format!("no member of {id} writes: RDS is electing one"))?;
    let candidate = node.candidate();
    let to = candidate.filter(|_| node.readers().count() > 1).map(|m| m.id.clone());
    let target = to.as_ref().map(|to| format!(" TargetDBInstanceIdentifier={to}")).unwrap_or_default();
    let mut checks = common(ctx, &Topic::DbClusters, "rds:FailoverDBCluster");
    checks.extend(cluster_checks(ctx, node, writer));
    let after = candidate.map_or_else(|| "none".to_owned(), placed);
    let readers = |without: &str, with: &MemberNode| {
        let others = node.readers().filter(|m| m.id != without).map(placed);
        std::iter::once(placed(with)).chain(others).collect::<Vec<_>>().join(", ")
    };
    let mut changes = vec![FieldChange::new("writer", placed(writer), after)];
    if let Some(candidate) = candidate {
        changes.push(FieldChange::new(
            "readers",
            node.readers().map(placed).collect::<Vec<_>>().join(", "),
            readers(&candidate.id, writer),
        ));
    }
    Ok(Plan {
        title: format!("Fail over {id}"),
        account: account(ctx),
        region: ctx.region.to_owned(),
        resource: node.cluster.arn.clone(),
        changes,
        request: format!("rds:FailoverDBCluster DBClusterIdentifier={id}{target}"),
        consequences: [
            format!("no member writes for usually {}; requests that write fail", node.usual()),
            "connections to both members break; the cluster's endpoint follows the writer".into(),
            "it cannot be called back once sent".into(),
        ]
        .into_iter()
        .chain(last_measured(ctx, id))
        .collect(),
        checks,
        confirm: Confirm::Type(id.clone()),
        action: Action::FailoverCluster { cluster: id.clone(), writer: writer.id.clone(), to },
    })
}

/// `db-1 (1a)`.
fn placed(member: &MemberNode) -> String {
    format!("{} ({})", member.id, member.zone.as_deref().map_or("zone unknown", zone_letter))
}

fn cluster_checks(ctx: PlanContext<'_>, node: &ClusterNode, writer: &MemberNode) -> Vec<Check> {
    let id = &node.cluster.id;
    let mut checks = vec![preflight::probed(ctx, id)];
    checks.push(candidate(ctx, node, writer));
    checks.push(preflight::status(ctx, &node.cluster.status, &Topic::DbClusters));
    let busy: Vec<String> = node
        .members
        .iter()
        .filter(|m| m.status != "available")
        .map(|m| format!("{} is {}", m.id, if m.status.is_empty() { "not read" } else { &m.status }))
        .collect();
    let read = age(ctx, &Topic::Databases);
    checks.push(if busy.is_empty() {
        pass(format!("all {} members are available{read}", node.members.len()))
    } else {
        warn(format!("{}{read}", busy.join(", ")))
    });
    checks.push(preflight::pending(ctx, &node.cluster.pending, &Topic::DbClusters));
    checks.push(preflight::maintenance(ctx, id));
    checks.push(preflight::restorable(ctx, node.cluster.latest_restorable));
    checks.push(preflight::recent(ctx, id));
    checks.extend(preflight::surroundings(ctx));
    checks
}

/// Who takes over.
fn candidate(ctx: PlanContext<'_>, node: &ClusterNode, writer: &MemberNode) -> Check {
    let age = age(ctx, &Topic::DbClusters);
    let Some(next) = node.candidate() else {
        return block(format!("the cluster has no reader that could become its writer{age}"));
    };
    let tier = next.tier.map(|t| format!(", promotion tier {t}")).unwrap_or_default();
    if next.status != "available" {
        warn(format!("the reader {} is {}: RDS may take another{age}", placed(next), next.status))
    } else if next.zone.is_some() && next.zone == writer.zone {
        warn(format!("the reader {} is in the writer's own zone{tier}{age}", placed(next)))
    } else {
        pass(format!("the reader {} takes over{tier}{age}", placed(next)))
    }
}
