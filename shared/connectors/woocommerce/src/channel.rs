//! The shop as a channel: its orders in, packages and quantities out.

use connect::{Account, ConnectError, ErrorKind, Incoming, Page, PageToken, ShipmentSent, Window};
use domain::shipment::{Package, Shipment};
use domain::{ChannelOrder, ChannelOrderId};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::api::Api;
use crate::body::OrderChanges;
use crate::error::refused;
use crate::ids::order_number;
use crate::map_channel::{incoming, read_wire};
use crate::paging::OrdersPosition;
use crate::{store, tracking, wire};

/// Checks the key by using it.
pub(crate) async fn account(api: &Api) -> Result<Account, ConnectError> {
    api.list_orders("woocommerce.account", &[("per_page", "1"), ("_fields", "id")], 1).await?;
    Ok(store::account(api))
}

pub(crate) async fn orders(
    api: &Api,
    by: store::By,
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<Incoming>, ConnectError> {
    let operation = "woocommerce.orders";
    let at = OrdersPosition::parse(operation, page)?;
    let read = store::orders_of(api, operation, (by, window), at, None).await?;
    let mut items = Vec::with_capacity(read.items.len());
    for raw in &read.items {
        items.extend(one(api, raw, read.server_time).await?);
    }
    Ok(Page { items, next: at.next(read.pages), server_time: read.server_time })
}

pub(crate) async fn order(api: &Api, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
    let operation = "woocommerce.order";
    let read = api.raw_order(order_number(operation, id.as_str())?).await?;
    one(api, &read.value, read.server_time).await?.ok_or_else(|| {
        refused(
            operation,
            ErrorKind::NotFound,
            "This is no order of the shop's own buyers: it was imported, or never placed.",
        )
    })
}

/// The order lists its refunds as amounts; which lines and units they are is asked for where there are any.
async fn one(api: &Api, raw: &RawValue, server_time: Option<Timestamp>) -> Result<Option<Incoming>, ConnectError> {
    let read = incoming(raw, None, server_time);
    let Some(Incoming::Order(order)) = &read else { return Ok(read) };
    if order.refunds.is_empty() {
        return Ok(read);
    }
    let refunds = api.refunds(order_number("woocommerce.refunds", order.id.as_str())?).await?;
    Ok(incoming(raw, Some(&refunds), server_time))
}

/// Writes the package on the shop's order, and completes the order when nothing is left to send.
pub(crate) async fn ship(api: &Api, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
    let operation = "woocommerce.ship";
    let before = api.order(order_number(operation, order.id.as_str())?).await?;
    if matches!(before.status.as_str(), "cancelled" | "refunded" | "trash") {
        let says = "The order was cancelled, refunded or deleted in the shop: a package can no longer be added.";
        return Err(refused(operation, ErrorKind::InvalidOrder, says));
    }
    let mut known = tracking::shipments(&before, tracking::LineNames::Own);
    known.push(package.shipment.clone());
    let completes = before.status != "completed" && holds_everything(&before, &known);
    write_package(api, operation, &before, package, completes.then_some("completed")).await?;
    Ok(ShipmentSent { remote_id: package.shipment.tracking.is_some().then(|| tracking::remote_id(package)) })
}

/// A package without lines holds all that is left.
fn holds_everything(order: &wire::Order, packages: &[Shipment]) -> bool {
    let sent = |id: &str| -> u32 {
        packages
            .iter()
            .flat_map(|package| &package.lines)
            .filter(|line| line.line.as_str() == id)
            .map(|line| line.quantity)
            .sum()
    };
    let enough = |line: &wire::LineItem| rust_decimal::Decimal::from(sent(&line.id.to_string())) >= line.quantity.0;
    packages.iter().any(|package| package.lines.is_empty()) || order.line_items.iter().all(enough)
}

pub(crate) async fn shipments(api: &Api, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
    let operation = "woocommerce.shipments";
    let read = api.raw_order(order_number(operation, order.as_str())?).await?;
    let order = read_wire(read.value.get().as_bytes()).map_err(|unreadable| {
        ConnectError::new(ErrorKind::Decode, operation, unreadable.why)
            .with_context(unreadable.context)
            .without_effect()
    })?;
    Ok(tracking::shipments(&order, tracking::LineNames::Own))
}

/// Metas and status in one call, with absolute values; then the note. What is there already is not written again.
/// Answers with the order where it was changed.
pub(crate) async fn write_package(
    api: &Api,
    operation: &'static str,
    before: &wire::Order,
    package: &Package,
    status: Option<&'static str>,
) -> Result<Option<wire::Order>, ConnectError> {
    let is_new = !tracking::holds(before, package);
    let items = is_new.then(|| tracking::items_with(before, package, Timestamp::now()));
    let changes = OrderChanges { status, meta_data: items.into_iter().collect() };
    let after = if changes.status.is_some() || !changes.meta_data.is_empty() {
        Some(api.update_order(operation, before.id, &changes).await?)
    } else {
        None
    };
    // Had the metas been written before, the note may be there as well.
    let noted = !is_new && tracking::is_noted(&api.notes(before.id).await?, package);
    if !noted {
        api.create_note(before.id, &tracking::note(package)).await?;
    }
    Ok(after)
}
