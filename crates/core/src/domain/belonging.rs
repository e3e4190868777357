//! Which databases belong to a Party Box, and why: AWS has no field that says so.

use super::{Database, InboundRule, Level, Network, Service, Store, TaskDefinition, range_contains, short};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the settings say of the databases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DatabaseChoice {
    /// Nothing: they are found.
    #[default]
    Found,
    /// There is none.
    Absent,
    /// These, by identifier of an instance or a cluster.
    Named(Vec<String>),
}

impl DatabaseChoice {
    /// Reads `none`, an identifier, or several with commas between them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        if names == ["none"] {
            return Ok(Self::Absent);
        }
        // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
        let fits = |name: &&str| {
            name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.len() <= 63
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        match names.iter().find(|name| !fits(name)) {
            Some(name) => Err(format!(
                "`{name}` is no identifier of a DB instance or cluster: letters, digits and hyphens, or `none`"
            )),
            None if names.contains(&"none") => Err("`none` stands alone".to_owned()),
            None => Ok(Self::Named(names.into_iter().map(str::to_owned).collect())),
        }
    }
}

/// Why a database belongs, the strongest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Belonging {
    /// The settings name it.
    Declared,
    /// A task definition names its endpoint, or its cluster's.
    Endpoint {
        /// The service.
        service: String,
        /// The host that it names.
        host: String,
    },
    /// A task definition takes its login from the secret that RDS manages for it.
    Secret {
        /// The service.
        service: String,
        /// The secret's name.
        secret: String,
    },
    /// Its security group admits a group of the services.
    Group {
        /// Its own group.
        group: String,
        /// The group that is admitted.
        admits: String,
    },
    /// It is behind an RDS Proxy that the services reach.
    Proxy {
        /// The proxy's name.
        proxy: String,
    },
    /// Its security group admits a group that admits the services: something stands between.
    Between {
        /// The group between.
        group: String,
    },
    /// Its security group admits addresses in which the services' subnets lie.
    Range {
        /// The range.
        range: String,
    },
    /// Its security group admits a prefix list in which the services' subnets lie.
    PrefixList {
        /// The list's id.
        list: String,
        /// Whether its ranges were read; without them it is taken for granted.
        read: bool,
    },
    /// It replicates, or is replicated by, or is in one cluster with a database that belongs.
    Kin {
        /// That database.
        of: String,
    },
    /// Nothing links it, but it is the only database in the services' VPC.
    Vpc,
}

impl Belonging {
    /// The kind in one word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Endpoint { .. } => "endpoint",
            Self::Secret { .. } => "secret",
            Self::Group { .. } => "security-group",
            Self::Proxy { .. } => "proxy",
            Self::Between { .. } => "group-between",
            Self::Range { .. } => "address-range",
            Self::PrefixList { .. } => "prefix-list",
            Self::Kin { .. } => "kin",
            Self::Vpc => "assumed",
        }
    }

    /// The reason in words.
    pub fn reason(&self) -> String {
        match self {
            Self::Declared => "named in the settings".to_owned(),
            Self::Endpoint { service, host } => format!("{service} names its endpoint {host}"),
            Self::Secret { service, secret } => format!("{service} logs in with its secret {secret}"),
            Self::Group { group, admits } => {
                format!("its security group {group} admits the services' group {admits}")
            }
            Self::Proxy { proxy } => format!("behind RDS Proxy {proxy}, which the services reach"),
            Self::Between { group } => {
                format!("its group admits {group}, which admits the services")
            }
            Self::Range { range } => {
                format!("its group admits {range}, where the services' subnets lie")
            }
            Self::PrefixList { list, read: true } => {
                format!("its group admits prefix list {list}, where the services' subnets lie")
            }
            Self::PrefixList { list, read: false } => {
                format!("assumed: its group admits prefix list {list}, whose ranges were not read")
            }
            Self::Kin { of } => format!("it belongs with {of}"),
            Self::Vpc => "assumed: the only database in this VPC".to_owned(),
        }
    }

    /// Whether it is taken for granted rather than known.
    pub fn is_assumed(&self) -> bool {
        matches!(self, Self::Vpc | Self::PrefixList { read: false, .. })
    }

    /// How sure it is: one that is assumed is worth a look.
    pub fn level(&self) -> Level {
        if self.is_assumed() { Level::Warn } else { Level::Good }
    }
}

