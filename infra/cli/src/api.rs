//! The API over HTTP: bearer token renewed when it ends, a bounded number of tries, an idempotency key for what acts.

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use ulid::Ulid;
use url::Url;

use crate::error::{Failure, Problem};
use crate::session::{Folder, Session, is_here};

/// API Gateway gives up after 29 seconds.
const DEADLINE: Duration = Duration::from_secs(40);
/// After the first try.
const MORE_TRIES: usize = 4;
/// Whoever is asked to wait for longer is told instead.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// All but what RFC 3986 calls unreserved.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An API that somebody is signed in to.
#[derive(Debug)]
pub struct Api {
    client: Client,
    url: Url,
    session: Session,
    /// Where a renewed session is kept; `None`: it came from the environment.
    folder: Option<Folder>,
}

/// Query parameters; a name may stand there several times.
pub type Query = Vec<(&'static str, String)>;

struct Asked {
    method: Method,
    url: Url,
    body: Option<String>,
    /// The same for every try, so that an answer that was lost does not make it happen twice.
    key: Option<HeaderValue>,
}

impl Asked {
    fn told(&self) -> String {
        format!("{} {}", self.method, self.url.path())
    }
}

impl Api {
    pub fn new(url: Url, session: Session, folder: Option<Folder>) -> Result<Self, Failure> {
        Ok(Self { client: client(&url)?, url, session, folder })
    }

    pub async fn get(&mut self, path: &str, query: &Query) -> Result<Value, Failure> {
        let asked = self.asked(Method::GET, path, query, None)?;
        let response = self.send(&asked).await?;
        json(&asked, response).await
    }

    /// The answer as it came, for CSV.
    pub async fn text(&mut self, path: &str, query: &Query) -> Result<String, Failure> {
        let asked = self.asked(Method::GET, path, query, None)?;
        let response = self.send(&asked).await?;
        response.text().await.map_err(|source| unanswered(&asked, source))
    }

    pub async fn post(&mut self, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let asked = self.asked(Method::POST, path, &Query::new(), body)?;
        let response = self.send(&asked).await?;
        json(&asked, response).await
    }

    fn asked(&self, method: Method, path: &str, query: &Query, body: Option<&Value>) -> Result<Asked, Failure> {
        let mut url = Url::parse(&format!("{}{path}", self.url.as_str().trim_end_matches('/')))
            .map_err(|error| Failure::Here(format!("{path}: {error}")))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let key = (method == Method::POST).then(|| HeaderValue::try_from(Ulid::generate().to_string()));
        let key = key.transpose().map_err(|error| Failure::Here(error.to_string()))?;
        Ok(Asked { method, url, body: body.map(Value::to_string), key })
    }

    async fn send(&mut self, asked: &Asked) -> Result<Response, Failure> {
        if self.session.is_over(Timestamp::now()) {
            self.renew().await?;
        }
        match self.tried(asked).await {
            // The clocks differ, or the access was withdrawn.
            Err(failure) if failure.is_unauthorized() && self.session.renewal.is_some() => {
                self.renew().await?;
                self.tried(asked).await
            }
            answered => answered,
        }
    }

    async fn tried(&self, asked: &Asked) -> Result<Response, Failure> {
        let waits = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500))
            .with_max_times(MORE_TRIES)
            .with_jitter();
        (|| self.once(asked, &self.session.id_token))
            .retry(waits)
            .when(Failure::is_temporary)
            .adjust(|failure, wait| match failure.retry_after() {
                Some(told) => wait.and((told <= LONGEST_WAIT).then_some(told)),
                None => wait,
            })
            .await
    }

    async fn once(&self, asked: &Asked, token: &SecretString) -> Result<Response, Failure> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            .map_err(|_| Failure::NotSignedIn(self.session.api.clone()))?;
        bearer.set_sensitive(true);
        let mut request = self.client.request(asked.method.clone(), asked.url.clone()).header(AUTHORIZATION, bearer);
        if let Some(body) = &asked.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        if let Some(key) = &asked.key {
            request = request.header("idempotency-key", key.clone());
        }
        let response = request.send().await.map_err(|source| unanswered(asked, source))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response.bytes().await.map_err(|source| unanswered(asked, source))?;
        Err(Failure::Refused(Problem::read(status, &body, seconds.map(Duration::from_secs))))
    }

    async fn renew(&mut self) -> Result<(), Failure> {
        let api = self.session.api.clone();
        let Some((pool, refresh)) = self.session.renewal.clone() else { return Err(Failure::NotSignedIn(api)) };
        let tokens = pool.renew(&self.client, &refresh).await.map_err(|failure| match failure {
            Failure::SignIn(why) => Failure::Ended(why.trim_end_matches('.').to_owned()),
            other => other,
        })?;
        self.session = Session::of(api, pool, tokens, Some(refresh));
        match &self.folder {
            Some(folder) => folder.keep_session(&self.session),
            None => Ok(()),
        }
    }
}

async fn json(asked: &Asked, response: Response) -> Result<Value, Failure> {
    let bytes = response.bytes().await.map_err(|source| unanswered(asked, source))?;
    serde_json::from_slice(&bytes).map_err(|source| Failure::Odd { asked: asked.told(), source })
}

fn unanswered(asked: &Asked, source: reqwest::Error) -> Failure {
    Failure::Unanswered { asked: asked.told(), source: source.without_url() }
}

/// What a command shows of an answer.
pub fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, Failure> {
    T::deserialize(answer).map_err(|source| Failure::Odd { asked: "The API".to_owned(), source })
}

/// An id or a key as a segment of a path.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, IN_PATH).to_string()
}

/// TLS as the rest of the project has it; a token never follows a redirect.
pub fn client(url: &Url) -> Result<Client, Failure> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Here(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder().tls_backend_preconfigured(tls).timeout(DEADLINE).redirect(redirect::Policy::none());
    let builder = if is_here(url) { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| Failure::Here(format!("An HTTP client cannot be made: {error}")))
}
