//! The images view: the digests that run, and what the scan of each found.
//!
//! ```text
//! at every width
//! +---------------------------+
//! | running images            |   as many rows as images, a third at most
//! +---------------------------+
//! | repository                |   of the selected: 6 rows, 4 where there are fewer than 18
//! +---------------------------+
//! | vulnerabilities           |   the rest
//! +---------------------------+
//! with fewer than 10 rows: the list alone
//! ```

use super::context::{Ctx, fact, faint};
use super::detail::Details;
use super::widgets::list_panel::{Empty, ListPanel};
use super::widgets::panel::{self, Panel};
use super::widgets::table::Column;
use super::{format, levels};
use partybox_core::app::Pane;
use partybox_core::diagnosis::scan_advice;
use partybox_core::domain::{Image, ImageNode, Level, Repository, Scan, ScanTrigger, Topic, severity_level};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

const COLUMNS: &[Column] = &[
    Column::new("repository", 18).grow(2),
    Column::new("tag", 9).grow(1),
    Column::new("digest", 8).drop(2),
    Column::new("scan", 19),
    Column::new("crit", 4).right(),
    Column::new("high", 4).right(),
    Column::new("med", 4).right(),
    Column::new("low", 4).right(),
    Column::new("scanned", 7).right().drop(3),
    Column::new("pushed", 6).right().drop(4),
    Column::new("runs in", 14).grow(1).drop(1),
];

const VULNERABILITIES: &[Column] = &[
    Column::new("severity", 15),
    Column::new("name", 18),
    Column::new("package", 20).grow(1),
    Column::new("read on", 20).grow(2).drop(1),
];

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    if area.height < super::LIST_ONLY {
        list_panel(buf, area, ctx);
        return;
    }
    let images = format::cells(ctx.state.screen.rows.images.len().max(1)) + 3;
    let list = images.min(area.height / 3).max(4);
    let repository = if area.height >= 18 { 6 } else { 4 };
    let [list, repository, rest] =
        Layout::vertical([Constraint::Length(list), Constraint::Length(repository), Constraint::Fill(1)])
            .areas(area);
    list_panel(buf, list, ctx);
    repository_panel(buf, repository, ctx);
    vulnerabilities_panel(buf, rest, ctx);
}

/// The selected image.
fn selected<'a>(ctx: &Ctx<'a>) -> Option<&'a ImageNode> {
    let list = &ctx.state.screen.rows.images;
    ctx.state.account.party_box.images.get(*list.get(ctx.row(Pane::Main, list.len())?)?)
}

fn topics(ctx: &Ctx<'_>) -> Vec<Topic> {
    let mut topics = vec![Topic::Services];
    let asked = ctx.state.account.party_box.images.iter().filter(|i| i.is_asked());
    topics.extend(asked.take(20).map(|i| Topic::Image(i.id.clone())));
    topics
}

fn list_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.images;
    let all = &ctx.state.account.party_box.images;
    ListPanel {
        panel: Panel::new("running images").key("enter", "details"),
        columns: COLUMNS,
        pane: Pane::Main,
        topics: &topics(ctx),
        rows: list.len(),
        total: all.len(),
        empty: Empty::Nothing("no running task has an image"),
        no_match: "no image matches: esc clears the filter",
    }
    .draw(buf, area, ctx, |i| all.get(list[i]).map_or_else(Vec::new, |image| row(ctx, image)));
}

fn row<'a>(ctx: &Ctx<'a>, node: &'a ImageNode) -> Vec<Line<'a>> {
    let image = ctx.state.account.store.image(&node.id);
    let (level, word) = levels::image(node);
    let [critical, high, medium, low] = severities(ctx, node.scan.as_ref());
    vec![
        Line::from(node.place()),
        Line::from(node.tag.as_deref().unwrap_or("-")),
        Line::from(digest(node)),
        Line::from(ctx.badge(level, &word)),
        Line::from(critical),
        Line::from(high),
        Line::from(medium),
        Line::from(low),
        Line::from(match &node.scan {
            Some(Scan::Done { at, .. }) => ctx.age(*at),
            _ => "-".into(),
        }),
        Line::from(ctx.age(image.and_then(|i| i.pushed_at))),
        Line::from(used_by(node)),
    ]
}

/// The services that run an image: `backend x2`.
fn used_by(node: &ImageNode) -> String {
    node.used_by.iter().map(|(name, n)| format!("{name} x{n}")).collect::<Vec<_>>().join(", ")
}

/// The digest that runs; ECS tells none of some registries' images.
fn digest(node: &ImageNode) -> &str {
    if node.id.digest.is_empty() { "-" } else { format::digest(&node.id.digest) }
}

