//! The difference between two task definitions: image, size, the names of variables and secrets. No values.

use crate::context::{Ctx, faint, strong};
use partybox_core::diagnosis::Rollout;
use partybox_core::domain::{ContainerDefinition, FieldChange, TaskDefinition};
use ratatui::text::{Line, Span};

/// The difference that a rollout makes, when both of its definitions were read.
pub(super) fn of<'a>(ctx: &Ctx<'a>, rollout: &Rollout) -> Vec<Line<'a>> {
    let read = |arn: &str| ctx.state.account.store.task_definition(arn);
    let from = rollout.from.as_ref().and_then(|side| read(&side.task_definition));
    let (Some(from), Some(to)) = (from, read(&rollout.to.task_definition)) else { return Vec::new() };
    if from.arn == to.arn {
        return vec![Line::from(faint("the same task definition once more"))];
    }
    lines(from, to)
}

/// The difference in lines, under a title.
fn lines<'a>(from: &TaskDefinition, to: &TaskDefinition) -> Vec<Line<'a>> {
    let changes = changes(from, to);
    if changes.is_empty() {
        let text = "task definitions: same image reference, size, variable and secret names";
        return vec![Line::from(faint(text))];
    }
    let label = |i: usize| if i == 0 { "changes  " } else { "         " };
    let line = |(i, FieldChange { field, before, after }): (usize, FieldChange)| {
        Line::from(vec![
            faint(label(i)),
            Span::raw(format!("{field}  ")),
            faint(before),
            strong(format!(" → {after}")),
        ])
    };
    changes.into_iter().enumerate().map(line).collect()
}

fn changes(from: &TaskDefinition, to: &TaskDefinition) -> Vec<FieldChange> {
    let mut list = Vec::new();
    let size = |n: Option<u32>| n.map_or_else(|| "not set".to_owned(), |n| n.to_string());
    for (what, before, after) in [("cpu", from.cpu, to.cpu), ("memory MiB", from.memory, to.memory)] {
        if before != after {
            list.push(FieldChange::new(what, size(before), size(after)));
        }
    }
    for new in &to.containers {
        match from.containers.iter().find(|old| old.name == new.name) {
            Some(old) => container(&mut list, old, new),
            None => list.push(FieldChange::new(format!("container {}", new.name), "-", "added")),
        }
    }
    for old in from.containers.iter().filter(|old| !to.containers.iter().any(|new| new.name == old.name)) {
        list.push(FieldChange::new(format!("container {}", old.name), "there", "removed"));
    }
    list
}

fn container(list: &mut Vec<FieldChange>, old: &ContainerDefinition, new: &ContainerDefinition) {
    let name = &new.name;
    if old.image != new.image {
        let end = |image: &str| partybox_core::domain::short(image).to_owned();
        list.push(FieldChange::new(format!("{name} image"), end(&old.image), end(&new.image)));
    }
    names(list, &format!("{name} variable"), &old.environment_names, &new.environment_names);
    let secrets =
        |c: &ContainerDefinition| c.secrets.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    names(list, &format!("{name} secret"), &secrets(old), &secrets(new));
    for (secret, from) in &new.secrets {
        if old.secrets.iter().any(|(known, source)| known == secret && source != from) {
            list.push(FieldChange::new(format!("{name} secret {secret}"), "one source", "another"));
        }
    }
}

fn names(list: &mut Vec<FieldChange>, what: &str, old: &[String], new: &[String]) {
    for name in new.iter().filter(|name| !old.contains(name)) {
        list.push(FieldChange::new(format!("{what} {name}"), "-", "added"));
    }
    for name in old.iter().filter(|name| !new.contains(name)) {
        list.push(FieldChange::new(format!("{what} {name}"), "there", "removed"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(image: &str, cpu: u32, variables: &[&str], secret: (&str, &str)) -> TaskDefinition {
        TaskDefinition {
            cpu: Some(cpu),
            memory: Some(512),
            containers: vec![ContainerDefinition {
                name: "web".into(),
                image: image.into(),
                environment_names: variables.iter().map(|v| (*v).to_owned()).collect(),
                secrets: vec![(secret.0.into(), secret.1.into())],
                ..ContainerDefinition::default()
            }],
            ..TaskDefinition::default()
        }
    }

    #[test]
    fn what_differs_is_named_and_no_value_is_shown() {
        let old = definition("h/web:v1", 256, &["A", "B"], ("DB", "arn:hidden-1"));
        let new = definition("h/web:v2", 512, &["B", "C"], ("DB", "arn:hidden-2"));
        let text = lines(&old, &new).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let wanted =
            ["cpu  256 → 512", "web:v1 → web:v2", "variable C  - → added", "variable A  there → removed"];
        for wanted in wanted {
            assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
        }
        assert!(text.contains("secret DB") && !text.contains("hidden") && !text.contains("memory"), "{text}");
        assert!(lines(&old, &old)[0].to_string().contains("same image reference"));
    }
}
