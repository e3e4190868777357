//! Arguments.

use crate::config::{pace, parse_duration, probe_url, statuses, target};
use chrono::{DateTime, NaiveTime, Utc};
use clap::{Args, Parser, Subcommand};
use partybox_core::domain::{DatabaseChoice, DrillOptions};
use partybox_sim::{Estate, Scenario};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

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
    pub command: Option<CliCommand>,
    /// Where to look.
    #[command(flatten)]
    pub target: Target,
    /// How it looks.
    #[command(flatten)]
    pub look: Appearance,
    /// How drills are done.
    #[command(flatten)]
    pub drills: DrillFlags,
    /// Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Cli {
    /// What the flags say of how drills are done.
    pub fn drill_options(&self) -> DrillOptions {
        let DrillFlags { probe: url, target_rto: target } = self.drills.clone();
        let options = DrillOptions { url, target, ..DrillOptions::default() };
        let Some(CliCommand::Drill(args)) = &self.command else { return options };
        DrillOptions {
            interval: args.probe_interval,
            timeout: args.probe_timeout,
            expect_status: args.expect_status,
            expect_body: args.expect_body.clone(),
            max_duration: args.observe.then_some(args.watch_for),
            copy_to: args.report.clone(),
            ..options
        }
    }
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
    /// Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by
    /// themselves unless set
    // A name of its own, as the drill's argument has the other.
    #[arg(id = "databases", long = "database", global = true, value_name = "ID,...", value_parser = DatabaseChoice::parse)]
    pub database: Option<DatabaseChoice>,
    /// Endpoint to use instead of AWS's own [env: `AWS_ENDPOINT_URL`]
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Refuse every action
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Write the session to a new file, for partybox-top replay
    #[arg(long, global = true, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// How it looks.
#[derive(Debug, Clone, Copy, Args, Default)]
pub struct Appearance {
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// No colours [env: `NO_COLOR`]
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// How drills are done, on the screen and from the shell.
#[derive(Debug, Clone, Args, Default)]
pub struct DrillFlags {
    /// URL that a failover drill probes; the application answers it with the database's help [default: the load
    /// balancer's `/api/health`]
    #[arg(long, global = true, value_name = "URL", value_parser = probe_url)]
    pub probe: Option<String>,
    /// Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]
    #[arg(long, global = true, value_name = "TIME", value_parser = target)]
    pub target_rto: Option<Duration>,
}

/// A failover drill.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct DrillArgs {
    /// DB instance identifier, or the cluster's
    pub database: String,
    /// From one request of the probe to the next [default: 200ms]
    #[arg(long, value_name = "TIME", value_parser = pace)]
    pub probe_interval: Option<Duration>,
    /// A request without its whole answer by then is lost [default: 2s]
    #[arg(long, value_name = "TIME", value_parser = pace)]
    pub probe_timeout: Option<Duration>,
    /// HTTP status of a good answer [default: 200-299]
    #[arg(long, value_name = "CODE|FROM-TO", value_parser = statuses)]
    pub expect_status: Option<(u16, u16)>,
    /// Text that a good answer contains
    #[arg(long, value_name = "TEXT")]
    pub expect_body: Option<String>,
    /// How long the probe runs before the failover is sent
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_duration)]
    pub baseline: Duration,
    /// Record a failover that somebody else triggers; send nothing
    #[arg(long, conflicts_with_all = ["dry_run", "yes"])]
    pub observe: bool,
    /// How long to watch for it
    #[arg(long = "for", value_name = "TIME", default_value = "30m", value_parser = parse_duration, requires = "observe")]
    pub watch_for: Duration,
    /// Folder that gets the report, in a folder named after the drill
    #[arg(long, value_name = "DIR")]
    pub report: Option<String>,
    /// Do not ask; required without a terminal
    #[arg(long)]
    pub yes: bool,
    /// Probe for the baseline, print the plan and its checks, send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print the record as JSON at the end
    #[arg(long)]
    pub json: bool,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Open the screen on a simulated account: nothing to configure, nothing to pay
    Demo(ScenarioArgs),
    /// Serve a simulated account on loopback, for any AWS client
    Sim {
        /// Address to listen on; port 0 takes any free one
        #[arg(long, value_name = "127.0.0.1:PORT", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// What happens there
        #[command(flatten)]
        story: SimScenarioArgs,
    },
    /// Follow the newest rollout of a service to its verdict; exits 0 only for "succeeded"
    Watch {
        /// Service name
        service: String,
        /// Give up after this long, e.g. 90s, 15m, 1h
        #[arg(long, value_name = "TIME", default_value = "15m", value_parser = parse_duration)]
        timeout: Duration,
        /// One JSON object per change
        #[arg(long)]
        json: bool,
    },
    /// Scale a service: plan, checks, confirmation
    Scale {
        /// Service name
        service: String,
        /// How many tasks are wanted
        tasks: u32,
        /// How it is done
        #[command(flatten)]
        how: How,
    },
    /// Redeploy a service: force a new deployment, or deploy another image
    Redeploy {
        /// Service name
        service: String,
        /// Tag or digest in the service's own repository: registers a revision pinned to it
        #[arg(long, value_name = "TAG|DIGEST")]
        image: Option<String>,
        /// Container that gets the image, where several could be meant [default: the one that the load balancer
        /// sends to, else the essential one with a port]
        #[arg(long, value_name = "NAME", requires = "image")]
        container: Option<String>,
        /// How it is done
        #[command(flatten)]
        how: How,
    },
    /// Roll a service back: the rollout in flight, else to the revision before
    Rollback {
        /// Service name
        service: String,
        /// How it is done
        #[command(flatten)]
        how: How,
    },
    /// Stop a task; its service starts another
    Stop {
        /// Task id, or its beginning
        task: String,
        /// How it is done
        #[command(flatten)]
        how: How,
    },
    /// Fail a database over and measure the outage; exits 0 only within the target
    Drill(DrillArgs),
    /// List the drills of the past, with their recovery times as a trend
    Drills {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Show the audit log: every operation that was sent from this account of this machine, and what became of it
    Log {
        /// Print the JSON lines as they are
        #[arg(long)]
        json: bool,
    },
    /// Show a recorded session on the same screen: pause, seek, other speeds. Nothing is ever sent
    Replay {
        /// What --record wrote; also when the program was killed meanwhile
        file: PathBuf,
        /// Times the recorded speed, 0.25 to 64
        #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
        speed: f64,
        /// Where to begin: seconds into it (90s, 15m), a time of day (14:03:20, UTC) or a moment (2026-05-01T14:03:20Z)
        #[arg(long, value_name = "TIME", value_parser = moment)]
        at: Option<ReplayPosition>,
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

/// How an operation of the shell is done.
#[derive(Debug, Clone, Copy, Args, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct How {
    /// Print the plan and its checks, send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask; required without a terminal
    #[arg(long)]
    pub yes: bool,
    /// Follow it to its verdict
    #[arg(long)]
    pub wait: bool,
    /// Print JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

/// How fast a replay runs.
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|n: &f64| (0.25..=64.0).contains(n));
    speed.ok_or_else(|| "a speed lies between 0.25 and 64".to_owned())
}

