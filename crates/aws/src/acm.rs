//! ACM: the listeners' certificates.

use super::Aws;
use super::convert::{call_each, sort_answers};
use super::json_protocol::{EpochSeconds, JsonModel};
use super::service_endpoint::ServiceNames;
use partybox_core::domain::{CallError, Certificate, Unread};
use serde::Deserialize;
use serde_json::json;

/// How ACM is called and what it speaks.
pub(super) const MODEL: JsonModel = JsonModel {
    names: ServiceNames { id: "ACM", signing: "acm", host: "acm" },
    target: "CertificateManager",
    content_type: "application/x-amz-json-1.1",
    token: "NextToken",
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeCertificateOutput {
    certificate: Option<CertificateDetail>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CertificateDetail {
    certificate_arn: Option<String>,
    domain_name: Option<String>,
    status: Option<String>,
    r#type: Option<String>,
    not_after: Option<EpochSeconds>,
    renewal_summary: Option<RenewalSummary>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RenewalSummary {
    renewal_status: Option<String>,
}

/// `DescribeCertificate` for each ARN, and those that could not be read. Those that are kept in IAM or in another Region
/// are not asked for here: nothing is known of them but where they are.
pub(super) async fn certificates(
    aws: &Aws,
    arns: &[String],
) -> Result<(Vec<Certificate>, Vec<Unread>), CallError> {
    let region = aws.region();
    let (here, elsewhere): (Vec<String>, Vec<String>) =
        arns.iter().cloned().partition(|arn| kept_elsewhere(arn, region).is_none());
    let answers = call_each(here.clone(), 3, |arn| {
        let aws = aws.clone();
        async move {
            let request = json!({ "CertificateArn": arn });
            aws.acm().read::<DescribeCertificateOutput>("acm:DescribeCertificate", &request).await
        }
    })
    .await;
    let (found, unread) = sort_answers(&here, answers)?;
    let found = found.into_iter().filter_map(|answer| answer.certificate).map(certificate);
    let others = elsewhere.iter().map(|arn| Certificate {
        arn: arn.clone(),
        domain: arn.rsplit(['/', ':']).next().unwrap_or(arn).to_owned(),
        kept_in: kept_elsewhere(arn, region),
        ..Certificate::default()
    });
    Ok((found.chain(others).collect(), unread))
}

/// Where a certificate is kept, if not in this Region's ACM: `arn:aws:iam::ACCOUNT:server-certificate/PATH/NAME`.
fn kept_elsewhere(arn: &str, region: &str) -> Option<String> {
    let mut parts = arn.split(':').skip(2);
    match (parts.next(), parts.next()) {
        (Some("acm"), Some(its)) if its == region => None,
        (Some("acm"), Some(its)) => Some(its.to_owned()),
        (Some("iam"), _) => Some("IAM".to_owned()),
        (other, _) => Some(other.unwrap_or("an unknown place").to_owned()),
    }
}

fn certificate(from: CertificateDetail) -> Certificate {
    Certificate {
        arn: from.certificate_arn.unwrap_or_default(),
        domain: from.domain_name.unwrap_or_default(),
        status: from.status.unwrap_or_default(),
        kind: from.r#type.unwrap_or_default(),
        not_after: from.not_after.and_then(EpochSeconds::to_chrono),
        renewal: from.renewal_summary.and_then(|renewal| renewal.renewal_status),
        kept_in: None,
    }
}
