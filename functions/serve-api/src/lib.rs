//! The API: connections, settings, links, orders, shipments by hand.

mod cursor;
mod dto;
mod gateway;
mod idempotency;
mod input;
mod openapi;
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
use axum::response::Response;
use jiff::tz::TimeZone;
use runtime::Origin;
use runtime::work::{self, Work};
use tower::{Service, ServiceExt};

pub use openapi::described;
use openapi::served;
use problem::Problem;
use routes::list::OwnerZone;

/// What it asks of the platforms.
pub const WORK: Work = work::CONNECT
    | work::FORGET
    | work::WEBHOOKS
    | work::LISTINGS
    | work::PRODUCTS
    | work::SKUS
    | work::STOCK
    | work::PREVIEW;

/// Every route of the API, on paths without a stage. [`described`] describes each.
///
/// - **Trigger**: API Gateway, after its Cognito authorizer let the caller in.
/// - **Idempotency**: what is asked for twice is so once: an account is connected once, a link replaces an earlier one, a
///   package is known by its tracking number. Orders are only queued; their workers compare wanted with done. A POST with
///   an `Idempotency-Key` is carried out once and answered as often as it is sent.
/// - **Who**: owners; viewers read; anybody else is refused with 403.
/// - **Failure**: every refusal is an `application/problem+json` (RFC 9457) that names the field; a failure of ours is logged
///   once and answered without its inner text. Nothing is queued by a request that is refused.
///
/// Nothing of a shop's is changed at a platform: an account is tested, its webhooks are registered or taken back, listings and
/// products are read, everything else is queued. `zone` is the owner's.
pub fn router(app: App, zone: TimeZone) -> Router {
    served()
        .route_layer(axum::middleware::from_fn_with_state(app.clone(), idempotency::once))
        .fallback(async || Problem::nothing_here())
        .method_not_allowed_fallback(async |method: Method| Problem::method(&method))
        .layer(axum::Extension(OwnerZone(zone)))
        .layer(axum::middleware::from_fn(roles::guard))
        .with_state(app)
}

/// The routes as API Gateway calls them: with its stage in front of the path. Pages of `origin` may call them from a browser.
pub fn service(
    app: App,
    zone: TimeZone,
    origin: Option<&Origin>,
) -> impl Service<lambda_http::Request, Response = Response, Error = Infallible, Future: Send> + Clone {
    let routes = router(app, zone);
    let routes = match origin {
        Some(origin) => routes.layer(origin.layer()),
        None => routes,
    };
    routes.map_request(gateway::without_stage)
}
