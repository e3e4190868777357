//! Cases of databases: which belongs, and what its status means.

use crate::kit::{Seen, edit, service_groups, set};
use partybox_core::domain::DatabaseChoice;
use partybox_sim::Scenario;
use partybox_testkit::rig::{Rewrites, json_error, xml_error};
use serde_json::json;

/// Security groups and the VPC of the simulated account.
const SG_ECS: &str = "sg-0ec5000000000ec50";
const SG_RDS: &str = "sg-0db5000000000db50";
const VPC: &str = "vpc-0a1b2c3d4e5f60718";
const PROXY_GROUP: &str = "sg-0bbbb00000000bbbb";
const HOST: &str = "party-box-db.cq7w2m4x8k1z.ap-northeast-1.rds.amazonaws.com";

/// The database's status made another.
fn status(rewrites: Rewrites, word: &'static str) -> Rewrites {
    rewrites.xml("DescribeDBInstances", move |xml, _| {
        let other = |db: &str| set(db, "DBInstanceStatus", word);
        edit(xml, "DBInstance", "<DBInstanceIdentifier>party-box-db<", other)
    })
}

/// What the database's security group admits in the services' place: an element of a permission.
fn admits(source: impl Into<String>) -> Rewrites {
    let source = source.into();
    Rewrites::default().xml("DescribeSecurityGroups", move |xml, _| admit(xml, &source))
}

fn admit(xml: &str, source: &str) -> String {
    service_groups(xml, SG_RDS, |permission| {
        let group = edit(permission, "item", &format!("<groupId>{SG_ECS}<"), |_| String::new());
        let (list, _) = source.split_once('>').expect("an element");
        let list = list.trim_start_matches('<');
        let (head, tail) = group.split_once(&format!("<{list}></{list}>")).unwrap_or((&group, ""));
        format!("{head}{source}{tail}")
    })
}

/// Nothing leads from the services to the database.
fn nothing_linked() -> Rewrites {
    admits("<ipRanges><item><cidrIp>10.0.250.0/24</cidrIp></item></ipRanges>")
}

/// The same account with a second database of other people in the VPC.
fn two_databases(rewrites: Rewrites) -> Rewrites {
    rewrites.xml("DescribeDBInstances", |xml, _| {
        let first = "<DBInstanceIdentifier>party-box-db<";
        edit(xml, "DBInstance", first, |db| {
            let other = db.replace("party-box-db", "warehouse");
            format!("{db}{}", set(&other, "DBInstanceStatus", "stopped"))
        })
    })
}

/// What is said of the first database: the word for why it belongs.
fn belongs(seen: &Seen) -> String {
    let json = seen.json();
    json["databases"][0]["belongs"].as_str().unwrap_or("no database").to_owned()
}

#[test]
fn a_database_whose_storage_is_full_is_an_outage() {
    let seen = Seen::of(status(Rewrites::default(), "storage-full"));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("party-box-db is storage-full: nothing can be written");
}

/// Each with what RDS's documentation says of it: whether anybody can log in.
#[test]
fn a_status_is_as_serious_as_what_it_does_to_the_database() {
    for (word, code, said) in [
        ("backing-up", 0, "it serves meanwhile"),
        ("configuring-enhanced-monitoring", 0, "it serves meanwhile"),
        ("storage-optimization", 0, "it serves meanwhile"),
        ("modifying", 0, "it serves meanwhile"),
        ("maintenance", 0, "it may be away for moments"),
        ("resetting-master-credentials", 1, "the master password changes"),
        ("upgrading", 1, "away for a part of it"),
        ("stopped", 3, "nothing can log in"),
        ("stopping", 3, "nothing can log in"),
        ("starting", 3, "nothing can log in until it has started"),
        ("rebooting", 3, "nothing can log in"),
        ("incompatible-network", 3, "no address left"),
        ("inaccessible-encryption-credentials-recoverable", 3, "enable the key, then start it"),
        ("insufficient-capacity", 3, "no capacity"),
        // Not in the documentation: told as it is, and to be looked at.
        ("pondering", 1, "a status that is not known here"),
    ] {
        let seen = Seen::of(status(Rewrites::default(), word));
        assert_eq!(seen.code(), code, "{word}: {}", seen.text());
        seen.says(&format!("party-box-db is {word}")).says(said).does_not_say("All well");
    }
}

