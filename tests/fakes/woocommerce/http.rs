//! Requests and answers of the REST API, and which route is which.
//!
//! Routes: <https://woocommerce.github.io/woocommerce-rest-api-docs/>.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, DATE, LINK, LOCATION};
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::auth::Caller;
use super::shop::Shop;
use super::{dates, validate};

pub(super) const PREFIX: &str = "/wp-json/wc/v3";

/// A request as the shop sees it.
#[derive(Debug)]
pub(super) struct Request {
    pub method: Method,
    /// As dialled, from the root.
    pub path: String,
    /// Decoded.
    pub query: Vec<(String, String)>,
    pub authorization: Option<String>,
    pub body: Bytes,
}

impl Request {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A list given as `name=a,b`, `name[]=a&name[]=b` or `name[0]=a`.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let mut all = Vec::new();
        for (key, value) in &self.query {
            let indexed = key.strip_prefix(name).is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'));
            if key == name {
                all.extend(value.split(',').map(str::trim).filter(|item| !item.is_empty()));
            } else if indexed {
                all.push(value.as_str());
            }
        }
        all
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.param(name), Some("true" | "1"))
    }

    /// The JSON body; an absent one is an empty object.
    pub fn json(&self) -> Result<Map<String, Value>, Refusal> {
        validate::json_object(&self.body)
    }
}

/// An answer before it is put on the wire.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body, headers: Vec::new() }
    }

    pub fn created(body: Value, location: String) -> Self {
        Self { status: 201, body, headers: vec![("location", location)] }
    }
}

/// An error answer: `{code, message, data}`.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub status: u16,
    pub body: Value,
}

impl Refusal {
    pub fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, body: json!({"code": code, "message": message, "data": {"status": status}}) }
    }

    /// Refunds give `data` as a bare number and say 500 whatever it says (captures 64, 64e).
    pub fn bare(data: u16, code: &str, message: &str) -> Self {
        Self { status: 500, body: json!({"code": code, "message": message, "data": data}) }
    }

    pub fn no_route() -> Self {
        Self::new(404, "rest_no_route", "No route was found matching the URL and request method.")
    }

    pub fn invalid_order_id() -> Self {
        Self::new(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
    }

    /// What PHP's own errors look like (capture 28).
    pub fn critical_error() -> Self {
        let help = "https://wordpress.org/documentation/article/faq-troubleshooting/";
        let message = format!(
            "<p>There has been a critical error on this website.</p><p><a href=\"{help}\">Learn more about troubleshooting WordPress.</a></p>"
        );
        let mut refusal = Self::new(500, "internal_server_error", &message);
        refusal.body["additional_errors"] = json!([]);
        refusal
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.status, body: refusal.body, headers: Vec::new() }
    }
}

pub(super) type Outcome = Result<Answer, Refusal>;

impl Shop {
    pub fn answer(&mut self, request: &Request) -> Answer {
        let mut answer = match self.route(request) {
            Ok(answer) => answer,
            Err(refusal) => Answer::from(refusal),
        };
        if answer.status < 300 {
            keep_fields(&mut answer.body, &request.list("_fields"));
        }
        answer
    }

    fn route(&mut self, request: &Request) -> Outcome {
        let path = request.path.trim_end_matches('/');
        if path == "/wp-json" && request.method == Method::GET {
            return Ok(Answer::ok(self.index()));
        }
        let caller = self.authenticate(request)?;
        let Some(rest) = path.strip_prefix(PREFIX) else { return Err(Refusal::no_route()) };
        let segments: Vec<&str> = rest.split('/').skip(1).collect();
        if caller == Caller::Reader && request.method != Method::GET {
            let message = "The API key provided does not have write permissions.";
            return Err(Refusal::new(401, "woocommerce_rest_authentication_error", message));
        }
        if caller == Caller::Nobody {
            return Err(nobody(&request.method, &segments));
        }
        let method = match request.method {
            Method::PATCH => Method::PUT,
            ref other => other.clone(),
        };
        match (method.as_str(), segments.as_slice()) {
            ("GET", ["orders"]) => self.list_orders(request),
            ("POST", ["orders"]) => self.post_order(&request.json()?),
            ("POST" | "PUT", ["orders", "batch"]) => self.batch_orders(&request.json()?),
            ("GET", ["orders", id]) => self.get_order(number(id)?),
            ("PUT" | "POST", ["orders", id]) => self.put_order(number(id)?, &request.json()?),
            ("DELETE", ["orders", id]) => self.delete_order(number(id)?, request.flag("force")),
            ("GET", ["orders", id, "notes"]) => self.list_notes(number(id)?),
            ("POST", ["orders", id, "notes"]) => self.post_note(number(id)?, &request.json()?),
            ("GET", ["orders", id, "refunds"]) => self.list_refunds(number(id)?),
            ("POST", ["orders", id, "refunds"]) => self.post_refund(number(id)?, &request.json()?),
            ("GET", ["orders", id, "refunds", refund]) => self.get_refund(number(id)?, number(refund)?),
            ("GET", ["customers"]) => Ok(self.list_customers(request)),
            ("GET", ["products"]) => self.list_products(request),
            ("POST", ["products"]) => self.post_product(&request.json()?),
            ("POST" | "PUT", ["products", "batch"]) => self.batch_products(&request.json()?),
            ("GET", ["products", id]) => self.get_product(number(id)?),
            ("PUT" | "POST", ["products", id]) => self.put_product(number(id)?, &request.json()?),
            ("GET", ["products", id, "variations"]) => self.list_variations(number(id)?, request),
            ("POST" | "PUT", ["products", id, "variations", "batch"]) => {
                self.batch_variations(number(id)?, &request.json()?)
            }
            ("GET", ["products", id, "variations", variation]) => self.get_variation(number(id)?, number(variation)?),
            ("PUT" | "POST", ["products", id, "variations", variation]) => {
                self.put_variation(number(id)?, number(variation)?, &request.json()?)
            }
            ("GET", ["webhooks"]) => self.list_webhooks(request),
            ("POST", ["webhooks"]) => self.post_webhook(&request.json()?),
            ("GET", ["webhooks", id]) => self.get_webhook(number(id)?),
            ("PUT" | "POST", ["webhooks", id]) => self.put_webhook(number(id)?, &request.json()?),
            ("DELETE", ["webhooks", id]) => self.delete_webhook(number(id)?, request.flag("force")),
            ("GET", ["data", "currencies", "current"]) => Ok(self.current_currency()),
            _ => Err(Refusal::no_route()),
        }
    }

