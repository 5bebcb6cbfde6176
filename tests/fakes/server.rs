//! The server under every fake: a port on loopback, one middleware that logs each request and applies its faults.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::{Call, CallLog, Fault, Faults, SimClock};

const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// The body of a refusal that a fault asks for, in the vendor's own shape: content type and text.
pub type FaultBody = fn(StatusCode) -> (&'static str, String);

/// How a request stands in the log and meets faults: method and path.
pub type SeenAs = fn(&Method, &str, &[u8]) -> (Method, String);

fn as_it_is(method: &Method, path: &str, _body: &[u8]) -> (Method, String) {
    (method.clone(), path.to_owned())
}

/// Every GraphQL request is a `POST` to one path: here a query is a `GET`, and the operation's name ends the path, so that
/// tests can tell what changes something from what only reads.
pub fn as_graphql(method: &Method, path: &str, body: &[u8]) -> (Method, String) {
    let asked: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let (Some(query), Some(name)) = (asked["query"].as_str(), asked["operationName"].as_str()) else {
        return as_it_is(method, path, body);
    };
    let reads = query.trim_start().starts_with("query");
    (if reads { Method::GET } else { method.clone() }, format!("{path}/{name}"))
}

/// What every fake has: its clock, its faults, its log. Clones share them.
#[derive(Debug, Clone)]
pub struct Base {
    pub clock: SimClock,
    pub faults: Faults,
    pub calls: CallLog,
    pub fault_body: FaultBody,
    pub seen_as: SeenAs,
}

impl Base {
    pub fn new(clock: SimClock, fault_body: FaultBody) -> Self {
        Self { clock, faults: Faults::default(), calls: CallLog::default(), fault_body, seen_as: as_it_is }
    }
}

/// A bound port that does not answer yet, so that a fake can know its own URL before it is built.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    url: String,
}

impl Listener {
    /// A free port on loopback.
    pub async fn bind() -> io::Result<Self> {
        Self::bind_to("127.0.0.1:0").await
    }

    pub async fn bind_to(address: &str) -> io::Result<Self> {
        let tcp = TcpListener::bind(address).await?;
        let url = format!("http://{}", tcp.local_addr()?);
        Ok(Self { tcp, url })
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers with `router` from now on.
    pub fn serve(self, router: Router, base: Base) -> FakeServer {
        let shared = Arc::new((router, base.clone()));
        let task = tokio::spawn(accept(self.tcp, shared));
        FakeServer { url: self.url, base, task }
    }
}

/// A fake that is being served; stopped, with its open connections, when dropped.
#[derive(Debug)]
pub struct FakeServer {
    url: String,
    base: Base,
    task: JoinHandle<()>,
}

impl FakeServer {
    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn clock(&self) -> &SimClock {
        &self.base.clock
    }

    pub fn faults(&self) -> &Faults {
        &self.base.faults
    }

    pub fn calls(&self) -> &CallLog {
        &self.base.calls
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The error that makes hyper close a connection without an answer.
#[derive(Debug)]
struct HungUp;

impl std::fmt::Display for HungUp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("closed by a fault")
    }
}

impl std::error::Error for HungUp {}

async fn accept(tcp: TcpListener, shared: Arc<(Router, Base)>) {
    // Owned by this task, so that aborting it closes the connections too.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = tcp.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
                    // An error here is a caller or a fault that closed the connection: both are in the call log.
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.is_ok()
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(shared: Arc<(Router, Base)>, request: Request<Incoming>) -> Result<Response<Body>, HungUp> {
    let (router, base) = (&shared.0, &shared.1);
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), LARGEST_BODY).await.map_err(|_| HungUp)?;
    let (method, path) = (base.seen_as)(&parts.method, parts.uri.path(), &body);
    let number = base.calls.record(Call {
        at: base.clock.now(),
        method: method.clone(),
        path: path.clone(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers.clone(),
        body: body.clone(),
        status: None,
    });

    let faults = base.faults.meet(&method, &path);
    if faults.contains(&Fault::DropRequest) {
        return Err(HungUp);
    }
    let refusal = faults.iter().find_map(|fault| match fault {
        Fault::Answer { status, retry_after } => Some(refuse(base.fault_body, *status, *retry_after)),
        _ => None,
    });
    let mut response = if let Some(refusal) = refusal {
        refusal
    } else {
        let request = Request::from_parts(parts, Body::from(body));
        let handled = handle(router.clone(), request, faults.clone());
        // A task of its own: what was begun is done, also when the caller hangs up meanwhile.
        tokio::spawn(handled).await.map_err(|_| HungUp)?
    };
    for fault in &faults {
        match fault {
            Fault::Slow(delay) => tokio::time::sleep(*delay).await,
            Fault::DropResponse => return Err(HungUp),
            Fault::Malformed => response = malformed(response).await,
            Fault::Answer { .. } | Fault::DropRequest | Fault::Held(_) => {}
        }
    }
    base.calls.answered(number, response.status());
    date(&mut response, &base.clock);
    Ok(response)
}

/// Every answer says what time it is on the fake's clock, as real servers do; else hyper would tell the machine's.
fn date(response: &mut Response<Body>, clock: &SimClock) {
    let now = clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(now) = HeaderValue::try_from(now) {
        response.headers_mut().entry(DATE).or_insert(now);
    }
}

async fn handle(router: Router, request: Request<Body>, faults: Vec<Fault>) -> Response<Body> {
    for fault in faults {
        if let Fault::Held(gate) = fault {
            gate.passed().await;
        }
    }
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => unreachable(never),
    }
}

