//! The packages that Amazon shows of an order.

use domain::shipment::{ShippedLine, Tracking};
use domain::{LineId, Shipment};

use super::people::text;
use super::{Problem, time};
use crate::wire::orders as wire;

/// Those that were not taken back. "Only available for merchant-fulfilled (FBM) orders."
pub fn shipments(order: &wire::Order) -> Result<Vec<Shipment>, Problem> {
    order.packages.iter().filter(|package| !is_canceled(package)).map(shipment).collect()
}

pub fn is_canceled(package: &wire::OrderPackage) -> bool {
    let status = package.package_status.as_ref().and_then(|status| status.status.as_deref());
    status == Some("CANCELLED")
}

fn shipment(package: &wire::OrderPackage) -> Result<Shipment, Problem> {
    let number = package.tracking_number.as_ref().and_then(|number| text(Some(&number.0)));
    let line = |item: &wire::PackageItem| -> Result<ShippedLine, Problem> {
        let id = item.order_item_id.as_deref().ok_or(Problem::Missing("packages.packageItems.orderItemId"))?;
        let quantity = item.quantity.ok_or(Problem::Missing("packages.packageItems.quantity"))?.0;
        Ok(ShippedLine { line: LineId::new(id)?, quantity })
    };
    Ok(Shipment {
        remote_id: package.package_reference_id.as_ref().and_then(|id| text(Some(&id.0))),
        tracking: number.map(|number| Tracking { number, carrier: text(package.carrier.as_deref()) }),
        shipped_at: time(package.ship_time.as_deref()),
        lines: package.package_items.iter().map(line).collect::<Result<_, _>>()?,
    })
}
