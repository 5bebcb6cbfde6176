//! Verifies a platform's webhook on its raw bytes and brings the connection's next poll forward.

use std::collections::BTreeMap;

use app::{App, WebhookOutcome};
use connect::{WebhookRefused, WebhookRequest};
use domain::ConnectionId;
use lambda_http::http::{HeaderMap, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::READ_WEBHOOK;

/// The longest body in bytes.
const MAX_BODY: usize = 1_000_000;

/// Answers 200 to a genuine webhook, whatever it says: nothing in it is used but that something changed.
///
/// - **Trigger**: API Gateway, `POST /webhooks/{connection_id}`, open to the world; the body comes as the bytes that were sent.
/// - **Idempotency**: hints of one connection within five seconds are one; a poll that finds nothing changes nothing.
/// - **Failure**: 413, 404 and 401 queue nothing and are not worth repeating. If the tables, the secret or the queue do not
///   answer it is 500, so that the sender delivers again where it does; where it does not, the next scheduled poll finds it all.
pub async fn handle(app: &App, request: &Request) -> Response<Body> {
    let body: &[u8] = request.body();
    if body.len() > MAX_BODY {
        return answer(StatusCode::PAYLOAD_TOO_LARGE, "The body is too long.");
    }
    let unknown = || answer(StatusCode::NOT_FOUND, "There is no such connection.");
    let Some(id) = connection_of(request) else { return unknown() };
    match app.receive_webhook(&id, &WebhookRequest { headers: &lower_case(request.headers()), body }).await {
        Ok(WebhookOutcome::Accepted) => answer(StatusCode::OK, ""),
        Ok(WebhookOutcome::UnknownConnection) => unknown(),
        Ok(WebhookOutcome::Refused(refused)) => {
            tracing::warn!(connection = %id, why = %refused, "A webhook of connection `{id}` was refused");
            match refused {
                WebhookRefused::BadSignature => answer(StatusCode::UNAUTHORIZED, "The signature is missing or wrong."),
                WebhookRefused::Unsupported => answer(StatusCode::NOT_FOUND, "This connection takes no webhooks."),
            }
        }
        Err(error) => {
            tracing::error!(connection = %id, error = %error, "A webhook of connection `{id}` could not be taken");
            answer(StatusCode::INTERNAL_SERVER_ERROR, "This could not be taken; send it again.")
        }
    }
}

fn connection_of(request: &Request) -> Option<ConnectionId> {
    let parameters = request.path_parameters_ref()?;
    ConnectionId::new(parameters.first("connection_id")?).ok()
}

/// Names in lower case. A value that is not text is no signature of any platform and is left out.
fn lower_case(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |(name, value): (&lambda_http::http::HeaderName, &lambda_http::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

fn answer(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
