//! `watch` on a terminal: a line for each change, and below them one that is redrawn in place.

use super::BINARY;

/// The rows that show the bar.
fn bars(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains("new healthy")).collect()
}

#[test]
fn the_bar_is_redrawn_in_place_and_gone_at_the_end() {
    let sim = BINARY.sim(&["--speed", "20", "--scenario", "deploy"]);
    sim.until("a rollout", |sim| sim.newest_deployment("backend"), |it| it["status"] == "IN_PROGRESS");
    let mut screen = BINARY.screen(&["watch", "backend"], &sim.env, 100, 30);
    let first = screen.wait("the bar", |text| bars(text).iter().any(|line| line.contains("0/2 new healthy")));
    let [bar] = bars(&first)[..] else { panic!("not one bar:\n{first}") };
    assert!(bar.contains(&format!("[{}]", ".".repeat(20))), "{first}");
    let above: Vec<&str> = first.lines().take_while(|line| !line.contains("new healthy")).collect();
    assert!(above.iter().any(|line| line.contains("backend: rollout to")), "{first}");
    // What it waits for, with its countdown.
    screen.wait("a countdown", |text| bars(text).iter().any(|line| line.contains(", about ")));
    let full =
        screen.wait("all healthy", |text| bars(text).iter().any(|line| line.contains("2/2 new healthy")));
    let [bar] = bars(&full)[..] else { panic!("not one bar:\n{full}") };
    assert!(bar.contains(&format!("[{}]", "#".repeat(20))), "{full}");
    assert!(full.starts_with(above[0].trim_end()), "the lines above did not stay:\n{full}");

    assert_eq!(screen.end(), 0);
    let text = screen.text();
    assert!(bars(&text).is_empty(), "the bar was left behind:\n{text}");
    assert!(text.trim_end().lines().last().is_some_and(|line| line.contains("succeeded")), "{text}");
    let raw = String::from_utf8_lossy(&screen.raw(0)).into_owned();
    let redrawn = raw.matches("new healthy").count();
    assert!(redrawn > 3, "drawn {redrawn} times");
    // Each is taken away before the next, and none is a line of its own.
    let lines = raw.split('\n').count() - 1;
    assert!(raw.matches("\r\x1b[K").count() >= redrawn, "{raw:?}");
    assert!(lines < redrawn + 10 && !raw.contains("\x1b[?1049h"), "{raw:?}");
}

#[test]
fn a_bar_is_no_longer_than_the_terminal_is_wide() {
    let sim = BINARY.sim(&["--speed", "20", "--scenario", "deploy"]);
    sim.until("a rollout", |sim| sim.newest_deployment("backend"), |it| it["status"] == "IN_PROGRESS");
    let screen = BINARY.screen(&["watch", "backend"], &sim.env, 40, 30);
    let text = screen.wait("the bar", |text| text.contains("/2 new "));
    let bar = text.lines().find(|line| line.contains("/2 new ")).expect("the bar");
    assert!(bar.chars().count() <= 39, "{bar}");
}
