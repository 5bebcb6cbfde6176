//! Which function serves which routes. Every route once: what is served and what is described are one list.

use app::App;
use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::openapi::HttpMethod;

macro_rules! function {
    ($(#[$says:meta])* $function:ident: $($module:ident::$handler:ident),+ $(,)?) => {
        $(#[$says])*
        pub mod $function {
            use app::App;
            use axum::Router;
            use utoipa::OpenApi;

            use crate::routes;

            #[derive(OpenApi)]
            #[openapi(paths($(routes::$module::$handler),+), components(schemas(crate::problem::ProblemDocument, domain::tab::Tab)))]
            struct Document;

            /// Every route of the function, on a path without a stage.
            pub fn routes() -> Router<App> {
                let router = Router::new();
                pastey::paste! {
                    $(let router = super::with::<routes::$module::[<__path_ $handler>], _, _>(router, routes::$module::$handler);)+
                }
                router
            }

            /// Their paths, for the function to which a verb comes that they do not have: it is refused there.
            pub fn paths() -> Router<App> {
                let router = Router::new();
                pastey::paste! {
                    $(let router = super::with_path::<routes::$module::[<__path_ $handler>]>(router);)+
                }
                router
            }

            /// What the routes take and answer, from their own types. Nothing in a deployed function calls it: what is served is
            /// `docs/openapi.json`, which `tests/openapi` holds to this.
            pub fn described() -> utoipa::openapi::OpenApi {
                Document::openapi()
            }
        }
    };
}

function!(
    /// What Tributary itself keeps: lists and search, what people ask for, health, costs. It asks no platform.
    serve_api:
    platforms::list_platforms,
    stock::get_exposure,
    list::list_orders,
    list::count_orders,
    orders::add_shipment,
    people::sync_order,
    people::sync_orders,
    people::send_order,
    people::send_orders,
    undo::undo_imports,
    undo::reimport_order,
    attention::get_attention,
    attention::list_attention,
    attention::get_reconcile_report,
    health::get_health,
    costs::get_costs,
    document::get_document,
);

function!(
    /// Connections, and what is set and read in for each. Of those that answer requests, the one that keeps and forgets credentials.
    serve_connections:
    connections::list_connections,
    connections::connect,
    connections::get_connection,
    connections::disconnect,
    connections::test_connection,
    connections::reconnect,
    consent::authorize,
    consent::consented,
    orders::list_unreadable_orders,
    backfill::get_backfill,
    backfill::start_backfill,
    settings::get_settings,
    settings::replace_settings,
);

function!(
    /// What a platform is asked while a person waits: its listings and products, for links, stock and dry runs.
    ask_platforms:
    orders::get_order,
    links::list_links,
    links::link,
    links::link_by_sku,
    links::link_by_barcode,
    links::unlink,
    stock::preview_stock,
    stock::start_stock,
    dry_run::dry_run_order,
    dry_run::dry_run_past_orders,
);

fn with<P, H, T>(router: Router<App>, handler: H) -> Router<App>
where
    P: utoipa::Path,
    H: Handler<T, App>,
    T: 'static,
{
    match P::methods().iter().map(filter).reduce(MethodFilter::or) {
        Some(methods) => router.route(&path::<P>(), on(methods, handler)),
        None => router,
    }
}

fn with_path<P: utoipa::Path>(router: Router<App>) -> Router<App> {
    router.route(&path::<P>(), MethodRouter::new())
}

/// A listing's key may contain slashes, and a gateway may have decoded them.
fn path<P: utoipa::Path>() -> String {
    P::path().replace("{listing}", "{*listing}")
}

const fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}
