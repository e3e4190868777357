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

/// `DescribeCertificate` for each ARN, and those that could not be read. Certificates that are kept in IAM are
/// not in ACM and are left out.
pub(super) async fn certificates(
    aws: &Aws,
    arns: &[String],
) -> Result<(Vec<Certificate>, Vec<Unread>), CallError> {
    let arns: Vec<String> = arns.iter().filter(|arn| arn.contains(":acm:")).cloned().collect();
    let answers = call_each(arns.clone(), 3, |arn| {
        let aws = aws.clone();
        async move {
            let request = json!({ "CertificateArn": arn });
            aws.acm().read::<DescribeCertificateOutput>("acm:DescribeCertificate", &request).await
        }
    })
    .await;
    let (found, unread) = sort_answers(&arns, answers)?;
    Ok((found.into_iter().filter_map(|a| a.certificate).map(certificate).collect(), unread))
}

fn certificate(from: CertificateDetail) -> Certificate {
    Certificate {
        arn: from.certificate_arn.unwrap_or_default(),
        domain: from.domain_name.unwrap_or_default(),
        status: from.status.unwrap_or_default(),
        kind: from.r#type.unwrap_or_default(),
        not_after: from.not_after.and_then(EpochSeconds::to_chrono),
        renewal: from.renewal_summary.and_then(|renewal| renewal.renewal_status),
    }
}
