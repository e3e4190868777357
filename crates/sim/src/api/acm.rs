//! ACM.
use super::shared::page_size;
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::World;
use crate::world::certificates::Certificate;

type Answer = Result<Node, ApiError>;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &World, input: Input<'_>) -> Option<Answer> {
    Some(match operation {
        "DescribeCertificate" => describe(world, input),
        "ListCertificates" => list(world, input),
        _ => return None,
    })
}

fn describe(world: &World, input: Input<'_>) -> Answer {
    let arn = input
        .text("CertificateArn")?
        .ok_or_else(|| ApiError::new("ValidationException", "certificateArn must not be null"))?;
    if !arn.starts_with("arn:aws:acm:") {
        return Err(ApiError::new("InvalidArnException", format!("Invalid ARN: {arn}")));
    }
    let found = world.certificates.iter().find(|each| each.arn == arn).ok_or_else(|| {
        ApiError::new("ResourceNotFoundException", format!("Could not find certificate {arn}."))
    })?;
    Ok(map! { "Certificate": detail(found) })
}

fn detail(each: &Certificate) -> Node {
    let validations = |each: &Certificate| {
        let (name, value) = &each.validation_record;
        Node::list(each.alternative_names.iter().map(|domain| {
            map! {
                "DomainName": domain,
                "ValidationDomain": domain,
                "ValidationStatus": "SUCCESS",
                "ResourceRecord": map! { "Name": name, "Type": "CNAME", "Value": value },
                "ValidationMethod": "DNS",
            }
        }))
    };
    let issued = each.kind == "AMAZON_ISSUED";
    let renewal = each.renewal.map(|(status, at)| {
        map! {
            "RenewalStatus": status,
            "DomainValidationOptions": validations(each),
            "UpdatedAt": at,
        }
    });
    map! {
        "CertificateArn": &each.arn,
        "DomainName": &each.domain_name,
        "SubjectAlternativeNames": Node::list(&each.alternative_names),
        "DomainValidationOptions": issued.then(|| validations(each)),
        "Serial": &each.serial,
        "Subject": format!("CN={}", each.domain_name),
        "Issuer": each.issuer,
        "CreatedAt": issued.then_some(each.created_at),
        "IssuedAt": issued.then_some(each.issued_at),
        "ImportedAt": (!issued).then_some(each.created_at),
        "Status": each.status,
        "NotBefore": each.not_before,
        "NotAfter": each.not_after,
        "KeyAlgorithm": each.key_algorithm.replace('_', "-"),
        "SignatureAlgorithm": each.signature_algorithm,
        "InUseBy": Node::list(&each.in_use_by),
        "Type": each.kind,
        "RenewalSummary": renewal,
        "KeyUsages": Node::list(
            ["DIGITAL_SIGNATURE", "KEY_ENCIPHERMENT"].map(|name| map! { "Name": name }),
        ),
        "ExtendedKeyUsages": Node::list([
            map! { "Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1" },
        ]),
        "RenewalEligibility": each.renewal_eligibility,
        "Options": map! {
            "CertificateTransparencyLoggingPreference": "ENABLED",
            "Export": "DISABLED",
        },
    }
}

fn list(world: &World, input: Input<'_>) -> Answer {
    let statuses = input.texts("CertificateStatuses")?;
    let found: Vec<&Certificate> = world
        .certificates
        .iter()
        .filter(|each| statuses.is_empty() || statuses.contains(&each.status))
        .collect();
    let size = page_size(input.int("MaxItems")?, 100, 1..=1000)
        .map_err(|()| ApiError::new("ValidationException", "MaxItems must be between 1 and 1000."))?;
    let key = |each: &&Certificate| each.arn.clone();
    let (found, next) = page(found, size, input.text("NextToken")?, "ListCertificates", key)
        .map_err(|_| ApiError::new("ValidationException", "The NextToken value is invalid."))?;
    let summaries = found.into_iter().map(|each| {
        map! {
            "CertificateArn": &each.arn,
            "DomainName": &each.domain_name,
            "SubjectAlternativeNameSummaries": Node::list(&each.alternative_names),
            "HasAdditionalSubjectAlternativeNames": false,
            "Status": each.status,
            "Type": each.kind,
            "KeyAlgorithm": each.key_algorithm.replace('_', "-"),
            "InUse": !each.in_use_by.is_empty(),
            "RenewalEligibility": each.renewal_eligibility,
            "NotBefore": each.not_before,
            "NotAfter": each.not_after,
            "CreatedAt": each.created_at,
            "IssuedAt": each.issued_at,
        }
    });
    Ok(map! { "CertificateSummaryList": Node::list(summaries), "NextToken": next })
}
