//! Requests that hang, and why.
use chrono::TimeDelta;

use super::*;
use crate::behaviour::rds_actions::reboot_db_instance;
use crate::{Scenario, build_account};

fn get(path: &str, held: Option<StalledBy>) -> Request {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = path.parse().expect("a path");
    if let Some(held) = held {
        request.extensions_mut().insert(held);
    }
    request
}

fn at(world: &mut World, moment: DateTime<Utc>, request: &Request) -> Response {
    behaviour::advance(world, moment);
    answer_request(world, request, moment)
}

#[test]
fn a_request_that_hangs_stays_with_its_task() {
    let start = DateTime::from_timestamp(1_781_000_017, 0).expect("a valid time");
    let mut world = build_account(Scenario::Steady, 3, start);
    reboot_db_instance(&mut world, "party-box-db", true, start).expect("accepted");
    let down = world.rds.client_outages[0].down_at;
    assert_eq!(at(&mut world, down - TimeDelta::milliseconds(1), &get("/api/health", None)).status(), 200);
    let response = at(&mut world, down, &get("/api/health", None));
    let Some(Stalled { held: StalledBy::Task(id), patience }) = response.extensions().get().cloned() else {
        panic!("it hangs in a task");
    };
    assert_eq!(patience, IDLE_TIMEOUT);
    let held = get("/api/health", Some(StalledBy::Task(id.clone())));
    let refused = world.rds.client_outages[0].refused_at;
    for _ in 0..3 {
        let response = at(&mut world, refused, &held);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(String::from_utf8_lossy(response.body()).contains(&id), "its own task, every time");
    }
    let gone = get("/api/health", Some(StalledBy::Task("gone".to_owned())));
    assert_eq!(at(&mut world, refused, &gone).status(), StatusCode::BAD_GATEWAY);
}

#[test]
fn what_a_lost_zone_holds_up_is_told_apart() {
    let start = DateTime::from_timestamp(1_781_000_017, 0).expect("a valid time");
    let mut world = build_account(Scenario::AzOutage, 3, start);
    let mut held = Vec::new();
    for step in 0..8 {
        let moment = start + TimeDelta::milliseconds(32_000 + step * 50);
        let response = at(&mut world, moment, &get("/", None));
        held.extend(response.extensions().get::<Stalled>().cloned());
    }
    let lost = held.iter().filter(|it| it.held == StalledBy::Node && it.patience == IDLE_TIMEOUT).count();
    let unreachable = held.iter().filter(|it| it.patience == CONNECT_TIMEOUT).count();
    assert_eq!((lost, unreachable), (4, 2), "{held:?}");
}
