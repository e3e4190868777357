//! The tables of an estate's file, with the values that stand where the file says nothing.
use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A name that refers to another table; its place in the file is kept for errors.
pub(crate) type Name = Spanned<String>;

pub(super) fn project() -> String {
    "party-box".to_owned()
}

pub(super) fn zones() -> Vec<String> {
    ["a", "c"].map(str::to_owned).to_vec()
}

const fn yes() -> bool {
    true
}

/// How private subnets reach out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Out {
    /// One NAT gateway in the first zone.
    #[default]
    Nat,
    /// A NAT gateway in each zone.
    NatPerZone,
    /// VPC endpoints alone.
    Endpoints,
    /// An egress-only internet gateway, for IPv6.
    EgressOnly,
    /// A transit gateway of a central network.
    TransitGateway,
}

/// Which addresses there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Address {
    /// IPv4.
    #[default]
    Ipv4,
    /// Both.
    Dual,
    /// Private subnets have IPv6 alone; public ones both.
    Ipv6,
}

/// `[network]`: the VPC.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct NetworkPart {
    /// The VPC's name.
    pub(crate) name: String,
    /// Its range.
    pub(crate) cidr: String,
    /// How private subnets reach out.
    pub(crate) out: Out,
    /// Which addresses there are.
    pub(crate) addresses: Address,
    /// The account that owns it, when it shares its subnets with this one.
    pub(crate) owner: Option<String>,
    /// Services with an interface endpoint, e.g. `ecr.api`, and with a gateway endpoint: `s3`, `dynamodb`.
    pub(crate) endpoints: Vec<String>,
    /// The security groups of the interface endpoints.
    pub(crate) endpoint_groups: Vec<Name>,
    /// The subnets; a public and a private one in each zone when none is given.
    pub(crate) subnet: Vec<SubnetPart>,
}

impl Default for NetworkPart {
    fn default() -> Self {
        Self {
            name: "party-box-vpc".to_owned(),
            cidr: "10.0.0.0/16".to_owned(),
            out: Out::default(),
            addresses: Address::default(),
            owner: None,
            endpoints: Vec::new(),
            endpoint_groups: Vec::new(),
            subnet: Vec::new(),
        }
    }
}

/// `[[network.subnet]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubnetPart {
    pub(crate) name: String,
    /// The zone's letter.
    pub(crate) zone: Name,
    #[serde(default)]
    pub(crate) public: bool,
    /// A range of 256 addresses.
    pub(crate) cidr: String,
    /// Addresses that something else than a task has.
    #[serde(default)]
    pub(crate) other_addresses: u32,
}

/// `[[group]]`: a security group.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct GroupPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) text: String,
    /// What it admits.
    #[serde(default, rename = "in")]
    pub(crate) ingress: Vec<AdmitPart>,
}

/// One entry of a group: `{ port = 443, from = "anywhere" }`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AdmitPart {
    pub(crate) port: u16,
    /// The last port, for a range.
    #[serde(default)]
    pub(crate) to_port: Option<u16>,
    /// `anywhere`, a range, a prefix list `pl-…`, or a group's name.
    pub(crate) from: Name,
    #[serde(default)]
    pub(crate) text: String,
}

/// `[[certificate]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CertificatePart {
    /// Its main name.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) also: Vec<String>,
    /// Days until it ends.
    #[serde(default = "CertificatePart::days_left")]
    pub(crate) days_left: i64,
}

impl CertificatePart {
    const fn days_left() -> i64 {
        200
    }
}

/// `[[load-balancer]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LoadBalancerPart {
    pub(crate) name: String,
    /// `application` or `network`.
    #[serde(default, rename = "type")]
    pub(crate) kind: BalancerKind,
    #[serde(default)]
    pub(crate) internal: bool,
    /// The zones that are enabled; all when none is given.
    #[serde(default)]
    pub(crate) zones: Vec<Name>,
    /// Its security groups.
    #[serde(default)]
    pub(crate) groups: Vec<Name>,
    #[serde(default)]
    pub(crate) listener: Vec<ListenerPart>,
}

