//! The VPC, its subnets, routes, gateways and security groups.

use super::Aws;
use super::convert::{call_each, keep_found};
use super::xml::Node;
use partybox_core::domain::{
    CallError, ErrorKind, InboundRule, NatGateway, Network, PrefixList, Route, RouteTable, SecurityGroup,
    Subnet, VpcEndpoint,
};

/// The network of a VPC, or of the VPC that a subnet is in. Of the subnets and security groups that are named, those that
/// are in no VPC are told: one that is gone must not hide the network of the others.
pub(super) async fn network(aws: &Aws, vpc_or_subnet: &str, named: &[String]) -> Result<Network, CallError> {
    let ec2 = aws.ec2();
    let (named_subnets, named_groups): (Vec<&str>, Vec<&str>) =
        named.iter().map(String::as_str).partition(|id| id.starts_with("subnet-"));
    let mut missing = Vec::new();
    let id = if vpc_or_subnet.starts_with("vpc-") {
        vpc_or_subnet.to_owned()
    } else {
        let mut wanted = named_subnets;
        if !wanted.contains(&vpc_or_subnet) {
            wanted.insert(0, vpc_or_subnet);
        }
        let pages = those_of(aws, "DescribeSubnets", "subnet-id", &wanted).await?;
        let found: Vec<&Node> = pages.iter().flat_map(|page| page.items("subnetSet")).collect();
        let here = |id: &str| found.iter().find(|subnet| subnet.at(&["subnetId"]) == Some(id));
        missing.extend(wanted.iter().filter(|id| here(id).is_none()).map(|id| (*id).to_owned()));
        let vpc = here(vpc_or_subnet).or(found.first()).and_then(|subnet| subnet.at(&["vpcId"]));
        vpc.ok_or_else(|| gone("ec2:DescribeSubnets", "subnet", vpc_or_subnet))?.to_owned()
    };
    let in_vpc = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", id.as_str())];
    let attached = [("Filter.1.Name", "attachment.vpc-id"), ("Filter.1.Value.1", id.as_str())];
    let the_vpc = [("VpcId.1", id.as_str())];
    let (vpcs, subnets, tables, nats, gateways, groups) = tokio::try_join!(
        ec2.pages("DescribeVpcs", &the_vpc),
        ec2.pages("DescribeSubnets", &in_vpc),
        ec2.pages("DescribeRouteTables", &in_vpc),
        ec2.pages("DescribeNatGateways", &in_vpc),
        ec2.pages("DescribeInternetGateways", &attached),
        ec2.pages("DescribeSecurityGroups", &in_vpc),
    )?;
    let vpc = vpcs.iter().flat_map(|page| page.items("vpcSet")).next();
    let vpc = vpc.ok_or_else(|| gone("ec2:DescribeVpcs", "VPC", &id))?;
    let security_groups = items(&groups, "securityGroupInfo", security_group);
    // A service may stand in several VPCs: groups that are not in this one are looked for by name.
    let strangers: Vec<&str> =
        named_groups.into_iter().filter(|id| !security_groups.iter().any(|group| group.id == *id)).collect();
    if !strangers.is_empty() {
        let pages = those_of(aws, "DescribeSecurityGroups", "group-id", &strangers).await?;
        let found = items(&pages, "securityGroupInfo", |group| group.text_at(&["groupId"]));
        missing.extend(strangers.into_iter().filter(|id| !found.iter().any(|f| f == id)).map(str::to_owned));
    }
    let mut subnets = items(&subnets, "subnetSet", subnet);
    subnets.sort_by(|a, b| (&a.zone, &a.id).cmp(&(&b.zone, &b.id)));
    Ok(Network {
        name: name_tag(vpc),
        cidr: vpc.text_at(&["cidrBlock"]),
        subnets,
        route_tables: items(&tables, "routeTableSet", route_table),
        nat_gateways: items(&nats, "natGatewaySet", nat_gateway),
        internet_gateways: items(&gateways, "internetGatewaySet", |gateway| {
            let state = gateway.text_at(&["attachmentSet", "item", "state"]);
            (gateway.text_at(&["internetGatewayId"]), state)
        }),
        security_groups,
        owner: vpc.text_at(&["ownerId"]),
        missing,
        vpc: id,
    })
}

/// Values that EC2 takes in one filter.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html>
const VALUES_A_FILTER: usize = 200;

/// What of these ids there is: by a filter, since an id that does not exist fails a call which names it otherwise.
async fn those_of(
    aws: &Aws,
    action: &'static str,
    filter: &str,
    ids: &[&str],
) -> Result<Vec<Node>, CallError> {
    let mut pages = Vec::new();
    for ids in ids.chunks(VALUES_A_FILTER) {
        let names: Vec<String> = (1..=ids.len()).map(|n| format!("Filter.1.Value.{n}")).collect();
        let values = names.iter().map(String::as_str).zip(ids.iter().copied());
        let parameters: Vec<(&str, &str)> =
            std::iter::once(("Filter.1.Name", filter)).chain(values).collect();
        pages.extend(aws.ec2().pages(action, &parameters).await?);
    }
    Ok(pages)
}

/// `DescribeVpcEndpoints` of a VPC.
pub(super) async fn endpoints(aws: &Aws, vpc: &str) -> Result<Vec<VpcEndpoint>, CallError> {
    let pages = aws
        .ec2()
        .pages("DescribeVpcEndpoints", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)])
        .await?;
    Ok(items(&pages, "vpcEndpointSet", endpoint))
}

