//! The real binary in a pseudo terminal against the simulator: start, key presses, CPU and memory.
//!
//! `cargo bench --bench session`; `-- --idle SECONDS` for a longer or shorter idle stretch. It measures the
//! program as
//! `release` builds it; `PARTYBOX_BINARY=target/dist/partybox-top` names another, such as the published one.
#![expect(clippy::disallowed_methods, reason = "it measures")]

use partybox_testkit::terminal::{Binary, PATIENCE, Screen};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// The program that Cargo built for this benchmark.
const BUILT: Binary = partybox_testkit::binary!();

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|a| a == "--test" || a == "--list") {
        return;
    }
    let idle = args
        .iter()
        .position(|a| a == "--idle")
        .and_then(|i| args.get(i + 1))
        .and_then(|s| s.parse().ok())
        .map_or(Duration::from_mins(1), Duration::from_secs);

    let named = std::env::var("PARTYBOX_BINARY").ok();
    let binary = Binary { path: named.as_deref().unwrap_or(BUILT.path), ..BUILT };
    let size = fs::metadata(binary.path).expect("the program is there").len();
    println!("{}: {:.1} MiB on disk", binary.path, mebibytes(size));

    let mut first = Vec::new();
    let mut filled = Vec::new();
    for _ in 0..10 {
        let sim = binary.sim(&["--scenario", "steady"]);
        let mut screen = binary.screen(&[], &sim.env, 120, 40);
        let painted = screen.wait_for_bytes(200, PATIENCE).expect("a first frame");
        first.push(painted - screen.started);
        screen.wait("all panes", |text| text.contains("All well") && !text.contains("reading"));
        filled.push(screen.started.elapsed());
        screen.send("q");
        screen.end();
    }
    report("first paint", &mut first);
    report("all panes filled", &mut filled);

    let sim = binary.sim(&["--scenario", "steady"]);
    let mut screen = binary.screen(&[], &sim.env, 120, 40);
    screen.wait("all panes", |text| text.contains("All well") && !text.contains("reading"));
    thread::sleep(Duration::from_secs(5));
    let (cpu, bytes, at) = (cpu(screen.pid()), screen.bytes(), Instant::now());
    thread::sleep(idle);
    let spent = at.elapsed().as_secs_f64();
    println!("idle over {spent:.0} s at 120x40, steady, speed 1:");
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = (screen.bytes() - bytes) as f64 / spent;
    println!("  bytes to the terminal  {rate:8.1} B/s");
    println!("  cpu                    {:8.2} % of a core", (self::cpu(screen.pid()) - cpu) / spent * 100.0);
    println!("  peak memory            {:8.1} MiB", memory(screen.pid(), "status", "VmHWM:"));
    println!("  resident memory        {:8.1} MiB", memory(screen.pid(), "smaps_rollup", "Rss:"));
    println!("  of it anonymous        {:8.1} MiB", memory(screen.pid(), "smaps_rollup", "Anonymous:"));
    let header = screen.text().lines().next().unwrap_or_default().to_owned();
    println!("  header                 {}", header.trim());

    println!("bytes that one move of the selection writes:");
    for (view, key) in [("overview", "1"), ("services", "2"), ("database", "4"), ("network", "6")] {
        moves(&mut screen, view, key);
    }
    keys(&mut screen, "key to paint, answers coming");
    sim.signal("STOP");
    thread::sleep(Duration::from_secs(40));
    keys(&mut screen, "key to paint, every call hanging");
    sim.signal("CONT");
    screen.send("q");
    screen.end();
}

/// Moves the selection of a view down and up, and counts what the frame that answers each key takes. In the
/// network a move changes the mark alone; elsewhere more of the screen is about what is selected.
fn moves(screen: &mut Screen, view: &str, key: &str) {
    const END: &[u8] = b"\x1b[?2026l";
    screen.send(key);
    let mut sizes = Vec::new();
    for i in 0..41 {
        let before = settle(screen);
        screen.send(if i % 2 == 0 { "j" } else { "k" });
        screen.wait_for_bytes(before, PATIENCE).expect("a frame");
        settle(screen);
        let frames = screen.raw(before);
        let end = frames.windows(END.len()).position(|bytes| bytes == END).expect("a whole frame");
        sizes.push(end + END.len());
    }
    sizes.sort_unstable();
    println!("  {view:<22} p50 {:5} B, min {:5} B, max {:5} B", sizes[20], sizes[0], sizes[40]);
}

/// Presses keys that change the view and waits for the first byte of the frame.
fn keys(screen: &mut Screen, name: &str) {
    let mut times = Vec::new();
    for i in 0..300 {
        let before = settle(screen);
        let at = Instant::now();
        screen.send(if i % 2 == 0 { "2" } else { "1" });
        let painted = screen.wait_for_bytes(before, PATIENCE).expect("a frame");
        times.push(painted - at);
    }
    report(name, &mut times);
}

/// Waits until nothing has come for 40 ms, so that what comes next answers the key.
fn settle(screen: &Screen) -> usize {
    loop {
        let bytes = screen.bytes();
        thread::sleep(Duration::from_millis(40));
        if screen.bytes() == bytes {
            return bytes;
        }
    }
}

fn report(name: &str, times: &mut [Duration]) {
    times.sort();
    let at =
        |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1000.0;
    println!(
        "{name}: p50 {:.2} ms, p99 {:.2} ms, min {:.2} ms, max {:.2} ms (n = {})",
        at(50),
        at(99),
        at(0),
        at(100),
        times.len()
    );
}

/// CPU seconds of a process so far, from `/proc`; 100 ticks a second on Linux.
fn cpu(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process is there");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    (fields[11].parse::<f64>().expect("utime") + fields[12].parse::<f64>().expect("stime")) / 100.0
}

/// A line of a process's memory in `/proc`, which counts in KiB, as MiB.
fn memory(pid: u32, file: &str, line: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).expect("the process is there");
    let line = text.lines().find(|it| it.starts_with(line)).expect("such a line");
    mebibytes(line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).expect("a number") * 1024)
}

fn mebibytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let bytes = bytes as f64;
    bytes / f64::from(1 << 20)
}
