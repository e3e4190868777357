//! Drills on made readings.

use super::*;
use crate::domain::{PROMISED_FAILOVER, ProbeSettings};

fn probe() -> ProbeSpec {
    ProbeSpec {
        url: "http://127.0.0.1/api/health".into(),
        via: None,
        name: Some("db.internal".into()),
        settings: ProbeSettings::default(),
    }
}

fn drill(mode: Mode) -> Drill {
    let order = DrillSpec { database: "db".into(), mode, probe: probe(), target: PROMISED_FAILOVER };
    let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    Drill::begin(order, WriterLocation::default(), 1.0, Duration::ZERO, at)
}

#[test]
fn a_result_is_counted_once_and_put_in_its_place() {
    let mut drill = drill(Mode::Observed);
    let result = |number: u64| Probed {
        number,
        sent: Duration::from_millis(number * 200),
        took: Duration::from_millis(5),
        answer: ProbeAnswer::Good(200),
    };
    for number in [0, 2, 1, 2, 0] {
        drill.probed(result(number));
    }
    let order: Vec<u64> = drill.probes.iter().map(|r| r.number).collect();
    assert_eq!(order, [0, 1, 2]);
    assert_eq!(drill.measured.since.good, 3);
}
