//! Smithy RPC v2 CBOR, which CloudWatch's newer clients speak.
use aws_smithy_cbor::{Decoder, Encoder, data::Type, decode::DeserializeError};
use aws_smithy_types::DateTime as SmithyTime;
use serde_json::{Map, Number, Value};

use super::node::{Node, json_name};

/// Nesting depth above which a body is refused, so that parsing cannot overflow the stack.
const MAX_DEPTH: usize = 64;

/// Renders a node; timestamps carry CBOR tag 1.
pub(crate) fn render(node: &Node) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder, node);
    encoder.into_writer()
}

fn write(encoder: &mut Encoder, node: &Node) {
    match node {
        Node::Absent => encoder.null(),
        Node::Bool(value) => encoder.boolean(*value),
        Node::Int(value) => encoder.long(*value),
        Node::Float(value) => encoder.double(*value),
        Node::Text(value) => encoder.str(value),
        Node::Time(value) => encoder.timestamp(&SmithyTime::from_millis(value.timestamp_millis())),
        Node::List(items) => {
            encoder.array(items.len());
            for item in items {
                write(encoder, item);
            }
            encoder
        }
        Node::Map(members) => {
            encoder.begin_map();
            for (key, value) in members {
                if *value != Node::Absent {
                    encoder.str(json_name(key));
                    write(encoder, value);
                }
            }
            encoder.end()
        }
    };
}

/// Reads a body into the tree the JSON protocol would have brought: timestamps as epoch seconds.
pub(crate) fn parse(body: &[u8]) -> Result<Value, DeserializeError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    read(&mut Decoder::new(body), 0)
}

fn read(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, DeserializeError> {
    if depth > MAX_DEPTH {
        return Err(DeserializeError::custom("nested too deeply", decoder.position()));
    }
    Ok(match decoder.datatype()? {
        Type::Bool => Value::Bool(decoder.boolean()?),
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            Value::Null
        }
        Type::U8
        | Type::U16
        | Type::U32
        | Type::U64
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64
        | Type::Int => Value::Number(decoder.long()?.into()),
        Type::F16 | Type::F32 | Type::F64 => float(decoder.double()?),
        Type::String | Type::StringIndef => Value::String(decoder.string()?),
        Type::Tag => float(decoder.timestamp()?.as_secs_f64()),
        Type::Array | Type::ArrayIndef => {
            let mut left = decoder.list()?;
            let mut items = Vec::new();
            while more(decoder, &mut left)? {
                items.push(read(decoder, depth + 1)?);
            }
            Value::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let mut left = decoder.map()?;
            let mut members = Map::new();
            while more(decoder, &mut left)? {
                let key = decoder.string()?;
                members.insert(key, read(decoder, depth + 1)?);
            }
            Value::Object(members)
        }
        _ => {
            return Err(DeserializeError::custom("a type that no member has", decoder.position()));
        }
    })
}

/// Whether a collection has another element; `left` is `None` for one that ends with a break.
fn more(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, DeserializeError> {
    match left {
        Some(0) => Ok(false),
        Some(count) => {
            *count -= 1;
            Ok(true)
        }
        None if decoder.datatype()? == Type::Break => {
            decoder.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::protocol::node::map;

    #[test]
    fn what_is_written_reads_back() {
        let at = DateTime::from_timestamp_millis(1_700_000_000_000).expect("in range");
        let bytes = render(&map! {
            "When": at,
            "Values": vec![1.5, 2.0],
            "Name": "cpu",
            "Count": 70_000_i64,
            "Gone": None::<i64>,
            "Inner": map! { "Yes": true },
        });
        // RFC 8949: c1 is tag 1, and the timestamp's key comes first.
        assert_eq!(bytes[..7], *b"\xbf\x64When\xc1");
        assert_eq!(
            parse(&bytes).expect("well formed").to_string(),
            r#"{"When":1700000000.0,"Values":[1.5,2.0],"Name":"cpu","Count":70000,"Inner":{"Yes":true}}"#
        );
    }

    #[test]
    fn malformed_bodies_are_refused() {
        let deep = vec![0x81; 100_000];
        for body in
            [&b"\xbf\x64When"[..], b"\xff", b"\xa1\x01\x02", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", &deep]
        {
            assert!(parse(body).is_err(), "{:?}", &body[..body.len().min(12)]);
        }
    }
}
