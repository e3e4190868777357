//! The reducer, driven by scripts with a fixed clock.

mod acting;
mod amid;
mod build;
mod chaos;
mod clusters;
mod discovery;
mod drill_keys;
mod keys;
mod pace;
mod polling;
mod recorded;
mod replaying;
mod rollouts;
