//! BigCommerce as a channel and as the main store, in the store's own terms: one that takes stock when an order is placed,
//! and one that takes it when the order is completed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connect::{Credentials, HttpLimits, HttpPool, Method, Request, WebhookHint};
use domain::{ChannelOrderId, ProductId, Reference, StoreOrderId};
use fakes::bigcommerce::{
    ACCESS_TOKEN, BigFake, BigStore, CLIENT_SECRET, HASH, MailKind, Order, Purchase, StockMoves, Tracking,
};
use fakes::{CallLog, Faults, SimClock};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::ports::NoLimit;
use crate::subject::{
    BUYER, ChannelFake, Delivery, Future, NewOrder, PlatformFake, SKU, Setup, Status, StoreFake, Subject,
};

const CURRENCIES: &[&str] = &["GBP", "USD", "JPY", "KWD"];
const UNKNOWN_STATUS: u64 = 99;

pub const ON_PLACING: Subject = Subject {
    name: "bigcommerce",
    platform: "bigcommerce",
    channel: Some(|setup| {
        Box::pin(async move { Arc::new(Big::start(setup, Kind::OnPlacing).await) as Arc<dyn ChannelFake> })
    }),
    store: Some(|setup| {
        Box::pin(async move { Arc::new(Big::start(setup, Kind::OnPlacing).await) as Arc<dyn StoreFake> })
    }),
    zones: &["UTC"],
    currencies: CURRENCIES,
};

pub const ON_COMPLETION: Subject = Subject {
    name: "bigcommerce_deducts_later",
    channel: None,
    store: Some(|setup| {
        Box::pin(async move { Arc::new(Big::start(setup, Kind::OnCompletion).await) as Arc<dyn StoreFake> })
    }),
    ..ON_PLACING
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Takes stock when an order is placed, puts it back with a cancel, and shoppers pay in four currencies.
    OnPlacing,
    /// Takes it when the order is completed or shipped, puts nothing back, and knows one currency.
    OnCompletion,
}

struct Big {
    store: BigFake,
    kind: Kind,
    product: u64,
    began: Timestamp,
}

impl Big {
    async fn start(setup: Setup, kind: Kind) -> Self {
        let store = BigStore::new().clock(SimClock::starting_at(setup.now));
        let store = match kind {
            Kind::OnPlacing => store.currencies(&["GBP", "USD", "JPY", "KWD"]),
            Kind::OnCompletion => {
                store.currencies(&["GBP"]).stock_moves(StockMoves::OrderCompletedOrShipped).restocks(false)
            }
        };
        let store = store.start().await.unwrap();
        let product = store.add_product(SKU, "An item", Decimal::new(1999, 2), Tracking::Product, 50);
        Self { store, kind, product, began: setup.now }
    }

    fn id_of(&self, product: u64) -> ProductId {
        let variant = self.store.product(product).unwrap().variants[0].id;
        format!("{product}/{variant}").parse().unwrap()
    }

    fn purchase(order: NewOrder) -> Purchase {
        let scale = order.currency.parse::<domain::Currency>().unwrap().decimals();
        Purchase {
            currency: order.currency.to_owned(),
            sku: SKU.to_owned(),
            quantity: i64::from(order.quantity),
            unit_price: Decimal::new(order.unit_price, scale),
            shipping: Decimal::new(order.shipping, scale),
            coupon: Decimal::ZERO,
            paid: order.paid,
            address: json!({
                "first_name": BUYER.first_name, "last_name": BUYER.last_name, "company": "", "street_1": BUYER.street,
                "street_2": "", "city": BUYER.city, "state": "", "zip": BUYER.postcode, "country": "Germany",
                "country_iso2": "DE", "phone": BUYER.phone, "email": BUYER.email,
            }),
            message: BUYER.note.to_owned(),
        }
    }

    fn placed(&self, order: NewOrder) -> u64 {
        self.store.place(&Self::purchase(order)).unwrap()
    }

    async fn by_hand(&self, path: &str, body: &Value) {
        let limits = HttpLimits { allow_private_hosts: true, ..HttpLimits::default() };
        let http = HttpPool::new(limits).unwrap().http("by-hand".parse().unwrap(), Arc::new(NoLimit));
        let url = format!("{}/stores/{HASH}/{path}", self.store.url()).parse().unwrap();
        let request = Request::new("by_hand", Method::Post, url).header("x-auth-token", ACCESS_TOKEN);
        let answer = http.send(request.header("accept", "application/json").json(body).unwrap()).await.unwrap();
        assert!(answer.is_success(), "{} {}", answer.status, String::from_utf8_lossy(&answer.body));
    }

