//! awsJson 1.0 and 1.1: nodes to JSON.
use serde_json::{Map, Number, Value};

use super::node::{Node, json_name};

/// Renders a node as awsJson does: timestamps are epoch seconds, with a fraction when there is one.
pub(crate) fn render(node: &Node) -> Value {
    match node {
        Node::Absent => Value::Null,
        Node::Bool(value) => Value::Bool(*value),
        Node::Int(value) => Value::Number((*value).into()),
        Node::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        Node::Text(value) => Value::String(value.clone()),
        Node::Time(value) => epoch(value.timestamp_millis()),
        Node::List(items) => Value::Array(items.iter().map(render).collect()),
        Node::Map(members) => Value::Object(
            members
                .iter()
                .filter(|(_, value)| *value != Node::Absent)
                .map(|(key, value)| (json_name(key).to_owned(), render(value)))
                .collect::<Map<_, _>>(),
        ),
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay below 2^53 for 285,000 years")]
fn epoch(millis: i64) -> Value {
    if millis % 1000 == 0 {
        return Value::Number((millis / 1000).into());
    }
    Number::from_f64(millis as f64 / 1000.0).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::protocol::node::map;

    #[test]
    fn absent_members_are_left_out_and_times_are_epoch_seconds() {
        let at = DateTime::from_timestamp_millis(1_700_000_000_250).expect("in range");
        let node = map! {
            "a/Item": Node::list(["x"]),
            "b": None::<i64>,
            "c": at,
            "d": f64::NAN,
        };
        assert_eq!(render(&node).to_string(), r#"{"a":["x"],"c":1700000000.25,"d":null}"#);
    }
}
