//! Accounts as people really have them: each case is the simulated account with the answers of a real one put in its
//! place, and what the program must say of it. `docs/field-cases.md` lists the cases, a line each.

mod kit;

mod alarms;
mod certificates;
mod containers;
mod databases;
mod events;
mod hostile_text;
mod images;
mod metrics;
mod network;
mod operations;
mod rollouts;
mod secrets;
mod services;
mod targets;
mod traffic;
