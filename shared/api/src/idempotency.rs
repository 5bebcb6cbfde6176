//! `Idempotency-Key`: a POST that is sent again is answered again, and nothing is done twice.
//!
//! After the draft <https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header>.

use std::time::Duration;

use app::App;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use storage::{Attempt, Idempotency};

use crate::gateway::claim;
use crate::input::whole;
use crate::problem::Problem;
use crate::roles::acts;

const NAME: &str = "Idempotency-Key";
/// Stands in an answer that is a repetition.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const MAX_KEY: usize = 255;
/// For how long the first answer is given again.
const KEEP: Duration = Duration::from_hours(24);
/// A function has 30 s: who has not answered by then has died.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// The longest answer that is kept. `DynamoDB` takes 400 KB an item:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const MAX_ANSWER: usize = 100_000;

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    /// `None`: too long to keep, or not to be kept.
    body: Option<String>,
}

/// Lets each key through once.
pub(crate) async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !acts(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    match given_key(request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(key)) => carry_out(&app, &key, request, next).await.unwrap_or_else(IntoResponse::into_response),
        Err(problem) => problem.into_response(),
    }
}

/// The key without the quotation marks that the draft puts around it.
fn given_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(NAME).iter();
    let Some(first) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(Problem::parameter(NAME, format!("{NAME} is given twice.")));
    }
    let text = first.to_str().unwrap_or_default();
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = format!("{NAME} has 1 to {MAX_KEY} visible ASCII characters and no spaces, such as a UUID.");
        return Err(Problem::parameter(NAME, detail));
    }
    Ok(Some(key.to_owned()))
}

async fn carry_out(app: &App, key: &str, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = whole(body).await?;
    let user = claim(&parts.extensions, "sub").unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let attempt = Attempt {
        key: digest(&[user.as_bytes(), key.as_bytes()]),
        // The key is in it and nowhere else, so that nobody can try out what a body with credentials may have been.
        request: digest(&[user.as_bytes(), key.as_bytes(), path.as_bytes(), &body]),
        holder: app.clock.nonce(),
    };
    match app.storage.settings.begin_request(&attempt, app.clock.now(), PATIENCE).await? {
        Idempotency::New => {}
        Idempotency::Running => {
            let says = "A request with this Idempotency-Key is being carried out just now; ask again in a moment.";
            return Err(Problem::conflict("request-runs", says).again_after(LOOK_AGAIN));
        }
        Idempotency::Done(answer) => return replayed(&answer),
        Idempotency::Other => {
            let says = "This Idempotency-Key was used for another request; use a new key for each.";
            return Err(
                Problem::named(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", says).with("field", NAME)
            );
        }
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (head, body) = response.into_parts();
    // It is one of ours, and in memory.
    let body = to_bytes(body, usize::MAX).await.map_err(|error| {
        tracing::error!(error = %error, "An answer could not be read");
        Problem::internal()
    })?;
    let settings = &app.storage.settings;
    let stored = if is_final(head.status) {
        match serde_json::to_string(&kept(head.status, &head.headers, &body)) {
            Ok(answer) => settings.finish_request(&attempt, &answer, app.clock.now(), KEEP).await,
            Err(error) => {
                tracing::error!(error = %error, "An answer could not be kept");
                Ok(())
            }
        }
    } else {
        settings.abandon_request(&attempt).await
    };
    // What was asked for is done: the caller hears so. Until the attempt counts as dead, the key is refused.
    if let Err(error) = stored {
        tracing::error!(error = %error, "An answer could not be kept");
    }
    Ok(Response::from_parts(head, Body::from(body)))
}

/// Whether the same request would be answered so again. A failure of ours may be gone by then; what is not there, or is in the
/// way just now, may be there, or out of it.
fn is_final(status: StatusCode) -> bool {
    !(status.is_server_error() || matches!(status, StatusCode::NOT_FOUND | StatusCode::CONFLICT))
}

fn kept(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Kept {
    let text = |name: HeaderName| Some((name.to_string(), headers.get(&name)?.to_str().ok()?.to_owned()));
    let may_be_kept = headers.get(CACHE_CONTROL).is_none_or(|value| value != "no-store");
    let body = str::from_utf8(body).ok().filter(|body| may_be_kept && body.len() <= MAX_ANSWER);
    Kept {
        status: status.as_u16(),
        headers: [CONTENT_TYPE, ETAG, LOCATION].into_iter().filter_map(text).collect(),
        body: body.map(str::to_owned),
    }
}

fn replayed(answer: &str) -> Result<Response, Problem> {
    let unreadable = |error: &dyn std::fmt::Display| {
        tracing::error!(error = %error, "A kept answer cannot be read");
        Problem::internal()
    };
    let kept: Kept = json::from_str(answer).map_err(|error| unreadable(&error))?;
    let Some(body) = kept.body else {
        let says = format!(
            "This was done and answered with {}, but that answer is not kept. Look at what came of it; to do it again, use a \
             new Idempotency-Key.",
            kept.status
        );
        return Err(Problem::conflict("answer-not-kept", says));
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(kept.status).map_err(|error| unreadable(&error))?;
    for (name, value) in kept.headers {
        let name = HeaderName::try_from(name).map_err(|error| unreadable(&error))?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).map_err(|error| unreadable(&error))?);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Each part with its length before it, so that no two lists of parts are one.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |hash, byte| hash + &format!("{byte:02x}"))
}
