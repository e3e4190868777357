//! A simulated AWS account, served on loopback in the real wire protocols.
mod api;
pub mod behaviour;
pub mod clock;
mod dataplane;
mod protocol;
mod router;
mod seed;
mod server;
pub mod world;

pub use dataplane::{Served, resolve, serve};
pub use protocol::{ApiError, Request, Response};
pub use router::handle;
pub use seed::{Scenario, UnknownScenario, build_account};
pub use server::{MAX_SPEED, Running, SimConfig, start};
