//! The database view: roles and zones, backups, lag, and the events of RDS.
//!
//! ```text
//! at every width
//! +---------------------------+
//! | databases                 |   as many rows as databases, a third at most
//! +-------------+-------------+
//! | instance    | metrics     |   of the selected: 10 rows, 6 where there are fewer than 24
//! +-------------+-------------+
//! | RDS events                |   the rest
//! +---------------------------+
//! with fewer than 10 rows: the list alone
//! ```

use super::context::{Ctx, fact, faint, strong};
use super::detail::Details;
use super::widgets::list_panel::{Empty, ListPanel};
use super::widgets::panel::{self, Panel};
use super::widgets::table::Column;
use super::{format, levels, metric};
use partybox_core::app::{Pane, WatchedValue};
use partybox_core::diagnosis::{self, zone_letter};
use partybox_core::domain::{
    ClusterNode, Database, DatabaseChoice, FailoverStep, Level, MetricKind, Topic, database_level,
    database_status_means,
};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

const COLUMNS: &[Column] = &[
    Column::new("database", 16).grow(2),
    Column::new("role", 7),
    Column::new("status", 14).grow(1),
    Column::new("zones", 24),
    Column::new("class", 14).drop(3),
    Column::new("backups", 7).right().drop(4),
    Column::new("restorable", 10).right().drop(5),
    Column::new("cpu", 13).drop(1),
    Column::new("lag", 7).right().drop(2),
];

const EVENTS: &[Column] = &[
    Column::new("age", 4).right(),
    Column::new("", 1),
    Column::new("category", 14).drop(1),
    Column::new("what RDS says", 20).grow(1),
];

/// Draws the view.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    if area.height < super::LIST_ONLY {
        list_panel(buf, area, ctx);
        return;
    }
    let databases = format::cells(ctx.state.screen.rows.databases.len().max(1)) + 3;
    let list = databases.min(area.height / 3).max(4);
    let middle = if area.height >= 24 { 10 } else { 6 };
    let [list, middle, events] =
        Layout::vertical([Constraint::Length(list), Constraint::Length(middle), Constraint::Fill(1)])
            .areas(area);
    list_panel(buf, list, ctx);
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]).areas(middle);
    facts_panel(buf, left, ctx);
    metrics_panel(buf, right, ctx);
    events_panel(buf, events, ctx);
}

fn list_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.databases;
    let all = &ctx.state.account.party_box.databases;
    let (store, party_box) = (&ctx.state.account.store, &ctx.state.account.party_box);
    let none = if party_box.choice == DatabaseChoice::Absent {
        "none, as the settings say".to_owned()
    } else {
        diagnosis::find_no_database(store, party_box).unwrap_or_else(|| "no database".to_owned())
    };
    ListPanel {
        panel: Panel::new("databases").act(ctx, "F", "fail over").key("enter", "details"),
        columns: COLUMNS,
        pane: Pane::Main,
        topics: &[Topic::Databases],
        rows: list.len(),
        total: all.len(),
        empty: Empty::Nothing(&none),
        no_match: "no database matches: esc clears the filter",
    }
    .draw(buf, area, ctx, |i| all.get(list[i]).map_or_else(Vec::new, |db| row(ctx, db)));
}

fn row<'a>(ctx: &Ctx<'a>, db: &'a Database) -> Vec<Line<'a>> {
    let (level, word) = levels::database(db);
    let lag = match db.replica_of {
        Some(_) => {
            metric::newest(MetricKind::DbReplicaLag, ctx.series(MetricKind::DbReplicaLag, db.id.as_str()))
        }
        None => "-".into(),
    };
    vec![
        Line::from(db.id.as_str()),
        Line::from(db.role()),
        Line::from(ctx.bright(WatchedValue::DbStatus, &db.id, ctx.badge(level, word))),
        Line::from(zones(ctx, db)),
        Line::from(db.class.as_str()),
        Line::from(if db.backup_days > 0 { format!("{}d", db.backup_days) } else { "none".into() }),
        Line::from(ctx.age(db.latest_restorable)),
        metric::cell(MetricKind::DbCpu, ctx.series(MetricKind::DbCpu, db.id.as_str()), 5, 7),
        Line::from(lag),
    ]
}

/// The zones of a database; a writer without a standby is a risk.
pub(super) fn zones<'a>(ctx: &Ctx<'a>, db: &Database) -> Span<'a> {
    let text = levels::database_zones(db);
    let alone = db.replica_of.is_none() && db.cluster.is_none() && !db.multi_az;
    let span = if alone { ctx.badge(Level::Warn, &text) } else { Span::raw(text) };
    ctx.bright(WatchedValue::DbZones, &db.id, span)
}

