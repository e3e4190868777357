//! The VPC and what is in it, in EC2's own words.

use super::Level;
use serde::{Deserialize, Serialize};

/// A VPC with what routes in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// VPC id.
    pub vpc: String,
    /// `Name` tag.
    pub name: Option<String>,
    /// CIDR block.
    pub cidr: String,
    /// Its subnets.
    pub subnets: Vec<Subnet>,
    /// Its route tables.
    pub route_tables: Vec<RouteTable>,
    /// Its NAT gateways.
    pub nat_gateways: Vec<NatGateway>,
    /// Its internet gateways: (id, attachment state).
    pub internet_gateways: Vec<(String, String)>,
    /// Its security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// The account that owns it, 12 digits; empty when EC2 does not say. Another account than ours shares its subnets
    /// with us, and shows us none of its NAT gateways.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html>
    #[serde(default)]
    pub owner: String,
    /// Subnets and security groups that services name and that are in no VPC, by id.
    #[serde(default)]
    pub missing: Vec<String>,
}

impl Network {
    /// The effective route table of a subnet: the associated one, else the VPC's main one.
    pub fn route_table(&self, subnet: &str) -> Option<&RouteTable> {
        self.route_tables
            .iter()
            .find(|t| t.subnets.iter().any(|s| s == subnet))
            .or_else(|| self.route_tables.iter().find(|t| t.main))
    }

    /// The route by which a subnet reaches out: the default one of its effective route table, IPv4 before
    /// IPv6.
    pub fn way_out(&self, subnet: &str) -> Option<&Route> {
        let routes = &self.route_table(subnet)?.routes;
        let to = |destination: &str| routes.iter().find(|r| r.destination == destination);
        to("0.0.0.0/0").or_else(|| to("::/0"))
    }

    /// By what a subnet reaches out.
    pub fn leads_out(&self, subnet: &str) -> WayOut {
        self.way_out(subnet).map_or(WayOut::None, |route| WayOut::of(&route.target))
    }

    /// Whether the VPC is another account's, which shares its subnets with `account`.
    pub fn is_shared_with(&self, account: &str) -> bool {
        !account.is_empty() && !self.owner.is_empty() && self.owner != account
    }

    /// A subnet is public when its effective route table has a default route to an internet gateway.
    pub fn is_public(&self, subnet: &str) -> bool {
        self.route_table(subnet).is_some_and(|t| {
            t.routes.iter().any(|r| is_default(&r.destination) && r.target.starts_with("igw-"))
        })
    }
}

fn is_default(destination: &str) -> bool {
    destination == "0.0.0.0/0" || destination == "::/0"
}

/// What a default route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayOut {
    /// The internet gateway.
    Internet,
    /// A NAT gateway.
    Nat,
    /// An egress-only internet gateway: IPv6, outwards alone.
    EgressOnly,
    /// A transit gateway.
    Transit,
    /// A peering connection.
    Peering,
    /// A virtual private gateway.
    VirtualGateway,
    /// An instance or a network interface that forwards.
    Instance,
    /// An endpoint of a Gateway Load Balancer, such as a firewall's.
    Endpoint,
    /// Something else.
    Other,
    /// There is no default route.
    None,
}

impl WayOut {
    fn of(target: &str) -> Self {
        let kind = target.split('-').next().unwrap_or_default();
        match kind {
            "igw" => Self::Internet,
            "nat" => Self::Nat,
            "eigw" => Self::EgressOnly,
            "tgw" => Self::Transit,
            "pcx" => Self::Peering,
            "vgw" => Self::VirtualGateway,
            "i" | "eni" => Self::Instance,
            "vpce" => Self::Endpoint,
            _ => Self::Other,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Internet => "internet gateway",
            Self::Nat => "NAT gateway",
            Self::EgressOnly => "egress-only gateway",
            Self::Transit => "transit gateway",
            Self::Peering => "VPC peering",
            Self::VirtualGateway => "virtual private gateway",
            Self::Instance => "NAT instance",
            Self::Endpoint => "firewall endpoint",
            Self::Other => "another gateway",
            Self::None => "none",
        }
    }
}

/// A subnet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Id.
    pub id: String,
    /// `Name` tag.
    pub name: Option<String>,
    /// CIDR block.
    pub cidr: String,
    /// Availability Zone.
    pub zone: String,
    /// Free IPv4 addresses.
    pub free_addresses: u32,
    /// The account that owns it; empty when EC2 does not say.
    #[serde(default)]
    pub owner: String,
}

