//! The AWS clients' HTTP: the same stack and trust roots as the platforms' (DESIGN, Cost and speed).

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use connect::ConnectError;

/// As long as the SDK waits by itself.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html>
const CONNECT: Duration = Duration::from_millis(3100);
/// One attempt, answer included; all of ours take milliseconds. The SDK then tries again.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Carries the SDK's requests over reqwest. Cloning shares its connections.
#[derive(Debug, Clone)]
pub(crate) struct AwsHttp(reqwest::Client);

impl AwsHttp {
    pub(crate) fn new() -> Result<Self, ConnectError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(connect::tls()?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(ATTEMPT)
            .build();
        client.map(Self).map_err(connect::setup_failed)
    }
}

impl HttpClient for AwsHttp {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for AwsHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move { send(&client, request).await })
    }
}

async fn send(client: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let (parts, body) = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?.into_parts();
    let body = body.bytes().ok_or_else(|| ConnectorError::user("a streamed body is never sent".into()))?.to_vec();
    let outgoing = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
    let answer = outgoing.send().await.map_err(failed)?;
    let status = answer.status().as_u16().try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let headers = answer.headers().clone();
    let mut response = HttpResponse::new(status, SdkBody::from(answer.bytes().await.map_err(failed)?));
    for (name, value) in &headers {
        let value = value.to_str().map_err(|error| ConnectorError::other(error.into(), None))?;
        response.headers_mut().append(name.as_str().to_owned(), value.to_owned());
    }
    Ok(response)
}

fn failed(error: reqwest::Error) -> ConnectorError {
    let (timeout, unusable) = (error.is_timeout(), error.is_builder());
    let error = Box::new(error.without_url());
    match (timeout, unusable) {
        (true, _) => ConnectorError::timeout(error),
        (_, true) => ConnectorError::user(error),
        _ => ConnectorError::io(error),
    }
}
