//! The input of an operation, from any protocol.
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::ApiError;

/// A structure of the input. Form protocols bring every leaf as text, so numbers and booleans are
/// taken from text as well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a>(&'a Value);

impl<'a> Input<'a> {
    pub(crate) const fn new(value: &'a Value) -> Self {
        Input(value)
    }

    /// The whole input, unchanged.
    pub(crate) const fn raw(self) -> &'a Value {
        self.0
    }

    /// The first member with a value that is none of these. AWS would take it, so nothing is said about it
    /// unless somebody asks here.
    pub(crate) fn beside(self, known: &[&str]) -> Option<&'a str> {
        let members = self.0.as_object()?;
        let other = members.iter().find(|(name, value)| !value.is_null() && !known.contains(&name.as_str()));
        other.map(|(name, _)| name.as_str())
    }

    fn member(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text member.
    pub(crate) fn text(self, name: &str) -> Result<Option<&'a str>, ApiError> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(name, "a string")),
        }
    }

    /// A whole number.
    pub(crate) fn int(self, name: &str) -> Result<Option<i64>, ApiError> {
        self.member(name)
            .map(|value| {
                match value {
                    Value::Number(number) => number.as_i64(),
                    Value::String(text) => text.parse().ok(),
                    _ => None,
                }
                .ok_or_else(|| wrong_type(name, "an integer"))
            })
            .transpose()
    }

    /// A number.
    pub(crate) fn number(self, name: &str) -> Result<Option<f64>, ApiError> {
        self.member(name)
            .map(|value| as_number(value).ok_or_else(|| wrong_type(name, "a number")))
            .transpose()
    }

    /// A list of numbers; empty when absent.
    pub(crate) fn numbers(self, name: &str) -> Result<Vec<f64>, ApiError> {
        let elements = self.elements(name)?.iter();
        elements.map(|value| as_number(value).ok_or_else(|| wrong_type(name, "numbers"))).collect()
    }

    /// A boolean.
    pub(crate) fn flag(self, name: &str) -> Result<Option<bool>, ApiError> {
        self.member(name)
            .map(|value| match value {
                Value::Bool(flag) => Ok(*flag),
                Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
                Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
                _ => Err(wrong_type(name, "a boolean")),
            })
            .transpose()
    }

    /// A timestamp: epoch seconds, or ISO 8601 in the form protocols.
    pub(crate) fn time(self, name: &str) -> Result<Option<DateTime<Utc>>, ApiError> {
        self.member(name)
            .map(|value| {
                match value {
                    Value::Number(number) => number.as_f64().and_then(from_epoch),
                    Value::String(text) => parse_time(text),
                    _ => None,
                }
                .ok_or_else(|| wrong_type(name, "a timestamp"))
            })
            .transpose()
    }

    /// A list of strings; empty when absent.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<&'a str>, ApiError> {
        self.elements(name)?
            .iter()
            .map(|value| value.as_str().ok_or_else(|| wrong_type(name, "strings")))
            .collect()
    }

    /// A list of structures; empty when absent.
    pub(crate) fn list(self, name: &str) -> Result<Vec<Input<'a>>, ApiError> {
        self.elements(name)?
            .iter()
            .map(
                |value| {
                    if value.is_object() { Ok(Input(value)) } else { Err(wrong_type(name, "structures")) }
                },
            )
            .collect()
    }

    /// A structure.
    pub(crate) fn part(self, name: &str) -> Result<Option<Input<'a>>, ApiError> {
        match self.member(name) {
            None => Ok(None),
            Some(value) if value.is_object() => Ok(Some(Input(value))),
            Some(_) => Err(wrong_type(name, "a structure")),
        }
    }

    /// Whether the member was sent at all.
    pub(crate) fn has(self, name: &str) -> bool {
        self.member(name).is_some()
    }

    fn elements(self, name: &str) -> Result<&'a [Value], ApiError> {
        match self.member(name) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            // An empty list in a form is the bare name: `LoadBalancerArns=`.
            Some(Value::String(text)) if text.is_empty() => Ok(&[]),
            Some(_) => Err(wrong_type(name, "a list")),
        }
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn wrong_type(name: &str, wanted: &str) -> ApiError {
    ApiError::new("SerializationException", format!("The value of {name} must be {wanted}."))
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn from_epoch(seconds: f64) -> Option<DateTime<Utc>> {
    if !seconds.is_finite() || seconds.abs() > 1.0e11 {
        return None;
    }
    DateTime::from_timestamp_millis((seconds * 1000.0).round() as i64)
}

fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .ok()
        .or_else(|| text.parse::<f64>().ok().and_then(from_epoch))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_taken_from_typed_and_text_forms() {
        let value = json!({"n": "5", "m": 6, "t": "TRUE", "when": 1_700_000_000.5, "iso": "2023-11-14T22:13:20Z", "none": null, "empty": ""});
        let input = Input::new(&value);
        assert_eq!(input.int("n").unwrap(), Some(5));
        assert_eq!(input.int("m").unwrap(), Some(6));
        assert_eq!(input.flag("t").unwrap(), Some(true));
        assert_eq!(input.text("none").unwrap(), None);
        assert!(input.texts("empty").unwrap().is_empty());
        assert_eq!(input.time("when").unwrap().unwrap().timestamp_millis(), 1_700_000_000_500);
        assert_eq!(input.time("iso").unwrap().unwrap().timestamp(), 1_700_000_000);
    }

    #[test]
    fn wrong_types_are_serialization_errors() {
        let value = json!({"n": "x", "b": 1, "l": "a", "t": 1e300, "s": [], "p": 1, "ls": [1]});
        let input = Input::new(&value);
        for fault in [
            input.int("n").unwrap_err(),
            input.flag("b").unwrap_err(),
            input.texts("l").unwrap_err(),
            input.time("t").unwrap_err(),
            input.text("s").unwrap_err(),
            input.part("p").map(|_| ()).unwrap_err(),
            input.list("ls").map(|_| ()).unwrap_err(),
        ] {
            assert_eq!(fault.code, "SerializationException");
        }
    }
}
