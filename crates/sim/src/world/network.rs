//! The VPC: subnets, routes, gateways and security groups.
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Tag, Time};

/// Addresses that AWS keeps for itself in every subnet: the first four and the last.
const RESERVED: u32 = 5;

/// Where in a subnet the nodes of the load balancers have their addresses, one after the other.
pub const NODE_HOST: u32 = 8;
/// Where in a subnet the interface endpoints have their addresses, one after the other.
pub const ENDPOINT_HOST: u32 = 32;

/// Everything of EC2's network API that matters to a Party Box.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// The VPCs.
    pub vpcs: Vec<Vpc>,
    /// The subnets.
    pub subnets: Vec<Subnet>,
    /// The route tables.
    pub route_tables: Vec<RouteTable>,
    /// The NAT gateways.
    pub nat_gateways: Vec<NatGateway>,
    /// The internet gateways.
    pub internet_gateways: Vec<InternetGateway>,
    /// The security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// The VPC endpoints.
    pub endpoints: Vec<VpcEndpoint>,
    /// Managed prefix lists: their ids and address ranges.
    pub prefix_lists: Vec<(String, Vec<String>)>,
    /// The account that owns the VPCs, their subnets and all that routes in them, when it is another one which shares
    /// them: a participant is shown the subnets that are shared with it and their route tables, not the NAT gateways.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html>
    pub owner: Option<String>,
    /// Addresses of tasks' network interfaces: subnet id, offsets into its range.
    pub leases: BTreeMap<String, BTreeSet<u32>>,
    /// Addresses of databases, load balancer nodes and interface endpoints, which never change. Each subnet counts them in `other_addresses`.
    pub fixed: BTreeSet<Ipv4Addr>,
}

impl Network {
    /// The subnet with this id.
    pub fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.iter().find(|each| each.id == id)
    }

    /// `AvailableIpAddressCount` of a subnet.
    pub fn available_addresses(&self, subnet: &Subnet) -> u32 {
        let leased = self.leases.get(&subnet.id).map_or(0, BTreeSet::len);
        let taken = u32::try_from(leased).unwrap_or(u32::MAX).saturating_add(subnet.other_addresses);
        subnet.size().saturating_sub(RESERVED).saturating_sub(taken)
    }

    /// Gives out an address of a subnet near the offset `wish`; `None` when the subnet is full.
    pub fn lease(&mut self, subnet_id: &str, wish: u32) -> Option<Ipv4Addr> {
        let subnet = self.subnet(subnet_id)?;
        if self.available_addresses(subnet) == 0 {
            return None;
        }
        let (base, usable) = (subnet.base()?, subnet.size().checked_sub(RESERVED).filter(|size| *size > 0)?);
        let taken = self.leases.entry(subnet_id.to_owned()).or_default();
        let fixed = &self.fixed;
        let free = |offset: &u32| {
            !taken.contains(offset) && !fixed.contains(&Ipv4Addr::from_bits(u32::from(base) + offset))
        };
        let offset = (0..usable).map(|step| 4 + (wish.wrapping_add(step)) % usable).find(free)?;
        taken.insert(offset);
        Some(Ipv4Addr::from_bits(u32::from(base) + offset))
    }

    /// Takes an address back.
    pub fn release(&mut self, subnet_id: &str, address: &str) {
        let base = self.subnet(subnet_id).and_then(Subnet::base);
        let (Some(base), Ok(address)) = (base, address.parse::<Ipv4Addr>()) else { return };
        if let Some(taken) = self.leases.get_mut(subnet_id) {
            taken.remove(&u32::from(address).wrapping_sub(u32::from(base)));
        }
    }
}

/// A VPC.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// Its address range.
    pub cidr: String,
    /// The association of that range, `vpc-cidr-assoc-…`.
    pub cidr_association_id: String,
    /// Its DHCP options, `dopt-…`.
    pub dhcp_options_id: String,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its IPv6 range.
    pub ipv6_cidr: Option<String>,
}

/// A subnet.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// `subnet-…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Its address range.
    pub cidr: String,
    /// Its zone's name.
    pub zone: String,
    /// Its zone's id, e.g. `apne1-az4`.
    pub zone_id: String,
    /// Whether instances get a public address by default.
    pub map_public_ip: bool,
    /// Addresses taken by other things than tasks (load balancer nodes, databases, the NAT gateway).
    pub other_addresses: u32,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its IPv6 range.
    pub ipv6_cidr: Option<String>,
    /// Whether it has IPv6 addresses alone: the API then shows no IPv4 range. The simulator numbers its addresses by
    /// `cidr` still.
    pub ipv6_native: bool,
}

