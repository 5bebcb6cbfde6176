//! WooCommerce as a channel and as the main store, 11.0.1 and 9.4.2, in the shop's own terms.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connect::{Credentials, HttpLimits, HttpPool, Method, Request, WebhookHint};
use domain::{ChannelOrderId, ProductId, Reference, StoreOrderId};
use fakes::spec::{Sent, SpecSet};
use fakes::woocommerce::{Meddling, Order, Status as Word, Tracking, WooFake, WooShop};
use fakes::{CallLog, Faults, SimClock};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::ports::NoLimit;
use crate::subject::{
    BUYER, ChannelFake, Delivery, Future, NewOrder, PlatformFake, SKU, Setup, Status, StoreFake, Subject,
};

const ZONES: &[&str] = &["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu"];
const CURRENCIES: &[&str] = &["GBP", "USD", "JPY", "KWD"];
const UNKNOWN_STATUS: &str = "shipped-by-owls";
const WEBHOOK_SECRET: &str = "canary-webhook-secret-4711";
const DESCRIPTION: &str = "woocommerce/woocommerce-rest-v3.openapi.json";
const TRACKING: &str = "_wc_shipment_tracking_items";

/// What the vendor's description of 2024 lacks, each known from elsewhere.
const NOT_DESCRIBED: [(&str, &str); 3] = [
    ("query _fields: is not", "https://developer.wordpress.org/rest-api/using-the-rest-api/global-parameters/"),
    ("list_all_orders: query created_via: is not", "captures 14g, 14h"),
    ("'inventory_delta' was unexpected", "the connector's README, Stock; the controllers of version 3 read it"),
];

pub const CURRENT: Subject = Subject {
    name: "woocommerce",
    platform: "woocommerce",
    channel: Some(|setup| Box::pin(async move { Arc::new(Woo::start(setup, false).await) as Arc<dyn ChannelFake> })),
    store: Some(|setup| Box::pin(async move { Arc::new(Woo::start(setup, false).await) as Arc<dyn StoreFake> })),
    zones: ZONES,
    currencies: CURRENCIES,
};

pub const OLD: Subject = Subject {
    name: "woocommerce_9_4",
    channel: Some(|setup| Box::pin(async move { Arc::new(Woo::start(setup, true).await) as Arc<dyn ChannelFake> })),
    store: Some(|setup| Box::pin(async move { Arc::new(Woo::start(setup, true).await) as Arc<dyn StoreFake> })),
    ..CURRENT
};

struct Woo {
    shop: WooFake,
    old: bool,
    product: u64,
    began: Timestamp,
    specs: SpecSet,
}

impl Woo {
    async fn start(setup: Setup, old: bool) -> Self {
        let shop = WooShop::new()
            // What was there before the trial is long past.
            .clock(SimClock::starting_at(setup.now.checked_sub(SignedDuration::from_hours(48)).unwrap()))
            .time_zone(TimeZone::get(setup.zone).unwrap())
            .plugin_status(UNKNOWN_STATUS);
        let shop = if old { shop.version_9_4() } else { shop };
        let shop = shop.start().await.unwrap();
        let product = shop.add_product(SKU, "An item", Decimal::new(1999, 2), 50);
        // A shop that was never used would not tell whether it honours references.
        shop.place_checkout_order(&json!({"status": "completed"})).unwrap();
        let specs = SpecSet::load(&[DESCRIPTION]).unwrap();
        shop.clock().set(setup.now);
        Self { shop, old, product, began: setup.now, specs }
    }

    fn body(&self, order: NewOrder) -> Value {
        let scale = domain_currency(order.currency).decimals();
        let goods = amount(i64::from(order.quantity) * order.unit_price, scale);
        let place = json!({
            "first_name": BUYER.first_name, "last_name": BUYER.last_name, "address_1": BUYER.street, "city": BUYER.city,
            "postcode": BUYER.postcode, "country": "DE", "phone": BUYER.phone,
        });
        let mut billing = place.clone();
        billing["email"] = json!(BUYER.email);
        json!({
            "currency": order.currency, "billing": billing, "shipping": place, "customer_note": BUYER.note,
            "line_items": [{"product_id": self.product, "quantity": order.quantity, "subtotal": goods, "total": goods}],
            "shipping_lines": [{"method_id": "flat_rate", "method_title": "Parcel", "total": amount(order.shipping, scale)}],
            "payment_method": "bacs", "set_paid": order.paid,
        })
    }

