//! ACM: the listeners' certificates.

use super::convert::{call_each, to_chrono};
use super::error::IntoCallError;
use super::{Aws, convert};
use aws_sdk_acm::types::CertificateDetail;
use partybox_core::domain::{CallError, Certificate};

/// `DescribeCertificate` for each ARN. Certificates that are kept in IAM are not ACM's and are left out.
pub(super) async fn certificates(aws: &Aws, arns: &[String]) -> Result<Vec<Certificate>, CallError> {
    let arns: Vec<String> = arns.iter().filter(|arn| arn.contains(":acm:")).cloned().collect();
    let client = aws.acm().clone();
    let answers = call_each(arns, 3, |arn| {
        let call = client.describe_certificate().certificate_arn(arn);
        async move { call.send().await.for_action("acm:DescribeCertificate") }
    })
    .await;
    convert::keep_found(answers)
        .map(|found| found.into_iter().filter_map(|a| a.certificate).map(certificate).collect())
}

fn certificate(from: CertificateDetail) -> Certificate {
    Certificate {
        arn: from.certificate_arn.unwrap_or_default(),
        domain: from.domain_name.unwrap_or_default(),
        status: from.status.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        kind: from.r#type.map(|t| t.as_str().to_owned()).unwrap_or_default(),
        not_after: from.not_after.and_then(to_chrono),
        renewal: from.renewal_summary.map(|r| r.renewal_status.as_str().to_owned()),
    }
}
