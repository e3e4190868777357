//! What is stale, denied, empty, loading, selected or bad looks so.

use super::fixture::{
    ago, fail, in_phase, list, now, put, rolling, target, viewing, with_overlay, with_pane, with_view,
};
use super::{Theme, draw, find, frame, panels, shot};
use partybox_core::app::{Answer, Cursor, Msg, Overlay, Pane, StartPhase, State, View};
use partybox_core::domain::{Cluster, Database, DbEvent, ErrorKind, Meter, Now, PartyBox, Payload, Topic};
use partybox_core::operation::{Action, OperationStage, Tracked, Verdict};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::time::Duration;

const SIZE: (u16, u16) = (120, 40);

#[test]
fn a_failed_poll_keeps_the_rows_dim_with_age_and_reason() {
    let mut state = viewing(View::Database);
    fail(
        &mut state,
        &Topic::Databases,
        ErrorKind::Unreachable,
        "rds:DescribeDBInstances",
        "connection refused",
    );
    let buffer = frame(&state, SIZE, Theme::default());
    assert!(find(&buffer, "party-box-db-replica").modifier.contains(Modifier::DIM));
    find(&buffer, "3m old: connection refused");
    let said = find(&buffer, "✖ no answer 2m: connection refused");
    assert_eq!(said.fg, Color::Red);
    insta::assert_snapshot!("database_stale_120x40", panels(&state, SIZE, &["databases", "instance"]));
    state.screen.view = View::Overview;
    insta::assert_snapshot!(
        "overview_stale_120x40",
        panels(&state, SIZE, &["backend", "party-box-db", "party-box-db-replica", "services"])
    );
}

#[test]
fn a_missing_permission_is_named() {
    let mut state = viewing(View::Network);
    *state.account.store.slot_mut(&Topic::Network) = partybox_core::domain::Slot::default();
    state.screen.rows.subnets.clear();
    state.screen.rows.group_rules.clear();
    fail(&mut state, &Topic::Network, ErrorKind::Denied, "ec2:DescribeSubnets", "is not authorized");
    let shown = shot(&state, SIZE);
    assert!(shown.contains("this role needs the permission ec2:DescribeSubnets"), "{shown}");
}

#[test]
fn a_call_that_hangs_is_told() {
    let mut state = viewing(View::Services);
    let slot = state.account.store.slot_mut(&Topic::Services);
    slot.in_flight = Some((9, Duration::from_secs(588)));
    slot.taken = Some(Duration::from_secs(560));
    let shown = shot(&state, SIZE);
    assert!(shown.contains("30s old: no answer for 10s"), "{shown}");
    assert!(shown.contains("▲ stale 30s"), "{shown}");
}