    fn change(&self, order: &str, change: &Value) {
        self.shop.edit_order(number(order), change).unwrap();
    }

    /// A request by the shop's own people, over the API that they have too.
    async fn by_hand(&self, method: Method, path: &str, body: Option<&Value>) {
        let limits = HttpLimits { allow_private_hosts: true, ..HttpLimits::default() };
        let http = HttpPool::new(limits).unwrap().http("by-hand".parse().unwrap(), Arc::new(NoLimit));
        let mut url: url::Url = format!("{}/wp-json/wc/v3/{path}", self.shop.url()).parse().unwrap();
        let keys = [("consumer_key", self.shop.key()), ("consumer_secret", self.shop.secret())];
        url.query_pairs_mut().extend_pairs(keys);
        let mut request = Request::new("by_hand", method, url);
        if let Some(body) = body {
            request = request.json(body).unwrap();
        }
        self.shop.set_behind_tls(true);
        let answer = http.send(request).await.unwrap();
        self.shop.set_behind_tls(false);
        assert!(answer.is_success(), "{} {}", answer.status, String::from_utf8_lossy(&answer.body));
    }

    fn written_packages(&self, order: &str) -> Vec<Option<String>> {
        let order = self.shop.order(number(order)).unwrap();
        let items = order.meta_value(TRACKING).and_then(Value::as_array).cloned().unwrap_or_default();
        let plain = |item: &Value| {
            let number = item["tracking_number"].as_str().unwrap();
            number.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase()
        };
        let tracked = items.iter().map(|item| Some(plain(item)));
        let untracked =
            order.notes.iter().filter(|note| note.text.starts_with("Shipped without tracking")).map(|_| None);
        tracked.chain(untracked).collect()
    }
}

fn number(id: &str) -> u64 {
    id.parse().unwrap()
}

fn amount(minor: i64, scale: u32) -> String {
    Decimal::new(minor, scale).to_string()
}

fn domain_currency(code: &str) -> domain::Currency {
    code.parse().unwrap()
}

