//! What the suite needs of a platform: how its fake is started, used in the platform's own terms, and read afterwards.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use connect::{ChannelCapabilities, Credentials, StoreCapabilities, WebhookHint};
use domain::{ChannelOrderId, Payment, ProductId, Reference, StoreOrderId};
use fakes::{CallLog, Faults, SimClock};
use jiff::Timestamp;
use rust_decimal::Decimal;

/// When every trial begins. Between the two moments at which Europe and America end their summer time.
pub const START: &str = "2026-10-27T12:00:00Z";

/// The product that every fake has for sale, 50 of it.
pub const SKU: &str = "SKU-A";

/// Of the buyer of every order; none of it may ever be shown.
pub const BUYER: Buyer = Buyer {
    first_name: "Canaria",
    last_name: "Vogelsang-Kanari",
    street: "77 Canary Wharf Lane",
    city: "Kanarienstadt",
    postcode: "CNR 4RY",
    phone: "+49 555 0199887",
    email: "canary.bird@canaria.example",
    note: "Please ring the canary bell",
};

#[derive(Debug, Clone, Copy)]
pub struct Buyer {
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub street: &'static str,
    pub city: &'static str,
    pub postcode: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
    pub note: &'static str,
}

impl Buyer {
    pub fn canaries(&self) -> Vec<String> {
        [self.first_name, self.last_name, self.street, self.city, self.postcode, self.phone, self.email, self.note]
            .map(str::to_owned)
            .into()
    }
}

pub type Future<'a, T> = Pin<Box<dyn std::future::Future<Output = T> + 'a>>;

/// How a fake is started.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    pub now: Timestamp,
    /// The zone of the platform's own clock, where it has one.
    pub zone: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self { now: START.parse().unwrap(), zone: "UTC" }
    }
}

/// A platform, in a version of it that behaves differently from others.
pub struct Subject {
    /// In the names of trials.
    pub name: &'static str,
    /// In the registry.
    pub platform: &'static str,
    pub channel: Option<fn(Setup) -> Future<'static, Arc<dyn ChannelFake>>>,
    pub store: Option<fn(Setup) -> Future<'static, Arc<dyn StoreFake>>>,
    /// Zones in which its shops are; `UTC` alone where the platform has but one clock.
    pub zones: &'static [&'static str],
    /// Currencies that it sells in, such as have no cents and three decimals among them.
    pub currencies: &'static [&'static str],
}

impl Subject {
    pub fn as_channel(&self) -> &'static ChannelCapabilities {
        registry::capabilities(&self.platform.parse().unwrap(), &BTreeMap::new()).unwrap().0.unwrap()
    }

    pub fn as_store(&self) -> &'static StoreCapabilities {
        registry::capabilities(&self.platform.parse().unwrap(), &BTreeMap::new()).unwrap().1.unwrap()
    }
}

/// A running fake, whatever its role.
pub trait PlatformFake: Send + Sync {
    fn clock(&self) -> &SimClock;
    fn faults(&self) -> &Faults;
    fn calls(&self) -> &CallLog;
    fn settings(&self) -> BTreeMap<String, String>;
    fn credentials(&self) -> Credentials;
    /// Everything that must never be shown: keys, and each token given so far.
    fn secrets(&self) -> Vec<String>;
    /// How many access tokens were had for the connection. `None`: this platform's keys do not expire.
    fn refreshes(&self) -> Option<usize>;
    /// Requests that the vendor's description does not allow, in words.
    fn violations(&self) -> Vec<String>;
    /// How often each described operation was asked for and checked here.
    fn coverage(&self) -> BTreeMap<String, usize>;
    /// Writes that the platform answers without a body, by the name of the call in `operations.rs`.
    fn bodiless(&self) -> &'static [&'static str] {
        &[]
    }
    /// Where the platform calls when something changes, each address as often as it is called for different things; those
    /// that it has switched off left out. `None`: it has no way to ask for it.
    fn hooks(&self) -> Option<Vec<String>> {
        None
    }
    /// The platform switches its webhooks off, as after too many failures.
    fn switch_hooks_off(&self) {}
    /// Makes the platform call us, and gives what it sent. `None`: it has no webhooks.
    fn webhooks(&self) -> Option<Future<'_, Vec<Delivery>>> {
        None
    }
}

/// One webhook as the platform sent it.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// The header that holds the signature. `None`: it is not signed.
    pub signature: Option<&'static str>,
    pub expected: WebhookHint,
}

/// A buyer's order. Amounts are in minor units, nothing is taxed.
#[derive(Debug, Clone, Copy)]
pub struct NewOrder {
    pub currency: &'static str,
    pub quantity: u32,
    pub unit_price: i64,
    pub shipping: i64,
    pub paid: bool,
}

impl Default for NewOrder {
    fn default() -> Self {
        Self { currency: "GBP", quantity: 3, unit_price: 1999, shipping: 399, paid: true }
    }
}

