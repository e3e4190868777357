//! How a rollout goes or how it ended, what it waits for and when it should end.

use crate::context::{Ctx, faint};
use crate::{format, levels};
use partybox_core::app::WatchedValue;
use partybox_core::diagnosis::{
    Condition, Rollout, RolloutCondition, Wait, WaitKind, ended_level, format_span, rollout_condition,
    service_condition,
};
use partybox_core::domain::{Deployment, Level, ServiceNode, TrafficSteps};
use ratatui::text::{Line, Span};

/// The state in one badge.
pub(super) fn state(ctx: &Ctx<'_>, node: &ServiceNode, rollout: &Rollout) -> (Level, String) {
    if let Some(verdict) = &rollout.verdict {
        // It did, once: no such badge stands over a service of which nothing runs.
        if verdict.level() < Level::Warn && service_condition(node) == Condition::Down {
            return (Condition::Down.level(), format!("{} then, down now", verdict.word()));
        }
        let word = match rollout.open {
            Some(open) => format!("succeeded early: {}", open.words()),
            None => verdict.word().to_owned(),
        };
        return (verdict.level(), word);
    }
    let own = rollout.deployment.as_deref();
    let failed =
        node.service().deployments.iter().find(|d| Some(d.id.as_str()) == own).map_or(0, |d| d.failed);
    let condition = rollout_condition(node, Some(rollout), ctx.server);
    (condition.level(), describe_condition(condition, failed, &rollout.status))
}

/// The badge's words for how a rollout goes.
fn describe_condition(condition: RolloutCondition, failed: u32, status: &str) -> String {
    match condition {
        RolloutCondition::RollingBack => "rolling back".to_owned(),
        RolloutCondition::Failing if failed > 0 => format!("failing, {failed} in a row"),
        RolloutCondition::Failing => "failing".to_owned(),
        RolloutCondition::Paused => "awaiting your answer".to_owned(),
        RolloutCondition::UnknownStatus => status.to_owned(),
        RolloutCondition::HasFailed => "under way, with failures".to_owned(),
        RolloutCondition::UnderWay => "under way".to_owned(),
    }
}

/// The badge while no rollout is followed: by the service's own list of deployments, and never milder than the
/// finding about it.
fn describe_unfollowed(ctx: &Ctx<'_>, node: &ServiceNode, primary: &Deployment) -> (Level, String) {
    let service = node.service();
    let (level, word) = levels::deployment(primary);
    match ended_level(service, ctx.server) {
        Some(Level::Bad) => (Level::Bad, "failed".to_owned()),
        _ if service.is_rolling() => {
            let condition = rollout_condition(node, None, ctx.server);
            (condition.level(), describe_condition(condition, primary.failed, word))
        }
        Some(ended) => (level.max(ended), "rolled back".to_owned()),
        None => (level, word.to_owned()),
    }
}

/// The state of the task set that serves, where nothing takes its place.
fn by_set<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode) -> Vec<Line<'a>> {
    let service = node.service();
    let Some(set) = service.primary_set().or(service.newest_set()) else { return Vec::new() };
    let word = format!("{} {}", set.status, set.stability).to_lowercase().replace('_', " ");
    vec![Line::from(vec![
        ctx.badge(set.level(), word.trim()),
        faint(format!("  deployed by {}", service.deployed_by().name())),
    ])]
}

/// The answer: one line, or two where what it waits for does not fit the first.
pub(super) fn lines<'a>(
    ctx: &Ctx<'a>,
    node: &'a ServiceNode,
    rollout: Option<&'a Rollout>,
    width: u16,
) -> Vec<Line<'a>> {
    let name = &node.service().name;
    let Some(rollout) = rollout else {
        // Until rollouts are read: ECS's own word for the newest deployment.
        let Some(primary) = node.service().primary() else { return by_set(ctx, node) };
        let (level, word) = describe_unfollowed(ctx, node, primary);
        let badge = ctx.bright(WatchedValue::Rollout, name, ctx.badge(level, &word));
        return vec![Line::from(vec![badge, faint(format!("  for {}", ctx.age(primary.created_at)))])];
    };
    let (level, word) = state(ctx, node, rollout);
    let mut first = vec![ctx.bright(WatchedValue::Rollout, name, ctx.badge(level, &word))];
    let (took, ended) = match (rollout.in_flight(), rollout.finished_at) {
        (false, Some(end)) => (end - rollout.since(), Some(format!("{} ago", ctx.age(Some(end))))),
        _ => (ctx.server - rollout.since(), None),
    };
    first.push(faint(match ended {
        Some(ended) => format!("  after {}, {ended}", format_span(took)),
        None => format!("  for {}", format_span(took)),
    }));
    if let (true, Some(stage)) = (rollout.in_flight(), &rollout.stage) {
        first.push(Span::raw(format!("  {}", stage.to_lowercase().replace('_', " "))));
        if let Some(since) = rollout.stage_since {
            first.push(faint(format!(" {}", ctx.age(Some(since)))));
        }
    }
    let mut waits: Vec<Span<'a>> = Vec::new();
    for wait in &rollout.waits {
        if !waits.is_empty() {
            waits.push(faint(" · "));
        }
        waits.push(waiting(ctx, wait));
    }
    if let Some(eta) = rollout.eta_words(ctx.server) {
        if !waits.is_empty() {
            waits.push(faint(" · "));
        }
        waits.push(Span::raw(eta));
    }
    let wide = |spans: &[Span<'_>]| spans.iter().map(|s| format::cells(s.width())).sum::<u16>();
    if waits.is_empty() {
        vec![Line::from(first)]
    } else if wide(&first) + 2 + wide(&waits) <= width {
        first.push(Span::raw("  "));
        first.extend(waits);
        vec![Line::from(first)]
    } else {
        vec![Line::from(first), Line::from(waits)]
    }
}

