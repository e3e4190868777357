//! The schedules of Application Auto Scaling's scheduled actions, in UTC.
//! <https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html>
use chrono::{Datelike as _, NaiveDateTime, TimeDelta, Timelike as _};

use super::Time;

/// When an action runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// `at(2026-11-27T09:00:00)`: once.
    At(Time),
    /// `rate(5 minutes)`: again and again, minutes.
    Rate(i64),
    /// `cron(0 9 ? * MON-FRI *)`: minutes, hours, days of the month, months, days of the week (Sunday is 1), years.
    Cron([Field; 6]),
}

/// A field of a cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// `*` or `?`.
    Any,
    /// One of these.
    In(Vec<u32>),
}

/// The bounds of each field.
const BOUNDS: [(u32, u32); 6] = [(0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199)];
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Schedule {
    /// Reads an expression; `None` if it is none, or has `L`, `W` or `#`, which are not carried out here.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('(')?;
        let inner = rest.strip_suffix(')')?;
        Some(match kind {
            "at" => {
                Self::At(NaiveDateTime::parse_from_str(inner.trim(), "%Y-%m-%dT%H:%M:%S").ok()?.and_utc())
            }
            "rate" => {
                let (number, unit) = inner.trim().split_once(' ')?;
                let number: i64 = number.parse().ok().filter(|number| (1..=1_000_000).contains(number))?;
                let minutes = match unit.trim() {
                    "minute" | "minutes" => 1,
                    "hour" | "hours" => 60,
                    "day" | "days" => 1440,
                    _ => return None,
                };
                Self::Rate(number * minutes)
            }
            "cron" => {
                let texts: Vec<&str> = inner.split_whitespace().collect();
                let texts: [&str; 6] = texts.try_into().ok()?;
                // One of the two days, and one alone, must be left open.
                if (texts[2] == "?") == (texts[4] == "?") {
                    return None;
                }
                let fields: Option<Vec<Field>> =
                    texts.into_iter().enumerate().map(|(place, text)| field(place, text)).collect();
                Self::Cron(fields?.try_into().ok()?)
            }
            _ => return None,
        })
    }

    /// Whether it is due in the whole minute that ends at `now`, for an action that exists since `since`.
    pub fn is_due(&self, now: Time, since: Time) -> bool {
        let minute = TimeDelta::minutes(1);
        match self {
            Self::At(at) => *at <= now && now - *at < minute,
            Self::Rate(minutes) => {
                let passed = (now - since).num_minutes();
                passed > 0 && passed % minutes == 0
            }
            Self::Cron(fields) => {
                let own = [
                    now.minute(),
                    now.hour(),
                    now.day(),
                    now.month(),
                    now.weekday().number_from_sunday(),
                    u32::try_from(now.year()).unwrap_or_default(),
                ];
                fields.iter().zip(own).all(|(field, own)| match field {
                    Field::Any => true,
                    Field::In(values) => values.contains(&own),
                })
            }
        }
    }
}

fn field(place: usize, text: &str) -> Option<Field> {
    if text == "*" || text == "?" {
        return Some(Field::Any);
    }
    let (low, high) = BOUNDS[place];
    let number = |text: &str| -> Option<u32> {
        let named = |names: &[&str]| {
            let upper = text.to_ascii_uppercase();
            let place = names.iter().position(|name| *name == upper)?;
            u32::try_from(place + 1).ok()
        };
        let value = text.parse().ok().or_else(|| match place {
            3 => named(&MONTHS),
            4 => named(&DAYS),
            _ => None,
        })?;
        (low..=high).contains(&value).then_some(value)
    };
    let mut values = Vec::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<u32>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from)?, number(to)?),
            None if range == "*" => (low, high),
            None if part.contains('/') => (number(range)?, high),
            None => (number(range)?, number(range)?),
        };
        values.extend((from..=to).step_by(usize::try_from(step).ok()?));
    }
    (!values.is_empty()).then_some(Field::In(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        chrono::DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    #[test]
    fn schedules_are_due_when_they_say() {
        let since = at("2026-11-01T00:00:00Z");
        for (text, now, due) in [
            ("at(2026-11-27T09:00:30)", "2026-11-27T09:01:00Z", true),
            ("at(2026-11-27T09:00:30)", "2026-11-27T09:02:00Z", false),
            ("rate(5 minutes)", "2026-11-01T00:10:00Z", true),
            ("rate(1 day)", "2026-11-01T00:10:00Z", false),
            // A Friday.
            ("cron(0 9 ? * MON-FRI *)", "2026-11-27T09:00:00Z", true),
            ("cron(0 9 ? * MON-FRI *)", "2026-11-28T09:00:00Z", false),
            ("cron(0/15 10,12 * * ? 2026)", "2026-11-28T12:45:00Z", true),
            ("cron(0/15 10,12 * * ? 2026)", "2026-11-28T11:45:00Z", false),
            ("cron(30 6 27 NOV ? *)", "2026-11-27T06:30:00Z", true),
        ] {
            let schedule = Schedule::parse(text).expect("a schedule");
            assert_eq!(schedule.is_due(at(now), since), due, "{text} at {now}");
        }
        let nonsense = [
            "cron(0 9 * * * *)",
            "cron(0 9 ? * ? *)",
            "cron(61 9 ? * MON *)",
            "cron(0 9 L * ? *)",
            "rate(0 minutes)",
            "at(now)",
            "",
            "every day",
        ];
        for text in nonsense {
            assert_eq!(Schedule::parse(text), None, "{text}");
        }
    }
}
