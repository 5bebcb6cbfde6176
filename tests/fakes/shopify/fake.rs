//! What a test does to the shop and reads from it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::Value;

use super::cancel::Asked;
use super::ledger::{Ledger, MoveReason};
use super::money::Bag;
use super::oauth::TokenGrant;
use super::roots::{MUTATIONS, QUERIES};
use super::state::{Address, Customer, Level, Location, Order, Patch, Tracking, Variant, gid};
use super::webhooks::{Delivery, Subscription};
use super::{OrderSpec, ShopifyFake, deliver};
use crate::locked;
use crate::spec::Violation;

impl ShopifyFake {
    /// A product of one variant, so much of it in the main location; `None`: its stock is not counted. Gives the
    /// variant's id.
    pub fn add_product(&self, sku: &str, title: &str, price: Decimal, stock: Option<i64>) -> u64 {
        self.write(|shop, now| {
            let (id, product, inventory_item) = (shop.next_id(), shop.next_id(), shop.next_id());
            let location = shop.main_location();
            let level = Level { available: stock.unwrap_or(0), committed: 0, updated: now };
            shop.variants.insert(
                id,
                Variant {
                    id,
                    product,
                    inventory_item,
                    product_title: title.to_owned(),
                    title: "Default Title".to_owned(),
                    sku: sku.to_owned(),
                    barcode: None,
                    price,
                    tracked: stock.is_some(),
                    oversell: false,
                    created: now,
                    updated: now,
                    levels: BTreeMap::from([(location, level)]),
                },
            );
            id
        })
    }

    pub fn set_barcode(&self, variant: u64, barcode: &str) {
        self.write(|shop, _| {
            if let Some(variant) = shop.variants.get_mut(&variant) {
                variant.barcode = Some(barcode.to_owned());
            }
        });
    }

    /// Another warehouse. Gives its id.
    pub fn add_location(&self, name: &str) -> u64 {
        self.write(|shop, _| {
            let id = shop.next_id();
            shop.locations.insert(id, Location { id, name: name.to_owned(), active: true });
            id
        })
    }

    pub fn locations(&self) -> Vec<Location> {
        self.read(|shop| shop.locations.values().cloned().collect())
    }

    pub fn variant(&self, sku: &str) -> Option<Variant> {
        self.read(|shop| shop.variants.values().find(|variant| variant.sku == sku).cloned())
    }

    /// What is available of a SKU, over all locations. `None`: it is not there, or not counted.
    pub fn stock(&self, sku: &str) -> Option<i64> {
        self.variant(sku).filter(|variant| variant.tracked).map(|variant| variant.available())
    }

    /// The shop's people set what is available in a location (`None`: the main one).
    pub fn set_stock(&self, sku: &str, location: Option<u64>, quantity: i64) {
        self.write(|shop, now| {
            let location = location.unwrap_or_else(|| shop.main_location());
            let found = shop.variants.values().find(|variant| variant.sku == sku);
            let found = found.map(|variant| (variant.id, variant.levels.get(&location).copied().unwrap_or_default()));
            if let Some((id, level)) = found {
                shop.move_stock(id, location, quantity - level.available, MoveReason::Person, now);
            }
        });
    }

    /// A buyer orders. Gives the order's id.
    pub fn place(&self, spec: &OrderSpec) -> u64 {
        self.write(|shop, now| {
            let order = shop.order_of(spec, now);
            let id = order.id;
            shop.place(order, now);
            id
        })
    }

    /// Something about the order changes that concerns nobody.
    pub fn touch(&self, id: u64) {
        self.write(|shop, now| shop.touched(id, now));
    }

    /// The outstanding amount is paid by card.
    pub fn pay(&self, id: u64) {
        self.write(|shop, now| shop.pay(id, "shopify_payments", now));
    }

    /// The shop's people cancel it and put the goods back.
    pub fn cancel(&self, id: u64) {
        let asked =
            Asked { reason: "CUSTOMER".to_owned(), restock: true, refund: false, notify: false, staff_note: None };
        self.write(|shop, now| shop.cancel(id, &asked, now));
    }

    /// The shop's people give all the money back, and restock nothing.
    pub fn refund_all(&self, id: u64) {
        self.write(|shop, now| shop.refund_all(id, now));
    }

