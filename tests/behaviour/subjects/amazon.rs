//! Amazon as a channel, in Amazon's own terms.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connect::Credentials;
use domain::{ChannelOrderId, Payment};
use fakes::amazon::{AmazonFake, ListedItem, MARKETPLACES, OrderSpec, Patch, REFRESH_TOKEN, SELLER_ID};
use fakes::{CallLog, Faults, SimClock};
use serde_json::json;

use crate::subject::{BUYER, ChannelFake, Future, NewOrder, PlatformFake, SKU, Setup, Status, Subject};

pub const AMAZON: Subject = Subject {
    name: "amazon",
    platform: "amazon",
    channel: Some(start),
    store: None,
    zones: &["UTC"],
    currencies: &["GBP", "EUR", "JPY", "KWD"],
};

struct Amazon {
    fake: AmazonFake,
    placed: AtomicU64,
}

fn start(setup: Setup) -> Future<'static, Arc<dyn ChannelFake>> {
    Box::pin(async move {
        let fake = AmazonFake::start(SimClock::starting_at(setup.now)).await.unwrap();
        // The trials make in a moment what Amazon allows in a day, on a clock that stands still, in windows that end now.
        fake.unlimited();
        fake.without_lag();
        let amazon = Amazon { fake, placed: AtomicU64::new(0) };
        amazon.list(SKU, 50);
        Arc::new(amazon) as Arc<dyn ChannelFake>
    })
}

impl Amazon {
    fn spec(&self, order: NewOrder) -> OrderSpec {
        let number = self.placed.fetch_add(1, Ordering::Relaxed);
        let name = format!("{} {}", BUYER.first_name, BUYER.last_name);
        let mut spec = OrderSpec::new(&format!("202-0000000-{number:07}"))
            .currency(order.currency.parse().unwrap())
            .line(SKU, order.quantity, order.unit_price)
            .shipping(order.shipping);
        spec.address = Some(json!({
            "name": name, "addressLine1": BUYER.street, "city": BUYER.city, "postalCode": BUYER.postcode,
            "countryCode": "DE", "phone": BUYER.phone, "addressType": "RESIDENTIAL",
        }));
        spec.buyer_name = name;
        spec.email = Some(BUYER.email.to_owned());
        spec.instruction = Some(BUYER.note.to_owned());
        if order.paid { spec } else { spec.pending() }
    }
}

impl PlatformFake for Amazon {
    fn clock(&self) -> &SimClock {
        self.fake.clock()
    }

    fn faults(&self) -> &Faults {
        self.fake.faults()
    }

    fn calls(&self) -> &CallLog {
        self.fake.calls()
    }

    fn settings(&self) -> BTreeMap<String, String> {
        let marketplaces = MARKETPLACES[..2].join(",");
        let settings = [
            ("api_url", self.fake.url()),
            ("region", "eu"),
            ("seller_id", SELLER_ID),
            ("marketplace_ids", marketplaces.as_str()),
        ];
        settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    fn credentials(&self) -> Credentials {
        let application = self.fake.application();
        let secrets = [
            ("client_id", application.client_id.as_str()),
            ("client_secret", &application.client_secret),
            ("refresh_token", REFRESH_TOKEN),
        ];
        Credentials(secrets.map(|(name, value)| (name.to_owned(), value.into())).into())
    }

    fn secrets(&self) -> Vec<String> {
        let application = self.fake.application();
        let tokens = self.fake.tokens().into_iter().map(|grant| grant.access_token);
        [&application.client_secret, REFRESH_TOKEN].map(str::to_owned).into_iter().chain(tokens).collect()
    }

    fn refreshes(&self) -> Option<usize> {
        Some(self.fake.refreshes())
    }

    fn violations(&self) -> Vec<String> {
        self.fake.violations().iter().map(ToString::to_string).collect()
    }

    fn coverage(&self) -> BTreeMap<String, usize> {
        self.fake.coverage().into_iter().map(|(operation, uses)| (operation, uses.requests)).collect()
    }

    /// `confirmShipment` answers 204.
    fn bodiless(&self) -> &'static [&'static str] {
        &["ship"]
    }
}

impl ChannelFake for Amazon {
    fn place(&self, order: NewOrder) -> ChannelOrderId {
        let spec = self.spec(order);
        let id = spec.id.parse().unwrap();
        self.fake.place(spec);
        id
    }

    fn place_unreadable(&self) -> Vec<ChannelOrderId> {
        let broken = [
            self.spec(NewOrder::default()).set("/proceeds/grandTotal/amount", json!("about twelve")),
            self.spec(NewOrder::default()).set("/orderItems", json!([])),
            self.spec(NewOrder::default()).set("/orderItems/0/quantityOrdered", json!({"value": BUYER.first_name})),
            self.spec(NewOrder::default()).remove("/createdTime"),
        ];
        let ids = broken.iter().map(|spec| spec.id.parse().unwrap()).collect();
        self.fake.place_all(broken);
        ids
    }

    fn touch(&self, order: &ChannelOrderId) {
        self.fake.touch(order.as_str());
    }

    fn cancel(&self, order: &ChannelOrderId) {
        self.fake.cancel(order.as_str());
    }

    fn pay(&self, order: &ChannelOrderId) {
        self.fake.release(order.as_str());
    }

    fn refund(&self, order: &ChannelOrderId) {
        self.fake.refund(order.as_str());
    }

    /// Amazon has one word for payment and shipment together.
    fn confuse(&self, order: &ChannelOrderId, status: Status) -> bool {
        if status != Status::Fulfilment {
            return false;
        }
        let patch = Patch::Set("/fulfillment/fulfillmentStatus".to_owned(), json!("PAID_AND_SHIPPED_TO_MARS"));
        self.fake.edit(order.as_str(), |spec| spec.patches.push(patch));
        true
    }

    fn unknown_order(&self) -> ChannelOrderId {
        "999-9999999-9999999".parse().unwrap()
    }

    fn list(&self, sku: &str, quantity: i64) {
        self.fake.list(ListedItem::new(sku, "An item", quantity));
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        self.fake.listing(sku)?.quantity
    }

    fn packages(&self, order: &ChannelOrderId) -> Vec<Option<String>> {
        let shown = |number: &str| number.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        self.fake
            .packages(order.as_str())
            .into_iter()
            .map(|package| Some(shown(&package.tracking).to_ascii_uppercase()))
            .collect()
    }

    fn unpaid(&self) -> Payment {
        Payment::Held
    }

    fn dates_payments(&self) -> bool {
        false
    }

    fn shows_refunds(&self) -> bool {
        false
    }
}