/// Findings by severity; what is not known is `-`, never 0.
pub(super) fn severities<'a>(ctx: &Ctx<'a>, scan: Option<&Scan>) -> [Span<'a>; 4] {
    ["CRITICAL", "HIGH", "MEDIUM", "LOW"].map(|severity| match scan.and_then(|scan| scan.counted(severity)) {
        None => faint("-"),
        Some(0) => faint("0"),
        // A count of little importance is plain text, not faint: it is a number, not a label.
        Some(n) => match severity_level(severity) {
            Level::Idle => Span::raw(n.to_string()),
            level => ctx.tinted(level, n.to_string()),
        },
    })
}

fn repository_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let fresh = ctx.fresh(&[Topic::Repositories]);
    let node = selected(ctx);
    let title = node.map_or_else(|| "-".to_owned(), ImageNode::place);
    let inner = Panel::new("repository").and(Span::raw(title)).fresh(&fresh).draw(buf, area, ctx);
    let Some(node) = node else { return };
    let lines = if let Some(Scan::NotAsked(why)) = &node.scan {
        let registry = if node.ecr.is_some() { "registry" } else { "another registry" };
        let host = vec![faint(format!("{registry} ")), Span::raw(node.host.as_str())];
        vec![
            Line::from(host),
            Line::from(faint(format!("not looked up: {why}; no scan of it is known here"))),
        ]
    } else if let Some(repository) = repository_of(ctx, node) {
        facts(ctx, repository, ctx.state.account.store.image(&node.id))
    } else {
        let (level, text) = fresh.placeholder("ECR does not know this repository");
        vec![Line::from(ctx.tinted(level, text))]
    };
    panel::lines(buf, inner, lines);
    if fresh.dims() {
        panel::dim(buf, inner);
    }
}

/// The repository of an image, when it was read.
fn repository_of<'a>(ctx: &Ctx<'a>, node: &ImageNode) -> Option<&'a Repository> {
    ctx.state.account.store.repositories().iter().find(|r| r.is_of(&node.id))
}

/// The facts of a repository.
fn facts<'a>(ctx: &Ctx<'a>, repository: &'a Repository, image: Option<&'a Image>) -> Vec<Line<'a>> {
    let yes = |ok: bool, good: &str, bad: &str| {
        if ok { ctx.badge(Level::Good, good) } else { ctx.badge(Level::Warn, bad) }
    };
    let trigger = repository.scan_trigger();
    let scanning = match trigger {
        ScanTrigger::Continuous | ScanTrigger::Push => Level::Good,
        ScanTrigger::Manual => Level::Warn,
        ScanTrigger::Unknown => Level::Unknown,
    };
    let tags = repository.mutability_words();
    let mut first = vec![
        ctx.badge(scanning, trigger.words()),
        Span::raw("  "),
        yes(repository.is_immutable(), &tags, &tags),
        Span::raw("  "),
        yes(repository.encryption.is_some(), "encrypted", "encryption unknown"),
    ];
    if let Some(kind) = &repository.encryption {
        first.push(faint(format!(" {kind}")));
    }
    let mut lines = vec![Line::from(first)];
    if let Some(image) = image {
        let mut spans = vec![faint("image "), Span::raw(format!("pushed {} ago", ctx.age(image.pushed_at)))];
        if let Some(size) = image.size_bytes {
            spans.push(Span::raw(format!(", {} compressed", format::bytes(size_of(size)))));
        }
        if !image.tags.is_empty() {
            spans.push(faint("  tags now "));
            spans.push(Span::raw(image.tags.join(" ")));
        }
        if let Some(why) = image.pull_block() {
            spans.extend([Span::raw("  "), ctx.badge(Level::Bad, why.words())]);
        }
        lines.push(Line::from(spans));
    }
    if let Some(image) = image.filter(|image| !image.index.is_empty()) {
        let platforms: Vec<&str> = image.index.iter().map(|i| i.platform.as_str()).collect();
        lines.push(Line::from(vec![faint("index of "), Span::raw(platforms.join(" "))]));
    }
    if repository.lifecycle.is_empty() {
        lines.push(Line::from(vec![
            faint("lifecycle "),
            ctx.badge(Level::Warn, "no policy: old images are kept for ever"),
        ]));
    }
    for rule in &repository.lifecycle {
        lines.push(Line::from(vec![faint("lifecycle "), Span::raw(rule.as_str())]));
    }
    lines
}

#[expect(clippy::cast_precision_loss, reason = "a size shown with three digits")]
pub(super) fn size_of(bytes: u64) -> f64 {
    bytes as f64
}