    fn written_packages(&self, order: &str) -> Vec<Option<String>> {
        let order = self.store.order(number(order)).unwrap();
        let plain = |number: &str| {
            let plain: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
            (!plain.is_empty()).then(|| plain.to_uppercase())
        };
        let made = order.shipments.iter().map(|made| plain(made.body["tracking_number"].as_str().unwrap_or_default()));
        let noted = order
            .staff_notes
            .lines()
            .filter(|line| line.starts_with("Package: "))
            .map(|line| line.split_once(" (").and_then(|(_, rest)| plain(rest.split([' ', ')']).next().unwrap())));
        made.chain(noted).collect()
    }
}

fn number(id: &str) -> u64 {
    id.parse().unwrap()
}

impl PlatformFake for Big {
    fn clock(&self) -> &SimClock {
        self.store.clock()
    }

    fn faults(&self) -> &Faults {
        self.store.faults()
    }

    fn calls(&self) -> &CallLog {
        self.store.calls()
    }

    fn settings(&self) -> BTreeMap<String, String> {
        let settings = [("store_hash", HASH), ("api_url", self.store.url())];
        settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    fn credentials(&self) -> Credentials {
        let secrets = [("access_token", ACCESS_TOKEN), ("client_secret", CLIENT_SECRET)];
        Credentials(secrets.map(|(name, value)| (name.to_owned(), value.into())).into())
    }

    fn secrets(&self) -> Vec<String> {
        vec![ACCESS_TOKEN.to_owned(), CLIENT_SECRET.to_owned()]
    }

    fn refreshes(&self) -> Option<usize> {
        None
    }

    fn violations(&self) -> Vec<String> {
        let found: BTreeSet<String> = self.store.violations().iter().map(ToString::to_string).collect();
        found.into_iter().collect()
    }

    fn coverage(&self) -> BTreeMap<String, usize> {
        self.store.coverage().into_iter().map(|(operation, uses)| (operation, uses.requests)).collect()
    }

    fn hooks(&self) -> Option<Vec<String>> {
        let hooks = self.store.hooks().into_iter().filter(|hook| hook.is_active);
        Some(hooks.map(|hook| hook.destination).collect())
    }

    fn switch_hooks_off(&self) {
        self.store.deactivate_hooks();
    }

    fn webhooks(&self) -> Option<Future<'_, Vec<Delivery>>> {
        Some(Box::pin(async {
            let hook = json!({
                "scope": "store/order/*", "destination": "https://tributary.example/hook", "is_active": true, "headers": {},
            });
            self.by_hand("v3/hooks", &hook).await;
            self.placed(NewOrder::default());
            let delivery = |sent: fakes::bigcommerce::Delivery| Delivery {
                headers: sent.headers,
                body: sent.body.into_bytes(),
                signature: Some("webhook-signature"),
                expected: WebhookHint::PollSoon,
            };
            self.store.deliveries().into_iter().map(delivery).collect()
        }))
    }
}

impl ChannelFake for Big {
    fn place(&self, order: NewOrder) -> ChannelOrderId {
        self.placed(order).to_string().parse().unwrap()
    }

    fn place_unreadable(&self) -> Vec<ChannelOrderId> {
        let broken = [
            ("/default_currency_code", json!("BTC")),
            ("/consignments/shipping/0/line_items/0/quantity", json!(3.5)),
            ("/consignments/shipping/0/line_items/0/total_inc_tax", json!({"amount": BUYER.first_name})),
            ("/date_created", json!("the other day")),
            ("/total_inc_tax", json!("about twelve")),
        ];
        let place = |(pointer, value): (&str, Value)| {
            let id = self.placed(NewOrder::default());
            self.store.patch(id, pointer, value);
            id.to_string().parse().unwrap()
        };
        broken.into_iter().map(place).collect()
    }

    fn touch(&self, order: &ChannelOrderId) {
        self.store.touch(number(order.as_str()));
    }

    fn cancel(&self, order: &ChannelOrderId) {
        self.store.set_status(number(order.as_str()), 5);
    }

    fn pay(&self, order: &ChannelOrderId) {
        self.store.pay(number(order.as_str()));
    }

    fn refund(&self, order: &ChannelOrderId) {
        self.store.refund(number(order.as_str()), None);
    }

    fn confuse(&self, order: &ChannelOrderId, status: Status) -> bool {
        // One number says it all.
        if status == Status::Fulfilment {
            self.store.set_status(number(order.as_str()), UNKNOWN_STATUS);
        }
        status == Status::Fulfilment
    }

    fn unknown_order(&self) -> ChannelOrderId {
        "999999".parse().unwrap()
    }

