//! The VPC with its subnets, routes, gateways, endpoints and security groups.
use super::{Time, days, tags};
use crate::estate::zone as zone_name;
use crate::estate::{ACCOUNT, Address, Estate, GroupPart, Out, REGION, SubnetPart};
use crate::world::network::{
    ENDPOINT_HOST, InternetGateway, NatGateway, Network, Permission, Route, RouteTable, RouteVia,
    SecurityGroup, Subnet, Vpc, VpcEndpoint,
};

const ANYWHERE: &str = "0.0.0.0/0";
const ANYWHERE_IPV6: &str = "::/0";
/// The VPC's IPv6 range without its last byte: a range of 256 subnets.
const IPV6: &str = "2001:db8:4a:b";
/// The documentation's addresses for examples, of which each NAT gateway has one.
const NAT_ADDRESSES: &str = "203.0.113.";
/// The prefix lists of the two services with gateway endpoints, in this Region.
const PREFIX_LISTS: [(&str, &str); 2] = [("s3", "pl-61a54008"), ("dynamodb", "pl-78a54011")];

/// The VPC's id.
pub(super) fn vpc(estate: &Estate) -> String {
    estate.id("vpc", &estate.network.name)
}

/// A zone's id: the Region's zones a, c and d have these in this account.
fn zone_id(letter: &str) -> &'static str {
    match letter {
        "a" => "apne1-az4",
        "c" => "apne1-az1",
        _ => "apne1-az2",
    }
}

/// The subnets as the file gives them, or a public and a private one in each zone.
pub(super) fn subnet_parts(estate: &Estate) -> Vec<SubnetPart> {
    if !estate.network.subnet.is_empty() {
        return estate.network.subnet.clone();
    }
    let mut parts = Vec::new();
    for (place, letter) in (0_u32..).zip(&estate.zones) {
        for (public, word) in [(true, "public"), (false, "private")] {
            parts.push(SubnetPart {
                name: format!("{}-{word}-{letter}", estate.project),
                zone: toml::Spanned::new(0..0, letter.clone()),
                public,
                cidr: format!("10.0.{}.0/24", 2 * place + if public { 1 } else { 2 }),
                other_addresses: 2,
            });
        }
    }
    parts
}

/// The ids of the public or the private subnets in these zones; in all where none is named.
pub(super) fn subnet_ids(
    estate: &Estate,
    public: bool,
    zones: &[toml::Spanned<String>],
) -> Vec<(String, String)> {
    let wanted = |part: &SubnetPart| {
        part.public == public
            && (zones.is_empty() || zones.iter().any(|zone| zone.get_ref() == part.zone.get_ref()))
    };
    let parts = subnet_parts(estate).into_iter().filter(wanted);
    parts.map(|part| (zone_name(part.zone.get_ref()), estate.id("subnet", &part.name))).collect()
}

/// The whole network.
pub(super) fn network(estate: &Estate, now: Time) -> Network {
    let part = &estate.network;
    let has_ipv6 = part.addresses != Address::Ipv4;
    let mut network = Network {
        vpcs: vec![Vpc {
            id: vpc(estate),
            cidr: part.cidr.clone(),
            cidr_association_id: estate.id("vpc-cidr-assoc", &part.name),
            dhcp_options_id: estate.id("dopt", &part.name),
            tags: tags(estate, &part.name),
            ipv6_cidr: has_ipv6.then(|| format!("{IPV6}00::/56")),
        }],
        subnets: subnet_parts(estate).iter().map(|each| subnet(estate, each)).collect(),
        nat_gateways: nat_gateways(estate, now),
        internet_gateways: vec![InternetGateway {
            id: igw(estate),
            vpc_id: vpc(estate),
            tags: tags(estate, &format!("{}-igw", estate.project)),
        }],
        security_groups: estate.group.iter().map(|each| security_group(estate, each)).collect(),
        owner: part.owner.clone(),
        ..Network::default()
    };
    network.route_tables = route_tables(estate);
    network.endpoints = part.endpoints.iter().map(|service| endpoint(estate, service, now)).collect();
    for (place, endpoint) in (0..).zip(&network.endpoints) {
        let subnets = network.subnets.iter().filter(|each| endpoint.subnets.contains(&each.id));
        network.fixed.extend(subnets.filter_map(|each| each.address(ENDPOINT_HOST + place)));
    }
    network
}

