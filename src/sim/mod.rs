//! A simulated AWS account, served on loopback in the real wire protocols.
