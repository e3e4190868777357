//! A sparkline in one line of text: the newest minute that is over on the right, an unknown minute is a gap and never
//! 0.

use chrono::{DateTime, TimeDelta, Utc};
use partybox_core::domain::Timed;

/// The glyphs of a sparkline, from nearly nothing to the top of the scale.
const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The top of a sparkline's scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Top {
    /// A fixed value, e.g. 100 for percentages.
    Fixed(f64),
    /// A round value well above the greatest of the points shown: a steady series stands at about half.
    Round,
}

/// The last minutes that are over, one column each: the right edge is the newest of them, whether or not CloudWatch
/// has a point for it. A minute of which nothing is known is a gap.
pub(crate) fn text(series: Timed<'_>, columns: u16, top: Top) -> String {
    let newest = series.newest_minute();
    let slot = |back: u16| series.value(newest - TimeDelta::minutes(i64::from(back)));
    let slots: Vec<Option<f64>> = (0..columns).rev().map(slot).collect();
    let top = match top {
        Top::Fixed(top) => top,
        Top::Round => ceiling(slots.iter().flatten().copied().fold(0.0, f64::max)),
    };
    slots.into_iter().map(|slot| slot.map_or(' ', |value| step(value, top))).collect()
}

/// The top of a scale for a value: the first of 1, 2, 5, 10, 20, ... that is at least one and a half of it.
/// The value then stands between a quarter and two thirds of the height; small changes do not move the scale.
fn ceiling(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let wanted = value * 1.5;
    let unit = 10_f64.powf(wanted.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * unit).find(|top| *top >= wanted).unwrap_or(wanted)
}

/// A row under a sparkline that ends at a minute: a mark below each of some moments, a column a minute.
/// `None` when none of them is in sight.
pub(crate) fn marks(
    newest: DateTime<Utc>,
    columns: u16,
    moments: impl IntoIterator<Item = DateTime<Utc>>,
) -> Option<String> {
    let columns = usize::from(columns);
    let mut row = vec![' '; columns];
    for at in moments {
        // The minute that an event is in, as CloudWatch names it: by its start.
        let minute = at.timestamp().div_euclid(60);
        let back = usize::try_from(newest.timestamp().div_euclid(60) - minute).ok();
        if let Some(slot) = back.and_then(|back| columns.checked_sub(back + 1)).and_then(|i| row.get_mut(i)) {
            *slot = '▴';
        }
    }
    row.contains(&'▴').then(|| row.into_iter().collect())
}

/// The step of a value on a scale from nothing to the top.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 times 8: saturating is what is wanted"
)]
pub(crate) fn step(value: f64, top: f64) -> char {
    if top <= 0.0 {
        return STEPS[0];
    }
    let index = (value / top * 8.0).ceil() as usize;
    STEPS[index.saturating_sub(1).min(7)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use partybox_core::domain::Series;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).expect("a valid time")
    }

    fn series(points: &[(i64, f64)]) -> Series {
        Series { points: points.iter().map(|(minute, v)| (at(*minute), *v)).collect(), ..Series::default() }
    }

    #[test]
    fn a_missing_minute_is_a_gap() {
        let s = series(&[(1, 0.0), (2, 50.0), (4, 100.0)]);
        let s = Timed::alone(&s, at(5));
        assert_eq!(text(s, 5, Top::Fixed(100.0)), " ▁▄ █");
        assert_eq!(text(s, 3, Top::Round), "▂ ▄");
    }

    #[test]
    fn a_series_without_a_new_point_moves_away_from_the_edge() {
        let s = series(&[(1, 50.0), (2, 100.0)]);
        assert_eq!(text(Timed::alone(&s, at(5)), 5, Top::Fixed(100.0)), " ▄█  ");
        assert_eq!(text(Timed::alone(&s, at(30)), 5, Top::Fixed(100.0)), "     ");
    }

    #[test]
    fn nothing_is_blank_and_zeros_are_flat() {
        assert_eq!(text(Timed::alone(&Series::default(), at(3)), 3, Top::Round), "   ");
        assert_eq!(text(Timed::alone(&series(&[(1, 0.0), (2, 0.0)]), at(3)), 3, Top::Round), " ▁▁");
    }

    #[test]
    fn a_steady_series_stands_in_the_middle() {
        for value in [0.013, 0.1, 0.7, 1.0, 3.4, 9.0, 15.0, 99.0, 1240.0, 3e9] {
            let share = value / ceiling(value);
            assert!((0.26..=0.67).contains(&share), "{value} stands at {share}");
        }
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(ceiling(1.0), 2.0) && near(ceiling(30.0), 50.0) && near(ceiling(34.0), 100.0));
    }

    #[test]
    fn marks_stand_under_their_minutes() {
        let at = |minute: i64, second: i64| {
            DateTime::from_timestamp(minute * 60 + second, 0).expect("a valid time")
        };
        assert_eq!(marks(at(100, 0), 5, [at(100, 30), at(97, 59), at(80, 0)]).as_deref(), Some(" ▴  ▴"));
        assert_eq!(marks(at(100, 0), 5, [at(95, 59), at(101, 0)]), None, "out of sight on both sides");
    }
}