    /// A refund as the shop's people make it, in the shape of a `RefundInput`. Gives what went wrong, if anything.
    pub fn refund(&self, id: u64, input: &Value) -> Option<String> {
        self.write(|shop, now| shop.refund_by_hand(id, input, now))
    }

    /// The shop's people send what is left of the order. Gives the package's id.
    pub fn ship(&self, id: u64, company: &str, number: &str) -> Option<u64> {
        let tracking = Tracking { company: Some(company.to_owned()), number: Some(number.to_owned()), url: None };
        self.write(|shop, now| shop.send_rest(id, vec![tracking], now))
    }

    /// The shop's people send so many units of what is left. Gives the package's id.
    pub fn ship_units(&self, id: u64, units: i64, company: &str, number: &str) -> Option<u64> {
        let tracking = Tracking { company: Some(company.to_owned()), number: Some(number.to_owned()), url: None };
        self.write(|shop, now| shop.send_units(id, units, vec![tracking], now))
    }

    /// An order edit takes units off a line, which are put back on the shelf.
    pub fn edit_line(&self, id: u64, line: usize, removed: i64) {
        self.write(|shop, now| {
            shop.change(id, now, |shop, order| {
                let Some(of) = order.lines.get_mut(line) else { return };
                of.removed += removed;
                let of = of.id;
                order.edited = true;
                super::refunds::take_off(order, of, removed, now);
                shop.restock(order, of, removed, MoveReason::Person, now);
            });
            shop.tell_order("ORDERS_EDITED", id, now);
            shop.tell_order("ORDERS_UPDATED", id, now);
        });
    }

    /// The order's people delete it, which Shopify allows of some orders only.
    pub fn delete(&self, id: u64) {
        self.write(|shop, now| {
            shop.tell_order("ORDERS_DELETE", id, now);
            shop.orders.remove(&id);
        });
    }

    /// Changes a member of the order's JSON for good, by its JSON pointer; connections have theirs under `__nodes`.
    pub fn patch(&self, id: u64, pointer: &str, value: Value) {
        self.write(|shop, now| {
            shop.change(id, now, |_, order| order.patches.push(Patch { pointer: pointer.to_owned(), value }));
            shop.tell_order("ORDERS_UPDATED", id, now);
        });
    }

    pub fn order(&self, id: u64) -> Option<Order> {
        self.read(|shop| shop.orders.get(&id).cloned())
    }

    /// Every order that the shop holds.
    pub fn orders(&self) -> Vec<Order> {
        self.read(|shop| shop.orders.values().cloned().collect())
    }

    /// Everything that the fake can say of an order: the pages of connections are under `__nodes`.
    pub fn rendered(&self, id: u64) -> Value {
        self.read(|shop| shop.order_json(id))
    }

    /// As ordered, in the shop's currency and in the buyer's.
    pub fn total(&self, id: u64) -> Bag {
        self.read(|shop| shop.total_of(id))
    }

    /// The packages of an order: their tracking numbers.
    pub fn packages(&self, id: u64) -> Vec<Vec<String>> {
        let order = self.order(id);
        let sent = order.iter().flat_map(|order| &order.fulfillments).filter(|made| made.status == "SUCCESS");
        sent.map(super::state::Fulfillment::numbers).collect()
    }

    /// What was given back of an order, one entry a refund, in the presentment currency. What a cancel writes for the
    /// goods that it put back is none.
    pub fn refunds(&self, id: u64) -> Vec<Decimal> {
        let Some(order) = self.order(id) else { return Vec::new() };
        let of = |refund: &super::state::Refund| {
            let own = order.transactions.iter().filter(|made| refund.transactions.contains(&made.id));
            own.map(|made| made.amount.presentment).sum()
        };
        order.refunds.iter().filter(|refund| !refund.by_cancel).map(of).collect()
    }

    /// The global id of an order.
    pub fn gid(id: u64) -> String {
        super::orders::order_gid(id)
    }

    /// The global id of a variant.
    pub fn variant_gid(id: u64) -> String {
        gid("ProductVariant", id)
    }

    pub fn add_customer(&self, email: &str) -> u64 {
        self.write(|shop, now| shop.add_customer(Some(email.to_owned()), now))
    }

