//! Small shared parts: panels, tables, sparklines, bars.

pub(super) mod bar;
pub(super) mod digits;
pub(super) mod list_panel;
pub(super) mod panel;
pub(super) mod sparkline;
pub(super) mod table;
