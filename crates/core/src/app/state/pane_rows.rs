//! Which rows each pane shows: made when something changes, not per frame.

use crate::app::state::{Pane, View};
use serde::{Deserialize, Serialize};

/// Where a listener rule is, as indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePosition {
    /// Into `party_box.balancers`.
    pub balancer: usize,
    /// Into the balancer's listeners.
    pub listener: usize,
    /// Into the listener's rules.
    pub rule: usize,
}

/// Rows to draw, as indices into what they are about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PaneRows {
    /// Overview: the chain's parts, in order.
    pub chain: Vec<ChainItem>,
    /// Services view: indices into `party_box.services`.
    pub services: Vec<usize>,
    /// Services view, detail: indices into the selected service's `rows`.
    pub tasks: Vec<usize>,
    /// Traffic view: the rules of all listeners.
    pub rules: Vec<RulePosition>,
    /// Traffic view, detail: (index into `party_box.groups`, index into its targets). All groups' targets, the group
    /// of the selected rule first.
    pub targets: Vec<(usize, usize)>,
    /// Database view: indices into `party_box.databases`.
    pub databases: Vec<usize>,
    /// Database view, detail: indices into `store.db_events()`, newest first, of the selected database.
    pub db_events: Vec<usize>,
    /// Images view: indices into `party_box.images`.
    pub images: Vec<usize>,
    /// Images view, detail: indices into the selected image's findings.
    pub vulnerabilities: Vec<usize>,
    /// Network view: indices into `store.network().subnets`, by zone and tier.
    pub subnets: Vec<usize>,
    /// Network view, detail: (index into `store.network().security_groups`, index of the inbound rule, or none for a
    /// group without any). Groups in the order ALB, services, databases; only the attached ones.
    pub group_rules: Vec<(usize, Option<usize>)>,
    /// Zones view: indices into `zones`.
    pub zones: Vec<usize>,
    /// Zones view, detail: indices into the selected zone's parts.
    pub parts: Vec<usize>,
    /// Overview, detail: indices into `timeline.entries()`; of those that repeat, the newest.
    pub events: Vec<usize>,
    /// Drill view: indices into `timeline.entries()`, since shortly before the drill began.
    pub drill_events: Vec<usize>,
    /// Drill view without a drill: how many earlier ones there are.
    pub past_drills: usize,
}

/// A part of the chain, selectable in the overview.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ChainItem {
    /// Index into `party_box.balancers`.
    Balancer(usize),
    /// Index into `party_box.services`.
    Service(usize),
    /// Index into `party_box.databases`.
    Database(usize),
}

impl PaneRows {
    /// How many rows a pane has.
    pub fn len(&self, view: View, pane: Pane) -> usize {
        match (view, pane) {
            (View::Overview, Pane::Main) => self.chain.len(),
            (View::Overview, Pane::Detail) => self.events.len(),
            (View::Services, Pane::Main) => self.services.len(),
            (View::Services, Pane::Detail) => self.tasks.len(),
            (View::Traffic, Pane::Main) => self.rules.len(),
            (View::Traffic, Pane::Detail) => self.targets.len(),
            (View::Database, Pane::Main) => self.databases.len(),
            (View::Database, Pane::Detail) => self.db_events.len(),
            (View::Images, Pane::Main) => self.images.len(),
            (View::Images, Pane::Detail) => self.vulnerabilities.len(),
            (View::Network, Pane::Main) => self.subnets.len(),
            (View::Network, Pane::Detail) => self.group_rules.len(),
            (View::Zones, Pane::Main) => self.zones.len(),
            (View::Zones, Pane::Detail) => self.parts.len(),
            (View::Drill, Pane::Main) => self.past_drills.max(self.drill_events.len()),
            (View::Drill, Pane::Detail) => 0,
        }
    }
}