fn igw(estate: &Estate) -> String {
    estate.id("igw", &format!("{}-igw", estate.project))
}

fn subnet(estate: &Estate, part: &SubnetPart) -> Subnet {
    let id = estate.id("subnet", &part.name);
    let owner = estate.network.owner.as_deref().unwrap_or(ACCOUNT);
    let third = part.cidr.split('.').nth(2).and_then(|third| third.parse::<u8>().ok()).unwrap_or(0);
    let addresses = estate.network.addresses;
    Subnet {
        arn: format!("arn:aws:ec2:{REGION}:{owner}:subnet/{id}"),
        vpc_id: vpc(estate),
        cidr: part.cidr.clone(),
        zone: zone_name(part.zone.get_ref()),
        zone_id: zone_id(part.zone.get_ref()).to_owned(),
        map_public_ip: part.public,
        other_addresses: part.other_addresses,
        tags: tags(estate, &part.name),
        ipv6_cidr: (addresses != Address::Ipv4).then(|| format!("{IPV6}{third:02x}::/64")),
        ipv6_native: addresses == Address::Ipv6 && !part.public,
        id,
    }
}

/// The zones that have a NAT gateway.
fn nat_zones(estate: &Estate) -> &[String] {
    match estate.network.out {
        Out::Nat => &estate.zones[..1],
        Out::NatPerZone => &estate.zones,
        Out::Endpoints | Out::EgressOnly | Out::TransitGateway => &[],
    }
}

fn nat_id(estate: &Estate, letter: &str) -> String {
    estate.id("nat", &format!("{}-nat-{letter}", estate.project))
}

fn nat_gateways(estate: &Estate, now: Time) -> Vec<NatGateway> {
    let gateway = |(place, letter): (u32, &String)| {
        let name = format!("{}-nat-{letter}", estate.project);
        let subnets = subnet_parts(estate);
        let home = subnets.iter().find(|each| each.public && each.zone.get_ref() == letter)?;
        let base = home.cidr.rsplit_once('.').map_or("10.0.0", |(base, _)| base);
        Some(NatGateway {
            id: nat_id(estate, letter),
            vpc_id: vpc(estate),
            subnet_id: estate.id("subnet", &home.name),
            state: "available",
            created_at: now - days(212),
            public_ip: format!("{NAT_ADDRESSES}{}", 24 + place),
            private_ip: format!("{base}.24"),
            allocation_id: estate.id("eipalloc", &name),
            association_id: estate.id("eipassoc", &name),
            eni_id: estate.id("eni", &name),
            tags: tags(estate, &name),
        })
    };
    (0..).zip(nat_zones(estate)).filter_map(gateway).collect()
}

