//! The API as API Gateway puts it together: every route by its function, which is asked for its own work alone.

use app::App;
use axum::Router;
use jiff::tz::TimeZone;

use super::working;

pub fn whole_api(app: &App) -> Router {
    let own = api::served(serve_api::routes(TimeZone::UTC), working::<{ serve_api::WORK }>(app));
    let connections = api::served(serve_connections::routes(), working::<{ serve_connections::WORK }>(app));
    let asked = api::served(ask_platforms::routes(), working::<{ ask_platforms::WORK }>(app));
    api::guarded(own.merge(connections).merge(asked))
}
