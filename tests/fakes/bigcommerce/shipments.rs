//! Shipments: <https://developer.bigcommerce.com/docs/rest-management/orders/order-shipments>.

use axum::http::StatusCode;
use serde_json::Value;

use super::Inner;
use super::http::{Answer, Asked, Outcome, Refusal};
use super::orders::text;
use super::render;
use super::state::Shipment;

/// The acceptable values; `carrier_...` is a third party's.
const PROVIDERS: [&str; 10] =
    ["", "auspost", "canadapost", "endicia", "usps", "fedex", "royalmail", "ups", "upsready", "shipperhq"];

impl Inner {
    pub(super) fn list_shipments(&self, segment: &str) -> Outcome {
        let order = self.order_at(segment)?;
        Ok(Answer::list(order.shipments.iter().map(|shipment| render::shipment(order, shipment)).collect()))
    }

    pub(super) fn post_shipment(&mut self, segment: &str, asked: &Asked) -> Outcome {
        let order = self.order_at(segment)?;
        let body = asked.json();
        let address = order.shipping.as_ref().map(|(id, _)| *id);
        if body.get("order_address_id").and_then(Value::as_u64) != address || address.is_none() {
            return Err(Refusal::invalid("The field 'order_address_id' is invalid."));
        }
        check(&body)?;
        let mut items = Vec::new();
        for item in body.get("items").and_then(Value::as_array).into_iter().flatten() {
            let wrong = || Refusal::invalid("The field 'items' is invalid.");
            let id = item.get("order_product_id").and_then(Value::as_u64).ok_or_else(wrong)?;
            let quantity = item.get("quantity").and_then(Value::as_i64).filter(|units| *units > 0).ok_or_else(wrong)?;
            let line = order.lines.iter().find(|line| line.id == id).ok_or_else(wrong)?;
            if line.quantity - line.shipped < quantity {
                return Err(Refusal::invalid("The quantity is more than what is left to be shipped."));
            }
            items.push((id, quantity));
        }
        if items.is_empty() {
            return Err(Refusal::invalid("The required field 'items' was not supplied."));
        }
        let id = order.id;
        let made = self.ship(id, body, items);
        let order = self.order_at(segment)?;
        let shipment = order.shipments.iter().find(|shipment| shipment.id == made).ok_or_else(Refusal::not_found)?;
        Ok(Answer::json(StatusCode::CREATED, render::shipment(order, shipment)))
    }

    /// Notes the package; the order is then shipped or partially shipped.
    pub(super) fn ship(&mut self, order_id: u64, body: Value, items: Vec<(u64, i64)>) -> u64 {
        let (at, id) = (self.now(), self.store.id());
        let Some(order) = self.store.orders.get_mut(&order_id) else { return id };
        for (line, quantity) in &items {
            if let Some(line) = order.lines.iter_mut().find(|known| known.id == *line) {
                line.shipped += quantity;
            }
        }
        order.shipments.push(Shipment { id, at, body, items });
        let whole = order.items_shipped() >= order.items_total();
        let status = match order.status {
            // Of these nothing is changed by what leaves.
            4 | 10 | 14 => order.status,
            _ if whole => 2,
            _ => 3,
        };
        self.set_status_of(order_id, status);
        self.event("store/shipment/created", order_id);
        id
    }

    pub(super) fn put_shipment(&mut self, segment: &str, shipment: &str, asked: &Asked) -> Outcome {
        let order_id = self.order_at(segment)?.id;
        let id: u64 = shipment.parse().map_err(|_| Refusal::not_found())?;
        let body = asked.json();
        check(&body)?;
        let now = self.now();
        if let Some(order) = self.store.orders.get_mut(&order_id) {
            let known = order.shipments.iter_mut().find(|known| known.id == id).ok_or_else(Refusal::not_found)?;
            for (name, value) in body.as_object().into_iter().flatten() {
                known.body[name.as_str()] = value.clone();
            }
            order.modified = now;
        }
        self.event("store/shipment/updated", order_id);
        let order = self.order_at(segment)?;
        let known = order.shipments.iter().find(|known| known.id == id).ok_or_else(Refusal::not_found)?;
        Ok(Answer::ok(render::shipment(order, known)))
    }
}

fn check(body: &Value) -> Result<(), Refusal> {
    let provider = text(body, "shipping_provider");
    if !PROVIDERS.contains(&provider) && !provider.starts_with("carrier_") {
        return Err(Refusal::invalid("The field 'shipping_provider' is invalid."));
    }
    if text(body, "tracking_number").chars().count() > 50 {
        return Err(Refusal::invalid("The field 'tracking_number' is invalid."));
    }
    Ok(())
}