impl LoadBalancerPart {
    /// Whether it is a network load balancer.
    pub(crate) fn is_network(&self) -> bool {
        self.kind == BalancerKind::Network
    }
}

/// The type of a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BalancerKind {
    #[default]
    Application,
    Network,
}

/// `[[load-balancer.listener]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ListenerPart {
    pub(crate) port: u16,
    pub(crate) protocol: ListenerProtocol,
    /// What its default rule does.
    pub(crate) to: Spanned<To>,
    /// The certificate, by its main name; the first of the estate when none is named.
    #[serde(default)]
    pub(crate) certificate: Option<Name>,
    #[serde(default)]
    pub(crate) rule: Vec<RulePart>,
}

/// The protocol of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ListenerProtocol {
    Http,
    Https,
    Tcp,
    Tls,
}

impl ListenerProtocol {
    /// The API's word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// What a listener or a rule does: the name of a target group, `redirect-https`, an HTTP status of its own, or
/// target groups with their weights.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum To {
    One(String),
    Status(u16),
    Split(BTreeMap<String, u32>),
}

/// `[[load-balancer.listener.rule]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RulePart {
    pub(crate) priority: u32,
    #[serde(default)]
    pub(crate) path: Vec<String>,
    #[serde(default)]
    pub(crate) host: Vec<String>,
    #[serde(default)]
    pub(crate) method: Vec<String>,
    #[serde(default)]
    pub(crate) source_ip: Vec<String>,
    /// Header names with their values.
    #[serde(default)]
    pub(crate) header: BTreeMap<String, Vec<String>>,
    pub(crate) to: Spanned<To>,
}

/// `[[target-group]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TargetGroupPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) protocol: GroupProtocol,
    #[serde(default = "TargetGroupPart::port")]
    pub(crate) port: u16,
    /// Whether its targets are instances, not addresses.
    #[serde(default)]
    pub(crate) instances: bool,
    #[serde(default)]
    pub(crate) check: CheckPart,
    /// Seconds that a target drains.
    #[serde(default = "TargetGroupPart::drain")]
    pub(crate) drain: u32,
    #[serde(default)]
    pub(crate) sticky: bool,
}

impl TargetGroupPart {
    /// Whether it passes connections on, not requests.
    pub(crate) fn is_tcp(&self) -> bool {
        self.protocol == GroupProtocol::Tcp
    }

    const fn port() -> u16 {
        3000
    }

    const fn drain() -> u32 {
        30
    }
}

/// The protocol of a target group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum GroupProtocol {
    #[default]
    Http,
    Tcp,
}

/// `check` of a target group.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct CheckPart {
    /// The path; empty for a check that only connects.
    pub(crate) path: String,
    pub(crate) interval: u32,
    pub(crate) timeout: u32,
    pub(crate) healthy: u32,
    pub(crate) unhealthy: u32,
}

impl Default for CheckPart {
    fn default() -> Self {
        Self { path: "/health".to_owned(), interval: 30, timeout: 5, healthy: 2, unhealthy: 2 }
    }
}

/// `[[repository]]`: where images are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RepositoryPart {
    pub(crate) name: String,
    /// Its registry's host, when it is not this account's: `docker.io/library`, `public.ecr.aws/x`, or another
    /// account's.
    #[serde(default)]
    pub(crate) registry: Option<String>,
    /// The minor version of its newest image.
    #[serde(default = "RepositoryPart::newest")]
    pub(crate) newest: u32,
    /// Bytes of its newest image.
    #[serde(default = "RepositoryPart::size")]
    pub(crate) size: u64,
    /// What scans find: `api`, `web` or `nothing`.
    #[serde(default)]
    pub(crate) findings: FindingsPart,
    /// Whether images are scanned when pushed.
    #[serde(default = "yes")]
    pub(crate) scan_on_push: bool,
    /// Whether tags can be moved.
    #[serde(default = "yes")]
    pub(crate) mutable: bool,
}

