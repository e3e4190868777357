//! What keys do.

pub mod keymap;
pub(crate) mod keys;
mod plan_keys;
