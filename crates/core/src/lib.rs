//! The core of partybox-top: its model and its decisions, without clock, I/O, SDK or drawing.
//!
//! The floors, each imports only from those before it: [`domain`], [`diagnosis`], [`operation`], [`app`],
//! [`report`].

pub mod domain;

pub mod diagnosis;

pub mod operation;

pub mod app;

pub mod report;
