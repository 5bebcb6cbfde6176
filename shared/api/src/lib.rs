//! The API: its routes, and what holds for every one of them. Three functions serve it, each the routes that [`functions`] gives it.

mod cursor;
mod dto;
pub mod functions;
mod gateway;
mod idempotency;
mod input;
mod order;
mod problem;
mod roles;
mod routes;
mod row;
mod words;

use std::convert::Infallible;

use app::App;
use axum::Router;
use axum::http::Method;
use jiff::tz::TimeZone;
use lambda_http::{Body, Error, Request, Response};
use runtime::Origin;
use tower::{Service, ServiceExt};

use problem::Problem;
use routes::list::OwnerZone;

/// A function's routes, over its use cases.
///
/// - **Idempotency**: what is asked for twice is so once: an account is connected once, a link replaces an earlier one, a
///   package is known by its tracking number. Orders are only queued; their workers compare wanted with done. A POST with
///   an `Idempotency-Key` is carried out once and answered as often as it is sent.
pub fn served(routes: Router<App>, app: App) -> Router {
    routes.route_layer(axum::middleware::from_fn_with_state(app.clone(), idempotency::once)).with_state(app)
}

/// Routes whose days are the owner's, unless a request names another zone.
pub fn in_zone(routes: Router<App>, zone: TimeZone) -> Router<App> {
    routes.layer(axum::Extension(OwnerZone(zone)))
}

/// What holds for every request, whatever serves it.
///
/// - **Who**: owners; viewers read; anybody else is refused with 403.
/// - **Failure**: every refusal is an `application/problem+json` (RFC 9457) that names the field; a failure of ours is logged
///   once and answered without its inner text. Nothing is queued by a request that is refused.
pub fn guarded(served: Router) -> Router {
    served
        .fallback(async || Problem::nothing_here())
        .method_not_allowed_fallback(async |method: Method| Problem::method(&method))
        .layer(axum::middleware::from_fn(roles::guard))
}

/// A function as API Gateway calls it: with its stage in front of the path. Pages of `origin` may call it from a browser.
pub fn service(
    guarded: Router,
    origin: Option<&Origin>,
) -> impl Service<Request, Response = Response<Body>, Error = Error, Future: Send> + Clone + use<> {
    let routes = match origin {
        Some(origin) => guarded.layer(origin.layer()),
        None => guarded,
    };
    routes
        .map_request(gateway::without_stage)
        .then(async |Ok(answer): Result<_, Infallible>| gateway::as_text(answer).await)
}
