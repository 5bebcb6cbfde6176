//! Sale reports: orders and totals per day, channel and currency, and what was sold of each product.

mod document;
mod problem;
mod query;

use std::collections::BTreeMap;

use app::{App, AppError, ReportError, ReportQuery};
use domain::ConnectionId;
use domain::access::Access;
use domain::status::OrderStatus;
use jiff::tz::TimeZone;
use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::http::{HeaderValue, Method, StatusCode};
use lambda_http::{Body, Error, Request, RequestExt, Response, Service, service_fn};
use runtime::Origin;
use storage::Role;
use tower::Layer;
use tower::util::option_layer;
use utoipa::OpenApi;

use document::{Document, ProductsDocument};
use problem::Problem;
use query::Format;

/// What the two routes take and answer, from their own types; `tests/openapi` puts it beside the rest of the API.
pub fn described() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(sales, products), components(schemas(problem::ProblemDocument, Format)))]
struct Described;

/// The reports as API Gateway calls them. Pages of `origin` may read them in a browser.
pub fn service<'a>(
    app: &'a App,
    zone: &'a TimeZone,
    origin: Option<&Origin>,
) -> impl Service<Request, Response = Response<Body>, Error = Error, Future: Send> + use<'a> {
    let reports = service_fn(move |request: Request| async move { Ok::<_, Error>(handle(app, zone, &request).await) });
    option_layer(origin.map(Origin::layer)).layer(reports)
}

