//! Which refusals are certain and what each means: an allow-list of (status, code).
//!
//! The status alone is no guide: refusals come as 500 (capture 64), an inactive plugin as 404 (96), PHP being down as
//! HTML (98). Only what stands in [`REFUSALS`], or cannot have reached the plugin, counts as "certainly nothing
//! happened"; every other failed write may have happened.

use connect::{ConnectError, Effect, ErrorKind, Method, Response};

use crate::wire::Refusal;

/// A refusal that WooCommerce or WordPress gives before it changes anything.
struct Known {
    status: u16,
    code: &'static str,
    kind: ErrorKind,
    says: &'static str,
}

const fn known(status: u16, code: &'static str, kind: ErrorKind, says: &'static str) -> Known {
    Known { status, code, kind, says }
}

const REFUSED: &str = "The shop refused this, because it does not accept some of its content.";
const NO_ORDER: &str = "The shop has no such order (any more).";
const NO_PRODUCT: &str = "The shop has no such product (any more).";
const NO_ACCESS: &str = "The shop does not accept its API key: create a key with read and write access and reconnect.";
const NO_ROUTE: &str = "WooCommerce is switched off in the shop, or is being updated.";
const NO_REFUND: &str = "The shop refused the refund: it is more than what is left of the order, or not an amount.";

#[rustfmt::skip]
const REFUSALS: &[Known] = &[
    known(400, "rest_invalid_param", ErrorKind::InvalidOrder, REFUSED),
    known(400, "rest_invalid_json", ErrorKind::InvalidOrder, REFUSED),
    known(400, "rest_missing_callback_param", ErrorKind::InvalidOrder, REFUSED),
    known(400, "woocommerce_rest_required_product_reference", ErrorKind::InvalidOrder, REFUSED),
    known(400, "woocommerce_rest_invalid_customer_id", ErrorKind::InvalidOrder, REFUSED),
    known(400, "woocommerce_rest_invalid_shipping_item", ErrorKind::InvalidOrder, REFUSED),
    known(400, "woocommerce_rest_invalid_fee_item", ErrorKind::InvalidOrder, REFUSED),
    known(400, "woocommerce_rest_invalid_item_id", ErrorKind::InvalidOrder, REFUSED),
    known(400, "woocommerce_rest_shop_order_exists", ErrorKind::InvalidOrder, REFUSED),
    known(400, "woocommerce_rest_invalid_order_refund", ErrorKind::InvalidOrder, NO_REFUND),
    known(400, "woocommerce_rest_shop_order_invalid_id", ErrorKind::NotFound, NO_ORDER),
    known(400, "woocommerce_rest_product_invalid_id", ErrorKind::NotFound, NO_PRODUCT),
    known(400, "woocommerce_rest_product_variation_invalid_id", ErrorKind::NotFound, NO_PRODUCT),
    known(401, "woocommerce_rest_cannot_view", ErrorKind::Unauthorized, NO_ACCESS),
    known(401, "woocommerce_rest_cannot_create", ErrorKind::Unauthorized, NO_ACCESS),
    known(401, "woocommerce_rest_cannot_edit", ErrorKind::Unauthorized, NO_ACCESS),
    known(401, "woocommerce_rest_cannot_batch", ErrorKind::Unauthorized, NO_ACCESS),
    known(401, "woocommerce_rest_authentication_error", ErrorKind::Unauthorized, NO_ACCESS),
    known(401, "woocommerce_rest_authentication_missing_parameter", ErrorKind::Unauthorized, NO_ACCESS),
    known(403, "woocommerce_rest_cannot_view", ErrorKind::Unauthorized, NO_ACCESS),
    known(403, "woocommerce_rest_cannot_create", ErrorKind::Unauthorized, NO_ACCESS),
    known(403, "woocommerce_rest_cannot_edit", ErrorKind::Unauthorized, NO_ACCESS),
    known(403, "woocommerce_rest_cannot_batch", ErrorKind::Unauthorized, NO_ACCESS),
    known(404, "rest_no_route", ErrorKind::Unavailable, NO_ROUTE),
    known(404, "woocommerce_rest_shop_order_invalid_id", ErrorKind::NotFound, NO_ORDER),
    known(404, "woocommerce_rest_invalid_order_id", ErrorKind::NotFound, NO_ORDER),
    known(404, "woocommerce_rest_order_invalid_id", ErrorKind::NotFound, NO_ORDER),
    known(404, "woocommerce_rest_product_invalid_id", ErrorKind::NotFound, NO_PRODUCT),
    known(404, "woocommerce_rest_product_variation_invalid_id", ErrorKind::NotFound, NO_PRODUCT),
    known(404, "woocommerce_rest_invalid_product_id", ErrorKind::NotFound, NO_PRODUCT),
    known(500, "woocommerce_rest_cannot_create_order_refund", ErrorKind::InvalidOrder, NO_REFUND),
    known(500, "woocommerce_rest_invalid_order_id", ErrorKind::NotFound, NO_ORDER),
];

