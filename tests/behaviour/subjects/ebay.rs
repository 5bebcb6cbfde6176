//! eBay as a channel, in eBay's own terms.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connect::Credentials;
use domain::ChannelOrderId;
use fakes::ebay::{Address, EbayFake, LineSpec, OrderSpec, Patch, REFRESH_TOKEN, RefundOf, StockedItem};
use fakes::{CallLog, Faults, SimClock};
use serde_json::json;

use crate::subject::{BUYER, ChannelFake, Future, NewOrder, PlatformFake, SKU, Setup, Status, Subject};

pub const EBAY: Subject = Subject {
    name: "ebay",
    platform: "ebay",
    channel: Some(start),
    store: None,
    zones: &["UTC"],
    currencies: &["GBP", "USD", "JPY", "BHD"],
};

struct Ebay {
    fake: EbayFake,
    placed: AtomicU64,
}

fn start(setup: Setup) -> Future<'static, Arc<dyn ChannelFake>> {
    Box::pin(async move {
        let fake = EbayFake::start(SimClock::starting_at(setup.now)).await.unwrap();
        let ebay = Ebay { fake, placed: AtomicU64::new(0) };
        ebay.list(SKU, 50);
        Arc::new(ebay) as Arc<dyn ChannelFake>
    })
}

impl Ebay {
    fn next_id(&self) -> ChannelOrderId {
        let number = self.placed.fetch_add(1, Ordering::Relaxed);
        format!("11-00000-{number:05}").parse().unwrap()
    }

    fn spec(&self, order: NewOrder) -> OrderSpec {
        let name = format!("{} {}", BUYER.first_name, BUYER.last_name);
        let mut address = Address::new(BUYER.street, BUYER.city, BUYER.postcode, "DE");
        address.line2 = "".into();
        let mut spec = OrderSpec::new(self.next_id().as_str())
            .currency(order.currency.parse().unwrap())
            .line_of(LineSpec::new(SKU, order.quantity, order.unit_price))
            .shipping(order.shipping)
            .buyer("canary_user_77", &name)
            .ship_to(address)
            .note(BUYER.note);
        spec.buyer.email = Some(BUYER.email.to_owned());
        spec.buyer.phone = Some(BUYER.phone.to_owned());
        if order.paid { spec } else { spec.unpaid() }
    }
}

impl PlatformFake for Ebay {
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
        BTreeMap::from([("api_url".to_owned(), self.fake.url().to_owned())])
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
        [&application.client_secret, REFRESH_TOKEN, "canary_user_77"]
            .map(str::to_owned)
            .into_iter()
            .chain(tokens)
            .collect()
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

    /// `createShippingFulfillment` answers 201 with a `Location` and nothing else.
    fn bodiless(&self) -> &'static [&'static str] {
        &["ship"]
    }
}

impl ChannelFake for Ebay {
    fn place(&self, order: NewOrder) -> ChannelOrderId {
        let spec = self.spec(order);
        let id = spec.id.parse().unwrap();
        self.fake.place(spec);
        id
    }

    fn place_unreadable(&self) -> Vec<ChannelOrderId> {
        let broken = [
            self.spec(NewOrder::default()).set("/pricingSummary/total/value", json!("about twelve")),
            self.spec(NewOrder::default()).set("/lineItems", json!([])),
            self.spec(NewOrder::default()).set("/lineItems/0/quantity", json!({"value": BUYER.first_name})),
            self.spec(NewOrder::default()).remove("/creationDate"),
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
        self.fake.pay(order.as_str());
    }

    fn refund(&self, order: &ChannelOrderId) {
        self.fake.refund(order.as_str(), RefundOf::Rest);
    }

    fn confuse(&self, order: &ChannelOrderId, status: Status) -> bool {
        let pointer = match status {
            Status::Payment => "/orderPaymentStatus",
            Status::Fulfilment => "/orderFulfillmentStatus",
            Status::Cancel => "/cancelStatus/cancelState",
        };
        let patch = Patch::Set(pointer.to_owned(), json!("PAID_AND_FULFILLED_ON_MARS"));
        self.fake.edit(order.as_str(), |spec| spec.patches.push(patch));
        true
    }

    fn unknown_order(&self) -> ChannelOrderId {
        "99-99999-99999".parse().unwrap()
    }

    fn list(&self, sku: &str, quantity: i64) {
        let quantity = u32::try_from(quantity).unwrap();
        self.fake.stock(StockedItem::new(sku, "An item", 1999, "GBP".parse().unwrap(), quantity));
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        self.fake.item(sku).map(|item| i64::from(item.available()))
    }

    fn feedback(&self, order: &ChannelOrderId) -> Vec<String> {
        let left = self.fake.feedback().into_iter();
        left.filter(|feedback| feedback.order_id == order.as_str()).map(|feedback| feedback.text).collect()
    }

    fn packages(&self, order: &ChannelOrderId) -> Vec<Option<String>> {
        self.fake.fulfilments(order.as_str()).into_iter().map(|package| package.tracking).collect()
    }
}