fn vulnerabilities_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.vulnerabilities;
    let node = selected(ctx);
    let scan = node.and_then(|n| n.scan.as_ref());
    let findings = match scan {
        Some(Scan::Done { findings, .. }) => findings.as_slice(),
        _ => &[],
    };
    ListPanel {
        panel: Panel::new("vulnerabilities").and(faint("worst first")),
        columns: VULNERABILITIES,
        pane: Pane::Detail,
        topics: &node.map(|n| Topic::Image(n.id.clone())).into_iter().collect::<Vec<_>>(),
        rows: list.len(),
        total: findings.len(),
        empty: match scan {
            Some(Scan::Never) => {
                let advice = node.and_then(|node| scan_advice(&ctx.state.account.store, node));
                let advice = advice.map(|advice| format!(": {advice}")).unwrap_or_default();
                Empty::Known(Level::Unknown, format!("never scanned, which is not the same as clean{advice}"))
            }
            Some(Scan::Unreadable(why)) => {
                Empty::Known(Level::Unknown, format!("the scan cannot be read: {why}"))
            }
            Some(scan) if !scan.is_complete() => {
                Empty::Known(scan.level(), format!("it {}", scan.open_sentence().unwrap_or_default()))
            }
            _ if node.is_none() => Empty::Nothing("select an image to see what its scan found"),
            _ => Empty::Nothing("the scan found nothing"),
        },
        no_match: "no vulnerability matches: esc clears the filter",
    }
    .draw(buf, area, ctx, |i| {
        findings.get(list[i]).map_or_else(Vec::new, |f| {
            let level = severity_level(&f.severity);
            vec![
                Line::from(ctx.badge(level, &f.severity.to_lowercase())),
                Line::from(f.name.as_str()),
                Line::from(f.package.as_deref().unwrap_or("-")),
                Line::from(faint(f.uri.as_deref().unwrap_or(""))),
            ]
        })
    });
}

/// Details of the selected row of a pane.
pub(super) fn details<'a>(ctx: &Ctx<'a>, pane: Pane) -> Option<Details<'a>> {
    let node = selected(ctx)?;
    match pane {
        Pane::Main => Some((Span::raw(node.place()), image_details(ctx, node))),
        Pane::Detail => vulnerability_details(ctx, node),
    }
}

fn image_details<'a>(ctx: &Ctx<'a>, node: &'a ImageNode) -> Vec<Line<'a>> {
    let (level, word) = levels::scan(node.scan.as_ref());
    let containers: Vec<&str> = node.containers.iter().map(String::as_str).collect();
    let digest = if node.id.digest.is_empty() { "not told" } else { node.id.digest.as_str() };
    let mut lines = vec![
        fact("scan", ctx.badge(level, &word)),
        fact("digest", digest),
        fact("registry", node.host.as_str()),
        fact("runs in", used_by(node)),
        fact("container", containers.join(", ")),
    ];
    if let Some(why) = node.pull_block {
        lines.push(fact("pull", ctx.badge(Level::Bad, why.words())));
    }
    if let Some(why) = node.scan.as_ref().and_then(Scan::open_sentence) {
        lines.push(fact("open", format!("it {why}")));
    }
    if let Some(Scan::Done { counts, at, status, .. }) = &node.scan {
        let text = counts.iter().map(|(k, n)| format!("{n} {}", k.to_lowercase())).collect::<Vec<_>>();
        lines.push(fact(
            "found",
            match text.is_empty() {
                true if node.scan.as_ref().is_some_and(Scan::is_complete) => "nothing".to_owned(),
                true => "-".to_owned(),
                false => text.join(", "),
            },
        ));
        lines.push(fact("status", status.as_str()));
        if let Some(at) = at {
            lines.push(fact("scanned", ctx.moment(*at)));
        }
    }
    if let Some(repository) = repository_of(ctx, node) {
        lines.push(Line::default());
        lines.extend(facts(ctx, repository, ctx.state.account.store.image(&node.id)));
    }
    lines
}

fn vulnerability_details<'a>(ctx: &Ctx<'a>, node: &'a ImageNode) -> Option<Details<'a>> {
    let list = &ctx.state.screen.rows.vulnerabilities;
    let Some(Scan::Done { findings, .. }) = &node.scan else { return None };
    let finding = findings.get(*list.get(ctx.row(Pane::Detail, list.len())?)?)?;
    let level = severity_level(&finding.severity);
    let lines = vec![
        Line::from(ctx.badge(level, &finding.severity.to_lowercase())),
        fact("name", finding.name.as_str()),
        fact("package", finding.package.as_deref().unwrap_or("-")),
        fact("in image", format!("{} {}", node.place(), node.tag.as_deref().unwrap_or("-"))),
        fact("runs in", used_by(node)),
        fact("read on", finding.uri.as_deref().unwrap_or("-")),
    ];
    Some((Span::raw(finding.name.as_str()), lines))
}
