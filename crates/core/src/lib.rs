//! What partybox-top knows and decides: no clock, no I/O, no SDK, no drawing.
//!
//! The floors, each imports only from those before it: [`domain`], [`diagnosis`], [`operation`], [`app`],
//! [`report`].

pub mod domain;

pub mod diagnosis;

pub mod operation;

pub mod app;

pub mod report;
