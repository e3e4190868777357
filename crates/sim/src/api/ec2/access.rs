//! EC2: the rules of security groups, each with an id of its own, and the network ACLs.
use super::interfaces::digits;
use super::resources::tags;
use super::{Resource, one};
use crate::protocol::node::{Node, map};
use crate::world::network::Permission;
use crate::world::{Tag, World};

/// One rule of a security group: one source or destination of one entry.
#[derive(Debug)]
pub(super) struct GroupRule {
    id: String,
    group: String,
    egress: bool,
    protocol: &'static str,
    ports: Option<(u16, u16)>,
    /// A range, a prefix list or a group.
    peer: String,
    description: String,
}

/// Every rule of every security group.
pub(super) fn group_rules(world: &World) -> Vec<GroupRule> {
    let mut found = Vec::new();
    for group in &world.network.security_groups {
        for (egress, entries) in [(false, &group.ingress), (true, &group.egress)] {
            found.extend(entries.iter().flat_map(|entry| rules(&group.id, egress, entry)));
        }
    }
    found
}

fn rules(group: &str, egress: bool, entry: &Permission) -> Vec<GroupRule> {
    let peers = entry.cidrs.iter().chain(&entry.groups);
    peers
        .map(|(peer, description)| GroupRule {
            id: format!(
                "sgr-0{}",
                digits(&format!("{group} {egress} {} {:?} {peer}", entry.protocol, entry.ports), 16)
            ),
            group: group.to_owned(),
            egress,
            protocol: entry.protocol,
            ports: entry.ports,
            peer: peer.clone(),
            description: description.clone(),
        })
        .collect()
}

impl Resource for GroupRule {
    const SET: &'static str = "securityGroupRuleSet";
    const IDS: &'static str = "SecurityGroupRuleId";
    const MISSING: (&'static str, &'static str) =
        ("InvalidSecurityGroupRuleId.NotFound", "security group rule ID");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &[]
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "security-group-rule-id" => one(&self.id),
            "group-id" => one(&self.group),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        let (group, list) = (self.peer.starts_with("sg-"), self.peer.starts_with("pl-"));
        let v6 = self.peer.contains(':');
        let peer = |is: bool| is.then_some(&self.peer);
        let port = |port: Option<u16>| port.map_or(-1, i64::from);
        map! {
            "securityGroupRuleId": &self.id,
            "securityGroupRuleArn": world.account.arn("ec2", &format!("security-group-rule/{}", self.id)),
            "groupId": &self.group,
            "groupOwnerId": &world.account.id,
            "isEgress": self.egress,
            "ipProtocol": self.protocol,
            "fromPort": port(self.ports.map(|(from, _)| from)),
            "toPort": port(self.ports.map(|(_, to)| to)),
            "cidrIpv4": peer(!group && !list && !v6),
            "cidrIpv6": peer(v6),
            "prefixListId": peer(list),
            "referencedGroupInfo": group.then(|| map! {
                "groupId": &self.peer,
                "userId": &world.account.id,
            }),
            "description": (!self.description.is_empty()).then_some(&self.description),
            "tagSet": tags(&[]),
        }
    }
}

/// The default network ACL of a VPC, which lets everything pass. There are no others.
#[derive(Debug)]
pub(super) struct NetworkAcl {
    id: String,
    vpc: String,
    has_ipv6: bool,
    subnets: Vec<String>,
}

/// Every network ACL.
pub(super) fn network_acls(world: &World) -> Vec<NetworkAcl> {
    // A participant of a shared VPC is not shown its owner's.
    let own = world.network.vpcs.iter().filter(|_| world.network.owner.is_none());
    own.map(|vpc| {
        let subnets = world.network.subnets.iter().filter(|each| each.vpc_id == vpc.id);
        NetworkAcl {
            id: format!("acl-0{}", digits(&format!("{} acl", vpc.id), 16)),
            vpc: vpc.id.clone(),
            has_ipv6: vpc.ipv6_cidr.is_some(),
            subnets: subnets.map(|each| each.id.clone()).collect(),
        }
    })
    .collect()
}

impl Resource for NetworkAcl {
    const SET: &'static str = "networkAclSet";
    const IDS: &'static str = "NetworkAclId";
    const MISSING: (&'static str, &'static str) = ("InvalidNetworkAclID.NotFound", "networkAcl ID");

    fn id(&self) -> &str {
        &self.id
    }

    fn tags(&self) -> &[Tag] {
        &[]
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "network-acl-id" | "association.network-acl-id" => one(&self.id),
            "vpc-id" => one(&self.vpc),
            "default" => one("true"),
            "association.subnet-id" => Some(self.subnets.clone()),
            _ => None,
        }
    }

    fn render(&self, world: &World) -> Node {
        // Rule 100 lets everything pass; the last, `*` on the console, is 32767 and refuses the rest. Those of IPv6
        // are numbered 101 and 32768.
        let entry = |number: u32, action: &str, egress: bool, v6: bool| {
            map! {
                "ruleNumber": number + u32::from(v6),
                "protocol": "-1",
                "ruleAction": action,
                "egress": egress,
                "cidrBlock": (!v6).then_some("0.0.0.0/0"),
                "ipv6CidrBlock": v6.then_some("::/0"),
            }
        };
        let mut entries = Vec::new();
        for egress in [true, false] {
            for (number, action) in [(100, "allow"), (32_767, "deny")] {
                entries.push(entry(number, action, egress, false));
                if self.has_ipv6 {
                    entries.push(entry(number, action, egress, true));
                }
            }
        }
        let associations = self.subnets.iter().map(|subnet| {
            map! {
                "networkAclAssociationId": format!("aclassoc-0{}", digits(&format!("{subnet} acl"), 16)),
                "networkAclId": &self.id,
                "subnetId": subnet,
            }
        });
        map! {
            "networkAclId": &self.id,
            "vpcId": &self.vpc,
            "default": true,
            "entrySet": entries,
            "associationSet": Node::list(associations),
            "tagSet": tags(&[]),
            "ownerId": &world.account.id,
        }
    }
}
