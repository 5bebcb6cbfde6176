//! Orders v0: `confirmShipment`, which confirms a package and edits it when it is sent again.
//! <https://developer-docs.amazon.com/sp-api/docs/confirm-the-shipment-status>

use jiff::Timestamp;
use serde_json::Value;

use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::order::{Order, Package, millis};
use super::orders::has_the_form_of_an_id;
use super::state::State;

/// A package that was refused: seen by tests that count attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedPackage {
    pub at: Timestamp,
    pub order_id: String,
    pub body: Value,
    /// The entry of `errors` that it was answered with.
    pub error: Value,
}

pub(super) fn confirm(state: &mut State, id: &str, asked: &Asked, now: Timestamp) -> Result<Answer, Refusal> {
    let body = asked.json();
    let confirmed = find(state, id).and_then(|order| {
        let package = package(order, &body, millis(now))?;
        order.modified = millis(now);
        match order.packages.iter_mut().find(|known| known.reference == package.reference) {
            Some(known) => {
                *known =
                    Package { told: known.told + 1, created: known.created, status: known.status.clone(), ..package };
            }
            None => order.packages.push(package),
        }
        Ok(())
    });
    match confirmed {
        Ok(()) => {
            state.confirmations += 1;
            Ok(Answer::nothing())
        }
        Err(refusal) => {
            let refused = RefusedPackage { at: now, order_id: id.to_owned(), body, error: refusal.json() };
            state.refused_packages.push(refused);
            Err(refusal)
        }
    }
}

fn find<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Order, Refusal> {
    if !has_the_form_of_an_id(id) {
        return Err(Refusal::invalid("AmazonOrderId is invalid"));
    }
    state.orders.get_mut(id).ok_or_else(|| Refusal::not_found(&format!("Order {id}")))
}

fn package(order: &Order, body: &Value, now: Timestamp) -> Result<Package, Refusal> {
    let detail = &body["packageDetail"];
    let text = |name: &str| detail[name].as_str().map(str::trim).unwrap_or_default().to_owned();
    if body["marketplaceId"].as_str() != Some(&order.spec.marketplace_id) {
        return Err(Refusal::invalid("marketplaceId is not that of the order"));
    }
    // "Only positive numeric values are supported."
    let reference = text("packageReferenceId");
    if reference.parse::<u64>().map_or(true, |number| number == 0) {
        return Err(Refusal::invalid("PackageReferenceId: is invalid, must be a positive numeric value."));
    }
    let (mut carrier, tracking) = (text("carrierCode"), text("trackingNumber"));
    if carrier == "Other" {
        carrier = text("carrierName");
    }
    if carrier.is_empty() || tracking.is_empty() {
        return Err(Refusal::invalid("carrier and tracking number are required"));
    }
    let shipped: Timestamp = text("shipDate").parse().map_err(|_| Refusal::invalid("shipDate is invalid"))?;
    if order.spec.by_amazon || order.spec.programs.iter().any(|program| program == "FBM_SHIP_PLUS") {
        return Err(Refusal::invalid("This order does not require manual confirmation"));
    }
    if order.canceled || order.is_pending() {
        return Err(Refusal::invalid(&format!("The order is {}", order.status())));
    }
    let mut lines: Vec<(String, u32)> = Vec::new();
    for item in detail["orderItems"].as_array().into_iter().flatten() {
        let id = item["orderItemId"].as_str().unwrap_or_default();
        let at = order.spec.item_ids().iter().position(|known| known == id);
        let Some(at) = at else {
            let message =
                "OrderItemId is invalid, please obtain the value through the getOrderItems API or Manage Orders page";
            return Err(Refusal::invalid(message));
        };
        let quantity = item["quantity"].as_u64().and_then(|quantity| u32::try_from(quantity).ok()).unwrap_or_default();
        let open = order.spec.lines[at].quantity.saturating_sub(order.sent(id, Some(&reference)));
        if quantity == 0 || quantity > open || lines.iter().any(|(known, _)| known == id) {
            return Err(Refusal::invalid(
                "Failed to create package due to not finding a matching package or order already fulfilled.",
            ));
        }
        lines.push((id.to_owned(), quantity));
    }
    if lines.is_empty() {
        return Err(Refusal::invalid("orderItems is empty"));
    }
    Ok(Package { reference, carrier, tracking, lines, shipped, created: now, status: "SHIPPED".to_owned(), told: 1 })
}
