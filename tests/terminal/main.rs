//! The real binary in a pseudo terminal against the simulator: what a person sees and does, judged by its effects.

mod actions;
mod bar;
mod deploys;
mod leaving;
mod outage;
mod refusals;
mod replays;
mod views;

use partybox_testkit::terminal::{Binary, Screen, Sim};

/// The program under test.
const BINARY: Binary = partybox_testkit::binary!();

/// The screen on a simulator, with everything read.
fn watching(sim: &Sim, args: &[&str], columns: u16, rows: u16) -> Screen {
    let screen = BINARY.screen(args, &sim.env, columns, rows);
    all_well(&screen);
    screen
}

/// Waits until the Party Box was read and is well.
fn all_well(screen: &Screen) -> String {
    screen.wait("a Party Box that is well", |text| text.contains("All well") && !text.contains("reading"))
}
