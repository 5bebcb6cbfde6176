//! Orders over the API: reading, creating, changing, archiving.

use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Inner;
use super::http::{Answer, Asked, Outcome, Refusal};
use super::render::{self, Inside};
use super::state::{Create, Fee, Line, MailKind, Order, Tracking};
use super::tax;
use crate::PageShift;

/// The most that a page holds.
const MOST: usize = 250;

impl Inner {
    pub(super) fn list_orders(&mut self, asked: &Asked) -> Outcome {
        let date = |name: &str| asked.parameter(name).map(read_date).transpose();
        let created = (date("min_date_created")?, date("max_date_created")?);
        let modified = (date("min_date_modified")?, date("max_date_modified")?);
        let within = |at: Timestamp, (from, to): (Option<Timestamp>, Option<Timestamp>)| {
            let second = at.as_second();
            from.is_none_or(|from| second >= from.as_second()) && to.is_none_or(|to| second <= to.as_second())
        };
        let archived = asked.parameter("is_deleted") == Some("true");
        let visible = self.now().saturating_sub(self.faults.current_search_lag()).unwrap_or(Timestamp::MIN);
        let matches = |order: &&Order| {
            order.is_deleted == archived
                && order.created <= visible
                && within(order.created, created)
                && within(order.modified, modified)
                && asked.number("min_id").is_none_or(|least| order.id >= least)
                && asked.number("max_id").is_none_or(|most| order.id <= most)
                && asked.number("status_id").is_none_or(|status| order.status == status)
                && asked.parameter("external_order_id").is_none_or(|id| order.external_order_id == id)
        };
        let limit = asked.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50);
        if limit > MOST {
            return Err(Refusal::invalid("The limit is too large."));
        }
        let limit = self.faults.page_limit(limit);
        let page = asked.number("page").and_then(|page| usize::try_from(page).ok()).unwrap_or(1).max(1);
        let found: Vec<&Order> =
            self.store.orders.values().filter(matches).skip((page - 1) * limit).take(limit).collect();
        let inside = Inside::of(asked.list("include").as_deref());
        let shown = found.iter().map(|order| render::order(order, &self.root(), inside)).collect();
        let first = found.first().map(|order| order.id);
        if let (Some(shift), Some(first)) = (self.faults.take_page_shift(), first) {
            self.shift(shift, first);
        }
        Ok(Answer::list(shown))
    }

    /// An order of the page that was just read changes, or an older one does.
    fn shift(&mut self, shift: PageShift, first: u64) {
        let now = self.now();
        let moved = match shift {
            PageShift::Leaves => self.store.orders.get_mut(&first),
            PageShift::Enters => self.store.orders.range_mut(..first).next_back().map(|(_, order)| order),
        };
        if let Some(order) = moved {
            order.modified = now;
        }
    }

    pub(super) fn order_at(&self, segment: &str) -> Result<&Order, Refusal> {
        let id: u64 = segment.parse().map_err(|_| Refusal::not_found())?;
        self.store.orders.get(&id).ok_or_else(Refusal::not_found)
    }

    pub(super) fn get_order(&self, segment: &str, asked: &Asked) -> Outcome {
        let order = self.order_at(segment)?;
        Ok(Answer::ok(render::order(order, &self.root(), Inside::of(asked.list("include").as_deref()))))
    }

    pub(super) fn order_products(&self, segment: &str, asked: &Asked) -> Outcome {
        let order = self.order_at(segment)?;
        let limit = asked.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50).min(MOST);
        let limit = self.faults.page_limit(limit);
        let page = asked.number("page").and_then(|page| usize::try_from(page).ok()).unwrap_or(1).max(1);
        let lines = order.lines.iter().skip((page - 1) * limit).take(limit);
        Ok(Answer::list(lines.map(|line| render::line(order, line)).collect()))
    }

    pub(super) fn order_taxes(&self, segment: &str) -> Outcome {
        let order = self.order_at(segment)?;
        Ok(Answer::list(tax::lines(order)))
    }

    pub(super) fn order_transactions(&self, segment: &str) -> Outcome {
        let order = self.order_at(segment)?;
        let made = order.transactions.iter().enumerate().map(|(index, made)| {
            json!({
                "id": order.id * 100 + u64::try_from(index).unwrap_or(0), "order_id": order.id.to_string(),
                "event": "purchase", "method": "credit_card", "amount": render::number(made.amount),
                "currency": order.currency, "gateway": "testgateway", "gateway_transaction_id": "gt-1",
                "date_created": made.at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(), "test": false, "status": "ok",
                "fraud_review": false,
            })
        });
        let made: Vec<Value> = made.collect();
        if made.is_empty() {
            return Ok(Answer { status: StatusCode::NO_CONTENT, body: None });
        }
        Ok(Answer::data(StatusCode::OK, &Value::Array(made)))
    }

    pub(super) fn post_order(&mut self, asked: &Asked) -> Outcome {
        let body = asked.json();
        let billing = body.get("billing_address").filter(|address| address.is_object());
        let billing =
            billing.ok_or_else(|| Refusal::invalid("The required field 'billing_address' was not supplied."))?;
        if text(billing, "zip").chars().count() < 2 {
            return Err(Refusal::invalid("The field 'zip' is invalid."));
        }
        let currency =
            body.get("default_currency_code").and_then(Value::as_str).unwrap_or(&self.store.currency).to_owned();
        if !self.store.transactional.contains(&currency) {
            return Err(Refusal::invalid("The field 'default_currency_code' is invalid."));
        }
        let products = body.get("products").and_then(Value::as_array).filter(|products| !products.is_empty());
        let products = products.ok_or_else(|| Refusal::invalid("The required field 'products' was not supplied."))?;
        for name in ["shipping_cost_ex_tax", "shipping_cost_inc_tax", "discount_amount", "handling_cost_ex_tax"] {
            if decimal(&body, name)?.is_some_and(|amount| amount.is_sign_negative() && !amount.is_zero()) {
                return Err(Refusal::invalid(format!("The field '{name}' is invalid.")));
            }
        }
        let customer_id = body.get("customer_id").and_then(Value::as_u64).unwrap_or(0);
        if customer_id > 0 && !self.store.customers.iter().any(|(known, _)| *known == customer_id) {
            return Err(Refusal::invalid("The field 'customer_id' is invalid."));
        }
        let now = self.now();
        let id = self.store.id();
        let rate = tax::rate(billing);
        let shipping = body.get("shipping_addresses").and_then(Value::as_array).and_then(|all| all.first());
        let shipping = shipping.map(|address| (id + 5000, address.clone()));
        let (shipping_ex, shipping_inc) = tax::both(&body, "shipping_cost", rate)?.unwrap_or_default();
        let mut order = Order {
            id,
            status: body.get("status_id").and_then(Value::as_u64).unwrap_or(1),
            created: now,
            modified: now,
            currency,
            customer_id,
            billing: billing.clone(),
            shipping,
            lines: Vec::new(),
            fees: fees(&body, rate)?.unwrap_or_default(),
            shipping_ex,
            shipping_inc,
            handling_ex: Decimal::ZERO,
            handling_inc: Decimal::ZERO,
            discount: decimal(&body, "discount_amount")?.unwrap_or_default(),
            coupon_discount: Decimal::ZERO,
            store_credit: Decimal::ZERO,
            tax_inclusive: false,
            payment_method: text(&body, "payment_method").to_owned(),
            customer_message: text(&body, "customer_message").to_owned(),
            staff_notes: text(&body, "staff_notes").to_owned(),
            external_order_id: text(&body, "external_order_id").to_owned(),
            external_source: body.get("external_source").and_then(Value::as_str).map(str::to_owned),
            transactions: Vec::new(),
            shipments: Vec::new(),
            refunds: Vec::new(),
            is_deleted: false,
            by_api: true,
            patches: Vec::new(),
        };
        for product in products {
            let line = self.new_line(product, order.next_line_id(), rate)?;
            order.lines.push(line);
        }
        if let Some(fee) = self.store.app_fee {
            let id = u64::try_from(order.fees.len()).unwrap_or(0) + 1;
            order.fees.push(Fee { id, name: "Handling".to_owned(), ex: fee, inc: fee });
        }
        if self.store.refuses_sold_out {
            self.refuse_what_is_sold_out(&order)?;
        }
        let create = Create { at: now, order_id: id, external_order_id: order.external_order_id.clone() };
        self.store.creates.push(create);
        self.store.orders.insert(id, order);
        // "The V2 Orders API will not trigger the typical Order Email": nobody is mailed.
        self.store.settle_stock(id, now);
        self.event("store/order/created", id);
        let made = self.store.orders.get(&id).ok_or_else(Refusal::not_found)?;
        let inside = Inside::of(asked.list("include").as_deref());
        Ok(Answer::json(StatusCode::CREATED, render::order(made, &self.root(), inside)))
    }

    /// A line as it is sent, with the catalogue's name and price, and the store's own tax, where none are.
    fn new_line(&self, product: &Value, id: u64, rate: Decimal) -> Result<Line, Refusal> {
        let quantity = product.get("quantity").and_then(Value::as_i64).filter(|quantity| *quantity > 0);
        let quantity = quantity.ok_or_else(|| Refusal::invalid("The field 'quantity' is invalid."))?;
        let named = |name: &str| product.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let prices = tax::both(product, "price", rate)?;
        let product_id = product.get("product_id").and_then(Value::as_u64).unwrap_or(0);
        if product_id == 0 {
            let name = named("name").or_else(|| named("name_merchant"));
            let name = name.ok_or_else(|| Refusal::invalid("The required field 'name' was not supplied."))?;
            if name.chars().count() > 250 {
                return Err(Refusal::invalid("The field 'name' is invalid."));
            }
            let (price_ex, price_inc) =
                prices.ok_or_else(|| Refusal::invalid("The required field 'price_ex_tax' was not supplied."))?;
            return Ok(Line {
                id,
                product_id: 0,
                variant_id: 0,
                name: name.to_owned(),
                name_merchant: named("name_merchant").unwrap_or(name).to_owned(),
                sku: text(product, "sku").to_owned(),
                quantity,
                shipped: 0,
                refunded: 0,
                price_ex,
                price_inc,
                discount: Decimal::ZERO,
                taken: 0,
                wrapping_message: String::new(),
            });
        }
        let unknown = || Refusal::invalid("The field 'product_id' is invalid.");
        let known = self.store.products.get(&product_id).ok_or_else(unknown)?;
        let wanted = product.get("variant_id").and_then(Value::as_u64);
        let variant = match wanted {
            Some(wanted) => known.variants.iter().find(|variant| variant.id == wanted),
            None => known.variants.first().filter(|_| known.variants.len() == 1),
        };
        let variant = variant.ok_or_else(|| Refusal::invalid("The field 'variant_id' is invalid."))?;
        let own = (known.price, (known.price * (Decimal::ONE + rate)).round_dp(4));
        let (price_ex, price_inc) = prices.unwrap_or(own);
        Ok(Line {
            id,
            product_id,
            variant_id: variant.id,
            name: named("name").unwrap_or(&known.name).to_owned(),
            name_merchant: named("name_merchant").unwrap_or(&known.name).to_owned(),
            sku: variant.sku.clone(),
            quantity,
            shipped: 0,
            refunded: 0,
            price_ex,
            price_inc,
            discount: Decimal::ZERO,
            taken: 0,
            wrapping_message: String::new(),
        })
    }

    /// As older documents have it: "the order will be rejected with an out of stock error code".
    fn refuse_what_is_sold_out(&self, order: &Order) -> Result<(), Refusal> {
        for line in order.lines.iter().filter(|line| line.product_id > 0) {
            let Some(product) = self.store.products.get(&line.product_id) else { continue };
            let same = |other: &&Line| {
                other.product_id == line.product_id
                    && (product.tracking == Tracking::Product || other.variant_id == line.variant_id)
            };
            let wanted: i64 = order.lines.iter().filter(same).map(|line| line.quantity).sum();
            if product.level_of(line.variant_id).is_some_and(|level| level < wanted) {
                return Err(Refusal::invalid("One or more items in the order is out of stock."));
            }
        }
        Ok(())
    }

    pub(super) fn put_order(&mut self, segment: &str, asked: &Asked) -> Outcome {
        let mut order = self.order_at(segment)?.clone();
        let body = asked.json();
        let rate = tax::rate(&order.billing);
        for product in body.get("products").and_then(Value::as_array).into_iter().flatten() {
            self.put_line(&mut order, product, rate)?;
        }
        if let Some(sent) = fees(&body, rate)? {
            order.fees = sent;
        }
        if let Some((ex, inc)) = tax::both(&body, "shipping_cost", rate)? {
            (order.shipping_ex, order.shipping_inc) = (ex, inc);
        }
        order.discount = decimal(&body, "discount_amount")?.unwrap_or(order.discount);
        if let Some(notes) = body.get("staff_notes").and_then(Value::as_str) {
            notes.clone_into(&mut order.staff_notes);
        }
        if let Some(message) = body.get("customer_message").and_then(Value::as_str) {
            message.clone_into(&mut order.customer_message);
        }
        if body.get("is_deleted") == Some(&Value::Bool(true)) {
            order.is_deleted = true;
        }
        order.modified = self.now();
        let (id, before) = (order.id, order.status);
        self.store.orders.insert(id, order);
        let status = body.get("status_id").and_then(Value::as_u64).unwrap_or(before);
        self.set_status_of(id, status);
        self.event("store/order/updated", id);
        let order = self.order_at(segment)?;
        Ok(Answer::ok(render::order(order, &self.root(), Inside::of(None))))
    }

    fn put_line(&self, order: &mut Order, product: &Value, rate: Decimal) -> Result<(), Refusal> {
        let Some(id) = product.get("id").and_then(Value::as_u64) else {
            let line = self.new_line(product, order.next_line_id() + 500, rate)?;
            order.lines.push(line);
            return Ok(());
        };
        let at = order.lines.iter().position(|line| line.id == id);
        let at = at.ok_or_else(|| Refusal::invalid("The field 'id' is invalid."))?;
        if product.get("quantity").and_then(Value::as_i64) == Some(0) {
            order.lines.remove(at);
            return Ok(());
        }
        let known = &order.lines[at];
        let mut whole = product.clone();
        if whole.get("quantity").is_none() {
            whole["quantity"] = json!(known.quantity);
        }
        let changed = self.new_line(&whole, id, rate)?;
        order.lines[at] = Line { shipped: known.shipped, refunded: known.refunded, taken: known.taken, ..changed };
        Ok(())
    }

    /// A new status, with what the store does by itself then.
    pub(super) fn set_status_of(&mut self, id: u64, status: u64) {
        let now = self.now();
        let Some(order) = self.store.orders.get_mut(&id) else { return };
        let changed = order.status != status;
        order.status = status;
        order.modified = now;
        self.store.settle_stock(id, now);
        if changed {
            self.mail(id, MailKind::OrderStatus);
            self.event("store/order/statusUpdated", id);
        }
    }

    pub(super) fn delete_order(&mut self, segment: &str) -> Outcome {
        let id = self.order_at(segment)?.id;
        let now = self.now();
        if let Some(order) = self.store.orders.get_mut(&id) {
            order.is_deleted = true;
            order.modified = now;
        }
        self.event("store/order/archived", id);
        Ok(Answer { status: StatusCode::NO_CONTENT, body: None })
    }
}

