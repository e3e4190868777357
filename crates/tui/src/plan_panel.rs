//! The panel of a plan, beside what it is about: what would change, what was checked, what would be sent;
//! then the question.

use super::context::{Ctx, faint, strong, wide_fact};
use super::footer;
use super::theme::Theme;
use super::widgets::panel::Panel;
use super::{format, services};
use partybox_core::app::{Fold, PlanPanel, Step, TextInput};
use partybox_core::domain::{FieldChange, Level};
use partybox_core::operation::{Check, CheckResult, Confirm, Draft, Plan};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

/// Cells of the labels of a service's figures, as wide as `desired tasks` needs.
const LABELS: usize = 14;

/// Most rows that a plan is drawn with.
const MOST_ROWS: u16 = 400;

/// Draws the panel; gives the place of the caret while something is to be typed.
pub(super) fn draw(buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>, panel: &PlanPanel) -> Option<Position> {
    let title = match &panel.plan {
        Ok(plan) => plan.title.clone(),
        Err(_) => panel.draft.title(),
    };
    let inner =
        Panel::new("plan").and(Span::raw(title)).focused(true).key("esc", "cancel").draw(buf, area, ctx);
    if inner.is_empty() {
        return None;
    }
    let (question, input) = question(ctx, panel);
    let rows = 1.max(u16::try_from(question.len()).unwrap_or(u16::MAX)).min(inner.height);
    let body = Rect { height: inner.height.saturating_sub(rows + 1), ..inner };
    let foot = Rect { y: inner.bottom() - rows, height: rows, ..inner };
    let lines = match &panel.plan {
        Ok(plan) => plan_lines(ctx, plan, false),
        Err(why) => undecided(ctx, panel).unwrap_or_else(|| vec![Line::from(ctx.badge(Level::Warn, why))]),
    };
    let mut all = PlanRows::of(lines.clone(), body.width);
    if all.count > body.height {
        // Without what only sets apart it may still be shown as a whole.
        all = PlanRows::of(lines.into_iter().filter(|line| line.width() > 0).collect(), body.width);
    }
    let hidden = match &panel.plan {
        Ok(plan) if all.count > body.height && panel.fold == Fold::Brief => {
            let mut lines = plan_lines(ctx, plan, true);
            lines.retain(|line| line.width() > 0);
            let brief = PlanRows::of(lines, body.width);
            brief.show(buf, body, 0);
            Some(match brief.count.saturating_sub(body.height) {
                0 => "↓ pgdn shows every check".to_owned(),
                below => format!("↓ {} below: pgdn", row_words(below)),
            })
        }
        _ => {
            let from = match panel.fold {
                Fold::Brief => 0,
                Fold::From(row) => row,
            };
            let above = from.min(all.count.saturating_sub(body.height));
            all.show(buf, body, above);
            match (above, all.count.saturating_sub(body.height + above)) {
                (0, 0) => None,
                (0, below) => Some(format!("↓ {} below: pgdn", row_words(below))),
                (above, 0) => Some(format!("↑ {} above: pgup", row_words(above))),
                (above, below) => {
                    Some(format!("↑ {} above: pgup   ↓ {} below: pgdn", row_words(above), row_words(below)))
                }
            }
        }
    };
    if let Some(hidden) = hidden.filter(|_| foot.y > inner.y) {
        buf.set_line(foot.x, foot.y - 1, &Line::from(faint(hidden)), foot.width);
    }
    Paragraph::new(question).render(foot, buf);
    input.map(|(lead, input)| {
        let last = Rect { y: foot.bottom() - 1, height: 1, ..foot };
        footer::caret(last.x + lead, last, input)
    })
}

/// The lines of a plan without its number yet, or with a number that holds already: what could be chosen.
fn undecided<'a>(ctx: &Ctx<'a>, panel: &PlanPanel) -> Option<Vec<Line<'a>>> {
    let Step::Editing { input, .. } = &panel.step else { return None };
    match &panel.draft {
        Draft::Scale { service, .. } => undecided_scale(ctx, service, input),
        Draft::Range { service, range } => undecided_range(ctx, service, input, range.suspended),
        _ => None,
    }
}

