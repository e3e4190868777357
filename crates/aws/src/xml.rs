//! A small tree for the XML of EC2's and of the Query protocol's answers.

use super::plain_text::plain_text;
use chrono::{DateTime, Utc};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use std::str::FromStr;

/// Elements nest a handful deep in AWS's answers; more is not an answer of AWS.
const DEEPEST: usize = 64;

/// An element: its name without prefix, its text, and the elements in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// Local name.
    pub(super) name: String,
    /// Text directly in it, without the white space around it.
    pub(super) text: String,
    /// Elements directly in it.
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The root element of a document; `None` when it is not well-formed XML.
    pub(super) fn parse(xml: &str) -> Option<Self> {
        let mut reader = Reader::from_str(xml);
        // The bottom node is a container for the root element.
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    if open.len() > DEEPEST {
                        return None;
                    }
                    open.push(Self { name: start.local_name().as_ref().to_owned(), ..Self::default() });
                }
                Event::Empty(start) => {
                    let name = start.local_name().as_ref().to_owned();
                    open.last_mut()?.children.push(Self { name, ..Self::default() });
                }
                Event::End(_) => {
                    let mut done = open.pop()?;
                    done.text = plain_text(done.text.trim().to_owned());
                    open.last_mut()?.children.push(done);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::CData(text) => open.last_mut()?.text.push_str(&text),
                Event::GeneralRef(reference) => {
                    let text = &mut open.last_mut()?.text;
                    match reference.resolve_char_ref().ok()? {
                        Some(character) => text.push(character),
                        None => text.push_str(resolve_xml_entity(&reference)?),
                    }
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        let bottom = open.pop().filter(|_| open.is_empty())?;
        let mut roots = bottom.children.into_iter();
        roots.next().filter(|_| roots.next().is_none())
    }

    /// The first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text at the end of a path of child names; `None` when absent or empty.
    pub(super) fn at(&self, path: &[&str]) -> Option<&str> {
        let end = path.iter().try_fold(self, |node, name| node.child(name))?;
        (!end.text.is_empty()).then_some(end.text.as_str())
    }

    /// As [`Node::at`], owned, empty when absent.
    pub(super) fn text_at(&self, path: &[&str]) -> String {
        self.at(path).unwrap_or_default().to_owned()
    }

    /// A child's text; `None` when absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.at(&[name]).map(str::to_owned)
    }

    /// A child's number; `None` when absent, or when it does not fit.
    pub(super) fn number<T: FromStr>(&self, name: &str) -> Option<T> {
        self.at(&[name])?.parse().ok()
    }

    /// Whether a child says `true`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.at(&[name]) == Some("true")
    }

    /// A child's time.
    pub(super) fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(self.at(&[name])?).ok().map(|at| at.to_utc())
    }

    /// Whether there is neither text nor an element in it.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.children.is_empty()
    }

    /// The elements of a list element, whatever each is called; none when the list is absent.
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.child(name).into_iter().flat_map(|list| &list.children)
    }

    /// As [`Node::list`], owned.
    pub(super) fn into_list(self, name: &str) -> Vec<Self> {
        self.children.into_iter().find(|child| child.name == name).map_or_else(Vec::new, |list| list.children)
    }

    /// The error in an answer: `<Error>` in the root, or in its `<Errors>`.
    pub(super) fn error(&self) -> Option<&Self> {
        self.child("Errors").and_then(|errors| errors.child("Error")).or_else(|| self.child("Error"))
    }

    /// The `<item>`s of a list element; none when the list is absent.
    pub(super) fn items(&self, list: &str) -> impl Iterator<Item = &Self> {
        self.child(list)
            .into_iter()
            .flat_map(|list| list.children.iter().filter(|child| child.name == "item"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_entities_and_lists() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <vpcSet><item><vpcId>vpc-1</vpcId><tagSet>
                <item><key>Name</key><value>A &amp; B &lt;&#x8CA0;&gt;</value></item></tagSet></item>
                <item><vpcId>vpc-2</vpcId><isDefault/></item></vpcSet>
            </DescribeVpcsResponse>"#;
        let root = Node::parse(xml).expect("well-formed");
        assert_eq!(root.name, "DescribeVpcsResponse");
        let vpcs: Vec<&Node> = root.items("vpcSet").collect();
        assert_eq!(vpcs.len(), 2);
        assert_eq!(vpcs[0].at(&["tagSet", "item", "value"]), Some("A & B <負>"));
        assert_eq!(vpcs[1].at(&["isDefault"]), None);
        assert_eq!(root.items("subnetSet").count(), 0);
    }

    #[test]
    fn broken_documents_are_none() {
        for broken in ["", "<a><b></a>", "<a>", "not xml", "<a/><b/>", "<a>&unknown;</a>", "{\"a\":1}"] {
            assert_eq!(Node::parse(broken), None, "{broken}");
        }
        let deep = "<a>".repeat(1000) + &"</a>".repeat(1000);
        assert_eq!(Node::parse(&deep), None);
    }
}
