//! Image references: where an image comes from, in every form in which a task definition may name it.

use serde::{Deserialize, Serialize};

/// An image reference taken apart: `host/repository:tag@digest`, in which the host, the tag and the digest may
/// be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageReference {
    /// The registry's host, in lower case, with its port if it names one. `docker.io` where it names none.
    pub host: String,
    /// Repository, e.g. `party-box/backend`; `library/nginx` for Docker Hub's short name `nginx`.
    pub repository: String,
    /// The tag, when it names one.
    pub tag: Option<String>,
    /// `sha256:...`, when it is pinned.
    pub digest: Option<String>,
    /// Whose ECR the host is, and where; `None` when it is another registry.
    pub ecr: Option<EcrRegistry>,
}

/// A private registry of ECR.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EcrRegistry {
    /// Account id (12 digits).
    pub account: String,
    /// Region.
    pub region: String,
}

/// What follows the Region in the host of a registry: one for each partition.
/// <https://docs.aws.amazon.com/general/latest/gr/ecr.html>,
/// <https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json>
const SUFFIXES: [&str; 7] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];

/// The same where the host answers on IPv4 and IPv6: it begins with `on.`.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html>
const DUAL_STACK: &str = "on.";

impl ImageReference {
    /// Takes a reference apart, by Docker's rule of what is a host: the first part when it has a dot or a port,
    /// or is `localhost`. <https://github.com/distribution/reference/blob/main/normalize.go>
    pub fn parse(image: &str) -> Self {
        let image = image.trim();
        let (name, digest) = match image.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (image, None),
        };
        let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if is_host(host) => (host.to_ascii_lowercase(), path),
            _ => ("docker.io".to_owned(), name),
        };
        let host = match host.as_str() {
            "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
            _ => host,
        };
        let (path, tag) = match path.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag.to_owned())),
            _ => (path, None),
        };
        let short = host == "docker.io" && !path.contains('/') && !path.is_empty();
        let repository = if short { format!("library/{path}") } else { path.to_owned() };
        let ecr = EcrRegistry::parse(&host);
        Self { host, repository, tag, digest, ecr }
    }

    /// The reference of another image of the same repository, pinned by its digest.
    pub fn pinned(&self, digest: &str) -> String {
        format!("{}/{}@{digest}", self.host, self.repository)
    }
}

impl EcrRegistry {
    /// Takes a host apart; `None` when it is not a private registry of ECR.
    fn parse(host: &str) -> Option<Self> {
        let host = host.split(':').next()?;
        let (account, rest) = host.split_once('.')?;
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let kinds = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."];
        let kind = kinds.into_iter().find(|kind| rest.starts_with(kind)).filter(|_| is_account)?;
        let (region, suffix) = rest[kind.len()..].split_once('.')?;
        let known = match kind {
            "dkr.ecr." | "dkr.ecr-fips." => SUFFIXES.contains(&suffix),
            _ => suffix.starts_with(DUAL_STACK),
        };
        (known && region.contains('-'))
            .then(|| Self { account: account.to_owned(), region: region.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_reference_is_taken_apart() {
        let table = [
            ("nginx", "docker.io", "library/nginx", None, None),
            ("nginx:1.27", "docker.io", "library/nginx", Some("1.27"), None),
            ("library/nginx:1", "docker.io", "library/nginx", Some("1"), None),
            ("docker.io/nginx:1", "docker.io", "library/nginx", Some("1"), None),
            ("registry-1.docker.io/grafana/grafana", "docker.io", "grafana/grafana", None, None),
            ("grafana/grafana:11@sha256:ab", "docker.io", "grafana/grafana", Some("11"), Some("sha256:ab")),
            ("public.ecr.aws/nginx/nginx:1", "public.ecr.aws", "nginx/nginx", Some("1"), None),
            ("ghcr.io/open/collector@sha256:cd", "ghcr.io", "open/collector", None, Some("sha256:cd")),
            ("registry.local:5000/team/app:v2", "registry.local:5000", "team/app", Some("v2"), None),
            ("registry.local:5000/app", "registry.local:5000", "app", None, None),
            ("localhost/app:x", "localhost", "app", Some("x"), None),
            ("localhost:5000/app", "localhost:5000", "app", None, None),
            ("Quay.IO/a/b/c:1", "quay.io", "a/b/c", Some("1"), None),
        ];
        for (image, host, repository, tag, digest) in table {
            let found = ImageReference::parse(image);
            assert_eq!(
                (
                    found.host.as_str(),
                    found.repository.as_str(),
                    found.tag.as_deref(),
                    found.digest.as_deref()
                ),
                (host, repository, tag, digest),
                "{image}"
            );
            assert_eq!(found.ecr, None, "{image}");
        }
    }

    #[test]
    fn every_form_of_an_ecr_host_is_known() {
        let table = [
            ("dkr.ecr.ap-northeast-1.amazonaws.com", "ap-northeast-1"),
            ("dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("dkr.ecr.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("dkr.ecr-fips.us-east-2.amazonaws.com", "us-east-2"),
            ("dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
            ("dkr-ecr-fips.us-east-2.on.aws", "us-east-2"),
            ("dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn", "cn-northwest-1"),
            ("dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
            ("dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
            ("dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"),
            ("dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
            ("dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ];
        for (host, region) in table {
            let image = format!("123456789012.{host}/party-box/backend:v1@sha256:ab");
            let found = ImageReference::parse(&image);
            let registry = EcrRegistry { account: "123456789012".into(), region: region.into() };
            assert_eq!(found.ecr, Some(registry), "{host}");
            assert_eq!((found.repository.as_str(), found.tag.as_deref()), ("party-box/backend", Some("v1")));
            assert_eq!(found.pinned("sha256:cd"), format!("123456789012.{host}/party-box/backend@sha256:cd"));
        }
        for other in [
            "12345.dkr.ecr.eu-west-1.amazonaws.com/a",
            "123456789012.dkr.ecr.eu-west-1.example.com/a",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example/a",
            "dkr.ecr.eu-west-1.amazonaws.com/a",
            "public.ecr.aws/123456789012/a",
        ] {
            assert_eq!(ImageReference::parse(other).ecr, None, "{other}");
        }
    }
}