#[test]
fn a_stopped_cluster_is_an_outage() {
    let rewrites = Rewrites::default()
        .xml("DescribeDBClusters", |xml, _| set(xml, "Status", "stopped"))
        .xml("DescribeDBInstances", |xml, _| set(xml, "DBInstanceStatus", "stopped"));
    let seen = Seen::at(Scenario::Aurora, rewrites, 0);
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("is stopped: nothing can log in");
}

/// The database admits a proxy's group alone, and that admits the services.
fn behind_a_proxy() -> Rewrites {
    Rewrites::default().xml("DescribeSecurityGroups", |xml, _| {
        let xml = admit(xml, &format!("<groups><item><groupId>{PROXY_GROUP}</groupId></item></groups>"));
        let proxy = format!(
            "<item><groupId>{PROXY_GROUP}</groupId><vpcId>{VPC}</vpcId><groupName>party-box-proxy</groupName>\
             <groupDescription>RDS Proxy</groupDescription><ipPermissions><item><ipProtocol>tcp</ipProtocol>\
             <fromPort>5432</fromPort><toPort>5432</toPort><groups><item><groupId>{SG_ECS}</groupId></item></groups>\
             <ipRanges></ipRanges></item></ipPermissions></item>"
        );
        xml.replace("</securityGroupInfo>", &format!("{proxy}</securityGroupInfo>"))
    })
}

/// As RDS tells of a proxy, with the health of what is behind it.
fn with_the_proxy(rewrites: Rewrites, health: &'static str) -> Rewrites {
    rewrites
        .xml("DescribeDBProxies", |xml, _| {
            let proxy = format!(
                "<DBProxies><member><DBProxyName>party-box-proxy</DBProxyName><Status>available</Status><VpcId>{VPC}</VpcId>\
                 <VpcSecurityGroupIds><member>{PROXY_GROUP}</member></VpcSecurityGroupIds></member></DBProxies>"
            );
            xml.replace("<DBProxies></DBProxies>", &proxy)
        })
        .before(move |operation, _| {
            (operation == "DescribeDBProxyTargets").then(|| {
                partybox_testkit::rig::Instead::Answer(
                    200,
                    format!(
                        "<DescribeDBProxyTargetsResponse><DescribeDBProxyTargetsResult><Targets><member>\
                         <RdsResourceId>party-box-db</RdsResourceId><Type>RDS_INSTANCE</Type><TargetHealth>{health}\
                         </TargetHealth></member></Targets></DescribeDBProxyTargetsResult></DescribeDBProxyTargetsResponse>"
                    ),
                )
            })
        })
}

#[test]
fn a_database_behind_a_group_between_belongs() {
    let seen = Seen::of(behind_a_proxy());
    assert_eq!((seen.code(), belongs(&seen).as_str()), (0, "group-between"), "{}", seen.text());
}

#[test]
fn a_database_behind_a_proxy_is_an_outage_when_it_is() {
    let well = Seen::of(with_the_proxy(behind_a_proxy(), "<State>AVAILABLE</State>"));
    assert_eq!((well.code(), belongs(&well).as_str()), (0, "proxy"), "{}", well.text());
    for full in
        [behind_a_proxy(), with_the_proxy(behind_a_proxy(), "<State>AVAILABLE</State>"), nothing_linked()]
    {
        let seen = Seen::of(status(full, "storage-full"));
        assert_eq!(seen.code(), 3, "{}", seen.text());
        seen.says("party-box-db is storage-full");
    }
}

