//! Makes a picture of the real screen: the built binary in a pseudo terminal, its cells as SVG.
//!
//! `cargo run --release --example picture -- OUT.svg COLUMNSxROWS WAIT_FOR_TEXT [KEYS WAIT_FOR_TEXT]... [-- ARGUMENTS]`
//!
//! The pictures in `assets/` are made by `assets/make.sh`.
#![expect(clippy::disallowed_methods, reason = "a real process is waited for")]

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Cell size in the picture, pixels.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 17.0;

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let program_args = match args.iter().position(|a| a == "--") {
        Some(at) => args.split_off(at).split_off(1),
        None => vec!["demo".to_owned()],
    };
    let [out, size, script @ ..] = args.as_slice() else {
        eprintln!("picture OUT.svg COLUMNSxROWS WAIT_FOR_TEXT [KEYS WAIT_FOR_TEXT]... [-- ARGUMENTS]");
        std::process::exit(2);
    };
    let (columns, rows) = size.split_once('x').expect("a size like 120x40");
    let (columns, rows): (u16, u16) = (columns.parse().expect("columns"), rows.parse().expect("rows"));
    let screen = play(&program_args, columns, rows, script);
    std::fs::write(out, svg(&screen)).expect("the picture is written");
}

/// Runs the program and types the script; gives the last screen.
fn play(args: &[String], columns: u16, rows: u16, script: &[String]) -> vt100::Screen {
    let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo terminal");
    let binary = std::env::current_exe()
        .expect("this program's path")
        .parent()
        .and_then(|examples| examples.parent())
        .expect("the target directory")
        .join("partybox-top");
    let mut command = CommandBuilder::new(binary);
    command.args(args);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.cwd(std::env::current_dir().expect("a working directory"));
    let mut child = pair.slave.spawn_command(command).expect("the program starts: build it first");
    drop(pair.slave);
    let parser = Arc::new(Mutex::new(vt100::Parser::new(nonzero(rows), nonzero(columns), 0)));
    let feed = Arc::clone(&parser);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut writer = pair.master.take_writer().expect("a writer");
    thread::spawn(move || {
        let mut bytes = vec![0; 65536];
        while let Ok(n @ 1..) = reader.read(&mut bytes) {
            feed.lock().expect("whole").process(&bytes[..n]);
        }
    });
    for (i, step) in script.iter().enumerate() {
        if i % 2 == 1 {
            let keys = step.replace("\\r", "\r").replace("\\e", "\u{1b}").replace("\\t", "\t");
            writer.write_all(keys.as_bytes()).expect("keys");
            writer.flush().expect("keys");
            continue;
        }
        let end = Instant::now() + Duration::from_mins(2);
        while !parser.lock().expect("whole").screen().contents().contains(step.as_str()) {
            let shown = parser.lock().expect("whole").screen().contents();
            assert!(Instant::now() < end, "never saw {step}; the screen shows:\n{shown}");
            thread::sleep(Duration::from_millis(20));
        }
    }
    // What belongs to the same moment may be one frame behind.
    thread::sleep(Duration::from_millis(700));
    let screen = parser.lock().expect("whole").screen().clone();
    let _ = child.kill();
    let _ = child.wait();
    screen
}

fn nonzero(n: u16) -> NonZero<u16> {
    NonZero::new(n).expect("a size above 0")
}

/// The cells as SVG: one text element per run of equal style, each cell at its own place.
fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (f64::from(columns) * WIDTH + 16.0, f64::from(rows) * HEIGHT + 16.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.1} {height:.1}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#16181d\"/>\n\
         <g font-family=\"'DejaVu Sans Mono','Noto Sans Mono CJK JP',Menlo,Consolas,monospace\" font-size=\"14\" xml:space=\"preserve\">\n"
    );
    for row in 0..rows {
        for column in 0..columns {
            let Some(cell) = screen.cell(row, column) else { continue };
            if cell.is_wide_continuation() {
                continue;
            }
            let (x, y) = (8.0 + f64::from(column) * WIDTH, 8.0 + f64::from(row) * HEIGHT);
            let cells = if cell.is_wide() { 2.0 } else { 1.0 };
            let (mut ink, mut paper) = (colour(cell.fgcolor(), "#d7dae0"), colour(cell.bgcolor(), ""));
            if cell.inverse() {
                (ink, paper) = (if paper.is_empty() { "#16181d".into() } else { paper }, ink);
            }
            if !paper.is_empty() {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{HEIGHT}\" fill=\"{paper}\"/>",
                    WIDTH * cells + 0.2
                );
            }
            let text = cell.contents();
            if text.is_empty() || text == " " {
                continue;
            }
            let weight = if cell.bold() { " font-weight=\"bold\"" } else { "" };
            let faint = if cell.dim() { " opacity=\"0.55\"" } else { "" };
            let line = if cell.underline() { " text-decoration=\"underline\"" } else { "" };
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{ink}\"{weight}{faint}{line}>{text}</text>",
                y + 13.0
            );
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// The 16 ANSI colours of a common dark theme.
fn colour(colour: vt100::Color, default: &str) -> String {
    const ANSI: [&str; 16] = [
        "#282c34", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf", "#5c6370",
        "#ef7d87", "#a9d48a", "#f0cf8e", "#74bdf7", "#d68be8", "#67c7d3", "#ffffff",
    ];
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Idx(i) => {
            ANSI.get(usize::from(i)).map_or_else(|| default.to_owned(), |c| (*c).to_owned())
        }
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}