fn undecided_range<'a>(
    ctx: &Ctx<'a>,
    service: &str,
    range: &TextInput,
    suspended: bool,
) -> Option<Vec<Line<'a>>> {
    let node = ctx.state.account.party_box.service(service)?;
    let scaling = node.scaling.as_ref()?;
    let same = range.text == format!("{}-{}", scaling.min, scaling.max) && suspended == scaling.suspended;
    if !same && !range.text.is_empty() {
        return None;
    }
    let now = format!("{}-{}", scaling.min, scaling.max);
    let state = if scaling.suspended { "suspended" } else { "active" };
    Some(vec![
        Line::from(vec![Span::raw("range  "), Span::raw(now), strong(" → ?")]),
        Line::default(),
        wide_fact(LABELS, "tasks wanted", node.service().desired.to_string()),
        wide_fact(LABELS, "autoscaling", vec![services::scaling(node), faint(format!("  {state}"))]),
        Line::default(),
        Line::from(faint("type the range, e.g. 2-10; p suspends or resumes scaling")),
    ])
}

fn undecided_scale<'a>(ctx: &Ctx<'a>, service: &str, to: &TextInput) -> Option<Vec<Line<'a>>> {
    let node = ctx.state.account.party_box.service(service)?;
    let now = node.service();
    if !to.text.is_empty() && to.text.parse() != Ok(now.desired) {
        return None;
    }
    let mut lines = vec![
        Line::from(vec![Span::raw("desired tasks  "), Span::raw(now.desired.to_string()), strong(" → ?")]),
        Line::default(),
        wide_fact(LABELS, "running", services::running(ctx, node)),
        wide_fact(LABELS, "autoscaling", services::scaling(node)),
    ];
    let rolling = "a rollout is in flight: scaling now changes its task count";
    lines.extend(now.is_rolling().then(|| Line::from(ctx.badge(Level::Warn, rolling))));
    lines.extend([Line::default(), Line::from(faint("type how many, or + and -"))]);
    Some(lines)
}

fn row_words(count: u16) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// Lines wrapped to a width. They are drawn once into a buffer of their own, as only that tells how many rows
/// they need.
struct PlanRows {
    drawn: Buffer,
    count: u16,
}

impl PlanRows {
    fn of(lines: Vec<Line<'_>>, width: u16) -> Self {
        let lines: Vec<Line<'_>> = lines.into_iter().map(format::breakable).collect();
        let cells: usize =
            lines.iter().map(|line| line.width().div_ceil(usize::from(width.max(1))).max(1)).sum();
        // A word that does not fit leaves less than a row empty, so twice as many rows are enough.
        let height = u16::try_from(2 * cells).unwrap_or(MOST_ROWS).min(MOST_ROWS);
        let mut drawn = Buffer::empty(Rect::new(0, 0, width, height));
        Paragraph::new(lines).wrap(Wrap { trim: false }).render(drawn.area, &mut drawn);
        let cells = usize::from(width.max(1));
        let last = drawn.content.chunks(cells).rposition(|row| row.iter().any(|cell| cell.symbol() != " "));
        Self { count: format::cells(last.map_or(0, |row| row + 1)), drawn }
    }

    /// Draws as many of them as there is room for, from this row on.
    fn show(&self, buf: &mut Buffer, area: Rect, from: u16) {
        for (y, row) in (from..self.count).enumerate().take(usize::from(area.height)) {
            for x in 0..area.width.min(self.drawn.area.width) {
                buf[(area.x + x, area.y + format::cells(y))] = self.drawn[(x, row)].clone();
            }
        }
    }
}