    fn list(&self, sku: &str, quantity: i64) {
        // Some are kept by variant.
        let tracking = if sku.len().is_multiple_of(2) { Tracking::Variant } else { Tracking::Product };
        self.store.add_product(sku, "An item", Decimal::new(1999, 2), tracking, quantity);
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        self.store.stock(sku)
    }

    fn packages(&self, order: &ChannelOrderId) -> Vec<Option<String>> {
        self.written_packages(order.as_str())
    }
}

impl StoreFake for Big {
    fn meddle(&self) {
        self.store.meddle(Decimal::new(150, 2));
    }

    fn add_product(&self, sku: &str, stock: Option<i64>) -> ProductId {
        let price = Decimal::new(1999, 2);
        let product = match stock {
            Some(stock) => self.store.add_product(sku, "Another item", price, Tracking::Variant, stock),
            None => self.store.add_product(sku, "A gift card", price, Tracking::None, 0),
        };
        self.id_of(product)
    }

    fn product(&self) -> ProductId {
        self.id_of(self.product)
    }

    fn unknown_product(&self) -> ProductId {
        "999999/999998".parse().unwrap()
    }

    fn unknown_order(&self) -> StoreOrderId {
        "999999".parse().unwrap()
    }

    fn stock_of(&self, sku: &str) -> Option<i64> {
        self.store.stock(sku)
    }

    fn set_stock(&self, sku: &str, quantity: i64) {
        self.store.set_stock(sku, quantity);
    }

    fn taxes(&self) -> (&'static str, &'static str) {
        ("GBP", "GB")
    }

    fn place_own(&self) -> StoreOrderId {
        self.placed(NewOrder::default()).to_string().parse().unwrap()
    }

    fn touch(&self, order: &StoreOrderId) {
        self.store.touch(number(order.as_str()));
    }

    fn trash<'a>(&'a self, order: &'a StoreOrderId) -> Future<'a, bool> {
        Box::pin(async move {
            self.store.archive(number(order.as_str()));
            true
        })
    }

    fn confuse(&self, order: &StoreOrderId) -> bool {
        self.store.set_status(number(order.as_str()), UNKNOWN_STATUS);
        true
    }

    fn ship_by_hand(&self, order: &StoreOrderId, tracking: &str) {
        self.store.pack(number(order.as_str()), tracking, 1);
    }

    fn probed(&self) -> BTreeMap<String, String> {
        let (stock, restocks, currencies) = match self.kind {
            Kind::OnPlacing => ("order_placed", "yes", "GBP,JPY,KWD,USD"),
            Kind::OnCompletion => ("order_completed_or_shipped", "no", "GBP"),
        };
        let facts = [("stock", stock), ("restocks", restocks), ("currencies", currencies)];
        facts.map(|(name, fact)| (name.to_owned(), fact.to_owned())).into()
    }

    fn created(&self) -> BTreeMap<Reference, usize> {
        let mut made = BTreeMap::new();
        for create in self.store.creates() {
            *made.entry(create.external_order_id.parse().unwrap()).or_default() += 1;
        }
        made
    }

    fn orders(&self) -> usize {
        self.store.orders().len()
    }

    fn total(&self, order: &StoreOrderId) -> Decimal {
        self.store.order(number(order.as_str())).unwrap().total_inc()
    }

    fn packages(&self, order: &StoreOrderId) -> Vec<Option<String>> {
        self.written_packages(order.as_str())
    }

    fn refunds(&self, order: &StoreOrderId) -> Vec<Decimal> {
        let in_pence = |refund: &fakes::bigcommerce::Refund| {
            let mut amount = refund.amount;
            amount.rescale(2);
            amount
        };
        self.store.order(number(order.as_str())).unwrap().refunds.iter().map(in_pence).collect()
    }

    fn money_moved(&self) -> usize {
        self.store.orders().iter().flat_map(|order| &order.refunds).filter(|refund| refund.moved_money).count()
    }

    fn mails_to_buyers(&self) -> usize {
        let mails = self.store.mails();
        mails.iter().filter(|mail| mail.at >= self.began && mail.kind != MailKind::OwnerNewOrder).count()
    }

    fn mails_to_owner(&self) -> usize {
        let mails = self.store.mails();
        mails.iter().filter(|mail| mail.at >= self.began && mail.kind == MailKind::OwnerNewOrder).count()
    }

    fn state(&self) -> String {
        let undated = |order: Order| Order { modified: Timestamp::UNIX_EPOCH, ..order };
        let orders: Vec<Order> = self.store.orders().into_iter().map(undated).collect();
        format!("{orders:#?}\n{:#?}\n{:#?}", self.store.movements(), self.store.mails())
    }
}
