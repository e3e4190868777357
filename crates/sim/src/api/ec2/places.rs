//! EC2: Regions and their zones.
use super::{Answer, Resource, describe, one};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::{Tag, World};

/// The Regions that every account has: they need no opting in.
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

#[derive(Debug)]
struct Region(&'static str);

/// `DescribeRegions`. Regions that need opting in are not opted into, so `AllRegions` shows no others.
pub(super) fn regions(world: &World, input: Input<'_>) -> Answer {
    input.flag("AllRegions")?;
    describe(world, input, &REGIONS.map(Region))
}

impl Resource for Region {
    const SET: &'static str = "regionInfo";
    const IDS: &'static str = "RegionName";
    const MISSING: (&'static str, &'static str) = ("InvalidParameterValue", "Region");

    fn id(&self) -> &str {
        self.0
    }

    fn tags(&self) -> &[Tag] {
        &[]
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "region-name" => one(self.0),
            "endpoint" => one(&format!("ec2.{}.amazonaws.com", self.0)),
            "opt-in-status" => one("opt-in-not-required"),
            _ => None,
        }
    }

    fn render(&self, _: &World) -> Node {
        map! {
            "regionName": self.0,
            "regionEndpoint": format!("ec2.{}.amazonaws.com", self.0),
            "optInStatus": "opt-in-not-required",
        }
    }
}

/// The zones of the account's Region, by letter, with the ids that they have in this account.
const ZONES: [(&str, &str); 3] = [("a", "apne1-az4"), ("c", "apne1-az1"), ("d", "apne1-az2")];

#[derive(Debug)]
struct Zone {
    name: String,
    id: &'static str,
    region: String,
}

/// `DescribeAvailabilityZones`.
pub(super) fn zones(world: &World, input: Input<'_>) -> Answer {
    input.flag("AllAvailabilityZones")?;
    let region = &world.account.region;
    let zone = |(letter, id)| Zone { name: format!("{region}{letter}"), id, region: region.clone() };
    let mut zones: Vec<Zone> = ZONES.into_iter().map(zone).collect();
    let ids = input.texts("ZoneId")?;
    if let Some(id) = ids.iter().find(|id| !zones.iter().any(|zone| zone.id == **id)) {
        return Err(ApiError::new("InvalidParameterValue", format!("Invalid availability zone-id: [{id}]")));
    }
    zones.retain(|zone| ids.is_empty() || ids.contains(&zone.id));
    describe(world, input, &zones)
}

impl Resource for Zone {
    const SET: &'static str = "availabilityZoneInfo";
    const IDS: &'static str = "ZoneName";
    const MISSING: (&'static str, &'static str) = ("InvalidParameterValue", "availability zone");

    fn id(&self) -> &str {
        &self.name
    }

    fn tags(&self) -> &[Tag] {
        &[]
    }

    fn values(&self, filter: &str) -> Option<Vec<String>> {
        match filter {
            "zone-name" => one(&self.name),
            "zone-id" => one(self.id),
            "region-name" | "group-name" | "network-border-group" => one(&self.region),
            "state" => one("available"),
            "zone-type" => one("availability-zone"),
            "opt-in-status" => one("opt-in-not-required"),
            _ => None,
        }
    }

    // The control plane goes on calling a zone available when it is lost.
    fn render(&self, _: &World) -> Node {
        map! {
            "optInStatus": "opt-in-not-required",
            "messageSet": Node::List(Vec::new()),
            "regionName": &self.region,
            "zoneName": &self.name,
            "zoneId": self.id,
            "groupName": &self.region,
            "networkBorderGroup": &self.region,
            "zoneType": "availability-zone",
            "zoneState": "available",
        }
    }
}
