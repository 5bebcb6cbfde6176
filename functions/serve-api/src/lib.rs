//! The API: connections, settings, links, orders, shipments by hand.

mod cursor;
mod dto;
mod gateway;
mod idempotency;
mod input;
mod order;
mod problem;
mod roles;
mod routes;
mod row;

use std::convert::Infallible;

use app::App;
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use runtime::Origin;
use tower::{Service, ServiceExt};

use problem::Problem;
use routes::list::OwnerZone;
use routes::{
    attention, backfill, connections, consent, costs, dry_run, health, links, list, orders, people, platforms,
    settings, stock, undo,
};

/// Every route of the API, on paths without a stage. `docs/api.md` has an example of each.
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
    Router::new()
        .route("/platforms", get(platforms::list))
        .route("/connections", get(connections::list).post(connections::create))
        .route("/connections/{id}", get(connections::one).delete(connections::disconnect))
        .route("/connections/{id}/authorize", post(consent::authorize))
        .route("/oauth/callback", get(consent::callback))
        .route("/connections/{id}/test", post(connections::test))
        .route("/connections/{id}/reconnect", post(connections::reconnect))
        .route("/connections/{id}/unreadable-orders", get(orders::unreadable))
        .route("/connections/{id}/settings", get(settings::read).put(settings::replace))
        .route("/connections/{id}/backfill", get(backfill::latest).post(backfill::start))
        .route("/connections/{id}/links", get(links::list).post(links::create))
        .route("/connections/{id}/links/by-sku", post(links::by_sku))
        .route("/connections/{id}/links/by-barcode", post(links::by_barcode))
        // A listing's key may contain slashes, and a gateway may have decoded them.
        .route("/connections/{id}/links/{*listing}", axum::routing::delete(links::delete))
        .route("/connections/{id}/stock", get(stock::preview))
        .route("/connections/{id}/stock/start", post(stock::start))
        .route("/stock/exposure", get(stock::exposure))
        .route("/orders", get(list::list))
        .route("/orders/counts", get(list::counts))
        .route("/orders/sync", post(people::sync_many))
        .route("/orders/send", post(people::send_many))
        .route("/orders/undo", post(undo::undo))
        .route("/orders/dry-run", post(dry_run::past))
        .route("/orders/{id}", get(orders::one))
        .route("/orders/{id}/dry-run", get(dry_run::one))
        .route("/orders/{id}/sync", post(people::sync))
        .route("/orders/{id}/send", post(people::send))
        .route("/orders/{id}/reimport", post(undo::reimport))
        .route("/orders/{id}/shipments", post(orders::ship))
        .route("/attention", get(attention::summary))
        .route("/attention/{kind}", get(attention::of_kind))
        .route("/reconcile", get(attention::reconcile))
        .route("/health", get(health::read))
        .route("/costs", get(costs::read))
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