impl NewOrder {
    pub fn total(&self) -> i64 {
        i64::from(self.quantity) * self.unit_price + self.shipping
    }
}

/// A status of an order for which the platform may have a word that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Payment,
    Fulfilment,
    Cancel,
}

/// A fake as a channel: a shop with [`SKU`] for sale.
pub trait ChannelFake: PlatformFake {
    /// The buyer is [`BUYER`], the goods are [`SKU`].
    fn place(&self, order: NewOrder) -> ChannelOrderId;
    /// Orders that cannot be read, each for another reason.
    fn place_unreadable(&self) -> Vec<ChannelOrderId>;
    /// Something about the order changes that concerns nobody.
    fn touch(&self, order: &ChannelOrderId);
    fn cancel(&self, order: &ChannelOrderId);
    fn pay(&self, order: &ChannelOrderId);
    /// The whole order's money goes back.
    fn refund(&self, order: &ChannelOrderId);
    /// Gives the order, which is unpaid and unsent, an unknown status. `false`: the platform has no such status.
    fn confuse(&self, order: &ChannelOrderId, status: Status) -> bool;
    /// An id of the right form that no order has.
    fn unknown_order(&self) -> ChannelOrderId;
    /// One more product for sale.
    fn list(&self, sku: &str, quantity: i64);
    fn quantity(&self, sku: &str) -> Option<i64>;
    /// Whether the platform knows what is in a package, and so an order that is sent in part.
    fn knows_parts(&self) -> bool {
        true
    }
    /// The packages that were reported: their tracking numbers in capitals without blanks, `None` without tracking.
    fn packages(&self, order: &ChannelOrderId) -> Vec<Option<String>>;
    /// What an order is before it is paid: the channel itself may hold it back until then.
    fn unpaid(&self) -> Payment {
        Payment::Unpaid
    }
    /// Orders tell when they were paid.
    fn dates_payments(&self) -> bool {
        true
    }
    /// Orders show what was given back.
    fn shows_refunds(&self) -> bool {
        true
    }
    /// What was left for the order's buyer. Only asked of a channel that takes feedback.
    fn feedback(&self, _order: &ChannelOrderId) -> Vec<String> {
        panic!("a channel that takes feedback needs a fake that keeps it");
    }
}

/// A fake as the main store: a shop with [`SKU`] in stock that taxes, mails and counts by itself.
pub trait StoreFake: PlatformFake {
    /// Adds a product; `None`: its stock is not managed.
    fn add_product(&self, sku: &str, stock: Option<i64>) -> ProductId;
    /// The product with [`SKU`].
    fn product(&self) -> ProductId;
    /// An id of the right form that no product has.
    fn unknown_product(&self) -> ProductId;
    fn unknown_order(&self) -> StoreOrderId;
    fn stock_of(&self, sku: &str) -> Option<i64>;
    /// The store's people set a product's stock.
    fn set_stock(&self, sku: &str, quantity: i64);
    /// Currency and country in which the store would tax an order, and what it would take for itself.
    fn taxes(&self) -> (&'static str, &'static str);
    /// A buyer orders in the store itself.
    fn place_own(&self) -> StoreOrderId;
    fn touch(&self, order: &StoreOrderId);
    /// The store's people move it to the trash. `false`: the platform has none.
    fn trash<'a>(&'a self, order: &'a StoreOrderId) -> Future<'a, bool>;
    /// An unknown status. `false`: the platform knows no others than its own.
    fn confuse(&self, order: &StoreOrderId) -> bool;
    /// The store's people add a package.
    fn ship_by_hand(&self, order: &StoreOrderId, number: &str);
    /// What probing must find in this version.
    fn probed(&self) -> BTreeMap<String, String>;
    /// Orders that were created over the API, by reference, those deleted since too.
    fn created(&self) -> BTreeMap<Reference, usize>;
    /// How many orders the store holds.
    fn orders(&self) -> usize;
    /// The order's total as the store shows it.
    fn total(&self, order: &StoreOrderId) -> Decimal;
    /// The packages written on the order: tracking numbers in capitals without blanks, `None` without tracking.
    fn packages(&self, order: &StoreOrderId) -> Vec<Option<String>>;
    fn refunds(&self, order: &StoreOrderId) -> Vec<Decimal>;
    /// How often the store was asked to move money.
    fn money_moved(&self) -> usize;
    /// From now on the store makes something else of the orders that it is given: another price, a fee on top. Only asked
    /// of a store that [`StoreCapabilities::mends`].
    fn meddle(&self) {
        panic!("a store that mends orders needs a fake that gets them wrong");
    }
    fn mails_to_buyers(&self) -> usize;
    fn mails_to_owner(&self) -> usize;
    /// Everything in the store but the dates of last change, to compare before and after.
    fn state(&self) -> String;
}
