//! Shopify as a channel and as the main store, in the shop's own terms.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect::{Credentials, HttpLimits, HttpPool, Method, PrivacyRequest, Request, WebhookHint};
use domain::{ChannelOrderId, ProductId, Reference, StoreOrderId};
use fakes::shopify::{
    ACCESS_TOKEN, Address, COMPLIANCE_TOPICS, Order, OrderSpec, REFRESH_TOKEN, ShopifyFake, ShopifyShop, VERSION,
};
use fakes::{CallLog, Faults, SimClock};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::ports::NoLimit;
use crate::subject::{
    BUYER, ChannelFake, Delivery, Future, NewOrder, PlatformFake, SKU, Setup, Status, StoreFake, Subject,
};

const UNKNOWN_STATUS: &str = "CARRIED_BY_OWLS";
const SIGNATURE: &str = "x-shopify-hmac-sha256";
/// Nobody listens there; what the shop sent is given all the same.
const HOOK: &str = "http://127.0.0.1:9/hook";

pub const SHOPIFY: Subject = Subject {
    name: "shopify",
    platform: "shopify",
    channel: Some(|setup| Box::pin(async move { Arc::new(Shopify::start(setup).await) as Arc<dyn ChannelFake> })),
    store: Some(|setup| Box::pin(async move { Arc::new(Shopify::start(setup).await) as Arc<dyn StoreFake> })),
    zones: &["UTC"],
    currencies: &["GBP", "USD", "JPY", "KWD"],
};

struct Shopify {
    shop: ShopifyFake,
    product: u64,
}

impl Shopify {
    async fn start(setup: Setup) -> Self {
        let shop = ShopifyShop::new().clock(SimClock::starting_at(setup.now)).start().await.unwrap();
        // The clock of a trial stands still, and no bucket would fill again.
        shop.unmetered();
        let product = shop.add_product(SKU, "An item", Decimal::new(1999, 2), Some(50));
        Self { shop, product }
    }

    fn spec(order: NewOrder) -> OrderSpec {
        let mut address =
            Address::new(BUYER.first_name, BUYER.last_name, BUYER.street, BUYER.city, BUYER.postcode, "DE");
        address.phone = Some(BUYER.phone.to_owned());
        let mut spec = OrderSpec::new(order.currency)
            .line(SKU, i64::from(order.quantity), order.unit_price)
            .shipping(order.shipping)
            .ship_to(address)
            .note(BUYER.note);
        spec.email = Some(BUYER.email.to_owned());
        if order.paid { spec } else { spec.unpaid() }
    }

