//! Packages written to Shopify, as the channel and as the main store.
//!
//! <https://shopify.dev/docs/apps/build/orders-fulfillment/order-management-apps/build-fulfillment-solutions>

use std::collections::BTreeMap;

use connect::{ConnectError, ErrorKind, ShipmentSent};
use domain::readback::{StoreOrder, StoreOrderState};
use domain::shipment::{Package, Shipment, ShippedLine, Tracking};
use domain::{ChannelOrder, ChannelOrderId, StoreOrderId};

use crate::api::Api;
use crate::body::{FulfillmentInput, FulfillmentOrderInput, TrackingInput, Units};
use crate::draft::NOTIFY;
use crate::error::{after_write, refused};
use crate::ids::{number, order_gid};
use crate::map_store::{channel_line, goods, store_order};
use crate::packages::{self, LineNames, Note};
use crate::store::{read_back, stay_or_refuse};
use crate::wire::{self, attribute};

const OPERATION: &str = "shopify.ship";

/// Units by Shopify's own lines.
type Held = BTreeMap<String, u32>;

/// Tells the channel of a package.
pub(crate) async fn as_channel(
    api: &Api,
    order: &ChannelOrder,
    package: &Package,
) -> Result<ShipmentSent, ConnectError> {
    let before = api.order_to_ship(&order_gid(OPERATION, order.id.as_str())?).await?;
    if before.cancelled_at.is_some() {
        let says = "The order was canceled in Shopify: a package can no longer be added.";
        return Err(refused(OPERATION, ErrorKind::InvalidOrder, says));
    }
    let wanted = match &package.shipment.lines[..] {
        [] => left(&before),
        lines => lines.iter().map(|line| (line.line.to_string(), line.quantity)).collect(),
    };
    let remote = fulfil(api, &before, &wanted, package.shipment.tracking.as_ref(), false).await?;
    Ok(ShipmentSent { remote_id: remote.map(|id| number(&id).to_owned()) })
}

/// The packages that Shopify knows of an order.
pub(crate) async fn shipments(api: &Api, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
    let operation = "shopify.shipments";
    let read = api.order(&order_gid(operation, order.as_str())?).await?;
    let order = crate::map_channel::read_wire(read.value.get().as_bytes()).map_err(|unreadable| {
        ConnectError::new(ErrorKind::Decode, operation, unreadable.why)
            .with_context(unreadable.context)
            .without_effect()
    })?;
    Ok(packages::shipments(&order, LineNames::Own))
}

/// Changes the tracking of a package that Shopify has.
pub(crate) async fn edit_tracking(
    api: &Api,
    order: &ChannelOrderId,
    before: &str,
    tracking: &Tracking,
) -> Result<(), ConnectError> {
    let operation = "shopify.edit_tracking";
    let order = api.order_to_ship(&order_gid(operation, order.as_str())?).await?;
    let plain = |number: &str| Tracking { number: number.to_owned(), carrier: None }.normalised();
    let bears = |wanted: &str| {
        let mut all = packages::made(&order).into_iter().map(|(fulfillment, _)| fulfillment);
        let is_it =
            |one: &wire::Fulfillment| packages::tracking(one).is_some_and(|known| known.normalised() == plain(wanted));
        all.find(|one| is_it(one))
    };
    if bears(&tracking.number).is_some() {
        return Ok(());
    }
    let Some(known) = bears(before) else {
        return Err(refused(operation, ErrorKind::NotFound, "Shopify has no package under the number before."));
    };
    api.fulfillment_tracking_info_update(&known.id, &input(tracking)).await
}

