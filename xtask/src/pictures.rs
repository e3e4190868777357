//! The pictures of the README, from the real program in a pseudo terminal.
#![expect(clippy::disallowed_methods, reason = "a real process is waited for")]

use crate::svg::svg;
use partybox_testkit::terminal::Binary;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Keys to type, and what to wait for after them.
struct Step {
    keys: &'static str,
    until: &'static str,
}

struct Picture {
    file: &'static str,
    args: &'static [&'static str],
    steps: &'static [Step],
}

const SIZE: (u16, u16) = (120, 40);
/// How long to wait for the rest: what belongs to the same moment may come a frame later.
const SETTLE: Duration = Duration::from_millis(700);

const PICTURES: [Picture; 3] = [
    Picture {
        file: "assets/overview.svg",
        args: &["demo", "--scenario", "deploy"],
        steps: &[Step { keys: "", until: "rolling out" }, Step { keys: "", until: "health checks" }],
    },
    Picture {
        file: "assets/failing.svg",
        args: &["demo", "--scenario", "crash-loop"],
        steps: &[Step { keys: "", until: "failing" }, Step { keys: "2", until: "failing" }],
    },
    Picture {
        file: "assets/drill.svg",
        args: &["demo", "--scenario", "steady", "--speed", "5"],
        steps: &[
            Step { keys: "", until: "available" },
            Step { keys: "F", until: "to confirm" },
            Step { keys: "party-box-db\r", until: "AWAY" },
        ],
    },
];

/// Draws all pictures.
pub(crate) fn draw(root: &Path) -> Result<(), String> {
    let mut build = Command::new("cargo");
    build.current_dir(root).args(["build", "--release", "--locked", "--package", "partybox-top"]);
    crate::run(build)?;
    let path = root.join("target/release/partybox-top");
    // The drill's record goes to a temporary folder.
    let scratch = std::env::temp_dir().join(format!("partybox-top-pictures-{}", std::process::id()));
    let (path, folder) = (path.to_string_lossy(), scratch.to_string_lossy());
    let binary = Binary { path: &path, scratch: &folder };
    let mut result = Ok(());
    for picture in &PICTURES {
        result = result.and_then(|()| one(root, &binary, picture));
    }
    let _ = fs::remove_dir_all(&scratch);
    result
}

fn one(root: &Path, binary: &Binary<'_>, picture: &Picture) -> Result<(), String> {
    let mut screen = binary.screen(picture.args, &[], SIZE.0, SIZE.1);
    for step in picture.steps {
        screen.send(step.keys);
        screen.wait_for(step.until);
    }
    thread::sleep(SETTLE);
    let drawn = svg(&screen.screen());
    fs::write(root.join(picture.file), drawn).map_err(|error| format!("{}: {error}", picture.file))?;
    println!("drawn: {}", picture.file);
    Ok(())
}