    /// A request by the shop's own people, over the API that they have too.
    async fn by_hand(&self, query: &str, variables: &Value) -> Value {
        let limits = HttpLimits { allow_private_hosts: true, ..HttpLimits::default() };
        let http = HttpPool::new(limits).unwrap().http("by-hand".parse().unwrap(), Arc::new(NoLimit));
        let url = format!("{}/admin/api/{VERSION}/graphql.json", self.shop.url()).parse().unwrap();
        let request = Request::new("by_hand", Method::Post, url).header("x-shopify-access-token", ACCESS_TOKEN);
        let body = json!({"query": query, "variables": variables});
        let answer = http.send(request.json(&body).unwrap()).await.unwrap();
        assert!(answer.is_success(), "{} {}", answer.status, String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn written_packages(&self, order: &str) -> Vec<Option<String>> {
        let plain = |numbers: Vec<String>| {
            let number = numbers.into_iter().next()?;
            Some(number.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase())
        };
        self.shop.packages(number(order)).into_iter().map(plain).collect()
    }
}

fn number(id: &str) -> u64 {
    id.parse().unwrap()
}

fn delivery(sent: fakes::shopify::Delivery, expected: WebhookHint) -> Delivery {
    Delivery { headers: sent.headers, body: sent.body.into_bytes(), signature: Some(SIGNATURE), expected }
}

impl PlatformFake for Shopify {
    fn clock(&self) -> &SimClock {
        self.shop.clock()
    }

    fn faults(&self) -> &Faults {
        self.shop.faults()
    }

    fn calls(&self) -> &CallLog {
        self.shop.calls()
    }

    fn settings(&self) -> BTreeMap<String, String> {
        let settings = [("shop", self.shop.domain()), ("api_url", self.shop.url().to_owned())];
        settings.map(|(name, value)| (name.to_owned(), value)).into()
    }

    fn credentials(&self) -> Credentials {
        let application = self.shop.application();
        let secrets = [
            ("client_id", application.client_id.as_str()),
            ("client_secret", &application.client_secret),
            ("refresh_token", REFRESH_TOKEN),
        ];
        Credentials(secrets.map(|(name, value)| (name.to_owned(), value.into())).into())
    }

    fn secrets(&self) -> Vec<String> {
        let given = self.shop.tokens().into_iter();
        let tokens = given.flat_map(|grant| [Some(grant.access_token), grant.refresh_token]).flatten();
        let fixed = [self.shop.application().client_secret.clone(), REFRESH_TOKEN.to_owned()];
        fixed.into_iter().chain(tokens).collect()
    }

    fn refreshes(&self) -> Option<usize> {
        Some(self.shop.refreshes())
    }

    fn violations(&self) -> Vec<String> {
        self.shop.violations().iter().map(ToString::to_string).collect()
    }

    fn coverage(&self) -> BTreeMap<String, usize> {
        self.shop.coverage()
    }

    fn hooks(&self) -> Option<Vec<String>> {
        Some(self.shop.subscriptions().into_iter().map(|subscription| subscription.uri).collect())
    }

    fn switch_hooks_off(&self) {
        self.shop.drop_subscriptions();
    }

    fn webhooks(&self) -> Option<Future<'_, Vec<Delivery>>> {
        Some(Box::pin(async {
            let create = "mutation Hook($topic: WebhookSubscriptionTopic!, $uri: String!) {
                webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) { userErrors { message } }
            }";
            for topic in ["ORDERS_CREATE", "ORDERS_UPDATED"] {
                self.by_hand(create, &json!({"topic": topic, "uri": HOOK})).await;
            }
            self.place(NewOrder::default());
            let sent = self.shop.deliver_webhooks().await.into_iter();
            let mut all: Vec<Delivery> = sent.map(|sent| delivery(sent, WebhookHint::PollSoon)).collect();
            assert!(!all.is_empty());
            let customer = json!({"id": 191_167, "email": BUYER.email, "phone": BUYER.phone});
            let shop = json!({"shop_id": 954_889, "shop_domain": self.shop.domain()});
            for topic in COMPLIANCE_TOPICS {
                let mut body = shop.clone();
                let expected = match topic {
                    "customers/data_request" => {
                        body["customer"] = customer.clone();
                        body["orders_requested"] = json!([299_938]);
                        body["data_request"] = json!({"id": 9999});
                        PrivacyRequest::Tell { request: "9999".to_owned(), orders: vec!["299938".to_owned()] }
                    }
                    "customers/redact" => {
                        body["customer"] = customer.clone();
                        body["orders_to_redact"] = json!([299_938]);
                        PrivacyRequest::Forget { orders: vec!["299938".to_owned()] }
                    }
                    _ => PrivacyRequest::ShopGone,
                };
                let sent = self.shop.send_compliance(HOOK, topic, &body).await;
                all.push(delivery(sent, WebhookHint::Privacy(expected)));
            }
            all
        }))
    }
}

impl ChannelFake for Shopify {
    fn place(&self, order: NewOrder) -> ChannelOrderId {
        self.shop.place(&Self::spec(order)).to_string().parse().unwrap()
    }

    fn place_unreadable(&self) -> Vec<ChannelOrderId> {
        let spec = || Self::spec(NewOrder::default());
        let negative = spec().set("/lineItems/__nodes/0/quantity", json!(-1));
        let bitcoin = spec().set("/presentmentCurrencyCode", json!("XBT"));
        let text = spec().set("/totalPriceSet/presentmentMoney/amount", json!("a lot"));
        [negative, bitcoin, text].map(|order| self.shop.place(&order).to_string().parse().unwrap()).into()
    }

    fn touch(&self, order: &ChannelOrderId) {
        self.shop.touch(number(order.as_str()));
    }

    fn cancel(&self, order: &ChannelOrderId) {
        self.shop.cancel(number(order.as_str()));
    }

    fn pay(&self, order: &ChannelOrderId) {
        self.shop.pay(number(order.as_str()));
    }

    fn refund(&self, order: &ChannelOrderId) {
        self.shop.refund_all(number(order.as_str()));
    }

    fn confuse(&self, order: &ChannelOrderId, status: Status) -> bool {
        let member = match status {
            Status::Payment => "/displayFinancialStatus",
            Status::Fulfilment => "/displayFulfillmentStatus",
            // A cancel is a date.
            Status::Cancel => return false,
        };
        self.shop.patch(number(order.as_str()), member, json!(UNKNOWN_STATUS));
        true
    }

