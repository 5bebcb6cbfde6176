//! Stock over the API: by key once, against what is there, in named states; by orders, packages, cancels and refunds.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::creates::{create, draft};

const ADJUST: &str = "
mutation Adjust($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id changes { name delta quantityAfterChange item { sku } } }
    userErrors { code field message }
  }
}";

fn change(caller: &Caller, delta: i64, from: Option<i64>) -> Value {
    json!({
        "name": "available", "reason": "correction",
        "changes": [{
            "inventoryItemId": caller.item(), "locationId": caller.location(), "delta": delta,
            "changeFromQuantity": from,
        }],
    })
}

async fn adjust(caller: &Caller, key: &str, input: &Value) -> Value {
    let data = caller.data(ADJUST, &json!({"input": input, "key": key})).await;
    data["inventoryAdjustQuantities"].clone()
}

#[tokio::test]
async fn a_key_moves_stock_once() {
    let caller = Caller::start().await;
    let input = change(&caller, -3, None);
    let first = adjust(&caller, "key-1", &input).await;
    assert_eq!(first["inventoryAdjustmentGroup"]["changes"][0]["quantityAfterChange"], 47);
    assert_eq!(adjust(&caller, "key-1", &input).await, first);
    assert_eq!(caller.fake.stock("SKU-A"), Some(47));
    let other = adjust(&caller, "key-1", &change(&caller, -4, None)).await;
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    assert_eq!(caller.fake.stock("SKU-A"), Some(47));
    caller.fake.clock().advance(SignedDuration::from_hours(24));
    adjust(&caller, "key-1", &input).await;
    assert_eq!(caller.fake.stock("SKU-A"), Some(44), "a key lives for a day");
    caller.assert_allowed();
}

#[tokio::test]
async fn stock_that_is_not_as_expected_is_not_moved() {
    let caller = Caller::start().await;
    let stale = adjust(&caller, "key-1", &change(&caller, -3, Some(49))).await;
    assert_eq!(stale["userErrors"][0]["code"], "CHANGE_FROM_QUANTITY_STALE");
    assert_eq!(stale["inventoryAdjustmentGroup"], Value::Null);
    let repeated = adjust(&caller, "key-1", &change(&caller, -3, Some(49))).await;
    assert_eq!(repeated["userErrors"][0]["code"], "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED");
    assert_eq!(caller.fake.stock("SKU-A"), Some(50));
    let right = adjust(&caller, "key-2", &change(&caller, -3, Some(50))).await;
    assert_eq!(right["userErrors"], json!([]));
}

#[tokio::test]
async fn a_key_and_the_expected_quantity_are_demanded() {
    let caller = Caller::start().await;
    let without = "mutation Adjust($input: InventoryAdjustQuantitiesInput!) {
        inventoryAdjustQuantities(input: $input) { userErrors { code } } }";
    let answer = caller.ask(without, &json!({"input": change(&caller, 1, None)})).await;
    let message = "The @idempotent directive is required for this mutation but was not provided.";
    assert_eq!(answer["errors"][0]["message"], message);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    let mut input = change(&caller, 1, None);
    input["changes"][0].as_object_mut().unwrap().remove("changeFromQuantity");
    let answer = caller.ask(ADJUST, &json!({"input": input, "key": "key-1"})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_FIELD_ARGUMENTS");
    assert_eq!(caller.fake.stock("SKU-A"), Some(50));
}

#[tokio::test]
async fn absolute_quantities_are_set() {
    let caller = Caller::start().await;
    let set = "mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
        inventorySetQuantities(input: $input) @idempotent(key: $key) {
          inventoryAdjustmentGroup { changes { delta } } userErrors { code field } } }";
    let quantity = |item: &str| {
        json!({
            "name": "available", "reason": "correction",
            "quantities": [{
                "inventoryItemId": item, "locationId": caller.location(), "quantity": 7, "changeFromQuantity": null,
            }],
        })
    };
    let done = caller.data(set, &json!({"input": quantity(&caller.item()), "key": "a"})).await;
    assert_eq!(done["inventorySetQuantities"]["inventoryAdjustmentGroup"]["changes"], json!([{"delta": -43}]));
    assert_eq!(caller.fake.stock("SKU-A"), Some(7));
    let unknown = quantity("gid://shopify/InventoryItem/1");
    let refused = caller.data(set, &json!({"input": unknown, "key": "b"})).await;
    assert_eq!(refused["inventorySetQuantities"]["userErrors"][0]["code"], "INVALID_INVENTORY_ITEM");
}

