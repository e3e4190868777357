//! Every way out gives the terminal back as it was.

use super::BINARY;
use super::watching;
use partybox_testkit::terminal::{Screen, account_at, free_port, signal};

/// Opens the screen, leaves it in some way, and looks at what is left behind.
fn leave(by: impl FnOnce(&mut Screen)) {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 120, 40);
    assert!(!screen.restored(), "the screen is not on a screen of its own");
    assert!(!screen.cooked(), "keys are not read one by one");
    by(&mut screen);
    assert_eq!(screen.end(), 0, "{}", screen.text());
    assert_given_back(&screen);
    assert_eq!(screen.text().trim(), "", "something was left behind");
}

fn assert_given_back(screen: &Screen) {
    assert!(screen.restored(), "alternate screen, cursor or pasting are not as before");
    assert!(screen.cooked(), "lines, echo or signals are not as before");
}

#[test]
fn by_q() {
    leave(|screen| screen.send("q"));
}

#[test]
fn by_control_c() {
    leave(|screen| screen.send("\x03"));
}

#[test]
fn by_control_c_out_of_a_filter_and_a_plan() {
    leave(|screen| {
        screen.send("/x");
        screen.wait_for("/x");
        screen.send("\x03");
    });
    leave(|screen| {
        screen.send("2");
        screen.wait_for("10.0.2.");
        screen.send("s");
        screen.wait_for("tasks wanted");
        screen.send("\x03");
    });
}

#[test]
fn by_sigterm() {
    leave(|screen| signal(screen.pid(), "TERM"));
}

#[test]
fn by_sighup() {
    leave(|screen| signal(screen.pid(), "HUP"));
}

#[test]
fn by_sigint() {
    leave(|screen| signal(screen.pid(), "INT"));
}

#[test]
fn when_the_terminal_is_closed() {
    let sim = BINARY.sim(&[]);
    let screen = watching(&sim, &[], 120, 40);
    let mut program = screen.close();
    assert_eq!(program.end(), 0);
}

#[test]
fn while_every_call_hangs() {
    let sim = BINARY.sim(&[]);
    let mut screen = watching(&sim, &[], 120, 40);
    sim.signal("STOP");
    // Asks for everything: the calls are under way when it is left.
    screen.send("\x12");
    screen.wait_for("asking AWS for everything");
    screen.send("q");
    assert_eq!(screen.end(), 0);
    assert_given_back(&screen);
}

#[test]
fn before_anything_answered() {
    for way in ["q", "TERM"] {
        let env = account_at(&format!("http://127.0.0.1:{}", free_port()));
        let mut screen = BINARY.screen(&[], &env, 80, 24);
        screen.wait_for("looking");
        if way == "q" {
            screen.send(way);
        } else {
            signal(screen.pid(), way);
        }
        assert_eq!(screen.end(), 0, "{way}");
        assert_given_back(&screen);
    }
}
