//! Every root field that the fake serves is asked for once, and answers as the schema says.

use std::collections::BTreeSet;

use fakes::shopify::{OrderSpec, ShopifyFake, admin_schema};
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::creates::{create, draft};
use crate::shape::wrong;

/// The data of one root field, which is as its type says.
async fn ask(caller: &Caller, query: &str, variables: Value) -> Value {
    let data = caller.data(query, &variables).await;
    if let Some(schema) = admin_schema() {
        let root = if query.starts_with("mutation") { "Mutation" } else { "QueryRoot" };
        for (field, value) in data.as_object().unwrap() {
            assert_eq!(wrong(&schema, schema.field(root, field).unwrap(), value, field), BTreeSet::new(), "{query}");
        }
    }
    data
}

fn no_errors(data: &Value) {
    for payload in data.as_object().unwrap().values() {
        assert_eq!(payload["userErrors"], json!([]), "{data:#}");
    }
}

async fn every_query(caller: &Caller, order: &str, customer: &str, open: &str) {
    let ids = json!([order, caller.variant_gid(), caller.item(), caller.location()]);
    ask(
        caller,
        "query Q($order: ID!, $customer: ID!, $variant: ID!, $item: ID!, $at: ID!, $open: ID!, $ids: [ID!]!) {
          order(id: $order) { id name } orders(first: 5) { nodes { id } }
          customer(id: $customer) { id displayName state } customers(first: 5) { nodes { id } }
          customerByIdentifier(identifier: {id: $customer}) { id }
          fulfillmentOrder(id: $open) { id status requestStatus supportedActions { action } order { id } }
          inventoryItem(id: $item) { id tracked inventoryLevels(first: 5) { nodes { id isActive location { name } } } }
          inventoryItems(first: 5, query: \"sku:SKU-A\") { nodes { id sku } }
          productVariant(id: $variant) { id title inventoryPolicy } productVariants(first: 5) { edges { node { id } } }
          location(id: $at) { id name isActive } locations(first: 5) { nodes { id } }
          node(id: $order) { __typename id ... on Order { name } } nodes(ids: $ids) { __typename id }
          shop { id name email currencyCode weightUnit } app { id title } currentAppInstallation { id accessScopes { handle } }
          webhookSubscriptions(first: 5) { nodes { id format createdAt } }
        }",
        json!({
            "order": order, "customer": customer, "variant": caller.variant_gid(), "item": caller.item(),
            "at": caller.location(), "open": open, "ids": ids,
        }),
    )
    .await;
    let level = format!(
        "gid://shopify/InventoryLevel/{}?inventory_item_id={}",
        caller.fake.locations()[0].id,
        caller.fake.variant("SKU-A").unwrap().inventory_item
    );
    let level = ask(
        caller,
        "query L($id: ID!) { inventoryLevel(id: $id) { id item { sku } quantities(names: [\"on_hand\"]) { quantity } } }",
        json!({"id": level}),
    );
    assert_eq!(level.await["inventoryLevel"]["item"]["sku"], "SKU-A");
}