impl PlatformFake for Woo {
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
        BTreeMap::from([("url".to_owned(), self.shop.url().to_owned())])
    }

    fn credentials(&self) -> Credentials {
        let (key, secret) = (self.shop.key(), self.shop.secret());
        let secrets =
            [("consumer_key", key.as_str()), ("consumer_secret", &secret), ("webhook_secret", WEBHOOK_SECRET)];
        Credentials(secrets.map(|(name, value)| (name.to_owned(), value.into())).into())
    }

    fn secrets(&self) -> Vec<String> {
        vec![self.shop.key(), self.shop.secret(), WEBHOOK_SECRET.to_owned(), "oauth_signature".to_owned()]
    }

    fn refreshes(&self) -> Option<usize> {
        None
    }

    fn violations(&self) -> Vec<String> {
        let known = |broken: &str| NOT_DESCRIBED.iter().any(|(known, _)| broken.contains(known));
        let mut found = BTreeSet::new();
        for call in self.calls().all() {
            let query = url::form_urlencoded::parse(call.query.as_deref().unwrap_or_default().as_bytes());
            let query: Vec<(String, String)> = query
                .into_owned()
                .filter(|(name, _)| !name.starts_with("oauth_") && !name.starts_with("consumer_"))
                .collect();
            let (method, path, headers, body) = (&call.method, call.path.as_str(), &call.headers, &call.body);
            let broken = self.specs.check_request(&Sent { method, path, query: &query, headers, body });
            found.extend(broken.iter().map(ToString::to_string).filter(|broken| !known(broken)));
        }
        found.into_iter().collect()
    }

    fn coverage(&self) -> BTreeMap<String, usize> {
        let described = self.specs.coverage().into_iter();
        // Taxes, coupons and the like are no business of ours.
        let ours = ["order", "refund", "product", "webhook", "currency", "list_all_customers"];
        described
            .filter(|(operation, _)| ours.iter().any(|word| operation.contains(word)))
            .map(|(operation, uses)| (operation, uses.requests))
            .collect()
    }

    fn hooks(&self) -> Option<Vec<String>> {
        Some(self.shop.active_webhooks())
    }

    fn switch_hooks_off(&self) {
        self.shop.disable_webhooks();
    }

    fn webhooks(&self) -> Option<Future<'_, Vec<Delivery>>> {
        Some(Box::pin(async {
            // Nobody listens there; what the shop sent stands in its ledger all the same.
            let hook =
                json!({"topic": "order.created", "delivery_url": "http://127.0.0.1:9/hook", "secret": WEBHOOK_SECRET});
            self.by_hand(Method::Post, "webhooks", Some(&hook)).await;
            self.place(NewOrder::default());
            self.shop.deliver_webhooks().await;
            let sent = self.shop.deliveries();
            let delivery = |sent: fakes::woocommerce::Delivery| {
                let mut headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
                headers
                    .extend(sent.signature.clone().map(|signature| ("x-wc-webhook-signature".to_owned(), signature)));
                headers.extend(sent.topic.map(|topic| ("x-wc-webhook-topic".to_owned(), topic)));
                let signature = sent.signature.is_some().then_some("x-wc-webhook-signature");
                let expected = if signature.is_some() { WebhookHint::PollSoon } else { WebhookHint::Nothing };
                Delivery { headers, body: sent.body.into_bytes(), signature, expected }
            };
            sent.into_iter().map(delivery).collect()
        }))
    }
}

impl ChannelFake for Woo {
    fn place(&self, order: NewOrder) -> ChannelOrderId {
        self.shop.place_checkout_order(&self.body(order)).unwrap().to_string().parse().unwrap()
    }

    fn place_unreadable(&self) -> Vec<ChannelOrderId> {
        // A negative quantity is kept (capture 28b); bitcoin is a currency to the shop, and none of ISO 4217's.
        let mut negative = self.body(NewOrder::default());
        negative["line_items"][0]["quantity"] = json!(-1);
        let mut bitcoin = self.body(NewOrder::default());
        bitcoin["currency"] = json!("BTC");
        let placed = [negative, bitcoin].map(|order| self.shop.place_checkout_order(&order).unwrap());
        placed.map(|id| id.to_string().parse().unwrap()).into()
    }

    fn touch(&self, order: &ChannelOrderId) {
        self.change(order.as_str(), &json!({"customer_note": "seen"}));
    }

    fn cancel(&self, order: &ChannelOrderId) {
        self.shop.cancel(number(order.as_str())).unwrap();
    }

    fn pay(&self, order: &ChannelOrderId) {
        self.change(order.as_str(), &json!({"set_paid": true}));
    }

    fn refund(&self, order: &ChannelOrderId) {
        let whole = self.shop.order(number(order.as_str())).unwrap().totals.total;
        let refund = json!({"amount": whole.to_string(), "api_refund": false, "api_restock": false});
        self.shop.refund(number(order.as_str()), &refund).unwrap();
    }

    fn confuse(&self, order: &ChannelOrderId, status: Status) -> bool {
        // One word says it all.
        if status == Status::Fulfilment {
            self.shop.set_status(number(order.as_str()), &Word::Plugin(UNKNOWN_STATUS.to_owned())).unwrap();
        }
        status == Status::Fulfilment
    }

    fn unknown_order(&self) -> ChannelOrderId {
        "999999".parse().unwrap()
    }

    fn list(&self, sku: &str, quantity: i64) {
        self.shop.add_product(sku, "An item", Decimal::new(1999, 2), quantity);
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        self.shop.stock(sku)
    }

    fn packages(&self, order: &ChannelOrderId) -> Vec<Option<String>> {
        self.written_packages(order.as_str())
    }
}

