//! Orders as the Admin API shows them: every field that this fake serves, with its `__typename`.

use serde_json::{Value, json};

use super::money::{Bag, Currencies};
use super::state::{
    Address, Allocation, Discount, DiscountKind, DiscountValue, Line, Metafield, Order, ShippingLine, Shop, Tax,
    Transaction, gid,
};

/// A connection, cut into pages by the projection.
#[expect(clippy::needless_pass_by_value, reason = "nobody needs the nodes afterwards")]
pub(super) fn connection(kind: &str, nodes: Vec<Value>) -> Value {
    json!({"__typename": format!("{kind}Connection"), "__nodes": nodes})
}

impl Shop {
    pub fn order_json(&self, id: u64) -> Value {
        let Some(order) = self.orders.get(&id) else { return Value::Null };
        let mut shown = self.render_order(order);
        for patch in &order.patches {
            match shown.pointer_mut(&patch.pointer) {
                Some(place) => *place = patch.value.clone(),
                None => set_member(&mut shown, &patch.pointer, &patch.value),
            }
        }
        shown
    }

    fn render_order(&self, order: &Order) -> Value {
        let mut shown = self.head_json(order);
        merge(&mut shown, status_json(order));
        merge(&mut shown, totals_json(order));
        merge(&mut shown, self.parts_json(order));
        shown
    }

    /// What the order is, and whose.
    fn head_json(&self, order: &Order) -> Value {
        let attribute =
            |(key, value): &(String, Option<String>)| json!({"__typename": "Attribute", "key": key, "value": value});
        let attributes: Vec<Value> = order.attributes.iter().map(attribute).collect();
        let address = |address: &Option<Address>, kind: &str| match address {
            Some(address) => address_json(address, order.id, kind),
            None => Value::Null,
        };
        json!({
            "__typename": "Order",
            "id": gid("Order", order.id),
            "legacyResourceId": order.id.to_string(),
            "name": order.name,
            "number": order.number,
            "confirmationNumber": format!("TRB{}", order.number),
            "createdAt": order.created,
            "updatedAt": order.updated,
            "processedAt": order.processed,
            "test": order.test,
            "email": order.email,
            "phone": order.phone,
            "note": order.note,
            "poNumber": null,
            "tags": order.tags,
            "customAttributes": attributes,
            "customer": order.customer.map_or(Value::Null, |id| self.customer_json(id)),
            "customerAcceptsMarketing": order.accepts_marketing,
            "customerLocale": null,
            "sourceName": order.source_name,
            "sourceIdentifier": order.source_identifier,
            "registeredSourceUrl": order.source_url,
            "app": {"__typename": "OrderApp", "id": gid("App", 1), "name": "Tributary"},
            "billingAddress": address(&order.billing_address, "billing"),
            "shippingAddress": address(&order.shipping_address, "shipping"),
            "displayAddress": address(&order.shipping_address, "shipping"),
            "billingAddressMatchesShippingAddress":
                order.billing_address.is_some() && order.billing_address == order.shipping_address,
            "metafield": {"__metafields": order.metafields.iter().map(Metafield::json).collect::<Vec<_>>()},
            "metafields": connection("Metafield", order.metafields.iter().map(Metafield::json).collect()),
        })
    }

