//! The failover of a DB cluster over a real connection.

use crate::fake_server::{Asked, FakeServer, Reply, query_error, xml};
use partybox_core::domain::ErrorKind;
use partybox_core::operation::{Accepted, Action};

fn failover(to: Option<&str>) -> Action {
    Action::FailoverCluster {
        cluster: "party-box-db".into(),
        writer: "party-box-db-1".into(),
        to: to.map(str::to_owned),
    }
}

/// The cluster in a status, with the member of that number as its writer.
fn cluster(answering: &str, status: &str, writer: u32, members: u32) -> Reply {
    let members: Vec<String> = (1..=members)
        .map(|n| {
            format!(
                "<DBClusterMember><DBInstanceIdentifier>party-box-db-{n}</DBInstanceIdentifier><IsClusterWriter>{}</IsClusterWriter><PromotionTier>1</PromotionTier></DBClusterMember>",
                n == writer
            )
        })
        .collect();
    let cluster = format!(
        "<DBCluster><DBClusterIdentifier>party-box-db</DBClusterIdentifier><Status>{status}</Status><DBClusterMembers>{}</DBClusterMembers></DBCluster>",
        members.concat()
    );
    let body = if answering == "DescribeDBClusters" {
        format!("<DBClusters>{cluster}</DBClusters>")
    } else {
        cluster
    };
    xml(&format!("<{answering}Response><{answering}Result>{body}</{answering}Result></{answering}Response>"))
}

fn healthy(asked: &Asked) -> Reply {
    cluster(&asked.operation, "available", 1, 2)
}

#[tokio::test]
async fn a_cluster_fails_over_once_with_the_target_only_where_one_is_named() {
    for (to, sent) in [(None, None), (Some("party-box-db-2"), Some("party-box-db-2"))] {
        let server = FakeServer::start("", healthy);
        let done = server.aws().act(&failover(to)).await;
        assert_eq!(done, Ok(Accepted::FailoverAccepted("available".into())));
        assert_eq!(server.operations(), ["DescribeDBClusters", "FailoverDBCluster"]);
        let asked = server.asked();
        let fields: Vec<_> = form_urlencoded::parse(asked[1].body.as_bytes()).into_owned().collect();
        let field = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        assert_eq!(field("DBClusterIdentifier"), Some("party-box-db"));
        assert_eq!(field("TargetDBInstanceIdentifier"), sent);
    }
}

#[tokio::test]
async fn a_cluster_that_has_changed_is_left_alone() {
    type Answer = fn(&Asked) -> Reply;
    let table: [(&str, Option<&str>, Answer); 5] = [
        ("the writer of party-box-db is party-box-db-2 now", None, |a| {
            cluster(&a.operation, "available", 2, 2)
        }),
        ("party-box-db is failing-over", None, |a| cluster(&a.operation, "failing-over", 1, 2)),
        ("has no reader", None, |a| cluster(&a.operation, "available", 1, 1)),
        ("party-box-db-9 is no reader", Some("party-box-db-9"), healthy),
        ("party-box-db-1 is no reader", Some("party-box-db-1"), healthy),
    ];
    for (words, to, answer) in table {
        let server = FakeServer::start("", answer);
        let error = server.aws().act(&failover(to)).await.expect_err(words);
        assert_eq!(error.kind, ErrorKind::Refused, "{words}");
        assert!(error.message.contains(words), "{}", error.message);
        assert_eq!(server.operations(), ["DescribeDBClusters"], "{words}");
    }
}

#[tokio::test]
async fn a_clusters_failover_is_never_sent_twice_nor_read_only() {
    let server = FakeServer::start("", |asked| match asked.operation.as_str() {
        "DescribeDBClusters" => healthy(asked),
        _ => query_error(503, "ServiceUnavailable"),
    });
    let error = server.aws().act(&failover(None)).await.expect_err("it broke");
    assert!(error.message.contains("may or may not have taken effect"), "{}", error.message);
    assert_eq!(server.operations(), ["DescribeDBClusters", "FailoverDBCluster"]);

    let server = FakeServer::start("", healthy);
    let error = server.aws().read_only().act(&failover(None)).await.expect_err("read-only");
    assert_eq!(error.kind, ErrorKind::Refused);
    assert_eq!(server.operations(), [""; 0]);
}
