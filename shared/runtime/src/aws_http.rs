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
use connect::http::plain::{PlainError, PlainHttp, PlainRequest};

/// As long as the SDK waits by itself.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html>
const CONNECT: Duration = Duration::from_millis(3100);
/// One attempt; all of ours take milliseconds. The SDK then tries again.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Carries the SDK's requests. Cloning shares its connections.
#[derive(Debug, Clone)]
pub(crate) struct AwsHttp(PlainHttp);

impl AwsHttp {
    pub(crate) fn new() -> Result<Self, ConnectError> {
        PlainHttp::new(CONNECT, ATTEMPT).map(Self)
    }
}

impl HttpClient for AwsHttp {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for AwsHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let http = self.0.clone();
        HttpConnectorFuture::new(async move { send(&http, &request).await })
    }
}

async fn send(http: &PlainHttp, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let body = request.body().bytes().ok_or_else(|| ConnectorError::user("a streamed body is never sent".into()))?;
    let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let outgoing = PlainRequest {
        method: request.method().to_owned(),
        url: request.uri().to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    let answer = http.send(outgoing).await.map_err(|error| match error {
        PlainError::Timeout(_) => ConnectorError::timeout(error.into()),
        PlainError::Unusable(_) => ConnectorError::user(error.into()),
        PlainError::Network(_) => ConnectorError::io(error.into()),
    })?;
    let status = answer.status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    for (name, value) in answer.headers {
        response.headers_mut().append(name, value);
    }
    Ok(response)
}
