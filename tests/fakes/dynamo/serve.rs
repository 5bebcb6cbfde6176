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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_request_over_http_is_answered_by_the_same_tables() {
        let dynamo = Dynamo::new();
        dynamo.put_raw("orders", &serde_json::json!({"pk": {"S": "O#202611"}, "sk": {"S": "1"}}));
        let server = dynamo.serve("127.0.0.1:0").await.unwrap();
        let body = r#"{"TableName": "orders", "Key": {"pk": {"S": "O#202611"}, "sk": {"S": "1"}}}"#;
        let mut stream = TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap();
        let head = "POST / HTTP/1.1\r\nHost: dynamodb\r\nConnection: close\r\nX-Amz-Target: DynamoDB_20120810.GetItem";
        let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("application/x-amz-json-1.0"), "{answer}");
        assert!(answer.ends_with(r#"{"Item":{"pk":{"S":"O#202611"},"sk":{"S":"1"}}}"#), "{answer}");
    }
}
