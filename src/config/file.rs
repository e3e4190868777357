//! The configuration file: TOML, known keys only.

use super::Config;
use super::value::{pace, probe_url, statuses, target};
use partybox_core::domain::{DatabaseChoice, DrillOptions};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line, from 1, and what is wrong there.
type Wrong = (Option<usize>, String);

/// Reads a file's text.
pub(super) fn read(text: &str) -> Result<Config, Wrong> {
    let line = |span: Range<usize>| 1 + text[..span.start].matches('\n').count();
    let document =
        DeTable::parse(text).map_err(|error| (error.span().map(line), error.message().to_owned()))?;
    config(document.get_ref()).map_err(|(span, what)| (Some(line(span)), what))
}

/// The range in bytes, and what is wrong there.
type At = (Range<usize>, String);

fn config(table: &DeTable<'_>) -> Result<Config, At> {
    let mut config = Config::default();
    let known =
        ["profile", "region", "cluster", "database", "read-only", "ascii", "no-color", "probe", "drill"];
    for (key, value) in table {
        let name: &str = key.get_ref();
        match name {
            "profile" => config.profile = Some(string(name, value)?),
            "region" => config.region = Some(string(name, value)?),
            "cluster" => config.cluster = Some(string(name, value)?),
            "database" => config.database = Some(database(name, value)?),
            "read-only" => config.read_only = truth(name, value)?,
            "ascii" => config.ascii = truth(name, value)?,
            "no-color" => config.no_color = truth(name, value)?,
            "probe" => read_probe(section(name, value)?, &mut config.drills)?,
            "drill" => read_drill(section(name, value)?, &mut config.drills)?,
            _ => return Err(unknown(key.span(), name, "", &known)),
        }
    }
    Ok(config)
}

fn read_probe(table: &DeTable<'_>, drills: &mut DrillOptions) -> Result<(), At> {
    let known = ["url", "interval", "timeout", "expect-status", "expect-body"];
    for (key, value) in table {
        let name: &str = key.get_ref();
        match name {
            "url" => drills.url = Some(parsed(name, value, probe_url)?),
            "interval" => drills.interval = Some(parsed(name, value, pace)?),
            "timeout" => drills.timeout = Some(parsed(name, value, pace)?),
            "expect-status" => drills.expect_status = Some(parsed(name, value, statuses)?),
            "expect-body" => drills.expect_body = Some(string(name, value)?),
            _ => return Err(unknown(key.span(), name, " in [probe]", &known)),
        }
    }
    Ok(())
}

fn read_drill(table: &DeTable<'_>, drills: &mut DrillOptions) -> Result<(), At> {
    for (key, value) in table {
        let name: &str = key.get_ref();
        match name {
            "target-rto" => drills.target = Some(parsed(name, value, target)?),
            "report" => drills.copy_to = Some(string(name, value)?),
            _ => return Err(unknown(key.span(), name, " in [drill]", &["target-rto", "report"])),
        }
    }
    Ok(())
}

fn unknown(span: Range<usize>, name: &str, place: &str, known: &[&str]) -> At {
    let near = known
        .iter()
        .map(|key| (strsim::damerau_levenshtein(&name.to_lowercase().replace('_', "-"), key), key))
        .filter(|(distance, key)| *distance <= key.len().div_ceil(3))
        .min();
    let help = match near {
        Some((_, key)) => format!("did you mean `{key}`?"),
        None => format!("known are {}", known.join(", ")),
    };
    (span, format!("unknown key `{name}`{place}: {help}"))
}

fn string(name: &str, value: &Spanned<DeValue<'_>>) -> Result<String, At> {
    match value.get_ref().as_str() {
        Some("") => Err((value.span(), format!("`{name}` is empty"))),
        Some(text) => Ok(text.to_owned()),
        None => Err((value.span(), format!("`{name}` wants a text in quotes"))),
    }
}

/// One identifier, `none`, or a list of identifiers.
fn database(name: &str, value: &Spanned<DeValue<'_>>) -> Result<DatabaseChoice, At> {
    let text = match value.get_ref().as_array() {
        Some(list) if list.is_empty() => {
            return Err((
                value.span(),
                format!("`{name}` is empty: write \"none\" where there is no database"),
            ));
        }
        Some(list) => {
            let names: Result<Vec<String>, At> = list.iter().map(|one| string(name, one)).collect();
            names?.join(",")
        }
        None => string(name, value)?,
    };
    DatabaseChoice::parse(&text).map_err(|why| (value.span(), format!("`{name}`: {why}")))
}

fn parsed<T>(
    name: &str,
    value: &Spanned<DeValue<'_>>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, At> {
    parse(&string(name, value)?).map_err(|why| (value.span(), format!("`{name}`: {why}")))
}

fn truth(name: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, At> {
    value.get_ref().as_bool().ok_or_else(|| (value.span(), format!("`{name}` is true or false")))
}

fn section<'v, 'i>(name: &str, value: &'v Spanned<DeValue<'i>>) -> Result<&'v DeTable<'i>, At> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err((value.span(), format!("`{name}` is a section: write [{name}]"))),
    }
}
