//! What Amazon's refusals mean: an allow-list of (call, status, code); everything else is unexpected.

use connect::{ConnectError, Effect, ErrorKind, Response};

use crate::{limits, wire};

/// What was asked for: the same refusal means something else to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A list, or whose account this is.
    Read,
    /// One order by its id, which is all that can be wrong with the request.
    Order,
    /// One listing by its SKU.
    Listing,
    /// A package.
    Ship,
    /// A listing's quantity.
    Quantity,
    /// Where notifications go.
    Notices,
}

impl Call {
    const fn reads(self) -> bool {
        matches!(self, Self::Read | Self::Order | Self::Listing)
    }
}

/// Any code, or none.
const ANY: &str = "";

type Row = (Option<Call>, u16, &'static str, ErrorKind, Effect, &'static str);

const NO_ORDER: &str = "Amazon does not have this order (any more).";
const NO_LISTING: &str = "Amazon does not have a listing with this SKU.";
const BAD_PACKAGE: &str = "Amazon does not accept this package as it is: check carrier, number and quantities.";
const BAD_QUANTITY: &str = "Amazon does not accept this quantity or listing.";
const BAD_QUEUE: &str =
    "Amazon does not accept the queue for notifications: look whether its ARN is right and Amazon may send to it.";
const DENIED: &str = "Amazon no longer accepts this connection, or its application lacks a role that Tributary needs.";
const OUR_FAULT: &str = "Amazon refused a request of Tributary.";
const DOWN: &str = "Amazon has a problem on its side.";

