//! The API over what Tributary itself keeps: orders, what people ask for, health, costs.
//!
//! - **Trigger**: API Gateway, after its Cognito authorizer let the caller in.
//! - **Reach**: our own tables and queues. It has no credentials and asks no platform; what is to be done there is queued.
//! - **Who, idempotency, failure**: as for the whole API, in `api`.

use api::functions::serve_api;
pub use api::functions::serve_api::described;
use app::App;
use axum::Router;
use jiff::tz::TimeZone;
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::NONE;

/// Its routes; `zone` is the owner's.
pub fn routes(zone: TimeZone) -> Router<App> {
    api::in_zone(serve_api::routes(), zone)
}
