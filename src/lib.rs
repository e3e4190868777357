//! partybox-top: watch a Party Box on AWS from a terminal.
//!
//! The rooms, from the floor up; each imports only from the floors below it.
pub mod app;
pub mod diagnosis;
pub mod domain;
pub mod operation;
pub mod sim;
pub mod ui;
