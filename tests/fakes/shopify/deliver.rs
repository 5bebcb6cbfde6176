//! Sends one webhook request. Plain http only: receivers under test listen on loopback.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{HOST, USER_AGENT};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

use super::webhooks::Outgoing;

/// "Shopify waits five seconds for a response": <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>.
const PATIENCE: Duration = Duration::from_secs(5);

/// The status of the answer, or `None` where there was none in time.
pub(super) async fn post(outgoing: &Outgoing) -> Option<u16> {
    tokio::time::timeout(PATIENCE, exchange(outgoing)).await.ok().flatten()
}

async fn exchange(outgoing: &Outgoing) -> Option<u16> {
    let url: Url = outgoing.uri.parse().ok()?;
    if url.scheme() != "http" {
        return None;
    }
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let stream = TcpStream::connect((host, port)).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driver = tokio::spawn(connection);
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request =
        Request::post(target).header(HOST, format!("{host}:{port}")).header(USER_AGENT, "Shopify-Captain-Hook");
    for (name, value) in &outgoing.headers {
        request = request.header(name, value);
    }
    let request = request.body(Body::from(outgoing.body.clone())).ok()?;
    let answer = sender.send_request(request).await;
    driver.abort();
    answer.ok().map(|response| response.status().as_u16())
}
