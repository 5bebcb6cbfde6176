//! Sale reports: orders and totals per day, channel and currency.

mod document;
mod problem;
mod query;

use std::collections::BTreeMap;

use app::{App, AppError, ReportError};
use domain::ConnectionId;
use jiff::tz::TimeZone;
use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use storage::Role;

use document::Document;
use problem::Problem;

/// Answers `GET /reports/sales`; `docs/api.md` has an example.
///
/// - **Trigger**: API Gateway, after its Cognito authorizer let the caller in.
/// - **Idempotency**: it only reads.
/// - **Failure**: a range, zone or channel that cannot be is a 400 that names the parameter; a failure of ours is logged once
///   and answered without its inner text.
pub async fn handle(app: &App, default_zone: &TimeZone, request: &Request) -> Response<Body> {
    let answer = report(app, default_zone, request).await;
    let (status, kind, body) = match answer {
        Ok(document) => (StatusCode::OK, "application/json", document),
        Err(problem) => (problem.status, "application/problem+json", problem.body().to_string()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

async fn report(app: &App, default_zone: &TimeZone, request: &Request) -> Result<String, Problem> {
    let now = app.clock.now();
    let query = query::read(&request.query_string_parameters(), default_zone, now)?;
    let names = channel_names(app).await?;
    if let Some(unknown) = query.channels.iter().find(|channel| !names.contains_key(channel)) {
        return Err(Problem::parameter("channel", format!("There is no channel `{unknown}`.")));
    }
    let report = app.sales(&query).await.map_err(|error| match error {
        ReportError::Reversed => Problem::parameter("from", "`from` must not be after `to`."),
        ReportError::TooLong => Problem::parameter("to", format!("A report covers at most {} days.", query::MAX_DAYS)),
        ReportError::OutOfRange(_) => Problem::parameter("from", "The dates are out of range."),
        ReportError::App(AppError::Storage(error)) => Problem::of_storage(&error),
        ReportError::App(error) => Problem::of_ours(&error),
    })?;
    let document = Document::new(&report, &query, &names, now).map_err(|error| Problem::of_ours(&error))?;
    serde_json::to_string(&document).map_err(|error| Problem::of_ours(&error))
}

/// What the merchant calls each connected channel.
async fn channel_names(app: &App) -> Result<BTreeMap<ConnectionId, String>, Problem> {
    let connections = app.storage.settings.connections().await.map_err(|error| Problem::of_storage(&error))?;
    let channels = connections.into_iter().filter(|connection| connection.role == Role::Channel);
    Ok(channels.map(|channel| (channel.id, channel.name)).collect())
}
