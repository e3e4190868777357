//! Makes the configuration that all clients share from a profile, a Region and an endpoint.

use super::error::{find, root_cause};
use super::http_client::MeteredClient;
use aws_config::identity::IdentityCache;
use aws_config::imds::{self, client::error::ImdsError};
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_types::os_shim_internal::{Env, Fs};
use std::time::{Duration, Instant};

/// Time to set a connection up, also for the credential providers.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Time of one attempt of a read.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time of a read with its retries.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(12);
/// Time of a change. It is never retried, so it may take longer.
pub(super) const ACTION_TIMEOUT: Duration = Duration::from_secs(30);
/// Attempts of a read, the first included.
pub(super) const READ_ATTEMPTS: u32 = 3;

/// Where to connect. Each `None` leaves the choice to the AWS environment and profile files.
#[derive(Debug, Clone)]
pub struct Connect {
    /// A profile of `~/.aws/config`. When given it decides the credentials, also over `AWS_ACCESS_KEY_ID`, as
    /// in the AWS CLI.
    pub profile: Option<String>,
    /// The Region, e.g. `ap-northeast-1`.
    pub region: Option<String>,
    /// An endpoint for every service, over `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`.
    pub endpoint_url: Option<String>,
    /// From when the monotonic times in [`partybox_core::domain::Meter`] count.
    pub epoch: Instant,
}

/// Why no connection could be set up. Each is a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No Region anywhere.
    #[error(
        "No AWS Region is set. Give --region (e.g. --region ap-northeast-1), set AWS_REGION, or put a region into the profile."
    )]
    NoRegion,
    /// The profile is not in the files.
    #[error("There is no AWS profile `{name}`. {}", known_profiles(.known))]
    NoProfile {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A profile file cannot be read.
    #[error("The AWS configuration cannot be read: {0}. Correct ~/.aws/config or ~/.aws/credentials.")]
    BadProfileFile(String),
    /// The endpoint is not a URL.
    #[error("`{url}` is not an endpoint URL: {reason}. It should look like http://127.0.0.1:5000.")]
    BadEndpoint {
        /// The text that was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No credentials anywhere.
    #[error(
        "No AWS credentials were found. Log in (`aws sso login`), give --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    )]
    NoCredentials,
    /// There are credentials, but they cannot be used now.
    #[error("The AWS credentials cannot be used: {reason}. Log in again: `aws sso login{}`.", profile_flag(.profile.as_ref()))]
    BadCredentials {
        /// The profile, when one was named.
        profile: Option<String>,
        /// What the provider said.
        reason: String,
    },
}

fn known_profiles(known: &[String]) -> String {
    if known.is_empty() {
        "No profile is defined: run `aws configure sso`.".to_owned()
    } else {
        format!("There are: {}.", known.join(", "))
    }
}

fn profile_flag(profile: Option<&String>) -> String {
    profile.map_or_else(String::new, |name| format!(" --profile {name}"))
}

/// The configuration from the AWS environment. It asks for credentials once, so that a missing login is
/// reported before anything is drawn. A login service that does not answer is not an error here, since it may
/// come back.
pub(super) async fn load(
    connect: &Connect,
    profile: Option<&str>,
    http: &MeteredClient,
) -> Result<SdkConfig, ConnectError> {
    let base = ProviderConfig::without_region().with_http_client(http.clone());
    // One attempt of one second: on a machine outside AWS nothing answers at the metadata address.
    let imds = imds::Client::builder()
        .configure(&base)
        .max_attempts(1)
        .connect_timeout(Duration::from_secs(1))
        .read_timeout(Duration::from_secs(1))
        .build();
    let region = region(connect, profile, &base, &imds).await.ok_or(ConnectError::NoRegion)?;
    let credentials = credentials(connect, &base, region.clone(), imds).await;
    check_credentials(&credentials, profile.map(str::to_owned)).await?;

    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(region)
        .credentials_provider(credentials)
        .identity_cache(IdentityCache::lazy().build())
        .retry_config(RetryConfig::standard().with_max_attempts(READ_ATTEMPTS))
        .timeout_config(read_timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(profile) = &connect.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = &connect.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let config = loader.load().await;
    if let Some(url) = config.endpoint_url() {
        check_endpoint(url)?;
    }
    Ok(config)
}

/// The configuration for an endpoint that checks no signature: fixed example keys, nothing from the
/// environment.
pub(super) fn local(
    endpoint_url: &str,
    region: &str,
    http: &MeteredClient,
) -> Result<SdkConfig, ConnectError> {
    check_endpoint(endpoint_url)?;
    let keys = Credentials::new("AKIDEXAMPLE", "example", None, None, "partybox-top");
    Ok(SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http.clone())
        .sleep_impl(TokioSleep::new())
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint_url)
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .identity_cache(IdentityCache::lazy().build())
        .retry_config(RetryConfig::standard().with_max_attempts(READ_ATTEMPTS))
        .timeout_config(read_timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build())
}

fn read_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(READ_TIMEOUT)
        .build()
}