/// Writes a package on the main store's order. What is there already is not written again.
pub(crate) async fn as_store(
    api: &Api,
    id: &StoreOrderId,
    package: &Package,
    completes: bool,
) -> Result<StoreOrder, ConnectError> {
    let before = api.order_to_ship(&order_gid(OPERATION, id.as_str())?).await?;
    let state = read_back(OPERATION, &before).map_err(ConnectError::without_effect)?;
    if matches!(state.state, StoreOrderState::Canceled | StoreOrderState::Refunded) {
        return stay_or_refuse(OPERATION, state, StoreOrderState::Completed);
    }
    let notify = attribute(&before.custom_attributes, NOTIFY).is_some();
    let order = write(api, before, package, notify).await?;
    let order = if completes { complete_rest(api, order).await? } else { order };
    store_order(&order).map_err(|why| unreadable(&why))
}

/// Completes the main store's order without a package of its own.
pub(crate) async fn complete(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    let operation = "shopify.complete";
    let before = api.order_to_ship(&order_gid(operation, id.as_str())?).await?;
    let state = read_back(operation, &before).map_err(ConnectError::without_effect)?;
    if state.state != StoreOrderState::Open {
        return stay_or_refuse(operation, state, StoreOrderState::Completed);
    }
    let order = complete_rest(api, before).await?;
    store_order(&order).map_err(|why| unreadable(&why))
}

fn unreadable(why: &str) -> ConnectError {
    ConnectError::new(ErrorKind::Decode, OPERATION, "Shopify answered with an order that could not be read.")
        .with_context(why)
}

async fn write(api: &Api, before: wire::Order, package: &Package, notify: bool) -> Result<wire::Order, ConnectError> {
    let shipment = &package.shipment;
    let wanted = match &shipment.lines[..] {
        [] => left(&before),
        lines => own_units(&before, lines),
    };
    let Some(tracking) = &shipment.tracking else {
        let rest = shipment.lines.is_empty();
        let note = Note { id: shipment.remote_id.clone(), lines: wanted, rest, completes: false };
        return noted(api, before, note, notify).await;
    };
    let same = |known: &Tracking| known.normalised() == tracking.normalised();
    let is_there = packages::made(&before).iter().any(|(one, _)| packages::tracking(one).as_ref().is_some_and(same));
    if is_there {
        return Ok(before);
    }
    fulfil(api, &before, &wanted, Some(tracking), notify).await?;
    again(api, &before).await
}

/// Fulfils whatever is left, as something that is no package.
async fn complete_rest(api: &Api, before: wire::Order) -> Result<wire::Order, ConnectError> {
    let lines = left(&before);
    if lines.is_empty() {
        return Ok(before);
    }
    noted(api, before, Note { id: None, lines, rest: true, completes: true }, false).await
}

/// Notes the package first and makes it then, so that a later look knows whether it was made.
async fn noted(api: &Api, before: wire::Order, note: Note, notify: bool) -> Result<wire::Order, ConnectError> {
    let made = packages::made(&before);
    if made.iter().any(|(_, known)| known.as_ref().is_some_and(|known| known.is_same(&note))) || note.lines.is_empty() {
        return Ok(before);
    }
    let mut notes: Vec<Note> = made.into_iter().filter_map(|(_, known)| known).collect();
    notes.push(note.clone());
    if packages::notes(&before) != notes {
        let text = serde_json::to_string(&notes)
            .map_err(|_| refused(OPERATION, ErrorKind::Unexpected, "Tributary could not write this request."))?;
        api.metafield_set(&before.id, packages::KEY, "json", &text).await?;
    }
    fulfil(api, &before, &note.lines, None, notify).await?;
    again(api, &before).await
}

/// The order as it is after it was written to: what is not known now may have happened.
async fn again(api: &Api, before: &wire::Order) -> Result<wire::Order, ConnectError> {
    api.order_to_ship(&before.id).await.map_err(after_write)
}

/// What may still be fulfilled, fees included.
fn left(order: &wire::Order) -> Held {
    let mut left = Held::new();
    for item in open(order).flat_map(|one| &one.line_items.nodes).filter(|item| item.remaining_quantity > 0) {
        *left.entry(number(&item.line_item.id).to_owned()).or_insert(0) += item.remaining_quantity;
    }
    left
}