fn route_tables(estate: &Estate) -> Vec<RouteTable> {
    let part = &estate.network;
    let project = &estate.project;
    let route = |destination: &str, via| Route { destination: destination.to_owned(), via, state: "active" };
    let mut local = vec![route(&part.cidr, RouteVia::Local)];
    if part.addresses != Address::Ipv4 {
        local.push(route(&format!("{IPV6}00::/56"), RouteVia::Local));
    }
    let table = |name: String, subnets: Vec<String>, more: Vec<Route>| RouteTable {
        id: estate.id("rtb", &name),
        vpc_id: vpc(estate),
        main_association: subnets.is_empty().then(|| estate.id("rtbassoc", &name)),
        associations: subnets
            .into_iter()
            .map(|subnet| (subnet.replace("subnet-", "rtbassoc-"), subnet))
            .collect(),
        routes: local.iter().cloned().chain(more).collect(),
        tags: tags(estate, &name),
    };
    let ids = |public: bool, letter: Option<&String>| {
        let zone = letter.map(|letter| toml::Spanned::new(0..0, letter.clone()));
        subnet_ids(estate, public, zone.as_slice()).into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    let mut outside = vec![route(ANYWHERE, RouteVia::InternetGateway(igw(estate)))];
    if part.addresses != Address::Ipv4 {
        outside.push(route(ANYWHERE_IPV6, RouteVia::InternetGateway(igw(estate))));
    }
    let lists: Vec<Route> = PREFIX_LISTS
        .iter()
        .filter(|(service, _)| part.endpoints.iter().any(|each| each == service))
        .map(|(service, list)| route(list, RouteVia::GatewayEndpoint(endpoint_id(estate, service))))
        .collect();
    let out = |letter: Option<&String>| {
        let way = match part.out {
            Out::Nat | Out::NatPerZone => {
                let letter = letter.or(estate.zones.first())?;
                (ANYWHERE, RouteVia::NatGateway(nat_id(estate, letter)))
            }
            Out::Endpoints => return None,
            Out::EgressOnly => (ANYWHERE_IPV6, RouteVia::EgressOnly(estate.id("eigw", project))),
            Out::TransitGateway => (ANYWHERE, RouteVia::TransitGateway(estate.id("tgw", "central"))),
        };
        Some(route(way.0, way.1))
    };
    let private = |letter: Option<&String>| out(letter).into_iter().chain(lists.clone()).collect::<Vec<_>>();
    let mut tables = vec![
        table(format!("{project}-main"), Vec::new(), Vec::new()),
        table(format!("{project}-public"), ids(true, None), outside),
    ];
    if part.out == Out::NatPerZone {
        let each = |letter| {
            table(format!("{project}-private-{letter}"), ids(false, Some(letter)), private(Some(letter)))
        };
        tables.extend(estate.zones.iter().map(each));
    } else {
        tables.push(table(format!("{project}-private"), ids(false, None), private(None)));
    }
    tables
}

fn endpoint_id(estate: &Estate, service: &str) -> String {
    estate.id("vpce", service)
}

fn endpoint(estate: &Estate, service: &str, now: Time) -> VpcEndpoint {
    let gateway = PREFIX_LISTS.iter().any(|(own, _)| *own == service);
    let private = || subnet_ids(estate, false, &[]).into_iter().map(|(_, id)| id).collect::<Vec<_>>();
    let tables = || vec![estate.id("rtb", &format!("{}-private", estate.project))];
    let groups =
        || estate.network.endpoint_groups.iter().map(|name| estate.group_id(name.get_ref())).collect();
    VpcEndpoint {
        id: endpoint_id(estate, service),
        vpc_id: vpc(estate),
        service: format!("com.amazonaws.{REGION}.{service}"),
        kind: if gateway { "Gateway" } else { "Interface" },
        state: "available",
        route_tables: if gateway { tables() } else { Vec::new() },
        subnets: if gateway { Vec::new() } else { private() },
        security_groups: if gateway { Vec::new() } else { groups() },
        private_dns: !gateway,
        created_at: now - days(200),
        tags: tags(estate, &format!("{}-{service}", estate.project)),
    }
}

fn security_group(estate: &Estate, part: &GroupPart) -> SecurityGroup {
    let id = estate.group_id(&part.name);
    let both = estate.network.addresses != Address::Ipv4;
    let ingress = part.ingress.iter().map(|admit| {
        let text = || admit.text.clone();
        let from = admit.from.get_ref();
        let (cidrs, groups) = match from.as_str() {
            "anywhere" if both => {
                (vec![(ANYWHERE.to_owned(), text()), (ANYWHERE_IPV6.to_owned(), text())], vec![])
            }
            "anywhere" => (vec![(ANYWHERE.to_owned(), text())], Vec::new()),
            range if range.contains('/') || range.starts_with("pl-") => {
                (vec![(range.to_owned(), text())], Vec::new())
            }
            name => (Vec::new(), vec![(estate.group_id(name), text())]),
        };
        Permission {
            protocol: "tcp",
            ports: Some((admit.port, admit.to_port.unwrap_or(admit.port))),
            cidrs,
            groups,
        }
    });
    SecurityGroup {
        arn: format!("arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{id}"),
        name: part.name.clone(),
        description: part.text.clone(),
        vpc_id: vpc(estate),
        ingress: ingress.collect(),
        egress: vec![Permission {
            protocol: "-1",
            ports: None,
            cidrs: vec![(ANYWHERE.to_owned(), String::new())],
            groups: Vec::new(),
        }],
        tags: tags(estate, &part.name),
        id,
    }
}
