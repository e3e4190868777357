//! awsQuery and ec2Query input: parses `a.member.1.b=c` forms into a tree.
use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Parts of a key above which a form is refused: no operation has such keys.
const MAX_PARTS: usize = 24;

/// The element names between a list's name and its index, as the models declare them.
const LIST_ELEMENTS: [&str; 4] = ["member", "Filter", "Value", "EventCategory"];

#[derive(Default)]
struct Branch {
    value: Option<String>,
    children: BTreeMap<String, Branch>,
}

/// Parses a form into the tree that the JSON protocol would have brought, every leaf a string.
///
/// Lists come as `X.member.1` (awsQuery), `X.Filter.1` (RDS's named elements) or `X.1` (EC2).
pub(crate) fn parse(body: &[u8]) -> Result<Map<String, Value>, &'static str> {
    let mut root = Branch::default();
    for (key, value) in form_urlencoded::parse(body) {
        let mut branch = &mut root;
        for (depth, part) in key.split('.').enumerate() {
            if depth >= MAX_PARTS {
                return Err("a parameter name has too many parts");
            }
            branch = branch.children.entry(part.to_owned()).or_default();
        }
        branch.value = Some(value.into_owned());
    }
    Ok(root.children.into_iter().map(|(key, branch)| (key, branch.tree())).collect())
}

impl Branch {
    fn tree(mut self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.value.unwrap_or_default());
        }
        if let Some(items) = take_list(&mut self.children) {
            return Value::Array(items);
        }
        if self.children.len() == 1
            && let Some(entry) = self.children.first_entry()
            && LIST_ELEMENTS.contains(&entry.key().as_str())
            && entry.get().children.keys().all(|key| index(key).is_some())
        {
            let (_, branch) = entry.remove_entry();
            return branch.tree();
        }
        Value::Object(self.children.into_iter().map(|(key, branch)| (key, branch.tree())).collect())
    }
}

/// The children in index order, when all of them are indices.
fn take_list(children: &mut BTreeMap<String, Branch>) -> Option<Vec<Value>> {
    let mut indices = children.keys().map(|key| index(key)).collect::<Option<Vec<_>>>()?;
    indices.sort_unstable();
    Some(
        indices
            .into_iter()
            .filter_map(|index| children.remove(&index.to_string()))
            .map(Branch::tree)
            .collect(),
    )
}

fn index(key: &str) -> Option<u32> {
    key.parse().ok().filter(|_| !key.starts_with(['+', '0']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_become_trees() {
        for (form, tree) in [
            ("", "{}"),
            ("Action=X&Names.member.1=a&Names.member.2=b", r#"{"Action":"X","Names":["a","b"]}"#),
            ("Names.member.10=j&Names.member.9=i", r#"{"Names":["i","j"]}"#),
            (
                "Filters.Filter.1.Name=n&Filters.Filter.1.Values.Value.1=v",
                r#"{"Filters":[{"Name":"n","Values":["v"]}]}"#,
            ),
            (
                "Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.1.Value.2=vpc-2",
                r#"{"Filter":[{"Name":"vpc-id","Value":["vpc-1","vpc-2"]}]}"#,
            ),
            (
                "Q.member.1.Metric.Dimensions.member.1.Name=a%20b",
                r#"{"Q":[{"Metric":{"Dimensions":[{"Name":"a b"}]}}]}"#,
            ),
            ("Names.member.0=a", r#"{"Names":{"member":{"0":"a"}}}"#),
            ("Names.member.4000000000=a", r#"{"Names":["a"]}"#),
        ] {
            let parsed = Value::Object(parse(form.as_bytes()).expect("parses"));
            assert_eq!(parsed.to_string(), tree, "{form}");
        }
    }

    #[test]
    fn endless_names_are_refused() {
        assert!(parse("a.".repeat(10_000).as_bytes()).is_err());
    }
}
