//! ECR: previews of lifecycle policies, evaluated as ECR evaluates them.
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules>
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Answer, image_index, invalid, no_policy, paged, repository, repository_index, tag_filter};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::world::World;
use crate::world::ecr::{Image, Preview};

/// Seconds until a preview is complete.
const TAKES: i64 = 4;

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    priority: i64,
    tags: TagRule,
    count: Count,
}

/// Which images a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TagRule {
    Any,
    Untagged,
    /// An image has a tag for each prefix.
    Prefixes(Vec<String>),
    /// An image has a tag for each pattern; `*` is any run of characters.
    Patterns(Vec<String>),
}

/// How many of them stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    /// The newest so many.
    MoreThan(usize),
    /// Those pushed within so many days.
    Pushed(i64),
    /// Those pulled within so many days; what was never pulled counts by its push.
    Pulled(i64),
}

/// An image that a policy would expire, by its place in the repository, and the priority of the rule.
type Expiring = (usize, i64);

fn wrong(what: &str) -> ApiError {
    invalid(format!(
        "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation \
         failure: {what}'"
    ))
}

/// Reads a policy.
fn parse(text: &str) -> Result<Vec<Rule>, ApiError> {
    let policy: Value = serde_json::from_str(text).map_err(|_| wrong("the policy is not JSON"))?;
    let rules = policy["rules"]
        .as_array()
        .ok_or_else(|| wrong("object has missing required properties ([\"rules\"])"))?;
    let mut rules: Vec<Rule> = rules.iter().map(rule).collect::<Result<_, _>>()?;
    rules.sort_by_key(|each| each.priority);
    if rules.windows(2).any(|pair| pair[0].priority == pair[1].priority) {
        return Err(wrong("rulePriority must be unique"));
    }
    let last = rules.len().saturating_sub(1);
    if rules.iter().take(last).any(|each| each.tags == TagRule::Any) {
        return Err(wrong("a rule with tagStatus any must have the highest value for rulePriority"));
    }
    Ok(rules)
}

fn rule(rule: &Value) -> Result<Rule, ApiError> {
    let selection = &rule["selection"];
    let priority = rule["rulePriority"].as_i64().filter(|priority| *priority > 0);
    let priority = priority.ok_or_else(|| wrong("rulePriority must be a positive number"))?;
    if rule["action"]["type"] != "expire" {
        return Err(wrong("the simulated account expires images and knows no other action"));
    }
    let texts = |member: &str| -> Vec<String> {
        let items = selection[member].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (prefixes, patterns) = (texts("tagPrefixList"), texts("tagPatternList"));
    let tags = match (selection["tagStatus"].as_str(), prefixes.is_empty(), patterns.is_empty()) {
        (Some("any"), true, true) => TagRule::Any,
        (Some("untagged"), true, true) => TagRule::Untagged,
        (Some("tagged"), false, true) => TagRule::Prefixes(prefixes),
        (Some("tagged"), true, false) => TagRule::Patterns(patterns),
        (Some("tagged"), ..) => return Err(wrong("tagged needs either tagPrefixList or tagPatternList")),
        _ => return Err(wrong("tagStatus must be tagged, untagged or any")),
    };
    let number = selection["countNumber"].as_i64().filter(|number| *number > 0);
    let number = number.ok_or_else(|| wrong("countNumber must be a positive number"))?;
    let days = || match selection["countUnit"].as_str() {
        Some("days") => Ok(number),
        _ => Err(wrong("countUnit must be days")),
    };
    let count = match selection["countType"].as_str() {
        Some("imageCountMoreThan") => Count::MoreThan(usize::try_from(number).unwrap_or(usize::MAX)),
        Some("sinceImagePushed") => Count::Pushed(days()?),
        Some("sinceImagePulled") => Count::Pulled(days()?),
        _ => return Err(wrong("countType must be imageCountMoreThan, sinceImagePushed or sinceImagePulled")),
    };
    Ok(Rule { priority, tags, count })
}

impl Rule {
    fn is_about(&self, image: &Image) -> bool {
        let each = |fits: &dyn Fn(&str) -> bool| image.tags.iter().any(|tag| fits(tag));
        match &self.tags {
            TagRule::Any => true,
            TagRule::Untagged => image.tags.is_empty(),
            TagRule::Prefixes(all) => all.iter().all(|prefix| each(&|tag| tag.starts_with(prefix.as_str()))),
            TagRule::Patterns(all) => all.iter().all(|pattern| each(&|tag| fits(pattern, tag))),
        }
    }
}

/// Whether a tag is one of a pattern's, in which `*` is any run of characters.
fn fits(pattern: &str, tag: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == tag,
        Some((head, rest)) => {
            let Some(tag) = tag.strip_prefix(head) else { return false };
            let mut ends = tag.char_indices().map(|(at, _)| at).chain([tag.len()]);
            ends.any(|at| fits(rest, &tag[at..]))
        }
    }
}

