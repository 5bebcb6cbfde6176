//! The HTTP client for calls that are not a platform's: no budget, no host check, whole bodies.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};

use super::{setup_failed, tls};
use crate::error::ConnectError;

/// Cloning shares its connections.
#[derive(Debug, Clone)]
pub struct PlainHttp(Client);

/// A request whose body is whole.
pub struct PlainRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// An answer of any status.
pub struct PlainAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl fmt::Debug for PlainRequest {
    /// Leaves out what may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainRequest")
            .field("method", &self.method)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PlainAnswer {
    /// Leaves out what may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainAnswer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why there is no answer. The source names no address.
#[derive(Debug, thiserror::Error)]
pub enum PlainError {
    #[error("no answer in time")]
    Timeout(#[source] Source),
    #[error("the request cannot be sent as it is")]
    Unusable(#[source] Source),
    #[error("no connection")]
    Network(#[source] Source),
}

type Source = Box<dyn Error + Send + Sync>;

impl PlainHttp {
    /// `attempt` bounds one call, its answer included.
    pub fn new(connect: Duration, attempt: Duration) -> Result<Self, ConnectError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(connect)
            .timeout(attempt)
            .build();
        client.map(Self).map_err(setup_failed)
    }

    pub async fn send(&self, request: PlainRequest) -> Result<PlainAnswer, PlainError> {
        let unusable = |error: Source| PlainError::Unusable(error);
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| unusable(error.into()))?;
        let mut headers = HeaderMap::with_capacity(request.headers.len());
        for (name, value) in request.headers {
            let name = HeaderName::try_from(name).map_err(|error| unusable(error.into()))?;
            headers.append(name, HeaderValue::try_from(value).map_err(|error| unusable(error.into()))?);
        }
        let outgoing = self.0.request(method, request.url).headers(headers).body(request.body);
        let answer = outgoing.send().await.map_err(failed)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers =
            headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))).collect();
        Ok(PlainAnswer { status, headers, body: answer.bytes().await.map_err(failed)?.into() })
    }
}

fn failed(error: reqwest::Error) -> PlainError {
    let error = error.without_url();
    if error.is_timeout() {
        PlainError::Timeout(error.into())
    } else if error.is_builder() {
        PlainError::Unusable(error.into())
    } else {
        PlainError::Network(error.into())
    }
}