    /// What the order is made of, and what was made of it.
    fn parts_json(&self, order: &Order) -> Value {
        let lines = order.lines.iter().map(|line| self.line_json(order, line)).collect();
        let fulfillment_orders =
            order.fulfillment_orders.iter().map(|open| self.fulfillment_order_json(order, open)).collect();
        let fulfillments: Vec<Value> =
            order.fulfillments.iter().enumerate().map(|(at, made)| self.fulfillment_json(order, at, made)).collect();
        let refunds: Vec<Value> = order.refunds.iter().map(|refund| self.refund_json(order, refund)).collect();
        let transactions: Vec<Value> = order.transactions.iter().map(|made| transaction_json(order, made)).collect();
        let shipping: Vec<Value> = order.shipping.iter().map(|line| shipping_json(order, line)).collect();
        let discounts: Vec<Value> =
            order.discounts.iter().enumerate().map(|(at, discount)| discount_json(order, at, discount)).collect();
        let code = |discount: &Discount| match &discount.kind {
            DiscountKind::Code(code) => Some(code.clone()),
            _ => None,
        };
        let codes: Vec<String> = order.discounts.iter().filter_map(code).collect();
        json!({
            "discountCode": codes.first(),
            "discountCodes": codes,
            "discountApplications": connection("DiscountApplication", discounts),
            "subtotalLineItemsQuantity": order.lines.iter().map(|line| line.quantity).sum::<i64>(),
            "currentSubtotalLineItemsQuantity":
                order.lines.iter().map(|line| order.current_quantity(line)).sum::<i64>(),
            "lineItems": connection("LineItem", lines),
            "shippingLine": shipping.first(),
            "shippingLines": connection("ShippingLine", shipping.clone()),
            "transactions": transactions,
            "transactionsCount": count(transactions.len()),
            "refunds": refunds,
            "fulfillments": fulfillments,
            "fulfillmentsCount": count(fulfillments.len()),
            "fulfillmentOrders": connection("FulfillmentOrder", fulfillment_orders),
        })
    }

    fn line_json(&self, order: &Order, line: &Line) -> Value {
        let bag = |amount: Bag| order.money.json(amount);
        let current = order.current_quantity(line);
        let allocations: Vec<Value> =
            line.allocations.iter().map(|allocation| allocation_json(order, allocation)).collect();
        let property = |(key, value): &(String, String)| json!({"__typename": "Attribute", "key": key, "value": value});
        let properties: Vec<Value> = line.properties.iter().map(property).collect();
        let name = match &line.variant_title {
            Some(variant) => format!("{} - {variant}", line.title),
            None => line.title.clone(),
        };
        let unit_after = line.discounted_total().share(1, line.quantity, &order.money);
        let variant = line.variant.and_then(|id| self.variants.get(&id));
        json!({
            "__typename": "LineItem",
            "id": gid("LineItem", line.id),
            "name": name,
            "title": line.title,
            "variantTitle": line.variant_title,
            "sku": line.sku,
            "vendor": line.vendor,
            "variant": variant.map_or(Value::Null, |variant| self.variant_json(variant)),
            "product": variant.map_or(Value::Null, |variant| self.product_json(variant)),
            "quantity": line.quantity,
            "currentQuantity": current,
            "refundableQuantity": current,
            "unfulfilledQuantity": order.unfulfilled_quantity(line.id),
            "nonFulfillableQuantity": line.quantity - current,
            "requiresShipping": line.requires_shipping,
            "isGiftCard": line.gift_card,
            "taxable": line.taxable,
            "restockable": line.variant.is_some(),
            "merchantEditable": order.canceled.is_none(),
            "customAttributes": properties,
            "lineItemGroup": null,
            "originalUnitPriceSet": bag(line.unit),
            "discountedUnitPriceSet": bag(line.unit),
            "discountedUnitPriceAfterAllDiscountsSet": bag(unit_after),
            "originalTotalSet": bag(line.original_total()),
            "discountedTotalSet": bag(line.discounted_total()),
            "totalDiscountSet": bag(line.discount()),
            "unfulfilledOriginalTotalSet": bag(line.unit.times(order.unfulfilled_quantity(line.id))),
            "taxLines": taxes_json(&line.taxes, &order.money),
            "discountAllocations": allocations,
        })
    }
}

/// How far the order is.
fn status_json(order: &Order) -> Value {
    let canceled = order.canceled.as_ref();
    let gateways: std::collections::BTreeSet<&String> = order.transactions.iter().map(|made| &made.gateway).collect();
    json!({
        "closed": order.closed.is_some(),
        "closedAt": order.closed,
        "cancelledAt": canceled.map(|canceled| canceled.at),
        "cancelReason": canceled.map(|canceled| &canceled.reason),
        "cancellation": canceled.map(|canceled|
            json!({"__typename": "OrderCancellation", "staffNote": canceled.staff_note})),
        "confirmed": true,
        "edited": order.edited,
        "displayFinancialStatus": order.financial_status(),
        "displayFulfillmentStatus": order.fulfillment_status(),
        "returnStatus": "NO_RETURN",
        "fullyPaid": order.outstanding().presentment.is_zero(),
        "unpaid": order.received().is_zero() && !order.outstanding().is_zero(),
        "canMarkAsPaid": order.can_be_paid(),
        "canNotifyCustomer": order.email.is_some(),
        "capturable": false,
        "refundable": !order.received().is_zero(),
        "restockable": order.lines.iter().any(|line| line.variant.is_some()),
        "fulfillable": order.lines.iter().any(|line| order.unfulfilled_quantity(line.id) > 0),
        "requiresShipping": order.lines.iter().any(|line| line.requires_shipping),
        "merchantEditable": canceled.is_none(),
        "paymentGatewayNames": gateways,
    })
}

