//! __Title__ as a channel, in __Title__'s own terms.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect::Credentials;
use domain::{ChannelOrderId, Money};
use fakes::__snake__::{__Pascal__Fake, API_KEY};
use fakes::{CallLog, Faults, SimClock};
use serde_json::{Value, json};

use crate::subject::{BUYER, ChannelFake, Future, NewOrder, PlatformFake, SKU, Setup, Status, Subject};

pub const __UPPER__: Subject = Subject {
    name: "__kebab__",
    platform: "__kebab__",
    channel: Some(start),
    store: None,
    // CHANGE: the zones of its shops, where its clock is not UTC; currencies with none, two and three decimals.
    zones: &["UTC"],
    currencies: &["GBP", "USD", "JPY", "BHD"],
};

struct __Pascal__ {
    fake: __Pascal__Fake,
}

fn start(setup: Setup) -> Future<'static, Arc<dyn ChannelFake>> {
    Box::pin(async move {
        let fake = __Pascal__Fake::start(SimClock::starting_at(setup.now)).await.unwrap();
        fake.list(SKU, 50);
        Arc::new(__Pascal__ { fake }) as Arc<dyn ChannelFake>
    })
}

impl __Pascal__ {
    fn place_and_edit(&self, change: impl FnOnce(&mut Value)) -> ChannelOrderId {
        let id = self.place(NewOrder::default());
        self.fake.edit(id.as_str(), |order, _| change(order));
        id
    }
}

impl PlatformFake for __Pascal__ {
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
        Credentials(BTreeMap::from([("api_key".to_owned(), API_KEY.into())]))
    }

    fn secrets(&self) -> Vec<String> {
        vec![API_KEY.to_owned()]
    }

    // CHANGE: where tokens expire, how many were had.
    fn refreshes(&self) -> Option<usize> {
        None
    }

    fn violations(&self) -> Vec<String> {
        self.fake.violations()
    }

    fn coverage(&self) -> BTreeMap<String, usize> {
        self.fake.coverage()
    }
}

impl ChannelFake for __Pascal__ {
    fn place(&self, order: NewOrder) -> ChannelOrderId {
        let amount = |minor: i64| Money::from_minor(minor, order.currency.parse().unwrap()).amount().to_string();
        let placed = self.fake.place(json!({
            "currency": order.currency,
            "total": amount(order.total()),
            "payment": if order.paid { "paid" } else { "unpaid" },
            "paid_at": order.paid.then(|| self.fake.clock().now()),
            "email": BUYER.email,
            "note": BUYER.note,
            "ship_to": {
                "name": format!("{} {}", BUYER.first_name, BUYER.last_name),
                "street": BUYER.street, "city": BUYER.city, "postcode": BUYER.postcode, "country": "DE",
                "phone": BUYER.phone,
            },
            "lines": [{
                "id": "1", "sku": SKU, "title": "An item", "quantity": order.quantity,
                "total": amount(i64::from(order.quantity) * order.unit_price),
            }],
            "shipping": {"service": "Tracked", "total": amount(order.shipping)},
        }));
        placed.parse().unwrap()
    }

    fn place_unreadable(&self) -> Vec<ChannelOrderId> {
        vec![
            self.place_and_edit(|order| order["total"] = json!("about twelve")),
            self.place_and_edit(|order| order["lines"] = json!([])),
            self.place_and_edit(|order| order["lines"][0]["quantity"] = json!({"value": BUYER.first_name})),
            self.place_and_edit(|order| drop(order.as_object_mut().unwrap().remove("created_at"))),
        ]
    }

    fn touch(&self, order: &ChannelOrderId) {
        self.fake.edit(order.as_str(), |_, _| {});
    }

    fn cancel(&self, order: &ChannelOrderId) {
        self.fake.cancel(order.as_str());
    }

    fn pay(&self, order: &ChannelOrderId) {
        self.fake.pay(order.as_str());
    }

    fn refund(&self, order: &ChannelOrderId) {
        self.fake.refund(order.as_str());
    }

    fn confuse(&self, order: &ChannelOrderId, status: Status) -> bool {
        let field = match status {
            Status::Payment => "payment",
            Status::Fulfilment => "fulfilment",
            Status::Cancel => "state",
        };
        self.fake.edit(order.as_str(), |order, _| order[field] = json!("paid_and_sent_on_mars"));
        true
    }

    fn unknown_order(&self) -> ChannelOrderId {
        "999999".parse().unwrap()
    }

    fn list(&self, sku: &str, quantity: i64) {
        self.fake.list(sku, quantity);
    }

    fn quantity(&self, sku: &str) -> Option<i64> {
        self.fake.quantity(sku)
    }

    fn packages(&self, order: &ChannelOrderId) -> Vec<Option<String>> {
        let number = |package: Value| package["number"].as_str().map(str::to_owned);
        self.fake.packages(order.as_str()).into_iter().map(number).collect()
    }
}
