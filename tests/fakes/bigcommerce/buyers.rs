//! What happens in the store itself: shoppers buy, its people pack, pay back and count.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::state::{Line, MailKind, MoveReason, Order, Tracking, Transaction};
use super::{BigFake, Inner, tax};

/// What a shopper buys. Prices are without tax; the store adds its own.
#[derive(Debug, Clone)]
pub struct Purchase {
    pub currency: String,
    pub sku: String,
    pub quantity: i64,
    pub unit_price: Decimal,
    pub shipping: Decimal,
    /// With tax, on the line.
    pub coupon: Decimal,
    pub paid: bool,
    /// As the API writes one: `first_name`, `street_1`, `zip`, `country_iso2`, `email`.
    pub address: Value,
    pub message: String,
}

impl Inner {
    fn place(&mut self, purchase: &Purchase) -> Option<u64> {
        let now = self.now();
        let found = self.store.products.values().find_map(|product| {
            let variant = product.variants.iter().find(|variant| variant.sku == purchase.sku)?;
            Some((product.id, variant.id, product.name.clone()))
        });
        let (product_id, variant_id, name) = found?;
        let id = self.store.id();
        let rate = tax::rate(&purchase.address);
        let with_tax = |amount: Decimal| (amount * (Decimal::ONE + rate)).round_dp(4);
        let mut shipping = purchase.address.clone();
        shipping["shipping_method"] = json!("Parcel");
        let line = Line {
            id: id * 1000 + 1,
            product_id,
            variant_id,
            name: name.clone(),
            name_merchant: name,
            sku: purchase.sku.clone(),
            quantity: purchase.quantity,
            shipped: 0,
            refunded: 0,
            price_ex: purchase.unit_price,
            price_inc: with_tax(purchase.unit_price),
            discount: purchase.coupon,
            taken: 0,
            wrapping_message: String::new(),
        };
        let mut order = Order {
            id,
            status: if purchase.paid { 11 } else { 7 },
            created: now,
            modified: now,
            currency: purchase.currency.clone(),
            customer_id: 0,
            billing: purchase.address.clone(),
            shipping: Some((id + 5000, shipping)),
            lines: vec![line],
            fees: Vec::new(),
            shipping_ex: purchase.shipping,
            shipping_inc: with_tax(purchase.shipping),
            handling_ex: Decimal::ZERO,
            handling_inc: Decimal::ZERO,
            discount: Decimal::ZERO,
            coupon_discount: purchase.coupon,
            store_credit: Decimal::ZERO,
            tax_inclusive: false,
            payment_method: "Test Payment Gateway".to_owned(),
            customer_message: purchase.message.clone(),
            staff_notes: String::new(),
            external_order_id: String::new(),
            external_source: None,
            transactions: Vec::new(),
            shipments: Vec::new(),
            refunds: Vec::new(),
            is_deleted: false,
            by_api: false,
            patches: Vec::new(),
        };
        if purchase.paid {
            order.transactions.push(Transaction { at: now, amount: order.total_inc() });
        }
        self.store.orders.insert(id, order);
        self.store.settle_stock(id, now);
        self.mail(id, MailKind::Invoice);
        self.mail(id, MailKind::OwnerNewOrder);
        self.event("store/order/created", id);
        Some(id)
    }
}

impl BigFake {
    /// `None`: nothing has this SKU.
    pub fn place(&self, purchase: &Purchase) -> Option<u64> {
        self.inner().place(purchase)
    }

    /// The shopper pays.
    pub fn pay(&self, order: u64) {
        let mut inner = self.inner();
        let now = inner.now();
        if let Some(order) = inner.store.orders.get_mut(&order) {
            let amount = order.total_inc();
            order.transactions.push(Transaction { at: now, amount });
        }
        inner.set_status_of(order, 11);
    }

    /// The store's people set a status.
    pub fn set_status(&self, order: u64, status: u64) {
        self.inner().set_status_of(order, status);
    }

    /// Something about the order changes that concerns nobody.
    pub fn touch(&self, order: u64) {
        let mut inner = self.inner();
        let now = inner.now();
        if let Some(order) = inner.store.orders.get_mut(&order) {
            order.modified = now;
        }
        inner.event("store/order/updated", order);
    }

    pub fn archive(&self, order: u64) {
        let deleted = self.inner().delete_order(&order.to_string());
        debug_assert!(deleted.is_ok(), "no such order");
    }