#[test]
fn a_database_that_its_proxy_does_not_reach_is_an_outage() {
    let health = "<State>UNAVAILABLE</State><Reason>AUTH_FAILURE</Reason>\
                  <Description>Proxy does not have any registered credentials</Description>";
    let seen = Seen::of(with_the_proxy(behind_a_proxy(), health));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("party-box-db is unavailable to RDS Proxy party-box-proxy: Proxy does not have any registered");
}

#[test]
fn proxies_that_may_not_be_read_are_told_and_hide_no_database() {
    let denied = behind_a_proxy().before(|operation, _| {
        (operation == "DescribeDBProxies").then(|| xml_error("AccessDenied", "not authorized"))
    });
    let seen = Seen::of(denied);
    assert_eq!(belongs(&seen), "group-between", "{}", seen.text());
    seen.says("No permission for rds:DescribeDBProxies");
}

#[test]
fn a_database_that_admits_the_services_addresses_belongs() {
    let range = Seen::of(admits("<ipRanges><item><cidrIp>10.0.0.0/16</cidrIp></item></ipRanges>"));
    assert_eq!((range.code(), belongs(&range).as_str()), (0, "address-range"), "{}", range.text());
    assert_eq!(belongs(&Seen::of(nothing_linked())), "assumed");
}

#[test]
fn a_database_that_admits_a_prefix_list_belongs() {
    let list =
        "<prefixListIds><item><prefixListId>pl-0aaaa1111bbbb2222</prefixListId></item></prefixListIds>";
    let entries = |range: &'static str| {
        admits(list).before(move |operation, _| {
            (operation == "GetManagedPrefixListEntries").then(|| {
                let entries = format!("<entrySet><item><cidr>{range}</cidr></item></entrySet>");
                let answer = format!(
                    "<GetManagedPrefixListEntriesResponse>{entries}</GetManagedPrefixListEntriesResponse>"
                );
                partybox_testkit::rig::Instead::Answer(200, answer)
            })
        })
    };
    let seen = Seen::of(entries("10.0.0.0/16"));
    assert_eq!((seen.code(), belongs(&seen).as_str()), (0, "prefix-list"), "{}", seen.text());
    assert_eq!(belongs(&Seen::of(entries("172.31.0.0/16"))), "assumed");
    let unread = Seen::of(admits(list));
    assert_eq!(belongs(&unread), "prefix-list", "{}", unread.text());
    unread.says("assumed: its group admits prefix list pl-0aaaa1111bbbb2222, whose ranges were not read");
}

/// Environment variables of the backend's task definition in place of its own.
fn environment(rewrites: Rewrites, value: String) -> Rewrites {
    rewrites.json("DescribeTaskDefinition", move |answer, _| {
        for container in answer["taskDefinition"]["containerDefinitions"].as_array_mut().expect("containers")
        {
            container["environment"] = json!([{ "name": "DATABASE_URL", "value": &value }]);
        }
    })
}

#[test]
fn a_database_that_the_environment_names_belongs_and_the_value_is_not_kept() {
    let value = format!("postgres://app:hunter2@{HOST}:5432/party");
    let seen = Seen::of(environment(two_databases(nothing_linked()), value));
    assert_eq!((seen.code(), belongs(&seen).as_str()), (0, "endpoint"), "{}", seen.text());
    let state = serde_json::to_string(&seen.rig.state).expect("a state is data");
    assert!(state.contains(HOST) && !state.contains("hunter2"));
    seen.does_not_say("warehouse");
}

#[test]
fn a_database_of_another_account_is_told_and_nothing_is_well() {
    let value = "other.abcdef123456.eu-west-1.rds.amazonaws.com".to_owned();
    let seen = Seen::of(environment(two_databases(nothing_linked()), value));
    assert_eq!(seen.code(), 2, "{}", seen.text());
    seen.says(
        "names other.abcdef123456.eu-west-1.rds.amazonaws.com, which is not in this account and Region",
    );
    seen.does_not_say("All well");
}

