//! The same engine behind a port, for programs that reach DynamoDB as they do on AWS: over HTTP, in another process.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};

use super::Dynamo;
use super::engine::{Answer, Engine};
use crate::{Base, FakeServer, Listener};

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>
const JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const LARGEST_BODY: usize = 16 * 1024 * 1024;

impl Dynamo {
    /// Answers on this address what the SDK sends there. Signatures are not looked at; the tables are `orders`, `links`
    /// and `settings`.
    pub async fn serve(&self, address: &str) -> io::Result<FakeServer> {
        let listener = Listener::bind_to(address).await?;
        let engine = Arc::clone(&self.engine);
        let router = Router::new().fallback(move |request| answer(Arc::clone(&engine), request));
        let mut base = Base::new(self.clock.clone(), |status| ("text/plain", status.to_string()));
        base.faults = self.faults.clone();
        Ok(listener.serve(router, base))
    }
}

async fn answer(engine: Arc<Engine>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.split_once('.').map_or("", |(_, operation)| operation);
    let answer = match to_bytes(body, LARGEST_BODY).await {
        Ok(body) => engine.answer(operation, &String::from_utf8_lossy(&body)),
        Err(_) => Answer { status: 400, body: "{\"__type\":\"SerializationException\"}".to_owned() },
    };
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}