    /// The order's whole money, or so many units of its first line, goes back through the payment provider.
    pub fn refund(&self, order: u64, units: Option<i64>) {
        let mut inner = self.inner();
        let Some(known) = inner.store.orders.get(&order) else { return };
        let (amount, item) = if let (Some(units), Some(line)) = (units, known.lines.first()) {
            let amount = line.price_inc * Decimal::from(units);
            let amount_json = super::render::number(amount);
            let item = json!({"item_type": "PRODUCT", "item_id": line.id, "quantity": units, "reason": "Returned", "amount": amount_json});
            (amount, item)
        } else {
            let amount = known.total_inc();
            let amount_json = super::render::number(amount);
            (amount, json!({"item_type": "ORDER", "item_id": known.id, "reason": "Sorry", "amount": amount_json}))
        };
        let payments =
            json!([{"provider_id": "testgateway", "amount": super::render::number(amount), "offline": false}]);
        inner.refund_of(order, amount, json!([item]), payments, true);
    }

    /// The store's people pack so many units of the first line.
    pub fn pack(&self, order: u64, number: &str, units: i64) {
        let mut inner = self.inner();
        let Some(known) = inner.store.orders.get(&order) else { return };
        let (Some(line), Some((address, _))) = (known.lines.first(), &known.shipping) else { return };
        let body = json!({
            "order_address_id": address, "tracking_number": number, "shipping_provider": "ups", "comments": "",
        });
        let items = vec![(line.id, units)];
        inner.ship(order, body, items);
    }

    /// They pack everything that is left of the order, as one package; `provider` as the store's list has it: `royalmail`.
    pub fn pack_all(&self, order: u64, provider: &str, number: &str) {
        let mut inner = self.inner();
        let Some(known) = inner.store.orders.get(&order) else { return };
        let Some((address, _)) = &known.shipping else { return };
        let body = json!({
            "order_address_id": address, "tracking_number": number, "shipping_provider": provider, "comments": "",
        });
        let items = known.lines.iter().map(|line| (line.id, line.quantity - line.shipped));
        let items = items.filter(|(_, left)| *left > 0).collect();
        inner.ship(order, body, items);
    }

    /// Changes what the API shows of an order, at this JSON pointer.
    pub fn patch(&self, order: u64, pointer: &str, value: Value) {
        if let Some(order) = self.inner().store.orders.get_mut(&order) {
            order.patches.push((pointer.to_owned(), value));
        }
    }

    /// Changes an order as nothing in the API can.
    pub fn edit(&self, order: u64, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.inner().store.orders.get_mut(&order) {
            change(order);
        }
    }

    /// The product's id; its only variant has the SKU.
    pub fn add_product(&self, sku: &str, name: &str, price: Decimal, tracking: Tracking, level: i64) -> u64 {
        self.inner().add(sku, name, price, tracking, level)
    }

    /// One more variant of a product whose stock is kept by variant.
    pub fn add_variant(&self, product: u64, sku: &str, label: &str, level: i64) -> u64 {
        let mut inner = self.inner();
        let id = inner.store.id();
        if let Some(product) = inner.store.products.get_mut(&product) {
            let labels = vec![label.to_owned()];
            product.variants.push(super::state::Variant { id, sku: sku.to_owned(), level, labels });
        }
        id
    }

    pub fn add_customer(&self, email: &str) -> u64 {
        let mut inner = self.inner();
        let id = inner.store.id();
        inner.store.customers.push((id, email.to_owned()));
        id
    }

    /// What is left of a SKU. `None`: its stock is not kept, or nothing has it.
    pub fn stock(&self, sku: &str) -> Option<i64> {
        let inner = self.inner();
        inner.store.products.values().find_map(|product| {
            let variant = product.variants.iter().find(|variant| variant.sku == sku)?;
            product.level_of(variant.id)
        })
    }

    /// The store's people count.
    pub fn set_stock(&self, sku: &str, level: i64) {
        let mut inner = self.inner();
        let now = inner.now();
        let found = inner.store.products.values().find_map(|product| {
            let variant = product.variants.iter().find(|variant| variant.sku == sku)?;
            Some((product.id, variant.id, product.level_of(variant.id)?))
        });
        if let Some((product, variant, before)) = found {
            inner.store.move_stock((product, variant), level - before, MoveReason::Person, now);
        }
    }
}