fn facts_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let db = ctx.selected_database();
    let title = db.map_or("-", |d| d.id.as_str());
    let inner = Panel::new("instance").and(Span::raw(title)).draw(buf, area, ctx);
    let Some(db) = db else { return };
    panel::lines(buf, inner, facts(ctx, db));
    if ctx.fresh(&[Topic::Databases]).dims() {
        panel::dim(buf, inner);
    }
}

/// The facts of a database, the most important first.
fn facts<'a>(ctx: &Ctx<'a>, db: &'a Database) -> Vec<Line<'a>> {
    let (level, word) = levels::database(db);
    let yes = |ok: bool, good: &str, bad: &str| {
        if ok { ctx.badge(Level::Good, good) } else { ctx.badge(Level::Warn, bad) }
    };
    let mut lines = vec![
        Line::from(vec![ctx.badge(level, word), Span::raw("  "), zones(ctx, db)]),
        fact(
            "protection",
            vec![
                yes(db.encrypted, "encrypted", "not encrypted"),
                Span::raw("  "),
                yes(!db.public, "private", "public address"),
                Span::raw("  "),
                yes(db.deletion_protection, "deletion-protected", "deletable"),
            ],
        ),
        fact("backups", backups(ctx, db)),
        fact("engine", format!("{} {} on {}", db.engine, db.version, db.class)),
    ];
    if level != Level::Good {
        let done = db.progress.as_deref().map(|done| format!(", {done} % done")).unwrap_or_default();
        lines.insert(1, fact("status", format!("{}{done}", database_status_means(&db.status))));
    }
    if let Some(host) = &db.host {
        lines.push(fact("endpoint", format!("{host}:{}", db.port.unwrap_or(5432))));
    }
    if let Some(gib) = db.storage_gib {
        let kind = db.storage_type.as_deref().unwrap_or("");
        lines.push(fact("storage", format!("{gib} GiB {kind}")));
    }
    if let Some(node) = ctx.state.account.party_box.cluster(&db.id) {
        lines.splice(1..1, cluster(ctx, node));
    }
    if let Some(source) = &db.replica_of {
        lines.push(fact("replica of", source.as_str()));
    } else if !db.replicas.is_empty() {
        lines.push(fact("replicas", db.replicas.join(" ")));
    }
    if !db.pending.is_empty() {
        let text = format!("{} (applied in the maintenance window)", db.pending.join(", "));
        lines.push(fact("pending", ctx.tinted(Level::Warn, text)));
    }
    lines.extend(maintenance(ctx, db));
    if let Some(why) = ctx.state.account.party_box.belongings.get(&db.id) {
        lines.push(fact(
            "belongs",
            ctx.tinted(if why.is_assumed() { Level::Warn } else { Level::Idle }, why.reason()),
        ));
    }
    if let Some((arn, status)) = &db.managed_secret {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        lines.push(fact("secret", format!("{name} {status}")));
    }
    lines
}

/// The lines of the cluster that a database is a member of: its status, its members in the order of
/// promotion, its endpoints.
fn cluster<'a>(ctx: &Ctx<'a>, node: &'a ClusterNode) -> Vec<Line<'a>> {
    let cluster = &node.cluster;
    let level = cluster.level();
    let mut lines = vec![fact(
        "cluster",
        vec![
            Span::raw(format!("{}  ", cluster.id)),
            ctx.bright(WatchedValue::DbStatus, &cluster.id, ctx.badge(level, &cluster.status)),
            faint(format!("  {}", node.kind())),
        ],
    )];
    for member in &node.members {
        let zone = member.zone.as_deref().map_or("?", zone_letter);
        let role = if member.writer { "  writer" } else { "  reader" };
        let name = Span::raw(format!("{}  {zone}", member.id));
        let mut spans = vec![ctx.bright(WatchedValue::DbZones, &cluster.id, name)];
        if !member.writer
            && let Some(tier) = member.tier
        {
            spans.push(faint(format!("  promotion tier {tier}")));
        }
        if member.status != "available" && !member.status.is_empty() {
            spans.push(Span::raw("  "));
            spans.push(ctx.badge(database_level(&member.status), &member.status));
        }
        lines.push(fact(role, spans));
    }
    if let Some(host) = &cluster.host {
        lines.push(fact("  endpoint", host.as_str()));
    }
    if !cluster.pending.is_empty() {
        let text = cluster.pending.join(", ");
        lines.push(fact("  pending", ctx.tinted(Level::Warn, text)));
    }
    lines
}

/// The pending maintenance actions of a database, once they were read.
fn maintenance<'a>(ctx: &Ctx<'a>, db: &'a Database) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (_, arn) in ctx.state.account.party_box.rds_resources(&db.id) {
        for action in ctx.state.account.store.maintenance(arn).unwrap_or_default() {
            let when = action.applied_at.map_or_else(|| "no date yet".to_owned(), format::moment);
            let what = action.description.as_deref().unwrap_or(&action.action);
            let text = format!("{what}, {when}");
            lines.push(fact("maintenance", ctx.tinted(Level::Warn, text)));
        }
    }
    lines
}

