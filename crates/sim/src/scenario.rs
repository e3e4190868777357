//! The stories that a simulated account can tell.
use std::fmt;
use std::str::FromStr;

/// What happens by itself in the simulated account. The operator's own actions work in every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scenario {
    /// Nothing but the day's load.
    #[default]
    Steady,
    /// A rolling deployment of `backend` begins after some seconds, and others follow.
    Deploy,
    /// A deployment whose tasks fail their health check; the circuit breaker rolls it back.
    BadDeploy,
    /// The database fails over to its standby by itself.
    Failover,
    /// A failover takes five minutes, and one task comes back later than the others.
    FailoverSlow,
    /// A failover is accepted and then given up: there was another shortly before.
    FailoverRefused,
    /// RDS's events about failovers never appear.
    FailoverLostEvents,
    /// RDS's events about failovers appear late and out of order, some twice.
    FailoverReorderedEvents,
    /// The database is an Aurora cluster of two instances.
    Aurora,
    /// A whole zone is lost: its tasks, its targets, its NAT gateway and the database's primary.
    AzOutage,
    /// A deployment whose image was never pushed.
    BadImage,
    /// A deployment whose containers exit some seconds after their start.
    CrashLoop,
    /// A deployment whose old tasks drain for five minutes, with their players' sockets open.
    SlowDrain,
    /// A blue/green deployment that waits for somebody to continue it.
    BlueGreen,
    /// A deployment that shifts the traffic in equal steps.
    Linear,
    /// A deployment that shifts a tenth of the traffic first.
    Canary,
    /// A deployment that a colleague's takes the place of.
    Superseded,
    /// The load rises, and target tracking undoes what is scaled by hand.
    Autoscale,
    /// A deployment for which Fargate has no capacity, for a while or for too long.
    NoCapacity,
}

impl Scenario {
    /// Every scenario, in the order in which help texts list them.
    pub const fn all() -> &'static [Self] {
        &[
            Self::Steady,
            Self::Deploy,
            Self::BadDeploy,
            Self::BadImage,
            Self::CrashLoop,
            Self::SlowDrain,
            Self::BlueGreen,
            Self::Linear,
            Self::Canary,
            Self::Superseded,
            Self::Autoscale,
            Self::NoCapacity,
            Self::Failover,
            Self::FailoverSlow,
            Self::FailoverRefused,
            Self::FailoverLostEvents,
            Self::FailoverReorderedEvents,
            Self::Aurora,
            Self::AzOutage,
        ]
    }

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Deploy => "deploy",
            Self::BadDeploy => "bad-deploy",
            Self::Failover => "failover",
            Self::FailoverSlow => "failover-slow",
            Self::FailoverRefused => "failover-refused",
            Self::FailoverLostEvents => "failover-lost-events",
            Self::FailoverReorderedEvents => "failover-reordered-events",
            Self::Aurora => "aurora",
            Self::AzOutage => "az-outage",
            Self::BadImage => "bad-image",
            Self::CrashLoop => "crash-loop",
            Self::SlowDrain => "slow-drain",
            Self::BlueGreen => "blue-green",
            Self::Linear => "linear",
            Self::Canary => "canary",
            Self::Superseded => "superseded",
            Self::Autoscale => "autoscale",
            Self::NoCapacity => "no-capacity",
        }
    }

    /// One line that says what a watcher will see.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Steady => "nothing happens but the day's load and what you do yourself",
            Self::Deploy => "a rolling deployment starts after 20 s; more follow every few minutes",
            Self::BadDeploy => "new tasks fail their health check; the circuit breaker rolls them back",
            Self::Failover => "the database fails over to its standby after 30 s",
            Self::FailoverSlow => "the failover that you start takes 5 min; one task is back late",
            Self::FailoverRefused => "the failover that you start is accepted, then abandoned",
            Self::FailoverLostEvents => "the failover that you start works, without any RDS event",
            Self::FailoverReorderedEvents => "the events of your failover come late, out of order, twice",
            Self::Aurora => "the database is an Aurora cluster: a failover moves its writer",
            Self::AzOutage => "zone a is lost after 30 s, with tasks and database; back after 15 min",
            Self::BadImage => "the new image cannot be pulled; the circuit breaker rolls back",
            Self::CrashLoop => "new containers exit with 1 and say why in their logs; rolled back",
            Self::SlowDrain => "a deployment whose old tasks drain for 300 s, WebSockets open",
            Self::BlueGreen => "a blue/green deployment pauses until you continue it or roll it back",
            Self::Linear => "a deployment shifts the traffic by a quarter each minute",
            Self::Canary => "a deployment shifts a tenth of the traffic, and the rest 4 minutes later",
            Self::Superseded => "a colleague's deployment takes over half a minute after the first",
            Self::Autoscale => "the load rises; target tracking undoes a scale by hand",
            Self::NoCapacity => "Fargate has no room for new tasks: for a minute, or for too long",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A scenario name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scenario '{0}' (there are: {names})", names = names())]
pub struct UnknownScenario(String);

fn names() -> String {
    let names: Vec<&str> = Scenario::all().iter().map(|each| each.name()).collect();
    names.join(", ")
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::all()
            .iter()
            .copied()
            .find(|each| each.name() == name)
            .ok_or_else(|| UnknownScenario(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_back() {
        for each in Scenario::all() {
            assert_eq!(each.to_string().parse(), Ok(*each));
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = "chaos".parse::<Scenario>().expect_err("no such scenario");
        assert!(error.to_string().contains("bad-deploy"), "{error}");
    }
}
