//! Arguments.

use crate::sim::Scenario;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;

/// What the command line said.
#[derive(Debug, Parser)]
#[command(
    name = "partybox-top",
    version,
    about = "Watch a Party Box on AWS from a terminal: ALB -> ECS -> RDS on one screen",
    after_help = "Without a command it opens the screen on what the AWS environment names (profile, SSO, role, Region,\n\
                  AWS_ENDPOINT_URL). To look around without any AWS account: partybox-top demo"
)]
pub struct Cli {
    /// What to do; the screen when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Where to look.
    #[command(flatten)]
    pub target: Target,
    /// How it looks.
    #[command(flatten)]
    pub look: Look,
}

/// Where to look.
#[derive(Debug, Clone, Args, Default)]
pub struct Target {
    /// Profile of the AWS configuration [env: `AWS_PROFILE`]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Region [env: `AWS_REGION`]
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// ECS cluster; found by itself when there is only one
    #[arg(long, global = true, value_name = "NAME")]
    pub cluster: Option<String>,
    /// Endpoint to use instead of AWS's own [env: `AWS_ENDPOINT_URL`]
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Refuse every action
    #[arg(long, global = true)]
    pub read_only: bool,
}

/// How it looks.
#[derive(Debug, Clone, Copy, Args, Default)]
pub struct Look {
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// No colours [env: `NO_COLOR`]
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the screen on a simulated account: nothing to configure, nothing to pay
    Demo(Story),
    /// Serve a simulated account on loopback, for any AWS client
    Sim {
        /// Address to listen on; port 0 takes any free one
        #[arg(long, value_name = "127.0.0.1:PORT", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// What happens there
        #[command(flatten)]
        story: SimStory,
    },
    /// Look once, print how it is, and exit: 0 healthy, 1 degraded, 2 could not look, 3 critical
    Status {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
        /// Give up after this many seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        timeout: u64,
    },
}

/// What happens in the demo.
#[derive(Debug, Clone, Args)]
pub struct Story {
    /// steady, deploy, bad-deploy or failover
    #[arg(long, value_name = "NAME", default_value = "deploy")]
    pub scenario: Scenario,
    /// Simulated seconds per second
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    pub speed: f64,
    /// The same seed tells the same story
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// What happens in the served account.
#[derive(Debug, Clone, Args)]
pub struct SimStory {
    /// steady, deploy, bad-deploy or failover
    #[arg(long, value_name = "NAME", default_value = "steady")]
    pub scenario: Scenario,
    /// Simulated seconds per second
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub speed: f64,
    /// The same seed tells the same story
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}
