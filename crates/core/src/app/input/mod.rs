//! Input: key bindings, and what keys do.

pub mod keymap;
pub(crate) mod keys;
mod plan_keys;
