//! A simulated AWS account that can be asked in AWS's own wire protocols, for tests and demonstrations
//! without AWS.
//!
//! The account holds an ECS service stack behind a load balancer with its database, metrics, logs, images and
//! alarms. A [`Scenario`] says what happens in it by itself. Nothing here reads a clock but [`start`]: the
//! account is brought up to the moment of each request, and the same scenario, seed and requests always give
//! the same answers. What really happened is kept beside ([`world::World::deployment_truths`],
//! [`world::World::drill_truths`]) and never served.
//!
//! Build an account, ask it, and look at the answer:
//!
//! ```
//! use chrono::{DateTime, TimeDelta};
//! use partybox_sim::{Request, Scenario, build_account, handle};
//!
//! let began = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
//! let mut account = build_account(Scenario::Deploy, 7, began);
//!
//! let mut request = Request::new(r#"{"cluster": "party-box", "services": ["backend"]}"#.into());
//! *request.method_mut() = http::Method::POST;
//! let headers = request.headers_mut();
//! headers.insert("content-type", "application/x-amz-json-1.1".parse()?);
//! headers.insert("x-amz-target", "AmazonEC2ContainerServiceV20141113.DescribeServices".parse()?);
//! // In process any signature will do, but there must be one.
//! let scope = "key/20260101/ap-northeast-1/ecs/aws4_request";
//! let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00");
//! headers.insert("authorization", signature.parse()?);
//!
//! // The scenario's first deployment begins after 20 seconds.
//! let response = handle(&mut account, &request, began + TimeDelta::seconds(25));
//! assert_eq!(response.status(), 200);
//! let answer: serde_json::Value = serde_json::from_slice(response.body())?;
//! assert_eq!(answer["services"][0]["deployments"][0]["rolloutState"], "IN_PROGRESS");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`handle`] answers API requests and the load balancer's own traffic, [`serve`] the latter to the
//! millisecond, and [`resolve`] answers for DNS. [`start`] serves all of it on loopback, for any AWS client; it
//! verifies signatures ([`sign`] makes them).
mod api;
pub mod behaviour;
pub mod clock;
mod dataplane;
mod estate;
mod protocol;
mod router;
mod seed;
mod server;
pub mod world;

pub use dataplane::{Served, resolve, serve};
pub use estate::{Estate, EstateError};
pub use protocol::{ApiError, Request, Response, sign};
pub use router::handle;
pub use seed::{Scenario, UnknownScenario, build_account, build_estate};
pub use server::{MAX_SPEED, Running, SimConfig, start};
