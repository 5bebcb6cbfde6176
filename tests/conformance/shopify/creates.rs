//! `orderCreate` does what it was asked for, and says what it cannot do.

use fakes::shopify::{MailKind, ShopifyShop};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::caller::Caller;

pub const CREATE: &str = "
mutation Create($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
  orderCreate(order: $order, options: $options) {
    order {
      id name sourceIdentifier sourceName tags displayFinancialStatus displayFulfillmentStatus taxesIncluded
      totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
      subtotalPriceSet { presentmentMoney { amount } }
      totalTaxSet { presentmentMoney { amount } }
      totalOutstandingSet { presentmentMoney { amount } }
      customer { id }
      email
      discountCodes
      lineItems(first: 10) { nodes { id title sku quantity variant { id }
        discountedTotalSet { presentmentMoney { amount } }
        taxLines { title rate channelLiable priceSet { presentmentMoney { amount } } } } }
    }
    userErrors { code field message }
  }
}";

pub fn money(amount: &str, currency: &str) -> Value {
    json!({"shopMoney": {"amount": amount, "currencyCode": currency}})
}

/// Two of SKU-A at 19.99 and a custom item at 5, 3.99 shipping, all with tax in the price.
pub fn draft(caller: &Caller) -> Value {
    json!({
        "sourceIdentifier": "ebay:12-34567-89012",
        "sourceName": "ebay",
        "name": "EB-1",
        "tags": ["eBay", "Tributary"],
        "currency": "GBP",
        "taxesIncluded": true,
        "lineItems": [
            {"variantId": caller.variant_gid(), "quantity": 2, "priceSet": money("19.99", "GBP"), "requiresShipping": true,
             "taxLines": [{"title": "VAT", "rate": "0.2", "priceSet": money("6.66", "GBP"), "channelLiable": false}]},
            {"title": "Gift wrap", "quantity": 1, "priceSet": money("5.00", "GBP")},
        ],
        "shippingLines": [{"title": "Royal Mail", "priceSet": money("3.99", "GBP")}],
        "transactions": [{"kind": "SALE", "status": "SUCCESS", "gateway": "eBay", "amountSet": money("48.97", "GBP")}],
    })
}

pub async fn create(caller: &Caller, order: &Value, options: &Value) -> Value {
    let data = caller.data(CREATE, &json!({"order": order, "options": options})).await;
    data["orderCreate"].clone()
}

#[tokio::test]
async fn an_order_is_kept_as_it_was_given() {
    let caller = Caller::start().await;
    let made = create(&caller, &draft(&caller), &json!({"inventoryBehaviour": "DECREMENT_IGNORING_POLICY"})).await;
    assert_eq!(made["userErrors"], json!([]));
    let order = &made["order"];
    assert_eq!(order["name"], "EB-1");
    assert_eq!(order["totalPriceSet"]["shopMoney"], json!({"amount": "48.97", "currencyCode": "GBP"}));
    assert_eq!(order["totalTaxSet"]["presentmentMoney"]["amount"], "6.66");
    assert_eq!(order["displayFinancialStatus"], "PAID");
    assert_eq!(order["displayFulfillmentStatus"], "UNFULFILLED");
    assert_eq!(order["lineItems"]["nodes"][0]["sku"], "SKU-A");
    assert_eq!(order["lineItems"]["nodes"][1]["variant"], Value::Null);
    assert_eq!(caller.fake.stock("SKU-A"), Some(48));
    let ledger = caller.fake.ledger();
    assert_eq!(ledger.creates_per_source().keys().collect::<Vec<_>>(), ["ebay:12-34567-89012"]);
    assert!(ledger.mails.is_empty(), "nobody asked for a mail");
    caller.assert_allowed();
}

#[tokio::test]
async fn the_stock_is_left_alone_unless_asked_for() {
    let caller = Caller::start().await;
    create(&caller, &draft(&caller), &json!({})).await;
    assert_eq!(caller.fake.stock("SKU-A"), Some(50));
    let mut order = draft(&caller);
    order["lineItems"][0]["quantity"] = json!(60);
    let obeying = create(&caller, &order, &json!({"inventoryBehaviour": "DECREMENT_OBEYING_POLICY"})).await;
    assert_eq!(obeying["userErrors"][0]["code"], "INVENTORY_CLAIM_FAILED");
    let ignoring = create(&caller, &order, &json!({"inventoryBehaviour": "DECREMENT_IGNORING_POLICY"})).await;
    assert_eq!(ignoring["userErrors"], json!([]));
    assert_eq!(caller.fake.stock("SKU-A"), Some(-10));
}

