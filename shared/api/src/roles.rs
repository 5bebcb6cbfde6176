//! Who may call what: everybody sees their own answer to that before anything else is looked at.

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::access::Access;

use crate::gateway::claim;
use crate::problem::Problem;

/// Asked by POST because of its long question; it writes nothing.
const READS_BY_POST: &str = "/orders/dry-run";
/// Reached from a platform's page, without a token: what lets the browser in is the single-use state in the query.
const CONSENTED: &str = "/oauth/callback";

/// Refuses who may not; in the words of a person.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let Some(wanted) = wanted(request.method(), request.uri().path()) else { return next.run(request).await };
    let access = claim(request.extensions(), "cognito:groups").map_or(Access::Stranger, Access::of_groups);
    match access.refusal(wanted) {
        None => next.run(request).await,
        Some((kind, says)) => Problem::named(StatusCode::FORBIDDEN, kind, says).into_response(),
    }
}

/// Whether the request asks for something to be done.
pub(crate) fn acts(method: &Method, path: &str) -> bool {
    match *method {
        Method::GET | Method::HEAD | Method::OPTIONS => false,
        Method::POST => path != READS_BY_POST,
        _ => true,
    }
}

/// `None`: anybody, also without a token.
fn wanted(method: &Method, path: &str) -> Option<Access> {
    if method == Method::OPTIONS || (method == Method::GET && path == CONSENTED) {
        return None;
    }
    Some(if acts(method, path) { Access::Owner } else { Access::Viewer })
}
