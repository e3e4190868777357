//! The horizontal scale of the picture.

use crate::operation::drill::report::DrillReport;

/// How much of the time before the first moment is drawn when the probe had run for long, milliseconds.
const BEFORE: i64 = 60_000;
/// The least width of the plot, pixels: what fits there fits everywhere.
pub(super) const LEAST: f64 = 720.0;
/// Marks of the axis, at most.
const TICKS: i64 = 12;
/// From one mark to the next, milliseconds.
const STEPS: [i64; 13] = [
    1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000, 1_800_000,
    3_600_000,
];

/// A span of time on the width of the plot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// What is drawn at the left edge, milliseconds since the probe began.
    pub(super) from: i64,
    /// What is drawn at the right edge.
    pub(super) to: i64,
}

impl Scale {
    /// From the probe's beginning, or from shortly before the first moment, to the end of the record.
    pub(super) fn of(story: &DrillReport) -> Self {
        let first = story.moments.iter().filter_map(|m| m.ms).min();
        let from = first.map_or(0, |first| (first - BEFORE).max(0));
        let last = story.moments.iter().filter_map(|m| m.ms).max().unwrap_or(0);
        let to = story.ended_ms.max(last).max(from + 1_000);
        // A little room, so that nothing sticks to an edge.
        let room = (to - from) / 100;
        Self { from: if from == 0 { -room } else { from }, to: to + room }
    }

    /// Whether a moment is within.
    pub(super) fn shows(&self, ms: i64) -> bool {
        (self.from..=self.to).contains(&ms)
    }

    /// A moment as a share of the width, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a drill fit by far")]
    pub(super) fn share(&self, ms: i64) -> f64 {
        ((ms - self.from) as f64 / (self.to - self.from) as f64).clamp(0.0, 1.0)
    }

    /// A moment as a percentage of the width.
    pub(super) fn percent(&self, ms: i64) -> String {
        format!("{:.3}%", self.share(ms) * 100.0)
    }

    /// A span as percentages of the width: where it begins, how wide it is.
    pub(super) fn span(&self, from: i64, to: i64) -> (String, String) {
        let (left, right) = (self.share(from), self.share(to));
        (self.percent(from), format!("{:.3}%", (right - left).max(0.0005) * 100.0))
    }

    /// Marks of the axis: round numbers of seconds from `zero`.
    pub(super) fn ticks(&self, zero: i64) -> Vec<i64> {
        let length = self.to - self.from;
        let step = STEPS.into_iter().find(|step| length / step <= TICKS).unwrap_or(7_200_000);
        let first = (self.from - zero).div_euclid(step) * step;
        (0..)
            .map(|n| zero + first + n * step)
            .skip_while(|at| *at < self.from)
            .take_while(|at| *at <= self.to)
            .collect()
    }
}

/// Puts marks that are `width` pixels wide into rows, so that none lies on another on the narrowest plot.
/// Gives the row of each and how many there are; with more than `most` the last rows are shared.
pub(super) fn rows(scale: &Scale, places: &[i64], width: f64, most: usize) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|i| places[*i]);
    let mut ends: Vec<f64> = Vec::new();
    let mut found = vec![0; places.len()];
    for i in order {
        let x = scale.share(places[i]) * LEAST;
        let free = ends.iter().position(|end| *end + width <= x);
        let row = match free {
            Some(row) => row,
            None if ends.len() < most => {
                ends.push(f64::NEG_INFINITY);
                ends.len() - 1
            }
            None => {
                let longest_ago = |a: &usize, b: &usize| ends[*a].total_cmp(&ends[*b]);
                (0..ends.len()).min_by(longest_ago).unwrap_or(0)
            }
        };
        ends[row] = x;
        found[i] = row;
    }
    (found, ends.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_where_its_time_is() {
        let scale = Scale { from: -1_000, to: 9_000 };
        assert_eq!(scale.percent(4_000), "50.000%");
        assert_eq!(scale.span(-1_000, 1_500), ("0.000%".to_owned(), "25.000%".to_owned()));
        // What is outside sticks to the edge.
        assert_eq!(scale.percent(99_000), "100.000%");
        assert_eq!(scale.ticks(500), [-500, 500, 1_500, 2_500, 3_500, 4_500, 5_500, 6_500, 7_500, 8_500]);
    }

    #[test]
    fn marks_that_would_lie_on_each_other_get_rows() {
        let scale = Scale { from: 0, to: 72_000 };
        // 100 ms are a pixel: the second is too near to the first, the fourth to the third.
        let (found, count) = rows(&scale, &[0, 1_000, 30_000, 29_000], 26.0, 4);
        assert_eq!((found, count), (vec![0, 1, 1, 0], 2));
        let (found, count) = rows(&scale, &[0, 1, 2, 3], 26.0, 2);
        assert_eq!((found, count), (vec![0, 1, 0, 1], 2));
    }
}
