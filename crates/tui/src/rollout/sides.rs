//! The old and the new side of a rollout: revision, tag and digest, tasks as a bar; and the bounds of the
//! task count.

use crate::context::{Ctx, faint, strong};
use crate::format;
use crate::widgets::bar;
use chrono::{DateTime, Utc};
use partybox_core::diagnosis::{Rollout, RolloutVerdict, Side};
use partybox_core::domain::{
    Deployment, ImageReference, Level, ServiceContainer, ServiceNode, TaskCounts, TaskSet,
};
use ratatui::text::{Line, Span};

/// Width from which one side has room for the whole name of its revision.
const ROOMY: u16 = 48;

/// One side as it is drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawn {
    role: &'static str,
    task_definition: String,
    tag: Option<String>,
    digest: Option<String>,
    counts: TaskCounts,
    /// Running, wanted, pending, in ECS's count; `None` once ECS lists it no more.
    told: Option<(u32, u32, u32)>,
    made: Option<DateTime<Utc>>,
}

/// Old first, new last: as the eye reads a change. One side where nothing is being changed.
pub(super) fn all(ctx: &Ctx<'_>, node: &ServiceNode, rollout: Option<&Rollout>) -> Vec<Drawn> {
    let settled = |r: &&Rollout| !matches!(r.verdict, Some(RolloutVerdict::Succeeded));
    if let Some(rollout) = rollout.filter(settled) {
        let own = rollout.deployment.as_deref();
        let from = rollout.from.as_ref().map(|side| {
            // A rollback may run the old revision under a new id.
            let of =
                |d: &&Deployment| d.task_definition == side.task_definition && Some(d.id.as_str()) != own;
            ("old", side, node.service().deployments.iter().find(of))
        });
        let new = node.service().deployments.iter().find(|d| Some(d.id.as_str()) == own);
        let to = ("new", &rollout.to, new);
        return from
            .into_iter()
            .chain([to])
            .map(|(role, side, listed)| {
                let set = || {
                    let sets = &node.service().task_sets;
                    let of = |set: &&TaskSet| {
                        if role == "new" {
                            Some(set.id.as_str()) == own
                        } else {
                            Some(set.id.as_str()) != own && set.task_definition == side.task_definition
                        }
                    };
                    sets.iter().find(of).map(|set| by_set(ctx, node, set, role))
                };
                let drawn = listed.map(|d| by_deployment(ctx, node, d, role)).or_else(set);
                let gone = drawn.is_none();
                let mut drawn = drawn.unwrap_or_default();
                drawn.role = role;
                by_side(&mut drawn, side);
                if gone && let Some(id) = own.filter(|_| role == "new") {
                    drawn.counts = node.by_deployment.get(id).cloned().unwrap_or_default();
                }
                drawn
            })
            .collect();
    }
    let service = node.service();
    let old =
        service.deployments.iter().filter(|d| d.status != "PRIMARY").max_by_key(|d| d.running + d.pending);
    let role = if old.is_some() { "new" } else { "now" };
    let new = service.primary().map(|d| by_deployment(ctx, node, d, role));
    let sides: Vec<Drawn> = old.map(|d| by_deployment(ctx, node, d, "old")).into_iter().chain(new).collect();
    if !sides.is_empty() {
        return sides;
    }
    match service.shift() {
        Some(shift) => {
            vec![by_set(ctx, node, shift.old, "old"), by_set(ctx, node, shift.new, "new")]
        }
        None => service.task_sets.iter().map(|set| by_set(ctx, node, set, "now")).collect(),
    }
}

/// Fills in what the rollout knows of a side: its revision names the image by its digest.
fn by_side(drawn: &mut Drawn, side: &Side) {
    if !side.task_definition.is_empty() {
        drawn.task_definition.clone_from(&side.task_definition);
    }
    drawn.tag = side.tag.clone().or(drawn.tag.take());
    drawn.digest = side.digest.clone().or(drawn.digest.take());
}

fn by_set(ctx: &Ctx<'_>, node: &ServiceNode, set: &TaskSet, role: &'static str) -> Drawn {
    let deployment = Deployment {
        id: set.id.clone(),
        task_definition: set.task_definition.clone(),
        desired: set.desired,
        running: set.running,
        pending: set.pending,
        created_at: set.created_at,
        ..Deployment::default()
    };
    by_deployment(ctx, node, &deployment, role)
}

