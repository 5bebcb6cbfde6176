//! What eBay's refusals mean: an allow-list of (status, error number); everything else is unexpected.

use connect::{ConnectError, Effect, ErrorKind, Response};

use crate::wire;

/// Whether a call could change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Read,
    Write,
}

/// A refusal that names no number.
const ANY: u64 = 0;

type Row = (u16, u64, ErrorKind, Effect, &'static str);

const BAD_ORDER: &str = "eBay does not accept this package as it is.";
const NO_ORDER: &str = "eBay does not have this order (any more).";
const NO_SKU: &str = "eBay's inventory does not have this SKU.";
const OUR_FAULT: &str = "eBay refused a request of Tributary.";
const DOWN: &str = "eBay has a problem on its side.";

/// Refusals that say for certain that nothing happened, unless the row says otherwise.
///
/// Numbers: each method's page, "HTTP status codes" (linked in `api.rs`), and
/// <https://developer.ebay.com/develop/api/sell/error_codes> for those below 3000.
#[rustfmt::skip]
pub const ALLOWED: &[Row] = &[
    (401, ANY,    ErrorKind::Unauthorized, Effect::None, "eBay no longer accepts this connection."),
    (403, 1100,   ErrorKind::Unauthorized, Effect::None, "The eBay application lacks a permission that Tributary needs."),
    (404, ANY,    ErrorKind::NotFound,     Effect::None, "eBay does not have this (any more)."),
    (404, 2002,   ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (404, 32100,  ErrorKind::NotFound,     Effect::None, NO_ORDER),
    (429, ANY,    ErrorKind::RateLimited,  Effect::None, "eBay's limit of calls is used up for the moment."),
    (400, 2004,   ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    // Sell Fulfillment: reading.
    (400, 30700,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 30800,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 30810,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 30820,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 30830,  ErrorKind::Unexpected,   Effect::None, "eBay shows orders of the last two years only."),
    (400, 30840,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 30850,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 30900,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 31000,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 31100,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 32100,  ErrorKind::NotFound,     Effect::None, NO_ORDER),
    (400, 32800,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    // Sell Fulfillment: packages.
    (400, 32200,  ErrorKind::InvalidOrder, Effect::None, "A line of this package is not in the eBay order."),
    (400, 32210,  ErrorKind::InvalidOrder, Effect::None, BAD_ORDER),
    (400, 32300,  ErrorKind::InvalidOrder, Effect::None, "eBay does not accept this tracking number or carrier."),
    (400, 32400,  ErrorKind::Unauthorized, Effect::None, "eBay has suspended this seller's account."),
    (400, 32500,  ErrorKind::InvalidOrder, Effect::None, "eBay does not accept the date of this package."),
    (400, 32600,  ErrorKind::InvalidOrder, Effect::None, BAD_ORDER),
    (400, 34100,  ErrorKind::InvalidOrder, Effect::None, "eBay takes no more tracking numbers for this order."),
    (400, 34200,  ErrorKind::InvalidOrder, Effect::None, "eBay wants lines of its international shipping in packages of their own."),
    (400, 34300,  ErrorKind::InvalidOrder, Effect::None, "eBay wants each line of its international shipping in a package of its own."),
    (400, 34500,  ErrorKind::AlreadyExists, Effect::None, "eBay has this package already."),
    // Sell Inventory.
    (400, 25002,  ErrorKind::InvalidOrder, Effect::None, "eBay refuses to change this listing, perhaps because it was changed too often today."),
    (400, 25702,  ErrorKind::NotFound,     Effect::None, NO_SKU),
    (404, 25702,  ErrorKind::NotFound,     Effect::None, NO_SKU),
    (400, 25706,  ErrorKind::Unexpected,   Effect::None, OUR_FAULT),
    (400, 25709,  ErrorKind::InvalidOrder, Effect::None, "eBay does not accept this quantity or SKU."),
    (400, 25710,  ErrorKind::NotFound,     Effect::None, NO_SKU),
    (404, 25710,  ErrorKind::NotFound,     Effect::None, NO_SKU),
    (400, 25713,  ErrorKind::NotFound,     Effect::None, NO_SKU),
    (404, 25713,  ErrorKind::NotFound,     Effect::None, NO_SKU),
    (400, 25759,  ErrorKind::InvalidOrder, Effect::None, "An auction on eBay holds more than this quantity."),
    // A gateway that answers in eBay's place says nothing about what happened behind it.
    (500, ANY,    ErrorKind::Unavailable,  Effect::Possible, DOWN),
    (502, ANY,    ErrorKind::Unavailable,  Effect::Possible, DOWN),
    (503, ANY,    ErrorKind::Unavailable,  Effect::Possible, DOWN),
    (504, ANY,    ErrorKind::Unavailable,  Effect::Possible, DOWN),
];

/// What an answer that is not a success means.
pub fn classify(response: &Response, call: Call) -> ConnectError {
    let errors = json::from_slice::<wire::Errors>(&response.body).unwrap_or_default().errors;
    let mut error = of(response.operation, response.status, &errors, call);
    error.retry_after = response.retry_after();
    error
}

/// As [`classify`], for one part of an answer to many.
pub fn of(operation: &'static str, status: u16, errors: &[wire::Error], call: Call) -> ConnectError {
    let ids: Vec<u64> = errors.iter().filter_map(|error| error.error_id).collect();
    let named = ids.iter().find_map(|id| find(status, *id));
    let (kind, effect, message) =
        named.or_else(|| find(status, ANY)).unwrap_or((ErrorKind::Unexpected, Effect::Possible, OUR_FAULT));
    let mut error =
        ConnectError::new(kind, operation, message).with_context(format!("status {status}, errors {ids:?}"));
    error.effect = if call == Call::Read { Effect::None } else { effect };
    error
}

fn find(status: u16, id: u64) -> Option<(ErrorKind, Effect, &'static str)> {
    let row = ALLOWED.iter().find(|row| row.0 == status && row.1 == id);
    row.map(|(_, _, kind, effect, message)| (*kind, *effect, *message))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;
    use std::{env, fs};

    use serde_json::{Value, json};

    use super::*;

    fn answer(status: u16, body: &Value) -> Response {
        let headers = BTreeMap::from([("retry-after".to_owned(), "7".to_owned())]);
        Response { operation: "ebay.test", status, headers, body: body.to_string().into_bytes() }
    }

    fn refused(status: u16, id: u64, call: Call) -> (ErrorKind, Effect) {
        let error = json!({"errorId": id, "message": "about Ada Example", "parameters": [{"value": "Ada Example"}]});
        let error = classify(&answer(status, &json!({"errors": [error]})), call);
        assert_eq!(error.context, format!("status {status}, errors [{id}]"));
        assert_eq!(error.retry_after.map(|wait| wait.as_secs()), Some(7));
        (error.kind, error.effect)
    }

    #[test]
    fn each_row_means_what_it_says() {
        for (status, id, kind, effect, message) in ALLOWED {
            assert_eq!(refused(*status, *id, Call::Write), (*kind, *effect), "{status} {id}");
            assert_eq!(refused(*status, *id, Call::Read), (*kind, Effect::None), "{status} {id}");
            assert!(message.ends_with('.'), "{message}");
        }
        let rows: BTreeSet<_> = ALLOWED.iter().map(|row| (row.0, row.1)).collect();
        assert_eq!(rows.len(), ALLOWED.len(), "a row stands twice");
    }

    #[test]
    fn what_is_not_allowed_for_may_have_happened() {
        assert_eq!(refused(400, 99_999, Call::Write), (ErrorKind::Unexpected, Effect::Possible));
        assert_eq!(refused(409, 1, Call::Write), (ErrorKind::Unexpected, Effect::Possible));
        assert_eq!(refused(400, 99_999, Call::Read), (ErrorKind::Unexpected, Effect::None));
        let page = Response { body: b"<html>".to_vec(), ..answer(503, &Value::Null) };
        assert_eq!(classify(&page, Call::Write).kind, ErrorKind::Unavailable);
        let second = json!({"errors": [null, {"errorId": 1}, {"errorId": 32300}]});
        assert_eq!(classify(&answer(400, &second), Call::Write).kind, ErrorKind::InvalidOrder);
    }

    #[test]
    fn every_refusal_that_ebay_describes_has_its_row() {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
        let folder = env::var_os("TRIBUTARY_SPECS").map_or(own, PathBuf::from).join("ebay");
        let used = [
            ("sell_fulfillment_v1_oas3.json", "/order", "get"),
            ("sell_fulfillment_v1_oas3.json", "/order/{orderId}", "get"),
            ("sell_fulfillment_v1_oas3.json", "/order/{orderId}/shipping_fulfillment", "get"),
            ("sell_fulfillment_v1_oas3.json", "/order/{orderId}/shipping_fulfillment", "post"),
            ("sell_inventory_v1_oas3.json", "/inventory_item", "get"),
            ("sell_inventory_v1_oas3.json", "/offer", "get"),
            ("sell_inventory_v1_oas3.json", "/bulk_update_price_quantity", "post"),
            ("commerce_identity_v1_oas3.json", "/user/", "get"),
        ];
        let mut described = 0;
        for (file, path, method) in used {
            let Ok(text) = fs::read_to_string(folder.join(file)) else {
                println!("skipped: no {file} in {}", folder.display());
                return;
            };
            let description: Value = serde_json::from_str(&text).unwrap();
            let responses = description["paths"][path][method]["responses"].as_object().unwrap();
            for (status, response) in responses {
                let Some(errors) = response["x-response-codes"]["errors"].as_object() else { continue };
                let status: u16 = status.parse().unwrap();
                for id in errors.keys() {
                    described += 1;
                    let known =
                        find(status, id.parse().unwrap()).or_else(|| find(status, ANY).filter(|_| status >= 500));
                    assert!(known.is_some(), "{method} {path}: {status} {id}");
                }
            }
        }
        assert!(described > 30, "{described}");
    }
}
