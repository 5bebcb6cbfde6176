//! Sends one webhook request. Plain http only: receivers under test listen on loopback.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

use super::webhooks::Outgoing;

/// The status of the answer, or `None` where there was none within the minute that the vendor waits.
pub(super) async fn post(outgoing: &Outgoing, home: &str, agent: &str) -> Option<u16> {
    tokio::time::timeout(Duration::from_mins(1), exchange(outgoing, home, agent)).await.ok().flatten()
}

async fn exchange(outgoing: &Outgoing, home: &str, agent: &str) -> Option<u16> {
    let url: Url = outgoing.url.parse().ok()?;
    if url.scheme() != "http" {
        return None;
    }
    let host = url.host_str()?;
    let port = url.port_or_known_default()?;
    let stream = TcpStream::connect((host, port)).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driver = tokio::spawn(connection);
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request = Request::post(target).header(HOST, format!("{host}:{port}")).header(USER_AGENT, agent);
    request = match &outgoing.signed {
        None => request.header(CONTENT_TYPE, "application/x-www-form-urlencoded"),
        Some(signed) => {
            let (resource, event) = signed.topic.split_once('.').unwrap_or((&signed.topic, ""));
            request
                .header(CONTENT_TYPE, "application/json")
                .header("x-wc-webhook-source", format!("{home}/"))
                .header("x-wc-webhook-topic", &signed.topic)
                .header("x-wc-webhook-resource", resource)
                .header("x-wc-webhook-event", event)
                .header("x-wc-webhook-signature", &signed.signature)
                .header("x-wc-webhook-id", outgoing.webhook_id)
                .header("x-wc-webhook-delivery-id", &signed.delivery_id)
        }
    };
    let request = request.body(Body::from(outgoing.body.clone())).ok()?;
    let answer = sender.send_request(request).await;
    driver.abort();
    answer.ok().map(|response| response.status().as_u16())
}