/// The order's amounts, as ordered and as they are now.
fn totals_json(order: &Order) -> Value {
    let bag = |amount: Bag| order.money.json(amount);
    json!({
        "currencyCode": order.money.shop,
        "presentmentCurrencyCode": order.money.presentment,
        "taxesIncluded": order.taxes_included,
        "taxExempt": false,
        "dutiesIncluded": false,
        "estimatedTaxes": false,
        "subtotalPriceSet": bag(order.subtotal()),
        "totalDiscountsSet": bag(order.discounts_total()),
        "cartDiscountAmountSet": bag(order.discounts_total()),
        "totalShippingPriceSet": bag(order.shipping_total()),
        "totalTaxSet": bag(order.tax_total()),
        "totalPriceSet": bag(order.total()),
        "originalTotalPriceSet": bag(order.total()),
        "totalTipReceivedSet": bag(Bag::default()),
        "currentSubtotalPriceSet": bag(order.current_subtotal()),
        "currentShippingPriceSet": bag(order.current_shipping()),
        "currentTotalDiscountsSet": bag(order.discounts_total()),
        "currentTotalTaxSet": bag(order.current_tax()),
        "currentTotalPriceSet": bag(order.current_total()),
        "currentTotalDutiesSet": null,
        "originalTotalDutiesSet": null,
        "currentTotalAdditionalFeesSet": null,
        "originalTotalAdditionalFeesSet": null,
        "additionalFees": [],
        "totalReceivedSet": bag(order.received()),
        "totalRefundedSet": bag(order.refunded()),
        "totalRefundedShippingSet": bag(order.refunded_shipping()),
        "totalOutstandingSet": bag(order.outstanding()),
        "netPaymentSet": bag(order.received() - order.refunded()),
        "refundDiscrepancySet": bag(Bag::default()),
        "taxLines": taxes_json(&merged_taxes(order), &order.money),
        "currentTaxLines": taxes_json(&merged_taxes(order), &order.money),
    })
}

/// A member that the fake does not render by itself.
fn set_member(shown: &mut Value, pointer: &str, value: &Value) {
    if let Some((parent, name)) = pointer.rsplit_once('/')
        && let Some(Value::Object(fields)) = shown.pointer_mut(parent)
    {
        fields.insert(name.to_owned(), value.clone());
    }
}

fn merge(shown: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (shown, more) {
        fields.extend(more);
    }
}

fn count(count: usize) -> Value {
    json!({"__typename": "Count", "count": count, "precision": "EXACT"})
}

pub(super) fn taxes_json(taxes: &[Tax], money: &Currencies) -> Value {
    let shown = |tax: &Tax| {
        let percent = tax.rate.map(|rate| (rate * rust_decimal::Decimal::ONE_HUNDRED).normalize());
        json!({
            "__typename": "TaxLine",
            "title": tax.title,
            "rate": tax.rate.map(|rate| number(rate.normalize())),
            "ratePercentage": percent.map(number),
            "priceSet": money.json(tax.amount),
            "channelLiable": tax.channel_liable,
            "source": null,
        })
    };
    taxes.iter().map(shown).collect()
}

/// A `Float`, without going through a binary fraction.
fn number(value: rust_decimal::Decimal) -> Value {
    serde_json::from_str(&value.to_string()).unwrap_or_default()
}

/// "Tax line prices represent the total price for all tax lines with the same rate and title."
fn merged_taxes(order: &Order) -> Vec<Tax> {
    let lines = order.lines.iter().flat_map(|line| &line.taxes);
    let mut merged: Vec<Tax> = Vec::new();
    for tax in lines.chain(order.shipping.iter().flat_map(|line| &line.taxes)) {
        let same = |known: &&mut Tax| {
            known.title == tax.title && known.rate == tax.rate && known.channel_liable == tax.channel_liable
        };
        match merged.iter_mut().find(same) {
            Some(known) => known.amount += tax.amount,
            None => merged.push(tax.clone()),
        }
    }
    merged
}