    /// The index that WordPress shows to everyone: <https://developer.wordpress.org/rest-api/reference/>.
    fn index(&self) -> Value {
        let zone = self.config.time_zone.iana_name().unwrap_or("");
        let hours = self.config.time_zone.to_offset(self.now()).seconds() / 3600;
        json!({
            "name": "Fake shop", "description": "", "url": self.config.home, "home": self.config.home,
            "gmt_offset": hours, "timezone_string": zone,
            "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wp/v2"], "authentication": {},
        })
    }

    pub fn url(&self, rest: &str) -> String {
        format!("{}{PREFIX}{rest}", self.config.home)
    }

    /// Puts an answer on the wire with the headers that every answer has.
    pub fn respond(&self, answer: Answer) -> Response<Body> {
        let mut response = Response::new(Body::from(answer.body.to_string()));
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
        let index = format!("<{}/wp-json/>; rel=\"https://api.w.org/\"", self.config.home);
        for (name, value) in [(DATE, dates::http_date(self.clock.now())), (LINK, index)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        for (name, value) in answer.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(header_name(name), value);
            }
        }
        response
    }
}

fn header_name(name: &'static str) -> HeaderName {
    match name {
        "location" => LOCATION,
        "link" => LINK,
        other => HeaderName::from_static(other),
    }
}

fn number(segment: &str) -> Result<u64, Refusal> {
    segment.parse().map_err(|_| Refusal::no_route())
}

/// What each route says to a caller without a key (captures 01, 03b).
fn nobody(method: &Method, segments: &[&str]) -> Refusal {
    let single = segments.len().is_multiple_of(2);
    let (code, message) = match (method.as_str(), segments) {
        (_, [.., "batch"]) => {
            ("woocommerce_rest_cannot_batch", "Sorry, you are not allowed to batch manipulate this resource.")
        }
        ("GET", _) if single => ("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource."),
        ("GET", _) => ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
        ("DELETE", _) => ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."),
        ("POST", _) if !single => ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."),
        _ => ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    };
    Refusal::new(401, code, message)
}

/// `_fields`: a single object keeps its `_links`, the objects of a list do not (captures 12, 75b).
fn keep_fields(body: &mut Value, fields: &[&str]) {
    if fields.is_empty() {
        return;
    }
    let wanted = |key: &str| fields.iter().any(|field| field.split('.').next() == Some(key));
    match body {
        Value::Object(object) => object.retain(|key, _| wanted(key) || key == "_links"),
        Value::Array(list) => {
            for item in list.iter_mut().filter_map(Value::as_object_mut) {
                item.retain(|key, _| wanted(key));
            }
        }
        _ => {}
    }
}

/// The bodies that captures 95 to 98 recorded, for faults with their status.
pub(super) fn refusal_body(status: StatusCode) -> (&'static str, String) {
    let (code, message) = match status.as_u16() {
        401 => ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
        404 => ("rest_no_route", "No route was found matching the URL and request method."),
        500 => ("wp_die", "<h1>Error establishing a database connection</h1>"),
        503 => ("wp_die", "Briefly unavailable for scheduled maintenance. Check back in a minute."),
        _ => {
            let title = status.to_string();
            let page = format!(
                "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
            );
            return ("text/html", page);
        }
    };
    let mut body = json!({"code": code, "message": message, "data": {"status": status.as_u16()}});
    if code == "wp_die" {
        body["additional_errors"] = json!([]);
    }
    ("application/json; charset=UTF-8", body.to_string())
}
