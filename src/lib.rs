#![doc = include_str!("../docs/architecture.md")]

pub mod cli;
pub mod commands;
pub mod config;
pub mod paths;
pub mod runtime;
