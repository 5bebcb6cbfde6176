//! Packages: told to Amazon, each under a number of ours by which it can be told again and edited.

use connect::{ConnectError, ErrorKind, ShipmentSent};
use domain::shipment::{ShippedLine, Tracking};
use domain::{ChannelOrder, ChannelOrderId, Package, Shipment};
use jiff::Timestamp;

use crate::api::Api;
use crate::map::Problem;
use crate::wire::orders as wire;
use crate::{carriers, map};

const OPERATION: &str = "amazon.confirm_shipment";
const NEEDS_BOTH: &str = "Amazon needs a carrier and a tracking number with every package.";

/// An order as Amazon has it now, with its packages.
struct Seen {
    order: wire::Order,
    marketplace_id: String,
    packages: Vec<Shipment>,
    /// Amazon's clock.
    now: Timestamp,
}

async fn look(api: &Api, id: &ChannelOrderId) -> Result<Seen, ConnectError> {
    let response = api.get_packages(id.as_str()).await?;
    let order = map::state(&response)?;
    let packages = map::shipments(&order).map_err(|problem| problem.into_error(response.operation))?;
    let marketplace_id = order.sales_channel.as_ref().and_then(|channel| channel.marketplace_id.clone());
    let missing = || Problem::Missing("salesChannel.marketplaceId").into_error(response.operation);
    Ok(Seen {
        marketplace_id: marketplace_id.ok_or_else(missing)?,
        order,
        packages,
        now: response.date().unwrap_or_else(Timestamp::now),
    })
}

/// What Amazon has already is not sent again; what is sent again is the same package to Amazon, by its number.
pub async fn ship(api: &Api, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
    let shipment = &package.shipment;
    let refused = |kind, message: &str| Err(ConnectError::new(kind, OPERATION, message).without_effect());
    let Some(tracking) = shipment.tracking.as_ref().filter(|tracking| !tracking.normalised().is_empty()) else {
        return refused(ErrorKind::InvalidOrder, NEEDS_BOTH);
    };
    let Some(carrier) = tracking.carrier.as_deref().and_then(carriers::code) else {
        return refused(ErrorKind::InvalidOrder, NEEDS_BOTH);
    };
    let seen = look(api, &order.id).await?;
    if let Some(reason) = seen.obstacle() {
        return refused(ErrorKind::InvalidOrder, reason);
    }
    if let Some(known) = numbered(&seen.packages, &tracking.normalised()) {
        return Ok(ShipmentSent { remote_id: known.remote_id.clone() });
    }
    let lines = if shipment.lines.is_empty() { seen.remaining() } else { merged(&shipment.lines) };
    if lines.is_empty() {
        return refused(ErrorKind::AlreadyExists, "Amazon has everything of this order as sent already.");
    }
    let reference = free_reference(&package.key, &seen.packages);
    // A package that leaves tomorrow cannot have been sent yet.
    let shipped_at = shipment.shipped_at.unwrap_or(seen.now).min(seen.now);
    let request = confirmation(&seen, reference.clone(), carrier, tracking, shipped_at, &lines);
    api.confirm_shipment(order.id.as_str(), &request).await?;
    Ok(ShipmentSent { remote_id: Some(reference) })
}

/// "If you need to make an edit to the shipment, submit another confirmShipment operation with the same packageReferenceID."
/// <https://developer-docs.amazon.com/sp-api/docs/confirm-the-shipment-status>
pub async fn edit_tracking(
    api: &Api,
    id: &ChannelOrderId,
    before: &str,
    tracking: &Tracking,
) -> Result<(), ConnectError> {
    let refused = |kind, message: &str| Err(ConnectError::new(kind, OPERATION, message).without_effect());
    if tracking.normalised().is_empty() {
        return refused(ErrorKind::InvalidOrder, NEEDS_BOTH);
    }
    let seen = look(api, id).await?;
    let Some(package) = numbered(&seen.packages, &plain(before)) else {
        if numbered(&seen.packages, &tracking.normalised()).is_some() {
            return Ok(());
        }
        return refused(ErrorKind::NotFound, "Amazon does not have this package (any more).");
    };
    let Some(reference) = package.remote_id.clone() else {
        return refused(ErrorKind::NotFound, "Amazon gives this package no name, so it cannot be changed.");
    };
    let old = package.tracking.as_ref().and_then(|tracking| tracking.carrier.as_deref());
    let Some(carrier) = tracking.carrier.as_deref().or(old).and_then(carriers::code) else {
        return refused(ErrorKind::InvalidOrder, NEEDS_BOTH);
    };
    let shipped_at = package.shipped_at.unwrap_or(seen.now).min(seen.now);
    let request = confirmation(&seen, reference, carrier, tracking, shipped_at, &package.lines);
    api.confirm_shipment(id.as_str(), &request).await
}

pub async fn shipments(api: &Api, id: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
    let response = api.get_packages(id.as_str()).await?;
    let order = map::state(&response)?;
    map::shipments(&order).map_err(|problem| problem.into_error(response.operation))
}

