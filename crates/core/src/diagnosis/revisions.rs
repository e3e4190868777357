//! What differs between two task definitions. Names alone: the values of variables are never kept.

use crate::domain::{ContainerDefinition, FieldChange, TaskDefinition};
use std::collections::BTreeSet;

/// What changes from one task definition to another. A variable or secret that is only on one side
/// has an empty text on the other.
pub fn revision_changes(old: &TaskDefinition, new: &TaskDefinition) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut note = |field: String, before: String, after: String| {
        if before != after {
            changes.push(FieldChange { field, before, after });
        }
    };
    let number = |n: Option<u32>| n.map_or_else(String::new, |n| n.to_string());
    note("cpu".into(), number(old.cpu), number(new.cpu));
    note("memory".into(), number(old.memory), number(new.memory));
    let names: BTreeSet<&str> =
        old.containers.iter().chain(&new.containers).map(|c| c.name.as_str()).collect();
    let blank = ContainerDefinition::default();
    for name in names {
        let find = |of: &'_ TaskDefinition| of.containers.iter().find(|c| c.name == name).cloned();
        let (before, after) = (find(old), find(new));
        let (before, after) = (before.as_ref().unwrap_or(&blank), after.as_ref().unwrap_or(&blank));
        note(format!("{name} image"), before.image.clone(), after.image.clone());
        note(format!("{name} port"), number(before.port), number(after.port));
        let plain = |c: &ContainerDefinition| c.environment_names.iter().cloned().collect::<BTreeSet<_>>();
        let secret = |c: &ContainerDefinition| c.secrets.iter().map(|s| s.0.clone()).collect::<BTreeSet<_>>();
        for (kind, before, after) in
            [("variable", plain(before), plain(after)), ("secret", secret(before), secret(after))]
        {
            for gone in before.difference(&after) {
                note(format!("{name} {kind}"), gone.clone(), String::new());
            }
            for come in after.difference(&before) {
                note(format!("{name} {kind}"), String::new(), come.clone());
            }
        }
        for (variable, from) in &after.secrets {
            if let Some((_, was)) = before.secrets.iter().find(|(known, _)| known == variable) {
                note(format!("{name} secret {variable}"), was.clone(), from.clone());
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_differs_and_nothing_else() {
        let container = |image: &str, names: &[&str], secrets: &[(&str, &str)]| ContainerDefinition {
            name: "app".into(),
            image: image.into(),
            environment_names: names.iter().map(|n| (*n).to_owned()).collect(),
            secrets: secrets.iter().map(|(n, a)| ((*n).to_owned(), (*a).to_owned())).collect(),
            ..ContainerDefinition::default()
        };
        let definition = |memory, container| TaskDefinition {
            cpu: Some(256),
            memory: Some(memory),
            containers: vec![container],
            ..TaskDefinition::default()
        };
        let old = definition(512, container("web:1", &["PORT", "DATABASE_URL"], &[("KEY", "arn:1")]));
        let new =
            definition(1024, container("web:2", &["PORT"], &[("DATABASE_URL", "arn:db"), ("KEY", "arn:2")]));
        let changes = revision_changes(&old, &new);
        let text: Vec<String> =
            changes.iter().map(|c| format!("{}: {} > {}", c.field, c.before, c.after)).collect();
        assert_eq!(
            text,
            [
                "memory: 512 > 1024",
                "app image: web:1 > web:2",
                "app variable: DATABASE_URL > ",
                "app secret:  > DATABASE_URL",
                "app secret KEY: arn:1 > arn:2",
            ]
        );
        assert_eq!(revision_changes(&new, &new), []);
    }
}