/// All of a database: the facts, the metrics, the newest events.
pub(super) fn everything<'a>(ctx: &Ctx<'a>, db: &'a Database) -> Vec<Line<'a>> {
    let mut lines = facts(ctx, db);
    lines.extend([Line::default(), Line::from(strong("metrics"))]);
    lines.extend(kinds(db).into_iter().map(|kind| ctx.metric(kind, &db.id, 60)));
    lines.extend([Line::default(), Line::from(strong("its newest events"))]);
    for event in ctx.state.account.store.db_events().iter().rev().filter(|e| db.is_told_of(e)).take(8) {
        lines.push(Line::from(vec![
            faint(format!("{:>4} ", ctx.age(Some(event.at)))),
            ctx.glyph(event.level()),
            Span::raw(format!(" {}", event.message)),
        ]));
    }
    lines
}

/// The metrics that matter for a database, the most important first.
fn kinds(db: &Database) -> Vec<MetricKind> {
    let mut kinds = vec![MetricKind::DbCpu, MetricKind::DbConnections];
    if db.replica_of.is_some() {
        kinds.push(MetricKind::DbReplicaLag);
    }
    kinds.extend([
        MetricKind::DbFreeMemory,
        MetricKind::DbFreeStorage,
        MetricKind::DbReadLatency,
        MetricKind::DbWriteLatency,
    ]);
    kinds
}

fn backups(ctx: &Ctx<'_>, db: &Database) -> String {
    if db.backup_days == 0 {
        return "none: nothing to restore from".into();
    }
    let window = db.backup_window.as_deref().map_or(String::new(), |w| format!(", daily at {w} UTC"));
    format!("{} days{window}, restorable to {} ago", db.backup_days, ctx.age(db.latest_restorable))
}

fn metrics_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let fresh = ctx.fresh(&[Topic::Metrics]);
    let inner = Panel::new("metrics").fresh(&fresh).draw(buf, area, ctx);
    let Some(db) = ctx.selected_database() else { return };
    let failovers = ctx.state.account.store.db_events().iter().filter(|e| {
        db.is_told_of(e) && matches!(e.failover_step(), Some(FailoverStep::Begins | FailoverStep::Ends))
    });
    let cpu = ctx.series(MetricKind::DbCpu, db.id.as_str());
    let marks = metric::marks("▴ failover", cpu, inner.width, failovers.map(|e| e.at));
    let deploys = metric::marks("▴ deployment", cpu, inner.width, ctx.deployments());
    let lines = kinds(db).into_iter().map(|kind| ctx.metric(kind, &db.id, inner.width));
    panel::lines(buf, inner, lines.chain(marks).chain(deploys));
    if fresh.dims() {
        panel::dim(buf, inner);
    }
}

fn events_panel(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
    let list = &ctx.state.screen.rows.db_events;
    let events = ctx.state.account.store.db_events();
    let db = ctx.selected_database();
    let filtered = !ctx.state.screen.filter.text.is_empty();
    ListPanel {
        panel: Panel::new("RDS events").and(Span::raw(db.map_or("-", |d| d.id.as_str()))),
        columns: EVENTS,
        pane: Pane::Detail,
        topics: &[Topic::DbEvents],
        rows: list.len(),
        total: list.len(),
        empty: Empty::Nothing(if filtered {
            "no event matches: esc clears the filter"
        } else {
            "RDS reported nothing for this database in the last 24 hours"
        }),
        no_match: "no event matches: esc clears the filter",
    }
    .draw(buf, area, ctx, |i| {
        events.get(list[i]).map_or_else(Vec::new, |e| {
            let level = e.level();
            vec![
                Line::from(faint(ctx.age(Some(e.at)))),
                Line::from(ctx.glyph(level)),
                Line::from(faint(e.categories.join(" "))),
                Line::from(e.message.as_str()),
            ]
        })
    });
}

/// Details of the selected row of a pane.
pub(super) fn details<'a>(ctx: &Ctx<'a>, pane: Pane) -> Option<Details<'a>> {
    match pane {
        Pane::Main => ctx.selected_database().map(|db| (Span::raw(db.id.as_str()), everything(ctx, db))),
        Pane::Detail => event_details(ctx),
    }
}

fn event_details<'a>(ctx: &Ctx<'a>) -> Option<Details<'a>> {
    let list = &ctx.state.screen.rows.db_events;
    let event = ctx.state.account.store.db_events().get(*list.get(ctx.row(Pane::Detail, list.len())?)?)?;
    let lines = vec![
        fact("when", ctx.moment(event.at)),
        fact("database", event.source.as_str()),
        fact("categories", event.categories.join(", ")),
        Line::default(),
        Line::from(event.message.as_str()),
    ];
    Some((Span::raw("RDS event"), lines))
}
