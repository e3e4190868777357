//! Estates: the description of a simulated account, as a TOML file.
//!
//! Each table says what differs from the ordinary; `docs/estates.md` has every key. Names refer to each other, and
//! ids are derived from names unless `[ids]` gives them.
mod check;
mod error;
mod parts;

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;

pub use self::error::EstateError;
pub(crate) use self::parts::{
    Address, AlarmPart, CertificatePart, ContainerPart, DatabasePart, EnginePart, FindingsPart, GroupPart,
    LaunchPart, LoadBalancerPart, ModePart, Out, ProxyPart, RepositoryPart, RulePart, ScalingPart,
    SecretPart, ServicePart, SubnetPart, TargetGroupPart, To, WorkloadPart,
};
use self::parts::{ClusterPart, InstancePart, NetworkPart};
use crate::world::rng::{Rng, stream_of};

/// The account of every estate.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The Region of every estate.
pub(crate) const REGION: &str = "ap-northeast-1";

/// The built-in estates: name and text.
const BUILT_IN: [(&str, &str); 11] = [
    ("party-box", include_str!("../../estates/party-box.toml")),
    ("three-zones", include_str!("../../estates/three-zones.toml")),
    ("aurora", include_str!("../../estates/aurora.toml")),
    ("proxy", include_str!("../../estates/proxy.toml")),
    ("endpoints", include_str!("../../estates/endpoints.toml")),
    ("nlb", include_str!("../../estates/nlb.toml")),
    ("codedeploy", include_str!("../../estates/codedeploy.toml")),
    ("ec2-bridge", include_str!("../../estates/ec2-bridge.toml")),
    ("ipv6", include_str!("../../estates/ipv6.toml")),
    ("shared-vpc", include_str!("../../estates/shared-vpc.toml")),
    ("messy", include_str!("../../estates/messy.toml")),
];

/// A zone's full name.
pub(crate) fn zone(letter: &str) -> String {
    format!("{REGION}{letter}")
}

/// The description of a simulated account.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Estate {
    /// What it is called on the command line; a file's own name when it says none.
    #[serde(default)]
    pub(crate) name: String,
    /// One line that says what is special about it.
    #[serde(default)]
    pub(crate) summary: String,
    /// The tag `Project` of everything in it, and what names begin with.
    #[serde(default = "parts::project")]
    pub(crate) project: String,
    /// The zones in use, by their letters.
    #[serde(default = "parts::zones")]
    pub(crate) zones: Vec<String>,
    /// Ids that are not derived from names: `"KIND/NAME" = "ID"`.
    #[serde(default)]
    pub(crate) ids: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) network: NetworkPart,
    #[serde(default)]
    pub(crate) group: Vec<GroupPart>,
    #[serde(default)]
    pub(crate) certificate: Vec<CertificatePart>,
    #[serde(default)]
    pub(crate) load_balancer: Vec<LoadBalancerPart>,
    #[serde(default)]
    pub(crate) target_group: Vec<TargetGroupPart>,
    #[serde(default)]
    pub(crate) repository: Vec<RepositoryPart>,
    #[serde(default)]
    pub(crate) secret: Vec<SecretPart>,
    #[serde(default)]
    pub(crate) cluster: Vec<ClusterPart>,
    #[serde(default)]
    pub(crate) instance: Vec<InstancePart>,
    #[serde(default)]
    pub(crate) service: Vec<ServicePart>,
    #[serde(default)]
    pub(crate) database: Vec<DatabasePart>,
    #[serde(default)]
    pub(crate) proxy: Vec<ProxyPart>,
    #[serde(default)]
    pub(crate) alarm: Vec<AlarmPart>,
}

impl Estate {
    /// The Party Box that every scenario was written for.
    ///
    /// # Panics
    /// Never: a test reads every built-in estate.
    pub fn party_box() -> Self {
        let [(name, text), ..] = BUILT_IN;
        match Self::parse(name, text) {
            Ok(estate) => estate,
            Err(error) => unreachable!("{error}"),
        }
    }

