//! Reboots and failovers of databases, and their effect on the application.
use crate::world::Time;

/// A time during which the database did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// From here.
    pub from: Time,
    /// To here; `None` while it lasts.
    pub until: Option<Time>,
}

/// A reboot of an instance under way. All times are drawn when it begins, to the millisecond.
#[derive(Debug, Clone)]
pub struct DbOperation {
    /// Whether it fails over to the standby.
    pub failover: bool,
    /// The event that says why, in AWS's words.
    pub cause: &'static str,
    /// When the status leaves `available`.
    pub rebooting_at: Time,
    /// When the database stops answering: to reads; writes end up to five seconds before.
    pub down_at: Time,
    /// What the event about the beginning is dated.
    pub started_at: Time,
    /// What the event about the restart is dated.
    pub restarted_at: Time,
    /// When it answers again.
    pub up_at: Time,
    /// When the completion is reported.
    pub complete_at: Time,
    /// When the status returns to `available`.
    pub available_at: Time,
    /// When the zones' fields are swapped (failover only).
    pub swap_at: Time,
}

/// A failover of a cluster under way: a reader becomes the writer. All times are drawn when it begins.
#[derive(Debug, Clone)]
pub struct ClusterFailover {
    /// The member that was the writer.
    pub from: String,
    /// The member that becomes it.
    pub to: String,
    /// When the status leaves `available`; what the event about the beginning is dated.
    pub started_at: Time,
    /// When the old writer stops answering.
    pub down_at: Time,
    /// When the new one answers.
    pub up_at: Time,
    /// When `IsClusterWriter` moves.
    pub moved_at: Time,
    /// When the old writer is back, as a reader.
    pub reader_at: Time,
    /// When the status returns to `available` and the completion is reported.
    pub complete_at: Time,
}

/// The absence of the database for the application. It is longer than the database's own, since its tasks
/// must first learn the new address. They share the VPC's resolver, and connect when a request needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientOutage {
    /// The DB instance or the DB cluster.
    pub database: String,
    /// From here on what writes hangs.
    pub writes_down_at: Time,
    /// From here on every query hangs.
    pub down_at: Time,
    /// From here on connections are refused.
    pub refused_at: Time,
    /// From here on queries are answered again.
    pub back_at: Time,
    /// A task that comes back later than the others, and when.
    pub straggler: Option<(String, Time)>,
}

/// The result of a failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DrillKind {
    /// The database failed over.
    #[default]
    Failover,
    /// It was accepted and then given up: nothing happened.
    Abandoned,
}

/// One failover as it really went; see [`World::drill_truths`](crate::world::World::drill_truths). What has
/// not happened, or not yet, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DrillTruth {
    /// The DB instance identifier or the DB cluster identifier.
    pub database: String,
    /// What became of it.
    pub kind: DrillKind,
    /// When the request was accepted; `None` when it came by itself.
    pub accepted_at: Option<Time>,
    /// The first moment at which the application's API cannot write.
    pub writes_down_at: Option<Time>,
    /// The first moment at which the application's API fails.
    pub api_down_at: Option<Time>,
    /// When the first task serves the database again.
    pub api_first_up_at: Option<Time>,
    /// When every request is answered again, whatever task it meets.
    pub api_all_up_at: Option<Time>,
    /// The date of RDS's event about the beginning; `None` when RDS loses its events.
    pub started_event_at: Option<Time>,
    /// The date of RDS's event about the completion; `None` when RDS loses its events.
    pub completed_event_at: Option<Time>,
    /// The date of RDS's event about giving up; `None` when RDS loses its events.
    pub abandoned_event_at: Option<Time>,
    /// When the endpoint's DNS record changed.
    pub dns_changed_at: Option<Time>,
    /// When the instance's zones were swapped in the API.
    pub zones_swapped_at: Option<Time>,
    /// When the cluster's writer moved in the API.
    pub writer_moved_at: Option<Time>,
    /// When the zone was lost that caused it.
    pub zone_lost_at: Option<Time>,
}

impl DrillTruth {
    /// The part of it that has happened by `now`. `clean_at` is when the last item of a lost zone was out of
    /// service.
    pub(crate) fn by(&self, now: Time, clean_at: Option<Time>) -> Self {
        let all_up = match self.zone_lost_at {
            None => self.api_all_up_at,
            Some(_) => self.api_all_up_at.zip(clean_at).map(|(served, clean)| served.max(clean)),
        };
        let past = |at: Option<Time>| at.filter(|at| *at <= now);
        Self {
            database: self.database.clone(),
            kind: self.kind,
            accepted_at: past(self.accepted_at),
            writes_down_at: past(self.writes_down_at),
            api_down_at: past(self.api_down_at),
            api_first_up_at: past(self.api_first_up_at),
            api_all_up_at: past(all_up),
            started_event_at: past(self.started_event_at),
            completed_event_at: past(self.completed_event_at),
            abandoned_event_at: past(self.abandoned_event_at),
            dns_changed_at: past(self.dns_changed_at),
            zones_swapped_at: past(self.zones_swapped_at),
            writer_moved_at: past(self.writer_moved_at),
            zone_lost_at: past(self.zone_lost_at),
        }
    }
}
