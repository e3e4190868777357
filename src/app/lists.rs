//! The rows of each pane after filter and selection: made when something changes, not per frame.

/// Rows to draw, as indices into what they are about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lists {
    /// Overview: the chain's parts, in order.
    pub things: Vec<Thing>,
    /// Services view: indices into `party_box.services`.
    pub services: Vec<usize>,
    /// Services view, detail: indices into the selected service's `rows`.
    pub tasks: Vec<usize>,
    /// Traffic view: (balancer ARN index in `party_box.balancers`, listener index, rule index).
    pub rules: Vec<(usize, usize, usize)>,
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
    /// Overview, detail: indices into `timeline.entries()`.
    pub events: Vec<usize>,
}

/// A part of the chain, selectable in the overview.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// Index into `party_box.balancers`.
    Balancer(usize),
    /// Index into `party_box.services`.
    Service(usize),
    /// Index into `party_box.databases`.
    Database(usize),
}
