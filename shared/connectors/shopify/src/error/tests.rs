//! Each row of the tables, and what stands in none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::*;

fn answer(status: u16) -> Response {
    let headers = BTreeMap::from([("retry-after".to_owned(), "7".to_owned())]);
    Response { operation: "shopify.test", status, headers, body: b"about Ada Example".to_vec() }
}

#[test]
fn each_status_means_what_its_row_says() {
    for (status, kind, effect, says) in STATUSES {
        let error = of_status(&answer(*status), Call::Write);
        assert_eq!((error.kind, error.effect, error.public_message.as_str()), (*kind, *effect, *says), "{status}");
        assert_eq!(of_status(&answer(*status), Call::Read).effect, Effect::None);
        assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
        assert!(says.ends_with('.') && error.context == format!("status {status}"));
    }
    let rows: BTreeSet<u16> = STATUSES.iter().map(|row| row.0).collect();
    assert_eq!(rows.len(), STATUSES.len(), "a row stands twice");
    for (status, kind, effect) in [
        (302, ErrorKind::ConfigInvalid, Effect::None),
        (418, ErrorKind::Unexpected, Effect::Possible),
        (599, ErrorKind::Unavailable, Effect::Possible),
    ] {
        let error = of_status(&answer(status), Call::Write);
        assert_eq!((error.kind, error.effect), (kind, effect), "{status}");
    }
}

fn of_answer(call: Call, body: &Value) -> ConnectError {
    let text = body.to_string();
    of_errors("shopify.test", call, &serde_json::from_str(&text).unwrap())
}

#[test]
fn each_code_means_what_its_row_says() {
    for (code, kind, effect, says) in CODES {
        let body = json!({"errors": [{"message": "about Ada Example", "extensions": {"code": code}}]});
        let error = of_answer(Call::Write, &body);
        assert_eq!((error.kind, error.effect, error.public_message.as_str()), (*kind, *effect, *says), "{code}");
        assert_eq!(of_answer(Call::Read, &body).effect, Effect::None);
        assert!(!error.context.contains("Ada"), "{}", error.context);
    }
    for body in [
        json!({"errors": [{"message": "x"}]}),
        json!({"errors": [{"message": "x", "extensions": {"code": "NEVER_SEEN"}}]}),
        json!({"errors": [{"message": "x", "extensions": {"code": "Ada Example, 12 High Street"}}]}),
    ] {
        let error = of_answer(Call::Write, &body);
        assert_eq!((error.kind, error.effect), (ErrorKind::Unexpected, Effect::Possible));
        assert!(!error.context.contains("Ada"), "{}", error.context);
    }
}

/// HTTP 200, and how long until the bucket holds what was asked for.
#[test]
fn a_throttled_call_says_how_long_to_stay_away() {
    let wait = |asked: Value, left: Value, rate: Value| {
        let cost = json!({"requestedQueryCost": asked, "actualQueryCost": null,
            "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": left, "restoreRate": rate}});
        let throttled = json!([{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]);
        let error = of_answer(Call::Write, &json!({"errors": throttled, "extensions": {"cost": cost}}));
        assert_eq!((error.kind, error.effect), (ErrorKind::RateLimited, Effect::None));
        error.retry_after.unwrap().as_secs()
    };
    assert_eq!(wait(json!(752), json!(666), json!(50.0)), 2);
    assert_eq!(wait(json!(752), json!(2), json!(100)), 8);
    assert_eq!(wait(json!(10), json!(100), json!(100)), 1);
    assert_eq!(wait(json!(10), json!(0), json!(0)), 10);
    let bare = of_answer(Call::Read, &json!({"errors": [{"extensions": {"code": "THROTTLED"}}]}));
    assert_eq!(bare.retry_after, Some(Duration::from_secs(1)));
}

#[test]
fn each_user_error_means_what_its_row_says() {
    let error = |code: Option<&str>, field: &[&str]| {
        let field = Some(field.iter().map(|part| (*part).to_owned()).collect());
        of_user_errors("shopify.test", &[UserError { code: code.map(str::to_owned), field }])
    };
    for (code, kind, effect, says) in USER_CODES {
        let error = error(Some(code), &["order", "lineItems", "3"]);
        assert_eq!((error.kind, error.effect, error.public_message.as_str()), (*kind, *effect, *says), "{code}");
        assert!(error.context.contains("order.lineItems.3") && says.ends_with('.'));
    }
    let rows: BTreeSet<&str> = USER_CODES.iter().map(|row| row.0).collect();
    assert_eq!(rows.len(), USER_CODES.len(), "a row stands twice");
    for code in [None, Some("NEVER_SEEN")] {
        let error = error(code, &["order", "Ada Example"]);
        assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None));
        assert!(!error.context.contains("Ada"), "{}", error.context);
    }
}
