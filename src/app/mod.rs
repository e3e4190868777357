//! The application: one owner of state, one pure `update`. No clock, no I/O, no SDK, no drawing.

pub mod age;
pub mod keymap;
mod lists;
mod msg;
mod state;
mod timeline;

pub use lists::{Lists, Thing};
pub use msg::{Answer, Effect, Key, KeyCode, Msg};
pub use state::{Cursor, Draft, Input, Overlay, Pane, Phase, PlanPanel, Session, State, View};
pub use timeline::{Entry, Timeline};
