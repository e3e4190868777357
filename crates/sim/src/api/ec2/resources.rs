//! EC2: the network's resources as its API filters and shows them.
use super::{Resource, one};
use crate::protocol::node::{Node, map};
use crate::world::ecs::TaskStatus;
use crate::world::network::{
    InternetGateway, NatGateway, Permission, Route, RouteTable, RouteVia, SecurityGroup, Subnet, Vpc,
    VpcEndpoint,
};
use crate::world::{Tag, World};

/// Whose the VPC and all that routes in it is.
fn owner(world: &World) -> &String {
    world.network.owner.as_ref().unwrap_or(&world.account.id)
}

pub(super) fn tags(tags: &[Tag]) -> Node {
    Node::list(tags.iter().map(|tag| map! { "key": &tag.key, "value": &tag.value }))
}

impl Resource for Vpc {
    const SET: &'static str = "vpcSet";
    const IDS: &'static str = "VpcId";
    const MISSING: (&'static str, &'static str) = ("InvalidVpcID.NotFound", "vpc ID");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "vpc-id" => one(&self.id),
            "cidr" | "cidr-block-association.cidr-block" => one(&self.cidr),
            "state" => one("available"),
            "is-default" => one("false"),

            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        map! {
            "ownerId": owner(world),
            "instanceTenancy": "default",
            "cidrBlockAssociationSet": Node::list([map! {
                "associationId": &self.cidr_association_id,
                "cidrBlock": &self.cidr,
                "cidrBlockState": map! { "state": "associated" },
            }]),
            "ipv6CidrBlockAssociationSet": ipv6_ranges(&self.id, self.ipv6_cidr.as_ref()),
            "isDefault": false,
            "tagSet": tags(&self.tags),
            "vpcId": &self.id,
            "state": "available",
            "cidrBlock": &self.cidr,
            "dhcpOptionsId": &self.dhcp_options_id,
        }
    }
}

/// The IPv6 range of a VPC or a subnet.
fn ipv6_ranges(id: &str, range: Option<&String>) -> Node {
    let number = id.rsplit('-').next().unwrap_or_default();
    let association = if id.starts_with("vpc-") { "vpc-cidr-assoc" } else { "subnet-cidr-assoc" };
    Node::list(range.map(|range| {
        map! {
            "associationId": format!("{association}-{number}"),
            "ipv6CidrBlock": range,
            "ipv6CidrBlockState": map! { "state": "associated" },
        }
    }))
}

/// Addresses that AWS reserves in every subnet.
const RESERVED_ADDRESSES: u32 = 5;
/// Addresses in a /24.
const ADDRESSES: u32 = 256;

impl Resource for Subnet {
    const SET: &'static str = "subnetSet";
    const IDS: &'static str = "SubnetId";
    const MISSING: (&'static str, &'static str) = ("InvalidSubnetID.NotFound", "subnet ID");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "subnet-id" => one(&self.id),
            "vpc-id" => one(&self.vpc_id),
            "subnet-arn" => one(&self.arn),
            "availability-zone" | "availabilityZone" => one(&self.zone),
            "availability-zone-id" | "availabilityZoneId" => one(&self.zone_id),
            "cidr-block" | "cidr" | "cidrBlock" => one(&self.cidr),
            "state" => one("available"),
            "default-for-az" | "defaultForAz" => one("false"),
            "map-public-ip-on-launch" => one(&self.map_public_ip.to_string()),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        let tasks = world
            .ecs
            .tasks()
            .filter(|task| task.subnet_id == self.id && task.last_status != TaskStatus::Stopped)
            .count();
        let taken = self.other_addresses + u32::try_from(tasks).unwrap_or(ADDRESSES);
        let free = (ADDRESSES - RESERVED_ADDRESSES).saturating_sub(taken);
        map! {
            "availabilityZoneId": &self.zone_id,
            "mapCustomerOwnedIpOnLaunch": false,
            "ownerId": owner(world),
            "assignIpv6AddressOnCreation": self.ipv6_native,
            "ipv6CidrBlockAssociationSet": ipv6_ranges(&self.id, self.ipv6_cidr.as_ref()),
            "tagSet": tags(&self.tags),
            "subnetArn": &self.arn,
            "enableDns64": self.ipv6_native,
            "ipv6Native": self.ipv6_native,
            "subnetId": &self.id,
            "state": "available",
            "vpcId": &self.vpc_id,
            "cidrBlock": (!self.ipv6_native).then_some(&self.cidr),
            // It counts IPv4 addresses alone.
            "availableIpAddressCount": if self.ipv6_native { 0 } else { free },
            "availabilityZone": &self.zone,
            "defaultForAz": false,
            "mapPublicIpOnLaunch": self.map_public_ip,
        }
    }
}