impl Subnet {
    /// The IPv6 address that stands beside an IPv4 one of the subnet.
    pub fn ipv6_of(&self, address: Ipv4Addr) -> Option<String> {
        let range: Ipv6Addr = self.ipv6_cidr.as_deref()?.split_once('/')?.0.parse().ok()?;
        let [first, second, third, fourth, ..] = range.segments();
        let [_, _, subnet, host] = address.octets().map(u16::from);
        Some(Ipv6Addr::new(first, second, third, fourth, 0x51, 0, subnet, host).to_string())
    }

    /// An address of its range, by its place in it; `None` beyond the end.
    pub fn address(&self, offset: u32) -> Option<Ipv4Addr> {
        let base = self.base().filter(|_| offset < self.size())?;
        Some(Ipv4Addr::from_bits(u32::from(base) + offset))
    }

    /// The first address of its range.
    fn base(&self) -> Option<Ipv4Addr> {
        self.cidr.split_once('/')?.0.parse().ok()
    }

    /// How many addresses its range has; 0 if the range makes no sense.
    fn size(&self) -> u32 {
        let prefix = self.cidr.split_once('/').and_then(|(_, prefix)| prefix.parse::<u32>().ok());
        prefix
            .and_then(|prefix| 32_u32.checked_sub(prefix))
            .and_then(|bits| 1_u32.checked_shl(bits))
            .unwrap_or(0)
    }
}

/// A route table.
#[derive(Debug, Clone)]
pub struct RouteTable {
    /// `rtb-…`.
    pub id: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Whether it is the VPC's main one, with that association's id.
    pub main_association: Option<String>,
    /// Explicit associations: `rtbassoc-…`, subnet id.
    pub associations: Vec<(String, String)>,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A route.
#[derive(Debug, Clone)]
pub struct Route {
    /// Where to, e.g. `0.0.0.0/0`, `::/0` or a prefix list `pl-…`.
    pub destination: String,
    /// Through what.
    pub via: RouteVia,
    /// `active` or `blackhole`.
    pub state: &'static str,
}

/// What a route goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteVia {
    /// `local`.
    Local,
    /// An internet gateway, `igw-…`.
    InternetGateway(String),
    /// A NAT gateway, `nat-…`.
    NatGateway(String),
    /// A gateway endpoint, `vpce-…`; its destination is a prefix list, `pl-…`.
    GatewayEndpoint(String),
    /// A transit gateway, `tgw-…`.
    TransitGateway(String),
    /// A peering connection, `pcx-…`.
    Peering(String),
    /// A virtual private gateway, `vgw-…`.
    VirtualGateway(String),
    /// An egress-only internet gateway, `eigw-…`; its destination is `::/0`.
    EgressOnly(String),
    /// An instance that forwards, such as a NAT instance: `i-…` and its interface, `eni-…`.
    Instance(String, String),
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub id: String,
    /// Its VPC.
    pub vpc_id: String,
    /// e.g. `com.amazonaws.ap-northeast-1.ecr.api`.
    pub service: String,
    /// `Interface` or `Gateway`.
    pub kind: &'static str,
    /// `available`, `pending`, `pendingAcceptance`, `deleting`, `rejected`, `failed`, ...
    pub state: &'static str,
    /// The route tables of a gateway endpoint.
    pub route_tables: Vec<String>,
    /// The subnets of an interface endpoint.
    pub subnets: Vec<String>,
    /// The security groups of an interface endpoint.
    pub security_groups: Vec<String>,
    /// Whether the service's own name leads to an interface endpoint.
    pub private_dns: bool,
    /// When it was created.
    pub created_at: Time,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A public zonal NAT gateway.
#[derive(Debug, Clone)]
pub struct NatGateway {
    /// `nat-…`.
    pub id: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Its subnet.
    pub subnet_id: String,
    /// `available`.
    pub state: &'static str,
    /// When it was created.
    pub created_at: Time,
    /// Its elastic address.
    pub public_ip: String,
    /// Its private address.
    pub private_ip: String,
    /// `eipalloc-…`.
    pub allocation_id: String,
    /// `eipassoc-…`.
    pub association_id: String,
    /// `eni-…`.
    pub eni_id: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// An internet gateway.
#[derive(Debug, Clone)]
pub struct InternetGateway {
    /// `igw-…`.
    pub id: String,
    /// The VPC it is attached to.
    pub vpc_id: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A security group.
#[derive(Debug, Clone)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its VPC.
    pub vpc_id: String,
    /// What it lets in.
    pub ingress: Vec<Permission>,
    /// What it lets out.
    pub egress: Vec<Permission>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// One entry of a security group.
#[derive(Debug, Clone)]
pub struct Permission {
    /// `tcp`, or `-1` for everything.
    pub protocol: &'static str,
    /// First and last port; `None` with protocol `-1`.
    pub ports: Option<(u16, u16)>,
    /// IPv4 and IPv6 ranges and prefix lists (`pl-…`) with their descriptions.
    pub cidrs: Vec<(String, String)>,
    /// Security group ids with their descriptions.
    pub groups: Vec<(String, String)>,
}