/// The timeouts of a change: no limit on the attempt, as there is only one.
pub(super) fn action_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .disable_operation_attempt_timeout()
        .operation_timeout(ACTION_TIMEOUT)
        .build()
}

fn check_endpoint(url: &str) -> Result<(), ConnectError> {
    let bad = |reason: &str| ConnectError::BadEndpoint { url: url.to_owned(), reason: reason.to_owned() };
    let uri: http::Uri = url.parse().map_err(|error: http::uri::InvalidUri| bad(&error.to_string()))?;
    match uri.scheme_str() {
        Some("http" | "https") => {}
        Some(_) => return Err(bad("only http:// and https:// are possible")),
        None => return Err(bad("it does not begin with http:// or https://")),
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(bad("it names no host"));
    }
    Ok(())
}

/// Checks the endpoint that the caller or `AWS_ENDPOINT_URL` names: the SDK would skip a URL in the
/// environment that it cannot parse, and call the real AWS.
pub(super) fn check_named_endpoint(connect: &Connect) -> Result<(), ConnectError> {
    let from_environment = || Env::real().get("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty());
    connect.endpoint_url.clone().or_else(from_environment).map_or(Ok(()), |url| check_endpoint(&url))
}

/// The profile that the caller or `AWS_PROFILE` names, which must then exist. This is the one place that
/// reads it.
#[expect(clippy::default_trait_access, reason = "the type's own crate is not a dependency")]
pub(super) async fn named_profile(connect: &Connect) -> Result<Option<String>, ConnectError> {
    let environment = Env::real();
    let from_environment = || environment.get("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let Some(name) = connect.profile.clone().or_else(from_environment) else { return Ok(None) };
    let profiles =
        aws_config::profile::load(&Fs::real(), &environment, &Default::default(), Some(name.clone().into()))
            .await
            .map_err(|error| ConnectError::BadProfileFile(root_cause(&error)))?;
    if profiles.get_profile(&name).is_none() {
        let mut known: Vec<String> = profiles.profiles().map(str::to_owned).collect();
        known.sort_unstable();
        return Err(ConnectError::NoProfile { name, known });
    }
    Ok(Some(name))
}

async fn region(
    connect: &Connect,
    profile: Option<&str>,
    base: &ProviderConfig,
    imds: &imds::Client,
) -> Option<Region> {
    let mut files = ProfileFileRegionProvider::builder().configure(base);
    if let Some(profile) = profile {
        files = files.profile_name(profile);
    }
    RegionProviderChain::first_try(connect.region.clone().map(Region::new))
        .or_else(aws_config::environment::EnvironmentVariableRegionProvider::new())
        .or_else(files.build())
        .or_else(
            imds::region::ImdsRegionProvider::builder().configure(base).imds_client(imds.clone()).build(),
        )
        .region()
        .await
        .filter(|region| !region.as_ref().is_empty())
}

async fn credentials(
    connect: &Connect,
    base: &ProviderConfig,
    region: Region,
    imds: imds::Client,
) -> SharedCredentialsProvider {
    let base = base.clone().with_region(Some(region.clone()));
    if let Some(profile) = &connect.profile {
        let provider = ProfileFileCredentialsProvider::builder().configure(&base).profile_name(profile);
        return SharedCredentialsProvider::new(provider.build());
    }
    let chain = aws_config::default_provider::credentials::DefaultCredentialsChain::builder()
        .configure(base)
        .region(region)
        .imds_client(imds);
    SharedCredentialsProvider::new(chain.build().await)
}

async fn check_credentials(
    provider: &SharedCredentialsProvider,
    profile: Option<String>,
) -> Result<(), ConnectError> {
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(error) => why_no_credentials(&error, profile).map_or(Ok(()), Err),
    }
}

/// The error for credentials that could not be had; `None` when trying again may help.
fn why_no_credentials(error: &CredentialsError, profile: Option<String>) -> Option<ConnectError> {
    match error {
        CredentialsError::CredentialsNotLoaded(_) if profile.is_none() => Some(ConnectError::NoCredentials),
        // The metadata address comes last in the chain: its refusal means that nothing else was configured.
        _ if profile.is_none() && find::<ImdsError>(error).is_some() => Some(ConnectError::NoCredentials),
        // The provider's own text, "the credential provider was not enabled", does not say what to do.
        CredentialsError::CredentialsNotLoaded(_) => {
            Some(ConnectError::BadCredentials { profile, reason: "the profile names none".to_owned() })
        }
        CredentialsError::ProviderTimedOut(_) => None,
        _ if find::<ConnectorError>(error).is_some_and(|e| e.is_io() || e.is_timeout()) => None,
        _ => Some(ConnectError::BadCredentials { profile, reason: root_cause(error) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_must_be_a_url_with_a_host() {
        assert!(check_endpoint("http://127.0.0.1:5000").is_ok());
        assert!(check_endpoint("https://vpce-1.ecs.ap-northeast-1.vpce.amazonaws.com/").is_ok());
        for bad in ["127.0.0.1:5000", "localhost", "ftp://host", "http://", "http://ho st", ""] {
            assert!(matches!(check_endpoint(bad), Err(ConnectError::BadEndpoint { .. })), "{bad}");
        }
    }

    #[test]
    fn each_reason_says_what_to_do() {
        let login = |profile| {
            let error = CredentialsError::provider_error("the SSO session has expired");
            why_no_credentials(&error, profile).map(|e| e.to_string())
        };
        assert_eq!(
            login(Some("game".to_owned())).as_deref(),
            Some(
                "The AWS credentials cannot be used: the SSO session has expired. Log in again: `aws sso login --profile game`."
            )
        );
        assert_eq!(
            why_no_credentials(&CredentialsError::not_loaded_no_source(), None),
            Some(ConnectError::NoCredentials)
        );
        let missing =
            ConnectError::NoProfile { name: "prd".into(), known: vec!["dev".into(), "prod".into()] };
        assert_eq!(missing.to_string(), "There is no AWS profile `prd`. There are: dev, prod.");
    }

    #[test]
    fn a_login_service_out_of_reach_is_tried_again_later() {
        let refused = ConnectorError::io("connection refused".into());
        assert_eq!(why_no_credentials(&CredentialsError::provider_error(refused), None), None);
        assert_eq!(
            why_no_credentials(&CredentialsError::provider_timed_out(Duration::from_secs(5)), None),
            None
        );
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "any moment will do")]
    async fn a_profile_that_does_not_exist_is_an_error() {
        let connect = Connect {
            profile: Some("partybox-top-no-such-profile".into()),
            region: Some("ap-northeast-1".into()),
            endpoint_url: None,
            epoch: Instant::now(),
        };
        let error = named_profile(&connect).await.expect_err("there is no such profile");
        assert!(matches!(error, ConnectError::NoProfile { .. }), "{error}");
    }
}
