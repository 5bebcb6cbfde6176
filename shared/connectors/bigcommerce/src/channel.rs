//! The store as a channel: its orders in, packages and quantities out.

use connect::{Account, ConnectError, ErrorKind, Incoming, Page, PageToken, ShipmentSent, Window};
use domain::shipment::{Package, Shipment, Tracking};
use domain::{ChannelOrder, ChannelOrderId};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::api::Api;
use crate::error::refused;
use crate::ids::order_number;
use crate::map_channel::{Extras, Needs, incoming, is_of_channel, read_wire};
use crate::packages::{self, LONGEST_NUMBER, LineNames};
use crate::paging::Shelves;
use crate::status::Status;
use crate::store::By;
use crate::{paging, store};

/// Orders on a page. Each may cost four calls more, and the smallest quota is 150 calls in 30 seconds.
const PAGE: &str = "25";

/// Checks the token by using it.
pub(crate) async fn account(api: &Api) -> Result<Account, ConnectError> {
    Ok(store::account(api, &api.store().await?))
}

pub(crate) async fn orders(
    api: &Api,
    by: By,
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<Incoming>, ConnectError> {
    let operation = "bigcommerce.orders";
    let read = paging::orders(api, operation, (by, window), (Shelves::Open, PAGE), page).await?;
    let mut items = Vec::with_capacity(read.items.len());
    for raw in &read.items {
        items.extend(one(api, raw, read.server_time).await?);
    }
    Ok(Page { items, next: read.next, server_time: read.server_time })
}

pub(crate) async fn order(api: &Api, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
    let operation = "bigcommerce.order";
    let read = api.raw_order(operation, order_number(operation, id.as_str())?).await?;
    one(api, &read.value, read.server_time).await?.ok_or_else(|| {
        let says = "This is no order of the store's own buyers: it was imported, or never placed.";
        refused(operation, ErrorKind::NotFound, says)
    })
}

/// `None`: no order of this channel.
async fn one(api: &Api, raw: &RawValue, server_time: Option<Timestamp>) -> Result<Option<Incoming>, ConnectError> {
    let bytes = raw.get().as_bytes();
    let mut order = match read_wire(bytes) {
        Ok(order) => order,
        Err(unreadable) => return Ok(Some(Incoming::Unreadable(unreadable))),
    };
    if !is_of_channel(&order) {
        return Ok(None);
    }
    api.complete_lines(&mut order).await?;
    let needs = Needs::of(&order);
    let mut extras = Extras { server_time, ..Extras::default() };
    if needs.taxes {
        extras.taxes = api.taxes(order.id).await?;
    }
    if needs.transactions {
        extras.transactions = api.transactions(order.id).await?;
    }
    if needs.refunds {
        extras.refunds = api.refunds(order.id).await?;
    }
    if needs.shipments {
        extras.shipments = api.shipments(order.id).await?;
    }
    Ok(Some(incoming(bytes, &order, &extras)))
}

/// Makes a shipment of the package. When nothing is left to send, the store completes the order by itself.
pub(crate) async fn ship(api: &Api, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
    let operation = "bigcommerce.ship";
    let refuse = |says: &str| Err(refused(operation, ErrorKind::InvalidOrder, says));
    let before = api.order(operation, order_number(operation, order.id.as_str())?).await?;
    if matches!(Status::of(&before), Status::Canceled | Status::Refunded) || before.is_deleted {
        return refuse("The order was cancelled, refunded or archived in the store: a package can no longer be added.");
    }
    if let Some(tracking) = &package.shipment.tracking {
        fits(operation, tracking)?;
    }
    let Some(new) = packages::new_shipment(&before, package, LineNames::Own) else {
        return refuse("The store has nothing left of this to send, or no address to send it to.");
    };
    let made = api.create_shipment(operation, before.id, &new).await?;
    Ok(ShipmentSent { remote_id: Some(made.id.to_string()) })
}

pub(crate) fn fits(operation: &'static str, tracking: &Tracking) -> Result<(), ConnectError> {
    if tracking.number.chars().count() <= LONGEST_NUMBER {
        return Ok(());
    }
    let says = format!("BigCommerce takes no tracking number of more than {LONGEST_NUMBER} characters.");
    Err(refused(operation, ErrorKind::InvalidOrder, says))
}

pub(crate) async fn shipments(api: &Api, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
    let operation = "bigcommerce.shipments";
    let order = api.order(operation, order_number(operation, order.as_str())?).await?;
    let made = api.shipments(order.id).await?;
    Ok(packages::shipments(&order, &made, LineNames::Own))
}

/// The shipment that is known by `before` gets the new number; one that has it already is left alone.
pub(crate) async fn edit_tracking(
    api: &Api,
    order: &ChannelOrderId,
    before: &str,
    tracking: &Tracking,
) -> Result<(), ConnectError> {
    let operation = "bigcommerce.edit_tracking";
    fits(operation, tracking)?;
    let number = order_number(operation, order.as_str())?;
    let plain = |number: &str| Tracking { number: number.to_owned(), carrier: None }.normalised();
    let made = api.shipments(number).await?;
    if let Some(shipment) = made.iter().find(|shipment| plain(&shipment.tracking_number) == plain(before)) {
        return api.update_shipment(number, shipment.id, &packages::changes(tracking)).await;
    }
    let is_there = made.iter().any(|shipment| plain(&shipment.tracking_number) == tracking.normalised());
    if is_there {
        return Ok(());
    }
    let says = "The store no longer has the package whose number changed: change it there.";
    Err(refused(operation, ErrorKind::NotFound, says))
}
