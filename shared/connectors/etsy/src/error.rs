//! What Etsy's refusals mean: an allow-list of (status, words of the refusal); everything else is unexpected.

use connect::{ConnectError, Effect, ErrorKind, Response};

use crate::wire;

/// Whether a call could change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Read,
    Write,
}

/// Whatever the refusal says.
const ANY: &str = "";

type Row = (u16, &'static str, ErrorKind, Effect, &'static str);

const REFUSED: &str = "Etsy does not accept this as it is.";
const KEYS: &str = "Etsy does not know these application keys.";
const OUR_FAULT: &str = "Etsy refused a request of Tributary.";
const DOWN: &str = "Etsy has a problem on its side.";

/// Refusals that say for certain that nothing happened, unless the row says otherwise. Etsy has no error numbers, only
/// sentences: those that matter are told by words of theirs, in lower case, and before the row for any other.
///
/// Statuses: the description of each operation. Sentences: the page or report above the row.
#[rustfmt::skip]
pub const ALLOWED: &[Row] = &[
    (401, ANY, ErrorKind::Unauthorized, Effect::None, "Etsy no longer accepts this connection."),
    // https://github.com/HelpCode-ai/anythingmcp/pull/637
    (403, "shared secret", ErrorKind::ConfigInvalid, Effect::None, KEYS),
    (403, "api key", ErrorKind::ConfigInvalid, Effect::None, KEYS),
    (403, ANY, ErrorKind::Unauthorized, Effect::None, "The Etsy application lacks a permission that Tributary needs."),
    (404, ANY, ErrorKind::NotFound, Effect::None, "Etsy does not have this (any more)."),
    // https://github.com/etsy/open-api/issues/451
    (400, "tracking number is required", ErrorKind::InvalidOrder, Effect::None, "Etsy wants a tracking number and a carrier for this order."),
    (400, ANY, ErrorKind::InvalidOrder, Effect::None, REFUSED),
    (409, ANY, ErrorKind::InvalidOrder, Effect::None, "Etsy does not take this for the order as it now stands."),
    (422, ANY, ErrorKind::InvalidOrder, Effect::None, REFUSED),
    // https://developers.etsy.com/documentation/essentials/rate-limits
    (429, ANY, ErrorKind::RateLimited, Effect::None, "Etsy's limit of calls is used up for the moment."),
    // A gateway that answers in Etsy's place says nothing about what happened behind it.
    (500, ANY, ErrorKind::Unavailable, Effect::Possible, DOWN),
    (502, ANY, ErrorKind::Unavailable, Effect::Possible, DOWN),
    (503, ANY, ErrorKind::Unavailable, Effect::Possible, DOWN),
    (504, ANY, ErrorKind::Unavailable, Effect::Possible, DOWN),
];

/// What an answer that is not a success means.
pub fn classify(response: &Response, call: Call) -> ConnectError {
    let said = json::from_slice::<wire::Refusal>(&response.body).unwrap_or_default().error.unwrap_or_default();
    let said = said.to_lowercase();
    let row = ALLOWED.iter().find(|row| row.0 == response.status && said.contains(row.1));
    let unknown = (response.status, ANY, ErrorKind::Unexpected, Effect::Possible, OUR_FAULT);
    let (status, words, mut kind, mut effect, mut message) = row.copied().unwrap_or(unknown);
    if call == Call::Read {
        effect = Effect::None;
        if kind == ErrorKind::InvalidOrder {
            (kind, message) = (ErrorKind::Unexpected, OUR_FAULT);
        }
    }
    // What Etsy said may repeat what was sent, so only the words that are known are kept.
    let context = if words.is_empty() { format!("status {status}") } else { format!("status {status}, {words}") };
    let mut error = ConnectError::new(kind, response.operation, message)
        .with_context(context)
        .with_retry_after(response.retry_after());
    error.effect = effect;
    error
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;
    use std::{env, fs};

    use serde_json::{Value, json};

    use super::*;

    fn refused(status: u16, said: &str, call: Call) -> ConnectError {
        let headers = BTreeMap::from([("retry-after".to_owned(), "7".to_owned())]);
        let body = json!({"error": format!("Ada Example: {said}")}).to_string().into_bytes();
        classify(&Response { operation: "etsy.test", status, headers, body }, call)
    }

    #[test]
    fn each_row_means_what_it_says() {
        for (status, words, kind, effect, message) in ALLOWED {
            let write = refused(*status, &words.to_uppercase(), Call::Write);
            assert_eq!((write.kind, write.effect), (*kind, *effect), "{status} {words}");
            assert_eq!(write.retry_after.map(|wait| wait.as_secs()), Some(7));
            assert_eq!(refused(*status, words, Call::Read).effect, Effect::None, "{status} {words}");
            assert!(message.ends_with('.') && write.public_message == *message, "{message}");
            assert!(!write.context.contains("Ada"), "{}", write.context);
        }
        let rows: BTreeSet<_> = ALLOWED.iter().map(|row| (row.0, row.1)).collect();
        assert_eq!(rows.len(), ALLOWED.len(), "a row stands twice");
    }

    #[test]
    fn what_is_not_allowed_for_may_have_happened() {
        let odd = refused(418, "teapot", Call::Write);
        assert_eq!((odd.kind, odd.effect), (ErrorKind::Unexpected, Effect::Possible));
        assert_eq!(refused(418, "teapot", Call::Read).effect, Effect::None);
        assert_eq!(refused(400, "limit", Call::Read).kind, ErrorKind::Unexpected);
        let page = Response { operation: "x", status: 503, headers: BTreeMap::new(), body: b"<html>".to_vec() };
        assert_eq!(classify(&page, Call::Write).kind, ErrorKind::Unavailable);
    }

    #[test]
    fn every_refusal_that_etsy_describes_has_its_row() {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
        let folder = env::var_os("TRIBUTARY_SPECS").map_or(own, PathBuf::from);
        let Ok(text) = fs::read_to_string(folder.join("etsy/etsy-open-api-v3.oas-3.0.0.json")) else {
            println!("skipped: no description in {}", folder.display());
            return;
        };
        let description: Value = serde_json::from_str(&text).unwrap();
        let used = [
            ("/shops/{shop_id}/receipts", "get"),
            ("/shops/{shop_id}/receipts/{receipt_id}", "get"),
            ("/shops/{shop_id}/receipts/{receipt_id}/tracking", "post"),
            ("/shops/{shop_id}/listings", "get"),
            ("/shops/{shop_id}/listings/{listing_id}", "patch"),
            ("/listings/{listing_id}/inventory", "get"),
            ("/listings/{listing_id}/inventory", "put"),
            ("/users/me", "get"),
            ("/shops/{shop_id}", "get"),
        ];
        let mut described = 0;
        for (path, method) in used {
            let responses = &description["paths"][format!("/v3/application{path}")][method]["responses"];
            for status in responses.as_object().unwrap().keys().filter(|status| !status.starts_with('2')) {
                described += 1;
                let status: u16 = status.parse().unwrap();
                assert!(ALLOWED.iter().any(|row| row.0 == status && row.1 == ANY), "{method} {path}: {status}");
            }
        }
        assert!(described > 30, "{described}");
    }
}
