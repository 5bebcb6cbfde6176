//! Each row of the table.

use std::collections::BTreeMap;

use super::*;

const V2: &str = r#"[{"status":400,"message":"The field 'quantity' is invalid. Jane Doe, 1 Main St."}]"#;
const V3: &str = r#"{"status":422,"title":"Jane Doe's address is wrong","type":"x","errors":{"destination":"1 Main St","name: Jane Doe":"?"}}"#;
const PAGE: &str = "<html><h1>403 Forbidden</h1>1 Main St</html>";

fn error(status: u16, body: &str, method: Method, headers: &[(&str, &str)]) -> ConnectError {
    let headers: BTreeMap<_, _> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let response = Response { operation: "bigcommerce.test", status, headers, body: body.as_bytes().to_vec() };
    check(response, method).unwrap_err()
}

#[test]
fn every_row_is_a_certain_refusal_in_the_vendors_shape_and_in_no_other() {
    use ErrorKind::{InvalidOrder, NotFound, RateLimited, Unauthorized, Unavailable, Unexpected};
    let rows = [
        (400, InvalidOrder),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, NotFound),
        (405, Unexpected),
        (406, Unexpected),
        (409, InvalidOrder),
        (413, InvalidOrder),
        (415, Unexpected),
        (422, InvalidOrder),
        (429, RateLimited),
    ];
    assert_eq!(rows.len(), REFUSALS.len());
    for (status, kind) in rows {
        for body in [V2, V3] {
            let refusal = error(status, body, Method::Post, &[]);
            assert_eq!((refusal.kind, refusal.effect), (kind, Effect::None), "{status}");
        }
        for body in [PAGE, "", "{}", "[]", "null", r#"{"made":true}"#] {
            let other = error(status, body, Method::Post, &[]);
            let expected =
                if matches!(status, 401 | 429) { (kind, Effect::None) } else { (Unavailable, Effect::Possible) };
            assert_eq!((other.kind, other.effect), expected, "{status} {body}");
        }
    }
}

#[test]
fn trouble_is_temporary_and_leaves_doubt_about_writes_only() {
    use ErrorKind::{ConfigInvalid, Timeout, Unavailable, Unexpected};
    for (status, kind, effect) in [
        (301, ConfigInvalid, Effect::None),
        (408, Timeout, Effect::Possible),
        (418, Unexpected, Effect::Possible),
        (500, Unavailable, Effect::Possible),
        (502, Unavailable, Effect::Possible),
        (503, Unavailable, Effect::Possible),
        (504, Timeout, Effect::Possible),
        (507, Unavailable, Effect::Possible),
    ] {
        let wrote = error(status, PAGE, Method::Post, &[]);
        assert_eq!((wrote.kind, wrote.effect), (kind, effect), "{status}");
        assert_eq!(error(status, PAGE, Method::Get, &[]).effect, Effect::None, "{status}");
    }
}

#[test]
fn how_long_to_stay_away_is_read_from_either_header() {
    let wait = |status, headers: &[(&str, &str)]| error(status, "", Method::Get, headers).retry_after;
    assert_eq!(wait(429, &[("x-rate-limit-time-reset-ms", "15000")]), Some(Duration::from_secs(15)));
    let both = [("retry-after", "7"), ("x-rate-limit-time-reset-ms", "15000")];
    assert_eq!(wait(429, &both), Some(Duration::from_secs(7)));
    assert_eq!(wait(429, &[("x-rate-limit-time-reset-ms", "soon")]), None);
    assert_eq!(wait(429, &[]), None);
    // Of any other answer the window says nothing about when to come back.
    assert_eq!(wait(503, &[("x-rate-limit-time-reset-ms", "15000")]), None);
    assert_eq!(wait(503, &[("retry-after", "600")]), Some(Duration::from_mins(10)));
}

#[test]
fn nothing_of_an_answers_content_is_shown() {
    for (status, body) in [(400, V2), (422, V3), (403, PAGE), (500, PAGE)] {
        let error = error(status, body, Method::Post, &[]);
        let shown = format!("{error} {error:?} {}", error.public_message);
        assert!(!shown.contains("Jane") && !shown.contains("Main"), "{shown}");
    }
    let error = error(422, V3, Method::Post, &[]);
    assert_eq!(error.context, "status 422, fields destination unreadable");
}