#[tokio::test]
async fn a_receipt_is_sent_when_it_is_asked_for() {
    let caller = Caller::start().await;
    let mut order = draft(&caller);
    order["email"] = json!("ada@example.com");
    create(&caller, &order, &json!({"sendReceipt": true})).await;
    let mails: Vec<MailKind> = caller.fake.ledger().mails.iter().map(|mail| mail.kind).collect();
    assert_eq!(mails, [MailKind::OrderConfirmation]);
    assert_eq!(caller.fake.customers().len(), 1, "Shopify makes a customer of the address");
}

#[tokio::test]
async fn a_discount_code_takes_its_amount_off() {
    let caller = Caller::start().await;
    let mut order = draft(&caller);
    order["discountCode"] = json!({"itemFixedDiscountCode": {"code": "SUMMER", "amountSet": money("10.00", "GBP")}});
    let made = create(&caller, &order, &json!({})).await;
    assert_eq!(made["order"]["discountCodes"], json!(["SUMMER"]));
    assert_eq!(made["order"]["totalPriceSet"]["presentmentMoney"]["amount"], "38.97");
    order["discountCode"]["freeShippingDiscountCode"] = json!({"code": "FREE"});
    let refused = create(&caller, &order, &json!({})).await;
    assert_eq!(refused["userErrors"][0]["code"], "INVALID");
}

#[tokio::test]
async fn what_cannot_be_is_a_user_error_and_no_order() {
    let caller = Caller::start().await;
    let change = |change: &dyn Fn(&mut Value)| {
        let mut order = draft(&caller);
        change(&mut order);
        order
    };
    let orders = [
        change(&|order| order["lineItems"] = json!([])),
        change(&|order| order["lineItems"][0]["quantity"] = json!(0)),
        change(&|order| order["lineItems"][0]["variantId"] = json!("gid://shopify/ProductVariant/1")),
        change(&|order| order["lineItems"][0]["priceSet"] = money("1.00", "EUR")),
        change(&|order| order["lineItems"][1]["title"] = Value::Null),
        change(&|order| order["customerId"] = json!("gid://shopify/Customer/1")),
        change(&|order| order["taxLines"] = json!([{"title": "VAT", "rate": "0.2", "priceSet": money("1.00", "GBP")}])),
    ];
    for order in orders {
        let refused = create(&caller, &order, &json!({})).await;
        assert_eq!(refused["order"], Value::Null, "{order}");
        assert!(refused["userErrors"][0]["code"].is_string(), "{refused}");
    }
    assert!(caller.fake.orders().is_empty());
}

#[tokio::test]
async fn an_unpaid_order_can_be_marked_as_paid_once() {
    let caller = Caller::start().await;
    let mut order = draft(&caller);
    order["transactions"] = json!([]);
    let made = create(&caller, &order, &json!({})).await;
    assert_eq!(made["order"]["displayFinancialStatus"], "PENDING");
    assert_eq!(made["order"]["totalOutstandingSet"]["presentmentMoney"]["amount"], "48.97");
    let pay = "mutation Pay($id: ID!) { orderMarkAsPaid(input: {id: $id}) {
        order { displayFinancialStatus } userErrors { field message } } }";
    let id = json!({"id": made["order"]["id"]});
    let paid = caller.data(pay, &id).await;
    assert_eq!(paid["orderMarkAsPaid"]["order"]["displayFinancialStatus"], "PAID");
    let again = caller.data(pay, &id).await;
    assert_eq!(again["orderMarkAsPaid"]["userErrors"][0]["message"], "Order cannot be marked as paid.");
}

#[tokio::test]
async fn a_trial_shop_takes_five_orders_a_minute() {
    let caller = Caller::of(ShopifyShop::new().trial()).await;
    for _ in 0..5 {
        assert_eq!(create(&caller, &draft(&caller), &json!({})).await["userErrors"], json!([]));
    }
    assert_ne!(create(&caller, &draft(&caller), &json!({})).await["userErrors"], json!([]));
    caller.fake.clock().advance(jiff::SignedDuration::from_secs(61));
    assert_eq!(create(&caller, &draft(&caller), &json!({})).await["userErrors"], json!([]));
}

#[tokio::test]
async fn an_order_in_another_currency_has_both_amounts() {
    let caller = Caller::start().await;
    let both = |shop: &str, buyer: &str| {
        json!({
            "shopMoney": {"amount": shop, "currencyCode": "GBP"},
            "presentmentMoney": {"amount": buyer, "currencyCode": "JPY"},
        })
    };
    let order = json!({
        "currency": "GBP", "presentmentCurrency": "JPY",
        "lineItems": [{"title": "Item", "quantity": 3, "priceSet": both("5.00", "1000")}],
    });
    let made = create(&caller, &order, &json!({})).await;
    let total = &made["order"]["totalPriceSet"];
    assert_eq!(total["shopMoney"]["amount"], "15.0");
    assert_eq!(total["presentmentMoney"], json!({"amount": "3000.0", "currencyCode": "JPY"}));
    assert_eq!(caller.fake.total(caller.fake.orders()[0].id).presentment, Decimal::from(3000));
}
