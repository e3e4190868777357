//! What keys do.

use super::build::Script;
use crate::app::{ChainItem, Key, KeyCode, Msg, Overlay, Pane, View};
use crate::domain::Topic;
use crate::domain::samples::{DB, deployment, task};
use std::time::Duration;

#[test]
fn every_view_by_number_and_by_tab() {
    let mut script = Script::watching();
    for (key, view) in ["1", "2", "3", "4", "5", "6", "7", "8"].into_iter().zip(View::ALL) {
        script.keys(key);
        assert_eq!(script.state.screen.view, view);
    }
    for view in View::ALL {
        script.keys("\t");
        assert_eq!(script.state.screen.view, view, "around and around");
    }
    script.code(KeyCode::BackTab);
    assert_eq!(script.state.screen.view, View::Zones);
}

#[test]
fn arrows_and_letters_move_the_selection_and_stop_at_the_ends() {
    for (down, up) in [(Key::char('j'), Key::char('k')), (Key::plain(KeyCode::Down), Key::plain(KeyCode::Up))]
    {
        let mut script = Script::watching();
        script.keys("6");
        let row = |s: &Script| s.row(View::Network, Pane::Main);
        let mut rows = vec![row(&script)];
        for key in [down, down, down, up, up, up] {
            script.press(key);
            rows.push(row(&script));
        }
        assert_eq!(rows, [0, 1, 1, 1, 0, 0, 0]);
    }
    let mut script = Script::watching();
    // The overview's chain: balancer, backend, frontend, database, replica. It starts on the first service.
    let at = |s: &Script| s.state.selected_item().cloned();
    assert_eq!(at(&script), Some(ChainItem::Service(0)));
    script.keys("jjj");
    assert_eq!(at(&script), Some(ChainItem::Database(1)));
    script.keys("kkkk");
    assert_eq!(at(&script), Some(ChainItem::Balancer(0)));
    script.keys("ll");
    script.code(KeyCode::Right);
    assert_eq!(at(&script), Some(ChainItem::Database(0)));
    script.keys("h");
    script.code(KeyCode::Left);
    assert_eq!(at(&script), Some(ChainItem::Service(0)));
    script.keys("G");
    assert_eq!(at(&script), Some(ChainItem::Database(1)));
    script.keys("g");
    assert_eq!(at(&script), Some(ChainItem::Balancer(0)));
}

#[test]
fn left_and_right_choose_the_pane_and_each_has_its_own_selection() {
    let mut script = Script::watching();
    script.keys("2l");
    assert_eq!(script.state.screen.pane, Pane::Detail);
    script.keys("j");
    assert_eq!((script.row(View::Services, Pane::Main), script.row(View::Services, Pane::Detail)), (0, 1));
    script.keys("hj");
    assert_eq!(script.state.screen.pane, Pane::Main);
    assert_eq!(script.state.selected_service(), Some("frontend"));
    assert_eq!(script.row(View::Services, Pane::Detail), 0, "what hangs on another row starts at its top");
}

#[test]
fn enter_opens_what_is_selected() {
    for (moves, view, pane_row) in [
        ("\n", View::Services, 0),
        ("j\n", View::Services, 1),
        ("jj\n", View::Database, 0),
        ("jjj\n", View::Database, 1),
        ("k\n", View::Traffic, 0),
    ] {
        let mut script = Script::watching();
        // Also when that view had another selection before.
        script.keys("2j1");
        script.keys("4j1");
        script.keys("gj");
        script.keys(moves);
        assert_eq!(script.state.screen.view, view, "{moves:?}");
        assert_eq!(script.row(view, Pane::Main), pane_row, "{moves:?}");
    }
    let mut script = Script::watching();
    script.keys("2\n");
    assert_eq!(script.state.screen.overlay, Overlay::Detail(0));
    script.keys("jj");
    assert_eq!(script.state.screen.overlay, Overlay::Detail(2), "it scrolls");
    script.keys("\n");
    assert_eq!(script.state.screen.overlay, Overlay::None);
}

#[test]
fn the_filter_narrows_as_it_is_typed() {
    let mut script = Script::watching();
    script.keys("2/fro");
    assert!(script.state.screen.filtering);
    assert_eq!(script.state.screen.rows.services, [1]);
    assert_eq!(script.state.selected_service(), Some("frontend"));
    script.keys("q");
    assert!(!script.state.session.quitting, "a letter is a letter");
    assert_eq!(script.state.screen.rows.services, [0; 0]);
    script.code(KeyCode::Backspace);
    script.keys("\n");
    assert!(!script.state.screen.filtering);
    assert_eq!(script.state.screen.filter.text, "fro", "Enter keeps it");
    script.keys("/\x1b");
    assert_eq!((script.state.screen.filtering, script.state.screen.filter.text.as_str()), (false, ""));
    assert_eq!(script.state.screen.rows.services, [0, 1]);
    assert_eq!(script.state.selected_service(), Some("frontend"), "the selection stays on its thing");
    script.keys("/");
    script.send(Msg::Paste("back\nend".into()));
    assert_eq!(script.state.screen.filter.text, "backend", "without the line break");
    script.press(Key::ctrl('u'));
    assert_eq!(script.state.screen.filter.text, "");
}