async fn changes_of_an_order(caller: &Caller, order: &str) {
    let updated = ask(
        caller,
        "mutation U($input: OrderInput!) { orderUpdate(input: $input) {
            order { note email tags customAttributes { key value } shippingAddress { city countryCodeV2 } }
            userErrors { field message } } }",
        json!({"input": {
            "id": order, "note": "Ring twice", "email": "new@example.com", "tags": ["b", "a"],
            "customAttributes": [{"key": "gift", "value": "yes"}],
            "shippingAddress": {"city": "Leeds", "countryCode": "GB"},
        }}),
    );
    let updated = updated.await["orderUpdate"]["order"].clone();
    assert_eq!((&updated["note"], &updated["tags"]), (&json!("Ring twice"), &json!(["a", "b"])));
    assert_eq!(updated["shippingAddress"], json!({"city": "Leeds", "countryCodeV2": "GB"}));
    for (name, closed) in [("orderClose", true), ("orderOpen", false)] {
        let kind = if closed { "OrderCloseInput" } else { "OrderOpenInput" };
        let query = format!(
            "mutation C($input: {kind}!) {{ {name}(input: $input) {{ order {{ closed }} userErrors {{ message }} }} }}"
        );
        let done = ask(caller, &query, json!({"input": {"id": order}})).await;
        assert_eq!(done[name]["order"]["closed"], closed);
    }
    no_errors(
        &ask(
            caller,
            "mutation P($input: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $input) {
                order { id fullyPaid } userErrors { field message } } }",
            json!({"input": {"id": order}}),
        )
        .await,
    );
    let field = json!([{"ownerId": order, "namespace": "tributary", "key": "a", "type": "json", "value": "1"}]);
    let set = "mutation M($fields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $fields) {
        metafields { id namespace key type value updatedAt } userErrors { code message } } }";
    no_errors(&ask(caller, set, json!({"fields": field})).await);
}

async fn packages(caller: &Caller, open: &str) {
    let send = "mutation S($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
        fulfillment { id name status displayStatus totalQuantity createdAt } userErrors { field message } } }";
    let whole = json!({"fulfillment": {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": open}]}});
    let sent = ask(caller, send, whole).await;
    let id = sent["fulfillmentCreate"]["fulfillment"]["id"].clone();
    let track = "mutation T($id: ID!, $info: FulfillmentTrackingInput!) {
        fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $info, notifyCustomer: false) {
          fulfillment { trackingInfo { company number url } } userErrors { field message } } }";
    let info = json!({"company": "DHL", "number": "JD1", "url": "https://dhl.test/JD1"});
    let tracked = ask(caller, track, json!({"id": id, "info": info})).await;
    let shown = &tracked["fulfillmentTrackingInfoUpdate"]["fulfillment"]["trackingInfo"];
    assert_eq!(shown, &json!([{"company": "DHL", "number": "JD1", "url": "https://dhl.test/JD1"}]));
    let undo = "mutation X($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status displayStatus } userErrors { message } } }";
    let undone = ask(caller, undo, json!({"id": id})).await;
    assert_eq!(undone["fulfillmentCancel"]["fulfillment"], json!({"status": "CANCELLED", "displayStatus": "CANCELED"}));
}

async fn people(caller: &Caller, order: &str) -> String {
    let made = ask(
        caller,
        "mutation C($input: CustomerInput!) { customerCreate(input: $input) {
            customer { id displayName defaultEmailAddress { emailAddress marketingState } tags }
            userErrors { field message } } }",
        json!({"input": {"email": "ben@example.com", "firstName": "Ben", "lastName": "Sample", "tags": ["eBay"]}}),
    );
    let customer = made.await["customerCreate"]["customer"].clone();
    assert_eq!(customer["displayName"], "Ben Sample");
    let id = customer["id"].as_str().unwrap().to_owned();
    no_errors(
        &ask(
            caller,
            "mutation S($order: ID!, $customer: ID!) { orderCustomerSet(orderId: $order, customerId: $customer) {
                order { customer { id } } userErrors { code field } } }",
            json!({"order": order, "customer": id}),
        )
        .await,
    );
    id
}

async fn hooks(caller: &Caller) {
    let made = ask(
        caller,
        "mutation W($topic: WebhookSubscriptionTopic!, $uri: String!) {
            webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) {
              webhookSubscription { id topic uri format apiVersion { handle } } userErrors { field message } } }",
        json!({"topic": "ORDERS_UPDATED", "uri": "https://app.test/hook"}),
    );
    let id = made.await["webhookSubscriptionCreate"]["webhookSubscription"]["id"].clone();
    let delete = "mutation D($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }";
    no_errors(&ask(caller, delete, json!({"id": id})).await);
}

