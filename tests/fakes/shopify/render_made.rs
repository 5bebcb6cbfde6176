//! What is made on an order afterwards, as the Admin API shows it: fulfilment orders, packages, refunds; its people.

use serde_json::{Value, json};

use super::render::{address_json, connection, shipping_json, transaction_json};
use super::state::{Customer, Fulfillment, FulfillmentOrder, Metafield, Order, Refund, Shop, gid};

/// A line as far as others point at it.
fn line_ref(order: &Order, line: u64) -> Value {
    let known = order.lines.iter().find(|known| known.id == line);
    json!({
        "__typename": "LineItem",
        "id": gid("LineItem", line),
        "sku": known.and_then(|line| line.sku.as_ref()),
        "title": known.map(|line| &line.title),
        "name": known.map(|line| &line.title),
        "quantity": known.map(|line| line.quantity),
    })
}

/// An order as far as others point at it.
fn order_ref(order: &Order) -> Value {
    json!({
        "__typename": "Order",
        "id": gid("Order", order.id),
        "legacyResourceId": order.id.to_string(),
        "name": order.name,
        "sourceIdentifier": order.source_identifier,
        "updatedAt": order.updated,
    })
}

impl Shop {
    pub fn fulfillment_order_json(&self, order: &Order, open: &FulfillmentOrder) -> Value {
        let line = |item: &super::state::FulfillmentOrderLine| {
            let known = order.lines.iter().find(|line| line.id == item.line);
            let variant = known.and_then(|line| line.variant).and_then(|id| self.variants.get(&id));
            json!({
                "__typename": "FulfillmentOrderLineItem",
                "id": gid("FulfillmentOrderLineItem", item.id),
                "totalQuantity": item.total,
                "remainingQuantity": item.remaining,
                "productTitle": known.map(|line| &line.title),
                "variantTitle": known.and_then(|line| line.variant_title.as_ref()),
                "sku": known.and_then(|line| line.sku.as_ref()),
                "vendor": known.and_then(|line| line.vendor.as_ref()),
                "requiresShipping": known.is_some_and(|line| line.requires_shipping),
                "inventoryItemId": variant.map(|variant| gid("InventoryItem", variant.inventory_item)),
                "variant": variant.map_or(Value::Null, |variant| self.variant_json(variant)),
                "lineItem": line_ref(order, item.line),
            })
        };
        let lines = open.lines.iter().map(line).collect();
        let made = order.fulfillments.iter().enumerate().filter(|(_, made)| made.fulfillment_order == open.id);
        let fulfillments = made.map(|(at, made)| self.fulfillment_json(order, at, made)).collect();
        let location = self.locations.get(&open.location);
        let actions: &[&str] =
            if open.status == "OPEN" { &["CREATE_FULFILLMENT", "REPORT_PROGRESS", "HOLD"] } else { &[] };
        let action = |action: &&str| json!({"__typename": "FulfillmentOrderSupportedAction", "action": action, "externalUrl": null});
        json!({
            "__typename": "FulfillmentOrder",
            "id": gid("FulfillmentOrder", open.id),
            "status": open.status,
            "requestStatus": "UNSUBMITTED",
            "createdAt": open.at,
            "updatedAt": open.updated,
            "fulfillAt": open.at,
            "fulfillBy": null,
            "orderId": gid("Order", order.id),
            "orderName": order.name,
            "orderProcessedAt": order.processed,
            "order": order_ref(order),
            "assignedLocation": {
                "__typename": "FulfillmentOrderAssignedLocation",
                "name": location.map_or("", |location| &location.name),
                "countryCode": "GB",
                "location": location.map(super::state::Location::json),
            },
            "fulfillmentHolds": [],
            "supportedActions": actions.iter().map(action).collect::<Vec<_>>(),
            "lineItems": connection("FulfillmentOrderLineItem", lines),
            "fulfillments": connection("Fulfillment", fulfillments),
        })
    }

    /// `at`: which package of the order it is, from nought.
    pub fn fulfillment_json(&self, order: &Order, at: usize, made: &Fulfillment) -> Value {
        let tracking = |info: &super::state::Tracking| {
            json!({
                "__typename": "FulfillmentTrackingInfo",
                "company": info.company, "number": info.number, "url": info.url,
            })
        };
        let line = |(id, line, quantity): &(u64, u64, i64)| {
            let known = order.lines.iter().find(|known| known.id == *line);
            let share = |total: super::money::Bag| {
                order.money.json(total.share(*quantity, known.map_or(0, |line| line.quantity), &order.money))
            };
            json!({
                "__typename": "FulfillmentLineItem",
                "id": gid("FulfillmentLineItem", *id),
                "quantity": quantity,
                "lineItem": line_ref(order, *line),
                "originalTotalSet": share(known.map(super::state::Line::original_total).unwrap_or_default()),
                "discountedTotalSet": share(known.map(super::state::Line::discounted_total).unwrap_or_default()),
            })
        };
        let display = match (made.status.as_str(), made.delivered) {
            ("CANCELLED", _) => "CANCELED",
            (_, Some(_)) => "DELIVERED",
            _ => "FULFILLED",
        };
        json!({
            "__typename": "Fulfillment",
            "id": gid("Fulfillment", made.id),
            "legacyResourceId": made.id.to_string(),
            "name": format!("{}-F{}", order.name, at + 1),
            "status": made.status,
            "displayStatus": display,
            "createdAt": made.at,
            "updatedAt": made.updated,
            "deliveredAt": made.delivered,
            "inTransitAt": null,
            "estimatedDeliveryAt": null,
            "requiresShipping": true,
            "totalQuantity": made.total_quantity(),
            "trackingInfo": made.tracking.iter().map(tracking).collect::<Vec<_>>(),
            "location": self.locations.get(&made.location).map(super::state::Location::json),
            "order": order_ref(order),
            "fulfillmentLineItems": connection("FulfillmentLineItem", made.lines.iter().map(line).collect()),
        })
    }