    fn unknown_order(&self) -> ChannelOrderId {
        "999999999".parse().unwrap()
    }

    fn list(&self, sku: &str, quantity: i64) {
        self.shop.add_product(sku, "Another item", Decimal::new(1999, 2), Some(quantity));
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        self.shop.stock(sku)
    }

    fn packages(&self, order: &ChannelOrderId) -> Vec<Option<String>> {
        self.written_packages(order.as_str())
    }
}

impl StoreFake for Shopify {
    fn add_product(&self, sku: &str, stock: Option<i64>) -> ProductId {
        self.shop.add_product(sku, "Another item", Decimal::new(1999, 2), stock).to_string().parse().unwrap()
    }

    fn product(&self) -> ProductId {
        self.product.to_string().parse().unwrap()
    }

    fn unknown_product(&self) -> ProductId {
        "999999999".parse().unwrap()
    }

    fn unknown_order(&self) -> StoreOrderId {
        "999999999".parse().unwrap()
    }

    fn stock_of(&self, sku: &str) -> Option<i64> {
        self.shop.stock(sku)
    }

    fn set_stock(&self, sku: &str, quantity: i64) {
        self.shop.set_stock(sku, None, quantity);
    }

    fn taxes(&self) -> (&'static str, &'static str) {
        ("GBP", "GB")
    }

    fn place_own(&self) -> StoreOrderId {
        self.shop.place(&Self::spec(NewOrder::default())).to_string().parse().unwrap()
    }

    fn touch(&self, order: &StoreOrderId) {
        self.shop.touch(number(order.as_str()));
    }

    /// A deleted order is gone.
    fn trash<'a>(&'a self, _: &'a StoreOrderId) -> Future<'a, bool> {
        Box::pin(async { false })
    }

    fn confuse(&self, order: &StoreOrderId) -> bool {
        self.shop.patch(number(order.as_str()), "/displayFulfillmentStatus", json!(UNKNOWN_STATUS));
        true
    }

    fn ship_by_hand(&self, order: &StoreOrderId, tracking: &str) {
        self.shop.ship_units(number(order.as_str()), 1, "UPS", tracking).unwrap();
    }

    fn probed(&self) -> BTreeMap<String, String> {
        let location = self.shop.locations()[0].id;
        BTreeMap::from([("location_id".to_owned(), location.to_string())])
    }

    fn created(&self) -> BTreeMap<Reference, usize> {
        let made = self.shop.ledger().creates_per_source();
        made.into_iter().filter_map(|(reference, orders)| Some((reference.parse().ok()?, orders.len()))).collect()
    }

    fn orders(&self) -> usize {
        self.shop.orders().len()
    }

    fn total(&self, order: &StoreOrderId) -> Decimal {
        self.shop.total(number(order.as_str())).presentment
    }

    fn packages(&self, order: &StoreOrderId) -> Vec<Option<String>> {
        self.written_packages(order.as_str())
    }

    /// Those of units without money too; what a cancel puts on the order bears no note.
    fn refunds(&self, order: &StoreOrderId) -> Vec<Decimal> {
        let order = self.shop.order(number(order.as_str())).unwrap();
        let made = order.refunds.iter().filter(|refund| refund.note.is_some());
        let of = |refund: &fakes::shopify::Refund| {
            let own = order.transactions.iter().filter(|made| refund.transactions.contains(&made.id));
            own.map(|made| made.amount.presentment).sum()
        };
        made.map(of).collect()
    }

    fn money_moved(&self) -> usize {
        self.shop.ledger().money_moved()
    }

    fn mails_to_buyers(&self) -> usize {
        self.shop.ledger().mails.iter().filter(|mail| mail.kind.to_buyer()).count()
    }

    /// Those of buyers' own orders are the shop's affair.
    fn mails_to_owner(&self) -> usize {
        let ours = |order: u64| self.shop.order(order).is_some_and(|order| order.over_api);
        self.shop.ledger().mails.iter().filter(|mail| !mail.kind.to_buyer() && ours(mail.order_id)).count()
    }

    fn state(&self) -> String {
        let undated = |mut order: Order| {
            order.updated = Timestamp::UNIX_EPOCH;
            order.fulfillment_orders.iter_mut().for_each(|one| one.updated = Timestamp::UNIX_EPOCH);
            order
        };
        let orders: Vec<Order> = self.shop.orders().into_iter().map(undated).collect();
        let ledger = self.shop.ledger();
        format!("{orders:#?}\n{:#?}\n{:#?}\n{:#?}", ledger.movements, ledger.mails, ledger.refunds)
    }
}