    /// The names of the built-in estates.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Reads a description. `origin` is what errors call it: the file's path.
    ///
    /// # Errors
    /// What is wrong, and on which line.
    pub fn parse(origin: &str, text: &str) -> Result<Self, EstateError> {
        let mut estate: Self =
            toml::from_str(text).map_err(|error| EstateError::toml(origin, text, &error))?;
        if estate.name.is_empty() {
            let stem = Path::new(origin).file_stem();
            estate.name = stem.map_or_else(|| origin.to_owned(), |it| it.to_string_lossy().into_owned());
        }
        check::check(&estate).map_err(|wrong| wrong.at(origin, text))?;
        Ok(estate)
    }

    /// The estate with this built-in name, or the one that the file with this path describes.
    ///
    /// # Errors
    /// There is neither, or the file says something wrong.
    pub fn load(name_or_path: &str) -> Result<Self, EstateError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(name, text);
        }
        let path = Path::new(name_or_path);
        let is_path = path.components().count() > 1 || path.extension().is_some() || path.exists();
        if !is_path {
            return Err(EstateError::unknown_name(name_or_path, Self::names()));
        }
        let text =
            std::fs::read_to_string(path).map_err(|error| EstateError::unreadable(name_or_path, &error))?;
        Self::parse(name_or_path, &text)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One line that says what is special about it.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// An id that `[ids]` gives, if it does.
    pub(crate) fn given(&self, kind: &str, name: &str) -> Option<&str> {
        self.ids.get(&format!("{kind}/{name}")).map(String::as_str)
    }

    /// The id of a resource of EC2, e.g. `vpc-…` and 17 digits.
    pub(crate) fn id(&self, kind: &str, name: &str) -> String {
        let derived = || format!("{kind}-0{}", self.hex(kind, name, 16));
        self.given(kind, name).map_or_else(derived, str::to_owned)
    }

    /// Hexadecimal digits of a resource's id.
    pub(crate) fn digits(&self, kind: &str, name: &str, length: usize) -> String {
        self.given(kind, name).map_or_else(|| self.hex(kind, name, length), str::to_owned)
    }

    fn hex(&self, kind: &str, name: &str, length: usize) -> String {
        Rng::new(stream_of(&format!("{}/{kind}/{name}", self.project))).hex(length)
    }

    /// A UUID.
    pub(crate) fn uuid(&self, kind: &str, name: &str) -> String {
        let derived = || Rng::new(stream_of(&format!("{}/{kind}/{name}", self.project))).uuid();
        self.given(kind, name).map_or_else(derived, str::to_owned)
    }

    /// The id of a security group.
    pub(crate) fn group_id(&self, name: &str) -> String {
        self.id("sg", name)
    }

    /// Whether there are IPv6 addresses.
    pub(crate) fn has_ipv6(&self) -> bool {
        self.network.addresses != Address::Ipv4
    }

    /// Whether private subnets have IPv6 addresses alone.
    pub(crate) fn is_ipv6_only(&self) -> bool {
        self.network.addresses == Address::Ipv6
    }

    /// The name of a service's cluster: the first of the estate when it names none.
    pub(crate) fn cluster_of<'e>(&'e self, part: &'e ServicePart) -> &'e str {
        match &part.cluster {
            Some(name) => name.get_ref(),
            None => self.cluster.first().map_or("default", |each| &each.name),
        }
    }

    /// The service that is deployed, by its place: the one that says so, else the first with a database, else the
    /// first.
    pub(crate) fn main_service(&self) -> usize {
        let marked = self.service.iter().position(|each| each.main);
        let uses = || self.service.iter().position(|each| each.database.is_some());
        marked.or_else(uses).unwrap_or(0)
    }
}

impl FromStr for Estate {
    type Err = EstateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::load(text)
    }
}

#[cfg(test)]
mod tests;
