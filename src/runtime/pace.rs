//! The pace of a screen's loop, live or replayed.

use std::time::Duration;

/// The shortest time between two frames, except that a key is answered at once: 30 frames a second.
pub(super) const FRAME_INTERVAL: Duration = Duration::from_millis(33);
/// Messages that are handled before a frame is drawn, even if more are waiting.
pub(super) const MESSAGES_PER_FRAME: usize = 256;
/// How long the loop waits for a message when nothing is due.
pub(super) const IDLE_WAIT: Duration = Duration::from_mins(1);
