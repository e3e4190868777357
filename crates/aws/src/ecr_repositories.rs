//! ECR: the repositories of the running images, and what the registry says of their scans.

use super::Aws;
use super::convert::{call_each, sort_answers};
use super::ecr::repository_request;
use super::ecr_answers::{
    DescribeRepositoriesOutput, GetLifecyclePolicyOutput, GetRegistryScanningConfigurationOutput,
    RegistryScanningConfiguration, RepositoryDetail,
};
use super::ecr_policy;
use partybox_core::domain::{CallError, ErrorKind, RegistryScans, Repository, Unread, passes_scan_filter};
use serde_json::json;

/// `DescribeRepositories` + `GetLifecyclePolicy` for each (registry account, name), and
/// `GetRegistryScanningConfiguration` of the own registry; and what could not be read, as `account/name`.
pub(super) async fn repositories(
    aws: &Aws,
    names: &[(String, String)],
) -> Result<(Vec<Repository>, Vec<Unread>), CallError> {
    let answers = call_each(names.to_vec(), 3, |(account, name)| {
        let aws = aws.clone();
        async move { repository(&aws, &account, name).await }
    })
    .await;
    let names: Vec<String> = names.iter().map(|(account, name)| format!("{account}/{name}")).collect();
    let (mut found, mut unread) = sort_answers(&names, answers)?;
    match scanning(aws).await {
        Ok((own, rules)) => {
            for repository in found.iter_mut().filter(|it| it.registry.is_empty() || it.registry == own) {
                repository.registry_scans = registry_scans(&rules, &repository.name);
            }
        }
        Err(error) => {
            unread.push(Unread { name: "registry scanning".to_owned(), error: aws.name_endpoint(error) });
        }
    }
    Ok((found, unread))
}

async fn repository(aws: &Aws, account: &str, name: String) -> Result<Repository, CallError> {
    let mut request = json!({ "repositoryNames": [name] });
    if !account.is_empty() {
        request["registryId"] = account.into();
    }
    let answer: DescribeRepositoriesOutput = aws.ecr().read("ecr:DescribeRepositories", &request).await?;
    let from = answer.repositories.unwrap_or_default().into_iter().next().ok_or_else(|| CallError {
        kind: ErrorKind::NotFound,
        action: "ecr:DescribeRepositories".into(),
        code: None,
        message: format!("There is no repository {name}."),
    })?;
    let request = repository_request(account, &name);
    let policy = aws.ecr().read::<GetLifecyclePolicyOutput>("ecr:GetLifecyclePolicy", &request).await;
    let lifecycle = match policy {
        Ok(policy) => ecr_policy::sentences(policy.lifecycle_policy_text.as_deref().unwrap_or("")),
        Err(error) if error.code.as_deref() == Some("LifecyclePolicyNotFoundException") => Vec::new(),
        // An empty list would say that there is no policy.
        Err(error) => vec![format!("unreadable: {}", aws.name_endpoint(error).message)],
    };
    Ok(described(from, account, name, lifecycle))
}

fn described(from: RepositoryDetail, account: &str, name: String, lifecycle: Vec<String>) -> Repository {
    let exclusions = from.image_tag_mutability_exclusion_filters.unwrap_or_default();
    Repository {
        name: from.repository_name.unwrap_or(name),
        registry: account.to_owned(),
        mutability: from.image_tag_mutability.unwrap_or_default(),
        exclusions: exclusions.into_iter().map(|filter| filter.filter).collect(),
        encryption: from.encryption_configuration.map(|e| e.encryption_type),
        scan_on_push: from.image_scanning_configuration.is_some_and(|s| s.scan_on_push),
        lifecycle,
        ..Repository::default()
    }
}

/// The own registry's account and its rules of scanning.
async fn scanning(aws: &Aws) -> Result<(String, RegistryScanningConfiguration), CallError> {
    let action = "ecr:GetRegistryScanningConfiguration";
    let answer: GetRegistryScanningConfigurationOutput = aws.ecr().read(action, &json!({})).await?;
    Ok((answer.registry_id.unwrap_or_default(), answer.scanning_configuration.unwrap_or_default()))
}

/// What the rules say of a repository: of those that it passes, the most frequent.
fn registry_scans(rules: &RegistryScanningConfiguration, name: &str) -> RegistryScans {
    let own = rules
        .rules
        .iter()
        .filter(|rule| rule.repository_filters.iter().any(|filter| passes_scan_filter(&filter.filter, name)));
    let rank = |frequency: &str| match frequency {
        "CONTINUOUS_SCAN" => 2,
        "SCAN_ON_PUSH" => 1,
        _ => 0,
    };
    let frequency = own.map(|rule| rule.scan_frequency.clone()).max_by_key(|it| rank(it));
    RegistryScans::Told { kind: rules.scan_type.clone().unwrap_or_default(), frequency }
}
