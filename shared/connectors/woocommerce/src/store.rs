//! The shop as the main store: what each use needs to read before it writes, so that repeating changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use connect::{Account, ConnectError, ErrorKind, Found, Page, PageToken, StoreChange, StoreProfile, Window};
use domain::draft::StoreOrderDraft;
use domain::readback::{StoreOrder, StoreOrderState};
use domain::shipment::Package;
use domain::{Money, Reference, StoreOrderId};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::api::Api;
use crate::body::OrderChanges;
use crate::config::{CREATED_VIA, HONOURED, IGNORED, Lookup, UNPROVED};
use crate::error::refused;
use crate::ids::order_number;
use crate::map_store::{self, is_draft, store_order};
use crate::paging::{OrdersPosition, Shelf, every_order};
use crate::{channel, people, wire};

/// What [`store_order`] reads; the shop leaves the rest away.
const FIELDS: &str =
    "id,number,status,currency,total,date_created_gmt,date_modified_gmt,date_paid_gmt,created_via,meta_data,line_items";
/// References in one look-up: `created_via` takes a list.
const REFERENCES: usize = 20;
/// No order has this for a reference, so a shop that filters by it answers with nothing.
const IMPOSSIBLE: &str = "trib-probe-no-such-order";

pub(crate) fn account(api: &Api) -> Account {
    Account { id: api.config.site.account.clone(), name: api.config.site.address.clone() }
}

pub(crate) async fn profile(api: &Api) -> Result<StoreProfile, ConnectError> {
    let currency = api.currency().await?;
    let currency = currency.code.parse().map_err(|_| {
        ConnectError::new(
            ErrorKind::ConfigInvalid,
            "woocommerce.currency",
            "The shop's currency is not an ISO 4217 one.",
        )
        .without_effect()
    })?;
    let probed = BTreeMap::from([(CREATED_VIA.to_owned(), probe_created_via(api).await?.to_owned())]);
    Ok(StoreProfile { account: account(api), currency, probed })
}

/// An impossible reference must find nothing, in a shop that has something to find.
async fn probe_created_via(api: &Api) -> Result<&'static str, ConnectError> {
    let any = [("status", "any"), ("per_page", "1"), ("_fields", "id")];
    let filtered = [any[0], any[1], any[2], ("created_via", IMPOSSIBLE)];
    if !api.list_orders("woocommerce.probe", &filtered, 1).await?.items.is_empty() {
        return Ok(IGNORED);
    }
    let has_orders = !api.list_orders("woocommerce.probe", &any, 1).await?.items.is_empty();
    Ok(if has_orders { HONOURED } else { UNPROVED })
}

pub(crate) async fn create_order(api: &Api, draft: &StoreOrderDraft) -> Result<StoreOrder, ConnectError> {
    let operation = "woocommerce.create_order";
    let body = map_store::new_order(operation, draft, people::customer(api, draft).await)?;
    let made = api.create_order(&body).await?;
    if api.config.lookup == Lookup::ByCreatedVia && made.created_via != draft.reference.to_string() {
        tracing::warn!(order.id = made.id, "the shop did not keep our reference on order {}: reconnect it", made.id);
    }
    read_back(operation, &made)
}

/// What [`create_order`] sends for a guest: the same body, written by the same serializer. A customer is looked up only then.
pub(crate) fn preview(draft: &StoreOrderDraft) -> Result<String, ConnectError> {
    let operation = "woocommerce.preview";
    serde_json::to_string(&map_store::new_order(operation, draft, None)?)
        .map_err(|_| refused(operation, ErrorKind::Unexpected, "Tributary could not write this request."))
}

pub(crate) fn read_back(operation: &'static str, order: &wire::Order) -> Result<StoreOrder, ConnectError> {
    store_order(order).map_err(|why| {
        ConnectError::new(ErrorKind::Decode, operation, "The shop answered with an order that could not be read.")
            .with_context(format!("order {}: {why}", order.id))
    })
}

/// Every order that carries one of the references, the trash included; an order that was never finished is none.
pub(crate) async fn find_by_reference(
    api: &Api,
    references: &[Reference],
    since: Timestamp,
) -> Result<Found, ConnectError> {
    let wanted: BTreeSet<Reference> = references.iter().copied().collect();
    let mut found = BTreeMap::new();
    let mut server_time = None;
    match api.config.lookup {
        Lookup::ByCreatedVia => {
            let all: Vec<String> = wanted.iter().map(Reference::to_string).collect();
            for some in all.chunks(REFERENCES) {
                let filter = [("created_via", some.join(","))];
                server_time = look_up(api, &filter, &wanted, &mut found).await?;
            }
        }
        Lookup::ByListing if wanted.is_empty() => {}
        Lookup::ByListing => {
            // `after` is strict and counts whole seconds.
            let after = [("after", bare_gmt(since, Rounding::Down)), ("dates_are_gmt", "true".to_owned())];
            server_time = look_up(api, &after, &wanted, &mut found).await?;
        }
    }
    Ok(Found { orders: found.into_values().collect(), server_time })
}

