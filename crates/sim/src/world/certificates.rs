//! ACM certificates.
use super::Time;

/// A certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Its ARN.
    pub arn: String,
    /// Its main name.
    pub domain_name: String,
    /// Every name.
    pub alternative_names: Vec<String>,
    /// `AMAZON_ISSUED` or `IMPORTED`.
    pub kind: &'static str,
    /// `ISSUED`.
    pub status: &'static str,
    /// `ELIGIBLE` or `INELIGIBLE` for renewal.
    pub renewal_eligibility: &'static str,
    /// Serial number as pairs of hexadecimal digits.
    pub serial: String,
    /// e.g. `RSA-2048`.
    pub key_algorithm: &'static str,
    /// e.g. `SHA256WITHRSA`.
    pub signature_algorithm: &'static str,
    /// Who issued it.
    pub issuer: &'static str,
    /// The ARNs of what uses it.
    pub in_use_by: Vec<String>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it was issued.
    pub issued_at: Time,
    /// Valid from here.
    pub not_before: Time,
    /// Valid to here.
    pub not_after: Time,
    /// The last managed renewal: status and time.
    pub renewal: Option<(&'static str, Time)>,
    /// The DNS record that proves the domain: name, value (a CNAME).
    pub validation_record: (String, String),
}