fn waiting<'a>(ctx: &Ctx<'a>, wait: &Wait) -> Span<'a> {
    let words = wait.words(ctx.server);
    let late = wait.left(ctx.server).is_some_and(|left| left.is_zero());
    match wait.kind {
        WaitKind::Placement => ctx.badge(Level::Bad, &words),
        WaitKind::Hook | WaitKind::Protected => ctx.badge(Level::Warn, &words),
        _ if late => ctx.tinted(Level::Warn, words),
        _ => Span::raw(words),
    }
}

/// Circuit breaker, alarms, bake time, autoscaling; what makes the verdict weaker.
pub(super) fn facts<'a>(ctx: &Ctx<'a>, node: &'a ServiceNode, rollout: &'a Rollout) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut facts: Vec<Vec<Span<'a>>> = Vec::new();
    if let Some(breaker) = rollout.breaker.as_ref().filter(|b| b.threshold > 0 && b.status != "DISABLED") {
        let level = match (breaker.status.as_str(), breaker.failures) {
            ("TRIGGERED", _) => Level::Bad,
            (_, 0) => Level::Idle,
            _ => Level::Warn,
        };
        let count = format!("{} of {} failures", breaker.failures, breaker.threshold);
        let word = breaker.status.to_lowercase().replace('_', " ");
        let resets = breaker.reset_words().filter(|_| rollout.in_flight());
        let resets = resets.map(|words| format!(", {words}")).unwrap_or_default();
        facts.push(vec![faint("breaker "), ctx.tinted(level, count), faint(format!(" {word}{resets}"))]);
    }
    if let Some(alarms) = &rollout.alarms {
        facts.push(if alarms.triggered.is_empty() {
            let word = alarms.status.to_lowercase().replace('_', " ");
            vec![faint("alarms "), Span::raw(alarms.names.join(", ")), faint(format!(" {word}"))]
        } else {
            vec![ctx.badge(Level::Bad, &format!("alarm {}", alarms.triggered.join(", ")))]
        });
    }
    for hook in rollout.hooks.iter().filter(|_| rollout.in_flight()) {
        let level = if hook.status.as_deref() == Some("FAILED") { Level::Bad } else { Level::Busy };
        let waits = rollout.hook.as_ref().is_some_and(|waiting| waiting.id == hook.id);
        facts.extend(hook.words().filter(|_| !waits).map(|words| vec![ctx.tinted(level, words)]));
    }
    if let Some(early) = rollout.early.as_ref().filter(|_| rollout.in_flight()) {
        let percent = early.healthy_percent.map_or_else(|| "?".to_owned(), |percent| percent.to_string());
        facts.push(vec![faint("succeeds at "), Span::raw(format!("{percent} % healthy"))]);
        if early.cleanup.as_deref() == Some("DEFERRED") {
            facts.push(vec![faint("old tasks go afterwards")]);
        }
    }
    if let (Some(steps), true) = (rollout.steps, rollout.in_flight()) {
        let part = TrafficSteps::percent(steps.permille);
        let (word, text) = match rollout.strategy.as_str() {
            "CANARY" => ("canary ", format!("{part} for {}m", steps.minutes)),
            _ => ("shifts ", format!("{part} every {}m", steps.minutes)),
        };
        facts.push(vec![faint(word), Span::raw(text)]);
    }
    if let Some(share) = rollout.traffic.filter(|_| rollout.in_flight() && rollout.strategy != "ROLLING") {
        facts.push(vec![faint("traffic "), Span::raw(format!("{} new", TrafficSteps::percent(share)))]);
    }
    if rollout.bake_minutes > 0 && rollout.in_flight() {
        facts.push(vec![faint("bakes "), Span::raw(format!("{}m", rollout.bake_minutes))]);
    }
    if node.scaling.is_some() && rollout.in_flight() {
        facts.push(vec![faint("scales "), crate::services::scaling(node)]);
    }
    if !facts.is_empty() {
        lines.push(Line::from(facts.join(&faint("  "))));
    }
    if let Some((task, digest)) = &rollout.other_image {
        let text = format!("task {} runs another image: {}", format::short_id(task), format::digest(digest));
        lines.push(Line::from(ctx.badge(Level::Warn, &text)));
    }
    if rollout.weak {
        let text = "a weaker verdict: this endpoint tells deployments[] alone, no service deployments";
        lines.push(Line::from(ctx.badge(Level::Warn, text)));
    }
    lines
}