/// Refusals that say for certain that nothing happened, unless the row says otherwise. The first that fits holds.
///
/// Statuses: "responses" of each operation's description. Codes: as in its examples, and in answers that developers
/// published (<https://github.com/amzn/selling-partner-api-models/issues/4122> for 403 where others say 401).
#[rustfmt::skip]
pub const ALLOWED: &[Row] = &[
    (Some(Call::Order),    400, ANY, ErrorKind::NotFound,     Effect::None, NO_ORDER),
    (Some(Call::Listing),  400, ANY, ErrorKind::NotFound,     Effect::None, NO_LISTING),
    (Some(Call::Ship),     400, ANY, ErrorKind::InvalidOrder, Effect::None, BAD_PACKAGE),
    (Some(Call::Quantity), 400, ANY, ErrorKind::InvalidOrder, Effect::None, BAD_QUANTITY),
    (Some(Call::Notices),  400, ANY, ErrorKind::InvalidOrder, Effect::None, BAD_QUEUE),
    (Some(Call::Notices),  409, ANY, ErrorKind::AlreadyExists, Effect::None, "Amazon has this already."),
    (Some(Call::Read),     400, ANY, ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (None,                 401, ANY, ErrorKind::Unauthorized, Effect::None, DENIED),
    (None,                 403, ANY, ErrorKind::Unauthorized, Effect::None, DENIED),
    (Some(Call::Order),    404, ANY, ErrorKind::NotFound,     Effect::None, NO_ORDER),
    (Some(Call::Ship),     404, ANY, ErrorKind::NotFound,     Effect::None, NO_ORDER),
    (Some(Call::Listing),  404, ANY, ErrorKind::NotFound,     Effect::None, NO_LISTING),
    (Some(Call::Quantity), 404, ANY, ErrorKind::NotFound,     Effect::None, NO_LISTING),
    (None,                 404, ANY, ErrorKind::NotFound,     Effect::None, "Amazon does not have this (any more)."),
    (None,                 413, ANY, ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (None,                 415, ANY, ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (None,                 429, ANY, ErrorKind::RateLimited,  Effect::None, "Amazon's limit of calls is used up for the moment."),
    // A gateway that answers in Amazon's place says nothing about what happened behind it.
    (None,                 500, ANY, ErrorKind::Unavailable,  Effect::Possible, DOWN),
    (None,                 502, ANY, ErrorKind::Unavailable,  Effect::Possible, DOWN),
    (None,                 503, ANY, ErrorKind::Unavailable,  Effect::Possible, DOWN),
    (None,                 504, ANY, ErrorKind::Unavailable,  Effect::Possible, DOWN),
];

/// What an answer that is not a success means.
pub fn classify(response: &Response, call: Call) -> ConnectError {
    let errors = json::from_slice::<wire::ErrorList>(&response.body).unwrap_or_default().errors;
    let codes: Vec<String> = errors.into_iter().filter_map(|error| error.code.map(|code| word(&code))).collect();
    let row = ALLOWED.iter().find(|row| {
        row.0.is_none_or(|of| of == call)
            && row.1 == response.status
            && (row.2 == ANY || codes.iter().any(|code| code == row.2))
    });
    let (kind, effect, message) =
        row.map_or((ErrorKind::Unexpected, Effect::Possible, OUR_FAULT), |row| (row.3, row.4, row.5));
    let context = format!("status {}, errors {codes:?}", response.status);
    let mut error = ConnectError::new(kind, response.operation, message).with_context(context);
    error.effect = if call.reads() { Effect::None } else { effect };
    error.retry_after = limits::wait(response);
    error
}

/// A code as Amazon writes it, and nothing that could hold more than a code.
pub fn word(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '-')).take(40).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;
    use std::{env, fs};

    use serde_json::{Value, json};

    use super::*;

    const CALLS: [Call; 6] = [Call::Read, Call::Order, Call::Listing, Call::Ship, Call::Quantity, Call::Notices];

    fn answer(status: u16, body: &Value) -> Response {
        let headers = BTreeMap::from([("retry-after".to_owned(), "7".to_owned())]);
        Response { operation: "amazon.test", status, headers, body: body.to_string().into_bytes() }
    }

    fn refused(status: u16, call: Call) -> (ErrorKind, Effect) {
        let error = json!({"code": "InvalidInput", "message": "about Ada Example", "details": "Ada Example"});
        let error = classify(&answer(status, &json!({"errors": [error]})), call);
        assert_eq!(error.context, format!("status {status}, errors [\"InvalidInput\"]"));
        assert_eq!(error.retry_after.map(|wait| wait.as_secs()), Some(7));
        (error.kind, error.effect)
    }

    #[test]
    fn each_row_means_what_it_says() {
        for (of, status, _, kind, effect, message) in ALLOWED {
            for call in CALLS.into_iter().filter(|call| of.is_none_or(|of| of == *call)) {
                let special = ALLOWED.iter().any(|row| row.0 == Some(call) && row.1 == *status);
                if of.is_none() && special {
                    continue;
                }
                let effect = if call.reads() { Effect::None } else { *effect };
                assert_eq!(refused(*status, call), (*kind, effect), "{call:?} {status}");
            }
            assert!(message.ends_with('.'), "{message}");
        }
        let rows: BTreeSet<_> = ALLOWED.iter().map(|row| (format!("{:?}", row.0), row.1, row.2)).collect();
        assert_eq!(rows.len(), ALLOWED.len(), "a row stands twice");
    }

    #[test]
    fn what_is_not_allowed_for_may_have_happened() {
        assert_eq!(refused(409, Call::Ship), (ErrorKind::Unexpected, Effect::Possible));
        assert_eq!(refused(409, Call::Read), (ErrorKind::Unexpected, Effect::None));
        let page = Response { body: b"<html>".to_vec(), ..answer(503, &Value::Null) };
        assert_eq!(classify(&page, Call::Ship).kind, ErrorKind::Unavailable);
        let odd = json!({"errors": [null, {"code": null}, {"code": "{\"name\": \"Ada\"}"}]});
        assert_eq!(classify(&answer(400, &odd), Call::Ship).context, "status 400, errors [\"name Ada\"]");
    }

    #[test]
    fn every_refusal_that_amazon_describes_has_its_row() {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
        let folder = env::var_os("TRIBUTARY_SPECS").map_or(own, PathBuf::from).join("amazon");
        let used = [
            ("orders_2026-01-01.json", "/orders/2026-01-01/orders", "get", Call::Read),
            ("orders_2026-01-01.json", "/orders/2026-01-01/orders/{orderId}", "get", Call::Order),
            ("ordersV0.json", "/orders/v0/orders/{orderId}/shipmentConfirmation", "post", Call::Ship),
            ("listingsItems_2021-08-01.json", "/listings/2021-08-01/items/{sellerId}", "get", Call::Read),
            ("listingsItems_2021-08-01.json", "/listings/2021-08-01/items/{sellerId}/{sku}", "get", Call::Listing),
            ("listingsItems_2021-08-01.json", "/listings/2021-08-01/items/{sellerId}/{sku}", "patch", Call::Quantity),
            ("sellers.json", "/sellers/v1/marketplaceParticipations", "get", Call::Read),
            ("notifications.json", "/notifications/v1/destinations", "post", Call::Notices),
            ("notifications.json", "/notifications/v1/subscriptions/{notificationType}", "post", Call::Notices),
        ];
        let mut described = 0;
        for (file, path, method, call) in used {
            let Ok(text) = fs::read_to_string(folder.join(file)) else {
                println!("skipped: no {file} in {}", folder.display());
                return;
            };
            let description: Value = serde_json::from_str(&text).unwrap();
            for status in description["paths"][path][method]["responses"].as_object().unwrap().keys() {
                let status: u16 = status.parse().unwrap();
                if status >= 300 {
                    described += 1;
                    let known = ALLOWED.iter().any(|row| row.0.is_none_or(|of| of == call) && row.1 == status);
                    assert!(known, "{method} {path}: {status}");
                }
            }
        }
        assert!(described > 40, "{described}");
    }
}
