//! The views: what each is called, its panes, and the rows that they list.

use serde::{Deserialize, Serialize};

/// The views, in the order of their number keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum View {
    /// 1: the whole Party Box.
    #[default]
    Overview,
    /// 2: services, deployments, tasks.
    Services,
    /// 3: load balancer, rules, targets.
    Traffic,
    /// 4: databases.
    Database,
    /// 5: images.
    Images,
    /// 6: network.
    Network,
    /// 7: what each zone carries, and what its loss takes.
    Zones,
    /// 8: the drill under way, and the earlier ones.
    Drill,
}

impl View {
    /// All, in the order of their number keys.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Services,
        Self::Traffic,
        Self::Database,
        Self::Images,
        Self::Network,
        Self::Zones,
        Self::Drill,
    ];

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Services => "services",
            Self::Traffic => "traffic",
            Self::Database => "database",
            Self::Images => "images",
            Self::Network => "network",
            Self::Zones => "zones",
            Self::Drill => "drill",
        }
    }

    /// What it shows, in a few words: for the list of keys.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Overview => "overview: the whole Party Box",
            Self::Services => "services: deployments and tasks",
            Self::Traffic => "traffic: rules, targets, certificates",
            Self::Database => "database: roles, zones, backups, events",
            Self::Images => "images: what runs, and its scan",
            Self::Network => "network: subnets, NAT, security groups",
            Self::Zones => "zones: what each carries, what its loss takes",
            Self::Drill => "drill: the one under way, and the earlier",
        }
    }
}

/// The two lists of a view: the main one, and one about its selected row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Pane {
    /// The main list.
    #[default]
    Main,
    /// What belongs to the selected row of the main list.
    Detail,
}

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

/// The rows of every pane after the filter, as indices into what they are about. Made when something changes,
/// not per frame.
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
    /// Traffic view, detail: (index into `party_box.groups`, index into its targets). All groups' targets,
    /// the group of the selected rule first.
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
    /// Network view, detail: (index into `store.network().security_groups`, index of the inbound rule, or
    /// none for a group without any). Groups in the order ALB, services, databases; only the attached ones.
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
