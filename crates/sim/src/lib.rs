//! A simulated AWS account, served on loopback in the real wire protocols.
pub mod behaviour;
pub mod clock;
mod dataplane;
pub mod scenario;
mod server;
mod service;
mod wire;
pub mod world;

pub use behaviour::resolve;
pub use dataplane::{Served, serve};
pub use scenario::Scenario;
pub use server::{MAX_SPEED, Running, SimConfig, start};
pub use wire::{Request, Response, handle};