impl StoreFake for Woo {
    fn add_product(&self, sku: &str, stock: Option<i64>) -> ProductId {
        let price = Decimal::new(1999, 2);
        let id = match stock {
            Some(stock) => self.shop.add_product(sku, "Another item", price, stock),
            None => self.shop.add_unmanaged_product(sku, "A gift card", price),
        };
        id.to_string().parse().unwrap()
    }

    fn product(&self) -> ProductId {
        self.product.to_string().parse().unwrap()
    }

    fn unknown_product(&self) -> ProductId {
        "999999".parse().unwrap()
    }

    fn unknown_order(&self) -> StoreOrderId {
        "999999".parse().unwrap()
    }

    fn stock_of(&self, sku: &str) -> Option<i64> {
        self.shop.stock(sku)
    }

    fn set_stock(&self, sku: &str, quantity: i64) {
        self.shop.set_stock(sku, quantity);
    }

    fn taxes(&self) -> (&'static str, &'static str) {
        ("GBP", "GB")
    }

    fn place_own(&self) -> StoreOrderId {
        self.shop.place_checkout_order(&self.body(NewOrder::default())).unwrap().to_string().parse().unwrap()
    }

    fn touch(&self, order: &StoreOrderId) {
        self.change(order.as_str(), &json!({"customer_note": "seen"}));
    }

    fn trash<'a>(&'a self, order: &'a StoreOrderId) -> Future<'a, bool> {
        Box::pin(async move {
            self.by_hand(Method::Delete, &format!("orders/{order}"), None).await;
            true
        })
    }

    fn confuse(&self, order: &StoreOrderId) -> bool {
        self.shop.set_status(number(order.as_str()), &Word::Plugin(UNKNOWN_STATUS.to_owned())).unwrap();
        true
    }

    fn ship_by_hand(&self, order: &StoreOrderId, tracking: &str) {
        let package = Tracking { provider: "UPS".to_owned(), number: tracking.to_owned() };
        self.shop.ship(number(order.as_str()), &[package]).unwrap();
    }

    fn probed(&self) -> BTreeMap<String, String> {
        let found = if self.old { "ignored" } else { "honoured" };
        BTreeMap::from([("created_via".to_owned(), found.to_owned())])
    }

    fn created(&self) -> BTreeMap<Reference, usize> {
        let made = self.shop.ledger().creates_per_reference("_tributary_reference");
        made.into_iter().filter_map(|(reference, orders)| Some((reference.parse().ok()?, orders.len()))).collect()
    }

    fn orders(&self) -> usize {
        self.shop.orders().len()
    }

    fn total(&self, order: &StoreOrderId) -> Decimal {
        self.shop.order(number(order.as_str())).unwrap().totals.total
    }

    fn packages(&self, order: &StoreOrderId) -> Vec<Option<String>> {
        self.written_packages(order.as_str())
    }

    fn refunds(&self, order: &StoreOrderId) -> Vec<Decimal> {
        let refunds = self.shop.refunds().into_iter();
        refunds.filter(|refund| refund.order_id == number(order.as_str())).map(|refund| refund.amount).collect()
    }

    fn money_moved(&self) -> usize {
        self.shop.refunds().iter().filter(|refund| refund.gateway_called).count()
    }

    fn meddle(&self) {
        self.shop.meddle(Meddling::Fee { name: "Handling".to_owned(), total: Decimal::new(150, 2) }, false);
    }

    fn mails_to_buyers(&self) -> usize {
        self.shop.mails().iter().filter(|mail| mail.at >= self.began && mail.kind.to_buyer()).count()
    }

    fn mails_to_owner(&self) -> usize {
        self.shop.mails().iter().filter(|mail| mail.at >= self.began && !mail.kind.to_buyer()).count()
    }

    fn state(&self) -> String {
        let undated = |order: Order| Order { modified: Timestamp::UNIX_EPOCH, ..order };
        let orders: Vec<Order> = self.shop.orders().into_iter().map(undated).collect();
        let ledger = self.shop.ledger();
        format!("{orders:#?}\n{:#?}\n{:#?}\n{:#?}", ledger.movements, ledger.mails, ledger.refunds)
    }
}