/// What the services are known by, when it is asked whether a database admits them.
struct Clients<'a> {
    store: &'a Store,
    services: &'a [Service],
    groups: BTreeSet<&'a str>,
    subnets: Vec<&'a str>,
    vpcs: BTreeSet<&'a str>,
}

/// The databases that belong, the writers before their replicas, and why each does.
pub(super) fn find_databases(
    store: &Store,
    choice: &DatabaseChoice,
) -> (Vec<Database>, BTreeMap<String, Belonging>) {
    let Some(services) = store.services() else { return Default::default() };
    let mut why = BTreeMap::new();
    match choice {
        DatabaseChoice::Absent => return Default::default(),
        DatabaseChoice::Named(names) => {
            let chosen = |db: &&Database| {
                let is = |id: &str| names.iter().any(|name| name.eq_ignore_ascii_case(id));
                is(&db.id) || db.cluster.as_deref().is_some_and(is)
            };
            why.extend(
                store.databases().iter().filter(chosen).map(|db| (db.id.clone(), Belonging::Declared)),
            );
        }
        DatabaseChoice::Found => {
            let clients = Clients::of(store, services);
            let linked = store.databases().iter().filter_map(|db| Some((db.id.clone(), clients.link(db)?)));
            why.extend(linked);
            add_kin(store, &mut why);
            if why.is_empty()
                && let [only] = families_in_vpc(store).as_slice()
            {
                why.extend(only.iter().map(|id| (id.clone(), Belonging::Vpc)));
            }
        }
    }
    add_kin(store, &mut why);
    let mut found: Vec<Database> =
        store.databases().iter().filter(|db| why.contains_key(&db.id)).cloned().collect();
    found.sort_by(|a, b| a.replica_of.is_some().cmp(&b.replica_of.is_some()).then_with(|| a.id.cmp(&b.id)));
    (found, why)
}

/// The databases in the services' VPC, those of one cluster or replication together, the writer first. Empty while the
/// VPC is not known.
pub fn families_in_vpc(store: &Store) -> Vec<Vec<String>> {
    let vpcs = vpcs_of(store);
    let mut left: Vec<&Database> = store
        .databases()
        .iter()
        .filter(|db| db.vpc.as_deref().is_some_and(|vpc| vpcs.contains(vpc)))
        .collect();
    left.sort_by_key(|db| (db.replica_of.is_some(), &db.id));
    let mut families = Vec::new();
    while let Some(first) = left.first() {
        let mut family = BTreeMap::from([(first.id.clone(), Belonging::Vpc)]);
        let head = first.id.clone();
        add_kin(store, &mut family);
        left.retain(|db| !family.contains_key(&db.id));
        let rest = family.into_keys().filter(|id| *id != head);
        families.push(std::iter::once(head.clone()).chain(rest).collect());
    }
    families
}

/// The VPCs of the services: the one that was read, and those of their load balancers.
fn vpcs_of(store: &Store) -> BTreeSet<&str> {
    let balancers = store.load_balancers().iter().filter_map(|balancer| balancer.vpc.as_deref());
    store.network().map(|network| network.vpc.as_str()).into_iter().chain(balancers).collect()
}

/// A replica may be named by ARN when it is in another Region.
fn short_id(id: &str) -> &str {
    id.rsplit(':').next().unwrap_or(id)
}

/// Adds what replicates, is replicated, or is of the same cluster: they stand or fall together.
fn add_kin(store: &Store, why: &mut BTreeMap<String, Belonging>) {
    loop {
        let mut more = Vec::new();
        for db in store.databases().iter().filter(|db| why.contains_key(&db.id)) {
            let kin = db.replicas.iter().chain(&db.replica_of).map(|id| short_id(id).to_owned());
            let members =
                store.databases().iter().filter(|other| db.cluster.is_some() && other.cluster == db.cluster);
            let kin = kin.chain(members.map(|member| member.id.clone()));
            more.extend(
                kin.filter(|id| !why.contains_key(id)).map(|id| (id, Belonging::Kin { of: db.id.clone() })),
            );
        }
        let known = |id: &str| store.databases().iter().any(|db| db.id == id);
        more.retain(|(id, _)| known(id));
        if more.is_empty() {
            return;
        }
        why.extend(more);
    }
}