fn unreachable(never: Infallible) -> Response<Body> {
    match never {}
}

fn refuse(fault_body: FaultBody, status: StatusCode, retry_after: Option<u32>) -> Response<Body> {
    let (content_type, text) = fault_body(status);
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn malformed(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, LARGEST_BODY).await.unwrap_or_else(|_| Bytes::from_static(b"{\"cut\""));
    parts.status = StatusCode::OK;
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(whole.slice(..whole.len() / 2)))
}

#[cfg(test)]
mod tests {
    use axum::routing::post;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn fake() -> FakeServer {
        let router = Router::new().route("/orders", post(|| async { "{\"made\": true}" }));
        let base = Base::new(SimClock::real(), |status| ("text/plain", status.to_string()));
        Listener::bind().await.unwrap().serve(router, base)
    }

    async fn create(fake: &FakeServer) -> String {
        let mut stream = TcpStream::connect(fake.url().trim_start_matches("http://")).await.unwrap();
        let request = "POST /orders?x=1 HTTP/1.1\r\nHost: fake\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn every_request_is_logged_with_what_it_was_answered() {
        let fake = fake().await;
        assert!(create(&fake).await.ends_with("{\"made\": true}"));
        let calls = fake.calls().to("POST /orders");
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].query.as_deref(), Some("x=1"));
        assert_eq!(&calls[0].body[..], b"{}");
        assert_eq!(calls[0].status, Some(StatusCode::OK));
    }

    #[tokio::test]
    async fn an_answer_is_dated_by_the_fakes_own_clock() {
        let router = Router::new().route("/orders", post(|| async { "{}" }));
        let clock = SimClock::starting_at("2026-10-27T12:00:00Z".parse().unwrap());
        let base = Base::new(clock, |status| ("text/plain", status.to_string()));
        let fake = Listener::bind().await.unwrap().serve(router, base);
        let answer = create(&fake).await;
        assert!(answer.contains("date: Tue, 27 Oct 2026 12:00:00 GMT\r\n"), "{answer}");
    }

    #[tokio::test]
    async fn a_dropped_answer_closes_the_connection() {
        let fake = fake().await;
        fake.faults().on("POST /orders").drop_response(1);
        assert_eq!(create(&fake).await, "");
        assert_eq!(fake.calls().all()[0].status, None);
        assert!(create(&fake).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn a_refusal_carries_retry_after() {
        let fake = fake().await;
        fake.faults().fail_next(StatusCode::TOO_MANY_REQUESTS, Some(7));
        let answer = create(&fake).await;
        assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
        assert!(answer.contains("retry-after: 7"), "{answer}");
    }

    #[tokio::test]
    async fn a_malformed_answer_is_a_success_that_cannot_be_read() {
        let fake = fake().await;
        fake.faults().malformed_next();
        let answer = create(&fake).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n{\"made\""), "{answer}");
    }
}
