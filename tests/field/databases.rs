//! Cases of databases.

use crate::kit::{Seen, edit, set};
use partybox_testkit::rig::Rewrites;

#[test]
fn a_database_whose_storage_is_full_is_an_outage() {
    let seen = Seen::of(Rewrites::default().xml("DescribeDBInstances", |xml, _| {
        let full = |db: &str| set(db, "DBInstanceStatus", "storage-full");
        edit(xml, "DBInstance", "<DBInstanceIdentifier>party-box-db<", full)
    }));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("party-box-db is storage-full");
}
