//! What Shopify's refusals mean: tables of HTTP statuses, of GraphQL error codes and of user error codes.

use std::time::Duration;

use connect::{ConnectError, Effect, ErrorKind, Response};

use crate::wire::{self, UserError, points};

/// Whether a call could change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Read,
    Write,
}

const NO_ACCESS: &str = "Shopify no longer accepts this connection.";
const NO_PERMISSION: &str = "The Shopify app lacks a permission that Tributary needs.";
const DOWN: &str = "Shopify does not work at the moment.";
const OUR_FAULT: &str = "Shopify refused a request of Tributary.";
const FEWER_CALLS: &str = "Shopify's limit of calls is used up for the moment.";

type Row<K> = (K, ErrorKind, Effect, &'static str);

/// <https://shopify.dev/docs/api/usage/response-codes>
#[rustfmt::skip]
pub(crate) const STATUSES: &[Row<u16>] = &[
    (401, ErrorKind::Unauthorized,  Effect::None,     NO_ACCESS),
    (402, ErrorKind::ConfigInvalid, Effect::None,     "The shop is frozen until its bill at Shopify is paid."),
    (403, ErrorKind::Unauthorized,  Effect::None,     NO_PERMISSION),
    (404, ErrorKind::ConfigInvalid, Effect::None,     "Shopify has no shop at this address."),
    (423, ErrorKind::Unavailable,   Effect::None,     "Shopify has locked this shop."),
    (429, ErrorKind::RateLimited,   Effect::None,     FEWER_CALLS),
    (430, ErrorKind::Unavailable,   Effect::None,     "Shopify's protection against attacks blocked this call."),
    // A gateway that answers in Shopify's place says nothing about what happened behind it.
    (408, ErrorKind::Timeout,       Effect::Possible, "Shopify did not answer in time."),
    (500, ErrorKind::Unavailable,   Effect::Possible, DOWN),
    (502, ErrorKind::Unavailable,   Effect::Possible, DOWN),
    (503, ErrorKind::Unavailable,   Effect::Possible, DOWN),
    (504, ErrorKind::Timeout,       Effect::Possible, "Shopify did not answer in time."),
    (520, ErrorKind::Unavailable,   Effect::Possible, DOWN),
    (530, ErrorKind::Unavailable,   Effect::Possible, DOWN),
];

/// `errors[].extensions.code`, which comes with HTTP 200:
/// <https://shopify.dev/docs/api/admin-graphql/latest#status_and_error_codes>. Those in small letters are what a request is
/// refused with before anything is done.
#[rustfmt::skip]
pub(crate) const CODES: &[Row<&str>] = &[
    ("THROTTLED",             ErrorKind::RateLimited,   Effect::None,     FEWER_CALLS),
    ("ACCESS_DENIED",         ErrorKind::Unauthorized,  Effect::None,     NO_PERMISSION),
    ("SHOP_INACTIVE",         ErrorKind::ConfigInvalid, Effect::None,     "The shop is not active at Shopify."),
    ("MAX_COST_EXCEEDED",     ErrorKind::Unexpected,    Effect::None,     OUR_FAULT),
    ("INVALID_VARIABLE",      ErrorKind::InvalidOrder,  Effect::None,     "Shopify does not accept a value of this request."),
    ("BAD_REQUEST",           ErrorKind::Unexpected,    Effect::None,     OUR_FAULT),
    ("undefinedField",        ErrorKind::Unexpected,    Effect::None,     OUR_FAULT),
    ("argumentNotAccepted",   ErrorKind::Unexpected,    Effect::None,     OUR_FAULT),
    ("INTERNAL_SERVER_ERROR", ErrorKind::Unavailable,   Effect::Possible, DOWN),
    ("TIMEOUT",               ErrorKind::Timeout,       Effect::Possible, "Shopify did not answer in time."),
];

const NO_LOCATION: &str = "Shopify does not stock this product at the chosen location.";
const BAD_QUANTITY: &str = "Shopify does not accept this quantity.";

/// `userErrors[].code`, by the mutation's own list in the schema. A mutation that answers with one was refused as a whole, so
/// one that is not listed, or has no code, is a refusal too.
#[rustfmt::skip]
pub(crate) const USER_CODES: &[Row<&str>] = &[
    // OrderCreateUserErrorCode
    ("FULFILLMENT_SERVICE_INVALID",          ErrorKind::InvalidOrder,  Effect::None,     "A product's fulfilment service is gone in Shopify."),
    ("INVENTORY_CLAIM_FAILED",               ErrorKind::InvalidOrder,  Effect::None,     "Shopify could not take the stock of this order."),
    ("PROCESSED_AT_INVALID",                 ErrorKind::InvalidOrder,  Effect::None,     "Shopify does not accept the order's date."),
    ("REDUNDANT_CUSTOMER_FIELDS",            ErrorKind::Unexpected,    Effect::None,     OUR_FAULT),
    ("SHOP_DORMANT",                         ErrorKind::ConfigInvalid, Effect::None,     "The shop is dormant: Shopify takes no orders for it."),
    ("TAX_LINE_RATE_MISSING",                ErrorKind::Unexpected,    Effect::None,     OUR_FAULT),
    ("INVALID",                              ErrorKind::InvalidOrder,  Effect::None,     "Shopify does not accept this as it is."),
    // OrderCancelUserErrorCode, OrderCustomerSetUserErrorCode
    ("NOT_FOUND",                            ErrorKind::NotFound,      Effect::None,     "Shopify does not have this (any more)."),
    ("INTERNAL_ERROR",                       ErrorKind::Unavailable,   Effect::Possible, DOWN),
    ("NOT_PERMITTED",                        ErrorKind::InvalidOrder,  Effect::None,     "Shopify does not allow this for this order."),
    ("NOT_SAVED",                            ErrorKind::InvalidOrder,  Effect::None,     "Shopify did not save this change."),
    // InventoryAdjustQuantitiesUserErrorCode, InventorySetQuantitiesUserErrorCode
    ("ADJUST_QUANTITIES_FAILED",             ErrorKind::Unavailable,   Effect::Possible, DOWN),
    ("SERVICE_UNAVAILABLE",                  ErrorKind::Unavailable,   Effect::Possible, DOWN),
    ("CHANGE_FROM_QUANTITY_STALE",           ErrorKind::Unavailable,   Effect::None,     "The stock changed in the meantime."),
    ("IDEMPOTENCY_CONCURRENT_REQUEST",       ErrorKind::Unavailable,   Effect::Possible, "Shopify is still busy with the same request."),
    ("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",  ErrorKind::Unavailable,   Effect::Possible, DOWN),
    ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH",   ErrorKind::Unexpected,    Effect::None,     OUR_FAULT),
    ("INVALID_INVENTORY_ITEM",               ErrorKind::NotFound,      Effect::None,     "Shopify does not have this product (any more)."),
    ("INVALID_LOCATION",                     ErrorKind::InvalidOrder,  Effect::None,     NO_LOCATION),
    ("NON_MUTABLE_INVENTORY_ITEM",           ErrorKind::Unsupported,   Effect::None,     "Another app manages the stock of this product in Shopify."),
    ("INVALID_QUANTITY_TOO_HIGH",            ErrorKind::InvalidOrder,  Effect::None,     BAD_QUANTITY),
    ("INVALID_QUANTITY_TOO_LOW",             ErrorKind::InvalidOrder,  Effect::None,     BAD_QUANTITY),
    ("INVALID_QUANTITY_NEGATIVE",            ErrorKind::InvalidOrder,  Effect::None,     BAD_QUANTITY),
    // MetafieldsSetUserErrorCode
    ("APP_NOT_AUTHORIZED",                   ErrorKind::Unauthorized,  Effect::None,     NO_PERMISSION),
    ("STALE_OBJECT",                         ErrorKind::Unavailable,   Effect::None,     "The order changed in the meantime."),
];

/// What an answer that is not a success means.
pub(crate) fn of_status(response: &Response, call: Call) -> ConnectError {
    let row = STATUSES.iter().find(|row| row.0 == response.status);
    let (kind, effect, says) = match (row, response.status) {
        (Some((_, kind, effect, says)), _) => (*kind, *effect, *says),
        (None, 300..=399) => {
            (ErrorKind::ConfigInvalid, Effect::None, "The shop's address leads on to another one: reconnect the shop.")
        }
        (None, 500..=599) => (ErrorKind::Unavailable, Effect::Possible, DOWN),
        (None, _) => (ErrorKind::Unexpected, Effect::Possible, OUR_FAULT),
    };
    let mut error = ConnectError::new(kind, response.operation, says)
        .with_context(format!("status {}", response.status))
        .with_retry_after(response.retry_after());
    error.effect = effect_of(call, effect);
    error
}

/// What the errors beside an answer's data mean. The gravest of them counts.
pub(crate) fn of_errors(operation: &'static str, call: Call, envelope: &wire::Envelope) -> ConnectError {
    let codes: Vec<&str> =
        envelope.errors.iter().filter_map(|error| error.extensions.as_ref()?.code.as_deref()).map(safe).collect();
    let row = CODES.iter().find(|row| codes.contains(&row.0));
    let (kind, effect, says) = row
        .map_or((ErrorKind::Unexpected, Effect::Possible, OUR_FAULT), |(_, kind, effect, says)| {
            (*kind, *effect, *says)
        });
    let mut error = ConnectError::new(kind, operation, says).with_context(format!("errors {codes:?}"));
    error.effect = effect_of(call, effect);
    if kind == ErrorKind::RateLimited {
        error.retry_after = Some(wait(envelope.extensions.as_ref().and_then(|extensions| extensions.cost.as_ref())));
    }
    error
}

/// The query costs more than any may, whatever is in the bucket: a smaller page may do.
pub(crate) fn is_too_dear(error: &ConnectError) -> bool {
    error.context.contains("MAX_COST_EXCEEDED")
}

/// How long until the bucket holds what was asked for; at least a second.
/// <https://shopify.dev/docs/api/usage/limits#how-do-graphql-admin-api-rate-limits-work>
fn wait(cost: Option<&wire::Cost>) -> Duration {
    let seconds = cost.and_then(|cost| {
        let status = cost.throttle_status.as_ref()?;
        let asked = cost.requested_query_cost.as_ref().map_or(0, points);
        let missing = asked.saturating_sub(points(&status.currently_available));
        Some(missing.div_ceil(points(&status.restore_rate).max(1)))
    });
    Duration::from_secs(u64::from(seconds.unwrap_or(1).max(1)))
}

/// A mutation that was refused: the first error that has a row says what it means.
pub(crate) fn of_user_errors(operation: &'static str, errors: &[UserError]) -> ConnectError {
    let codes: Vec<&str> = errors.iter().filter_map(|error| error.code.as_deref()).map(safe).collect();
    let fields: Vec<String> =
        errors.iter().filter_map(|error| error.field.as_ref()).map(|path| path_of(path)).collect();
    let row = USER_CODES.iter().find(|row| codes.contains(&row.0));
    let (kind, effect, says) = row.map_or(
        (ErrorKind::InvalidOrder, Effect::None, "Shopify does not accept this as it is."),
        |(_, kind, effect, says)| (*kind, *effect, *says),
    );
    let mut error = ConnectError::new(kind, operation, says)
        .with_context(format!("user errors {codes:?} at {}", fields.join(", ")));
    error.effect = effect;
    error
}

/// The names and numbers of the input that an error is about.
fn path_of(path: &[String]) -> String {
    path.iter().map(|part| safe(part)).collect::<Vec<_>>().join(".")
}

/// A word as it may be logged: codes and names are words, and anything else is not shown.
fn safe(code: &str) -> &str {
    let is_word = code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word { code } else { "unreadable" }
}

const fn effect_of(call: Call, effect: Effect) -> Effect {
    match call {
        Call::Read => Effect::None,
        Call::Write => effect,
    }
}

/// Something that this connector itself refuses to send.
pub(crate) fn refused(operation: &'static str, kind: ErrorKind, says: impl Into<String>) -> ConnectError {
    ConnectError::new(kind, operation, says).without_effect()
}

/// Something went wrong after a write of the same deed went through.
pub(crate) fn after_write(mut error: ConnectError) -> ConnectError {
    error.effect = Effect::Possible;
    error
}

#[cfg(test)]
mod tests;