#[tokio::test]
async fn an_order_commits_stock_and_a_package_takes_it_away() {
    let caller = Caller::start().await;
    let options = json!({"inventoryBehaviour": "DECREMENT_IGNORING_POLICY"});
    let made = create(&caller, &draft(&caller), &options).await;
    let level = "query Level($id: ID!, $at: ID!) { inventoryItem(id: $id) { inventoryLevel(locationId: $at) {
        quantities(names: [\"available\", \"committed\", \"on_hand\"]) { name quantity } } } }";
    let read = async || {
        let data = caller.data(level, &json!({"id": caller.item(), "at": caller.location()})).await;
        let all = data["inventoryItem"]["inventoryLevel"]["quantities"].as_array().unwrap().clone();
        all.iter().map(|quantity| quantity["quantity"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(read().await, [48, 2, 50]);
    let open = "query Open($id: ID!) { order(id: $id) { fulfillmentOrders(first: 5) { nodes { id status
        lineItems(first: 5) { nodes { id remainingQuantity lineItem { id sku } } } } } } }";
    let id = json!({"id": made["order"]["id"]});
    let open = caller.data(open, &id).await["order"]["fulfillmentOrders"]["nodes"][0].clone();
    let send = "mutation Send($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
        fulfillment { id status trackingInfo { number company } } userErrors { field message } } }";
    let package = |quantity: u32, number: &str| {
        json!({"fulfillment": {
            "lineItemsByFulfillmentOrder": [{
                "fulfillmentOrderId": open["id"],
                "fulfillmentOrderLineItems": [{"id": open["lineItems"]["nodes"][0]["id"], "quantity": quantity}],
            }],
            "trackingInfo": {"company": "Royal Mail", "number": number},
            "notifyCustomer": true,
        }})
    };
    let first = caller.data(send, &package(1, "AB1")).await;
    assert_eq!(first["fulfillmentCreate"]["fulfillment"]["trackingInfo"][0]["number"], "AB1");
    assert_eq!(read().await, [48, 1, 49]);
    let much = caller.data(send, &package(2, "AB2")).await;
    let message = "Invalid fulfillment order line item quantity requested.";
    assert_eq!(much["fulfillmentCreate"]["userErrors"][0]["message"], message);
    caller.data(send, &package(1, "AB3")).await;
    let order = caller.fake.orders()[0].clone();
    assert_eq!(caller.fake.packages(order.id), [vec!["AB1".to_owned()], vec!["AB3".to_owned()]]);
    assert_eq!(order.fulfillment_status(), "PARTIALLY_FULFILLED");
    assert!(caller.fake.ledger().mails.is_empty(), "the order has no address");
    caller.assert_allowed();
}

#[tokio::test]
async fn a_cancel_is_a_job_and_gives_stock_back_when_asked() {
    let caller = Caller::start().await;
    let options = json!({"inventoryBehaviour": "DECREMENT_IGNORING_POLICY"});
    let made = create(&caller, &draft(&caller), &options).await;
    caller.fake.cancel_takes(SignedDuration::from_secs(2));
    let cancel = "mutation Cancel($id: ID!) {
        orderCancel(orderId: $id, reason: OTHER, restock: true, notifyCustomer: false,
            refundMethod: {originalPaymentMethodsRefund: false}) {
          job { id done } orderCancelUserErrors { code message } } }";
    let id = json!({"id": made["order"]["id"]});
    let asked = caller.data(cancel, &id).await["orderCancel"].clone();
    assert_eq!(asked["job"]["done"], false);
    assert_eq!(caller.fake.stock("SKU-A"), Some(48));
    caller.fake.clock().advance(SignedDuration::from_secs(2));
    let job = caller.data("query Job($id: ID!) { job(id: $id) { done } }", &json!({"id": asked["job"]["id"]})).await;
    assert_eq!(job["job"]["done"], true);
    assert_eq!(caller.fake.stock("SKU-A"), Some(50));
    assert_eq!(caller.fake.ledger().money_moved(), 0);
    let again = caller.data(cancel, &id).await;
    assert_eq!(again["orderCancel"]["orderCancelUserErrors"][0]["code"], "INVALID");
    caller.assert_allowed();
}

#[tokio::test]
async fn a_refund_of_a_marketplace_order_moves_no_money() {
    let caller = Caller::start().await;
    let options = json!({"inventoryBehaviour": "DECREMENT_IGNORING_POLICY"});
    let made = create(&caller, &draft(&caller), &options).await["order"].clone();
    let refund = "mutation Refund($input: RefundInput!, $key: String!) {
        refundCreate(input: $input) @idempotent(key: $key) {
          order { displayFinancialStatus currentTotalPriceSet { presentmentMoney { amount } } }
          refund { id totalRefundedSet { presentmentMoney { amount } }
            refundLineItems(first: 5) { nodes { quantity restockType restocked subtotalSet { presentmentMoney { amount } } } } }
          userErrors { field message } } }";
    let input = json!({
        "orderId": made["id"], "notify": false,
        "refundLineItems": [{"lineItemId": made["lineItems"]["nodes"][0]["id"], "quantity": 1, "restockType": "CANCEL"}],
        "transactions": [{"orderId": made["id"], "kind": "REFUND", "gateway": "eBay", "amount": "19.99"}],
    });
    let done = caller.data(refund, &json!({"input": input, "key": "r"})).await["refundCreate"].clone();
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(done["order"]["displayFinancialStatus"], "PARTIALLY_REFUNDED");
    assert_eq!(done["order"]["currentTotalPriceSet"]["presentmentMoney"]["amount"], "28.98");
    assert_eq!(done["refund"]["refundLineItems"]["nodes"][0]["restocked"], true);
    assert_eq!(caller.data(refund, &json!({"input": input, "key": "r"})).await["refundCreate"], done);
    assert_eq!(caller.fake.stock("SKU-A"), Some(49));
    let ledger = caller.fake.ledger();
    assert_eq!((ledger.refunds.len(), ledger.money_moved()), (1, 0));
    let mut much = input.clone();
    much["transactions"][0]["amount"] = json!("40.00");
    let refused = caller.data(refund, &json!({"input": much, "key": "s"})).await["refundCreate"].clone();
    assert_ne!(refused["userErrors"], json!([]));
    caller.assert_allowed();
}