pub(super) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// "Float, Float-As-String, Integer".
pub(super) fn decimal(body: &Value, name: &str) -> Result<Option<Decimal>, Refusal> {
    let text = match body.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(Refusal::invalid(format!("The field '{name}' is invalid."))),
    };
    text.parse().map(Some).map_err(|_| Refusal::invalid(format!("The field '{name}' is invalid.")))
}

fn fees(body: &Value, rate: Decimal) -> Result<Option<Vec<Fee>>, Refusal> {
    let Some(sent) = body.get("fees").and_then(Value::as_array) else { return Ok(None) };
    let fee = |(index, fee): (usize, &Value)| {
        let names = [text(fee, "display_name_merchant"), text(fee, "display_name_customer")];
        let name = names.into_iter().find(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refusal::invalid("A fee must have a name."))?;
        let (ex, inc) = tax::both(fee, "cost", rate)?.ok_or_else(|| Refusal::invalid("A fee must have its costs."))?;
        Ok(Fee { id: u64::try_from(index).unwrap_or(0) + 1, name: name.to_owned(), ex, inc })
    };
    sent.iter().enumerate().map(fee).collect::<Result<_, _>>().map(Some)
}

/// RFC 2822 or ISO 8601.
fn read_date(text: &str) -> Result<Timestamp, Refusal> {
    let read = rfc2822::parse(text).map(|zoned| zoned.timestamp()).or_else(|_| text.parse());
    read.map_err(|_| Refusal::invalid("A date is invalid."))
}
