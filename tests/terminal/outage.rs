//! An endpoint that is not there, or stops answering.

use super::BINARY;
use super::{all_well, watching};
use partybox_testkit::terminal::{account_at, free_port};

#[test]
fn an_endpoint_that_comes_later_is_waited_for() {
    let address = format!("127.0.0.1:{}", free_port());
    let mut screen = BINARY.screen(&[], &account_at(&format!("http://{address}")), 120, 40);
    let text = screen.wait("that nothing answers", |text| {
        text.contains("cannot be reached") || text.contains("no answer")
    });
    assert!(text.contains(&address), "it does not say where:\n{text}");
    // It is alive: a new size gets a new frame.
    screen.resize(100, 30);
    screen.wait("the frame of the new size", |text| text.split('\n').count() == 30 && text.contains("quit"));
    let _sim = BINARY.sim(&["--listen", &address]);
    all_well(&screen);
    screen.send("q");
    assert_eq!(screen.end(), 0);
}

#[test]
fn an_endpoint_that_stops_answering_freezes_nothing() {
    let sim = BINARY.sim(&["--speed", "5"]);
    let mut screen = watching(&sim, &[], 120, 40);
    sim.signal("STOP");
    screen.send("\x12");
    screen.wait_for("asking AWS for everything");
    // Every call hangs now; keys are answered all the same, with the rows that were read last.
    for (key, text) in
        [("4", "db.t4g.medium"), ("6", "10.0.0.0/16"), ("2", "10.0.2."), ("?", "or another image")]
    {
        screen.send(key);
        screen.wait_for(text);
    }
    screen.send("\x1b");
    screen.wait("the help to close", |text| !text.contains("or another image"));
    let text = screen.wait("that nothing answers", |text| text.contains("no answer"));
    assert!(text.contains("frontend") && text.contains("10.0.2."), "the last good rows are gone:\n{text}");
    screen.wait("how old the rows are", |text| text.contains(" old"));
    sim.signal("CONT");
    let text = screen.wait("fresh data", |text| {
        text.contains("All well") && !text.contains("no answer") && !text.contains(" old")
    });
    assert!(text.lines().next().unwrap_or_default().contains("data "), "{text}");
    screen.send("q");
    assert_eq!(screen.end(), 0);
}

#[test]
fn an_endpoint_that_dies_and_comes_back_is_found_again() {
    let address = format!("127.0.0.1:{}", free_port());
    let sim = BINARY.sim(&["--listen", &address, "--speed", "5"]);
    let mut screen = watching(&sim, &[], 120, 40);
    drop(sim);
    screen.send("\x12");
    screen.wait("that nothing answers", |text| text.contains("no answer"));
    let _again = BINARY.sim(&["--listen", &address, "--speed", "5"]);
    screen.wait("fresh data", |text| text.contains("All well") && !text.contains("no answer"));
    screen.send("q");
    assert_eq!(screen.end(), 0);
}
