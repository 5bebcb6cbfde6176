//! What the fake answers is as the schema says, field by field.

use std::collections::BTreeSet;

use fakes::shopify::{LineSpec, MUTATIONS, OrderSpec, QUERIES, ShopifyFake, admin_schema, demo_orders};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::creates::{create, draft};
use crate::shape::wrong;

#[test]
fn every_root_field_that_is_served_is_in_the_schema() {
    let Some(schema) = admin_schema() else { return };
    let missing = |kind: &'static str, names: &[&str]| {
        let absent = names.iter().filter(|name| schema.field(kind, name).is_none());
        absent.map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(missing("QueryRoot", &QUERIES), [""; 0]);
    assert_eq!(missing("Mutation", &MUTATIONS), [""; 0]);
}

/// Discounted, taxed, sent in part, refunded in part, edited, in two currencies.
fn rich(fake: &ShopifyFake) -> u64 {
    let vat = Decimal::new(2, 1);
    let id = fake.place(
        &OrderSpec::new("GBP")
            .line_of(LineSpec::new("SKU-A", 3, 1999).tax("VAT", vat, 1000))
            .line("SKU-B", 1, 2500)
            .line("NO-SUCH-SKU", 2, 333)
            .shipping(399)
            .code("SUMMER", 500)
            .note("Ring twice")
            .presented_in("EUR", Decimal::new(85, 2)),
    );
    fake.edit_line(id, 2, 1);
    let line = fake.order(id).unwrap().lines[0].id;
    let input = json!({
        "note": "damaged",
        "refundLineItems": [
            {"lineItemId": format!("gid://shopify/LineItem/{line}"), "quantity": 1, "restockType": "RETURN"},
        ],
        "shipping": {"amount": "1.00"},
        "transactions": [{"amount": "25.00", "gateway": "shopify_payments", "kind": "REFUND"}],
    });
    assert_eq!(fake.refund(id, &input), None);
    fake.ship(id, "DHL", "JD0001").unwrap();
    id
}

#[tokio::test]
async fn everything_rendered_is_as_the_schema_says() {
    let Some(schema) = admin_schema() else { return };
    let caller = Caller::start().await;
    let mut ids = vec![rich(&caller.fake)];
    ids.extend(demo_orders("GBP").iter().map(|order| caller.fake.place(order)));
    let canceled = caller.fake.place(&OrderSpec::new("GBP").line("SKU-A", 1, 1999).unpaid());
    caller.fake.cancel(canceled);
    ids.push(canceled);
    create(&caller, &draft(&caller), &json!({})).await;
    ids.extend(caller.fake.orders().last().map(|order| order.id));
    let order = schema.field("QueryRoot", "order").unwrap();
    let mut found = BTreeSet::new();
    for id in ids {
        found.extend(wrong(&schema, order, &caller.fake.rendered(id), "order"));
    }
    assert!(found.is_empty(), "{found:#?}");
}

const RICH: &str = "
query Rich($id: ID!) {
  again: order(id: $id) { ...Short }
  order(id: $id) {
    __typename
    ...Short
    discountApplications(first: 5) { nodes { __typename index targetType value {
      ... on MoneyV2 { amount currencyCode } ... on PricingPercentageValue { percentage } }
      ... on DiscountCodeApplication { code } } }
    lineItems(first: 2) { edges { cursor node { id currentQuantity discountAllocations { allocatedAmountSet { ...Money } }
      taxLines { title rate ratePercentage priceSet { ...Money } } } } pageInfo { hasNextPage endCursor } }
    refunds(first: 5) { id note totalRefundedSet { ...Money } refundLineItems(first: 5) { nodes { quantity restockType } }
      refundShippingLines(first: 5) { nodes { subtotalAmountSet { ...Money } } }
      orderAdjustments(first: 5) { nodes { amountSet { ...Money } reason } } }
    fulfillments(first: 5) { name status displayStatus trackingInfo(first: 5) { company number }
      fulfillmentLineItems(first: 5) { nodes { quantity lineItem { id sku } } } }
    fulfillmentOrders(first: 5) { nodes { status assignedLocation { location { id } } } }
    shippingAddress { name countryCodeV2 }
    customer { id defaultEmailAddress { emailAddress } }
    skipped: note @skip(if: true)
  }
}
fragment Short on Order { id name displayFinancialStatus totalPriceSet { ...Money } }
fragment Money on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }";

#[tokio::test]
async fn an_answer_is_what_was_asked_for_and_nothing_else() {
    let caller = Caller::start().await;
    let id = rich(&caller.fake);
    let data = caller.data(RICH, &json!({"id": ShopifyFake::gid(id)})).await;
    let order = &data["order"];
    assert_eq!(order["__typename"], "Order");
    assert_eq!(data["again"]["totalPriceSet"], order["totalPriceSet"]);
    assert_eq!(order["displayFinancialStatus"], "PARTIALLY_REFUNDED");
    assert_eq!(order.get("skipped"), None);
    // 3 x 19.99 + 25.00 + 2 x 3.33 - 5.00 + 3.99 + 10.00
    assert_eq!(order["totalPriceSet"]["presentmentMoney"], json!({"amount": "100.62", "currencyCode": "EUR"}));
    assert_eq!(order["discountApplications"]["nodes"][0]["code"], "SUMMER");
    assert_eq!(order["lineItems"]["edges"].as_array().unwrap().len(), 2);
    assert_eq!(order["lineItems"]["pageInfo"]["hasNextPage"], true);
    assert_eq!(order["fulfillments"][0]["trackingInfo"], json!([{"company": "DHL", "number": "JD0001"}]));
    assert_eq!(order["refunds"][0]["totalRefundedSet"]["presentmentMoney"]["amount"], "25.0");
    caller.assert_allowed();
    if let Some(schema) = admin_schema() {
        let ty = schema.field("QueryRoot", "order").unwrap();
        assert_eq!(wrong(&schema, ty, &data["again"], "order"), BTreeSet::new());
    }
}

