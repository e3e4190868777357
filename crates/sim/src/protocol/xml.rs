//! awsQuery and ec2Query answers: nodes to XML.
use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::SecondsFormat;

use super::node::Node;

/// Renders the members of `node` as elements, with no element around them.
///
/// `item` names the elements of lists whose key names none: `member` for awsQuery, `item` for EC2.
pub(crate) fn render(node: &Node, item: &str) -> String {
    let mut out = String::new();
    write_node(&mut out, node, item, item);
    out
}

/// Writes `<name>text</name>`.
pub(crate) fn element(out: &mut String, name: &str, text: &str) {
    open(out, name);
    escape(out, text);
    close(out, name);
}

fn write_node(out: &mut String, node: &Node, element_name: &str, item: &str) {
    match node {
        Node::Absent => {}
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Int(value) => number(out, value),
        Node::Float(value) => number(out, value),
        Node::Text(value) => escape(out, value),
        Node::Time(value) => out.push_str(&value.to_rfc3339_opts(SecondsFormat::Millis, true)),
        Node::List(items) => {
            for value in items {
                open(out, element_name);
                write_node(out, value, item, item);
                close(out, element_name);
            }
        }
        Node::Map(members) => {
            for (key, value) in members {
                if *value == Node::Absent {
                    continue;
                }
                let (name, inner) = key.split_once('/').unwrap_or((key, item));
                open(out, name);
                match value {
                    Node::Map(entries) if inner == "entry" => write_entries(out, entries, item),
                    _ => write_node(out, value, inner, item),
                }
                close(out, name);
            }
        }
    }
}

/// A map whose keys are data, not member names.
fn write_entries(out: &mut String, entries: &[(Cow<'static, str>, Node)], item: &str) {
    for (key, value) in entries {
        open(out, "entry");
        element(out, "key", key);
        open(out, "value");
        write_node(out, value, item, item);
        close(out, "value");
        close(out, "entry");
    }
}

fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn number(out: &mut String, value: impl std::fmt::Display) {
    write!(out, "{value}").expect("a String takes every write");
}

fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no form, escaped or not, for the other control characters.
            '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => {
                out.push(character);
            }
            _ => out.push('\u{fffd}'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::node::map;

    #[test]
    fn lists_name_their_elements_and_text_is_escaped() {
        let node = map! {
            "DBInstances/DBInstance": vec![map! { "Name": "a<b & \u{1}\"c\"" }],
            "Zones": vec!["x", "y"],
            "Gone": None::<&str>,
            "Empty": Node::List(Vec::new()),
            "Extra/entry": map! { "p99": 0.5 },
        };
        assert_eq!(
            render(&node, "member"),
            "<DBInstances><DBInstance><Name>a&lt;b &amp; \u{fffd}&quot;c&quot;</Name></DBInstance></DBInstances>\
             <Zones><member>x</member><member>y</member></Zones><Empty></Empty>\
             <Extra><entry><key>p99</key><value>0.5</value></entry></Extra>"
        );
    }
}
