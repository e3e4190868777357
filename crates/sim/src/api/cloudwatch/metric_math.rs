//! Metric math: arithmetic and comparisons over series, and the functions that alarms and dashboards use most.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::validation;
use crate::protocol::error::ApiError;

/// The points of a series, by the beginning of their period.
pub(super) type Points = BTreeMap<DateTime<Utc>, f64>;

/// What an expression may name.
pub(super) struct Scope<'a> {
    /// The series that are known so far, by their ids.
    pub(super) series: &'a BTreeMap<String, Points>,
    /// The periods of the time range.
    pub(super) grid: &'a [DateTime<Utc>],
    /// Seconds.
    pub(super) period: f64,
}

/// What an expression is.
#[derive(Debug, Clone)]
enum Value {
    Number(f64),
    Series(Points),
    Many(Vec<Points>),
}

/// Evaluates an expression to a series; `Ok(None)` when it names an id that is not known yet.
pub(super) fn evaluate(text: &str, scope: &Scope<'_>) -> Result<Option<Points>, ApiError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, place: 0, scope, text };
    let value = match parser.comparison() {
        Err(Stop::Unknown) => return Ok(None),
        Err(Stop::Wrong) => return Err(parser.wrong()),
        Ok(value) => value,
    };
    match value {
        Value::Series(points) if parser.place == tokens.len() => Ok(Some(points)),
        Value::Series(_) => Err(parser.wrong()),
        _ => Err(validation(format!("The expression {text} does not return a single time series."))),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Word(String),
    Sign(&'static str),
}

/// Signs, the longer first.
const SIGNS: [&str; 17] =
    ["<=", ">=", "==", "!=", "&&", "||", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ","];

fn tokens(text: &str) -> Result<Vec<Token>, ApiError> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken = if first.is_ascii_digit() || first == '.' {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let number = rest[..end].parse().map_err(|_| wrong(text))?;
            found.push(Token::Number(number));
            end
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            found.push(Token::Word(rest[..end].to_owned()));
            end
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign)).ok_or_else(|| wrong(text))?;
            found.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[taken..].trim_start();
    }
    Ok(found)
}

fn wrong(text: &str) -> ApiError {
    validation(format!("Error in expression: {text} is not understood by the simulated account."))
}

/// Why an expression has no value.
enum Stop {
    /// It names an id that is not known.
    Unknown,
    /// It is not understood.
    Wrong,
}

type Parsed = Result<Value, Stop>;

struct Parser<'a> {
    tokens: &'a [Token],
    place: usize,
    scope: &'a Scope<'a>,
    text: &'a str,
}

