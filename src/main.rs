//! partybox-top
fn main() {}
