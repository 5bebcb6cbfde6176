//! The one HTTP client: deadline, shared budget, body cap, host check. It never retries, sleeps or follows redirects.

mod hosts;
pub mod plain;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::ConnectionId;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::de::DeserializeOwned;
use url::Url;

use crate::allowance::{Allowance, Told};
use crate::error::{ConnectError, Effect, ErrorKind};
use crate::ports::Budget;

/// What bounds every call.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// From the first byte sent to the last byte read.
    pub deadline: Duration,
    /// Bytes of an answer's body; more is refused.
    pub max_body: usize,
    /// Lets calls reach private and loopback addresses and plain http: for local use only (a stack parameter).
    pub allow_private_hosts: bool,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(20), max_body: 10 * 1024 * 1024, allow_private_hosts: false }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// One call. Header values may be secret, so `Debug` leaves them and the query out.
#[derive(Clone)]
pub struct Request {
    /// The call as the connector names it: `ebay.get_orders`.
    pub operation: &'static str,
    pub method: Method,
    pub url: Url,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<(&'static str, Vec<u8>)>,
    /// What the call takes of the platform's allowances; empty: one unit of [`Allowance::DEFAULT`].
    pub allowances: Vec<(&'static Allowance, u32)>,
}

impl Request {
    pub const fn new(operation: &'static str, method: Method, url: Url) -> Self {
        Self { operation, method, url, headers: Vec::new(), body: None, allowances: Vec::new() }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Counts `units` of one of the platform's allowances; a call may take from several.
    #[must_use]
    pub fn allowance(mut self, allowance: &'static Allowance, units: u32) -> Self {
        self.allowances.push((allowance, units));
        self
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &impl serde::Serialize) -> Result<Self, ConnectError> {
        let bytes = serde_json::to_vec(body).map_err(|error| {
            ConnectError::new(ErrorKind::Unexpected, self.operation, "Tributary could not write this request.")
                .without_effect()
                .with_source(error)
        })?;
        self.body = Some(("application/json", bytes));
        Ok(self)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}

/// An answer of any status; the connector decides what it means.
#[derive(Clone)]
pub struct Response {
    pub operation: &'static str,
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("operation", &self.operation)
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Response {
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The platform's clock when it answered.
    pub fn date(&self) -> Option<Timestamp> {
        rfc2822::parse(self.header("date")?).ok().map(|zoned| zoned.timestamp())
    }

    /// `Retry-After` in seconds or as a date, counted from the platform's own clock.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?;
        if let Ok(seconds) = value.trim().parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let at = rfc2822::parse(value).ok()?.timestamp();
        Duration::try_from(at.duration_since(self.date()?)).ok()
    }

    /// Reads the body as JSON; a body of another shape is `Decode`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ConnectError> {
        json::from_slice(&self.body).map_err(|error| {
            // serde_json names the place and what it expected; for data errors it may quote the value, so only the place is kept.
            let context = format!(
                "status {}, {:?} at line {} column {}",
                self.status,
                error.classify(),
                error.line(),
                error.column()
            );
            ConnectError::new(ErrorKind::Decode, self.operation, "The platform sent an answer that could not be read.")
                .with_context(context)
        })
    }
}

/// The client of one connection. Cheap to clone; connections are pooled per process.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    limits: HttpLimits,
    budget: Arc<dyn Budget>,
    connection: ConnectionId,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("connection", &self.connection)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The one TLS setup: Mozilla's roots as compiled in, since reading the system's is most of a function's start.
fn tls() -> Result<rustls::ClientConfig, ConnectError> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(setup_failed)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tls)
}

/// A network client that could not even be made.
fn setup_failed(error: impl std::error::Error + Send + Sync + 'static) -> ConnectError {
    ConnectError::new(ErrorKind::Unexpected, "http.setup", "Tributary could not start its network client.")
        .without_effect()
        .with_source(error)
}

/// The pool that all connections of a process share.
#[derive(Debug, Clone)]
pub struct HttpPool {
    client: reqwest::Client,
    limits: HttpLimits,
}

impl HttpPool {
    pub fn new(limits: HttpLimits) -> Result<Self, ConnectError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .redirect(reqwest::redirect::Policy::none())
            .https_only(!limits.allow_private_hosts)
            .timeout(limits.deadline)
            .dns_resolver(Arc::new(hosts::PublicOnly { allow_private: limits.allow_private_hosts }))
            .user_agent(concat!("Tributary/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(setup_failed)?;
        Ok(Self { client, limits })
    }

    pub fn http(&self, connection: ConnectionId, budget: Arc<dyn Budget>) -> Http {
        Http { client: self.client.clone(), limits: self.limits, budget, connection }
    }
}

impl Http {
    pub const fn limits(&self) -> HttpLimits {
        self.limits
    }

