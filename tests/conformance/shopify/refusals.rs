//! What Shopify refuses is refused in its words: HTTP 200 with `errors`, 401, THROTTLED.

use fakes::shopify::{ACCESS_TOKEN, admin_schema};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::caller::Caller;

#[tokio::test]
async fn an_unknown_field_is_refused_and_kept() {
    let caller = Caller::start().await;
    let answer = caller.ask("query Q { shop { name nonsense } }", &json!({})).await;
    assert_eq!(answer["errors"][0]["message"], "Field 'nonsense' doesn't exist on type 'Shop'");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "undefinedField");
    if admin_schema().is_some() {
        assert_eq!(answer.get("data"), None, "it was not run");
        assert_eq!(caller.fake.violations().len(), 1);
    }
}

#[tokio::test]
async fn variables_are_checked_against_their_types() {
    if admin_schema().is_none() {
        return;
    }
    let caller = Caller::start().await;
    let create = "mutation C($order: OrderCreateOrderInput!) { orderCreate(order: $order) { order { id } } }";
    let cases: [(Value, &str); 5] = [
        (json!({}), "Variable $order of type OrderCreateOrderInput! was provided invalid value"),
        (
            json!({"order": {"lineItems": [{"title": "x"}]}}),
            "Variable $order of type OrderCreateOrderInput! was provided invalid value for lineItems.0.quantity (Expected value to not be null)",
        ),
        (
            json!({"order": {"nonsense": 1}}),
            "Variable $order of type OrderCreateOrderInput! was provided invalid value for nonsense (Field is not defined on OrderCreateOrderInput)",
        ),
        (
            json!({"order": {"financialStatus": "GIVEN"}}),
            "Variable $order of type OrderCreateOrderInput! was provided invalid value for financialStatus (Expected \"GIVEN\" to be one of: AUTHORIZED, EXPIRED, PAID, PARTIALLY_PAID, PARTIALLY_REFUNDED, PENDING, REFUNDED, VOIDED)",
        ),
        (
            json!({"order": {"processedAt": "yesterday"}}),
            "Variable $order of type OrderCreateOrderInput! was provided invalid value for processedAt (invalid DateTime 'yesterday')",
        ),
    ];
    for (variables, message) in cases {
        let answer = caller.ask(create, &variables).await;
        assert_eq!(answer["errors"][0]["message"], message);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_VARIABLE");
    }
    assert_eq!(caller.fake.violations().len(), 5);
    assert!(caller.fake.orders().is_empty());
}

#[tokio::test]
async fn literals_are_checked_too() {
    if admin_schema().is_none() {
        return;
    }
    let caller = Caller::start().await;
    let refused = [
        "query Q { order { id } }",
        "query Q { orders(first: 1, sortKey: WHATEVER) { nodes { id } } }",
        "query Q($id: ID!) { shop { name } }",
        "query Q { orders(first: 1, nonsense: 2) { nodes { id } } }",
        "query Q { shop }",
    ];
    for query in refused {
        let answer = caller.ask(query, &json!({"id": "gid://shopify/Order/1"})).await;
        assert!(answer["errors"][0]["message"].is_string(), "{query}");
        assert_eq!(answer.get("data"), None, "{query}");
    }
}

#[tokio::test]
async fn a_connection_wants_its_size() {
    let caller = Caller::start().await;
    for query in ["query Q { orders { nodes { id } } }", "query Q { orders(first: 251) { nodes { id } } }"] {
        let answer = caller.ask(query, &json!({})).await;
        assert_eq!(answer["data"]["orders"], Value::Null, "{query}");
        assert_eq!(answer["errors"][0]["path"], json!(["orders"]));
    }
}

#[tokio::test]
async fn a_wrong_token_is_no_access() {
    let caller = Caller::start().await;
    let (status, answer) = caller.send("shpat_nobodys", &json!({"query": "{ shop { name } }"})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let words = "[API] Invalid API key or access token (unrecognized login or wrong password)";
    assert_eq!(answer["errors"], words);
    caller.fake.faults().revoke();
    assert_eq!(caller.send(ACCESS_TOKEN, &json!({"query": "{ shop { name } }"})).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_empty_bucket_throttles_and_refills() {
    let caller = Caller::start().await;
    let query = "query Q { orders(first: 50) { nodes { id lineItems(first: 20) { nodes { id } } } } }";
    caller.fake.set_points(5);
    let answer = caller.ask(query, &json!({})).await;
    assert_eq!(answer["errors"][0]["message"], "Throttled");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "THROTTLED");
    let cost = &answer["extensions"]["cost"];
    assert_eq!(
        cost["throttleStatus"],
        json!({"maximumAvailable": 2000.0, "currentlyAvailable": 5, "restoreRate": 100.0})
    );
    assert!(cost["requestedQueryCost"].as_u64().unwrap() > 5);
    assert_eq!(cost["actualQueryCost"], Value::Null);
    caller.fake.clock().advance(SignedDuration::from_secs(5));
    let data = caller.data(query, &json!({})).await;
    assert_eq!(data["orders"]["nodes"], json!([]));
    caller.assert_allowed();
}

#[tokio::test]
async fn a_query_may_not_be_too_dear() {
    let caller = Caller::start().await;
    let query = "query Q { orders(first: 250) { nodes { id refunds(first: 250) { refundLineItems(first: 250) { nodes {
        subtotalSet { shopMoney { amount } } } } } } } }";
    let answer = caller.ask(query, &json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "MAX_COST_EXCEEDED");
}
