//! `/openapi.json`: what the API takes and answers, for programs.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use crate::input::NoQuery;
use crate::problem::Problem;

/// Made from the code of both functions of the API, and held to it by `tests/openapi`: nothing is put together here.
const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "This document",
    responses(
        (status = 200, description = "An OpenAPI 3.1 document", body = Object),
    )
)]
pub(crate) async fn get_document(_: NoQuery) -> Result<impl IntoResponse, Problem> {
    Ok(([(CONTENT_TYPE, "application/json")], DOCUMENT))
}
