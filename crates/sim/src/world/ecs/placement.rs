//! The machines under a service's tasks, and what the service does.

use super::runs::{CapacityShare, Runs};

/// A container instance: an EC2 instance that is registered in a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerInstance {
    /// Its ARN.
    pub arn: String,
    /// Its cluster.
    pub cluster_arn: String,
    /// `i-...`.
    pub instance_id: String,
    /// Its zone's name.
    pub zone: String,
    /// Its subnet.
    pub subnet_id: String,
    /// Its private address.
    pub private_ip: String,
}

/// The container instance that a task runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskHost {
    /// The container instance's ARN.
    pub arn: String,
    /// `i-...`.
    pub instance_id: String,
    /// The port of the instance that leads to the main container's; 0 when it has none.
    pub port: u16,
}

/// What a service does, as far as its load depends on it. Never served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Workload {
    /// Serves pages.
    Web,
    /// Serves an API and sockets.
    #[default]
    Api,
    /// Takes no requests.
    Worker,
}

impl Runs {
    /// The capacity provider of the task that is placed as number `placed`, by the shares' bases and weights.
    pub fn provider(&self, placed: u32) -> Option<&'static str> {
        let bases: u32 = self.capacity.iter().map(|each| each.base).sum();
        let total: u32 = self.capacity.iter().map(|each| each.weight).sum();
        let part = |each: &CapacityShare| if placed < bases { each.base } else { each.weight };
        let mut draw = if placed < bases { placed } else { (placed - bases) % total.max(1) };
        let chosen = self.capacity.iter().find(|each| {
            let own = draw < part(each);
            draw = draw.saturating_sub(part(each));
            own
        });
        chosen.or(self.capacity.first()).map(|each| each.provider)
    }
}