impl RepositoryPart {
    /// A repository that nothing is said about.
    pub(crate) fn plain(name: String, newest: u32) -> Self {
        Self {
            name,
            registry: None,
            newest,
            size: Self::size(),
            findings: FindingsPart::Nothing,
            scan_on_push: true,
            mutable: true,
        }
    }

    const fn newest() -> u32 {
        12
    }

    const fn size() -> u64 {
        150_000_000
    }
}

/// What scans of a repository find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FindingsPart {
    Api,
    Web,
    #[default]
    Nothing,
}

/// `[[secret]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SecretPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default = "yes")]
    pub(crate) rotates: bool,
}

/// `[[cluster]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ClusterPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) insights: InsightsPart,
}

/// `containerInsights` of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum InsightsPart {
    #[default]
    Disabled,
    Enabled,
    Enhanced,
}

impl InsightsPart {
    /// The API's word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Enhanced => "enhanced",
        }
    }
}

/// `[[instance]]`: container instances, one in each zone.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct InstancePart {
    pub(crate) cluster: Name,
    #[serde(default = "InstancePart::per_zone")]
    pub(crate) per_zone: u32,
}

impl InstancePart {
    const fn per_zone() -> u32 {
        1
    }
}

/// `[[service]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ServicePart {
    pub(crate) name: String,
    /// Its cluster; the first of the estate when none is named.
    #[serde(default)]
    pub(crate) cluster: Option<Name>,
    /// Whether it is the one that scenarios deploy.
    #[serde(default)]
    pub(crate) main: bool,
    /// What it does: `api`, `web` or `worker`.
    #[serde(default)]
    pub(crate) workload: WorkloadPart,
    /// The database that it uses.
    #[serde(default)]
    pub(crate) database: Option<Name>,
    /// The newest revision of its task definition.
    #[serde(default = "RepositoryPart::newest")]
    pub(crate) revision: u32,
    #[serde(default = "ServicePart::tasks")]
    pub(crate) tasks: u32,
    /// Its target groups; the first has the production traffic.
    #[serde(default)]
    pub(crate) target_groups: Vec<Name>,
    /// Its security groups.
    #[serde(default)]
    pub(crate) groups: Vec<Name>,
    /// The zones it runs in; all when none is given.
    #[serde(default)]
    pub(crate) zones: Vec<Name>,
    #[serde(default)]
    pub(crate) launch: LaunchPart,
    /// Shares of capacity providers: name and weight.
    #[serde(default)]
    pub(crate) providers: BTreeMap<String, u32>,
    #[serde(default)]
    pub(crate) network_mode: ModePart,
    /// Whether one task runs on each instance.
    #[serde(default)]
    pub(crate) daemon: bool,
    #[serde(default)]
    pub(crate) deploy: DeployPart,
    #[serde(default)]
    pub(crate) scaling: Option<ScalingPart>,
    /// Its containers; one of the service's own name when none is given.
    #[serde(default)]
    pub(crate) container: Vec<ContainerPart>,
}

impl ServicePart {
    /// Whether `CodeDeploy` deploys it.
    pub(crate) fn is_code_deploy(&self) -> bool {
        self.deploy.controller == ControllerPart::CodeDeploy
    }

    /// Whether its tasks run on container instances.
    pub(crate) fn on_instances(&self) -> bool {
        self.launch == LaunchPart::Ec2
    }

    const fn tasks() -> u32 {
        2
    }
}

/// What a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WorkloadPart {
    #[default]
    Api,
    Web,
    Worker,
}

/// Where a service's tasks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LaunchPart {
    #[default]
    Fargate,
    Ec2,
}

/// `networkMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ModePart {
    #[default]
    Awsvpc,
    Bridge,
    Host,
}

/// `deploy` of a service: how it deploys.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct DeployPart {
    /// Who deploys.
    pub(crate) controller: ControllerPart,
    /// `minimumHealthyPercent`.
    pub(crate) least: u32,
    /// `maximumPercent`.
    pub(crate) most: u32,
    /// Whether the circuit breaker is on, and rolls back.
    pub(crate) breaker: bool,
    /// Seconds for which health checks cannot stop a new task.
    pub(crate) grace: u32,
}

