//! Text from AWS on its way in: what would steer a terminal is taken out here, once, for every output behind it.
//!
//! Names, events, reasons and error messages hold whatever somebody put into them: a container's last words, a tag, a
//! service's description. Written raw to a terminal, a control sequence moves the cursor, sets the title or the clipboard,
//! and a direction mark turns the text after it around.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Characters of one text at most. AWS's own sentences are far shorter; what is longer is cut and says so by `…`.
const LONGEST: usize = 4096;

/// The text in one line: control sequences are gone with all that belongs to them, line ends and tabs are spaces, other
/// control characters and direction marks are gone. At most `longest` characters, then `…`.
pub(super) fn plain(text: &str, longest: usize) -> String {
    let mut plain = String::new();
    let mut length = 0;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let c = match c {
            '\x1b' => {
                skip_escape(&mut rest);
                continue;
            }
            '\u{9b}' => {
                skip_sequence(&mut rest);
                continue;
            }
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => {
                skip_string(&mut rest);
                continue;
            }
            // `\r\n` is one line end.
            '\r' if rest.as_str().starts_with('\n') => continue,
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() || steers(c) => continue,
            c => c,
        };
        if length == longest {
            plain.push('…');
            break;
        }
        plain.push(c);
        length += 1;
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// Whether a text is none of those that [`plain`] leaves as they are.
fn is_plain(text: &str) -> bool {
    text.len() <= LONGEST && !text.chars().any(|c| c.is_control() || steers(c) || is_line_end(c))
}

/// A text of an answer.
pub(super) fn plain_text(text: String) -> String {
    if is_plain(&text) { text } else { plain(&text, LONGEST) }
}

/// Every text in a JSON answer, and every name of a member: account owners choose some of those too (tags, labels).
pub(super) fn plain_json(value: &mut Value) {
    match value {
        Value::String(text) => {
            if !is_plain(text) {
                *text = plain(text, LONGEST);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(plain_json),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                if !is_for_machines(name) {
                    plain_json(value);
                }
            }
            if members.keys().any(|name| !is_plain(name)) {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(name, value)| (plain_text(name), value))
                    .collect();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The same value with [`plain_json`] done to every text in it: for what was read from an answer that came to the letter.
/// What cannot be written as JSON and read again stays as it is.
pub(super) fn made_plain<T: Serialize + DeserializeOwned>(value: T) -> T {
    let Ok(mut json) = serde_json::to_value(&value) else { return value };
    plain_json(&mut json);
    serde_json::from_value(json).unwrap_or(value)
}

/// Members that go back to AWS as they are, or are documents of their own: a token, a policy, a manifest. What is read
/// out of such a document is made plain where it is read.
fn is_for_machines(name: &str) -> bool {
    name.ends_with("oken") || matches!(name, "lifecyclePolicyText" | "imageManifest")
}

/// A JSON body with [`plain_json`] done to it; none when there is nothing to do, or when it is no JSON.
pub(super) fn plain_body(body: &[u8]) -> Option<Vec<u8>> {
    if !needs_a_look(body) {
        return None;
    }
    let mut value: Value = serde_json::from_slice(body).ok()?;
    plain_json(&mut value);
    serde_json::to_vec(&value).ok()
}

/// Whether a body may hold what is not plain. Nearly none does, and then it is not parsed a second time.
fn needs_a_look(body: &[u8]) -> bool {
    // An escape other than `\"`, `\\` and `\/`; a long text; or the first bytes of the marks: C1 controls and U+061C,
    // U+200E to U+2069, U+FEFF.
    let escapes = body
        .windows(2)
        .any(|two| two[0] == b'\\' && matches!(two[1], b'u' | b'n' | b'r' | b't' | b'b' | b'f'));
    let marks = body
        .windows(2)
        .any(|two| matches!(two, [0xc2, 0x80..=0x9f] | [0xd8, 0x9c] | [0xe2, 0x80 | 0x81] | [0xef, 0xbb]));
    escapes || marks || body.split(|byte| *byte == b'"').any(|text| text.len() > LONGEST)
}

/// Skips what follows ESC: a control sequence (`[`), a string that ends with BEL or ESC `\` (`]`, `P`, `X`,
/// `^`, `_`), or one to three characters.
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('[') => skip_sequence(rest),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(rest),
        Some(' '..='/') => {
            rest.next();
        }
        _ => {}
    }
}

/// Skips up to BEL, ESC `\` or their C1 form. One that has no end takes nothing with it: hiding the rest of a
/// sentence would be a way to hide a fault.
fn skip_string(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    while let Some(c) = ahead.next() {
        match c {
            '\x07' | '\u{9c}' => {
                *rest = ahead;
                return;
            }
            '\x1b' => {
                ahead.next();
                *rest = ahead;
                return;
            }
            _ => {}
        }
    }
}

/// Skips up to the final character of a control sequence.
fn skip_sequence(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    while let Some(c) = ahead.next() {
        match c {
            '@'..='~' => {
                *rest = ahead;
                return;
            }
            ' '..='?' => {}
            // No part of a sequence: it broke off.
            _ => return,
        }
        *rest = ahead.clone();
    }
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether a character is an invisible mark that changes the direction of the text after it, or hides in it.
fn steers(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_in_a_text_steers_the_terminal() {
        let cases = [
            ("\x1b[31mERROR\x1b[0m\tx\x1b]0;title\x07y\u{9b}2Jz", "ERROR xyz"),
            ("\x1b]8;;http://h\x1b\\link\x1b(B\x08\u{202e}!  ", "link!"),
            ("    at main (index.js:3)", "    at main (index.js:3)"),
            ("a\r\nb\nc\rd\u{85}e\u{2028}f", "a b c d e f"),
            ("\x1b]52;c;cGF3bmVk\x07x\u{9d}0;t\u{9c}y\u{90}q\x1b\\z", "xyz"),
            ("\x1b[", ""),
            ("\x1b]0;it never ends: the task is gone", "0;it never ends: the task is gone"),
            ("\x1b[12\x00rest", "rest"),
            ("\u{61c}\u{feff}x\x7f\x00", "x"),
            ("部屋が見つかりません 👩\u{200d}💻", "部屋が見つかりません 👩\u{200d}💻"),
        ];
        for (raw, expected) in cases {
            assert_eq!(plain(raw, 99), expected, "{raw:?}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(plain(&"あ".repeat(40), 40).chars().count(), 40);
        let cut = plain_text("あ".repeat(1_000_000));
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (LONGEST + 1, true));
    }

    #[test]
    fn a_body_is_made_plain_where_it_must_be() {
        assert_eq!(plain_body(br#"{"a":"b","c":["\"d\\e\""],"f":1.5}"#), None);
        assert_eq!(plain_body(b"<html>\xc2\x9b</html>"), None);
        let hostile = [
            json!({"m": "\x1b[2Jx"}),
            json!({"m": "x\u{9b}2J"}),
            json!({"m": "x\u{202e}"}),
            json!({"m": ["x\r\n"]}),
            json!({"m": {"\x1b[2Jx": "y"}}),
        ];
        for body in hostile {
            let text = body.to_string();
            let plain = plain_body(text.as_bytes()).unwrap_or_else(|| panic!("{text} was not looked at"));
            let plain: Value = serde_json::from_slice(&plain).expect("JSON");
            assert!(!plain.to_string().contains(['\u{9b}', '\u{202e}', '\\']), "{plain}");
            assert!(plain.to_string().contains('x'), "{plain}");
        }
        let long = json!({"m": "y".repeat(1_000_000), "nextToken": "t".repeat(9000)}).to_string();
        let plain: Value =
            serde_json::from_slice(&plain_body(long.as_bytes()).expect("it is long")).expect("JSON");
        assert_eq!(plain["m"].as_str().map(|text| text.chars().count()), Some(LONGEST + 1));
        assert_eq!(plain["nextToken"].as_str().map(str::len), Some(9000));
    }
}