fn endpoint(from: &Node) -> VpcEndpoint {
    let texts = |list: &str| from.items(list).map(|item| item.text.clone()).collect();
    VpcEndpoint {
        id: from.text_at(&["vpcEndpointId"]),
        kind: from.text_at(&["vpcEndpointType"]),
        service: from.text_at(&["serviceName"]),
        state: from.text_at(&["state"]),
        failure: from.at(&["failureReason"]).or(from.at(&["lastError", "message"])).map(str::to_owned),
        subnets: texts("subnetIdSet"),
        route_tables: texts("routeTableIdSet"),
    }
}

/// `GetManagedPrefixListEntries` of each list. One that is gone is left out, like one that may not be looked at.
pub(super) async fn prefix_lists(aws: &Aws, ids: &[String]) -> Result<Vec<PrefixList>, CallError> {
    let answers = call_each(ids.to_vec(), 3, |id| {
        let aws = aws.clone();
        async move { prefix_list(&aws, id).await }
    })
    .await;
    keep_found(answers)
}

async fn prefix_list(aws: &Aws, id: String) -> Result<PrefixList, CallError> {
    let pages =
        Box::pin(aws.ec2().pages("GetManagedPrefixListEntries", &[("PrefixListId", id.as_str())])).await?;
    let ranges = items(&pages, "entrySet", |entry| entry.text_at(&["cidr"]));
    Ok(PrefixList { id, ranges })
}

fn gone(action: &str, what: &str, id: &str) -> CallError {
    CallError {
        kind: ErrorKind::NotFound,
        action: action.into(),
        code: None,
        message: format!("There is no {what} {id} in this Region."),
    }
}

fn items<T>(pages: &[Node], list: &str, convert: impl Fn(&Node) -> T) -> Vec<T> {
    pages.iter().flat_map(|page| page.items(list)).map(convert).collect()
}

fn name_tag(node: &Node) -> Option<String> {
    let tag = node.items("tagSet").find(|tag| tag.at(&["key"]) == Some("Name"))?;
    tag.at(&["value"]).map(str::to_owned)
}

fn subnet(from: &Node) -> Subnet {
    Subnet {
        id: from.text_at(&["subnetId"]),
        name: name_tag(from),
        cidr: from.text_at(&["cidrBlock"]),
        zone: from.text_at(&["availabilityZone"]),
        free_addresses: from.at(&["availableIpAddressCount"]).and_then(|n| n.parse().ok()).unwrap_or(0),
        owner: from.text_at(&["ownerId"]),
    }
}

fn route_table(from: &Node) -> RouteTable {
    RouteTable {
        id: from.text_at(&["routeTableId"]),
        main: from.items("associationSet").any(|association| association.at(&["main"]) == Some("true")),
        subnets: from
            .items("associationSet")
            .filter_map(|association| association.at(&["subnetId"]).map(str::to_owned))
            .collect(),
        routes: from.items("routeSet").map(route).collect(),
    }
}

fn route(from: &Node) -> Route {
    let first =
        |names: &[&str]| names.iter().find_map(|name| from.at(&[name])).unwrap_or_default().to_owned();
    Route {
        destination: first(&["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"]),
        target: first(&[
            "gatewayId",
            "natGatewayId",
            "transitGatewayId",
            "vpcPeeringConnectionId",
            "egressOnlyInternetGatewayId",
            "carrierGatewayId",
            "localGatewayId",
            "coreNetworkArn",
            "instanceId",
            "networkInterfaceId",
        ]),
        state: from.text_at(&["state"]),
    }
}

fn nat_gateway(from: &Node) -> NatGateway {
    NatGateway {
        id: from.text_at(&["natGatewayId"]),
        state: from.text_at(&["state"]),
        subnet: from.text_at(&["subnetId"]),
        public_ip: from.at(&["natGatewayAddressSet", "item", "publicIp"]).map(str::to_owned),
        failure: from.at(&["failureMessage"]).or(from.at(&["failureCode"])).map(str::to_owned),
    }
}

fn security_group(from: &Node) -> SecurityGroup {
    SecurityGroup {
        id: from.text_at(&["groupId"]),
        name: from.text_at(&["groupName"]),
        description: from.text_at(&["groupDescription"]),
        inbound: from.items("ipPermissions").flat_map(inbound).collect(),
    }
}

/// The rules of one permission: one for each of its sources.
fn inbound(permission: &Node) -> Vec<InboundRule> {
    let port = |name: &str| permission.at(&[name]).and_then(|port| port.parse().ok());
    let sources = [
        ("ipRanges", "cidrIp"),
        ("ipv6Ranges", "cidrIpv6"),
        ("prefixListIds", "prefixListId"),
        ("groups", "groupId"),
    ];
    sources
        .into_iter()
        .flat_map(|(list, field)| permission.items(list).filter_map(move |item| item.at(&[field])))
        .map(|source| InboundRule {
            protocol: permission.text_at(&["ipProtocol"]),
            from_port: port("fromPort"),
            to_port: port("toPort"),
            source: source.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_gives_one_rule_a_source() {
        let xml = "<item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>
            <groups><item><groupId>sg-1</groupId></item></groups>
            <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges>
            <ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges><prefixListIds/></item>";
        let rules = inbound(&Node::parse(xml).expect("well-formed"));
        let sources: Vec<&str> = rules.iter().map(|rule| rule.source.as_str()).collect();
        assert_eq!(sources, ["0.0.0.0/0", "10.0.0.0/8", "::/0", "sg-1"]);
        assert!(rules.iter().all(|rule| rule.from_port == Some(443) && rule.protocol == "tcp"));
    }

    #[test]
    fn everything_has_no_ports() {
        let xml =
            "<item><ipProtocol>-1</ipProtocol><groups><item><groupId>sg-1</groupId></item></groups></item>";
        let rules = inbound(&Node::parse(xml).expect("well-formed"));
        assert_eq!((rules[0].from_port, rules[0].to_port, rules.len()), (None, None, 1));
    }
}
