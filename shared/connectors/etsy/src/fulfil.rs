//! Packages: what is sent to Etsy, and what Etsy made of it.

use connect::{ConnectError, ErrorKind, Incoming, ShipmentSent};
use domain::shipment::Tracking;
use domain::{Cancel, ChannelOrder, ChannelOrderId, Fulfilment, Package, Shipment};

use crate::api::{self, Api};
use crate::carriers;
use crate::{map, wire};

const OPERATION: &str = "etsy.create_receipt_shipment";

/// The receipt's number. What is no number is no receipt, and must not reach another address.
pub fn receipt_id(order: &ChannelOrderId) -> Result<u64, ConnectError> {
    order.as_str().parse().map_err(|_| {
        ConnectError::new(ErrorKind::NotFound, "etsy.get_shop_receipt", "Etsy does not have this order (any more).")
            .without_effect()
            .with_context("no receipt id")
    })
}

pub async fn order(api: &Api, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
    map::single(&api.get_shop_receipt(receipt_id(id)?).await?, api.config.taxes)
}

async fn receipt(api: &Api, id: u64) -> Result<wire::ShopReceipt, ConnectError> {
    api::decode(&api.get_shop_receipt(id).await?)
}

/// Each package that is told sends the buyer an e-mail, so what Etsy has is asked for first.
pub async fn ship(api: &Api, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
    let refused = |kind, message| Err(ConnectError::new(kind, OPERATION, message).without_effect());
    let id = receipt_id(&order.id)?;
    let before = receipt(api, id).await?;
    if map::cancel(&before) == Cancel::Canceled {
        return refused(ErrorKind::InvalidOrder, "This order was canceled on Etsy, so Etsy takes no package for it.");
    }
    let Some(tracking) = &package.shipment.tracking else {
        if map::fulfilment(&before) == Fulfilment::Shipped {
            return refused(ErrorKind::AlreadyExists, "Etsy has this order as sent already.");
        }
        let after = api.create_receipt_shipment(id, &[]).await?;
        return if map::fulfilment(&after) == Fulfilment::Shipped {
            Ok(ShipmentSent { remote_id: None })
        } else {
            Err(not_kept("Etsy did not mark this order as sent."))
        };
    };
    let number = tracking.normalised();
    if number.is_empty() {
        return refused(ErrorKind::InvalidOrder, "Etsy accepts tracking numbers of letters and digits only.");
    }
    if let Some(known) = find(&before, &number) {
        return Ok(ShipmentSent { remote_id: known.remote_id });
    }
    let carrier = carriers::code(tracking.carrier.as_deref());
    let form = [("tracking_code", number.as_str()), ("carrier_name", carrier)];
    let after = api.create_receipt_shipment(id, &form).await?;
    // https://github.com/etsy/open-api/issues/135: a carrier that it does not know leaves the number out.
    let kept = find(&after, &number).ok_or_else(|| {
        not_kept("Etsy marked this order as sent but did not keep the tracking number. Add it on Etsy.")
    })?;
    Ok(ShipmentSent { remote_id: kept.remote_id })
}

/// What Etsy answered says for certain that it does not have the package: telling it again would only mail the buyer again.
fn not_kept(message: &str) -> ConnectError {
    ConnectError::new(ErrorKind::InvalidOrder, OPERATION, message).without_effect().with_context("not in the answer")
}

fn find(receipt: &wire::ShopReceipt, number: &str) -> Option<Shipment> {
    let is_it = |shipment: &Shipment| shipment.tracking.as_ref().map(Tracking::normalised).as_deref() == Some(number);
    map::shipments(receipt).into_iter().find(is_it)
}

pub async fn shipments(api: &Api, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
    Ok(map::shipments(&receipt(api, receipt_id(order)?).await?))
}
