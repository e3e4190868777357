//! Cases of networks: ways out, endpoints, VPCs of others, and what is named and gone.

use crate::kit::{Seen, services, set};
use partybox_testkit::rig::{Instead, Rewrites, xml_error};
use serde_json::json;

/// No NAT gateway; the private subnets' default route made another element, or none.
fn without_nat(route: &'static str) -> Rewrites {
    Rewrites::default()
        .xml("DescribeNatGateways", |xml, _| {
            let (head, rest) = xml.split_once("<natGatewaySet>").expect("a list");
            let (_, tail) = rest.rsplit_once("</natGatewaySet>").expect("its end");
            format!("{head}<natGatewaySet></natGatewaySet>{tail}")
        })
        .xml("DescribeRouteTables", move |xml, _| {
            let at = xml.find("<natGatewayId>").expect("a route to it");
            let start = xml[..at].rfind("<item>").expect("its route");
            let end = at + xml[at..].find("</item>").expect("its end") + "</item>".len();
            format!("{}{route}{}", &xml[..start], &xml[end..])
        })
}

/// An endpoint of each of these services, in this state.
fn endpoints(rewrites: Rewrites, state: &'static str) -> Rewrites {
    rewrites.before(move |operation, _| {
        (operation == "DescribeVpcEndpoints").then(|| {
            let one = |(id, service)| {
                format!(
                    "<item><vpcEndpointId>vpce-{id}</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>\
                     <serviceName>com.amazonaws.ap-northeast-1.{service}</serviceName><state>{state}</state></item>"
                )
            };
            let all: String = [("1", "ecr.api"), ("2", "ecr.dkr"), ("3", "logs")].map(one).concat();
            let list = format!("<vpcEndpointSet>{all}</vpcEndpointSet>");
            Instead::Answer(200, format!("<DescribeVpcEndpointsResponse>{list}</DescribeVpcEndpointsResponse>"))
        })
    })
}

#[test]
fn tasks_that_reach_aws_by_endpoints_alone_are_well() {
    let gateway = "<item><destinationPrefixListId>pl-61a54008</destinationPrefixListId>\
                   <gatewayId>vpce-0123456789abcdef0</gatewayId><state>active</state></item>";
    for rewrites in [
        without_nat(gateway),
        endpoints(without_nat(gateway), "available"),
        endpoints(without_nat(""), "available"),
    ] {
        let mut seen = Seen::of(rewrites);
        assert_eq!(seen.code(), 0, "{}", seen.text());
        let screen = seen.screen("6");
        assert!(screen.contains("private tasks reach AWS by VPC endpoints"), "{screen}");
        assert!(!screen.contains("cannot reach out"), "{screen}");
    }
    let mut seen = Seen::of(endpoints(without_nat(""), "available"));
    let screen = seen.screen("6");
    assert!(screen.contains("ecr.api ecr.dkr logs"), "{screen}");
}

#[test]
fn tasks_without_any_way_out_are_told() {
    let mut seen = Seen::of(without_nat(""));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("2 subnets of the tasks in 1a and 1c cannot reach out: no default route and no VPC endpoint");
    assert!(seen.screen("6").contains("private tasks cannot reach out"));
}

#[test]
fn endpoints_that_may_not_be_looked_at_are_no_reason_to_warn() {
    let mut seen = Seen::of(without_nat("").before(|operation, _| {
        (operation == "DescribeVpcEndpoints")
            .then(|| xml_error("UnauthorizedOperation", "You are not authorized."))
    }));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("No permission for ec2:DescribeVpcEndpoints");
    let screen = seen.screen("6");
    assert!(
        screen.contains("VPC endpoints are not looked at") && !screen.contains("cannot reach out"),
        "{screen}"
    );
}

#[test]
fn a_rejected_endpoint_is_told() {
    let seen = Seen::of(endpoints(Rewrites::default(), "Rejected"));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("VPC endpoint vpce-1 of ecr.api is rejected");
}

/// Each other way out has its name.
#[test]
fn a_way_out_is_told_by_its_name() {
    for (field, id, name) in [
        ("transitGatewayId", "tgw-0a1b", "transit gateway"),
        ("vpcPeeringConnectionId", "pcx-0a1b", "VPC peering"),
        ("gatewayId", "vgw-0a1b", "virtual private gateway"),
        ("networkInterfaceId", "eni-0a1b", "NAT instance"),
        ("egressOnlyInternetGatewayId", "eigw-0a1b", "egress-only gateway"),
    ] {
        let route = format!(
            "<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><{field}>{id}</{field}><state>active</state></item>"
        );
        let mut seen = Seen::of(without_nat(route.leak()));
        assert_eq!(seen.code(), 0, "{name}: {}", seen.text());
        let screen = seen.screen("6");
        assert!(screen.contains(&format!("none: tasks reach out by {name}")), "{screen}");
        // In the subnet's row, with as much of the id as there is room for.
        assert!(screen.matches(name).count() > 1, "{screen}");
    }
}

#[test]
fn the_gateways_of_a_vpc_of_another_account_are_not_missed() {
    let shared = ["DescribeVpcs", "DescribeSubnets", "DescribeRouteTables"]
        .into_iter()
        .fold(without_nat(""), |rewrites, operation| {
            rewrites.xml(operation, |xml, _| set(xml, "ownerId", "210987654321"))
        });
    let mut seen = Seen::of(shared);
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("The VPC is account 210987654321's").does_not_say("cannot reach out");
    let screen = seen.screen("6");
    assert!(screen.contains("not shown to this account") && !screen.contains("cannot reach out"), "{screen}");
}

#[test]
fn a_nat_gateway_in_another_state_than_available_is_told() {
    for (state, code) in [("pending", 0), ("deleting", 1), ("failed", 1), ("sleeping", 1)] {
        let seen =
            Seen::of(Rewrites::default().xml("DescribeNatGateways", move |xml, _| set(xml, "state", state)));
        assert_eq!(seen.code(), code, "{state}: {}", seen.text());
        seen.says(&format!("is {state}"));
    }
}

#[test]
fn a_subnet_or_a_group_that_is_named_and_gone_is_a_finding() {
    let with = |list: &'static str, id: &'static str, alone: bool| {
        Seen::of(Rewrites::default().json("DescribeServices", move |answer, _| {
            for service in services(answer, "backend") {
                let named = &mut service["networkConfiguration"]["awsvpcConfiguration"][list];
                match named.as_array_mut().filter(|_| !alone) {
                    Some(named) => named.push(json!(id)),
                    None => *named = json!([id]),
                }
            }
        }))
    };
    let seen = with("subnets", "subnet-00000000000000bad", false);
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("Subnet subnet-00000000000000bad that backend names does not exist");
    let seen = with("subnets", "subnet-00000000000000bad", true);
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("none will start");
    let seen = with("securityGroups", "sg-00000000000000bad", false);
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says(
        "Security group sg-00000000000000bad that backend names does not exist: new tasks will not start",
    );
}