async fn look_up(
    api: &Api,
    filter: &[(&str, String)],
    wanted: &BTreeSet<Reference>,
    found: &mut BTreeMap<u64, StoreOrder>,
) -> Result<Option<Timestamp>, ConnectError> {
    let operation = "woocommerce.find_by_reference";
    let mut server_time = None;
    for shelf in Shelf::ALL {
        let mut query = vec![
            ("status", shelf.status()),
            ("orderby", "id"),
            ("order", "asc"),
            ("per_page", "100"),
            ("_fields", FIELDS),
        ];
        query.extend(filter.iter().map(|(name, value)| (*name, value.as_str())));
        let read = every_order(api, operation, &query).await?;
        server_time = read.server_time.or(server_time);
        for raw in read.value {
            let Some(order) = readable(&raw) else { continue };
            let is_wanted = map_store::reference(&order).is_some_and(|reference| wanted.contains(&reference));
            if is_wanted && !is_draft(&order) {
                found.insert(order.id, read_back(operation, &order)?);
            }
        }
    }
    Ok(server_time)
}

/// An order of somebody else that cannot be read concerns nobody here; one of ours can be read.
fn readable(raw: &RawValue) -> Option<wire::Order> {
    match crate::map_channel::read_wire(raw.get().as_bytes()) {
        Ok(order) => Some(order),
        Err(unreadable) => {
            let id = unreadable.remote_id.unwrap_or_default();
            tracing::warn!(order.id = %id, "order `{id}` of the shop cannot be read: {}", unreadable.context);
            None
        }
    }
}

pub(crate) async fn order(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    let operation = "woocommerce.order";
    read_back(operation, &api.order(order_number(operation, id.as_str())?).await?).map_err(ConnectError::without_effect)
}

pub(crate) async fn changes(
    api: &Api,
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<StoreChange>, ConnectError> {
    let operation = "woocommerce.changes";
    let at = OrdersPosition::parse(operation, page)?;
    let read = orders_of(api, operation, (By::Modified, window), at, Some(FIELDS)).await?;
    let items = read.items.iter().filter_map(|raw| {
        let order = readable(raw).filter(|order| !is_draft(order))?;
        match store_order(&order) {
            Ok(order) => Some(StoreChange::from(order)),
            Err(why) => {
                tracing::warn!(order.id = order.id, "order {} of the shop cannot be read: {why}", order.id);
                None
            }
        }
    });
    Ok(Page { items: items.collect(), next: at.next(read.pages), server_time: read.server_time })
}

/// Which date of an order a window is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Modified,
    Created,
}

/// One page of the orders modified (or created) in a window, whatever their status.
pub(crate) async fn orders_of(
    api: &Api,
    operation: &'static str,
    (by, window): (By, &Window),
    at: OrdersPosition,
    fields: Option<&str>,
) -> Result<crate::api::RawPage, ConnectError> {
    let (first, last) = match by {
        By::Modified => ("modified_after", "modified_before"),
        By::Created => ("after", "before"),
    };
    let (after, before) = (bare_gmt(window.from, Rounding::Down), bare_gmt(window.to, Rounding::Up));
    let mut query = vec![
        ("status", at.shelf.status()),
        (first, after.as_str()),
        (last, before.as_str()),
        ("dates_are_gmt", "true"),
        ("orderby", "id"),
        ("order", "asc"),
        ("per_page", "100"),
    ];
    query.extend(fields.map(|fields| ("_fields", fields)));
    api.list_orders(operation, &query, at.position.number()).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Down,
    Up,
}

