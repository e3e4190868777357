//! The time axis of the chart: which second of the server's time stands in which column.

use super::time::{between, zero};
use partybox_core::operation::drill::{Drill, DrillStage};
use std::time::Duration;

/// Seconds that a column may stand for.
const STEPS: [i64; 9] = [1, 2, 5, 10, 20, 30, 60, 120, 300];
/// Of the baseline, this much stands before the trigger once the drill has ended.
const LEAD: f64 = 10.0;

/// Columns of equal spans of the server's time, counted from the drill's zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    /// Seconds of the server's time per column.
    pub(super) step: i64,
    /// The leftmost column, counted in columns from zero on.
    pub(super) first: i64,
    /// How many columns.
    pub(super) columns: u16,
}

impl Axis {
    /// The axis of a drill. While the drill goes on, it begins at the left and, once the width is full,
    /// scrolls with the newest second at the right; once it ended, all of it is in sight.
    pub(super) fn of(drill: &Drill, now: Duration, columns: u16) -> Self {
        let interval = drill.scaled(drill.probe.settings.interval).as_secs_f64();
        let zero = zero(drill);
        // A probe that is a little late must not leave a column without a result.
        let fine = |step: &i64| *step == 1 && interval <= 1.0 || to_f64(*step) >= interval;
        if matches!(drill.stage, DrillStage::Ended(_)) {
            let from = between(drill, zero, drill.began).max(-LEAD);
            let to = between(drill, zero, drill.measured.newest.max(drill.began)).max(from);
            let fits = |step: &i64| column(to, *step) - column(from, *step) < i64::from(columns.max(1));
            let step = STEPS.into_iter().filter(fine).find(fits).unwrap_or(STEPS[STEPS.len() - 1]);
            return Self { step, first: column(from, step), columns };
        }
        let step = STEPS.into_iter().find(fine).unwrap_or(STEPS[STEPS.len() - 1]);
        let last = column(between(drill, zero, now), step);
        let began = column(between(drill, zero, drill.began), step);
        Self { step, first: began.max(last - i64::from(columns) + 1), columns }
    }

    /// The column of a moment in seconds since zero; `None` when it is out of sight.
    pub(super) fn column(&self, seconds: f64) -> Option<usize> {
        let at = usize::try_from(column(seconds, self.step) - self.first).ok()?;
        (at < usize::from(self.columns)).then_some(at)
    }

    /// Seconds since zero at which a column begins.
    pub(super) fn begins(&self, column: usize) -> f64 {
        to_f64((self.first + i64::try_from(column).unwrap_or(0)) * self.step)
    }

    /// Columns from one label to the next.
    fn every(&self) -> i64 {
        match self.step {
            5 | 10 => 12,
            _ => 10,
        }
    }

    /// The labels below some columns: `0:00`, `0:10`, ..., each starting in the column that it names.
    pub(super) fn labels(&self, below: usize) -> String {
        let columns = usize::from(self.columns);
        let mut row = String::with_capacity(columns);
        for i in 0..columns.min(below) {
            let at = self.first + i64::try_from(i).unwrap_or(0);
            if at.rem_euclid(self.every()) != 0 || row.len() > i {
                continue;
            }
            let seconds = at * self.step;
            let sign = if seconds < 0 { "-" } else { "" };
            let label = format!("{sign}{}:{:02}", seconds.abs() / 60, seconds.abs() % 60);
            if i + label.len() > columns {
                break;
            }
            row.push_str(&" ".repeat(i - row.len()));
            row.push_str(&label);
        }
        row
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a drill's seconds fit by far")]
fn column(seconds: f64, step: i64) -> i64 {
    // A clock that was learnt a millisecond later must not move what happened on the full second.
    ((seconds + 1e-6) / to_f64(step)).floor() as i64
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a drill")]
fn to_f64(n: i64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_stand_in_their_columns() {
        let axis = Axis { step: 1, first: -3, columns: 20 };
        assert_eq!(axis.column(-3.0), Some(0));
        assert_eq!(axis.column(-0.1), Some(2));
        assert_eq!(axis.column(0.0), Some(3));
        assert_eq!(axis.column(16.9), Some(19));
        assert_eq!((axis.column(17.0), axis.column(-3.1)), (None, None));
    }

    #[test]
    fn labels_start_in_the_columns_that_they_name() {
        let axis = Axis { step: 1, first: -12, columns: 40 };
        let labels = axis.labels(40);
        assert_eq!(labels.find("-0:10"), Some(2), "{labels}");
        assert_eq!(labels.find(" 0:00"), Some(11), "{labels}");
        assert_eq!(labels.find("0:20"), Some(32), "{labels}");
        let axis = Axis { step: 10, first: 0, columns: 30 };
        assert_eq!(axis.labels(30), "0:00        2:00        4:00");
        assert_eq!(axis.labels(24), "0:00        2:00");
    }
}
