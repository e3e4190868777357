//! Cases of metrics: numbers with their time, and overload without an alarm.

use crate::kit::Seen;
use partybox_sim::Scenario;
use partybox_testkit::rig::{Rewrites, Rig};
use serde_json::{Value, json};

/// The account with the points of a metric made others: (minutes before the newest one that is over, value).
fn with(metric: &'static str, points: Vec<(i64, f64)>) -> Rewrites {
    Rewrites::default().json("GetMetricData", move |answer, asked| {
        let end = asked["EndTime"].as_i64().expect("an end");
        for result in results(answer, asked, metric) {
            let minute = |ago: i64| end - 60 * (ago + 1);
            result["Timestamps"] = points.iter().map(|(ago, _)| json!(minute(*ago))).collect();
            result["Values"] = points.iter().map(|(_, value)| json!(value)).collect();
        }
    })
}

/// The results of an answer that are of this metric.
fn results<'a>(answer: &'a mut Value, asked: &Value, metric: &str) -> impl Iterator<Item = &'a mut Value> {
    let ids: Vec<Value> = asked["MetricDataQueries"]
        .as_array()
        .expect("queries")
        .iter()
        .filter(|query| query["MetricStat"]["Metric"]["MetricName"] == metric)
        .map(|query| query["Id"].clone())
        .collect();
    let all = answer["MetricDataResults"].as_array_mut().expect("results");
    all.iter_mut().filter(move |result| ids.contains(&result["Id"]))
}

const ERRORS: &str = "HTTPCode_Target_5XX_Count";

#[test]
fn a_count_without_a_new_point_is_zero_and_its_last_one_has_its_age() {
    let mut seen = Seen::of(with(ERRORS, vec![(24, 247.0)]));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("a burst of 247 5xx ended 2");
    let screen = seen.screen("3");
    let line = screen.lines().find(|line| line.contains("5xx app")).expect("its line");
    assert!(line.contains("0/m") && !line.contains("247/m") && line.contains("last 247 2"), "{screen}");
}

#[test]
fn a_burst_is_critical_while_it_lasts_and_falls_with_the_next_clean_minutes() {
    // The newest minutes may still be on their way: those of the requests tell how far the account has sent.
    let burst = |ago: i64| with(ERRORS, vec![(ago + 1, 900.0), (ago, 900.0)]);
    let seen = Seen::of(burst(0));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("of requests failed in 2m");
    let seen = Seen::of(burst(6));
    assert_eq!(seen.code(), 0, "{}", seen.text());
    seen.says("a burst of 1800 5xx ended").does_not_say("in 2m up to");
}

#[test]
fn errors_of_a_load_balancer_that_is_late_are_still_going_on() {
    // Nothing of the last four minutes has come, neither requests nor errors.
    let late = |answer: &mut Value, asked: &Value| {
        let end = asked["EndTime"].as_i64().expect("an end");
        for result in answer["MetricDataResults"].as_array_mut().expect("results") {
            let times = result["Timestamps"].as_array().cloned().unwrap_or_default();
            let keep = times.iter().filter(|at| at.as_i64().is_some_and(|at| at < end - 240)).count();
            for member in ["Timestamps", "Values"] {
                result[member].as_array_mut().expect("a list").truncate(keep);
            }
        }
        for result in results(answer, asked, ERRORS) {
            (result["Timestamps"], result["Values"]) = (json!([end - 300]), json!([900.0]));
        }
    };
    let seen = Seen::of(Rewrites::default().json("GetMetricData", late));
    assert_eq!(seen.code(), 3, "{}", seen.text());
    seen.says("of requests failed in 60s up to");
}

#[test]
fn what_cloudwatch_does_not_answer_is_unknown_and_never_zero() {
    let forbidden = |answer: &mut Value, asked: &Value| {
        for result in results(answer, asked, ERRORS) {
            (result["Timestamps"], result["Values"]) = (json!([]), json!([]));
            result["StatusCode"] = json!("Forbidden");
        }
    };
    let missing = |answer: &mut Value, asked: &Value| {
        let ids: Vec<Value> = results(answer, asked, ERRORS).map(|result| result["Id"].clone()).collect();
        let all = answer["MetricDataResults"].as_array_mut().expect("results");
        all.retain(|result| !ids.contains(&result["Id"]));
    };
    for (rewrites, why) in [
        (Rewrites::default().json("GetMetricData", forbidden), "Forbidden"),
        (Rewrites::default().json("GetMetricData", missing), "not answered"),
    ] {
        let mut seen = Seen::of(rewrites);
        assert_eq!(seen.code(), 1, "{}", seen.text());
        seen.says(&format!("CloudWatch's answer for its 5xx is {why}")).does_not_say("All well");
        let screen = seen.screen("3");
        let line = screen.lines().find(|line| line.contains("5xx app")).expect("its line");
        assert!(line.contains("unknown") && line.contains(why), "{screen}");
    }
}

#[test]
fn an_old_value_of_a_gauge_stands_with_its_age() {
    let mut seen = Seen::of(with("CPUUtilization", vec![(20, 31.0)]));
    let screen = seen.screen("2");
    let line =
        screen.lines().find(|line| line.contains("backend") && line.contains("31 %")).expect("its row");
    assert!(line.contains("31 % 21m ago"), "{screen}");
}

#[test]
fn a_full_service_is_degraded_without_any_alarm() {
    let full = (0..6).rev().map(|ago| (ago, 97.0)).collect();
    let seen = Seen::of(with("CPUUtilization", full));
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("backend is overloaded: CPU at 97 %")
        .says("party-box-db is overloaded")
        .does_not_say("All well");
}

#[test]
fn a_service_over_its_target_at_the_maximum_is_degraded() {
    let over = (0..4).rev().map(|ago| (ago, 76.0)).collect();
    let at_most = with("CPUUtilization", over).json("DescribeScalableTargets", |answer, _| {
        for target in answer["ScalableTargets"].as_array_mut().expect("targets") {
            target["MaxCapacity"] = json!(2);
        }
    });
    let seen = Seen::of(at_most);
    assert_eq!(seen.code(), 1, "{}", seen.text());
    seen.says("autoscaling is at its maximum of 2").says("minimum and maximum are 2");
}

/// The load rises, the service grows, and a colleague scales it in against it.
#[test]
fn a_service_that_was_scaled_in_under_load_is_not_well() {
    let mut seen = Seen::at(Scenario::Autoscale, Rewrites::default(), 0);
    let mut told = false;
    for _ in 0..40 {
        seen.wait(30_000);
        let text = seen.text();
        told |= text.contains("backend is overloaded") && text.contains("of its tasks stopped");
    }
    assert!(told, "{}", seen.text());
}

#[test]
fn a_quiet_evening_has_no_finding_of_load() {
    for seed in 1..=5 {
        let mut rig = Rig::new(Scenario::Steady, seed);
        rig.connect(0);
        let mut seen = Seen { rig };
        for minute in 0..120 {
            seen.wait(60_000);
            let health = &seen.rig.state.account.health;
            let words = ["overloaded", "over its target", "slowly", "requests failed", "5xx is"];
            let found = health.findings.iter().find(|f| words.iter().any(|word| f.text.contains(word)));
            assert_eq!(found, None, "seed {seed}, minute {minute}");
        }
    }
}