/// A moment for a filter that is strict and counts whole seconds: one second earlier for a beginning, the next whole
/// one for an end. GMT without a zone, beside `dates_are_gmt=true`: the one spelling that is right in every shop (75z).
fn bare_gmt(at: Timestamp, rounding: Rounding) -> String {
    let whole = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
    let second = match rounding {
        Rounding::Down => whole - 1,
        Rounding::Up => whole + i64::from(at.subsec_nanosecond() != 0),
    };
    Timestamp::from_second(second).unwrap_or(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Sets the status of an order that waits for its money. The shop's books hold no amount paid, so none is sent.
pub(crate) async fn mark_paid(api: &Api, id: &StoreOrderId, _paid_total: Money) -> Result<StoreOrder, ConnectError> {
    let operation = "woocommerce.mark_paid";
    let order = api.order(order_number(operation, id.as_str())?).await?;
    let waits = matches!(order.status.as_str(), "pending" | "on-hold" | "failed");
    let read = read_back(operation, &order).map_err(ConnectError::without_effect)?;
    match read.state {
        StoreOrderState::Open if waits || !read.paid => set_status(api, operation, order.id, "processing").await,
        StoreOrderState::Open => Ok(read),
        _ => stay_or_refuse(operation, read, StoreOrderState::Completed),
    }
}

pub(crate) async fn complete(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    end(api, "woocommerce.complete", id, StoreOrderState::Completed, "completed").await
}

pub(crate) async fn cancel(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    let operation = "woocommerce.cancel";
    let order = api.order(order_number(operation, id.as_str())?).await?;
    match order.status.as_str() {
        // What is in the trash, or was paid back, is over already.
        "cancelled" | "refunded" | "trash" => read_back(operation, &order).map_err(ConnectError::without_effect),
        _ => set_status(api, operation, order.id, "cancelled").await,
    }
}

async fn end(
    api: &Api,
    operation: &'static str,
    id: &StoreOrderId,
    wanted: StoreOrderState,
    status: &'static str,
) -> Result<StoreOrder, ConnectError> {
    let order = read_back(operation, &api.order(order_number(operation, id.as_str())?).await?)
        .map_err(ConnectError::without_effect)?;
    if order.state == StoreOrderState::Open {
        return set_status(api, operation, order_number(operation, id.as_str())?, status).await;
    }
    stay_or_refuse(operation, order, wanted)
}

/// The shop would take every status after every other, and revive what is in the trash (captures 71 to 73, 78c).
fn stay_or_refuse(
    operation: &'static str,
    order: StoreOrder,
    wanted: StoreOrderState,
) -> Result<StoreOrder, ConnectError> {
    if order.state == wanted {
        return Ok(order);
    }
    let is = match order.state {
        StoreOrderState::Completed => "completed",
        StoreOrderState::Canceled => "cancelled",
        StoreOrderState::Refunded => "refunded",
        StoreOrderState::Trashed => "in the trash",
        StoreOrderState::Open => "open",
    };
    Err(refused(operation, ErrorKind::InvalidOrder, format!("The order is {is} in the shop already: change it there.")))
}

async fn set_status(
    api: &Api,
    operation: &'static str,
    id: u64,
    status: &'static str,
) -> Result<StoreOrder, ConnectError> {
    let changes = OrderChanges { status: Some(status), ..OrderChanges::default() };
    read_back(operation, &api.update_order(operation, id, &changes).await?)
}

pub(crate) async fn ship(
    api: &Api,
    id: &StoreOrderId,
    package: &Package,
    completes: bool,
) -> Result<StoreOrder, ConnectError> {
    let operation = "woocommerce.ship";
    let before = api.order(order_number(operation, id.as_str())?).await?;
    let state = read_back(operation, &before).map_err(ConnectError::without_effect)?;
    let done = matches!(state.state, StoreOrderState::Open | StoreOrderState::Completed);
    if completes && !done {
        return stay_or_refuse(operation, state, StoreOrderState::Completed);
    }
    let status = (completes && state.state == StoreOrderState::Open).then_some("completed");
    let after = channel::write_package(api, operation, &before, package, status).await?;
    after.map_or(Ok(state), |after| read_back(operation, &after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_asked_for_in_whole_seconds_and_never_too_narrow() {
        let at = |text: &str, rounding| bare_gmt(text.parse().unwrap(), rounding);
        assert_eq!(at("2026-11-21T20:59:03Z", Rounding::Down), "2026-11-21T20:59:02");
        assert_eq!(at("2026-11-21T20:59:03.9Z", Rounding::Down), "2026-11-21T20:59:02");
        assert_eq!(at("2026-11-21T20:59:03Z", Rounding::Up), "2026-11-21T20:59:03");
        assert_eq!(at("2026-11-21T20:59:03.1Z", Rounding::Up), "2026-11-21T20:59:04");
        assert_eq!(at("2026-11-21T23:59:59+02:00", Rounding::Down), "2026-11-21T21:59:58");
    }
}