struct Verdict {
    kind: ErrorKind,
    definite: bool,
    says: &'static str,
}

/// What an answer's status and code mean. `maintenance`: WordPress itself says that it is being updated.
fn judge(status: u16, code: Option<&str>, maintenance: bool) -> Verdict {
    if let Some(known) = REFUSALS.iter().find(|known| known.status == status && Some(known.code) == code) {
        return Verdict { kind: known.kind, definite: true, says: known.says };
    }
    let verdict = |kind, definite, says| Verdict { kind, definite, says };
    match status {
        300..=399 => verdict(
            ErrorKind::ConfigInvalid,
            true,
            "The shop's address leads on to another one: reconnect the shop with the address that it ends at.",
        ),
        401 => verdict(ErrorKind::Unauthorized, true, NO_ACCESS),
        404 => verdict(
            ErrorKind::Unavailable,
            false,
            "No WooCommerce answers at the shop's address: is the plugin active, and are permalinks on?",
        ),
        403 => verdict(
            ErrorKind::Unavailable,
            false,
            "Something in front of the shop, often a firewall, blocked this call.",
        ),
        408 | 504 => verdict(ErrorKind::Timeout, false, "The shop did not answer in time."),
        429 => verdict(ErrorKind::RateLimited, true, "The shop asks for fewer calls."),
        503 if maintenance => verdict(ErrorKind::Unavailable, true, "The shop is being updated."),
        500..=599 => verdict(ErrorKind::Unavailable, false, "The shop does not work at the moment."),
        _ => verdict(ErrorKind::Unexpected, false, "The shop gave an answer that Tributary does not know."),
    }
}

/// Lets a success through and makes an error of everything else.
pub(crate) fn check(response: Response, method: Method) -> Result<Response, ConnectError> {
    if response.is_success() {
        return Ok(response);
    }
    let refusal: Option<Refusal> = json::from_slice(&response.body).ok();
    let code = refusal.as_ref().map(|refusal| refusal.code.as_str());
    // WordPress answers so before it loads any plugin (capture 95).
    let maintenance = code == Some("wp_die") && response.header("retry-after").is_some();
    let verdict = judge(response.status, code, maintenance);
    let mut context = format!("status {}, code {}", response.status, code.map_or("none", safe));
    let parameters: Vec<&str> = refusal.as_ref().map(Refusal::parameters).unwrap_or_default();
    if !parameters.is_empty() {
        context = format!("{context}, parameters {}", parameters.join(" "));
    }
    let mut error = ConnectError::new(verdict.kind, response.operation, verdict.says)
        .with_context(context)
        .with_retry_after(response.retry_after());
    if verdict.definite || method == Method::Get {
        error.effect = Effect::None;
    }
    Err(error)
}

/// The error of one entry of a batch; the others went through, so it is the entry's own.
pub(crate) fn of_entry(operation: &'static str, refusal: &Refusal) -> ConnectError {
    let status = refusal.data.get("status").and_then(serde_json::Value::as_u64);
    let verdict =
        judge(status.and_then(|status| u16::try_from(status).ok()).unwrap_or(400), Some(&refusal.code), false);
    let error =
        ConnectError::new(verdict.kind, operation, verdict.says).with_context(format!("code {}", safe(&refusal.code)));
    if verdict.definite { error.without_effect() } else { error }
}

/// An error code as it may be logged: codes are words, and anything else is not shown.
fn safe(code: &str) -> &str {
    let is_word =
        code.len() <= 80 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_word { code } else { "unreadable" }
}

/// Something that this connector itself refuses to send.
pub(crate) fn refused(operation: &'static str, kind: ErrorKind, says: impl Into<String>) -> ConnectError {
    ConnectError::new(kind, operation, says).without_effect()
}

#[cfg(test)]
mod tests;