async fn stock_and_money(caller: &Caller, order: &Value) {
    let place = |delta: i64| {
        json!({
            "inventoryItemId": caller.item(), "locationId": caller.location(), "delta": delta, "changeFromQuantity": null,
        })
    };
    let adjust = json!({"name": "available", "reason": "correction", "changes": [place(1)]});
    let set = json!({"name": "available", "reason": "correction", "quantities": [{
        "inventoryItemId": caller.item(), "locationId": caller.location(), "quantity": 9, "changeFromQuantity": null,
    }]});
    let both = "mutation B($adjust: InventoryAdjustQuantitiesInput!, $set: InventorySetQuantitiesInput!) {
        inventoryAdjustQuantities(input: $adjust) @idempotent(key: \"a\") {
          inventoryAdjustmentGroup { id reason createdAt changes { name delta location { id } item { id } } }
          userErrors { code field message } }
        inventorySetQuantities(input: $set) @idempotent(key: \"b\") {
          inventoryAdjustmentGroup { id } userErrors { code field message } } }";
    no_errors(&ask(caller, both, json!({"adjust": adjust, "set": set})).await);
    let refund = json!({
        "orderId": order["id"], "note": "late",
        "transactions": [{"orderId": order["id"], "kind": "REFUND", "gateway": "eBay", "amount": "1.00"}],
    });
    let query = "mutation R($input: RefundInput!) { refundCreate(input: $input) @idempotent(key: \"c\") {
        refund { id note createdAt orderAdjustments(first: 5) { nodes { reason amountSet { shopMoney { amount } } } }
          transactions(first: 5) { nodes { kind status gateway manualPaymentGateway parentTransaction { id } } } }
        order { netPaymentSet { shopMoney { amount } } } userErrors { field message } } }";
    no_errors(&ask(caller, query, json!({"input": refund})).await);
    let cancel = "mutation X($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: false) {
        job { id done } orderCancelUserErrors { code field message } userErrors { message } } }";
    let asked = ask(caller, cancel, json!({"id": order["id"]})).await;
    let job = json!({"id": asked["orderCancel"]["job"]["id"]});
    let job = ask(caller, "query J($id: ID!) { job(id: $id) { id done } }", job).await;
    assert_eq!(job["job"]["done"], true);
}

#[tokio::test]
async fn every_served_field_answers_as_the_schema_says() {
    let caller = Caller::start().await;
    let made = create(&caller, &draft(&caller), &json!({})).await["order"].clone();
    let unpaid = caller.fake.place(&OrderSpec::new("GBP").line("SKU-A", 1, 1999).unpaid());
    let order = ShopifyFake::gid(unpaid);
    let open = caller.fake.order(unpaid).unwrap().fulfillment_orders[0].id;
    let open = format!("gid://shopify/FulfillmentOrder/{open}");
    let customer = people(&caller, &order).await;
    every_query(&caller, &order, &customer, &open).await;
    changes_of_an_order(&caller, &order).await;
    packages(&caller, &open).await;
    hooks(&caller).await;
    stock_and_money(&caller, &made).await;
    caller.assert_allowed();
    let unasked: Vec<String> =
        caller.fake.coverage().into_iter().filter(|(_, asked)| *asked == 0).map(|(name, _)| name).collect();
    assert_eq!(unasked, [""; 0]);
}

#[tokio::test]
async fn paid_orders_that_were_sent_cannot_be_canceled() {
    let caller = Caller::start().await;
    let cancel = "mutation X($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: true) {
        orderCancelUserErrors { code } } }";
    for (paid, refused) in [(true, json!([{"code": "INVALID"}])), (false, json!([]))] {
        let spec = OrderSpec::new("GBP").line("SKU-A", 1, 1999);
        let id = caller.fake.place(&if paid { spec } else { spec.unpaid() });
        caller.fake.ship(id, "DHL", "JD1").unwrap();
        let data = caller.data(cancel, &json!({"id": ShopifyFake::gid(id)})).await;
        assert_eq!(data["orderCancel"]["orderCancelUserErrors"], refused);
    }
}
