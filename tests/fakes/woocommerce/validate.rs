//! What the REST schema refuses before WooCommerce sees it: types, enums, ranges, dates.

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::currencies::CURRENCIES;
use super::http::Refusal;
use super::shop::Shop;
use super::state::{Status, Version};

/// The parameters that were refused, told in one answer.
#[derive(Debug, Default)]
pub(super) struct Invalid {
    params: Map<String, Value>,
    details: Map<String, Value>,
}

impl Invalid {
    pub fn add(&mut self, param: &str, code: &str, message: &str, data: &Value) {
        self.params.entry(param).or_insert_with(|| message.into());
        self.details.entry(param).or_insert_with(|| json!({"code": code, "message": message, "data": data}));
    }

    fn wrong_type(&mut self, param: &str, place: &str, wanted: &str) {
        let message = format!("{place} is not of type {wanted}.");
        self.add(param, "rest_invalid_type", &message, &json!({"param": place}));
    }

    pub fn not_in(&mut self, param: &str, place: &str, allowed: &[&str]) {
        let message = format!("{place} is not one of {}.", enumerate(allowed));
        self.add(param, "rest_not_in_enum", &message, &Value::Null);
    }

    pub fn date(&mut self, param: &str) {
        self.add(param, "rest_invalid_date", "Invalid date.", &Value::Null);
    }

    pub fn check(self) -> Result<(), Refusal> {
        if self.params.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = self.params.keys().map(String::as_str).collect();
        let message = format!("Invalid parameter(s): {}", names.join(", "));
        let mut refusal = Refusal::new(400, "rest_invalid_param", &message);
        refusal.body["data"] = json!({"status": 400, "params": self.params, "details": self.details});
        Err(refusal)
    }
}

/// `a, b, and c`
fn enumerate(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, second] => format!("{first} and {second}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
    }
}

/// The body as an object. An empty body and a body that is no object count as no parameters.
pub(super) fn json_object(body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Ok(Map::new()),
        Err(error) => {
            // A text that ends within a string is what PHP calls a control character error (capture 37).
            let (code, text) = if error.is_eof() && error.to_string().contains("string") {
                (3, "Control character error, possibly incorrectly encoded")
            } else {
                (4, "Syntax error")
            };
            let mut refusal = Refusal::new(400, "rest_invalid_json", "Invalid JSON body passed.");
            refusal.body["data"]["json_error_code"] = code.into();
            refusal.body["data"]["json_error_message"] = text.into();
            Err(refusal)
        }
    }
}

const TEXTS: [&str; 4] = ["payment_method", "payment_method_title", "transaction_id", "customer_note"];

impl Shop {
    /// Checks an order that is sent alone. The entries of a batch are not checked at all (capture 77).
    pub fn check_order(&self, body: &Map<String, Value>) -> Result<(), Refusal> {
        let mut invalid = Invalid::default();
        for name in TEXTS {
            text(&mut invalid, name, name, body.get(name));
        }
        if self.config.version == Version::V11 {
            text(&mut invalid, "created_via", "created_via", body.get("created_via"));
        }
        for name in ["customer_id", "parent_id"] {
            integer(&mut invalid, name, name, body.get(name));
        }
        if body.get("set_paid").is_some_and(|value| as_bool(value).is_none()) {
            invalid.wrong_type("set_paid", "set_paid", "boolean");
        }
        if let Some(status) = body.get("status")
            && self.known_status(status.as_str().unwrap_or_default()).is_none()
        {
            invalid.not_in("status", "status", &self.status_names());
        }
        if let Some(currency) = body.get("currency")
            && !CURRENCIES.contains(&currency.as_str().unwrap_or_default())
        {
            invalid.not_in("currency", "currency", &CURRENCIES);
        }
        for name in ["billing", "shipping"] {
            address(&mut invalid, name, body.get(name));
        }
        items(&mut invalid, "line_items", body.get("line_items"), &["total", "subtotal", "sku", "tax_class"]);
        items(&mut invalid, "shipping_lines", body.get("shipping_lines"), &["total", "instance_id"]);
        items(&mut invalid, "fee_lines", body.get("fee_lines"), &["total", "tax_class"]);
        items(&mut invalid, "meta_data", body.get("meta_data"), &["key"]);
        invalid.check()
    }

    /// A status that an order can be given over the API.
    pub fn known_status(&self, name: &str) -> Option<Status> {
        let plugin = self.config.plugin_statuses.iter().find(|known| *known == name);
        Status::CORE
            .into_iter()
            .find(|status| status.as_str() == name)
            .or_else(|| plugin.map(|name| Status::Plugin(name.clone())))
    }

    pub fn status_names(&self) -> Vec<&str> {
        const ORDER: [&str; 9] = [
            "auto-draft",
            "pending",
            "processing",
            "on-hold",
            "completed",
            "cancelled",
            "refunded",
            "failed",
            "checkout-draft",
        ];
        ORDER.into_iter().chain(self.config.plugin_statuses.iter().map(String::as_str)).collect()
    }
}

fn text(invalid: &mut Invalid, param: &str, place: &str, value: Option<&Value>) {
    if value.is_some_and(|value| !value.is_string()) {
        invalid.wrong_type(param, place, "string");
    }
}

fn integer(invalid: &mut Invalid, param: &str, place: &str, value: Option<&Value>) {
    if value.is_some_and(|value| as_integer(value).is_none()) {
        invalid.wrong_type(param, place, "integer");
    }
}

fn address(invalid: &mut Invalid, param: &str, value: Option<&Value>) {
    let Some(value) = value else { return };
    let Some(fields) = value.as_object() else { return invalid.wrong_type(param, param, "object") };
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("email", Value::Null) => {}
            // An empty address is no address either: leave the field out, or send null.
            ("email", Value::String(mail)) if param == "billing" => {
                if !is_mail(mail) {
                    invalid.add(param, "rest_invalid_email", "Invalid email address.", &Value::Null);
                }
            }
            _ => text(invalid, param, &format!("{param}[{name}]"), Some(value)),
        }
    }
}

fn is_mail(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.split('.').count() > 1 && !host.contains('@'))
}

/// The refusal of one parameter that must be text.
pub(super) fn not_a_string(param: &str) -> Refusal {
    let mut invalid = Invalid::default();
    invalid.wrong_type(param, param, "string");
    invalid.check().err().unwrap_or_else(Refusal::critical_error)
}

/// Lists of objects: `texts` must be strings, `quantity` and `variation_id` integers.
fn items(invalid: &mut Invalid, param: &str, value: Option<&Value>, texts: &[&str]) {
    let Some(value) = value else { return };
    let list = match value {
        Value::Array(list) => list.as_slice(),
        // A text is taken for a list with commas (capture 38).
        other => std::slice::from_ref(other),
    };
    for (index, item) in list.iter().enumerate() {
        let place = format!("{param}[{index}]");
        let Some(fields) = item.as_object() else {
            invalid.wrong_type(param, &place, "object");
            continue;
        };
        for name in texts {
            text(invalid, param, &format!("{place}[{name}]"), fields.get(*name));
        }
        for name in ["quantity", "variation_id"] {
            integer(invalid, param, &format!("{place}[{name}]"), fields.get(name));
        }
    }
}

/// An integer, or a text that is one.
pub(super) fn as_integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

pub(super) fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::Number(number) => number.as_i64().filter(|n| matches!(n, 0 | 1)).map(|n| n == 1),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