fn by_deployment(ctx: &Ctx<'_>, node: &ServiceNode, deployment: &Deployment, role: &'static str) -> Drawn {
    let counts = node.by_deployment.get(&deployment.id).cloned().unwrap_or_default();
    let definition = ctx.state.account.store.task_definition(&deployment.task_definition);
    let named = || {
        let container = ServiceContainer::of(node.service(), definition);
        ImageReference::parse(&container.find(&definition?.containers, |c| &c.name)?.image).tag
    };
    Drawn {
        role,
        task_definition: deployment.task_definition.clone(),
        tag: counts.tag.clone().or_else(named),
        digest: counts.digest.clone(),
        told: Some((deployment.running, deployment.desired, deployment.pending)),
        made: deployment.created_at,
        counts,
    }
}

/// The lines of one side.
pub(super) fn lines<'a>(ctx: &Ctx<'a>, node: &ServiceNode, side: &Drawn, width: u16) -> Vec<Line<'a>> {
    let name = match side.task_definition.as_str() {
        "" => "a new revision",
        arn => format::revision(arn),
    };
    // The panel names the service: in little room the number tells old and new apart.
    let name = if width < ROOMY { name.rfind(':').map_or(name, |at| &name[at..]) } else { name };
    let mut title = vec![
        strong(format!("{:<4}", side.role)),
        Span::raw(name.to_owned()),
        faint("  tag "),
        Span::raw(side.tag.clone().unwrap_or_else(|| "-".to_owned())),
        faint(format!("  {}", side.digest.as_deref().map_or("no digest yet", format::digest))),
    ];
    if side.made.is_some() {
        title.push(faint(format!("  {}", ctx.age(side.made))));
    }
    let (running, desired, pending) = side.told.unwrap_or_default();
    let mut tasks = bar::tasks(ctx, &side.counts, desired, width.saturating_sub(26).min(40));
    if side.told.is_some() {
        let gap = if tasks.is_empty() { "" } else { "  " };
        tasks.push(Span::raw(format!("{gap}{running}/{desired} running")));
    } else {
        tasks.push(faint("ECS lists it no more"));
    }
    if pending > 0 {
        tasks.push(faint(format!("  {pending} pending")));
    }
    let words = if node.tasks_known {
        Line::from(bar::words(ctx, &side.counts))
    } else {
        Line::from(faint("tasks: reading…"))
    };
    vec![Line::from(title), Line::from(tasks), words]
}

/// Both sides on one scale: `■■│□✖│  keeps 2-4 tasks (100-200 %)`. The marks stand at the fewest healthy and
/// at the most tasks that a rolling deployment may have.
pub(super) fn bounds<'a>(
    ctx: &Ctx<'a>,
    node: &'a ServiceNode,
    rollout: Option<&Rollout>,
    width: u16,
) -> Option<Line<'a>> {
    let service = node.service();
    let strategy = rollout.map(|r| r.strategy.as_str()).filter(|s| !s.is_empty());
    let rolling = strategy.or(service.strategy.as_deref()).is_none_or(|s| s == "ROLLING");
    let (min, max) = service.min_healthy_percent.zip(service.max_percent)?;
    if !rolling || rollout.is_some_and(|r| !r.in_flight()) {
        return None;
    }
    // ECS rounds the lower bound up and the upper bound down.
    let least = (service.desired * min).div_ceil(100);
    let most = service.desired * max / 100;
    let counts = &node.counts;
    let stages = [
        (counts.healthy, "■", Level::Good),
        (counts.running, "▣", Level::Busy),
        (counts.pending, "□", Level::Busy),
        (counts.unhealthy, "✖", Level::Bad),
    ];
    let there: u32 = stages.iter().map(|(n, ..)| n).sum();
    let mut spans = vec![faint("both ")];
    if there.max(most) + 40 <= u32::from(width) {
        let mut cells = stages.iter().flat_map(|(n, glyph, level)| (0..*n).map(move |_| (*glyph, *level)));
        for place in 0..there.max(most) {
            let next = cells.next();
            spans.push(next.map_or_else(|| faint("·"), |(glyph, level)| ctx.tinted(level, glyph)));
            if place + 1 == least || place + 1 == most {
                spans.push(strong("│"));
            }
        }
        spans.push(Span::raw("  "));
    }
    let level = if node.targets_known && counts.healthy < least { Level::Warn } else { Level::Idle };
    spans.push(ctx.tinted(level, format!("{} healthy of at least {least}", counts.healthy)));
    spans.push(faint(format!(", {there} of at most {most} tasks ({min}-{max} %)")));
    Some(Line::from(spans))
}