/// A moment of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayPosition {
    /// So long after its beginning.
    Since(Duration),
    /// A time of day, UTC: the first after its beginning.
    Clock(NaiveTime),
    /// A moment.
    Date(DateTime<Utc>),
}

fn moment(text: &str) -> Result<ReplayPosition, String> {
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Ok(ReplayPosition::Date(date.to_utc()));
    }
    let clock = ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    match clock {
        Some(clock) => Ok(ReplayPosition::Clock(clock)),
        None => parse_duration(text)
            .map(ReplayPosition::Since)
            .map_err(|_| "a moment looks like 90s, 15m, 14:03:20 (UTC) or 2026-05-01T14:03:20Z".to_owned()),
    }
}

/// What happens in the demo.
#[derive(Debug, Clone, Args)]
pub struct ScenarioArgs {
    /// Which story; an unknown name lists them all
    #[arg(long, value_name = "NAME", default_value = "deploy")]
    pub scenario: Scenario,
    /// Which account: a built-in estate or a file (docs/estates.md); an unknown name lists them
    #[arg(long, value_name = "NAME|FILE", default_value = "party-box")]
    pub estate: Estate,
    /// Simulated seconds per second
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    pub speed: f64,
    /// The same seed tells the same story
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// What happens in the served account.
#[derive(Debug, Clone, Args)]
pub struct SimScenarioArgs {
    /// Which story; an unknown name lists them all
    #[arg(long, value_name = "NAME", default_value = "steady")]
    pub scenario: Scenario,
    /// Which account: a built-in estate or a file (docs/estates.md); an unknown name lists them
    #[arg(long, value_name = "NAME|FILE", default_value = "party-box")]
    pub estate: Estate,
    /// Simulated seconds per second
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub speed: f64,
    /// The same seed tells the same story
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}
