//! The API over what Tributary itself keeps: orders, what people ask for, health, costs.
//!
//! - **Trigger**: API Gateway, after its Cognito authorizer let the caller in.
//! - **Reach**: our own tables and queues. It has no credentials and asks no platform; what is to be done there is queued.
//! - **Who, idempotency, failure**: as for the whole API, in `api`.

pub use api::functions::serve_api::described;
use api::functions::{ask_platforms, serve_api, serve_connections};
use app::App;
use axum::Router;
use jiff::tz::TimeZone;
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::NONE;

/// Its routes, and the paths of the others: a verb that nobody has for one of them is refused here. `zone` is the owner's.
pub fn routes(zone: TimeZone) -> Router<App> {
    api::in_zone(serve_api::routes(), zone).merge(serve_connections::paths()).merge(ask_platforms::paths())
}