/// What a policy would expire now, the rules' order first.
///
/// Every rule sees all images that it is about, also those which a rule before it expires; but an image that a rule
/// before it is about is never expired by a later one.
fn evaluate(rules: &[Rule], images: &[Image], now: DateTime<Utc>) -> Vec<Expiring> {
    let mut found = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let mut about: Vec<(usize, &Image)> =
            images.iter().enumerate().filter(|(_, image)| rule.is_about(image)).collect();
        about.sort_by_key(|(_, image)| std::cmp::Reverse(image.pushed_at));
        let keep = match rule.count {
            Count::MoreThan(count) => count,
            Count::Pushed(_) | Count::Pulled(_) => 0,
        };
        let over = about.into_iter().skip(keep).filter(|(_, image)| match rule.count {
            Count::MoreThan(_) => true,
            Count::Pushed(days) => now - image.pushed_at > TimeDelta::days(days),
            Count::Pulled(days) => {
                now - image.last_pulled_at.unwrap_or(image.pushed_at) > TimeDelta::days(days)
            }
        });
        let free = over.filter(|(_, image)| !rules[..place].iter().any(|before| before.is_about(image)));
        found.extend(free.map(|(image, _)| (image, rule.priority)));
    }
    found
}

/// `StartLifecyclePolicyPreview`: of the policy that is sent, else of the repository's own.
pub(super) fn start(world: &mut World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let index = repository_index(world, input)?;
    let repository = &world.ecr.repositories[index];
    let text = match input.text("lifecyclePolicyText")? {
        Some(text) => text.to_owned(),
        None => repository.lifecycle_policy.clone().ok_or_else(|| no_policy(repository))?,
    };
    parse(&text)?;
    let running = world.ecr.previews.get(&repository.name);
    if running.is_some_and(|each| now < each.complete_at) {
        return Err(ApiError::new(
            "LifecyclePolicyPreviewInProgressException",
            "The previous lifecycle policy preview request has not completed. Wait and try again.",
        ));
    }
    let answer = map! {
        "registryId": &repository.registry_id,
        "repositoryName": &repository.name,
        "lifecyclePolicyText": &text,
        "status": "IN_PROGRESS",
    };
    let name = repository.name.clone();
    world.ecr.previews.insert(name, Preview { policy: text, complete_at: now + TimeDelta::seconds(TAKES) });
    Ok(answer)
}

/// `GetLifecyclePolicyPreview`.
pub(super) fn get(world: &World, input: Input<'_>, now: DateTime<Utc>) -> Answer {
    let repository = repository(world, input)?;
    let preview = world.ecr.previews.get(&repository.name).ok_or_else(|| {
        ApiError::new(
            "LifecyclePolicyPreviewNotFoundException",
            format!(
                "Lifecycle policy preview does not exist for the repository with name '{}' in the registry with \
                 id '{}'",
                repository.name, repository.registry_id
            ),
        )
    })?;
    let done = now >= preview.complete_at;
    let expiring = if done {
        evaluate(&parse(&preview.policy)?, &repository.images, preview.complete_at)
    } else {
        Vec::new()
    };
    let ids = input.list("imageIds")?;
    if !ids.is_empty() && (input.has("maxResults") || input.has("nextToken")) {
        return Err(invalid("maxResults and nextToken cannot be used when imageIds are specified"));
    }
    let wanted: Vec<usize> =
        ids.into_iter().map(|id| image_index(repository, id)).collect::<Result<_, _>>()?;
    let fits = tag_filter(input)?;
    let shown = expiring.iter().filter(|(image, _)| {
        fits(&repository.images[*image]) && (wanted.is_empty() || wanted.contains(image))
    });
    let scope = format!("preview {}", repository.name);
    let (shown, next) = paged(input, &scope, shown.collect(), |(image, _)| image.to_string())?;
    let results = shown.into_iter().map(|(place, priority)| {
        let image = &repository.images[*place];
        map! {
            "imageTags": Node::list(&image.tags),
            "imageDigest": &image.digest,
            "imagePushedAt": image.pushed_at,
            "action": map! { "type": "EXPIRE" },
            "appliedRulePriority": *priority,
        }
    });
    Ok(map! {
        "registryId": &repository.registry_id,
        "repositoryName": &repository.name,
        "lifecyclePolicyText": &preview.policy,
        "status": if done { "COMPLETE" } else { "IN_PROGRESS" },
        "nextToken": next,
        "previewResults": Node::list(results),
        "summary": done.then(|| map! { "expiringImageTotalCount": expiring.len() }),
    })
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
