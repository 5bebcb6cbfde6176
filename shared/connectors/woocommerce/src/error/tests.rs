//! The table of answers and what each means, and the answers that a real shop gave.

use std::collections::BTreeMap;

use super::*;

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Response { operation: "woocommerce.test", status, headers, body: body.as_bytes().to_vec() }
}

fn post(status: u16, code: &str) -> ConnectError {
    check(
        answer(status, &[], &format!(r#"{{"code":"{code}","message":"m","data":{{"status":{status}}}}}"#)),
        Method::Post,
    )
    .unwrap_err()
}

#[test]
fn each_answer_has_its_kind_and_its_certainty() {
    use Effect::{None, Possible};
    for (status, code, kind, effect) in [
        (400, "rest_invalid_param", ErrorKind::InvalidOrder, None),
        (400, "woocommerce_rest_required_product_reference", ErrorKind::InvalidOrder, None),
        (400, "woocommerce_rest_shop_order_exists", ErrorKind::InvalidOrder, None),
        // It leaves a draft behind (capture 35).
        (400, "woocommerce_rest_invalid_coupon", ErrorKind::Unexpected, Possible),
        (400, "woocommerce_rest_shop_order_invalid_id", ErrorKind::NotFound, None),
        (401, "woocommerce_rest_cannot_view", ErrorKind::Unauthorized, None),
        (401, "woocommerce_rest_authentication_error", ErrorKind::Unauthorized, None),
        (401, "a_plugins_own_code", ErrorKind::Unauthorized, None),
        (403, "woocommerce_rest_cannot_create", ErrorKind::Unauthorized, None),
        (403, "a_firewalls_own_code", ErrorKind::Unavailable, Possible),
        (404, "rest_no_route", ErrorKind::Unavailable, None),
        (404, "woocommerce_rest_shop_order_invalid_id", ErrorKind::NotFound, None),
        (429, "too_many", ErrorKind::RateLimited, None),
        (500, "internal_server_error", ErrorKind::Unavailable, Possible),
        (500, "wp_die", ErrorKind::Unavailable, Possible),
        (500, "woocommerce_rest_cannot_create_order_refund", ErrorKind::InvalidOrder, None),
        (500, "woocommerce_rest_invalid_order_id", ErrorKind::NotFound, None),
        (502, "any", ErrorKind::Unavailable, Possible),
        (503, "any", ErrorKind::Unavailable, Possible),
        (504, "any", ErrorKind::Timeout, Possible),
        (301, "any", ErrorKind::ConfigInvalid, None),
        (418, "any", ErrorKind::Unexpected, Possible),
    ] {
        let error = post(status, code);
        assert_eq!((error.kind, error.effect), (kind, effect), "{status} {code}");
    }
}

#[test]
fn maintenance_is_certain_and_says_how_long() {
    let body = r#"{"code":"wp_die","message":"Briefly unavailable","data":{"status":503},"additional_errors":[]}"#;
    let error = check(answer(503, &[("retry-after", "600")], body), Method::Post).unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::Unavailable, Effect::None));
    assert_eq!(error.retry_after.map(|wait| wait.as_secs()), Some(600));
}

#[test]
fn an_answer_that_is_no_json_is_still_judged() {
    let error = check(answer(502, &[], "<html>502 Bad Gateway</html>"), Method::Post).unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::Unavailable, Effect::Possible));
    assert_eq!(check(answer(502, &[], "<html>"), Method::Get).unwrap_err().effect, Effect::None);
}

#[test]
fn a_refusal_names_the_parameter_and_nothing_of_its_content() {
    let body = r#"{"code":"rest_invalid_param","message":"Invalid parameter(s): billing","data":{"status":400,"params":{"billing":"ana@example.test is no address"}}}"#;
    let error = check(answer(400, &[], body), Method::Post).unwrap_err();
    assert_eq!(error.context, "status 400, code rest_invalid_param, parameters billing");
    assert!(!format!("{error} {error:?}").contains("ana@"));
    assert_eq!(post(400, "a code with ana@example.test").context, "status 400, code unreadable");
}

/// Refunds give `data` as a bare number.
#[test]
fn a_refused_refund_is_no_outage() {
    let body =
        r#"{"code":"woocommerce_rest_cannot_create_order_refund","message":"Invalid refund amount.","data":500}"#;
    let error = check(answer(500, &[], body), Method::Post).unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None));
}

/// Every error that the real shop gave while it was recorded.
#[test]
fn recorded_refusals_are_understood() {
    let expected = [
        ("01-auth-none-get", ErrorKind::Unauthorized),
        ("02-auth-bad-secret-get", ErrorKind::Unauthorized),
        ("03-auth-readonly-post", ErrorKind::Unauthorized),
        ("05-auth-oauth1-on-plain-http", ErrorKind::Unauthorized),
        ("28-line-quantity-zero", ErrorKind::Unavailable),
        ("28c-line-quantity-fraction", ErrorKind::InvalidOrder),
        ("29-line-without-product", ErrorKind::InvalidOrder),
        ("31-err-bad-status", ErrorKind::InvalidOrder),
        ("33-err-bad-email", ErrorKind::InvalidOrder),
        ("36-order-with-own-id", ErrorKind::InvalidOrder),
        ("39-err-order-404", ErrorKind::NotFound),
        ("39b-err-put-404", ErrorKind::NotFound),
        ("64-err-refund-too-much", ErrorKind::InvalidOrder),
        ("64e-err-refund-no-order", ErrorKind::NotFound),
        ("91b-product-set-stock-variation-via-products-route", ErrorKind::NotFound),
        ("95-maintenance-mode-503", ErrorKind::Unavailable),
        ("96b-plugin-inactive-post-404", ErrorKind::Unavailable),
        ("97-database-refuses", ErrorKind::Unavailable),
        ("98-php-down-502", ErrorKind::Unavailable),
        ("99-auth-unknown-key", ErrorKind::Unauthorized),
    ];
    for (name, kind) in expected {
        let Some(capture) = crate::captures::read(name) else { return };
        let status = u16::try_from(capture["response"]["status"].as_u64().unwrap()).unwrap();
        let body = capture["response"]["body"].to_string();
        let error = check(answer(status, &[], &body), Method::Get).unwrap_err();
        assert_eq!(error.kind, kind, "{name}");
    }
}
