//! Text that somebody put into an account to steer the terminal of who looks at it.

use crate::kit::Seen;
use partybox_sim::Scenario;
use partybox_testkit::rig::{Instead, Rewrites};
use serde_json::{Value, json};

/// Colours, a title, the clipboard, a link, C1 forms of them, line ends, NUL, and marks that turn the direction.
const HOSTILE: &str = "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b]52;c;eA==\x1b\\\u{9b}2J\u{90}q\u{9c}\r\nnext\t\0\u{202e}evil\u{2066}";
/// The members and elements whose text is what people or containers wrote.
const SENTENCES: [&str; 8] = [
    "message",
    "stoppedReason",
    "reason",
    "rolloutStateReason",
    "statusReason",
    "description",
    "tag",
    "stopCode",
];

fn poison(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if SENTENCES.contains(&name.as_str()) => text.push_str(HOSTILE),
                    value => poison(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(poison),
        _ => {}
    }
}

fn poisoned(_: &str, text: String) -> String {
    let marks = "&#27;[31mred&#x1b;]0;title&#7;\u{9b}2J&#13;&#10;next\u{202e}evil";
    match serde_json::from_str::<Value>(&text) {
        Ok(mut answer) => {
            poison(&mut answer);
            answer.to_string()
        }
        Err(_) => ["Message", "Description", "StateReason", "AlarmDescription"]
            .iter()
            .fold(text, |text, name| text.replace(&format!("</{name}>"), &format!("{marks}</{name}>"))),
    }
}

/// What must not be in anything that leaves the program.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn no_text_of_an_account_steers_the_terminal() {
    let rewrites = Rewrites::default().any(poisoned).before(|operation, _| {
        let message = format!("User: arn:aws:iam::1:user/{HOSTILE} is not authorized");
        let error = json!({ "__type": format!("AccessDeniedException{HOSTILE}"), "message": message });
        (operation == "DescribeSecret").then(|| Instead::Answer(400, error.to_string()))
    });
    let mut seen = Seen::at(Scenario::BadDeploy, rewrites, 0);
    seen.wait(240_000);
    let outputs = [
        seen.text(),
        seen.json().to_string(),
        format!("{:?}", seen.rig.state.account.store).replace("\\n", "\n"),
    ];
    for output in outputs {
        let at = output.find(steers);
        assert_eq!(at, None, "{:?}", at.map(|at| output[at..].chars().take(80).collect::<String>()));
        for escaped in
            ["\\u{1b}", "\\u{9b}", "\\u{202e}", "\\u001b", "\\u0000", "\\r", "\\t", "[31m", "title"]
        {
            assert!(!output.contains(escaped), "{escaped} in {output}");
        }
    }
    // What it says is still there, in one line.
    assert!(seen.json().to_string().contains("red next evil"), "{:#}", seen.json());
    for keys in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        let frame = seen.screen(keys);
        assert_eq!(frame.find(steers), None, "{frame}");
    }
}