impl Resource for RouteTable {
    const SET: &'static str = "routeTableSet";
    const IDS: &'static str = "RouteTableId";
    const MISSING: (&'static str, &'static str) = ("InvalidRouteTableID.NotFound", "routeTable ID");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        let subnets = || self.associations.iter().map(|(_, subnet)| subnet.clone());
        let ids = || self.associations.iter().map(|(id, _)| id.clone());
        match filter {
            "route-table-id" | "association.route-table-id" => one(&self.id),
            "vpc-id" => one(&self.vpc_id),
            "association.subnet-id" => Some(subnets().collect()),
            "association.route-table-association-id" => {
                Some(ids().chain(self.main_association.clone()).collect())
            }
            "association.main" => one(&self.main_association.is_some().to_string()),
            "route.destination-cidr-block" => {
                Some(self.routes.iter().map(|route| route.destination.clone()).collect())
            }
            "route.state" => Some(self.routes.iter().map(|route| route.state.to_owned()).collect()),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        let associated = || map! { "state": "associated" };
        let main = self.main_association.iter().map(|id| {
            map! {
                "main": true,
                "routeTableAssociationId": id,
                "routeTableId": &self.id,
                "associationState": associated(),
            }
        });
        let explicit = self.associations.iter().map(|(id, subnet)| {
            map! {
                "main": false,
                "routeTableAssociationId": id,
                "routeTableId": &self.id,
                "subnetId": subnet,
                "associationState": associated(),
            }
        });
        map! {
            "associationSet": Node::list(main.chain(explicit)),
            "propagatingVgwSet": Node::List(Vec::new()),
            "routeTableId": &self.id,
            "routeSet": Node::list(self.routes.iter().map(route)),
            "tagSet": tags(&self.tags),
            "vpcId": &self.vpc_id,
            "ownerId": owner(world),
        }
    }
}

fn route(route: &Route) -> Node {
    let to = |found: bool| found.then_some(&route.destination);
    let (list, v6) = (route.destination.starts_with("pl-"), route.destination.contains(':'));
    let origin = if route.via == RouteVia::Local { "CreateRouteTable" } else { "CreateRoute" };
    let mut members = vec![
        ("destinationCidrBlock".into(), to(!list && !v6).into()),
        ("destinationIpv6CidrBlock".into(), to(v6).into()),
        ("destinationPrefixListId".into(), to(list).into()),
        ("origin".into(), origin.into()),
        ("state".into(), route.state.into()),
    ];
    let mut through = |name: &'static str, id: &str| members.push((name.into(), id.into()));
    match &route.via {
        RouteVia::Local => through("gatewayId", "local"),
        RouteVia::InternetGateway(id) | RouteVia::GatewayEndpoint(id) | RouteVia::VirtualGateway(id) => {
            through("gatewayId", id);
        }
        RouteVia::NatGateway(id) => through("natGatewayId", id),
        RouteVia::TransitGateway(id) => through("transitGatewayId", id),
        RouteVia::Peering(id) => through("vpcPeeringConnectionId", id),
        RouteVia::EgressOnly(id) => through("egressOnlyInternetGatewayId", id),
        RouteVia::Instance(instance, interface) => {
            through("instanceId", instance);
            through("networkInterfaceId", interface);
        }
    }
    Node::Map(members)
}

impl Resource for SecurityGroup {
    const SET: &'static str = "securityGroupInfo";
    const IDS: &'static str = "GroupId";
    const MISSING: (&'static str, &'static str) = ("InvalidGroup.NotFound", "security group");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        let sources = |permissions: &[Permission]| {
            let groups = permissions.iter().flat_map(|each| &each.groups);
            Some(groups.map(|(id, _)| id.clone()).collect())
        };
        match filter {
            "group-id" => one(&self.id),
            "group-name" => one(&self.name),
            "vpc-id" => one(&self.vpc_id),
            "description" => one(&self.description),
            "ip-permission.group-id" => sources(&self.ingress),
            "egress.ip-permission.group-id" => sources(&self.egress),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        let permission = |each: &Permission| permission(world, each);
        map! {
            "groupId": &self.id,
            "ipPermissionsEgress": Node::list(self.egress.iter().map(permission)),
            "tagSet": tags(&self.tags),
            "vpcId": &self.vpc_id,
            "securityGroupArn": &self.arn,
            "ownerId": &world.account.id,
            "groupName": &self.name,
            "groupDescription": &self.description,
            "ipPermissions": Node::list(self.ingress.iter().map(permission)),
        }
    }
}