#[test]
fn a_database_whose_managed_secret_the_tasks_take_belongs() {
    let arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:rds!db-1c9e4f02-AbCdEf";
    let rewrites = two_databases(nothing_linked())
        .xml("DescribeDBInstances", move |xml, _| {
            let secret = format!(
                "<MasterUserSecret><SecretArn>{arn}</SecretArn><SecretStatus>active</SecretStatus></MasterUserSecret></DBInstance>"
            );
            let with = |db: &str| db.replace("</DBInstance>", &secret);
            edit(xml, "DBInstance", "<DBInstanceIdentifier>party-box-db<", with)
        })
        .json("DescribeTaskDefinition", move |answer, _| {
            for container in answer["taskDefinition"]["containerDefinitions"].as_array_mut().expect("containers") {
                container["secrets"] = json!([{ "name": "DB", "valueFrom": format!("{arn}:password::") }]);
            }
        })
        .before(|operation, body| {
            (operation == "DescribeSecret" && body.contains("rds!db"))
                .then(|| json_error("AccessDeniedException", "no"))
        });
    let seen = Seen::of(rewrites);
    assert_eq!(belongs(&seen), "secret", "{}", seen.text());
    seen.does_not_say("warehouse");
}

#[test]
fn the_only_database_of_the_vpc_is_assumed_and_said_so() {
    let seen = Seen::of(nothing_linked());
    assert_eq!(
        (belongs(&seen).as_str(), seen.json()["databases"].as_array().map(Vec::len)),
        ("assumed", Some(2))
    );
    seen.says("assumed to be its database");
}

#[test]
fn of_two_databases_without_a_link_neither_is_taken_and_nothing_is_well() {
    let seen = Seen::of(two_databases(nothing_linked()));
    let (health, headline) = seen.headline();
    assert_eq!(
        (seen.code(), health.as_str(), belongs(&seen).as_str()),
        (2, "unknown", "no database"),
        "{}",
        seen.text()
    );
    assert!(headline.starts_with("No database found: party-box-db, warehouse are in this VPC"), "{headline}");
    seen.says("warehouse is stopped");
}

#[test]
fn the_settings_stand_above_what_is_found() {
    let chosen =
        |rewrites, choice: &str| Seen::chosen(rewrites, DatabaseChoice::parse(choice).expect("a choice"));
    let none = chosen(two_databases(nothing_linked()), "none");
    assert_eq!((none.code(), belongs(&none).as_str()), (0, "no database"), "{}", none.text());
    none.says("All well");
    let other = chosen(two_databases(Rewrites::default()), "warehouse");
    assert_eq!((other.code(), belongs(&other).as_str()), (3, "declared"), "{}", other.text());
    other.says("warehouse is stopped").does_not_say("party-box-db is");
    let gone = chosen(Rewrites::default(), "ancient-db");
    gone.says("The settings name the database ancient-db: RDS has none of that name here")
        .does_not_say("All well");
}

#[test]
fn an_account_without_any_database_is_not_well() {
    let none = Rewrites::default().xml("DescribeDBInstances", |xml, _| {
        let (head, rest) = xml.split_once("<DBInstances>").expect("a list");
        let (_, tail) = rest.split_once("</DBInstances>").expect("its end");
        format!("{head}<DBInstances></DBInstances>{tail}")
    });
    let seen = Seen::of(none);
    assert_eq!(seen.code(), 2, "{}", seen.text());
    seen.says("No database found: RDS has none in this Region").does_not_say("All well");
}

#[test]
fn without_permission_for_rds_nothing_is_well() {
    let denied = || {
        Rewrites::default().before(|operation, _| {
            operation.starts_with("DescribeDB").then(|| xml_error("AccessDenied", "not authorized"))
        })
    };
    let seen = Seen::of(denied());
    assert_eq!(seen.code(), 2, "{}", seen.text());
    seen.says("No permission for rds:DescribeDBInstances: whether all is well cannot be told");
    // Declared absent, it is not even asked for.
    let seen = Seen::chosen(denied(), DatabaseChoice::Absent);
    assert_eq!(seen.code(), 0, "{}", seen.text());
}
