//! Where a service without an SDK crate is: the caller's endpoint, `AWS_ENDPOINT_URL_<SERVICE>`,
//! `AWS_ENDPOINT_URL`, or AWS's own host for the Region, with FIPS and dual-stack as configured.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// What a service is called in each place.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServiceNames {
    /// In `AWS_ENDPOINT_URL_<SERVICE>` and in profiles, e.g. `Elastic Load Balancing v2`.
    pub(super) id: &'static str,
    /// In signatures, e.g. `elasticloadbalancing`.
    pub(super) signing: &'static str,
    /// In public host names, e.g. `api.ecr`.
    pub(super) host: &'static str,
}

/// The endpoint's URL. `explicit`: it was given by the caller, and stands over `AWS_ENDPOINT_URL_<SERVICE>`.
pub(super) fn service_endpoint(
    names: ServiceNames,
    config: &SdkConfig,
    region: &str,
    explicit: bool,
) -> String {
    let own = if explicit { None } else { configured_endpoint(names, config) };
    own.or_else(|| config.endpoint_url().map(str::to_owned)).unwrap_or_else(|| {
        let (fips, dual_stack) = (config.use_fips() == Some(true), config.use_dual_stack() == Some(true));
        public_endpoint(names, region, fips, dual_stack)
    })
}

/// `AWS_ENDPOINT_URL_<SERVICE>`, or a profile's `services` section.
fn configured_endpoint(names: ServiceNames, config: &SdkConfig) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id(names.id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    config.service_config()?.load_config(key.build().ok()?)
}

/// Region prefixes of AWS's partitions other than the commercial one, with their domains: plain, dual-stack.
const PARTITIONS: [(&str, &str, &str); 6] = [
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];
/// Services whose ordinary `GovCloud` hosts are FIPS endpoints.
const FIPS_IN_GOVCLOUD: [&str; 6] =
    ["acm", "application-autoscaling", "ec2", "elasticloadbalancing", "logs", "rds"];

fn public_endpoint(names: ServiceNames, region: &str, fips: bool, dual_stack: bool) -> String {
    let partition = PARTITIONS.iter().find(|(prefix, ..)| region.starts_with(prefix));
    let (plain, dual) = partition.map_or(("amazonaws.com", "api.aws"), |(_, plain, dual)| (plain, dual));
    // Services that had dual-stack hosts before there was a domain for them.
    let (host, domain) = match (dual_stack, names.host) {
        (false, host) => (host, plain),
        (true, "secretsmanager") if partition.is_none_or(|(prefix, ..)| *prefix == "cn-") => {
            (names.host, plain)
        }
        (true, "api.ecr") => ("ecr", dual),
        (true, host) => (host, dual),
    };
    let gov = region.starts_with("us-gov-");
    let named_so =
        gov && (names.host == "monitoring" || !dual_stack && FIPS_IN_GOVCLOUD.contains(&names.host));
    let fips = if fips && !named_so { "-fips" } else { "" };
    format!("https://{host}{fips}.{region}.{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(host: &'static str, region: &str, fips: bool, dual_stack: bool) -> String {
        public_endpoint(ServiceNames { id: "", signing: "", host }, region, fips, dual_stack)
    }

    #[test]
    fn public_hosts_are_those_of_awss_endpoint_rules() {
        let table = [
            (host("rds", "ap-northeast-1", false, false), "https://rds.ap-northeast-1.amazonaws.com"),
            (host("rds", "us-east-1", true, false), "https://rds-fips.us-east-1.amazonaws.com"),
            (host("rds", "us-east-1", true, true), "https://rds-fips.us-east-1.api.aws"),
            (host("rds", "us-gov-west-1", true, false), "https://rds.us-gov-west-1.amazonaws.com"),
            (
                host("monitoring", "us-gov-west-1", true, false),
                "https://monitoring.us-gov-west-1.amazonaws.com",
            ),
            (
                host("monitoring", "cn-north-1", false, true),
                "https://monitoring.cn-north-1.api.amazonwebservices.com.cn",
            ),
            (host("acm", "eusc-de-east-1", false, false), "https://acm.eusc-de-east-1.amazonaws.eu"),
            (host("acm", "us-isob-east-1", false, false), "https://acm.us-isob-east-1.sc2s.sgov.gov"),
            (host("api.ecr", "eu-west-1", false, false), "https://api.ecr.eu-west-1.amazonaws.com"),
            (host("api.ecr", "eu-west-1", false, true), "https://ecr.eu-west-1.api.aws"),
            (
                host("secretsmanager", "eu-west-1", true, true),
                "https://secretsmanager-fips.eu-west-1.amazonaws.com",
            ),
        ];
        for (found, expected) in table {
            assert_eq!(found, expected);
        }
    }
}
