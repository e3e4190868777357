//! Lifecycle policies, evaluated as the documentation's examples are.
use super::*;
use crate::{Scenario, build_account};

/// Images that were pushed so many days ago, with their tags.
fn images(of: &[(i64, &[&str])]) -> (Vec<Image>, DateTime<Utc>) {
    let now = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
    let world = build_account(Scenario::Steady, 7, now);
    let pattern = world.ecr.repositories[0].images[0].clone();
    let image = |(days, tags): &(i64, &[&str])| Image {
        pushed_at: now - TimeDelta::days(*days),
        last_pulled_at: None,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..pattern.clone()
    };
    (of.iter().map(image).collect(), now)
}

fn selection(text: &str) -> String {
    format!(r#"{{"rulePriority":1,"selection":{{{text}}},"action":{{"type":"expire"}}}}"#)
}

fn policy(selections: &[&str]) -> Vec<Rule> {
    let rules = (1..).zip(selections).map(|(priority, text)| {
        selection(text).replace("\"rulePriority\":1", &format!("\"rulePriority\":{priority}"))
    });
    let rules: Vec<String> = rules.collect();
    parse(&format!(r#"{{"rules":[{}]}}"#, rules.join(","))).expect("a policy")
}

/// The examples of the documentation on how rules meet:
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html>
#[test]
fn rules_meet_as_documented() {
    // Two rules on one prefix: the first keeps one image, and the second may not expire what the first is about.
    let (all, now) = images(&[(3, &["alpha-1"]), (2, &["beta-1"]), (1, &["alpha-2", "beta-2"])]);
    let rules = policy(&[
        r#""tagStatus":"tagged","tagPrefixList":["alpha"],"countType":"imageCountMoreThan","countNumber":1"#,
        r#""tagStatus":"tagged","tagPrefixList":["beta"],"countType":"imageCountMoreThan","countNumber":1"#,
    ]);
    assert_eq!(evaluate(&rules, &all, now), [(0, 1), (1, 2)]);
    // An image must have every prefix of the list.
    let rules = policy(&[
        r#""tagStatus":"tagged","tagPrefixList":["alpha","beta"],"countType":"sinceImagePushed","countUnit":"days","countNumber":1"#,
    ]);
    assert_eq!(evaluate(&rules, &all, now + TimeDelta::hours(1)), [(2, 1)]);
    // The rule on any image counts also those that the rule before it is about, and spares them.
    let rules = policy(&[
        r#""tagStatus":"tagged","tagPrefixList":["alpha"],"countType":"imageCountMoreThan","countNumber":5"#,
        r#""tagStatus":"any","countType":"imageCountMoreThan","countNumber":1"#,
    ]);
    assert_eq!(evaluate(&rules, &all, now), [(1, 2)]);
    let rules = policy(&[
        r#""tagStatus":"tagged","tagPatternList":["*-2"],"countType":"imageCountMoreThan","countNumber":1"#,
    ]);
    assert_eq!(evaluate(&rules, &all, now), []);
}

#[test]
fn what_is_no_policy_is_refused() {
    for text in [
        "{}".to_owned(),
        "nonsense".to_owned(),
        format!(
            r#"{{"rules":[{}]}}"#,
            selection(r#""tagStatus":"tagged","countType":"imageCountMoreThan","countNumber":1"#)
        ),
        format!(
            r#"{{"rules":[{}]}}"#,
            selection(r#""tagStatus":"any","countType":"sinceImagePushed","countNumber":1"#)
        ),
        format!(
            r#"{{"rules":[{}]}}"#,
            selection(r#""tagStatus":"any","countType":"imageCountMoreThan","countNumber":0"#)
        ),
    ] {
        assert_eq!(parse(&text).expect_err("refused").code, "InvalidParameterException", "{text}");
    }
}