const LIST: &str = "
query List($query: String, $after: String, $first: Int!) {
  orders(query: $query, sortKey: UPDATED_AT, first: $first, after: $after) {
    nodes { id updatedAt } pageInfo { hasNextPage endCursor }
  }
}";

async fn pages(caller: &Caller, query: &str, first: u32) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = caller.data(LIST, &json!({"query": query, "first": first, "after": after})).await;
        let page = &data["orders"];
        all.extend(page["nodes"].as_array().unwrap().clone());
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn orders_are_listed_by_change_page_by_page() {
    let caller = Caller::start().await;
    let mut ids = Vec::new();
    for order in demo_orders("GBP") {
        ids.push(caller.fake.place(&order));
        caller.fake.clock().advance(jiff::SignedDuration::from_mins(1));
    }
    assert_eq!(pages(&caller, "", 5).await.len(), 12);
    let since = "updated_at:>='2026-11-21T12:10:00Z'";
    assert_eq!(pages(&caller, since, 1).await.len(), 2);
    caller.fake.touch(ids[0]);
    let changed = pages(&caller, since, 1).await;
    assert_eq!(changed.last().unwrap()["id"], json!(ShopifyFake::gid(ids[0])));
    caller.fake.faults().search_lag(jiff::SignedDuration::from_secs(30));
    assert_eq!(pages(&caller, since, 5).await.len(), 2, "the index has not seen it yet");
    caller.fake.clock().advance(jiff::SignedDuration::from_secs(30));
    assert_eq!(pages(&caller, since, 5).await.len(), 3);
    caller.assert_allowed();
}

#[tokio::test]
async fn an_order_is_found_by_where_it_came_from() {
    let caller = Caller::start().await;
    create(&caller, &draft(&caller), &json!({})).await;
    caller.fake.place(&OrderSpec::new("GBP").line("SKU-A", 1, 1999));
    for query in ["source_identifier:\"ebay:12-34567-89012\"", "tag:Tributary", "name:EB-1", "source_name:ebay"] {
        assert_eq!(pages(&caller, query, 5).await.len(), 1, "{query}");
    }
    assert!(pages(&caller, "source_identifier:\"ebay:12-34567\"", 5).await.is_empty());
}

#[tokio::test]
async fn goods_people_and_the_shop_are_as_the_schema_says() {
    let caller = Caller::start().await;
    caller.fake.set_barcode(caller.variant, "4006381333931");
    caller.fake.add_customer("ada@example.com");
    let query = "query Goods($at: ID!) {
      shop { name myshopifyDomain currencyCode taxesIncluded ianaTimezone plan { partnerDevelopment } }
      locations(first: 5) { nodes { id name isActive fulfillsOnlineOrders } }
      productVariants(first: 5, query: \"sku:SKU-A\") { nodes { id sku barcode price displayName product { id status }
        inventoryItem { id tracked inventoryLevel(locationId: $at) { quantities(names: [\"available\"]) { name quantity } } } } }
      customers(first: 5, query: \"email:ada@example.com\") { nodes { id displayName } }
      customerByIdentifier(identifier: {emailAddress: \"ada@example.com\"}) { id }
      currentAppInstallation { accessScopes { handle } }
    }";
    let data = caller.data(query, &json!({"at": caller.location()})).await;
    let variant = &data["productVariants"]["nodes"][0];
    assert_eq!((&variant["barcode"], &variant["price"]), (&json!("4006381333931"), &json!("19.99")));
    let quantities = &variant["inventoryItem"]["inventoryLevel"]["quantities"];
    assert_eq!(quantities, &json!([{"name": "available", "quantity": 50}]));
    assert_eq!(data["customers"]["nodes"][0]["id"], data["customerByIdentifier"]["id"]);
    caller.assert_allowed();
    if let Some(schema) = admin_schema() {
        for field in ["shop", "locations", "productVariants", "customers", "currentAppInstallation"] {
            let ty = schema.field("QueryRoot", field).unwrap();
            assert_eq!(wrong(&schema, ty, &data[field], field), BTreeSet::new());
        }
    }
}

#[tokio::test]
async fn an_order_keeps_metafields_and_takes_a_customer() {
    let caller = Caller::start().await;
    let made = create(&caller, &draft(&caller), &json!({})).await["order"].clone();
    assert_eq!(made["customer"], Value::Null);
    let set = "mutation M($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) {
        metafields { id value } userErrors { code field } } }";
    let field = json!([{
        "ownerId": made["id"], "namespace": "tributary", "key": "stock", "type": "json", "value": "{\"a\":1}",
    }]);
    caller.data(set, &json!({"metafields": field})).await;
    let customer = format!("gid://shopify/Customer/{}", caller.fake.add_customer("ada@example.com"));
    let link = "mutation L($order: ID!, $customer: ID!) { orderCustomerSet(orderId: $order, customerId: $customer) {
        order { id customer { id } stock: metafield(namespace: \"tributary\", key: \"stock\") { value }
          none: metafield(namespace: \"tributary\", key: \"none\") { value } } userErrors { code } } }";
    let linked = caller.data(link, &json!({"order": made["id"], "customer": customer})).await;
    let order = &linked["orderCustomerSet"]["order"];
    assert_eq!(order["customer"]["id"], customer.as_str());
    assert_eq!((&order["stock"]["value"], &order["none"]), (&json!("{\"a\":1}"), &Value::Null));
    caller.assert_allowed();
}
