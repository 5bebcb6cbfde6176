//! AWS clients on one HTTP stack, with credentials from the function's environment.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use connect::ConnectError;

use crate::Config;
use crate::aws_http::AwsHttp;

/// Makes clients that share their connections. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Aws {
    http: SharedHttpClient,
    credentials: SharedCredentialsProvider,
    region: String,
    endpoint: Option<String>,
}

macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub(crate) fn $name(&self) -> $sdk::Client {
            let mut config = $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new(self.region.clone()))
                .credentials_provider(self.credentials.clone())
                .http_client(self.http.clone());
            config.set_endpoint_url(self.endpoint.clone());
            $sdk::Client::from_conf(config.build())
        }
    };
}

impl Aws {
    pub(crate) fn new(config: &Config) -> Result<Self, ConnectError> {
        Ok(Self {
            http: SharedHttpClient::new(AwsHttp::new()?),
            credentials: credentials(),
            region: config.region.clone(),
            endpoint: config.endpoint.clone(),
        })
    }

    client!(dynamodb, aws_sdk_dynamodb);
    client!(sqs, aws_sdk_sqs);
    client!(eventbridge, aws_sdk_eventbridge);
    client!(secretsmanager, aws_sdk_secretsmanager);
    client!(ses, aws_sdk_sesv2);
}

/// Lambda puts the role's credentials into the environment and starts a new process before they end.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
fn credentials() -> SharedCredentialsProvider {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    SharedCredentialsProvider::new(Credentials::new(
        variable("AWS_ACCESS_KEY_ID"),
        variable("AWS_SECRET_ACCESS_KEY"),
        std::env::var("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty()),
        None,
        "environment",
    ))
}