    /// The customer's own address, and its phone as theirs.
    pub fn lives_at(&self, customer: u64, address: &Address) {
        self.write(|shop, _| {
            if let Some(known) = shop.customers.get_mut(&customer) {
                known.phone.clone_from(&address.phone);
                known.default_address = Some(address.clone());
            }
        });
    }

    pub fn customers(&self) -> Vec<Customer> {
        self.read(|shop| shop.customers.values().cloned().collect())
    }

    pub fn ledger(&self) -> Ledger {
        self.read(|shop| shop.ledger.clone())
    }

    /// Requests that Shopify does not allow, and fields that this fake has not.
    pub fn violations(&self) -> Vec<Violation> {
        self.read(|shop| shop.violations.clone())
    }

    /// How often each root field of the schema that is served here was asked for. Empty where the schema is absent.
    pub fn coverage(&self) -> BTreeMap<String, usize> {
        if self.inside.schema.is_none() {
            return BTreeMap::new();
        }
        let used = locked(&self.inside.held).used.clone();
        let served = QUERIES.iter().chain(&MUTATIONS);
        served.map(|name| ((*name).to_owned(), used.get(*name).copied().unwrap_or(0))).collect()
    }

    /// The merchant consents: the code that Shopify appends to the redirect, good once.
    pub fn consent(&self) -> String {
        self.write(|shop, _| shop.tokens.add_code())
    }

    /// Every access token given, oldest first; the first is [`super::ACCESS_TOKEN`].
    pub fn tokens(&self) -> Vec<TokenGrant> {
        self.read(|shop| shop.tokens.granted.clone())
    }

    /// How many access tokens were had for a refresh token or for the application's own keys.
    pub fn refreshes(&self) -> usize {
        let renewed = |grant: &&TokenGrant| matches!(grant.grant_type.as_str(), "refresh_token" | "client_credentials");
        self.tokens().iter().filter(renewed).count()
    }

    /// Refused requests for a token.
    pub fn refused_tokens(&self) -> usize {
        self.read(|shop| shop.tokens.refused)
    }

    /// So many points are left in the bucket now.
    pub fn set_points(&self, available: u32) {
        self.write(|shop, now| shop.bucket.set(available, now));
    }

    /// Queries cost nothing, for drivers whose clock stands still.
    pub fn unmetered(&self) {
        locked(&self.inside.held).metered = false;
    }

    /// Queries cost points again, from a full bucket.
    pub fn metered(&self) {
        locked(&self.inside.held).metered = true;
    }

    /// How long a cancel takes from now on.
    pub fn cancel_takes(&self, time: SignedDuration) {
        self.write(|shop, _| shop.cancel_takes = time);
    }

    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.read(|shop| shop.webhooks.subscriptions.values().cloned().collect())
    }

    /// Shopify deletes the subscriptions, as after too many failed deliveries.
    pub fn drop_subscriptions(&self) {
        self.write(|shop, _| shop.webhooks.subscriptions.clear());
    }

    /// Sends everything that waits, each once.
    pub async fn deliver_webhooks(&self) -> Vec<Delivery> {
        let secret = self.application().client_secret.clone();
        let waiting = self.write(|shop, _| {
            let domain = shop.config.domain.clone();
            shop.webhooks.take(&domain, &secret)
        });
        let mut sent = Vec::new();
        for outgoing in waiting {
            let answered = deliver::post(&outgoing).await;
            sent.push(self.write(|shop, _| shop.webhooks.delivered(outgoing, answered)));
        }
        sent
    }

    /// Sends one of [`super::COMPLIANCE_TOPICS`], which need no subscription, to this address.
    pub async fn send_compliance(&self, uri: &str, topic: &str, body: &Value) -> Delivery {
        let secret = self.application().client_secret.clone();
        let outgoing = self.write(|shop, now| {
            let domain = shop.config.domain.clone();
            shop.webhooks.signed(None, uri.to_owned(), topic, &body.to_string(), now, &domain, &secret)
        });
        let answered = deliver::post(&outgoing).await;
        self.write(|shop, _| shop.webhooks.delivered(outgoing, answered))
    }
}