pub(super) fn shipping_json(order: &Order, line: &ShippingLine) -> Value {
    let allocations: Vec<Value> =
        line.allocations.iter().map(|allocation| allocation_json(order, allocation)).collect();
    json!({
        "__typename": "ShippingLine",
        "id": gid("ShippingLine", line.id),
        "title": line.title,
        "code": line.code,
        "source": line.source,
        "carrierIdentifier": null,
        "custom": false,
        "deliveryCategory": null,
        "phone": null,
        "isRemoved": false,
        "originalPriceSet": order.money.json(line.price),
        "discountedPriceSet": order.money.json(line.discounted()),
        "currentDiscountedPriceSet": order.money.json(line.discounted()),
        "taxLines": taxes_json(&line.taxes, &order.money),
        "discountAllocations": allocations,
    })
}

fn allocation_json(order: &Order, allocation: &Allocation) -> Value {
    let discount = order.discounts.get(allocation.discount);
    json!({
        "__typename": "DiscountAllocation",
        "allocatedAmountSet": order.money.json(allocation.amount),
        "discountApplication":
            discount.map_or(Value::Null, |discount| discount_json(order, allocation.discount, discount)),
    })
}

fn discount_json(order: &Order, index: usize, discount: &Discount) -> Value {
    let value = match &discount.value {
        DiscountValue::Amount(amount) => super::money::money_json(amount.presentment, &order.money.presentment),
        DiscountValue::Percentage(percent) => {
            json!({"__typename": "PricingPercentageValue", "percentage": number(percent.normalize())})
        }
    };
    let mut shown = json!({
        "index": index,
        "allocationMethod": if discount.whole_order { "ACROSS" } else { "EACH" },
        "targetSelection": if discount.whole_order { "ALL" } else { "EXPLICIT" },
        "targetType": if discount.on_shipping { "SHIPPING_LINE" } else { "LINE_ITEM" },
        "value": value,
    });
    let own = match &discount.kind {
        DiscountKind::Code(code) => json!({"__typename": "DiscountCodeApplication", "code": code}),
        DiscountKind::Automatic(title) => json!({"__typename": "AutomaticDiscountApplication", "title": title}),
        DiscountKind::Manual(title) => {
            json!({"__typename": "ManualDiscountApplication", "title": title, "description": null})
        }
    };
    merge(&mut shown, own);
    shown
}

pub(super) fn transaction_json(order: &Order, made: &Transaction) -> Value {
    let manual = made.gateway == "manual" || order.over_api;
    json!({
        "__typename": "OrderTransaction",
        "id": gid("OrderTransaction", made.id),
        "kind": made.kind,
        "status": made.status,
        "gateway": made.gateway,
        "formattedGateway": made.gateway,
        "amountSet": order.money.json(made.amount),
        "createdAt": made.at,
        "processedAt": made.at,
        "manualPaymentGateway": manual,
        "manuallyCapturable": false,
        "multiCapturable": false,
        "paymentId": null,
        "errorCode": null,
        "test": made.test,
        "parentTransaction": made.parent.map(|id|
            json!({"__typename": "OrderTransaction", "id": gid("OrderTransaction", id)})),
    })
}

pub(super) fn address_json(address: &Address, owner: u64, kind: &str) -> Value {
    let both = [&address.first_name, &address.last_name];
    let name: Vec<&str> = both.iter().filter_map(|part| part.as_deref()).filter(|part| !part.is_empty()).collect();
    json!({
        "__typename": "MailingAddress",
        "id": format!("gid://shopify/MailingAddress/{owner}?model_name=Address&kind={kind}"),
        "firstName": address.first_name,
        "lastName": address.last_name,
        "name": name.join(" "),
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "provinceCode": address.province_code,
        "zip": address.zip,
        "country": address.country_code,
        "countryCodeV2": address.country_code,
        "phone": address.phone,
        "coordinatesValidated": false,
    })
}
