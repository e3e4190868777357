//! A simulated AWS account, served on loopback in the real wire protocols.
pub mod behaviour;
pub mod clock;
pub mod scenario;
pub mod world;

pub use scenario::Scenario;
