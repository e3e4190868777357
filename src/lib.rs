//! partybox-top: watch a Party Box on AWS from a terminal.
//!
//! This package wires the rooms together; they are crates of their own below `crates/`.

pub mod cli;
pub mod commands;
pub mod config;
pub mod paths;
pub mod runtime;
