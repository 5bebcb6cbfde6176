//! `orderCreate`: an order out of its input, or the reasons why not.
//!
//! <https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderCreate>.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::errors::UserError;
use super::ledger::{Create, MailKind};
use super::money::{Bag, Currencies};
use super::read::{self, Input};
use super::roots::Outcome;
use super::state::{
    Allocation, Discount, DiscountKind, DiscountValue, Fulfillment, Line, Order, ShippingLine, Shop, Tax, Transaction,
    id_of,
};
use super::stock::Claim;

/// Of a trial or development shop.
const CREATES_A_MINUTE: usize = 5;

impl Shop {
    pub fn order_create(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Outcome {
        let refused = |errors: &[UserError]| {
            let errors: Vec<Value> = errors.iter().map(|error| error.json("OrderCreateUserError")).collect();
            json!({"__typename": "OrderCreatePayload", "order": null, "userErrors": errors})
        };
        if self.config.trial {
            let minute_ago = now - SignedDuration::from_mins(1);
            self.creates.retain(|at| *at > minute_ago);
            if self.creates.len() >= CREATES_A_MINUTE {
                let message = "Too many attempts. Please try again later.";
                return Ok(refused(&[UserError::new(&["order"], message).code("INVALID")]));
            }
            self.creates.push(now);
        }
        let input = Input(arguments.get("order").unwrap_or(&Value::Null));
        let options = Input(arguments.get("options").unwrap_or(&Value::Null));
        let claim = match options.text("inventoryBehaviour").as_deref() {
            Some("DECREMENT_IGNORING_POLICY") => Claim::IgnoringPolicy,
            Some("DECREMENT_OBEYING_POLICY") => Claim::ObeyingPolicy,
            _ => Claim::Bypass,
        };
        let mut order = match self.build(&input, now) {
            Ok(order) => order,
            Err(errors) => return Ok(refused(&errors)),
        };
        if claim == Claim::ObeyingPolicy {
            let short: Vec<UserError> = self
                .short_lines(&order)
                .into_iter()
                .map(|index| {
                    UserError::new(&["order", "lineItems", &index.to_string()], "Unable to reserve inventory")
                        .code("INVENTORY_CLAIM_FAILED")
                })
                .collect();
            if !short.is_empty() {
                return Ok(refused(&short));
            }
        }
        if claim != Claim::Bypass {
            self.claim(&mut order, now);
        }
        self.route(&mut order, now);
        self.fulfil_at_once(&mut order, &input, now);
        if options.flag("sendReceipt") {
            self.mail(&order, MailKind::OrderConfirmation, now);
        }
        if options.flag("sendFulfillmentReceipt") && !order.fulfillments.is_empty() {
            self.mail(&order, MailKind::ShippingConfirmation, now);
        }
        let source_identifier = order.source_identifier.clone();
        self.ledger.creates.push(Create { at: now, order_id: order.id, source_identifier });
        let id = order.id;
        self.orders.insert(id, order);
        for field in input.items("metafields") {
            self.set_metafield(id, &field, now);
        }
        self.tell_order("ORDERS_CREATE", id, now);
        Ok(json!({"__typename": "OrderCreatePayload", "order": self.order_json(id), "userErrors": []}))
    }

    fn build(&mut self, input: &Input<'_>, now: Timestamp) -> Result<Order, Vec<UserError>> {
        let shop = input.text("currency").unwrap_or_else(|| self.config.currency.clone());
        let presentment = input.text("presentmentCurrency").unwrap_or_else(|| shop.clone());
        let money = Currencies { shop, presentment };
        let mut errors = Vec::new();
        if input.items("lineItems").is_empty() {
            errors.push(
                UserError::new(&["order", "lineItems"], "Line items must have at least one line item").code("INVALID"),
            );
        }
        if input.text("customerId").is_some() && input.has("customer") {
            let message = "Only one of customerId or customer may be provided";
            errors.push(UserError::new(&["order"], message).code("REDUNDANT_CUSTOMER_FIELDS"));
        }
        let mut bag = |input: Input<'_>, field: &[&str]| match input.bag(&money) {
            Ok(amount) => amount,
            Err(message) => {
                errors.push(UserError::new(field, message).code("INVALID"));
                Bag::default()
            }
        };
        let location = self.main_location();
        let mut lines = Vec::new();
        for (index, item) in input.items("lineItems").iter().enumerate() {
            let index = index.to_string();
            let unit = item.member("priceSet").map(|price| bag(price, &["order", "lineItems", &index]));
            lines.push((*item, unit, index));
        }
        let shipping_prices: Vec<Bag> = input
            .items("shippingLines")
            .iter()
            .map(|line| {
                line.member("priceSet").map_or_else(Bag::default, |price| bag(price, &["order", "shippingLines"]))
            })
            .collect();
        let paid: Vec<Bag> = input
            .items("transactions")
            .iter()
            .map(|made| {
                made.member("amountSet").map_or_else(Bag::default, |amount| bag(amount, &["order", "transactions"]))
            })
            .collect();
        let mut made = Vec::new();
        for (item, unit, index) in &lines {
            match self.line(item, *unit, &["order", "lineItems", index], &money, location) {
                Ok(line) => made.push(line),
                Err(error) => errors.push(error),
            }
        }
        let mut shipping = Vec::new();
        for (line, price) in input.items("shippingLines").iter().zip(shipping_prices) {
            let taxes = read::taxes(line, &["order", "shippingLines"], &money).unwrap_or_else(|error| {
                errors.push(error);
                Vec::new()
            });
            shipping.push(ShippingLine {
                id: self.next_id(),
                title: line.text("title").unwrap_or_default(),
                code: line.text("code"),
                source: line.text("source"),
                price,
                allocations: Vec::new(),
                taxes,
            });
        }
        if input.has("taxLines") && (made.iter().any(|line| !line.taxes.is_empty())) {
            let message = "Tax lines must be specified on either order or line items but not both";
            errors.push(UserError::new(&["order", "taxLines"], message).code("INVALID"));
        }
        match read::taxes(input, &["order"], &money) {
            Ok(taxes) => spread_taxes(&taxes, &mut made, &money),
            Err(error) => errors.push(error),
        }
        let discounts = self.discount(input, &mut made, &mut shipping, &money, &mut errors);
        let customer = self.customer_of(input, now, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let transactions = self.transactions(input, &paid, now);
        let (id, number) = (self.next_id(), self.next_number());
        let processed = input.time("processedAt").unwrap_or(now).min(now);
        let known = customer.and_then(|customer| self.customers.get(&customer));
        Ok(Order {
            id,
            number,
            name: input.text("name").unwrap_or_else(|| format!("#{number}")),
            created: now,
            updated: now,
            processed,
            closed: input.time("closedAt"),
            canceled: None,
            source_name: input.text("sourceName"),
            source_identifier: input.text("sourceIdentifier"),
            source_url: input.text("sourceUrl"),
            note: input.text("note"),
            email: input.text("email").or_else(|| known.and_then(|customer| customer.email.clone())),
            phone: input.text("phone"),
            tags: input.tags("tags"),
            attributes: input.attributes("customAttributes"),
            customer,
            shipping_address: input.member("shippingAddress").map(|address| read::address(&address)),
            billing_address: input.member("billingAddress").map(|address| read::address(&address)),
            taxes_included: input.flag("taxesIncluded"),
            accepts_marketing: input.flag("buyerAcceptsMarketing"),
            lines: made,
            shipping,
            discounts,
            declared: declared(input),
            transactions,
            refunds: Vec::new(),
            fulfillments: Vec::new(),
            fulfillment_orders: Vec::new(),
            metafields: Vec::new(),
            test: input.flag("test"),
            edited: false,
            over_api: true,
            patches: Vec::new(),
            money,
        })
    }

    fn line(
        &mut self,
        item: &Input<'_>,
        unit: Option<Bag>,
        place: &[&str],
        money: &Currencies,
        location: u64,
    ) -> Result<Line, UserError> {
        let invalid = |message: &str| UserError::new(place, message).code("INVALID");
        let quantity = item.number("quantity").unwrap_or(0);
        if quantity < 1 {
            return Err(invalid("Quantity must be greater than 0"));
        }
        let variant = match item.text("variantId") {
            None => None,
            Some(gid) => {
                let known = id_of("ProductVariant", &gid).and_then(|id| self.variants.get(&id));
                Some(known.ok_or_else(|| invalid("Variant was not found"))?.clone())
            }
        };
        let title = item.text("title").or_else(|| variant.as_ref().map(|variant| variant.product_title.clone()));
        let Some(title) = title.filter(|title| !title.is_empty()) else {
            return Err(invalid("Title can't be blank"));
        };
        let catalogue = variant.as_ref().map(|variant| Bag::same(variant.price));
        let Some(unit) = unit.or(catalogue) else { return Err(invalid("Price can't be blank")) };
        let own_title = variant.as_ref().map(|variant| variant.title.clone()).filter(|title| title != "Default Title");
        Ok(Line {
            id: self.next_id(),
            title,
            variant_title: item.text("variantTitle").or(own_title),
            sku: item.text("sku").or_else(|| variant.as_ref().map(|variant| variant.sku.clone())),
            vendor: item.text("vendor"),
            quantity,
            removed: 0,
            unit: money.rounded(unit),
            allocations: Vec::new(),
            taxes: read::taxes(item, place, money)?,
            taxable: item.member("taxable").is_none_or(|_| item.flag("taxable")),
            requires_shipping: item.flag("requiresShipping"),
            gift_card: item.flag("giftCard"),
            properties: item.pairs("properties", "name"),
            committed: 0,
            location: variant.as_ref().and_then(|variant| variant.levels.keys().next().copied()).unwrap_or(location),
            variant: variant.map(|variant| variant.id),
        })
    }

    /// One discount code at most, on all lines or on the shipping.
    fn discount(
        &mut self,
        input: &Input<'_>,
        lines: &mut [Line],
        shipping: &mut [ShippingLine],
        money: &Currencies,
        errors: &mut Vec<UserError>,
    ) -> Vec<Discount> {
        let Some(code) = input.member("discountCode") else { return Vec::new() };
        let given = |name: &str| code.member(name);
        let fixed = given("itemFixedDiscountCode");
        let percent = given("itemPercentageDiscountCode");
        let free = given("freeShippingDiscountCode");
        let count = [&fixed, &percent, &free].into_iter().filter(|kind| kind.is_some()).count();
        let Some(kind) = fixed.as_ref().or(percent.as_ref()).or(free.as_ref()).filter(|_| count == 1) else {
            let message = "Only one discount code can be set for each order";
            errors.push(UserError::new(&["order", "discountCode"], message).code("INVALID"));
            return Vec::new();
        };
        let code = DiscountKind::Code(kind.text("code").unwrap_or_default());
        let on_shipping = free.is_some();
        let goods: Bag = lines.iter().map(Line::original_total).sum();
        let value = if on_shipping {
            DiscountValue::Percentage(Decimal::ONE_HUNDRED)
        } else if let Some(percent) = &percent {
            DiscountValue::Percentage(percent.decimal("percentage").unwrap_or_default())
        } else {
            let amount = kind.member("amountSet").and_then(|amount| amount.bag(money).ok()).unwrap_or_default();
            DiscountValue::Amount(Bag {
                shop: amount.shop.min(goods.shop),
                presentment: amount.presentment.min(goods.presentment),
            })
        };
        if on_shipping {
            for line in shipping {
                line.allocations.push(Allocation { discount: 0, amount: line.price });
            }
        } else {
            let whole = match &value {
                DiscountValue::Amount(amount) => *amount,
                DiscountValue::Percentage(percent) => money.rounded(Bag {
                    shop: goods.shop * percent / Decimal::ONE_HUNDRED,
                    presentment: goods.presentment * percent / Decimal::ONE_HUNDRED,
                }),
            };
            let weights: Vec<Bag> = lines.iter().map(Line::original_total).collect();
            for (line, amount) in lines.iter_mut().zip(read::spread(whole, &weights, money)) {
                line.allocations.push(Allocation { discount: 0, amount });
            }
        }
        vec![Discount { kind: code, value, whole_order: true, on_shipping }]
    }

    fn transactions(&mut self, input: &Input<'_>, amounts: &[Bag], now: Timestamp) -> Vec<Transaction> {
        let given = input.items("transactions");
        let made = given.iter().zip(amounts).map(|(made, amount)| Transaction {
            id: self.next_id(),
            at: made.time("processedAt").unwrap_or(now),
            kind: made.text("kind").unwrap_or_else(|| "SALE".to_owned()),
            status: made.text("status").unwrap_or_else(|| "SUCCESS".to_owned()),
            gateway: made.text("gateway").unwrap_or_else(|| "manual".to_owned()),
            amount: *amount,
            parent: None,
            test: made.flag("test"),
        });
        made.collect()
    }

    /// `fulfillmentStatus: FULFILLED`, or a fulfilment given with the order: all lines in one package.
    fn fulfil_at_once(&mut self, order: &mut Order, input: &Input<'_>, now: Timestamp) {
        let given = input.member("fulfillment");
        if given.is_none() && input.text("fulfillmentStatus").as_deref() != Some("FULFILLED") {
            return;
        }
        for index in 0..order.fulfillment_orders.len() {
            let open = order.fulfillment_orders[index].clone();
            let id = self.next_id();
            let lines = open.lines.iter().map(|line| (self.next_id(), line.line, line.remaining)).collect();
            for line in &open.lines {
                self.ship_units(order, line.line, line.remaining);
            }
            let tracking = given.as_ref().map(read::tracking).unwrap_or_default();
            let (status, location) = ("SUCCESS".to_owned(), open.location);
            let (at, updated, fulfillment_order) = (now, now, open.id);
            order.fulfillments.push(Fulfillment {
                id,
                at,
                updated,
                status,
                location,
                fulfillment_order,
                lines,
                tracking,
                delivered: None,
            });
            let own = &mut order.fulfillment_orders[index];
            "CLOSED".clone_into(&mut own.status);
            own.lines.iter_mut().for_each(|line| line.remaining = 0);
        }
    }
}

/// "If not specified, then this will be derived through the given transactions." Without transactions nothing is paid.
fn declared(input: &Input<'_>) -> Option<String> {
    input.text("financialStatus")
}

/// "Tax lines specified on the order are split across the taxable line items."
fn spread_taxes(taxes: &[Tax], lines: &mut [Line], money: &Currencies) {
    let weights: Vec<Bag> =
        lines.iter().map(|line| if line.taxable { line.discounted_total() } else { Bag::default() }).collect();
    for tax in taxes {
        for (line, amount) in lines.iter_mut().zip(read::spread(tax.amount, &weights, money)) {
            if line.taxable {
                line.taxes.push(Tax { amount, ..tax.clone() });
            }
        }
    }
}
