//! What __Title__'s refusals mean: an allow-list of (status, code); everything else is unexpected.

use connect::{ConnectError, Effect, ErrorKind, Response};

use crate::wire;

/// Whether a call could change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Read,
    Write,
}

/// A refusal without a code of its own here.
const ANY: &str = "";

type Row = (u16, &'static str, ErrorKind, Effect, &'static str);

const OUR_FAULT: &str = "__Title__ refused a request of Tributary.";
const DOWN: &str = "__Title__ has a problem on its side.";

/// `Effect::None` says that certainly nothing happened: only where the vendor's page says so.
// CHANGE: the vendor's refusals, with the link to its page. The last column is read by the merchant.
#[rustfmt::skip]
const ALLOWED: &[Row] = &[
    (401, ANY,                 ErrorKind::Unauthorized,  Effect::None, "__Title__ no longer accepts this connection."),
    (404, ANY,                 ErrorKind::NotFound,      Effect::None, "__Title__ does not have this (any more)."),
    (404, "order_not_found",   ErrorKind::NotFound,      Effect::None, "__Title__ does not have this order (any more)."),
    (404, "listing_not_found", ErrorKind::NotFound,      Effect::None, "__Title__ does not sell this SKU."),
    (409, "order_canceled",    ErrorKind::InvalidOrder,  Effect::None, "This order is canceled on __Title__, so nothing can be sent."),
    (409, "nothing_left",      ErrorKind::AlreadyExists, Effect::None, "__Title__ has everything of this order as sent already."),
    (422, "bad_line",          ErrorKind::InvalidOrder,  Effect::None, "A line of this package is not in the __Title__ order."),
    (422, "bad_request",       ErrorKind::Unexpected,    Effect::None, OUR_FAULT),
    (429, ANY,                 ErrorKind::RateLimited,   Effect::None, "__Title__'s limit of calls is used up for the moment."),
    // A gateway that answers in the platform's place says nothing about what happened behind it.
    (500, ANY,                 ErrorKind::Unavailable,   Effect::Possible, DOWN),
    (502, ANY,                 ErrorKind::Unavailable,   Effect::Possible, DOWN),
    (503, ANY,                 ErrorKind::Unavailable,   Effect::Possible, DOWN),
    (504, ANY,                 ErrorKind::Unavailable,   Effect::Possible, DOWN),
];

/// What an answer that is not a success means.
pub fn classify(response: &Response, call: Call) -> ConnectError {
    let status = response.status;
    let said = json::from_slice::<wire::Refusal>(&response.body).unwrap_or_default().error.unwrap_or_default();
    let row = find(status, &said).or_else(|| find(status, ANY));
    let (code, kind, effect, message) = row
        .map_or((ANY, ErrorKind::Unexpected, Effect::Possible, OUR_FAULT), |(_, code, kind, effect, message)| {
            (*code, *kind, *effect, *message)
        });
    // Only a code that is known here is shown: another may be any text.
    let mut error = ConnectError::new(kind, response.operation, message)
        .with_context(format!("status {status} {code}").trim_end())
        .with_retry_after(response.retry_after());
    error.effect = if call == Call::Read { Effect::None } else { effect };
    error
}

fn find(status: u16, code: &str) -> Option<&'static Row> {
    ALLOWED.iter().find(|row| row.0 == status && row.1 == code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn refused(status: u16, code: &str, call: Call) -> ConnectError {
        let headers = BTreeMap::from([("retry-after".to_owned(), "7".to_owned())]);
        let body = format!(r#"{{"error": "{code}"}}"#).into_bytes();
        classify(&Response { operation: "__snake__.test", status, headers, body }, call)
    }

    #[test]
    fn each_row_means_what_it_says() {
        for (status, code, kind, effect, message) in ALLOWED {
            let error = refused(*status, code, Call::Write);
            assert_eq!((error.kind, error.effect), (*kind, *effect), "{status} {code}");
            assert_eq!(refused(*status, code, Call::Read).effect, Effect::None, "{status} {code}");
            assert_eq!(error.retry_after.map(|wait| wait.as_secs()), Some(7));
            assert!(message.ends_with('.'), "{message}");
        }
    }

    #[test]
    fn what_is_not_allowed_for_may_have_happened_and_is_not_quoted() {
        let error = refused(418, "Ada Example", Call::Write);
        assert_eq!((error.kind, error.effect), (ErrorKind::Unexpected, Effect::Possible));
        assert_eq!(error.context, "status 418");
    }
}