impl<'a> Clients<'a> {
    fn of(store: &'a Store, services: &'a [Service]) -> Self {
        let groups = services.iter().flat_map(|s| s.security_groups.iter().map(String::as_str)).collect();
        let named: BTreeSet<&str> =
            services.iter().flat_map(|s| s.subnets.iter().map(String::as_str)).collect();
        let all = store.network().into_iter().flat_map(|network| &network.subnets);
        let subnets = all.filter(|s| named.contains(s.id.as_str())).map(|s| s.cidr.as_str()).collect();
        Self { store, services, groups, subnets, vpcs: vpcs_of(store) }
    }

    /// The strongest reason why a database belongs.
    fn link(&self, db: &Database) -> Option<Belonging> {
        let named = self.named_host(db).or_else(|| self.named_secret(db));
        named
            .or_else(|| self.admitted_group(db))
            .or_else(|| self.through_proxy(db))
            .or_else(|| self.by_address(db))
    }

    /// The task definitions in use, each with its service.
    fn definitions(&self) -> impl Iterator<Item = (&'a Service, &'a TaskDefinition)> {
        let store = self.store;
        self.services.iter().flat_map(move |service| {
            let deployed = service.deployments.iter().map(|d| d.task_definition.as_str());
            let arns = deployed.chain([service.task_definition.as_str()]);
            arns.filter_map(move |arn| Some((service, store.task_definition(arn)?)))
        })
    }

    /// The service that names one of these hosts.
    fn names_host(&self, hosts: &[&str]) -> Option<(&'a Service, String)> {
        self.definitions().find_map(|(service, definition)| {
            let named = definition.containers.iter().flat_map(|container| &container.database_hosts);
            let host =
                named.into_iter().find(|host| hosts.iter().any(|own| own.eq_ignore_ascii_case(host)))?;
            Some((service, host.clone()))
        })
    }

    fn named_host(&self, db: &Database) -> Option<Belonging> {
        let cluster = self.store.db_clusters().iter().find(|c| db.cluster.as_deref() == Some(c.id.as_str()));
        let of_cluster = cluster.into_iter().flat_map(|c| c.host.iter().chain(&c.reader_host));
        let hosts: Vec<&str> = db.host.iter().chain(of_cluster).map(String::as_str).collect();
        let (service, host) = self.names_host(&hosts)?;
        Some(Belonging::Endpoint { service: service.name.clone(), host })
    }

    fn named_secret(&self, db: &Database) -> Option<Belonging> {
        let cluster = self.store.db_clusters().iter().find(|c| db.cluster.as_deref() == Some(c.id.as_str()));
        let managed = db.managed_secret.iter().map(|(arn, _)| arn.as_str());
        let managed: Vec<&str> = managed.chain(cluster.and_then(|c| c.managed_secret.as_deref())).collect();
        let owned = [Some(db.arn.as_str()), cluster.map(|c| c.arn.as_str())];
        self.definitions().find_map(|(service, definition)| {
            let mut named = definition.secrets_of_containers();
            let secret = named.find(|from| {
                managed.iter().any(|arn| from.starts_with(arn)) || self.is_tagged(from, &owned)
            })?;
            let secret = secret.split(':').nth(6).unwrap_or(secret);
            Some(Belonging::Secret { service: service.name.clone(), secret: secret.to_owned() })
        })
    }

    /// Whether Secrets Manager says of the secret that RDS made it for one of these.
    fn is_tagged(&self, value_from: &str, owners: &[Option<&str>]) -> bool {
        let secret =
            self.store.secrets().iter().find(|s| !s.arn.is_empty() && value_from.starts_with(&s.arn));
        secret.and_then(|s| s.owner.as_deref()).is_some_and(|owner| owners.contains(&Some(owner)))
    }