/// A VPC endpoint: a way to one AWS service without the internet.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcEndpoint {
    /// Id.
    pub id: String,
    /// `Interface`, `Gateway`, `GatewayLoadBalancer`, ...
    pub kind: String,
    /// e.g. `com.amazonaws.ap-northeast-1.ecr.api`.
    pub service: String,
    /// `available`, `pending`, `rejected`, ... in whatever case: EC2's answers and its documentation differ.
    pub state: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// The subnets of an interface endpoint.
    pub subnets: Vec<String>,
    /// The route tables of a gateway endpoint.
    pub route_tables: Vec<String>,
}

impl VpcEndpoint {
    /// The severity of its state.
    pub fn level(&self) -> Level {
        match self.state.to_ascii_lowercase().as_str() {
            "available" => Level::Good,
            "pending" => Level::Busy,
            "deleted" => Level::Idle,
            _ => Level::Warn,
        }
    }

    /// The service in short: `com.amazonaws.ap-northeast-1.ecr.api` -> `ecr.api`.
    pub fn short_service(&self) -> &str {
        let mut parts = self.service.splitn(4, '.').skip(3);
        parts.next().unwrap_or(&self.service)
    }
}

/// A prefix list with its address ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList {
    /// `pl-...`.
    pub id: String,
    /// Its ranges.
    pub ranges: Vec<String>,
}

/// A route table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Id.
    pub id: String,
    /// The VPC's main table.
    pub main: bool,
    /// Subnets associated explicitly.
    pub subnets: Vec<String>,
    /// Its routes.
    pub routes: Vec<Route>,
}

/// A route.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// CIDR or prefix list.
    pub destination: String,
    /// `local`, `igw-...`, `nat-...`, ...
    pub target: String,
    /// `active` or `blackhole`.
    pub state: String,
}

impl Route {
    /// The severity of its state. Where a default route leads nowhere, nothing gets out; another destination
    /// may be one that nobody needs.
    pub fn level(&self) -> Level {
        match self.state.as_str() {
            "blackhole" if is_default(&self.destination) => Level::Bad,
            "blackhole" => Level::Warn,
            _ => Level::Good,
        }
    }

    /// Whether its target is gone.
    pub fn leads_nowhere(&self) -> bool {
        self.state == "blackhole"
    }
}

/// A NAT gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// Id.
    pub id: String,
    /// `pending`, `failed`, `available`, `deleting`, `deleted`.
    pub state: String,
    /// Subnet in which it stands.
    pub subnet: String,
    /// Elastic IP address.
    pub public_ip: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
}

impl NatGateway {
    /// The severity of its state. `failed` is one that could not be created: it never carried traffic, so
    /// that nothing which worked is broken, and AWS deletes it by itself.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
    pub fn level(&self) -> Level {
        match self.state.as_str() {
            "available" => Level::Good,
            "pending" => Level::Busy,
            "deleted" => Level::Idle,
            _ => Level::Warn,
        }
    }
}

/// A security group with its inbound rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Inbound rules, one source each.
    pub inbound: Vec<InboundRule>,
}

/// One inbound permission from one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundRule {
    /// `tcp`, `udp`, `icmp`, `-1` (everything).
    pub protocol: String,
    /// First port; `None` = all.
    pub from_port: Option<i32>,
    /// Last port.
    pub to_port: Option<i32>,
    /// CIDR, prefix list id, or security group id (`sg-...`).
    pub source: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_without_its_own_table_follows_the_main_one() {
        let igw = Route { destination: "0.0.0.0/0".into(), target: "igw-1".into(), state: "active".into() };
        let nat = Route { target: "nat-1".into(), ..igw.clone() };
        let network = Network {
            route_tables: vec![
                RouteTable { id: "main".into(), main: true, subnets: vec![], routes: vec![nat] },
                RouteTable { id: "pub".into(), main: false, subnets: vec!["s-1".into()], routes: vec![igw] },
            ],
            ..Network::default()
        };
        assert!(network.is_public("s-1"));
        assert!(!network.is_public("s-2"));
        assert_eq!(network.route_table("s-2").map(|t| t.id.as_str()), Some("main"));
    }
}
