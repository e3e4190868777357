//! The simulated account: everything that its API can be asked about, as plain data.
//!
//! No clock is read here and nothing is sent. `behaviour` moves the world through time, `api`
//! renders it in AWS's protocols.
pub mod certificates;
pub mod cloudwatch;
pub mod ecr;
pub mod ecs;
pub mod elb;
mod health;
pub mod network;
pub mod rds;
pub mod rng;
pub mod rules;
pub mod scaling;
pub mod schedule;
pub mod script;
pub mod secrets;

use chrono::{DateTime, Utc};

pub use self::health::TaskHealth;
use self::rng::Rng;
use self::rules::Rules;
use self::script::{Role, Script};

/// A moment in virtual time.
pub type Time = DateTime<Utc>;

/// A resource tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The tag's key.
    pub key: String,
    /// The tag's value.
    pub value: String,
}

impl Tag {
    /// A tag from its two parts.
    pub fn new(key: &str, value: &str) -> Self {
        Self { key: key.to_owned(), value: value.to_owned() }
    }
}

/// Whose account this is, and where.
#[derive(Debug, Clone)]
pub struct Account {
    /// The 12-digit account id.
    pub id: String,
    /// The Region every resource is in.
    pub region: String,
    /// The zones in use, e.g. `ap-northeast-1a`.
    pub zones: Vec<String>,
    /// The ARN that `GetCallerIdentity` names.
    pub caller_arn: String,
    /// The user id that `GetCallerIdentity` names.
    pub caller_user_id: String,
}

impl Account {
    /// The ARN of a resource of this account: `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.id)
    }
}

/// An event that the simulation itself knows to have happened. Never served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub what: TruthKind,
}

/// The kinds of events that a test may compare a watcher's verdict with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TruthKind {
    /// The database stopped answering.
    DatabaseDown {
        /// The DB instance identifier.
        database: String,
    },
    /// The database answers again.
    DatabaseUp {
        /// The DB instance identifier.
        database: String,
    },
    /// A failover request was accepted by the API, but nothing will happen.
    FailoverAbandoned {
        /// The DB instance identifier.
        database: String,
    },
    /// The zones' fields were swapped after a failover.
    ZonesSwapped {
        /// The DB instance identifier.
        database: String,
    },
    /// A deployment began.
    DeploymentStarted {
        /// The service's name.
        service: String,
        /// `ecs-svc/…`.
        deployment: String,
        /// The ARN of its service deployment.
        arn: String,
    },
    /// A deployment is being rolled back; its end follows when the old revision serves alone again.
    RollbackStarted {
        /// The service's name.
        service: String,
        /// The ARN of its service deployment.
        arn: String,
    },
    /// A deployment ended.
    DeploymentEnded {
        /// The service's name.
        service: String,
        /// `ecs-svc/…`.
        deployment: String,
        /// The ARN of its service deployment.
        arn: String,
        /// How it ended.
        verdict: DeploymentVerdict,
    },
    /// Target tracking changed a service's desired count.
    Scaled {
        /// The service's name.
        service: String,
        /// Tasks before.
        from: u32,
        /// Tasks after.
        to: u32,
    },
}

/// How a deployment really ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentVerdict {
    /// Every new task is healthy and every old one has been stopped; its target may drain on.
    Succeeded,
    /// It completed, but no task was wanted by then: nothing was proven.
    ScaledToZero,
    /// The revision before it serves alone again.
    RolledBack,
    /// It was to be rolled back, and there was nothing to return to.
    RollbackFailed,
    /// It was given up with rollback switched off: both revisions stay as they were.
    Failed,
    /// Somebody stopped it where it was.
    Stopped,
    /// A newer deployment took its place.
    Superseded,
}

/// One deployment as it really went; see [`World::deployment_truths`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentTruth {
    /// The service's name.
    pub service: String,
    /// `ecs-svc/…`.
    pub deployment: String,
    /// The ARN of its service deployment.
    pub arn: String,
    /// When it was asked for.
    pub started: Time,
    /// When it ended and how; `None` while it goes on.
    pub ended: Option<(Time, DeploymentVerdict)>,
}

/// The whole simulated account at one moment.
#[derive(Debug, Clone)]
pub struct World {
    /// The moment that the state below belongs to.
    pub now: Time,
    /// When the simulation began; earlier history was made up by the seed.
    pub began: Time,
    /// The seed of every random draw.
    pub seed: u64,
    /// What differs from an ordinary account.
    pub rules: Rules,
    /// The source of all draws made while time passes.
    pub rng: Rng,
    /// Multiplies the load of the day. 1.0 unless a test or an incident says otherwise.
    pub load_factor: f64,
    /// Whose account this is.
    pub account: Account,
    /// Elastic Container Service.
    pub ecs: ecs::Ecs,
    /// Elastic Load Balancing (application load balancers).
    pub elb: elb::Elb,
    /// Relational Database Service.
    pub rds: rds::Rds,
    /// Elastic Container Registry.
    pub ecr: ecr::Ecr,
    /// The VPC and what lies in it.
    pub network: network::Network,
    /// ACM certificates.
    pub certificates: Vec<certificates::Certificate>,
    /// Secrets Manager's secrets (their metadata; there are no values).
    pub secrets: Vec<secrets::Secret>,
    /// Application Auto Scaling.
    pub scaling: scaling::Scaling,
    /// CloudWatch metrics and alarms.
    pub cloudwatch: cloudwatch::CloudWatch,
    /// The events that happened, oldest first.
    pub truth: Vec<Truth>,
    /// The loss of a zone, once there was one.
    pub zone_loss: Option<ZoneLoss>,
    /// Until when Fargate has no capacity for new tasks.
    pub no_capacity_until: Option<Time>,
    /// A rise of the load, once there was one.
    pub load_rise: Option<LoadRise>,
    /// The timeline, and its position.
    pub script: Script,
    /// The services that play a part in it.
    pub roles: Roles,
}

