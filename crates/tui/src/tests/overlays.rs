//! Plans, details, help and the filter: beside what they are about, with the caret where text is typed.

use super::fixture::{REGION, now, rolling, viewing, with_overlay, with_pane};
use super::{Theme, frame, panels, shot, text};
use partybox_core::app::{Cursor, Fold, Overlay, Pane, PlanPanel, State, Step, TextInput, View};
use partybox_core::domain::FieldChange;
use partybox_core::operation::{Action, Check, CheckResult, Confirm, Draft, Plan};
use ratatui::Terminal;
use ratatui::backend::{Backend, TestBackend};

fn plan(action: Action, title: &str, confirm: Confirm, checks: Vec<Check>) -> Plan {
    Plan {
        action,
        title: title.into(),
        account: "123456789012".into(),
        region: REGION.into(),
        resource: "arn:aws:ecs:ap-northeast-1:123456789012:service/party-box/backend".into(),
        changes: vec![FieldChange::new("desired count", "2", "4")],
        request: "ecs:UpdateService cluster=party-box service=backend desiredCount=4".into(),
        consequences: vec!["two tasks start and register with the load balancer".into()],
        checks,
        confirm,
    }
}

fn check(outcome: CheckResult, text: &str) -> Check {
    Check { outcome, text: text.into() }
}

fn editing(text: &str) -> Step {
    Step::Editing { input: TextInput::new(text), touched: true }
}

fn confirming(typed: &str) -> Step {
    Step::Confirming { typed: TextInput::new(typed) }
}

fn scaling(asking: bool, outcome: CheckResult) -> State {
    let action = Action::Scale { cluster: "party-box".into(), service: "backend".into(), from: 2, to: 4 };
    let checks = vec![
        check(CheckResult::Pass, "4 lies within the autoscaling range 2-10"),
        check(outcome, "a deployment is under way: new tasks get its revision"),
    ];
    let mut state = viewing(View::Services);
    state.screen.overlay = Overlay::Plan(Box::new(PlanPanel {
        draft: Draft::Scale { service: "backend".into(), to: 4 },
        plan: Ok(plan(action, "Scale backend", Confirm::Yes, checks)),
        step: if asking { confirming("") } else { editing("4") },
        fold: Fold::Brief,
    }));
    state
}

fn failing_over(typed: &str) -> State {
    let action = Action::Failover { database: "party-box-db".into(), zone: Some("ap-northeast-1a".into()) };
    let checks = vec![check(CheckResult::Pass, "standby in 1c, status available")];
    let mut state = viewing(View::Database);
    state.screen.overlay = Overlay::Plan(Box::new(PlanPanel {
        draft: Draft::Failover { database: "party-box-db".into() },
        plan: Ok(Plan {
            resource: "party-box-db".into(),
            changes: vec![FieldChange::new("writer zone", "1a", "1c")],
            request: "rds:RebootDBInstance DBInstanceIdentifier=party-box-db ForceFailover=true".into(),
            consequences: vec!["connections are cut; writes fail for one to two minutes".into()],
            ..plan(action, "Fail party-box-db over", Confirm::Type("party-box-db".into()), checks)
        }),
        step: confirming(typed),
        fold: Fold::Brief,
    }));
    state
}

#[test]
fn a_plan_that_changed_while_it_was_open_asks_for_enter_first() {
    let mut state = failing_over("");
    let Overlay::Plan(panel) = &mut state.screen.overlay else { panic!("a plan is open") };
    panel.step = Step::Changed;
    let shown = shot(&state, (120, 40));
    assert!(shown.contains("it changed while it was open:  enter goes on"), "{shown}");
    assert!(!shown.contains("to confirm") && !shown.contains("send once"), "{shown}");
}

/// Where the caret is after a frame, if it is shown.
fn caret(state: &State, size: (u16, u16)) -> (u16, u16) {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a test backend");
    terminal.draw(|f| super::draw(f, state, now(), &Theme::default())).expect("drawing into memory");
    let position = terminal.backend_mut().get_cursor_position().expect("a position");
    (position.x, position.y)
}

#[test]
fn plans_stand_beside_the_view() {
    insta::assert_snapshot!(
        "plan_scale_120x40",
        panels(&scaling(true, CheckResult::Warn), (120, 40), &["plan"])
    );
    insta::assert_snapshot!(
        "plan_scale_80x24",
        panels(&scaling(false, CheckResult::Warn), (80, 24), &["plan"])
    );
    insta::assert_snapshot!("plan_failover_120x40", panels(&failing_over("party"), (120, 40), &["plan"]));
    let shown = shot(&scaling(true, CheckResult::Warn), (120, 40));
    assert!(shown.contains("services  2"), "the list is still there");
}

#[test]
fn a_scale_without_another_number_shows_what_can_be_chosen() {
    let mut state = scaling(false, CheckResult::Pass);
    let Overlay::Plan(panel) = &mut state.screen.overlay else { panic!("a plan is open") };
    panel.step = editing("2");
    panel.plan = Err("backend already wants 2 tasks".into());
    let shown = shot(&state, (120, 40));
    for wanted in ["desired tasks  2 → ?", "2-10 at 70%", "type how many, or + and -"] {
        assert!(shown.contains(wanted), "{wanted} is missing:\n{shown}");
    }
    assert!(!shown.contains("already wants") && !shown.contains("enter go on"), "{shown}");
    insta::assert_snapshot!("plan_scale_open_80x24", panels(&state, (80, 24), &["plan"]));
    let Overlay::Plan(panel) = &mut state.screen.overlay else { panic!("a plan is open") };
    panel.step = editing("9999");
    panel.plan = Err("ECS runs at most 5000 tasks per service".into());
    assert!(shot(&state, (120, 40)).contains("▲ ECS runs at most 5000 tasks per service"));
}

