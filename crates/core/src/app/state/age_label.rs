//! Labels of ages, in steps, so that a quiet screen need not change every second.

use std::time::Duration;

/// Ages below a minute are shown in these steps, seconds.
const STEPS: [u64; 10] = [0, 1, 2, 3, 5, 10, 15, 20, 30, 45];

/// The label of an age: `3s`, `45s`, `12m`, `3h`, `9d`.
pub fn label(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{}s", STEPS.iter().rev().find(|s| **s <= seconds).copied().unwrap_or(0)),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// How long until the label of an age changes.
pub fn until_next(age: Duration) -> Duration {
    let seconds = age.as_secs();
    let next = match seconds {
        0..45 => STEPS.iter().find(|s| **s > seconds).copied().unwrap_or(60),
        45..60 => 60,
        60..3600 => (seconds / 60 + 1) * 60,
        3600..86_400 => (seconds / 3600 + 1) * 3600,
        _ => (seconds / 86_400 + 1) * 86_400,
    };
    Duration::from_secs(next).saturating_sub(age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_units() {
        for (seconds, text) in [
            (0, "0s"),
            (4, "3s"),
            (5, "5s"),
            (59, "45s"),
            (60, "1m"),
            (3599, "59m"),
            (7200, "2h"),
            (200_000, "2d"),
        ] {
            assert_eq!(label(Duration::from_secs(seconds)), text, "{seconds}");
        }
    }

    #[test]
    fn the_label_changes_exactly_when_announced() {
        let mut age = Duration::from_millis(300);
        for _ in 0..80 {
            let wait = until_next(age);
            assert!(!wait.is_zero());
            assert_eq!(label(age), label((age + wait).saturating_sub(Duration::from_millis(1))));
            assert_ne!(label(age), label(age + wait), "{age:?} + {wait:?}");
            age += wait;
        }
    }
}
