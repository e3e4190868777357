//! The severity of a status. Each type has its own in a method `level`, here or in `diagnosis`, and no other
//! layer judges again: screen, timeline, report and status would disagree.

use serde::{Deserialize, Serialize};

/// The severity of a state. Ordered: the worst is the greatest.
///
/// It has words in four places: the screen's theme (`tui::theme`), a zone's state (`tui::zones`), `status`
/// (`report::status`) and a drill's report (`report::drill::text`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not in use, finished, or nothing to say.
    Idle,
    /// As it should be.
    Good,
    /// Not known, or too old to trust.
    #[default]
    Unknown,
    /// Changing, on its way.
    Busy,
    /// Works, but at risk or degraded.
    Warn,
    /// Broken.
    Bad,
}