#[test]
fn bad_is_red_with_a_glyph_and_good_is_green() {
    let buffer = frame(&viewing(View::Services), SIZE, Theme::default());
    assert_eq!(find(&buffer, "✖ unhealthy").fg, Color::Red);
    assert_eq!(find(&buffer, "● healthy").fg, Color::Green);
    let plain = frame(&viewing(View::Services), SIZE, Theme { ascii: false, colour: false });
    assert!(plain.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
    assert!(find(&plain, "✖ unhealthy").modifier.contains(Modifier::BOLD));
}

#[test]
fn the_selected_row_is_reversed_and_has_a_calm_mark_without_the_focus() {
    let mut state = viewing(View::Services);
    state.screen.cursors.insert((View::Services, Pane::Main), Cursor { row: 1 });
    state.screen.pane = Pane::Main;
    let cell = |state: &State| find(&frame(state, SIZE, Theme::default()), "frontend").modifier;
    assert!(cell(&state).contains(Modifier::REVERSED));
    assert!(!cell(&state).contains(Modifier::DIM));
    state.screen.pane = Pane::Detail;
    assert!(!cell(&state).intersects(Modifier::REVERSED | Modifier::DIM));
    let buffer = frame(&state, SIZE, Theme::default());
    assert_eq!(find(&buffer, "▌frontend").modifier, Modifier::empty());
    assert!(find(&buffer, "40015445").modifier.contains(Modifier::REVERSED), "the keys act on the tasks");
    state.screen.overlay = Overlay::Detail(0);
    find(&frame(&state, SIZE, Theme::default()), "▌40015445");
}

#[test]
fn a_list_that_nobody_is_in_has_no_selection() {
    for view in View::ALL {
        let shown = shot(&viewing(view), SIZE);
        assert!(!shown.contains('▌'), "{view:?}:\n{shown}");
        let reversed = |row: usize, buffer: &Buffer| {
            buffer
                .content
                .chunks(usize::from(SIZE.0))
                .nth(row)
                .is_some_and(|row| row.iter().any(|c| c.modifier.contains(Modifier::REVERSED)))
        };
        let buffer = frame(&viewing(view), SIZE, Theme::default());
        let rows = (2..SIZE.1).filter(|row| reversed(usize::from(*row), &buffer)).count();
        // In the overview the selected part stands in the picture and in the table.
        let most = match view {
            View::Overview => 2,
            // It is no list.
            View::Drill => continue,
            _ => 1,
        };
        assert_eq!(rows, most, "{view:?}:\n{shown}");
    }
}

#[test]
fn no_cell_is_both_bold_and_dim() {
    let both = Modifier::BOLD | Modifier::DIM;
    let mut states: Vec<State> = View::ALL.map(viewing).to_vec();
    states.extend(View::ALL.map(|view| with_pane(viewing(view), Pane::Detail)));
    states.extend(View::ALL.map(|view| with_overlay(viewing(view), Overlay::Detail(0))));
    states.push(with_overlay(rolling(), Overlay::Help(0)));
    states.push(in_phase(rolling(), StartPhase::Choosing));
    states.push(in_phase(State::default(), StartPhase::Watching));
    let mut stale = rolling();
    for topic in [Topic::Services, Topic::Databases, Topic::LoadBalancers, Topic::Metrics, Topic::Network] {
        fail(&mut stale, &topic, ErrorKind::Unreachable, "a:B", "connection refused");
    }
    states.extend(View::ALL.map(|view| with_view(stale.clone(), view)));
    for state in &states {
        for theme in [Theme::default(), Theme { ascii: false, colour: false }] {
            for size in [(80, 24), SIZE, (200, 60), (40, 10)] {
                let buffer = frame(state, size, theme);
                let mixed = buffer.content.iter().filter(|c| c.modifier.contains(both)).count();
                assert_eq!(mixed, 0, "{:?} at {size:?}:\n{}", state.screen.view, shot(state, size));
            }
        }
    }
}

#[test]
fn before_the_first_answer_the_layout_stands() {
    let state = in_phase(State::default(), StartPhase::Watching);
    let shown = shot(&state, SIZE);
    assert!(shown.contains("reading…"), "{shown}");
    insta::assert_snapshot!("overview_loading_120x40", shown);
    let looking = State::default();
    insta::assert_snapshot!("looking_80x24", shot(&looking, (80, 24)));
}

#[test]
fn several_clusters_are_offered() {
    let mut state = in_phase(State::default(), StartPhase::Choosing);
    let cluster = |name: &str, running_tasks| Cluster {
        name: name.into(),
        status: "ACTIVE".into(),
        active_services: 2,
        running_tasks,
        ..Cluster::default()
    };
    put(
        &mut state,
        Topic::Clusters,
        Payload::Clusters(vec![cluster("party-box", 4), cluster("party-box-dev", 1)]),
    );
    state.screen.cursors.insert((View::Overview, Pane::Main), Cursor { row: 1 });
    let buffer = frame(&state, (80, 24), Theme::default());
    assert!(find(&buffer, "party-box-dev").modifier.contains(Modifier::REVERSED));
    insta::assert_snapshot!("choosing_80x24", panels(&state, (80, 24), &["which cluster?"]));
    state.session.phase = StartPhase::Stopped("No credentials: run `aws sso login`.".into());
    assert!(shot(&state, (80, 24)).contains("✖ No credentials: run `aws sso login`."));
}

#[test]
fn absent_metrics_are_no_data_and_never_zero() {
    let mut state = rolling();
    put(&mut state, Topic::Metrics, Payload::Metrics(vec![]));
    let shown = shot(&state, SIZE);
    assert!(shown.contains("no data"), "{shown}");
    assert!(!shown.contains("0/m") && !shown.contains(" 0 %"), "{shown}");
}

#[test]
fn a_service_without_a_healthy_target_is_cut_off_in_the_picture() {
    let mut state = rolling();
    let arn = state.account.party_box.groups[1].group.arn.clone();
    put(
        &mut state,
        Topic::TargetHealth(arn),
        Payload::TargetHealth(vec![target("10.0.2.21", 'a', "unhealthy", None)]),
    );
    state.account.party_box = PartyBox::join(&state.account.store);
    let buffer = frame(&state, SIZE, Theme::default());
    assert_eq!(find(&buffer, "✖▶").fg, Color::Red);
    find(&buffer, "✖ down");
}

#[test]
fn a_writer_without_a_standby_is_a_warning() {
    let mut state = viewing(View::Database);
    let alone =
        Database { multi_az: false, secondary_zone: None, ..state.account.party_box.databases[0].clone() };
    put(&mut state, Topic::Databases, Payload::Databases(vec![alone]));
    state.account.party_box = PartyBox::join(&state.account.store);
    list(&mut state);
    let buffer = frame(&state, SIZE, Theme::default());
    assert_eq!(find(&buffer, "▲ 1a writer · no standby").fg, Color::Yellow);
}

#[test]
fn a_notice_shows_until_its_time() {
    let mut state = rolling();
    state.session.read_only = true;
    state.screen.notice = Some(("read-only: scaling is refused".into(), now().mono + Duration::from_secs(2)));
    let shown = shot(&state, SIZE);
    assert!(shown.contains("  read-only: scaling is refused") && shown.contains("READ-ONLY"), "{shown}");
    let shown = shot(&state, (60, 24));
    assert!(
        shown.contains("/ filter   ? help   q quit     read-only: scaling is refused"),
        "hints leave whole: {shown}"
    );
    let cell = find(&frame(&state, SIZE, Theme::default()), "read-only: scaling").clone();
    assert_eq!((cell.fg, cell.modifier), (Color::Reset, Modifier::BOLD), "a notice is no state");
    state.screen.notice = Some(("read-only: scaling is refused".into(), now().mono));
    assert!(!shot(&state, SIZE).contains("scaling is refused"));
}

#[test]
fn a_filter_stands_in_the_border_with_what_it_left() {
    let mut state = viewing(View::Services);
    state.screen.filter.text = "front".into();
    state.screen.rows.services = vec![1];
    let shown = shot(&state, SIZE);
    assert!(shown.contains("services  /front  1 of 2"), "{shown}");
    state.screen.rows.services.clear();
    assert!(shot(&state, SIZE).contains("no service matches the filter: esc clears it"));
}

#[test]
fn ages_are_the_servers() {
    let mut state = viewing(View::Database);
    state.polling.clock.learn(&partybox_core::domain::Meter {
        server_date: Some((now().mono, ago(-3600))),
        ..partybox_core::domain::Meter::default()
    });
    assert!(
        shot(&state, SIZE).contains("23h"),
        "an event of 80,000 s ago is an hour older by the server's clock"
    );
}

fn tracked(stage: OperationStage, progress: &str) -> Tracked {
    Tracked {
        id: 1,
        action: Action::Scale { cluster: "party-box".into(), service: "backend".into(), from: 2, to: 4 },
        title: "scale backend 2 → 4".into(),
        at: ago(31),
        sent: Duration::from_secs(569),
        stage,
        accepted: None,
        progress: progress.into(),
    }
}

#[test]
fn an_action_is_followed_in_every_view() {
    let mut state = viewing(View::Traffic);
    state.operations = vec![tracked(OperationStage::Following, "3 of 4 running")];
    let line = "↻ following  scale backend 2 → 4  3 of 4 running";
    assert!(shot(&state, SIZE).contains(line));
    state.screen.view = View::Overview;
    let shown = shot(&state, SIZE);
    assert_eq!(shown.matches("scale backend 2 → 4  3 of").count(), 1, "{shown}");
    assert!(shot(&state, (80, 24)).contains(line));
    state.operations =
        vec![tracked(OperationStage::Ended(Verdict::RolledBack("breaker tripped".into())), "")];
    let buffer = frame(&state, SIZE, Theme::default());
    assert_eq!(find(&buffer, "✖ rolled back").fg, Color::Red);
    assert!(!shot(&state, (80, 24)).contains("rolled back"), "an ended one is in the events");
}

#[test]
fn a_changed_value_is_bright_for_a_moment() {
    let mut state = viewing(View::Services);
    state.session.region = String::new();
    let run = 7;
    state.account.store.slot_mut(&Topic::Services).in_flight = Some((run, now().mono));
    let mut services = state.account.store.services().map(|all| all.to_vec()).unwrap_or_default();
    services[0].running = 4;
    let answer = Answer {
        topic: Topic::Services,
        run,
        result: Ok(Payload::Services(std::sync::Arc::new(services))),
        meter: Meter::default(),
    };
    let counts = |state: &State, at: Now| {
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a test backend");
        terminal.draw(|f| draw(f, state, at, &Theme::default())).expect("drawing into memory");
        let buffer = terminal.backend().buffer().clone();
        (find(&buffer, "4/2").modifier, find(&buffer, "2/2").modifier)
    };
    partybox_core::app::update(&mut state, Msg::Answer(Box::new(answer)), now());
    assert_eq!(counts(&state, now()), (Modifier::BOLD, Modifier::empty()));
    let later = Now { mono: now().mono + Duration::from_secs(3), ..now() };
    assert!(
        partybox_core::app::next_deadline(&state, now()).is_some_and(|at| at <= later.mono),
        "a frame is due"
    );
    assert_eq!(counts(&state, later).0, Modifier::empty());
}

#[test]
fn deployments_and_failovers_are_marked_under_the_sparklines() {
    let mut state = viewing(View::Database);
    let shown = shot(&state, SIZE);
    assert!(!shown.contains("▴ failover"), "the last one is a day ago: {shown}");
    let event = DbEvent {
        of: partybox_core::domain::DbEventSource::Instance,
        source: "party-box-db".into(),
        at: ago(240),
        message: "Multi-AZ instance failover started.".into(),
        categories: vec!["failover".into()],
    };
    put(&mut state, Topic::DbEvents, Payload::DbEvents(vec![event]));
    let shown = shot(&state, SIZE);
    let row = |label: &str| {
        let row = shown.lines().find(|l| l.contains(label)).unwrap_or_default();
        row.chars().skip(80).position(|c| c == '▴')
    };
    // Four minutes ago, and in the third minute before now.
    assert_eq!(row("▴ deployment"), row("▴ failover").map(|at| at + 1), "{shown}");
}
