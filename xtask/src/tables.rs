//! The tables of the README, as Markdown.

use partybox_aws::permissions::{ACTS_ON_ANY, ACTS_ON_RESOURCES, read_actions};
use partybox_core::app::keymap::{BINDINGS, Command};
use partybox_core::report::ExitStatus;
use partybox_sim::Scenario;
use std::fmt::Write as _;

/// All tables, each with the name of its marks.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("keys", keys()),
        ("exit codes of operations", exit_codes("exit code", &ExitStatus::OPERATION)),
        ("exit codes of drill", exit_codes("exit code of `drill`", &ExitStatus::DRILL)),
        ("exit codes of status", exit_codes("exit code of `status`", &ExitStatus::STATUS)),
        ("policy to look", policy(&[reads(), never_secret_values()])),
        ("policy to act", policy(&[acts_on_resources(), acts_on_any(), pass_role()])),
        ("scenarios", scenarios()),
    ]
}

fn table(heads: [&str; 2], rows: impl IntoIterator<Item = (String, String)>) -> String {
    let mut text = format!("| {} | {} |\n|---|---|\n", heads[0], heads[1]);
    for (left, right) in rows {
        let _ = writeln!(text, "| {left} | {right} |");
    }
    text
}

/// One row a key; the numbers of the views are one row, as the views have a table of their own.
fn keys() -> String {
    let views: Vec<&str> =
        BINDINGS.iter().filter(|it| matches!(it.command, Command::Show(_))).map(|it| it.label).collect();
    let numbers = views.first().zip(views.last()).map(|(first, last)| {
        let help = "the views";
        (format!("`{first}` ... `{last}`"), help.to_owned())
    });
    let (before, after): (Vec<_>, Vec<_>) = BINDINGS
        .iter()
        .filter(|it| !matches!(it.command, Command::Show(_)))
        .partition(|it| it.group != "look");
    let row = |binding: &partybox_core::app::keymap::Binding| {
        let keys: Vec<String> = binding.label.split(" / ").map(|key| format!("`{key}`")).collect();
        (keys.join(" "), binding.help.to_owned())
    };
    table(["key", "does"], before.into_iter().map(row).chain(numbers).chain(after.into_iter().map(row)))
}

fn exit_codes(head: &str, all: &[ExitStatus]) -> String {
    table([head, "meaning"], all.iter().map(|it| (it.code().to_string(), it.meaning().to_owned())))
}

fn scenarios() -> String {
    let rows = Scenario::all().iter().map(|it| (format!("`{}`", it.name()), it.description().to_owned()));
    table(["scenario", "what happens"], rows)
}

/// A statement of a policy: its lines between the braces.
fn statement(sid: &str, effect: &str, actions: &[&str], rest: &[&str]) -> Vec<String> {
    let mut lines = vec![format!("\"Sid\": \"{sid}\","), format!("\"Effect\": \"{effect}\",")];
    lines.push("\"Action\": [".to_owned());
    lines.extend(wrapped(actions));
    lines.push("],".to_owned());
    lines.extend(rest.iter().map(|it| (*it).to_owned()));
    lines
}

/// Actions as JSON strings, several on a line; those of one service begin a new one.
fn wrapped(actions: &[&str]) -> Vec<String> {
    const WIDTH: usize = 110;
    let service = |action: &str| action.split(':').next().unwrap_or_default().to_owned();
    let mut lines: Vec<String> = Vec::new();
    let mut before = String::new();
    for (at, action) in actions.iter().enumerate() {
        let comma = if at + 1 < actions.len() { "," } else { "" };
        let text = format!("\"{action}\"{comma}");
        match lines.last_mut() {
            Some(line) if service(action) == before && line.len() + text.len() < WIDTH => {
                line.push(' ');
                line.push_str(&text);
            }
            _ => lines.push(format!("  {text}")),
        }
        before = service(action);
    }
    lines
}

fn policy(statements: &[Vec<String>]) -> String {
    let mut text = "```json\n{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n".to_owned();
    for (at, lines) in statements.iter().enumerate() {
        text.push_str("    {\n");
        for line in lines {
            let _ = writeln!(text, "      {line}");
        }
        text.push_str(if at + 1 < statements.len() { "    },\n" } else { "    }\n" });
    }
    text.push_str("  ]\n}\n```\n");
    text
}

fn reads() -> Vec<String> {
    statement("PartyBoxTopReads", "Allow", &read_actions(), &["\"Resource\": \"*\""])
}

fn never_secret_values() -> Vec<String> {
    statement("NeverSecretValues", "Deny", &["secretsmanager:GetSecretValue"], &["\"Resource\": \"*\""])
}

fn acts_on_resources() -> Vec<String> {
    let resources = [
        "\"Resource\": [",
        "  \"arn:aws:ecs:ap-northeast-1:123456789012:service/party-box/*\",",
        "  \"arn:aws:ecs:ap-northeast-1:123456789012:service-deployment/party-box/*\",",
        "  \"arn:aws:ecs:ap-northeast-1:123456789012:task/party-box/*\",",
        "  \"arn:aws:rds:ap-northeast-1:123456789012:db:party-box-db\",",
        "  \"arn:aws:rds:ap-northeast-1:123456789012:cluster:party-box-db\"",
        "]",
    ];
    statement("PartyBoxTopActs", "Allow", ACTS_ON_RESOURCES, &resources)
}

fn acts_on_any() -> Vec<String> {
    statement("PartyBoxTopDeploysAndRanges", "Allow", ACTS_ON_ANY, &["\"Resource\": \"*\""])
}

/// Statement for `iam:PassRole`: a new revision passes its roles to the tasks, with the permission of whoever
/// registers it.
fn pass_role() -> Vec<String> {
    let rest = [
        "\"Resource\": \"arn:aws:iam::123456789012:role/party-box-*\",",
        "\"Condition\": { \"StringEquals\": { \"iam:PassedToService\": \"ecs-tasks.amazonaws.com\" } }",
    ];
    statement("PartyBoxTopPassesTheTasksRoles", "Allow", &["iam:PassRole"], &rest)
}
