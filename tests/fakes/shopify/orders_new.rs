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
use super::state::{
    Allocation, Discount, DiscountKind, DiscountValue, Fulfillment, Line, Order, ShippingLine, Shop, Tax, Transaction,
    id_of,
};
use super::stock::Claim;

/// Of a trial or development shop. How it says so is not documented.
const CREATES_A_MINUTE: usize = 5;

impl Shop {
    pub fn order_create(&mut self, arguments: &Map<String, Value>, now: Timestamp) -> Value {
        let refused = |errors: &[UserError]| {
            let errors: Vec<Value> = errors.iter().map(|error| error.json("OrderCreateUserError")).collect();
            json!({"__typename": "OrderCreatePayload", "order": null, "userErrors": errors})
        };
        if self.config.trial {
            let minute_ago = now - SignedDuration::from_mins(1);
            self.creates.retain(|at| *at > minute_ago);
            if self.creates.len() >= CREATES_A_MINUTE {
                let message = "Too many attempts. Please try again later.";
                return refused(&[UserError::new(&["order"], message).code("INVALID")]);
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
        let mut order = match self.build(input, now) {
            Ok(order) => order,
            Err(errors) => return refused(&errors),
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
                return refused(&short);
            }
        }
        if claim != Claim::Bypass {
            self.claim(&mut order, now);
        }
        self.route(&mut order, now);
        self.fulfil_at_once(&mut order, input, now);
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
            self.set_metafield(id, field, now);
        }
        self.tell_order("ORDERS_CREATE", id, now);
        json!({"__typename": "OrderCreatePayload", "order": self.order_json(id), "userErrors": []})
    }

    fn build(&mut self, input: Input<'_>, now: Timestamp) -> Result<Order, Vec<UserError>> {
        let shop = input.text("currency").unwrap_or_else(|| self.config.currency.clone());
        let presentment = input.text("presentmentCurrency").unwrap_or_else(|| shop.clone());
        let money = Currencies { shop, presentment };
        let mut errors = Vec::new();
        if input.text("customerId").is_some() && input.has("customer") {
            let message = "Only one of customerId or customer may be provided";
            errors.push(UserError::new(&["order"], message).code("REDUNDANT_CUSTOMER_FIELDS"));
        }
        let mut lines = self.lines(input, &money, &mut errors);
        let mut shipping = self.shipping_lines(input, &money, &mut errors);
        if input.has("taxLines") && lines.iter().any(|line| !line.taxes.is_empty()) {
            let message = "Tax lines must be specified on either order or line items but not both";
            errors.push(UserError::new(&["order", "taxLines"], message).code("INVALID"));
        }
        match read::taxes(input, &["order"], &money) {
            Ok(taxes) => spread_taxes(&taxes, &mut lines, &money),
            Err(error) => errors.push(error),
        }
        let discounts = discount(input, &mut lines, &mut shipping, &money, &mut errors);
        let transactions = self.transactions(input, &money, now, &mut errors);
        let customer = self.customer_of(input, now, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let named = input.has("customer") || input.text("customerId").is_some();
        if let Some(known) = customer.filter(|_| named).and_then(|id| self.customers.get_mut(&id))
            && let Some(address) = input.member("shippingAddress").map(read::address)
        {
            known.default_address = Some(address);
        }
        let blank = self.blank_order(money, now);
        let known = customer.and_then(|customer| self.customers.get(&customer));
        Ok(Order {
            name: input.text("name").unwrap_or_else(|| blank.name.clone()),
            processed: input.time("processedAt").unwrap_or(now).min(now),
            closed: input.time("closedAt"),
            source_name: input.text("sourceName"),
            source_identifier: input.text("sourceIdentifier"),
            source_url: input.text("sourceUrl"),
            note: input.text("note"),
            email: input.text("email").or_else(|| known.and_then(|customer| customer.email.clone())),
            phone: input.text("phone"),
            tags: input.tags("tags"),
            attributes: input.attributes("customAttributes"),
            customer,
            shipping_address: input.member("shippingAddress").map(read::address),
            billing_address: input.member("billingAddress").map(read::address),
            taxes_included: input.flag("taxesIncluded"),
            accepts_marketing: input.flag("buyerAcceptsMarketing"),
            lines,
            shipping,
            discounts,
            // "If not specified, then this will be derived through the given transactions": without any, nothing is paid.
            declared: input.text("financialStatus"),
            transactions,
            test: input.flag("test"),
            over_api: true,
            ..blank
        })
    }

    fn lines(&mut self, input: Input<'_>, money: &Currencies, errors: &mut Vec<UserError>) -> Vec<Line> {
        let items = input.items("lineItems");
        if items.is_empty() {
            let message = "Line items must have at least one line item";
            errors.push(UserError::new(&["order", "lineItems"], message).code("INVALID"));
        }
        let mut lines = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let index = index.to_string();
            match self.line(item, &["order", "lineItems", &index], money) {
                Ok(line) => lines.push(line),
                Err(error) => errors.push(error),
            }
        }
        lines
    }

