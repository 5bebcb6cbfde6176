//! One request of the Admin API, from its token to its answer.

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::{Problem, fault_body, throttled};
use super::graphql::{Request, Scope, parse};
use super::oauth::Application;
use super::project::Projection;
use super::roots::Call;
use super::schema::AdminSchema;
use super::state::Shop;
use super::{VERSION, coerce, cost};
use crate::Faults;
use crate::spec::Violation;

/// What is around the shop while it answers.
pub(super) struct Surroundings<'s> {
    pub schema: Option<&'s AdminSchema>,
    pub application: &'s Application,
    pub faults: &'s Faults,
    pub now: Timestamp,
    /// Counts the root fields that were asked for.
    pub used: &'s mut std::collections::BTreeMap<String, usize>,
    /// Whether queries cost points.
    pub metered: bool,
}

pub(super) fn respond(shop: &mut Shop, around: &mut Surroundings<'_>, parts: &Parts, body: &Bytes) -> Response<Body> {
    shop.settle(around.now);
    let path = parts.uri.path();
    if path == "/admin/oauth/access_token" && parts.method == Method::POST {
        let asked = form_or_json(parts, body);
        let (status, answer) = shop.tokens.request(&asked, around.application, around.faults, around.now);
        return shown(status, &answer.to_string());
    }
    let Some(version) = path.strip_prefix("/admin/api/").and_then(|rest| rest.strip_suffix("/graphql.json")) else {
        return refused(StatusCode::NOT_FOUND);
    };
    if parts.method != Method::POST || version != VERSION {
        return refused(StatusCode::NOT_FOUND);
    }
    let token = parts.headers.get("x-shopify-access-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    if !shop.tokens.accepts(token, around.faults, around.now) {
        return refused(StatusCode::UNAUTHORIZED);
    }
    let Some(request) = Request::read(body) else {
        return refused(StatusCode::BAD_REQUEST);
    };
    let answer = run(shop, around, &request).unwrap_or_else(|problems| {
        // Throttling is nobody's mistake.
        for problem in problems.iter().filter(|problem| problem.message() != throttled().message()) {
            shop.violations.push(Violation {
                operation: request.operation_name.clone().unwrap_or_else(|| first_words(&request.query)),
                place: "request".to_owned(),
                message: problem.message().to_owned(),
            });
        }
        let mut answer = json!({"errors": problems.iter().map(Problem::json).collect::<Vec<_>>()});
        if let Some(problem) = problems.first()
            && problem.message() == throttled().message()
        {
            answer["extensions"] = shop.bucket.report(cost_of(&request, around.schema), None);
        }
        answer
    });
    shown(StatusCode::OK, &answer.to_string())
}

/// The answer, or the errors of a request that was not run.
fn run(shop: &mut Shop, around: &mut Surroundings<'_>, request: &Request) -> Result<Value, Vec<Problem>> {
    let document = parse(&request.query).map_err(|problem| vec![problem])?;
    if let Some(schema) = around.schema {
        let problems = schema.check(&document, &request.query);
        if !problems.is_empty() {
            return Err(problems);
        }
    }
    let scope = Scope::new(&document, request, around.schema).map_err(|problem| vec![problem])?;
    if let Some(schema) = around.schema {
        let problems = coerce::check(&scope, schema);
        if !problems.is_empty() {
            return Err(problems);
        }
    }
    let requested = cost::requested(&scope);
    if around.metered && requested > cost::DEAREST_QUERY {
        return Err(vec![too_dear(requested)]);
    }
    if around.metered && shop.bucket.available(around.now) < requested {
        return Err(vec![throttled()]);
    }
    let (data, problems) = execute(shop, around, &scope);
    let actual = cost::actual(&data, scope.is_mutation(), requested);
    if around.metered {
        shop.bucket.take(actual);
    }
    let mut answer = json!({"data": data, "extensions": shop.bucket.report(requested, Some(actual))});
    if !problems.is_empty() {
        answer["errors"] = problems.iter().map(Problem::json).collect();
    }
    Ok(answer)
}

fn execute(shop: &mut Shop, around: &mut Surroundings<'_>, scope: &Scope<'_>) -> (Value, Vec<Problem>) {
    let mut data = Map::new();
    let mut problems = Vec::new();
    for wanted in scope.root() {
        let field = wanted.field.name.as_str();
        if field == "__typename" {
            data.insert(wanted.key, json!(if scope.is_mutation() { "Mutation" } else { "QueryRoot" }));
            continue;
        }
        *around.used.entry(field.to_owned()).or_default() += 1;
        let call = Call {
            mutation: scope.is_mutation(),
            field,
            arguments: &scope.arguments(wanted.field),
            key: scope.idempotency_key(wanted.field),
            now: around.now,
            faults: around.faults,
        };
        let mut projection = Projection { scope, unserved: Vec::new() };
        let outcome = shop.call(&call).and_then(|value| projection.field(&wanted, &value));
        shop.violations.extend(projection.unserved);
        match outcome {
            Ok(value) => {
                data.insert(wanted.key, value);
            }
            Err(problem) => {
                shop.violations.push(Violation {
                    operation: field.to_owned(),
                    place: "field".to_owned(),
                    message: problem.message().to_owned(),
                });
                let problem = if problem.has_path() { problem } else { problem.path(&[&wanted.key]) };
                problems.push(problem.at(scope.place(wanted.field)));
                data.insert(wanted.key, Value::Null);
            }
        }
    }
    (Value::Object(data), problems)
}

fn cost_of(request: &Request, schema: Option<&AdminSchema>) -> u32 {
    let cost = parse(&request.query)
        .and_then(|document| Scope::new(&document, request, schema).map(|scope| cost::requested(&scope)));
    cost.unwrap_or(0)
}

fn too_dear(requested: u32) -> Problem {
    let most = cost::DEAREST_QUERY;
    Problem::new(format!("Query cost is {requested}, which exceeds the single query max cost limit ({most})."))
        .code("MAX_COST_EXCEEDED")
        .with("cost", json!(requested))
        .with("maxCost", json!(most))
        .with("documentation", json!("https://shopify.dev/api/usage/rate-limits"))
}

fn form_or_json(parts: &Parts, body: &Bytes) -> Map<String, Value> {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), json!(value))).collect()
}

/// How a request without a name is called in violations.
fn first_words(query: &str) -> String {
    query.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn refused(status: StatusCode) -> Response<Body> {
    shown(status, &fault_body(status).1)
}

fn shown(status: StatusCode, body: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