    pub fn refund_json(&self, order: &Order, refund: &Refund) -> Value {
        let money = |amount| order.money.json(amount);
        let line = |line: &super::state::RefundLine| {
            json!({
                "__typename": "RefundLineItem",
                "id": gid("RefundLineItem", line.id),
                "lineItem": line_ref(order, line.line),
                "quantity": line.quantity,
                "restockType": line.restock,
                "restocked": line.restocked,
                "location": line.location.and_then(|id| self.locations.get(&id)).map(super::state::Location::json),
                "priceSet": money(line.subtotal.share(1, line.quantity, &order.money)),
                "subtotalSet": money(line.subtotal),
                "totalTaxSet": money(line.tax),
            })
        };
        let shipping = |made: &super::state::RefundShipping| {
            let of = order.shipping.iter().find(|line| line.id == made.line);
            json!({
                "__typename": "RefundShippingLine",
                "id": gid("RefundShippingLine", made.id),
                "shippingLine": of.map(|line| shipping_json(order, line)),
                "subtotalAmountSet": money(made.subtotal),
                "taxAmountSet": money(made.tax),
            })
        };
        let adjustments = if refund.adjustment.is_zero() {
            Vec::new()
        } else {
            vec![json!({
                "__typename": "OrderAdjustment",
                "id": gid("OrderAdjustment", refund.id),
                "amountSet": money(super::money::Bag::default() - refund.adjustment),
                "taxAmountSet": money(super::money::Bag::default()),
                "reason": "REFUND_DISCREPANCY",
            })]
        };
        let own = order.transactions.iter().filter(|made| refund.transactions.contains(&made.id));
        let total = own.clone().filter(|made| made.status == "SUCCESS").map(|made| made.amount).sum();
        json!({
            "__typename": "Refund",
            "id": gid("Refund", refund.id),
            "legacyResourceId": refund.id.to_string(),
            "createdAt": refund.at,
            "updatedAt": refund.at,
            "processedAt": refund.at,
            "note": refund.note,
            "order": order_ref(order),
            "return": null,
            "duties": [],
            "totalRefundedSet": money(total),
            "refundLineItems": connection("RefundLineItem", refund.lines.iter().map(line).collect()),
            "refundShippingLines": connection("RefundShippingLine", refund.shipping.iter().map(shipping).collect()),
            "orderAdjustments": connection("OrderAdjustment", adjustments),
            "transactions": connection("OrderTransaction", own.map(|made| transaction_json(order, made)).collect()),
        })
    }

    pub fn customer_json(&self, id: u64) -> Value {
        let Some(customer) = self.customers.get(&id) else { return Value::Null };
        let name = [&customer.first_name, &customer.last_name];
        let name: Vec<&str> = name.iter().filter_map(|part| part.as_deref()).collect();
        let orders = self.orders.values().filter(|order| order.customer == Some(id));
        let newest = || orders.clone().filter_map(|order| order.shipping_address.as_ref()).next_back();
        let address = customer.default_address.as_ref().or_else(newest);
        json!({
            "__typename": "Customer",
            "id": gid("Customer", id),
            "legacyResourceId": id.to_string(),
            "firstName": customer.first_name,
            "lastName": customer.last_name,
            "displayName": if name.is_empty() { customer.email.clone().unwrap_or_default() } else { name.join(" ") },
            "email": customer.email,
            "phone": customer.phone,
            "note": customer.note,
            "tags": customer.tags,
            "locale": "en",
            "state": "DISABLED",
            "taxExempt": false,
            "verifiedEmail": true,
            "numberOfOrders": orders.count().to_string(),
            "createdAt": customer.created,
            "updatedAt": customer.updated,
            "defaultEmailAddress": email(customer),
            "defaultPhoneNumber": customer.phone.as_ref().map(|phone|
                json!({"__typename": "CustomerPhoneNumber", "phoneNumber": phone, "marketingState": "NOT_SUBSCRIBED"})),
            "defaultAddress": address.map(|address| address_json(address, id, "customer")),
        })
    }
}

fn email(customer: &Customer) -> Value {
    match &customer.email {
        None => Value::Null,
        Some(email) => json!({
            "__typename": "CustomerEmailAddress",
            "emailAddress": email,
            "marketingState": "NOT_SUBSCRIBED",
            "validFormat": true,
        }),
    }
}

impl Metafield {
    pub fn json(&self) -> Value {
        json!({
            "__typename": "Metafield",
            "id": gid("Metafield", self.id),
            "namespace": self.namespace,
            "key": self.key,
            "type": self.kind,
            "value": self.value,
            "createdAt": self.created,
            "updatedAt": self.updated,
        })
    }
}
