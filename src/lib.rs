//! partybox-top: watch a Party Box on AWS from a terminal.
//!
//! The rooms, from the floor up; each imports only from the floors below it.
pub mod sim;

pub mod domain;

pub mod config;

pub mod diagnosis;

pub mod operation;

pub mod app;

pub mod aws;

pub mod report;

pub mod ui;

pub mod runtime;

pub mod cli;

pub mod commands;