/// Everything of a plan; `brief`: the checks that pass in one line.
fn plan_lines<'a>(ctx: &Ctx<'a>, plan: &'a Plan, brief: bool) -> Vec<Line<'a>> {
    let label = |text: &str| faint(format!("{text:<9} "));
    let mut lines = vec![
        Line::from(vec![
            label("account"),
            strong(plan.account.as_str()),
            faint("  in "),
            strong(plan.region.as_str()),
        ]),
        Line::from(vec![label("resource"), Span::raw(plan.resource.as_str())]),
        Line::default(),
    ];
    for FieldChange { field, before, after } in &plan.changes {
        lines.push(Line::from(vec![
            Span::raw(format!("{field}  ")),
            Span::raw(before.as_str()),
            strong(format!(" → {after}")),
        ]));
    }
    lines.push(Line::default());
    // The worst first: they must not be what is cut off.
    let mut checks: Vec<&Check> = plan.checks.iter().collect();
    checks.sort_by_key(|c| std::cmp::Reverse(c.outcome));
    let passes = checks.iter().filter(|c| c.outcome == CheckResult::Pass).count();
    let fold = brief && passes > 1;
    for check in checks.into_iter().filter(|c| !fold || c.outcome != CheckResult::Pass) {
        let word = check.outcome.word();
        lines.push(Line::from(vec![
            ctx.tinted(check.outcome.level(), format!("{} {word:<5} ", Theme::glyph(check.outcome.level()))),
            Span::raw(check.text.as_str()),
        ]));
    }
    if fold {
        let good = ctx
            .tinted(Level::Good, format!("{} {:<5} ", Theme::glyph(Level::Good), CheckResult::Pass.word()));
        lines.push(Line::from(vec![good, Span::raw(format!("{passes} checks are fine"))]));
    }
    lines.push(Line::default());
    lines.push(Line::from(vec![label("sends"), Span::raw(plan.request.as_str())]));
    if !plan.consequences.is_empty() {
        lines.push(Line::default());
        lines.extend(
            plan.consequences.iter().map(|text| Line::from(vec![faint("→ "), Span::raw(text.as_str())])),
        );
    }
    lines
}

/// What is typed of a draft, in the last line, with the columns before it.
fn editing<'a>(draft: &Draft, input: &'a TextInput) -> (Vec<Line<'a>>, Option<(u16, &'a TextInput)>) {
    let text = Span::raw(input.text.as_str());
    if let Draft::Range { range, .. } = draft {
        let state = if range.suspended { "suspended" } else { "active" };
        let scaling = Line::from(vec![strong("p "), faint("scaling: "), Span::raw(state)]);
        let line = Line::from(vec![strong("range min-max: "), text]);
        return (vec![scaling, line], Some((15, input)));
    }
    (vec![Line::from(vec![strong("tasks wanted: "), text])], Some((14, input)))
}

/// The question, and the input in its last line with the columns before it.
fn question<'a>(ctx: &Ctx<'a>, panel: &'a PlanPanel) -> (Vec<Line<'a>>, Option<(u16, &'a TextInput)>) {
    if let Step::Editing { input, .. } = &panel.step {
        return editing(&panel.draft, input);
    }
    let plan = match &panel.plan {
        Ok(plan) if !plan.blocked() => plan,
        Ok(_) => {
            return (vec![Line::from(ctx.badge(Level::Bad, "a check forbids it: nothing is sent"))], None);
        }
        Err(_) => return (vec![Line::from(faint("esc closes"))], None),
    };
    let Step::Confirming { typed } = &panel.step else {
        let line = vec![
            ctx.tinted(Level::Warn, "it changed while it was open:  "),
            strong("enter"),
            faint(" goes on   "),
            strong("esc"),
            faint(" closes"),
        ];
        return (vec![Line::from(line)], None);
    };
    match &plan.confirm {
        Confirm::Yes => {
            let line =
                vec![strong("send it once?  "), strong("y"), faint(" yes   "), strong("esc"), faint(" no")];
            (vec![Line::from(line)], None)
        }
        Confirm::Type(name) => {
            let matches = typed.text == *name;
            let asks = if matches {
                Line::from(vec![
                    strong("enter"),
                    faint(" sends it once, "),
                    strong("esc"),
                    faint(" does not"),
                ])
            } else {
                Line::from(vec![faint("to confirm, type "), strong(name.as_str())])
            };
            let answer = Line::from(vec![strong("> "), Span::raw(typed.text.as_str())]);
            (vec![asks, answer], Some((2, typed)))
        }
    }
}