    pub const fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    /// Sends one call and reads the whole answer. Any status is `Ok`.
    ///
    /// Boxed, for a future's code is linked once for each crate that awaits it.
    pub fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, ConnectError>> {
        self.sent(request).boxed()
    }

    async fn sent(&self, request: Request) -> Result<Response, ConnectError> {
        let operation = request.operation;
        hosts::check(&request.url, self.limits.allow_private_hosts).map_err(|problem| {
            ConnectError::new(ErrorKind::ConfigInvalid, operation, problem.to_string()).without_effect()
        })?;
        self.take(&request).await.map_err(|wait| ConnectError::held_back(operation, wait))?;
        // A read changes nothing, whatever becomes of its answer.
        let effect = if request.method == Method::Get { Effect::None } else { Effect::Possible };
        let outgoing = self.outgoing(request);
        let answer = outgoing.send().await.map_err(|error| failed(operation, effect, error))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers = headers
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let body = self.read_body(operation, effect, answer).await?;
        let response = Response { operation, status, headers, body };
        if status == 429
            && let Some(wait) = response.retry_after()
        {
            self.budget.pause(&self.connection, wait).await;
        }
        Ok(response)
    }

    /// Passes on what the platform said of an allowance, so that every function keeps to it.
    pub async fn told(&self, allowance: &'static Allowance, told: Told) {
        self.budget.told(&self.connection, allowance, told).await;
    }

    /// What was taken of one allowance before another refused stays taken: that only makes us slower.
    async fn take(&self, request: &Request) -> Result<(), Duration> {
        let taken: &[_] = match &request.allowances[..] {
            [] => &[(Allowance::DEFAULT, 1)],
            allowances => allowances,
        };
        for (allowance, units) in taken {
            self.budget.take(&self.connection, allowance, *units).await?;
        }
        Ok(())
    }

    fn outgoing(&self, request: Request) -> reqwest::RequestBuilder {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut outgoing = self.client.request(method, request.url);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        match request.body {
            Some((content_type, bytes)) => outgoing.header("content-type", content_type).body(bytes),
            None => outgoing,
        }
    }

    async fn read_body(
        &self,
        operation: &'static str,
        effect: Effect,
        mut answer: reqwest::Response,
    ) -> Result<Vec<u8>, ConnectError> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(operation, effect, error))? {
            if body.len() + chunk.len() > self.limits.max_body {
                let mut error =
                    ConnectError::new(ErrorKind::Decode, operation, "The platform's answer is too large to be read.")
                        .with_context(format!("more than {} bytes", self.limits.max_body));
                error.effect = effect;
                return Err(error);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn failed(operation: &'static str, effect: Effect, error: reqwest::Error) -> ConnectError {
    let never_sent = error.is_connect() || error.is_builder() || error.is_request() && hosts::was_refused(&error);
    let kind = if hosts::was_refused(&error) {
        ErrorKind::ConfigInvalid
    } else if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Network
    };
    let message = match kind {
        ErrorKind::ConfigInvalid => "This address leads to a private network, which is not allowed.",
        ErrorKind::Timeout => "The platform did not answer in time.",
        _ => "The platform could not be reached.",
    };
    let mut failure = ConnectError::new(kind, operation, message);
    failure.effect = if never_sent { Effect::None } else { effect };
    // The URL may carry keys in its query.
    failure.with_source(error.without_url())
}
