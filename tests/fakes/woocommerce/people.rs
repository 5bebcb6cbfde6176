//! What a test does as the shop's people and buyers, and what it reads from the shop's ledger.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::WooFake;
use super::http::Refusal;
use super::ledger::{Create, Delivery, Ledger, Mail, MoveReason, Movement, RefundMade};
use super::orders::Fields;
use super::shop::Shop;
use super::state::{Order, Product, Status};
use crate::locked;

/// One package as the shipment tracking plugins note it in `_wc_shipment_tracking_items`:
/// <https://woocommerce.com/document/shipment-tracking/>.
#[derive(Debug, Clone)]
pub struct Tracking {
    pub provider: String,
    pub number: String,
}

impl WooFake {
    fn with<T>(&self, act: impl FnOnce(&mut Shop) -> T) -> T {
        act(&mut locked(&self.inside.shop))
    }

    /// Adds a product whose stock is managed; returns its id.
    pub fn add_product(&self, sku: &str, name: &str, price: Decimal, stock: i64) -> u64 {
        self.with(|shop| shop.add_product(name.to_owned(), sku.to_owned(), price, Some(stock), None))
    }

    /// Adds a product whose stock is not managed (also: a variable product's parent).
    pub fn add_unmanaged_product(&self, sku: &str, name: &str, price: Decimal) -> u64 {
        self.with(|shop| shop.add_product(name.to_owned(), sku.to_owned(), price, None, None))
    }

    /// Adds a variation; `option` is e.g. `("Size", "S")`.
    pub fn add_variation(&self, parent: u64, sku: &str, option: (&str, &str), price: Decimal, stock: i64) -> u64 {
        let option = (option.0.to_owned(), option.1.to_owned());
        let name = option.1.clone();
        self.with(|shop| shop.add_product(name, sku.to_owned(), price, Some(stock), Some((parent, option))))
    }

    /// The next order, refund or product gets an id behind this one.
    pub fn ids_continue_after(&self, id: u64) {
        self.with(|shop| shop.ids_continue_after(id));
    }

    /// Whether requests count as https from now on.
    pub fn set_behind_tls(&self, on: bool) {
        self.with(|shop| shop.config.behind_tls = on);
    }

    pub fn set_time_zone(&self, zone: TimeZone) {
        self.with(|shop| shop.config.time_zone = zone);
    }

    pub fn set_stock(&self, sku: &str, quantity: i64) {
        self.with(|shop| {
            if let Some(id) = find(shop, sku).map(|product| product.id) {
                shop.set_stock(id, quantity, MoveReason::Person);
            }
        });
    }

    /// Switches stock management off for a product.
    pub fn stop_counting(&self, sku: &str) {
        self.with(|shop| {
            let id = find(shop, sku).map(|product| product.id);
            if let Some(product) = id.and_then(|id| shop.products.get_mut(&id)) {
                product.stock = None;
            }
        });
    }

    /// Deletes a product; orders keep their lines of it.
    pub fn delete_product(&self, sku: &str) {
        self.with(|shop| {
            if let Some(id) = find(shop, sku).map(|product| product.id) {
                shop.products.remove(&id);
            }
        });
    }

    /// Makes a product be delivered as a download: an order of only such products is completed when paid.
    pub fn make_downloadable(&self, sku: &str) {
        self.with(|shop| {
            let id = find(shop, sku).map(|product| product.id);
            if let Some(product) = id.and_then(|id| shop.products.get_mut(&id)) {
                product.downloadable = true;
            }
        });
    }

    /// A buyer orders in the shop itself. `order` is what the API would be sent; the refusal is its answer's body.
    pub fn place_checkout_order(&self, order: &Value) -> Result<u64, Value> {
        let empty = Fields::new();
        let fields = order.as_object().unwrap_or(&empty);
        self.with(|shop| shop.create_order(fields, "checkout")).map_err(|refusal| refusal.body)
    }

    /// Changes an order as the shop's people do, by what the API would be sent.
    pub fn edit_order(&self, order_id: u64, change: &Value) -> Result<(), Value> {
        let empty = Fields::new();
        let fields = change.as_object().unwrap_or(&empty);
        self.with(|shop| shop.update_order(order_id, fields)).map_err(|refusal| refusal.body)
    }

    pub fn set_status(&self, order_id: u64, status: &Status) -> Result<(), Value> {
        self.edit_order(order_id, &json!({"status": status.as_str()}))
    }

