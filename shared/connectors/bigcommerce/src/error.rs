//! Which refusals are certain and what each means: an allow-list of statuses.
//!
//! <https://developer.bigcommerce.com/docs/start/about/status-codes>. The vendor gives no codes beside the status. A
//! refusal is certain only where it comes in the vendor's own shape, [`Refusal`]: what stands in front of the API may
//! answer with the same status and know nothing. Every other failed write may have happened.

use std::time::Duration;

use connect::{ConnectError, Effect, ErrorKind, Method, Response};

use crate::wire::Refusal;

/// A refusal that the vendor gives before it changes anything.
struct Known {
    status: u16,
    kind: ErrorKind,
    says: &'static str,
}

const fn known(status: u16, kind: ErrorKind, says: &'static str) -> Known {
    Known { status, kind, says }
}

const REFUSED: &str = "BigCommerce refused this, because it does not accept some of its content.";
const NO_ACCESS: &str = "BigCommerce does not accept the API account's token: make a new API account and reconnect.";
const NO_SCOPE: &str = "The API account may not do this: give it the scopes that the instructions name and reconnect.";
const NOT_THERE: &str = "The store has no such order or product (any more).";

#[rustfmt::skip]
const REFUSALS: &[Known] = &[
    known(400, ErrorKind::InvalidOrder, REFUSED),
    known(401, ErrorKind::Unauthorized, NO_ACCESS),
    known(403, ErrorKind::Unauthorized, NO_SCOPE),
    known(404, ErrorKind::NotFound, NOT_THERE),
    known(405, ErrorKind::Unexpected, "BigCommerce does not know this call."),
    known(406, ErrorKind::Unexpected, "BigCommerce does not know this call."),
    known(409, ErrorKind::InvalidOrder, "BigCommerce refused this, because something else in the store forbids it."),
    known(413, ErrorKind::InvalidOrder, "This order is too large for BigCommerce."),
    known(415, ErrorKind::Unexpected, "BigCommerce does not know this call."),
    known(422, ErrorKind::InvalidOrder, REFUSED),
    known(429, ErrorKind::RateLimited, "BigCommerce asks for fewer calls."),
];

struct Verdict {
    kind: ErrorKind,
    definite: bool,
    says: &'static str,
}

/// What an answer's status means. `own`: its body is in the vendor's own shape.
fn judge(status: u16, own: bool) -> Verdict {
    let verdict = |kind, definite, says| Verdict { kind, definite, says };
    match REFUSALS.iter().find(|known| known.status == status) {
        // Counted before anything is done, whatever says it.
        Some(known) if own || matches!(status, 401 | 429) => return verdict(known.kind, true, known.says),
        Some(_) => {
            let says = "Something in front of BigCommerce blocked this call.";
            return verdict(ErrorKind::Unavailable, false, says);
        }
        None => {}
    }
    match status {
        300..=399 => verdict(ErrorKind::ConfigInvalid, true, "The address of BigCommerce leads on to another one."),
        408 | 504 => verdict(ErrorKind::Timeout, false, "BigCommerce did not answer in time."),
        500..=599 => verdict(ErrorKind::Unavailable, false, "BigCommerce does not work at the moment."),
        _ => verdict(ErrorKind::Unexpected, false, "BigCommerce gave an answer that Tributary does not know."),
    }
}

/// Lets a success through and makes an error of everything else.
pub(crate) fn check(response: Response, method: Method) -> Result<Response, ConnectError> {
    if response.is_success() {
        return Ok(response);
    }
    let refusal: Option<Refusal> = json::from_slice(&response.body).ok();
    let verdict = judge(response.status, refusal.is_some());
    let mut context = format!("status {}", response.status);
    let fields: Vec<&str> = refusal.iter().flat_map(|refusal| &refusal.fields).map(|field| safe(field)).collect();
    if !fields.is_empty() {
        context = format!("{context}, fields {}", fields.join(" "));
    }
    let mut error = ConnectError::new(verdict.kind, response.operation, verdict.says)
        .with_context(context)
        .with_retry_after(wait(&response));
    if verdict.definite || method == Method::Get {
        error.effect = Effect::None;
    }
    Err(error)
}

/// "Shows how many milliseconds are remaining in the window":
/// <https://developer.bigcommerce.com/docs/start/best-practices/api-rate-limits>.
fn wait(response: &Response) -> Option<Duration> {
    let told = || {
        let milliseconds = response.header("x-rate-limit-time-reset-ms")?.trim().parse().ok()?;
        (response.status == 429).then_some(Duration::from_millis(milliseconds))
    };
    response.retry_after().or_else(told)
}

/// A field's name as it may be logged.
fn safe(field: &str) -> &str {
    let is_word = field.len() <= 80
        && field.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if is_word { field } else { "unreadable" }
}

/// Something that this connector itself refuses to send.
pub(crate) fn refused(operation: &'static str, kind: ErrorKind, says: impl Into<String>) -> ConnectError {
    ConnectError::new(kind, operation, says).without_effect()
}

#[cfg(test)]
mod tests;
