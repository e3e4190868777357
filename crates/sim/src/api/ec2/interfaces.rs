//! EC2: network interfaces and elastic addresses. They are not kept: each follows from what uses it.
//!
//! Descriptions and requesters are those by which people find out whose an interface is:
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>
use super::resources::tags;
use super::{Resource, one};
use crate::protocol::node::{Node, map};
use crate::world::ecs::TaskStatus;
use crate::world::network::{ENDPOINT_HOST, NODE_HOST};
use crate::world::rng::{Rng, stream_of};
use crate::world::{Tag, Time, World};

/// A network interface.
#[derive(Debug, Default)]
pub(super) struct Interface {
    id: String,
    subnet: String,
    vpc: String,
    zone: String,
    description: String,
    /// `interface`, `nat_gateway`, `network_load_balancer` or `vpc_endpoint`.
    kind: &'static str,
    /// Which service of AWS made it; `None` for an instance's own.
    requester: Option<&'static str>,
    /// Security groups: id and name.
    groups: Vec<(String, String)>,
    address: Option<String>,
    ipv6: Option<String>,
    /// The public address, with the allocation and the association of an elastic one.
    public: Option<(String, Option<(String, String)>)>,
    /// Who attached it, and to which instance if that is one of the account's own.
    attached: (&'static str, Option<String>),
    since: Option<Time>,
    tags: Vec<Tag>,
}

/// Hexadecimal digits that follow from a name.
pub(super) fn digits(name: &str, length: usize) -> String {
    Rng::new(stream_of(name)).hex(length)
}

/// Every interface of the account.
pub(super) fn interfaces(world: &World) -> Vec<Interface> {
    let mut found = of_tasks(world);
    found.extend(of_instances(world));
    found.extend(of_load_balancers(world));
    // A participant of a shared VPC is not shown its owner's.
    if world.network.owner.is_none() {
        found.extend(of_gateways(world));
        found.extend(of_endpoints(world));
    }
    found.extend(of_databases(world));
    found
}

/// What follows from the subnet and the groups alone.
fn in_subnet(world: &World, subnet: &str, groups: &[String]) -> Interface {
    let place = world.network.subnet(subnet);
    let name = |id: &String| {
        let group = world.network.security_groups.iter().find(|each| each.id == *id);
        (id.clone(), group.map_or_else(String::new, |group| group.name.clone()))
    };
    Interface {
        subnet: subnet.to_owned(),
        vpc: place.map_or_else(String::new, |each| each.vpc_id.clone()),
        zone: place.map_or_else(String::new, |each| each.zone.clone()),
        groups: groups.iter().map(name).collect(),
        kind: "interface",
        ..Interface::default()
    }
}

fn of_tasks(world: &World) -> Vec<Interface> {
    let tasks = world.ecs.services.iter().flat_map(|service| {
        let groups = &service.network.security_groups;
        service.tasks.iter().map(move |task| (task, groups))
    });
    let alone = world.ecs.standalone.iter().map(|each| (&each.task, &each.security_groups));
    let alive = tasks.chain(alone).filter(|(task, _)| {
        task.own_interface
            && task.last_status > TaskStatus::Provisioning
            && task.last_status < TaskStatus::Stopped
    });
    alive
        .map(|(task, groups)| Interface {
            id: task.eni_id.clone(),
            description: world.account.arn("ecs", &format!("attachment/{}", task.attachment_id)),
            requester: Some("amazon-ecs"),
            address: (!task.ipv6_only).then(|| task.private_ip.clone()),
            ipv6: task.ipv6.clone(),
            attached: ("amazon-ecs", None),
            since: Some(task.created_at),
            ..in_subnet(world, &task.subnet_id, groups)
        })
        .collect()
}

fn of_instances(world: &World) -> Vec<Interface> {
    let each = world.ecs.instances.iter().map(|instance| Interface {
        id: format!("eni-0{}", digits(&instance.instance_id, 16)),
        description: "Primary network interface".to_owned(),
        address: Some(instance.private_ip.clone()),
        attached: ("", Some(instance.instance_id.clone())),
        since: Some(world.began),
        ..in_subnet(world, &instance.subnet_id, &[])
    });
    each.collect()
}

fn of_load_balancers(world: &World) -> Vec<Interface> {
    let mut found = Vec::new();
    for (place, balancer) in (0..).zip(&world.elb.load_balancers) {
        for (zone, (_, subnet)) in (0_u32..).zip(&balancer.zones) {
            let address = world.network.subnet(subnet).and_then(|each| each.address(NODE_HOST + place));
            let number = 9 + 16 * place + zone;
            let public = (balancer.scheme == "internet-facing"
                && balancer.address_type != "dualstack-without-public-ipv4")
                .then(|| (format!("198.51.100.{}", number % 256), None));
            found.push(Interface {
                id: format!("eni-0{}", digits(&format!("{} {subnet}", balancer.arn), 16)),
                description: format!("ELB {}", balancer.dimension()),
                requester: Some("amazon-elb"),
                address: address.map(|each| each.to_string()),
                ipv6: address
                    .filter(|_| balancer.address_type != "ipv4")
                    .and_then(|address| world.network.subnet(subnet)?.ipv6_of(address)),
                public,
                attached: ("amazon-elb", None),
                since: Some(balancer.created_at),
                kind: if balancer.is_network() { "network_load_balancer" } else { "interface" },
                ..in_subnet(world, subnet, &balancer.security_groups)
            });
        }
    }
    found
}

fn of_gateways(world: &World) -> Vec<Interface> {
    let each = world.network.nat_gateways.iter().map(|gateway| Interface {
        id: gateway.eni_id.clone(),
        description: format!("Interface for NAT Gateway {}", gateway.id),
        requester: Some("amazon-aws"),
        address: Some(gateway.private_ip.clone()),
        public: Some((
            gateway.public_ip.clone(),
            Some((gateway.allocation_id.clone(), gateway.association_id.clone())),
        )),
        attached: ("amazon-aws", None),
        since: Some(gateway.created_at),
        kind: "nat_gateway",
        ..in_subnet(world, &gateway.subnet_id, &[])
    });
    each.collect()
}

fn of_endpoints(world: &World) -> Vec<Interface> {
    let mut found = Vec::new();
    for (place, endpoint) in (0..).zip(&world.network.endpoints) {
        for subnet in &endpoint.subnets {
            let address = world.network.subnet(subnet).and_then(|each| each.address(ENDPOINT_HOST + place));
            found.push(Interface {
                id: format!("eni-0{}", digits(&format!("{} {subnet}", endpoint.id), 16)),
                description: format!("VPC Endpoint Interface {}", endpoint.id),
                requester: Some("amazon-aws"),
                address: address.map(|each| each.to_string()),
                attached: ("amazon-aws", None),
                since: Some(endpoint.created_at),
                kind: "vpc_endpoint",
                ..in_subnet(world, subnet, &endpoint.security_groups)
            });
        }
    }
    found
}

/// The primary's and the standby's: RDS shows both alike.
fn of_databases(world: &World) -> Vec<Interface> {
    let mut found = Vec::new();
    for instance in &world.rds.instances {
        let group = world.rds.subnet_group(&instance.subnet_group);
        for (zone, address) in &instance.addresses {
            let subnet = group.and_then(|group| group.subnets.iter().find(|(_, own)| own == zone));
            let Some((subnet, _)) = subnet else { continue };
            found.push(Interface {
                id: format!("eni-0{}", digits(&format!("{} {zone}", instance.arn), 16)),
                description: "RDSNetworkInterface".to_owned(),
                requester: Some("amazon-rds"),
                address: Some(address.to_string()),
                attached: ("amazon-rds", None),
                since: Some(instance.created_at),
                ..in_subnet(world, subnet, &instance.security_groups)
            });
        }
    }
    found
}

impl Resource for Interface {
    const SET: &'static str = "networkInterfaceSet";
    const IDS: &'static str = "NetworkInterfaceId";
    const MISSING: (&'static str, &'static str) =
        ("InvalidNetworkInterfaceID.NotFound", "networkInterface ID");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        let groups = |name: bool| {
            Some(self.groups.iter().map(|(id, own)| if name { own } else { id }.clone()).collect())
        };
        match filter {
            "network-interface-id" => one(&self.id),
            "subnet-id" => one(&self.subnet),
            "vpc-id" => one(&self.vpc),
            "availability-zone" => one(&self.zone),
            "description" => one(&self.description),
            "interface-type" => one(self.kind),
            "status" => one("in-use"),
            "group-id" => groups(false),
            "group-name" => groups(true),
            "private-ip-address" | "addresses.private-ip-address" => {
                Some(self.address.iter().cloned().collect())
            }
            "ipv6-addresses.ipv6-address" => Some(self.ipv6.iter().cloned().collect()),
            "association.public-ip" | "addresses.association.public-ip" => {
                Some(self.public.iter().map(|(address, _)| address.clone()).collect())
            }
            "requester-id" => Some(self.requester.map(str::to_owned).into_iter().collect()),
            "requester-managed" => one(&self.requester.is_some().to_string()),
            "attachment.instance-id" => Some(self.attached.1.iter().cloned().collect()),
            "attachment.status" => one("attached"),
            "mac-address" => one(&mac(&self.id)),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        let groups = self.groups.iter().map(|(id, name)| map! { "groupId": id, "groupName": name });
        let association = || {
            self.public.as_ref().map(|(address, elastic)| {
                map! {
                    "publicIp": address,
                    "publicDnsName": "",
                    "ipOwnerId": if elastic.is_some() { &world.account.id } else { self.attached.0 },
                    "allocationId": elastic.as_ref().map(|(allocation, _)| allocation),
                    "associationId": elastic.as_ref().map(|(_, association)| association),
                }
            })
        };
        let name = self.address.as_ref().map(|address| {
            format!("ip-{}.{}.compute.internal", address.replace('.', "-"), world.account.region)
        });
        let address = self.address.as_ref().map(|address| {
            map! {
                "privateIpAddress": address,
                "privateDnsName": name.clone(),
                "primary": true,
                "association": association(),
            }
        });
        let prefix = if self.requester == Some("amazon-elb") { "ela-attach" } else { "eni-attach" };
        map! {
            "networkInterfaceId": &self.id,
            "subnetId": &self.subnet,
            "vpcId": &self.vpc,
            "availabilityZone": &self.zone,
            "description": &self.description,
            "ownerId": &world.account.id,
            "requesterId": self.requester,
            "requesterManaged": self.requester.is_some(),
            "status": "in-use",
            "macAddress": mac(&self.id),
            "privateIpAddress": self.address.as_ref(),
            "privateDnsName": name,
            "sourceDestCheck": self.kind != "nat_gateway",
            "groupSet": Node::list(groups),
            "attachment": map! {
                "attachmentId": format!("{prefix}-0{}", digits(&format!("{} attachment", self.id), 16)),
                "instanceId": self.attached.1.as_ref(),
                "instanceOwnerId": if self.attached.1.is_some() { &world.account.id } else { self.attached.0 },
                "deviceIndex": u32::from(self.attached.1.is_none()),
                "status": "attached",
                "attachTime": self.since,
                "deleteOnTermination": self.attached.1.is_some(),
            },
            "association": association(),
            "tagSet": tags(&self.tags),
            "privateIpAddressesSet": Node::list(address),
            "ipv6AddressesSet": Node::list(self.ipv6.iter().map(|each| map! { "ipv6Address": each })),
            "interfaceType": self.kind,
        }
    }
}

/// A MAC address that follows from an interface's id.
fn mac(id: &str) -> String {
    let digits = digits(&format!("{id} mac"), 10);
    let pairs: Vec<&str> = (0..5).map(|pair| &digits[2 * pair..2 * pair + 2]).collect();
    format!("06:{}", pairs.join(":"))
}

/// An elastic address.
#[derive(Debug)]
pub(super) struct ElasticAddress {
    allocation: String,
    association: String,
    public: String,
    private: String,
    interface: String,
    tags: Vec<Tag>,
}

/// Every elastic address of the account: those of its NAT gateways.
pub(super) fn elastic_addresses(world: &World) -> Vec<ElasticAddress> {
    if world.network.owner.is_some() {
        return Vec::new();
    }
    let each = world.network.nat_gateways.iter().map(|gateway| ElasticAddress {
        allocation: gateway.allocation_id.clone(),
        association: gateway.association_id.clone(),
        public: gateway.public_ip.clone(),
        private: gateway.private_ip.clone(),
        interface: gateway.eni_id.clone(),
        tags: gateway.tags.clone(),
    });
    each.collect()
}

impl ElasticAddress {
    /// Whether this is its public address.
    pub(super) fn has(&self, public: &str) -> bool {
        self.public == public
    }
}

impl Resource for ElasticAddress {
    const SET: &'static str = "addressesSet";
    const IDS: &'static str = "AllocationId";
    const MISSING: (&'static str, &'static str) = ("InvalidAllocationID.NotFound", "allocation ID");

    fn id(&self) -> &str {
        &self.allocation
    }

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "allocation-id" => one(&self.allocation),
            "association-id" => one(&self.association),
            "public-ip" => one(&self.public),
            "private-ip-address" => one(&self.private),
            "network-interface-id" => one(&self.interface),
            "domain" => one("vpc"),
            "instance-id" => Some(Vec::new()),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        map! {
            "publicIp": &self.public,
            "allocationId": &self.allocation,
            "associationId": &self.association,
            "domain": "vpc",
            "networkInterfaceId": &self.interface,
            "networkInterfaceOwnerId": &world.account.id,
            "privateIpAddress": &self.private,
            "publicIpv4Pool": "amazon",
            "networkBorderGroup": &world.account.region,
            "tagSet": tags(&self.tags),
        }
    }
}