    pub fn complete(&self, order_id: u64) -> Result<(), Value> {
        self.set_status(order_id, &Status::Completed)
    }

    /// Deleted for good, past the trash.
    pub fn delete_for_good(&self, order_id: u64) -> Result<(), Value> {
        self.with(|shop| shop.delete_order(order_id, true)).map(|_| ()).map_err(|refusal| refusal.body)
    }

    pub fn cancel(&self, order_id: u64) -> Result<(), Value> {
        self.set_status(order_id, &Status::Cancelled)
    }

    /// Adds packages to the plugin's meta, behind those that are there. The status stays as it is.
    pub fn ship(&self, order_id: u64, packages: &[Tracking]) -> Result<(), Value> {
        const KEY: &str = "_wc_shipment_tracking_items";
        let (known, now) = self.with(|shop| {
            let known = shop.orders.get(&order_id).and_then(|order| order.meta_value(KEY)).cloned();
            (known, shop.now())
        });
        let mut items = known.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        for package in packages {
            let slug = package.provider.to_lowercase().replace(' ', "-");
            items.push(json!({
                "tracking_provider": slug,
                "custom_tracking_provider": "",
                "custom_tracking_link": "",
                "tracking_number": package.number,
                "date_shipped": now.as_second().to_string(),
                "tracking_id": format!("{order_id:08x}{:024x}", items.len()),
            }));
        }
        self.set_order_meta(order_id, KEY, &Value::Array(items))
    }

    pub fn set_order_meta(&self, order_id: u64, key: &str, value: &Value) -> Result<(), Value> {
        self.edit_order(order_id, &json!({"meta_data": [{"key": key, "value": value}]}))
    }

    /// Refunds as the API does; `refund` is its body, e.g. `{"amount": "5.00", "api_refund": false}`.
    pub fn refund(&self, order_id: u64, refund: &Value) -> Result<(), Value> {
        let empty = Fields::new();
        let fields = refund.as_object().unwrap_or(&empty);
        self.with(|shop| shop.post_refund(order_id, fields)).map(drop).map_err(|refusal: Refusal| refusal.body)
    }

    /// All orders by id, those in the trash too.
    pub fn orders(&self) -> Vec<Order> {
        self.with(|shop| shop.orders.values().cloned().collect())
    }

    pub fn order(&self, id: u64) -> Option<Order> {
        self.with(|shop| shop.orders.get(&id).cloned())
    }

    /// An order as the API shows it.
    pub fn order_json(&self, id: u64) -> Option<Value> {
        self.with(|shop| shop.orders.get(&id).map(|order| shop.order_json(order)))
    }

    /// `None`: no such product, or its stock is not managed.
    pub fn stock(&self, sku: &str) -> Option<i64> {
        self.with(|shop| find(shop, sku).and_then(|product| product.stock))
    }

    pub fn ledger(&self) -> Ledger {
        self.with(|shop| shop.ledger.clone())
    }

    /// Every order that was created over the API, also those deleted since.
    pub fn creates(&self) -> Vec<Create> {
        self.with(|shop| shop.ledger.creates.clone())
    }

    /// References under which more than one order was created, with those orders.
    pub fn duplicates(&self) -> Vec<(String, Vec<u64>)> {
        let made = self.with(|shop| shop.ledger.creates_per_reference(&shop.config.reference_meta));
        made.into_iter().filter(|(_, orders)| orders.len() > 1).collect()
    }

    /// Every change of this product's stock, oldest first.
    pub fn movements(&self, sku: &str) -> Vec<Movement> {
        self.with(|shop| shop.ledger.movements.iter().filter(|movement| movement.sku == sku).cloned().collect())
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.with(|shop| shop.ledger.mails.clone())
    }

    pub fn mails_to_buyers(&self) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.kind.to_buyer()).collect()
    }

    pub fn refunds(&self) -> Vec<RefundMade> {
        self.with(|shop| shop.ledger.refunds.clone())
    }

    pub fn deliveries(&self) -> Vec<Delivery> {
        self.with(|shop| shop.ledger.deliveries.clone())
    }
}

fn find<'a>(shop: &'a Shop, sku: &str) -> Option<&'a Product> {
    shop.products.values().find(|product| product.sku.eq_ignore_ascii_case(sku))
}
