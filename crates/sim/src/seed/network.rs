//! The VPC: two zones, a public and a private subnet in each.
use super::{Time, days, tags};
use crate::world::network::{
    InternetGateway, NatGateway, Network, Permission, Route, RouteTable, RouteVia, SecurityGroup, Subnet, Vpc,
};

pub(super) const VPC: &str = "vpc-0a1b2c3d4e5f60718";
pub(super) const PUBLIC: [&str; 2] = ["subnet-0aa1110000000b001", "subnet-0cc3330000000b003"];
pub(super) const PRIVATE: [&str; 2] = ["subnet-0aa2220000000c002", "subnet-0cc4440000000c004"];
pub(super) const SG_ALB: &str = "sg-0a1b000000000a1b0";
pub(super) const SG_ECS: &str = "sg-0ec5000000000ec50";
pub(super) const SG_RDS: &str = "sg-0db5000000000db50";
const ZONES: [(&str, &str); 2] = [("ap-northeast-1a", "apne1-az4"), ("ap-northeast-1c", "apne1-az1")];
const IGW: &str = "igw-0f1e2d3c4b5a69788";
pub(super) const NAT: &str = "nat-0123456789abcdef0";
const ANYWHERE: &str = "0.0.0.0/0";

/// The whole network.
pub(super) fn network(now: Time) -> Network {
    Network {
        vpcs: vec![Vpc {
            id: VPC.to_owned(),
            cidr: "10.0.0.0/16".to_owned(),
            cidr_association_id: "vpc-cidr-assoc-0b7e0c9a1d2f3e4b5".to_owned(),
            dhcp_options_id: "dopt-0d1c2b3a495867f6e".to_owned(),
            tags: tags("party-box-vpc"),
        }],
        subnets: subnets(),
        route_tables: route_tables(),
        nat_gateways: vec![NatGateway {
            id: NAT.to_owned(),
            vpc_id: VPC.to_owned(),
            subnet_id: PUBLIC[0].to_owned(),
            state: "available",
            created_at: now - days(212),
            public_ip: "203.0.113.24".to_owned(),
            private_ip: "10.0.1.24".to_owned(),
            allocation_id: "eipalloc-0e1f2a3b4c5d6e7f8".to_owned(),
            association_id: "eipassoc-0f8e7d6c5b4a39281".to_owned(),
            eni_id: "eni-0a9b8c7d6e5f40312".to_owned(),
            tags: tags("party-box-nat-a"),
        }],
        internet_gateways: vec![InternetGateway {
            id: IGW.to_owned(),
            vpc_id: VPC.to_owned(),
            tags: tags("party-box-igw"),
        }],
        security_groups: security_groups(),
        ..Network::default()
    }
}

fn subnets() -> Vec<Subnet> {
    let subnet = |id: &str, third: u8, zone: usize, name: &str, other_addresses| Subnet {
        id: id.to_owned(),
        arn: format!("arn:aws:ec2:ap-northeast-1:123456789012:subnet/{id}"),
        vpc_id: VPC.to_owned(),
        cidr: format!("10.0.{third}.0/24"),
        zone: ZONES[zone].0.to_owned(),
        zone_id: ZONES[zone].1.to_owned(),
        map_public_ip: name.contains("public"),
        other_addresses,
        tags: tags(name),
    };
    vec![
        subnet(PUBLIC[0], 1, 0, "party-box-public-a", 3),
        subnet(PRIVATE[0], 2, 0, "party-box-private-a", 1),
        subnet(PUBLIC[1], 3, 1, "party-box-public-c", 2),
        subnet(PRIVATE[1], 4, 1, "party-box-private-c", 2),
    ]
}

fn route_tables() -> Vec<RouteTable> {
    let route = |destination: &str, via| Route { destination: destination.to_owned(), via, state: "active" };
    let local = || route("10.0.0.0/16", RouteVia::Local);
    let table = |id: &str, name: &str, subnets: &[&str], default: Option<RouteVia>| RouteTable {
        id: id.to_owned(),
        vpc_id: VPC.to_owned(),
        main_association: subnets.is_empty().then(|| "rtbassoc-0aa0bb0cc0dd0ee0f".to_owned()),
        associations: subnets
            .iter()
            .map(|subnet| (subnet.replace("subnet-", "rtbassoc-"), (*subnet).to_owned()))
            .collect(),
        routes: std::iter::once(local()).chain(default.map(|via| route(ANYWHERE, via))).collect(),
        tags: tags(name),
    };
    vec![
        table("rtb-00aa11bb22cc33dd4", "party-box-main", &[], None),
        table(
            "rtb-01bb22cc33dd44ee5",
            "party-box-public",
            &PUBLIC,
            Some(RouteVia::InternetGateway(IGW.to_owned())),
        ),
        table(
            "rtb-02cc33dd44ee55ff6",
            "party-box-private",
            &PRIVATE,
            Some(RouteVia::NatGateway(NAT.to_owned())),
        ),
    ]
}

fn security_groups() -> Vec<SecurityGroup> {
    let from_anywhere = |port, text: &str| Permission {
        protocol: "tcp",
        ports: Some((port, port)),
        cidrs: vec![(ANYWHERE.to_owned(), text.to_owned())],
        groups: Vec::new(),
    };
    let from_group = |port, group: &str, text: &str| Permission {
        protocol: "tcp",
        ports: Some((port, port)),
        cidrs: Vec::new(),
        groups: vec![(group.to_owned(), text.to_owned())],
    };
    let group = |id: &str, name: &str, description: &str, ingress| SecurityGroup {
        id: id.to_owned(),
        arn: format!("arn:aws:ec2:ap-northeast-1:123456789012:security-group/{id}"),
        name: name.to_owned(),
        description: description.to_owned(),
        vpc_id: VPC.to_owned(),
        ingress,
        egress: vec![Permission {
            protocol: "-1",
            ports: None,
            cidrs: vec![(ANYWHERE.to_owned(), String::new())],
            groups: Vec::new(),
        }],
        tags: tags(name),
    };
    vec![
        group(
            SG_ALB,
            "party-box-alb",
            "HTTPS from the internet",
            vec![from_anywhere(443, "HTTPS"), from_anywhere(80, "redirected to HTTPS")],
        ),
        group(
            SG_ECS,
            "party-box-ecs",
            "Tasks, from the load balancer",
            vec![from_group(3000, SG_ALB, "from the ALB")],
        ),
        group(
            SG_RDS,
            "party-box-rds",
            "PostgreSQL, from the tasks",
            vec![from_group(5432, SG_ECS, "from the tasks")],
        ),
    ]
}
