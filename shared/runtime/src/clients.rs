//! AWS clients on one HTTP stack, with credentials from the function's environment and the trust roots of AWS alone.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::Config;

/// The roots that sign every AWS endpoint, by a part of their names.
/// <https://www.amazontrust.com/repository/>
const AWS_ROOTS: [&str; 2] = ["Amazon Root CA", "Starfield Services Root Certificate Authority - G2"];

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
    pub(crate) fn new(config: &Config) -> Self {
        let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
        // Loading every root of the system is most of an SDK function's start; these few are all it needs.
        let http = match TlsContext::builder().with_trust_store(aws_roots()).build() {
            Ok(context) => http.tls_context(context).build_https(),
            Err(error) => {
                tracing::warn!(error = %error, "The pinned trust roots cannot be used; the system's are loaded");
                http.build_https()
            }
        };
        Self { http, credentials: credentials(), region: config.region.clone(), endpoint: config.endpoint.clone() }
    }

    client!(dynamodb, aws_sdk_dynamodb);
    client!(sqs, aws_sdk_sqs);
    client!(eventbridge, aws_sdk_eventbridge);
    client!(secretsmanager, aws_sdk_secretsmanager);
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

fn aws_roots() -> TrustStore {
    let is_aws = |der: &[u8]| AWS_ROOTS.iter().any(|name| der.windows(name.len()).any(|part| part == name.as_bytes()));
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter(|root| is_aws(root));
    roots.fold(TrustStore::empty(), |store, root| {
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(root));
        store.with_pem_certificate(pem.as_bytes())
    })
}