    /// The rules of these security groups, each with its group.
    fn rules(&self, groups: &'a [String]) -> impl Iterator<Item = (&'a str, &'a InboundRule)> {
        let all = self.store.network().into_iter().flat_map(|network| &network.security_groups);
        all.filter(|group| groups.contains(&group.id))
            .flat_map(|group| group.inbound.iter().map(|rule| (group.id.as_str(), rule)))
    }

    fn admitted_group(&self, db: &'a Database) -> Option<Belonging> {
        let mut rules = self.rules(&db.security_groups);
        let (group, rule) = rules.find(|(_, rule)| self.groups.contains(rule.source.as_str()))?;
        Some(Belonging::Group { group: group.to_owned(), admits: rule.source.clone() })
    }

    /// Whether these groups admit the services, by their groups or their addresses.
    fn reach(&self, groups: &'a [String]) -> bool {
        self.rules(groups).any(|(_, rule)| {
            self.groups.contains(rule.source.as_str())
                || self.subnets.iter().any(|s| range_contains(&rule.source, s))
        })
    }

    fn through_proxy(&self, db: &'a Database) -> Option<Belonging> {
        let admits = |proxy: &super::DbProxy| {
            self.rules(&db.security_groups).any(|(_, rule)| proxy.security_groups.contains(&rule.source))
        };
        let leads = self.store.db_proxies().iter().filter(|proxy| match proxy.targets {
            Some(_) => proxy.leads_to(&db.id, db.cluster.as_deref()),
            None => admits(proxy),
        });
        let mut reached = leads.filter(|proxy| {
            self.reach(&proxy.security_groups)
                || proxy.host.as_deref().is_some_and(|host| self.names_host(&[host]).is_some())
        });
        if let Some(proxy) = reached.next() {
            return Some(Belonging::Proxy { proxy: proxy.name.clone() });
        }
        // Whatever stands between: a proxy of somebody's own, or one that may not be read.
        let all = &self.store.network()?.security_groups;
        let between = self.rules(&db.security_groups).find_map(|(_, rule)| {
            let group = all.iter().find(|group| group.id == rule.source)?;
            let admits = group.inbound.iter().any(|rule| self.groups.contains(rule.source.as_str()));
            admits.then(|| if group.name.is_empty() { group.id.clone() } else { group.name.clone() })
        });
        between.map(|group| Belonging::Between { group })
    }

    /// Through a range of addresses or a prefix list. Only where the network leads there: in the same VPC, or in
    /// another with a peering or a transit gateway on the way. The range of the whole internet tells nothing of a
    /// database in another VPC.
    fn by_address(&self, db: &'a Database) -> Option<Belonging> {
        let near = db.vpc.as_deref().is_some_and(|vpc| self.vpcs.contains(vpc));
        if !near && !self.store.network().is_some_and(leads_elsewhere) {
            return None;
        }
        let lies_in = |range: &str| self.subnets.iter().any(|subnet| range_contains(range, subnet));
        self.rules(&db.security_groups).find_map(|(_, rule)| {
            let source = &rule.source;
            if source.starts_with("pl-") {
                return match self.store.prefix_list(source) {
                    Some(ranges) => ranges
                        .iter()
                        .any(|range| lies_in(range))
                        .then(|| Belonging::PrefixList { list: source.clone(), read: true }),
                    None => near.then(|| Belonging::PrefixList { list: source.clone(), read: false }),
                };
            }
            let fits = lies_in(source) && (near || !source.ends_with("/0"));
            fits.then(|| Belonging::Range { range: source.clone() })
        })
    }
}

/// Whether a route leads into other VPCs.
fn leads_elsewhere(network: &Network) -> bool {
    let mut routes = network.route_tables.iter().flat_map(|table| &table.routes);
    routes.any(|route| {
        ["pcx-", "tgw-"].iter().any(|kind| route.target.starts_with(kind))
            || short(&route.target).starts_with("core-network-")
    })
}
