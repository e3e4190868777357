//! A sparkline in one line of text: newest minute on the right, a missing minute is a gap and never 0.

use crate::domain::Series;

/// From nearly nothing to the top of the scale.
const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The top of a sparkline's scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::ui) enum Top {
    /// A fixed value, e.g. 100 for percentages.
    Fixed(f64),
    /// The greatest value of the points shown.
    Greatest,
}

/// The last minutes of a series, one column each.
pub(in crate::ui) fn text(series: Option<&Series>, columns: u16, top: Top) -> String {
    let columns = usize::from(columns);
    let Some((points, newest)) = series.and_then(|s| Some((&s.points, s.points.last()?.0))) else {
        return " ".repeat(columns);
    };
    let mut slots: Vec<Option<f64>> = vec![None; columns];
    for (at, value) in points.iter().rev() {
        let back = usize::try_from((newest - *at).num_minutes()).unwrap_or(usize::MAX);
        if back >= columns {
            break;
        }
        slots[columns - 1 - back] = Some(*value);
    }
    let top = match top {
        Top::Fixed(top) => top,
        // A little air above the greatest value, so that a steady series is no solid block.
        Top::Greatest => slots.iter().flatten().copied().fold(0.0, f64::max) * 1.25,
    };
    slots.into_iter().map(|slot| slot.map_or(' ', |value| step(value, top))).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 times 8: saturating is what is wanted"
)]
fn step(value: f64, top: f64) -> char {
    if top <= 0.0 {
        return STEPS[0];
    }
    let index = (value / top * 8.0).ceil() as usize;
    STEPS[index.saturating_sub(1).min(7)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn series(points: &[(i64, f64)]) -> Series {
        Series {
            points: points
                .iter()
                .map(|(minute, v)| (DateTime::from_timestamp(minute * 60, 0).expect("a valid time"), *v))
                .collect(),
            problem: None,
        }
    }

    #[test]
    fn a_missing_minute_is_a_gap() {
        let s = series(&[(1, 0.0), (2, 50.0), (4, 100.0)]);
        assert_eq!(text(Some(&s), 5, Top::Fixed(100.0)), " ▁▄ █");
        assert_eq!(text(Some(&s), 2, Top::Greatest), " ▇");
    }

    #[test]
    fn nothing_is_blank_and_zeros_are_flat() {
        assert_eq!(text(None, 3, Top::Greatest), "   ");
        assert_eq!(text(Some(&series(&[(1, 0.0), (2, 0.0)])), 3, Top::Greatest), " ▁▁");
    }
}