#[test]
fn a_blocked_plan_asks_nothing() {
    let shown = shot(&scaling(true, CheckResult::Block), (120, 40));
    assert!(shown.contains("✖ a check forbids it"), "{shown}");
    assert!(!shown.contains("send it once?"), "{shown}");
}

#[test]
fn a_failover_is_sent_only_after_its_name() {
    assert!(shot(&failing_over("party"), (120, 40)).contains("to confirm, type party-box-db"));
    let shown = shot(&failing_over("party-box-db"), (120, 40));
    assert!(shown.contains("enter sends it once"), "{shown}");
}

#[test]
fn the_caret_is_where_text_is_typed() {
    let mut state = rolling();
    state.screen.filtering = true;
    state.screen.filter = TextInput { text: "パーティ".into(), caret: 2 };
    assert_eq!(caret(&state, (80, 24)), (5, 23), "after a slash and two wide characters");
    let state = failing_over("party");
    let size = (120, 40);
    let at = caret(&state, size);
    let row = text(&frame(&state, size, Theme::default())).lines().nth(usize::from(at.1)).map(str::to_owned);
    let row = row.expect("the caret is in the frame");
    let before: String = row.chars().take(usize::from(at.0)).collect();
    assert!(before.ends_with("> party"), "{before:?}");
}

#[test]
fn help_lists_every_binding() {
    let mut state = rolling();
    state.screen.overlay = Overlay::Help(0);
    let shown = shot(&state, (160, 50));
    for binding in partybox_core::app::keymap::BINDINGS {
        assert!(shown.contains(binding.help), "{} is missing:\n{shown}", binding.help);
    }
    insta::assert_snapshot!("help_120x40", panels(&state, (120, 40), &["keys"]));
    insta::assert_snapshot!("help_80x24", panels(&state, (80, 24), &["keys"]));
}

#[test]
fn details_tell_everything_of_the_selected_row() {
    let mut state = viewing(View::Services);
    state.screen.pane = Pane::Detail;
    state.screen.cursors.insert((View::Services, Pane::Detail), Cursor { row: 4 });
    state.screen.overlay = Overlay::Detail(0);
    let shown = shot(&state, (120, 40));
    for wanted in ["EssentialContainerExited", "Task failed ELB health checks", "digest", "ecs-svc/42"] {
        assert!(shown.contains(wanted), "{wanted} is missing:\n{shown}");
    }
    insta::assert_snapshot!("detail_task_120x40", panels(&state, (120, 40), &["details"]));
    for view in View::ALL.into_iter().filter(|view| !matches!(view, View::Zones | View::Drill)) {
        for pane in [Pane::Main, Pane::Detail] {
            let state = with_overlay(with_pane(viewing(view), pane), Overlay::Detail(0));
            let shown = shot(&state, (120, 40));
            assert!(!shown.contains("nothing selected"), "{view:?} {pane:?}:\n{shown}");
        }
    }
}

/// A plan with more checks than a small terminal has rows.
fn long_plan(typed: bool) -> State {
    let mut state = failing_over("");
    let Overlay::Plan(panel) = &mut state.screen.overlay else { panic!("a plan is open") };
    let Ok(plan) = &mut panel.plan else { panic!("a plan is there") };
    let fine = (1..=9).map(|n| check(CheckResult::Pass, &format!("look {n}: this is as it should be")));
    plan.checks = fine.collect();
    plan.checks.insert(4, check(CheckResult::Warn, "the last failover was 3 minutes ago"));
    plan.checks.push(check(CheckResult::Warn, "firing already: high-cpu"));
    plan.resource = "arn:aws:rds:ap-northeast-1:123456789012:db:party-box-db".into();
    plan.consequences.push("the application must reconnect, and look the name up again".into());
    if !typed {
        plan.confirm = Confirm::Yes;
    }
    state
}

#[test]
fn in_little_room_a_plan_folds_what_is_fine_and_shows_the_rest() {
    let state = long_plan(false);
    let shown = shot(&state, (80, 24));
    for wanted in [
        "123456789012  in ap-northeast-1",
        "db:party-box-db",
        "writer zone  1a → 1c",
        "warn  the last failover was 3 minutes ago",
        "warn  firing already: high-cpu",
        "pass  9 checks are fine",
        "ForceFailover=true",
        "look the name up again",
        "pgdn shows every check",
        "send it once?  y yes",
    ] {
        assert!(shown.contains(wanted), "{wanted} is missing:\n{shown}");
    }
    assert!(!shown.contains("look 1"), "{shown}");
    insta::assert_snapshot!("plan_long_80x24", panels(&state, (80, 24), &["plan"]));
    // In more room nothing is folded.
    let shown = shot(&state, (120, 40));
    assert!(shown.contains("look 9") && !shown.contains("pgdn"), "{shown}");
}

#[test]
fn a_plan_scrolls_through_everything() {
    let mut seen = String::new();
    for row in [0, 3, 59] {
        let mut state = long_plan(true);
        let Overlay::Plan(panel) = &mut state.screen.overlay else { panic!("a plan is open") };
        panel.fold = Fold::From(row);
        let shown = shot(&state, (80, 18));
        assert_eq!(shown.contains("above: pgup"), row > 0, "{shown}");
        assert_eq!(shown.contains("below: pgdn"), row < 59, "{shown}");
        assert!(shown.contains("to confirm, type party-box-db"), "{shown}");
        seen.push_str(&shown);
    }
    for n in 1..=9 {
        assert!(seen.contains(&format!("look {n}:")), "look {n} is missing:\n{seen}");
    }
    assert!(seen.contains("account   123456789012") && seen.contains("look the name up again"), "{seen}");
}
