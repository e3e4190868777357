//! What is to be seen, at every size.

use super::BINARY;
use super::{all_well, watching};
use partybox_testkit::terminal::{PATIENCE, Screen};

/// The keys of the views.
const VIEWS: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

/// Whether a text is on the screen that only this view shows.
fn shows(text: &str, number: &str) -> bool {
    match number {
        // From the load balancer's rules to the read replica: the whole chain.
        "1" => text.contains("/socket.io/*") && text.contains("party-box-db-replica"),
        // Tasks stand with their address, targets with address and port.
        "7" => text.contains("its loss takes"),
        "8" => text.contains("begin a drill"),
        "2" if shows(text, "7") => false,
        "2" => text.contains("10.0.2.") && !text.contains(":3000") && !text.contains("10.0.2.0/24"),
        "3" => text.contains(":3000"),
        "4" => text.contains("db.t4g.medium"),
        "5" => text.contains("lifecycle"),
        _ => text.contains("10.0.0.0/16") && !shows(text, "7"),
    }
}

fn wait_for_view(screen: &Screen, number: &str) -> String {
    let text = screen.wait(&format!("view {number}"), |text| shows(text, number));
    for other in VIEWS.into_iter().filter(|other| *other != number) {
        assert!(!shows(&text, other), "view {number} looks like view {other}:\n{text}");
    }
    text
}

#[test]
fn the_header_says_who_and_where() {
    let sim = BINARY.sim(&[]);
    let screen = watching(&sim, &[], 120, 40);
    let text =
        screen.wait("the age of the data", |text| text.contains("data ") && text.contains("calls/min"));
    let header = text.lines().next().unwrap_or_default();
    for word in ["SIMULATED x1 steady", "party-box", "123456789012", "PartyBoxOnCall", "ap-northeast-1"] {
        assert!(header.contains(word), "no {word} in the header: {header}");
    }
}

#[test]
fn every_view_opens_by_its_number_and_in_turn() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 120, 40);
    for number in VIEWS.into_iter().rev() {
        screen.send(number);
        wait_for_view(&screen, number);
    }
    for number in VIEWS.into_iter().cycle().skip(1).take(VIEWS.len()) {
        screen.send("\t");
        wait_for_view(&screen, number);
    }
    // Shift-Tab goes the other way round.
    screen.send("\x1b[Z");
    wait_for_view(&screen, "8");
    screen.send("\x1b");
    wait_for_view(&screen, "1");
}

#[test]
fn enter_opens_what_is_selected_and_escape_closes_it() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 120, 40);
    screen.send("4");
    wait_for_view(&screen, "4");
    screen.send("\r");
    screen.wait("the details", |text| last(text).contains("close"));
    screen.send("\x1b");
    screen.wait("the details to close", |text| !last(text).contains("close"));
    wait_for_view(&screen, "4");
}

#[test]
fn a_filter_leaves_the_rows_that_contain_it() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 120, 40);
    screen.send("2");
    wait_for_view(&screen, "2");
    screen.wait_for("backend");
    screen.send("/front");
    screen.wait("the filter's text", |text| last(text).contains("/front"));
    screen.wait("only frontend", |text| text.contains("frontend") && !text.contains("backend"));
    // q is a letter here.
    screen.send("q");
    screen.wait("the letter", |text| last(text).contains("/frontq"));
    screen.send("\x7f\r");
    screen.wait("the filter to be kept", |text| !last(text).contains("/front"));
    assert!(!screen.text().contains("backend"), "{}", screen.text());
    screen.send("\x1b");
    screen.wait_for("backend");
}

fn last(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

#[test]
fn help_lists_the_keys() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 120, 40);
    screen.send("?");
    let text = screen.wait("the help", |text| text.contains("or another image"));
    for word in ["scale the selected service", "fail the database over", "next view", "quit", "network"] {
        assert!(text.contains(word), "no {word} in the help:\n{text}");
    }
    screen.send("\x1b");
    wait_for_view(&screen, "1");
}

#[test]
fn it_lives_at_every_size() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 120, 40);
    for (columns, rows) in [(20, 5), (120, 40), (80, 24), (200, 60), (20, 5), (80, 24), (120, 40)] {
        let before = screen.bytes();
        screen.resize(columns, rows);
        if (columns, rows) == (20, 5) {
            let drawn = screen.wait_for_bytes(before, PATIENCE);
            assert!(drawn.is_some(), "nothing was drawn at {columns}x{rows}");
            screen.wait("the answer", |text| text.contains("healthy") || text.contains("well"));
        } else {
            screen.wait(&format!("the frame of {columns}x{rows}"), |text| {
                text.contains("All well") && text.contains("party-box-db")
            });
            wait_for_last_line(&screen, "quit");
        }
    }
    // Faster than it can draw, and smaller than anything fits.
    for n in 1..60 {
        screen.resize(n * 3, n);
    }
    screen.resize(1, 1);
    screen.resize(120, 40);
    all_well(&screen);
    wait_for_last_line(&screen, "quit");
    screen.send("6");
    wait_for_view(&screen, "6");
}

/// Waits until the screen's last line contains a text.
fn wait_for_last_line(screen: &Screen, text: &str) {
    let (_, rows) = screen.size();
    screen.wait(&format!("{text} in the last line"), |shown| {
        shown.split('\n').count() == usize::from(rows) && last(shown).contains(text)
    });
}

#[test]
fn without_unicode_and_colour_it_is_plain() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &["--ascii", "--no-color"], 120, 40);
    for number in VIEWS {
        screen.send(number);
        wait_for_view(&screen, number);
        let text = screen.text();
        assert!(text.is_ascii(), "{text}");
    }
    let raw = String::from_utf8_lossy(&screen.raw(0)).into_owned();
    for colour in
        ["\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[38;5;1m", "\x1b[38;5;2m", "\x1b[38;5;3m", "\x1b[48;"]
    {
        assert!(!raw.contains(colour), "{colour:?} is a colour");
    }
}

#[test]
fn the_demo_says_that_it_is_one_and_moves() {
    let mut screen = BINARY.screen(&["demo", "--speed", "20"], &[], 120, 40);
    // What a newcomer may press is said at once.
    screen.wait_for("try s, r or F");
    let text = screen.wait("a rollout", |text| text.contains("rolling out"));
    let header = text.lines().next().unwrap_or_default();
    assert!(header.contains("SIMULATED x20 deploy"), "{header}");
    screen.send("q");
    assert_eq!(screen.end(), 0);
    assert!(screen.restored() && screen.cooked());
}
