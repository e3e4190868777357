//! ACM: the listeners' certificates.

use super::convert::{each, time};
use super::error::Told;
use super::{Aws, convert};
use aws_sdk_acm::types::CertificateDetail;
use partybox_core::domain::{CallError, Certificate};

/// `DescribeCertificate` for each ARN. Certificates that are kept in IAM are not ACM's and are left out.
pub(super) async fn certificates(aws: &Aws, arns: &[String]) -> Result<Vec<Certificate>, CallError> {
    let arns: Vec<String> = arns.iter().filter(|arn| arn.contains(":acm:")).cloned().collect();
    let client = aws.acm().clone();
    let answers = each(arns, 3, |arn| {
        let call = client.describe_certificate().certificate_arn(arn);
        async move { call.send().await.told("acm:DescribeCertificate") }
    })
    .await;
    convert::found(answers)
        .map(|found| found.into_iter().filter_map(|a| a.certificate).map(certificate).collect())
}

fn certificate(from: CertificateDetail) -> Certificate {
    Certificate {
        arn: from.certificate_arn.unwrap_or_default(),
        domain: from.domain_name.unwrap_or_default(),
        status: from.status.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        kind: from.r#type.map(|t| t.as_str().to_owned()).unwrap_or_default(),
        not_after: from.not_after.and_then(time),
        renewal: from.renewal_summary.map(|r| r.renewal_status.as_str().to_owned()),
    }
}