impl Parser<'_> {
    fn wrong(&self) -> ApiError {
        wrong(self.text)
    }

    /// Takes the next sign if it is one of these.
    fn sign(&mut self, wanted: &[&'static str]) -> Option<&'static str> {
        match self.tokens.get(self.place) {
            Some(Token::Sign(sign)) if wanted.contains(sign) => {
                self.place += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn comparison(&mut self) -> Parsed {
        let mut left = self.sum()?;
        while let Some(sign) = self.sign(&["<=", ">=", "==", "!=", "<", ">", "&&", "||"]) {
            let right = self.sum()?;
            left = combine(&left, &right, |a, b| {
                let holds = match sign {
                    "<=" => a <= b,
                    ">=" => a >= b,
                    "==" => (a - b).abs() < f64::EPSILON,
                    "!=" => (a - b).abs() >= f64::EPSILON,
                    "<" => a < b,
                    ">" => a > b,
                    "&&" => a != 0.0 && b != 0.0,
                    _ => a != 0.0 || b != 0.0,
                };
                Some(f64::from(u8::from(holds)))
            })?;
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        while let Some(sign) = self.sign(&["+", "-"]) {
            let right = self.product()?;
            left = combine(&left, &right, |a, b| Some(if sign == "+" { a + b } else { a - b }))?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.factor()?;
        while let Some(sign) = self.sign(&["*", "/"]) {
            let right = self.factor()?;
            // A point divided by zero is no point.
            left = combine(&left, &right, |a, b| match sign {
                "*" => Some(a * b),
                _ => Some(a / b).filter(|value| value.is_finite()),
            })?;
        }
        Ok(left)
    }

    fn factor(&mut self) -> Parsed {
        if self.sign(&["-"]).is_some() {
            let value = self.factor()?;
            return combine(&Value::Number(0.0), &value, |a, b| Some(a - b));
        }
        if self.sign(&["("]).is_some() {
            let value = self.comparison()?;
            return self.sign(&[")"]).map(|_| value).ok_or(Stop::Wrong);
        }
        if self.sign(&["["]).is_some() {
            let all = self.arguments("]")?;
            let series = all.into_iter().map(|each| match each {
                Value::Series(points) => Ok(points),
                _ => Err(Stop::Wrong),
            });
            return Ok(Value::Many(series.collect::<Result<_, _>>()?));
        }
        let token = self.tokens.get(self.place).ok_or(Stop::Wrong)?;
        self.place += 1;
        match token {
            Token::Number(number) => Ok(Value::Number(*number)),
            Token::Word(word) if self.sign(&["("]).is_some() => self.call(word),
            Token::Word(word) => self.scope.series.get(word).cloned().map(Value::Series).ok_or(Stop::Unknown),
            Token::Sign(_) => Err(Stop::Wrong),
        }
    }

    /// The values up to a closing sign.
    fn arguments(&mut self, end: &'static str) -> Result<Vec<Value>, Stop> {
        let mut all = Vec::new();
        if self.sign(&[end]).is_some() {
            return Ok(all);
        }
        loop {
            all.push(self.comparison()?);
            match self.sign(&[",", end]) {
                Some(",") => {}
                Some(_) => return Ok(all),
                None => return Err(Stop::Wrong),
            }
        }
    }

    fn call(&mut self, name: &str) -> Parsed {
        // `FILL(m1, REPEAT)`: the word is no id.
        if name == "FILL"
            && let [Token::Word(id), Token::Sign(","), Token::Word(word), Token::Sign(")"), ..] =
                &self.tokens[self.place..]
            && word == "REPEAT"
        {
            let points = self.scope.series.get(id).ok_or(Stop::Unknown)?;
            self.place += 4;
            return Ok(Value::Series(self.fill(points, |before| before)));
        }
        let arguments = self.arguments(")")?;
        match (name, arguments.as_slice()) {
            ("METRICS", []) => Ok(Value::Many(self.scope.series.values().cloned().collect())),
            ("PERIOD", [Value::Series(_)]) => Ok(Value::Number(self.scope.period)),
            ("FILL", [Value::Series(points), Value::Number(with)]) => {
                Ok(Value::Series(self.fill(points, |_| Some(*with))))
            }
            ("IF", [when, then, other]) => {
                let chosen = combine(when, then, |when, then| (when != 0.0).then_some(then))?;
                let rest = combine(when, other, |when, other| (when == 0.0).then_some(other))?;
                match (chosen, rest) {
                    (Value::Series(mut all), Value::Series(rest)) => {
                        all.extend(rest);
                        Ok(Value::Series(all))
                    }
                    _ => Err(Stop::Wrong),
                }
            }
            ("IF", [when, then]) => combine(when, then, |when, then| (when != 0.0).then_some(then)),
            ("RATE", [Value::Series(points)]) => Ok(Value::Series(rate(points))),
            ("ABS", [value]) => combine(value, &Value::Number(0.0), |a, _| Some(a.abs())),
            ("CEIL", [value]) => combine(value, &Value::Number(0.0), |a, _| Some(a.ceil())),
            ("FLOOR", [value]) => combine(value, &Value::Number(0.0), |a, _| Some(a.floor())),
            ("SUM" | "AVG" | "MIN" | "MAX", [Value::Series(points)]) => {
                let all: Vec<f64> = points.values().copied().collect();
                Ok(Value::Number(fold(name, &all).unwrap_or(0.0)))
            }
            ("SUM" | "AVG" | "MIN" | "MAX", [Value::Many(all)]) => {
                let mut by_time: BTreeMap<DateTime<Utc>, Vec<f64>> = BTreeMap::new();
                for (at, value) in all.iter().flatten() {
                    by_time.entry(*at).or_default().push(*value);
                }
                let folded = by_time.into_iter().filter_map(|(at, all)| Some((at, fold(name, &all)?)));
                Ok(Value::Series(folded.collect()))
            }
            _ => Err(Stop::Wrong),
        }
    }

    /// The series with its gaps filled, by the value before each.
    fn fill(&self, points: &Points, with: impl Fn(Option<f64>) -> Option<f64>) -> Points {
        let mut before = None;
        let mut filled = points.clone();
        for at in self.scope.grid {
            match points.get(at) {
                Some(value) => before = Some(*value),
                None => filled.extend(with(before).map(|value| (*at, value))),
            }
        }
        filled
    }
}

/// A function of two values; of two series at the times that both have.
fn combine(left: &Value, right: &Value, of: impl Fn(f64, f64) -> Option<f64>) -> Parsed {
    let each = |points: &Points, with: &dyn Fn(f64) -> Option<f64>| {
        let some = points.iter().filter_map(|(at, value)| Some((*at, with(*value)?)));
        Value::Series(some.collect())
    };
    Ok(match (left, right) {
        (Value::Number(a), Value::Number(b)) => Value::Number(of(*a, *b).ok_or(Stop::Wrong)?),
        (Value::Series(points), Value::Number(b)) => each(points, &|a| of(a, *b)),
        (Value::Number(a), Value::Series(points)) => each(points, &|b| of(*a, b)),
        (Value::Series(points), Value::Series(others)) => {
            let both = points.iter().filter_map(|(at, a)| Some((*at, of(*a, *others.get(at)?)?)));
            Value::Series(both.collect())
        }
        _ => return Err(Stop::Wrong),
    })
}

fn fold(name: &str, all: &[f64]) -> Option<f64> {
    let count = u32::try_from(all.len()).ok().filter(|count| *count > 0)?;
    let sum: f64 = all.iter().sum();
    Some(match name {
        "SUM" => sum,
        "AVG" => sum / f64::from(count),
        "MIN" => all.iter().copied().fold(f64::INFINITY, f64::min),
        _ => all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
}

/// The change a second since the point before.
fn rate(points: &Points) -> Points {
    let pairs = points.iter().zip(points.iter().skip(1));
    let change = pairs.map(|((before, a), (at, b))| (*at, (b - a) / (*at - *before).as_seconds_f64()));
    change.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).expect("a time")
    }

    fn eval(text: &str) -> Result<Option<Vec<(i64, f64)>>, ApiError> {
        let of = |points: &[(i64, f64)]| points.iter().map(|(minute, value)| (at(*minute), *value)).collect();
        let series = BTreeMap::from([
            ("m1".to_owned(), of(&[(1, 10.0), (2, 20.0), (4, 40.0)])),
            ("m2".to_owned(), of(&[(1, 1.0), (2, 0.0), (3, 3.0), (4, 4.0)])),
        ]);
        let grid: Vec<_> = (1..=4).map(at).collect();
        let scope = Scope { series: &series, grid: &grid, period: 60.0 };
        let points = evaluate(text, &scope)?;
        Ok(points.map(|all| all.into_iter().map(|(at, value)| (at.timestamp() / 60, value)).collect()))
    }

    #[test]
    fn expressions_have_their_values_where_all_have_points() {
        let table: [(&str, &[(i64, f64)]); 11] = [
            ("m1*100/m2", &[(1, 1000.0), (4, 1000.0)]),
            ("(m1 + 2) - m2", &[(1, 11.0), (2, 22.0), (4, 38.0)]),
            ("FILL(m1, 0) + m2", &[(1, 11.0), (2, 20.0), (3, 3.0), (4, 44.0)]),
            ("FILL(m1,REPEAT)", &[(1, 10.0), (2, 20.0), (3, 20.0), (4, 40.0)]),
            ("IF(m1 > 15, m1, 0)", &[(1, 0.0), (2, 20.0), (4, 40.0)]),
            ("SUM([m1, m2])", &[(1, 11.0), (2, 20.0), (3, 3.0), (4, 44.0)]),
            ("MAX(METRICS())", &[(1, 10.0), (2, 20.0), (3, 3.0), (4, 40.0)]),
            ("m1/SUM(m2)", &[(1, 1.25), (2, 2.5), (4, 5.0)]),
            ("m2/PERIOD(m2)*60", &[(1, 1.0), (2, 0.0), (3, 3.0), (4, 4.0)]),
            ("RATE(m1)*60", &[(2, 10.0), (4, 10.0)]),
            ("-m1", &[(1, -10.0), (2, -20.0), (4, -40.0)]),
        ];
        for (text, meant) in table {
            assert_eq!(eval(text).expect("understood").as_deref(), Some(meant), "{text}");
        }
        assert!(matches!(eval("m1 + e9"), Ok(None)), "an id that is not known yet");
        for text in ["m1 +", "SUM(m1)", "1 + 2", "FOO(m1)", "m1 m2", "(m1", "m1 ? 2"] {
            assert!(eval(text).is_err(), "{text}");
        }
    }
}