/// Which service plays which part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles {
    /// The one that is deployed and drilled.
    pub main: Option<ecs::ServiceId>,
    /// Another one, if there is one.
    pub other: Option<ecs::ServiceId>,
}

impl Roles {
    /// Gives a part to a service, unless another has it.
    pub(crate) fn assign(&mut self, role: Role, service: ecs::ServiceId) {
        let place = match role {
            Role::Main => &mut self.main,
            Role::Other => &mut self.other,
        };
        place.get_or_insert(service);
    }

    /// The service that plays a part. Where there is one service alone, it plays both.
    pub fn player(&self, role: Role) -> Option<ecs::ServiceId> {
        match role {
            Role::Main => self.main,
            Role::Other => self.other.or(self.main),
        }
    }
}

/// The loss of a zone: nothing in it answers or can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneLoss {
    /// The zone's name.
    pub zone: String,
    /// From here.
    pub from: Time,
    /// To here.
    pub until: Time,
    /// When the load balancer's node there is taken out of its DNS answer.
    pub node_out_at: Time,
    /// When the API took the last target in it out of service. Never served.
    pub clean_at: Option<Time>,
}

impl ZoneLoss {
    /// Whether the zone is away at `at`.
    pub fn lasts(&self, at: Time) -> bool {
        (self.from..self.until).contains(&at)
    }
}

/// A rise of the load: from nothing to its factor in two minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadRise {
    /// When it began.
    pub since: Time,
    /// The factor that it reaches.
    pub factor: f64,
}

impl World {
    /// A service of this account.
    pub fn service(&self, id: ecs::ServiceId) -> &ecs::Service {
        &self.ecs[id]
    }

    /// A service of this account, to be changed.
    pub fn service_mut(&mut self, id: ecs::ServiceId) -> &mut ecs::Service {
        &mut self.ecs[id]
    }

    /// Every deployment since the world began, oldest first, with its real end. For tests to compare a
    /// watcher's verdicts with; never served.
    pub fn deployment_truths(&self) -> Vec<DeploymentTruth> {
        let mut found: Vec<DeploymentTruth> = Vec::new();
        for Truth { at, what } in &self.truth {
            match what {
                TruthKind::DeploymentStarted { service, deployment, arn } => found.push(DeploymentTruth {
                    service: service.clone(),
                    deployment: deployment.clone(),
                    arn: arn.clone(),
                    started: *at,
                    ended: None,
                }),
                TruthKind::DeploymentEnded { arn, verdict, .. } => {
                    if let Some(known) = found.iter_mut().find(|known| known.arn == *arn) {
                        known.ended = Some((*at, *verdict));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Every failover of a database since the world began, oldest first, as it really went by now: to the
    /// millisecond. For tests to compare a drill's report with; never served.
    pub fn drill_truths(&self) -> Vec<rds::DrillTruth> {
        let clean_at = self.zone_loss.as_ref().and_then(|loss| loss.clean_at);
        self.rds.drills.iter().map(|drill| drill.by(self.now, clean_at)).collect()
    }

    /// Whether a zone is away at `at`.
    pub fn is_lost(&self, zone: &str, at: Time) -> bool {
        self.zone_loss.as_ref().is_some_and(|loss| loss.zone == zone && loss.lasts(at))
    }

    /// The same account in another Region: nothing is there.
    pub(crate) fn in_other_region(&self, region: &str) -> Self {
        let zones = ["a", "b", "c"].map(|zone| format!("{region}{zone}")).to_vec();
        Self {
            account: Account { region: region.to_owned(), zones, ..self.account.clone() },
            ecs: ecs::Ecs::default(),
            elb: elb::Elb::default(),
            rds: rds::Rds::default(),
            ecr: ecr::Ecr::default(),
            network: network::Network::default(),
            certificates: Vec::new(),
            secrets: Vec::new(),
            scaling: scaling::Scaling::default(),
            cloudwatch: cloudwatch::CloudWatch::default(),
            truth: Vec::new(),
            zone_loss: None,
            rng: self.rng.clone(),
            script: self.script.clone(),
            ..*self
        }
    }

    /// Records an event that happened now.
    pub(crate) fn note(&mut self, what: TruthKind) {
        self.note_at(self.now, what);
    }

    /// Records an event that happened within the present second.
    pub(crate) fn note_at(&mut self, at: Time, what: TruthKind) {
        self.truth.push(Truth { at, what });
    }
}
