//! The answer of an operation, independent of the protocol.
use std::borrow::Cow;

use chrono::{DateTime, Utc};

/// A tree of values that JSON, XML and CBOR can all render.
///
/// Timestamps keep their type because each protocol writes them differently. A map's key may carry
/// the XML name of its list's elements after a slash (`DBInstances/DBInstance`); JSON and CBOR use
/// only the part before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// An optional member that is not there: left out of its map.
    Absent,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Time(DateTime<Utc>),
    List(Vec<Node>),
    Map(Vec<(Cow<'static, str>, Node)>),
}

impl Node {
    /// A list of anything that can become a node.
    pub(crate) fn list<T: Into<Node>>(items: impl IntoIterator<Item = T>) -> Node {
        Node::List(items.into_iter().map(Into::into).collect())
    }

    /// The answer of an operation that returns nothing.
    pub(crate) const fn empty() -> Node {
        Node::Map(Vec::new())
    }
}

/// The member name without the XML element name that may follow it.
pub(crate) fn json_name(key: &str) -> &str {
    key.split_once('/').map_or(key, |(name, _)| name)
}

/// Builds a [`Node::Map`] from `"name": value` pairs; absent values are left out.
macro_rules! map {
    ($($key:literal : $value:expr),* $(,)?) => {
        $crate::protocol::node::Node::Map(vec![
            $((::std::borrow::Cow::Borrowed($key), $crate::protocol::node::Node::from($value))),*
        ])
    };
}
pub(crate) use map;

macro_rules! from {
    ($($kind:ty => |$value:ident| $node:expr;)*) => {
        $(impl From<$kind> for Node {
            fn from($value: $kind) -> Node {
                $node
            }
        })*
    };
}

from! {
    bool => |value| Node::Bool(value);
    i32 => |value| Node::Int(value.into());
    i64 => |value| Node::Int(value);
    u8 => |value| Node::Int(value.into());
    u16 => |value| Node::Int(value.into());
    u32 => |value| Node::Int(value.into());
    u64 => |value| Node::Int(i64::try_from(value).unwrap_or(i64::MAX));
    usize => |value| Node::Int(i64::try_from(value).unwrap_or(i64::MAX));
    f64 => |value| Node::Float(value);
    &str => |value| Node::Text(value.to_owned());
    &String => |value| Node::Text(value.clone());
    String => |value| Node::Text(value);
    DateTime<Utc> => |value| Node::Time(value);
}

impl<T: Into<Node>> From<Option<T>> for Node {
    fn from(value: Option<T>) -> Node {
        value.map_or(Node::Absent, Into::into)
    }
}

impl<T: Into<Node>> From<Vec<T>> for Node {
    fn from(value: Vec<T>) -> Node {
        Node::list(value)
    }
}
