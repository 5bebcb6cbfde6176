//! Etsy as a channel, in Etsy's own terms.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connect::{Credentials, WebhookHint};
use domain::ChannelOrderId;
use fakes::etsy::{
    Buyer, EtsyFake, LineSpec, Listing, Patch, REFRESH_TOKEN, ReceiptSpec, RefundOf, SHOP_ID, SIGNING_SECRET,
};
use fakes::{CallLog, Faults, SimClock};
use serde_json::json;

use crate::subject::{BUYER, ChannelFake, Delivery, Future, NewOrder, PlatformFake, SKU, Setup, Status, Subject};

pub const ETSY: Subject = Subject {
    name: "etsy",
    platform: "etsy",
    channel: Some(start),
    store: None,
    zones: &["UTC"],
    currencies: &["EUR", "GBP", "USD", "JPY"],
};

struct Etsy {
    fake: EtsyFake,
    placed: AtomicU64,
}

fn start(setup: Setup) -> Future<'static, Arc<dyn ChannelFake>> {
    Box::pin(async move {
        let fake = EtsyFake::start(SimClock::starting_at(setup.now)).await.unwrap();
        let etsy = Etsy { fake, placed: AtomicU64::new(0) };
        etsy.list(SKU, 50);
        Arc::new(etsy) as Arc<dyn ChannelFake>
    })
}

fn number(order: &ChannelOrderId) -> u64 {
    order.as_str().parse().unwrap()
}

impl Etsy {
    fn next(&self) -> u64 {
        3_000_000_000 + self.placed.fetch_add(1, Ordering::Relaxed)
    }

    fn spec(&self, order: NewOrder) -> ReceiptSpec {
        let mut spec = ReceiptSpec::new(self.next())
            .currency(order.currency.parse().unwrap())
            .line_of(LineSpec::new(SKU, order.quantity, order.unit_price))
            .shipping(order.shipping)
            .note(BUYER.note);
        spec.buyer = Buyer {
            name: format!("{} {}", BUYER.first_name, BUYER.last_name),
            email: Some(BUYER.email.to_owned()),
            first_line: BUYER.street.to_owned(),
            second_line: None,
            city: BUYER.city.to_owned(),
            state: None,
            zip: BUYER.postcode.to_owned(),
            country: "DE".to_owned(),
        };
        if order.paid { spec } else { spec.unpaid() }
    }
}

impl PlatformFake for Etsy {
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
        let settings = [("api_url", self.fake.url().to_owned()), ("shop_id", SHOP_ID.to_string())];
        settings.map(|(name, value)| (name.to_owned(), value)).into()
    }

    fn credentials(&self) -> Credentials {
        let application = self.fake.application();
        let secrets = [
            ("client_id", application.client_id.as_str()),
            ("client_secret", &application.client_secret),
            ("refresh_token", REFRESH_TOKEN),
            ("webhook_secret", SIGNING_SECRET),
        ];
        Credentials(secrets.map(|(name, value)| (name.to_owned(), value.into())).into())
    }

    fn secrets(&self) -> Vec<String> {
        let application = self.fake.application();
        let tokens = self.fake.tokens().into_iter().flat_map(|grant| [grant.access_token, grant.refresh_token]);
        [application.client_id.as_str(), &application.client_secret, REFRESH_TOKEN, SIGNING_SECRET]
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

    fn webhooks(&self) -> Option<Future<'_, Vec<Delivery>>> {
        let id = number(&self.place(NewOrder::default()));
        let delivery = |event: &str, expected| {
            let sent = self.fake.webhook(event, id);
            Delivery { headers: sent.headers, body: sent.body, signature: Some("webhook-signature"), expected }
        };
        let events = ["order.paid", "order.canceled", "order.shipped", "order.delivered"];
        let mut deliveries: Vec<_> = events.map(|event| delivery(event, WebhookHint::PollSoon)).into();
        deliveries.push(delivery("shop.renamed", WebhookHint::Nothing));
        Some(Box::pin(async { deliveries }))
    }
}

impl ChannelFake for Etsy {
    fn place(&self, order: NewOrder) -> ChannelOrderId {
        let spec = self.spec(order);
        let id = spec.id.to_string().parse().unwrap();
        self.fake.place(spec);
        id
    }

    fn place_unreadable(&self) -> Vec<ChannelOrderId> {
        let broken = [
            self.spec(NewOrder::default()).set("/grandtotal/amount", json!("about twelve")),
            self.spec(NewOrder::default()).set("/transactions", json!([])),
            self.spec(NewOrder::default()).set("/transactions/0/quantity", json!({"value": BUYER.first_name})),
            self.spec(NewOrder::default()).set("/grandtotal/currency_code", json!("ZZZ")),
            self.spec(NewOrder::default()).remove("/created_timestamp").remove("/create_timestamp"),
        ];
        let ids = broken.iter().map(|spec| spec.id.to_string().parse().unwrap()).collect();
        self.fake.place_all(broken);
        ids
    }

    fn touch(&self, order: &ChannelOrderId) {
        self.fake.touch(number(order));
    }

    fn cancel(&self, order: &ChannelOrderId) {
        self.fake.cancel(number(order));
    }

    fn pay(&self, order: &ChannelOrderId) {
        self.fake.pay(number(order));
    }

    fn refund(&self, order: &ChannelOrderId) {
        self.fake.refund(number(order), RefundOf::Rest);
    }

    fn confuse(&self, order: &ChannelOrderId, status: Status) -> bool {
        // Whether it is sent is a yes or no; the rest is one word.
        if status == Status::Fulfilment {
            return false;
        }
        let patch = Patch::Set("/status".to_owned(), json!("paid and sent on mars"));
        self.fake.edit(number(order), |spec| spec.patches.push(patch));
        true
    }

    fn unknown_order(&self) -> ChannelOrderId {
        "9999999999".parse().unwrap()
    }

    fn list(&self, sku: &str, quantity: i64) {
        let id = 1_000_000 + self.placed.fetch_add(1, Ordering::Relaxed);
        self.fake.list(Listing::single(id, sku, "An item", 1999, u32::try_from(quantity).unwrap()));
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        self.fake.for_sale(sku).map(i64::from)
    }

    fn knows_parts(&self) -> bool {
        false
    }

    fn packages(&self, order: &ChannelOrderId) -> Vec<Option<String>> {
        self.fake.told(number(order)).into_iter().map(|told| told.tracking).collect()
    }
}
