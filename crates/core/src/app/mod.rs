//! The application: one owner of state, one pure `update`. No clock, no I/O, no SDK, no drawing.

mod acts;
pub mod age;
mod changes;
mod drill_story;
mod drills;
mod events;
pub mod keymap;
mod keys;
mod lists;
mod look;
mod msg;
mod plan_keys;
mod replay;
mod replay_keys;
mod rolls;
mod schedule;
mod state;
mod tape;
#[cfg(test)]
mod tests;
mod timeline;
mod update;
mod wants;
mod wants_rollouts;

pub use changes::{Highlights, WatchedValue};
pub use drill_story::story;
pub use drills::{DrillDefaults, order};
pub use lists::{ChainItem, PaneRows, RulePosition};
pub use msg::{Answer, Effect, Key, KeyCode, Msg};
pub use replay::Replay;
pub use replay_keys::{Control, REPLAY_KEYS, ReplayKey};
pub use schedule::{Schedule, next_deadline};
pub use state::{
    Account, Cursor, Draft, DrillState, ImageChoice, ImageSource, Overlay, Pane, PlanPanel, Polling, Screen,
    Session, StartPhase, State, TextInput, View,
};
pub use tape::{Header, InitialState, RecordedMsg, Recording, Repeated};
pub use timeline::{Entry, Timeline};
pub use update::update;