impl Default for DeployPart {
    fn default() -> Self {
        Self { controller: ControllerPart::Ecs, least: 100, most: 200, breaker: true, grace: 30 }
    }
}

/// `deploymentController`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ControllerPart {
    Ecs,
    CodeDeploy,
}

/// `scaling` of a service: target tracking on its CPU.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ScalingPart {
    pub(crate) min: u32,
    pub(crate) max: u32,
}

/// `[[service.container]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ContainerPart {
    pub(crate) name: String,
    /// Its repository; `PROJECT/SERVICE` when none is named.
    #[serde(default)]
    pub(crate) repository: Option<Name>,
    /// Its tag; the main container's follows the revision.
    #[serde(default)]
    pub(crate) tag: Option<String>,
    /// Whether the task ends with it.
    #[serde(default = "yes")]
    pub(crate) essential: bool,
    /// The port it listens on: the container with the target group's is the main one.
    #[serde(default)]
    pub(crate) port: Option<u16>,
    /// Names of containers that must have ended well before it starts.
    #[serde(default)]
    pub(crate) after: Vec<Name>,
    /// Names and values of environment variables.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// Names of variables, and the secrets they come from: a secret's name, and a JSON key after `:`.
    #[serde(default)]
    pub(crate) secrets: BTreeMap<String, Name>,
    /// Whether it has a health check of its own.
    #[serde(default)]
    pub(crate) health_check: bool,
}

impl ContainerPart {
    /// A container of this name that listens and is all that the task has.
    pub(crate) fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            repository: None,
            tag: None,
            essential: true,
            port: Some(3000),
            after: Vec::new(),
            environment: BTreeMap::new(),
            secrets: BTreeMap::new(),
            health_check: false,
        }
    }
}

/// `[[database]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DatabasePart {
    pub(crate) name: String,
    /// `postgres` or `aurora-postgresql`.
    #[serde(default)]
    pub(crate) engine: EnginePart,
    /// Whether an instance has a standby.
    #[serde(default = "yes")]
    pub(crate) multi_az: bool,
    /// Names of read replicas.
    #[serde(default)]
    pub(crate) replicas: Vec<String>,
    /// How many instances a cluster has.
    #[serde(default = "DatabasePart::instances")]
    pub(crate) instances: u32,
    /// Its security groups.
    #[serde(default)]
    pub(crate) groups: Vec<Name>,
}

impl DatabasePart {
    const fn instances() -> u32 {
        2
    }
}

/// A database's engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EnginePart {
    #[default]
    Postgres,
    AuroraPostgresql,
}

/// `[[proxy]]`: an RDS Proxy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ProxyPart {
    pub(crate) name: String,
    pub(crate) database: Name,
    #[serde(default)]
    pub(crate) groups: Vec<Name>,
    /// The secret with which it logs in.
    pub(crate) secret: Name,
}

/// `[[alarm]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AlarmPart {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) text: String,
    /// The metric's name.
    pub(crate) metric: Name,
    /// What it watches: `service/NAME`, `load-balancer/NAME`, `target-group/NAME`, `database/NAME`, or
    /// `elsewhere/NAME` for another team's queue.
    pub(crate) of: Name,
    /// Above it is a breach.
    pub(crate) above: f64,
    /// `Average`, `Sum` or `Maximum`.
    #[serde(default = "AlarmPart::statistic")]
    pub(crate) statistic: Name,
    /// Minutes in a row.
    #[serde(default = "AlarmPart::minutes")]
    pub(crate) minutes: u32,
    /// Whether missing data is good (else it is not known).
    #[serde(default)]
    pub(crate) missing_is_good: bool,
    /// Whether it fires from the beginning and on.
    #[serde(default)]
    pub(crate) firing: bool,
    /// Whether somebody is told.
    #[serde(default = "yes")]
    pub(crate) tells: bool,
}

impl AlarmPart {
    fn statistic() -> Name {
        Spanned::new(0..0, "Average".to_owned())
    }

    const fn minutes() -> u32 {
        3
    }
}