fn permission(world: &World, each: &Permission) -> Node {
    let described = |text: &String| (!text.is_empty()).then(|| text.clone());
    let groups = each.groups.iter().map(|(id, description)| {
        map! {
            "description": described(description),
            "userId": &world.account.id,
            "groupId": id,
        }
    });
    let from = |member: &'static str, kind: fn(&str) -> bool| {
        Node::list(each.cidrs.iter().filter(|(range, _)| kind(range)).map(|(range, description)| {
            Node::Map(vec![
                ("description".into(), described(description).into()),
                (member.into(), range.into()),
            ])
        }))
    };
    map! {
        "ipProtocol": each.protocol,
        "fromPort": each.ports.map(|(from, _)| from),
        "toPort": each.ports.map(|(_, to)| to),
        "groups": Node::list(groups),
        "ipRanges": from("cidrIp", |range| !range.contains(':') && !range.starts_with("pl-")),
        "ipv6Ranges": from("cidrIpv6", |range| range.contains(':')),
        "prefixListIds": from("prefixListId", |range| range.starts_with("pl-")),
    }
}

impl Resource for NatGateway {
    const SET: &'static str = "natGatewaySet";
    const IDS: &'static str = "NatGatewayId";
    const MISSING: (&'static str, &'static str) = ("NatGatewayNotFound", "NAT gateway");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "nat-gateway-id" => one(&self.id),
            "vpc-id" => one(&self.vpc_id),
            "subnet-id" => one(&self.subnet_id),
            "state" => one(self.state),
            _ => None,
        }
    }

    fn render(&self, _: &World) -> Node {
        map! {
            "createTime": self.created_at,
            "natGatewayAddressSet": Node::list([map! {
                "allocationId": &self.allocation_id,
                "networkInterfaceId": &self.eni_id,
                "privateIp": &self.private_ip,
                "publicIp": &self.public_ip,
                "associationId": &self.association_id,
                "isPrimary": true,
                "status": "succeeded",
            }]),
            "natGatewayId": &self.id,
            "state": self.state,
            "subnetId": &self.subnet_id,
            "vpcId": &self.vpc_id,
            "tagSet": tags(&self.tags),
            "connectivityType": "public",
        }
    }
}

impl Resource for InternetGateway {
    const SET: &'static str = "internetGatewaySet";
    const IDS: &'static str = "InternetGatewayId";
    const MISSING: (&'static str, &'static str) = ("InvalidInternetGatewayID.NotFound", "internetGateway ID");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "internet-gateway-id" => one(&self.id),
            "attachment.vpc-id" => one(&self.vpc_id),
            "attachment.state" => one("available"),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        map! {
            "attachmentSet":
                Node::list([map! { "state": "available", "vpcId": &self.vpc_id }]),
            "internetGatewayId": &self.id,
            "ownerId": owner(world),
            "tagSet": tags(&self.tags),
        }
    }
}

impl Resource for VpcEndpoint {
    const SET: &'static str = "vpcEndpointSet";
    const IDS: &'static str = "VpcEndpointId";
    const MISSING: (&'static str, &'static str) = ("InvalidVpcEndpointId.NotFound", "Vpc Endpoint Id");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "vpc-endpoint-id" => one(&self.id),
            "vpc-id" => one(&self.vpc_id),
            "service-name" => one(&self.service),
            "vpc-endpoint-type" => one(self.kind),
            "vpc-endpoint-state" => one(self.state),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        let groups = self.security_groups.iter().map(|id| map! { "groupId": id });
        map! {
            "vpcEndpointId": &self.id,
            "vpcEndpointType": self.kind,
            "vpcId": &self.vpc_id,
            "serviceName": &self.service,
            "state": self.state,
            "routeTableIdSet": Node::list(&self.route_tables),
            "subnetIdSet": Node::list(&self.subnets),
            "groupSet": Node::list(groups),
            "privateDnsEnabled": self.private_dns,
            "requesterManaged": false,
            "creationTimestamp": self.created_at,
            "tagSet": tags(&self.tags),
            "ownerId": owner(world),
        }
    }
}
