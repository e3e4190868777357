//! A field's change from one value to another.

use serde::{Deserialize, Serialize};

/// A field with its value before and after. Serialized as a list of three texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[String; 3]", into = "[String; 3]")]
pub struct FieldChange {
    /// Name of the field, for people.
    pub field: String,
    /// Its value before; empty where there was none.
    pub before: String,
    /// Its value after; empty where there is none.
    pub after: String,
}

impl FieldChange {
    /// A change of a field.
    pub fn new(field: impl Into<String>, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self { field: field.into(), before: before.into(), after: after.into() }
    }
}

impl From<[String; 3]> for FieldChange {
    fn from([field, before, after]: [String; 3]) -> Self {
        Self { field, before, after }
    }
}

impl From<FieldChange> for [String; 3] {
    fn from(change: FieldChange) -> Self {
        [change.field, change.before, change.after]
    }
}