    fn shipping_lines(
        &mut self,
        input: Input<'_>,
        money: &Currencies,
        errors: &mut Vec<UserError>,
    ) -> Vec<ShippingLine> {
        let place = ["order", "shippingLines"];
        let mut lines = Vec::new();
        for line in input.items("shippingLines") {
            let made = price(line, "priceSet", &place, money)
                .and_then(|price| Ok((price.unwrap_or_default(), read::taxes(line, &place, money)?)));
            match made {
                Err(error) => errors.push(error),
                Ok((price, taxes)) => lines.push(ShippingLine {
                    id: self.next_id(),
                    title: line.text("title").unwrap_or_default(),
                    code: line.text("code"),
                    source: line.text("source"),
                    price,
                    allocations: Vec::new(),
                    taxes,
                }),
            }
        }
        lines
    }

    fn line(&mut self, item: Input<'_>, place: &[&str], money: &Currencies) -> Result<Line, UserError> {
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
        let Some(unit) = price(item, "priceSet", place, money)?.or(catalogue) else {
            return Err(invalid("Price can't be blank"));
        };
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
            location: variant
                .as_ref()
                .and_then(|variant| variant.levels.keys().next().copied())
                .unwrap_or_else(|| self.main_location()),
            variant: variant.map(|variant| variant.id),
        })
    }

    fn transactions(
        &mut self,
        input: Input<'_>,
        money: &Currencies,
        now: Timestamp,
        errors: &mut Vec<UserError>,
    ) -> Vec<Transaction> {
        let mut transactions = Vec::new();
        for made in input.items("transactions") {
            match price(made, "amountSet", &["order", "transactions"], money) {
                Err(error) => errors.push(error),
                Ok(amount) => transactions.push(Transaction {
                    id: self.next_id(),
                    at: made.time("processedAt").unwrap_or(now),
                    kind: made.text("kind").unwrap_or_else(|| "SALE".to_owned()),
                    status: made.text("status").unwrap_or_else(|| "SUCCESS".to_owned()),
                    gateway: made.text("gateway").unwrap_or_else(|| "manual".to_owned()),
                    amount: amount.unwrap_or_default(),
                    parent: None,
                    test: made.flag("test"),
                }),
            }
        }
        transactions
    }

    /// `fulfillmentStatus: FULFILLED`, or a fulfilment given with the order: all lines in one package.
    fn fulfil_at_once(&mut self, order: &mut Order, input: Input<'_>, now: Timestamp) {
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
            let tracking = given.map(read::tracking).unwrap_or_default();
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

/// A `MoneyBagInput`, if it is given.
fn price(owner: Input<'_>, name: &str, place: &[&str], money: &Currencies) -> Result<Option<Bag>, UserError> {
    let Some(given) = owner.member(name) else { return Ok(None) };
    given.bag(money).map(Some).map_err(|message| UserError::new(place, message).code("INVALID"))
}

/// One discount code at most, on all lines or on the shipping.
fn discount(
    input: Input<'_>,
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