/// Those that can be fulfilled now: <https://shopify.dev/docs/api/admin-graphql/2026-10/enums/FulfillmentOrderStatus>.
fn open(order: &wire::Order) -> impl Iterator<Item = &wire::FulfillmentOrder> {
    let all = order.fulfillment_orders.iter().flat_map(|all| &all.nodes);
    all.filter(|one| matches!(one.status.as_str(), "OPEN" | "IN_PROGRESS"))
}

/// The units of the channel's lines on the store's own: a line that stands as two is filled from the first on, each product of
/// a bundle in the package's proportion.
fn own_units(order: &wire::Order, lines: &[ShippedLine]) -> Held {
    let free = left(order);
    let mut wanted = Held::new();
    for line in lines {
        let mut open: BTreeMap<Option<&str>, u32> = BTreeMap::new();
        let own: Vec<_> = goods(order).filter(|item| channel_line(item).as_ref() == Some(&line.line)).collect();
        for item in own {
            let product = item.variant.as_ref().map(|variant| variant.id.as_str());
            let want = open.entry(product).or_insert(line.quantity);
            let here = (*want).min(free.get(number(&item.id)).copied().unwrap_or(0));
            *want -= here;
            if here > 0 {
                *wanted.entry(number(&item.id).to_owned()).or_insert(0) += here;
            }
        }
    }
    wanted
}

/// Makes the fulfilments: one, or one for each location that the goods lie at. Answers with the first one's id.
async fn fulfil(
    api: &Api,
    order: &wire::Order,
    wanted: &Held,
    tracking: Option<&Tracking>,
    notify_customer: bool,
) -> Result<Option<String>, ConnectError> {
    let mut first = None;
    for line_items_by_fulfillment_order in by_location(order, wanted)? {
        let tracking_info = tracking.map(input);
        let new = FulfillmentInput { notify_customer, tracking_info, line_items_by_fulfillment_order };
        let made = api.fulfillment_create(&new).await;
        let made = if first.is_some() { made.map_err(after_write)? } else { made? };
        first.get_or_insert(made);
    }
    Ok(first)
}

fn input(tracking: &Tracking) -> TrackingInput {
    TrackingInput { number: tracking.number.clone(), company: tracking.carrier.clone().filter(|name| !name.is_empty()) }
}

/// The wanted units in the fulfilment orders that can give them, one list for each location.
fn by_location(order: &wire::Order, wanted: &Held) -> Result<Vec<Vec<FulfillmentOrderInput>>, ConnectError> {
    let mut open_units = wanted.clone();
    let mut places: Vec<(Option<&str>, Vec<FulfillmentOrderInput>)> = Vec::new();
    for one in open(order) {
        let mut items = Vec::new();
        for item in &one.line_items.nodes {
            let Some(want) = open_units.get_mut(number(&item.line_item.id)) else { continue };
            let quantity = (*want).min(item.remaining_quantity);
            *want -= quantity;
            if quantity > 0 {
                items.push(Units { id: item.id.clone(), quantity });
            }
        }
        if items.is_empty() {
            continue;
        }
        let location = one.assigned_location.location.as_ref().map(|location| location.id.as_str());
        let input = FulfillmentOrderInput { fulfillment_order_id: one.id.clone(), fulfillment_order_line_items: items };
        match places.iter_mut().find(|(known, _)| *known == location) {
            Some((_, inputs)) => inputs.push(input),
            None => places.push((location, vec![input])),
        }
    }
    if wanted.is_empty() || open_units.values().any(|units| *units > 0) {
        let says = "Shopify has fewer units left to ship, or holds them back: look at the order's fulfilments there.";
        return Err(refused(OPERATION, ErrorKind::InvalidOrder, says));
    }
    Ok(places.into_iter().map(|(_, inputs)| inputs).collect())
}