/// Answers `GET /reports/sales` and `GET /reports/products`; [`described`] describes both.
///
/// - **Trigger**: API Gateway, after its Cognito authorizer let the caller in.
/// - **Idempotency**: it only reads.
/// - **Who**: owners and viewers; anybody else is refused with 403.
/// - **Failure**: a range, zone, status or channel that cannot be is a 400 that names the parameter; a failure of ours is logged
///   once and answered without its inner text.
pub async fn handle(app: &App, default_zone: &TimeZone, request: &Request) -> Response<Body> {
    let path = request.uri().path();
    let answer = match refusal(request) {
        _ if request.method() != Method::GET => Err(Problem::method(request.method())),
        Some(problem) => Err(problem),
        None if path.ends_with("/reports/products") => products(app, default_zone, request).await,
        None if path.ends_with("/reports/sales") => sales(app, default_zone, request).await,
        None => Err(Problem::nothing_here()),
    };
    let (status, kind, body) = match answer {
        Ok((Format::Json, text)) => (StatusCode::OK, "application/json", text),
        Ok((Format::Csv, text)) => (StatusCode::OK, "text/csv; charset=utf-8", text),
        Err(problem) => (problem.status, "application/problem+json", problem.body()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Reports are for owners and viewers.
fn refusal(request: &Request) -> Option<Problem> {
    let context = request.request_context_ref();
    let claims = context.and_then(|context| context.authorizer()?.fields.get("claims"));
    let groups = claims.and_then(|claims| claims.get("cognito:groups")?.as_str());
    groups.map_or(Access::Stranger, Access::of_groups).refusal(Access::Viewer).map(Problem::forbidden)
}

/// Sales per day, channel and currency, with totals that never mix currencies.
///
/// Which days: `from` and `to`, or `days`, or `days_from_today`. Every change up to `as_of` is counted.
#[utoipa::path(
    get,
    path = "/reports/sales",
    tag = "Reports",
    params(
        ("from" = Option<jiff::civil::Date>, Query, description = "The first day; `to` with it"),
        ("to" = Option<jiff::civil::Date>, Query, description = "The last day, included; at most 366"),
        ("days" = Option<i32>, Query, description = "Instead: so many days up to today", minimum = 1, maximum = 366),
        ("days_from_today" = Option<i32>, Query, description = "Instead: so many days beginning today", minimum = 1, maximum = 366),
        ("time_zone" = Option<String>, Query, description = "An IANA name, in which a day begins and ends; the deployment's own if left out", example = "Europe/London"),
        ("channel" = Option<Vec<ConnectionId>>, Query, description = "Only these channels; may be given several times", explode = true),
        ("status" = Option<Vec<OrderStatus>>, Query, description = "Only orders of these statuses; may be given several times", explode = true),
        ("format" = Option<Format>, Query, description = "How the answer is written; JSON if left out"),
    ),
    responses(
        (status = 200, description = "The report; as CSV only its rows", content(
            (Document = "application/json"),
            (String = "text/csv"),
        )),
    )
)]
async fn sales(app: &App, default_zone: &TimeZone, request: &Request) -> Result<(Format, String), Problem> {
    let parameters = request.query_string_parameters();
    let query = query::read(&parameters, default_zone, app.clock.now(), false)?;
    let format = query::format(&parameters)?;
    let names = known_channels(app, &query).await?;
    let report = app.sales(&query).await.map_err(refused)?;
    if format == Format::Csv {
        return Ok((format, document::csv(&report, &names)));
    }
    let document = Document::new(&report, &query, &names).map_err(|error| Problem::of_ours(&error))?;
    Ok((format, serde_json::to_string(&document).map_err(|error| Problem::of_ours(&error))?))
}

/// What was sold of each product, the most units first.
///
/// Listings with one SKU are one product, whatever their channel; without an SKU the title must be the same.
#[utoipa::path(
    get,
    path = "/reports/products",
    tag = "Reports",
    params(
        ("from" = Option<jiff::civil::Date>, Query, description = "The first day; `to` with it"),
        ("to" = Option<jiff::civil::Date>, Query, description = "The last day, included; at most 366"),
        ("days" = Option<i32>, Query, description = "Instead: so many days up to today", minimum = 1, maximum = 366),
        ("days_from_today" = Option<i32>, Query, description = "Instead: so many days beginning today", minimum = 1, maximum = 366),
        ("time_zone" = Option<String>, Query, description = "An IANA name, in which a day begins and ends; the deployment's own if left out", example = "Europe/London"),
        ("channel" = Option<Vec<ConnectionId>>, Query, description = "Only these channels; may be given several times", explode = true),
        ("status" = Option<Vec<OrderStatus>>, Query, description = "Only orders of these statuses; may be given several times", explode = true),
        ("format" = Option<Format>, Query, description = "How the answer is written; JSON if left out"),
        ("limit" = Option<u16>, Query, description = "How many products a page has at most; 50 if left out", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of products; as CSV all of them", content(
            (ProductsDocument = "application/json"),
            (String = "text/csv"),
        )),
    )
)]
async fn products(app: &App, default_zone: &TimeZone, request: &Request) -> Result<(Format, String), Problem> {
    let parameters = request.query_string_parameters();
    let query = query::read(&parameters, default_zone, app.clock.now(), true)?;
    let format = query::format(&parameters)?;
    let (limit, place) = (query::limit(&parameters)?, query::cursor(&parameters, &query)?);
    known_channels(app, &query).await?;
    let report = app.products_sold(&query).await.map_err(refused)?;
    // Fewer may be sold by now than when the page before was read: then there is nothing after it.
    let rest = report.products.get(place..).unwrap_or_default();
    if format == Format::Csv {
        return Ok((format, document::products_csv(rest)));
    }
    let page = rest.get(..limit).unwrap_or(rest);
    let next = (rest.len() > page.len()).then(|| query::next(place + page.len(), &query));
    let document = ProductsDocument::new(&report, page, &query, next);
    Ok((format, serde_json::to_string(&document).map_err(|error| Problem::of_ours(&error))?))
}

fn refused(error: ReportError) -> Problem {
    match error {
        ReportError::Reversed => Problem::parameter("from", "`from` must not be after `to`."),
        ReportError::TooLong => Problem::parameter("to", format!("A report covers at most {} days.", query::MAX_DAYS)),
        ReportError::OutOfRange(_) => Problem::parameter("from", "The dates are out of range."),
        ReportError::App(AppError::Storage(error)) => Problem::of_storage(&error),
        ReportError::App(error) => Problem::of_ours(&error),
    }
}

/// The channels' names; a report of one that is not there is refused.
async fn known_channels(app: &App, query: &ReportQuery) -> Result<BTreeMap<ConnectionId, String>, Problem> {
    let names = channel_names(app).await?;
    match query.channels.iter().find(|channel| !names.contains_key(channel)) {
        Some(unknown) => Err(Problem::parameter("channel", format!("There is no channel `{unknown}`."))),
        None => Ok(names),
    }
}

/// What the merchant calls each connected channel.
async fn channel_names(app: &App) -> Result<BTreeMap<ConnectionId, String>, Problem> {
    let connections = app.storage.settings.connections().await.map_err(|error| Problem::of_storage(&error))?;
    let channels = connections.into_iter().filter(|connection| connection.role == Role::Channel);
    Ok(channels.map(|channel| (channel.id, channel.name)).collect())
}
