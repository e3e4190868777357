//! An ECR lifecycle policy, which is JSON in a string, as sentences.

use super::plain_text::plain_text;
use serde::Deserialize;

#[derive(Deserialize)]
struct Policy {
    #[serde(default)]
    rules: Vec<PolicyRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyRule {
    #[serde(default)]
    rule_priority: i64,
    #[serde(default)]
    selection: Selection,
    action: Option<PolicyAction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyAction {
    #[serde(default)]
    r#type: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Selection {
    tag_status: String,
    tag_prefix_list: Vec<String>,
    tag_pattern_list: Vec<String>,
    count_type: String,
    count_unit: String,
    count_number: i64,
}

/// One sentence a rule, in the order in which they apply, e.g. `untagged images expire after 7 days`.
pub(super) fn sentences(policy: &str) -> Vec<String> {
    let Ok(mut policy) = serde_json::from_str::<Policy>(policy) else {
        return vec!["a policy that could not be understood".to_owned()];
    };
    policy.rules.sort_by_key(|rule| rule.rule_priority);
    policy.rules.iter().map(sentence).map(plain_text).collect()
}

fn sentence(rule: &PolicyRule) -> String {
    let selection = &rule.selection;
    let which = match selection.tag_status.as_str() {
        "untagged" => "untagged images".to_owned(),
        "any" | "" => "images".to_owned(),
        "tagged" => {
            let prefixes = selection.tag_prefix_list.iter().map(|prefix| format!("{prefix}*"));
            let tags: Vec<String> = prefixes.chain(selection.tag_pattern_list.iter().cloned()).collect();
            if tags.is_empty() {
                "tagged images".to_owned()
            } else {
                format!("images tagged {}", tags.join(", "))
            }
        }
        other => format!("{other} images"),
    };
    let verb = match rule.action.as_ref().map(|action| action.r#type.as_str()) {
        Some("expire") | None => "expire",
        Some("transition") => "are archived",
        Some(other) => other,
    };
    let n = selection.count_number;
    let unit = selection.count_unit.trim_end_matches('s');
    let unit = if unit.is_empty() { "day" } else { unit };
    let plural = if n == 1 { "" } else { "s" };
    match selection.count_type.as_str() {
        "imageCountMoreThan" => format!("{which} {verb} beyond the newest {n}"),
        "sinceImagePushed" => format!("{which} {verb} after {n} {unit}{plural}"),
        "sinceImagePulled" => format!("{which} {verb} {n} {unit}{plural} after the last pull"),
        other => format!("{which} {verb} by {other} {n}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_become_sentences_in_order() {
        let policy = r#"{"rules":[
          {"rulePriority":2,"selection":{"tagStatus":"tagged","tagPrefixList":["v"],"countType":"imageCountMoreThan","countNumber":30},"action":{"type":"expire"}},
          {"rulePriority":1,"description":"x","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":7},"action":{"type":"expire"}}]}"#;
        assert_eq!(
            sentences(policy),
            ["untagged images expire after 7 days", "images tagged v* expire beyond the newest 30"]
        );
        assert_eq!(sentences("not json").len(), 1);
        assert!(sentences(r#"{"rules":[]}"#).is_empty());
    }
}