#[test]
fn esc_closes_one_thing_at_a_time() {
    let mut script = Script::watching();
    script.keys("2/e\nl?");
    let seen = |s: &Script| {
        (
            s.state.screen.overlay != Overlay::None,
            s.state.screen.filter.text.len(),
            s.state.screen.pane,
            s.state.screen.view,
        )
    };
    assert_eq!(seen(&script), (true, 1, Pane::Detail, View::Services));
    for meant in [
        (false, 1, Pane::Detail, View::Services),
        (false, 0, Pane::Detail, View::Services),
        (false, 0, Pane::Main, View::Services),
        (false, 0, Pane::Main, View::Overview),
        (false, 0, Pane::Main, View::Overview),
    ] {
        script.keys("\x1b");
        assert_eq!(seen(&script), meant);
    }
    assert!(!script.state.session.quitting, "Esc never quits");
}

#[test]
fn help_opens_scrolls_and_closes() {
    let mut script = Script::watching();
    script.keys("?jjk");
    assert_eq!(script.state.screen.overlay, Overlay::Help(1));
    script.keys("q");
    assert_eq!((script.state.screen.overlay.clone(), script.state.session.quitting), (Overlay::None, false));
    script.keys("??");
    assert_eq!(script.state.screen.overlay, Overlay::None);
    script.keys("?/");
    assert_eq!((script.state.screen.overlay.clone(), script.state.screen.filtering), (Overlay::None, true));
}

#[test]
fn quit_ends_from_everywhere_by_control_c() {
    for keys in ["", "?", "/abc", "s", "2\n"] {
        let mut script = Script::watching();
        script.keys(keys);
        script.press(Key::ctrl('c'));
        assert!(script.state.session.quitting, "{keys:?}");
    }
    let mut script = Script::watching();
    script.keys("q");
    assert!(script.state.session.quitting);
}

#[test]
fn a_selection_stays_on_its_thing_when_rows_come_and_go() {
    let mut script = Script::watching();
    script.keys("2jlj");
    assert_eq!(script.state.selected_service(), Some("frontend"));
    let task_at = |s: &Script| {
        let node = s.state.services_view_node().expect("selected");
        node.task(&node.rows[s.state.screen.rows.tasks[s.row(View::Services, Pane::Detail)]]).id.clone()
    };
    let before = task_at(&script);
    let mut third = script.account.services[0].clone();
    third.name = "admin".into();
    script.account.services.push(third);
    script.account.tasks_of("frontend").push(task("frontend", 9, "ecs-svc/frontend-1"));
    script.run(31);
    assert_eq!(script.state.screen.rows.services.len(), 3);
    assert_eq!(script.state.selected_service(), Some("frontend"));
    assert_eq!(task_at(&script), before);
    assert_eq!(script.row(View::Services, Pane::Detail), 2, "the new one stands above");
    script.account.services.retain(|s| s.name == "frontend");
    script.run(11);
    assert_eq!(script.state.selected_service(), Some("frontend"));
    script.account.services.clear();
    script.run(11);
    assert_eq!(script.state.selected_service(), None);
}

#[test]
fn a_selection_nobody_moved_stays_on_its_thing_too() {
    let mut script = Script::watching();
    script.keys("2");
    assert_eq!(script.state.selected_service(), Some("backend"));
    let mut third = script.account.services[0].clone();
    third.name = "admin".into();
    script.account.services.push(third);
    script.run(11);
    assert_eq!(
        script.state.selected_service(),
        Some("backend"),
        "what s would scale does not change by itself"
    );
}

#[test]
fn without_a_selection_a_key_says_what_to_do() {
    let mut script = Script::watching();
    script.keys("6s");
    assert!(script.notice().contains("select a service first"), "{}", script.notice());
    script.keys("r");
    assert!(script.notice().contains("select a service first"));
    assert_eq!(script.state.screen.overlay, Overlay::None);
    script.run(7);
    assert_eq!(script.state.screen.notice, None, "it goes by itself");

    let mut other = script.account.databases[0].clone();
    other.id = "other".into();
    script.account.databases.push(other);
    script.run(31);
    script.keys("F");
    assert!(script.notice().contains("select a database first"), "two could be meant");
    script.account.databases.clear();
    script.run(31);
    script.keys("F");
    assert!(script.notice().contains("no database is known"));
}

#[test]
fn the_only_writer_needs_no_selection() {
    let mut script = Script::watching();
    script.keys("F");
    assert_eq!(script.plan().plan.as_ref().expect("a plan").title, format!("Fail over {DB}"));
}

#[test]
fn keys_ask_aws_for_nothing_and_resize_is_kept() {
    let mut script = Script::watching();
    let asked = script.asked.len();
    script.keys("2jl/x\n\x1b?\x1b");
    script.send(Msg::Resize(20, 5));
    script.code(KeyCode::PageDown);
    assert_eq!(script.asked.len(), asked);
    assert_eq!(script.state.screen.size, (20, 5));
}

#[test]
fn events_are_told_once() {
    let mut script = Script::watching();
    let entries = script.state.timeline.entries().len();
    assert_eq!(entries, 2, "each service's last event");
    script.run(60);
    assert_eq!(script.state.timeline.entries().len(), entries);
    let service = script.account.service("backend");
    service.events.insert(0, crate::domain::samples::event(65, "(service backend) has started 1 tasks."));
    service.deployments.insert(0, deployment("ecs-svc/backend-2", "PRIMARY", "IN_PROGRESS"));
    script.account.writer().status = "rebooting".into();
    script.run(31);
    let texts: Vec<&str> = script.state.timeline.entries().iter().map(|e| e.text.as_str()).collect();
    assert_eq!(texts[..2], ["status available -> rebooting", "has started 1 tasks."]);
    assert_eq!(script.count(Duration::ZERO, &Topic::Identity), 1);
}