impl Seen {
    /// Why no package of the order can be told now.
    fn obstacle(&self) -> Option<&'static str> {
        let fulfillment = self.order.fulfillment.as_ref();
        if fulfillment.and_then(|fulfillment| fulfillment.fulfilled_by.as_deref()) == Some("AMAZON") {
            return Some("Amazon ships this order itself.");
        }
        // "Ship+ orders do not support the confirmShipment operation."
        if self.order.programs.iter().any(|program| program == "FBM_SHIP_PLUS") {
            return Some("Amazon confirms the shipment of this Ship+ order itself.");
        }
        match fulfillment.and_then(|fulfillment| fulfillment.fulfillment_status.as_deref()) {
            Some("CANCELLED") => Some("Amazon has canceled this order."),
            Some("PENDING" | "PENDING_AVAILABILITY") => Some("Amazon still holds this order back."),
            _ => None,
        }
    }

    /// All that is in no package yet.
    fn remaining(&self) -> Vec<ShippedLine> {
        let sent = |id: &str| {
            let lines = self.packages.iter().flat_map(|package| &package.lines);
            lines.filter(|line| line.line.as_str() == id).fold(0_u32, |sum, line| sum.saturating_add(line.quantity))
        };
        let left = |item: &wire::OrderItem| {
            let line: domain::LineId = item.order_item_id.as_deref()?.parse().ok()?;
            let ordered = item.quantity_ordered?.0;
            let unpacked = ordered.saturating_sub(sent(line.as_str()));
            let open = item.fulfillment.as_ref().and_then(|fulfillment| fulfillment.quantity_unfulfilled);
            let quantity = open.map_or(unpacked, |open| open.0.min(unpacked));
            (quantity > 0).then_some(ShippedLine { line, quantity })
        };
        self.order.order_items.iter().filter_map(left).collect()
    }
}

fn confirmation(
    seen: &Seen,
    reference: String,
    (carrier_code, carrier_name): (String, Option<String>),
    tracking: &Tracking,
    shipped_at: Timestamp,
    lines: &[ShippedLine],
) -> wire::ConfirmShipmentRequest {
    let item = |line: &ShippedLine| wire::ConfirmShipmentOrderItem {
        order_item_id: line.line.as_str().to_owned(),
        quantity: line.quantity,
    };
    wire::ConfirmShipmentRequest {
        marketplace_id: seen.marketplace_id.clone(),
        package_detail: wire::PackageDetail {
            package_reference_id: reference,
            carrier_code,
            carrier_name,
            tracking_number: tracking.number.trim().to_owned(),
            ship_date: map::stamp(shipped_at),
            order_items: lines.iter().map(item).collect(),
        },
    }
}

/// "Only positive numeric values are supported." Always the same for the same package, so that telling it twice edits it.
fn reference(key: &str) -> u32 {
    // FNV-1a, <https://datatracker.ietf.org/doc/draft-eastlake-fnv/>, kept within what any system takes for a number.
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash & 0x7fff_ffff).max(1)
}

/// The package's number, or the next one that no other package of the order has.
fn free_reference(key: &str, others: &[Shipment]) -> String {
    let mut number = reference(key);
    while others.iter().any(|other| other.remote_id.as_deref() == Some(number.to_string().as_str())) {
        number = (number % 0x7fff_ffff) + 1;
    }
    number.to_string()
}

fn numbered<'a>(packages: &'a [Shipment], number: &str) -> Option<&'a Shipment> {
    packages.iter().find(|package| package.tracking.as_ref().is_some_and(|tracking| tracking.normalised() == number))
}

fn plain(number: &str) -> String {
    Tracking { number: number.to_owned(), carrier: None }.normalised()
}

/// Each line once.
fn merged(lines: &[ShippedLine]) -> Vec<ShippedLine> {
    let mut merged: Vec<ShippedLine> = Vec::new();
    for line in lines.iter().filter(|line| line.quantity > 0) {
        match merged.iter_mut().find(|known| known.line == line.line) {
            Some(known) => known.quantity = known.quantity.saturating_add(line.quantity),
            None => merged.push(line.clone()),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_the_same_positive_number_for_ever() {
        assert_eq!(reference("t:1Z999AA1"), reference("t:1Z999AA1"));
        assert_ne!(reference("t:1Z999AA1"), reference("t:1Z999AA2"));
        for key in 0..10_000 {
            assert!((1..=0x7fff_ffff).contains(&reference(&format!("t:{key}"))));
        }
    }

    #[test]
    fn a_number_that_is_taken_is_passed_over() {
        let taken = |number: u32| Shipment {
            remote_id: Some(number.to_string()),
            tracking: None,
            shipped_at: None,
            lines: Vec::new(),
        };
        let first = reference("t:A");
        assert_eq!(free_reference("t:A", &[]), first.to_string());
        assert_eq!(free_reference("t:A", &[taken(first), taken(first + 1)]), (first + 2).to_string());
    }

    #[test]
    fn a_line_that_comes_twice_is_sent_once() {
        let line = |id: &str, quantity| ShippedLine { line: id.parse().unwrap(), quantity };
        assert_eq!(merged(&[line("1", 2), line("2", 0), line("1", 1)]), [line("1", 3)]);
    }
}
