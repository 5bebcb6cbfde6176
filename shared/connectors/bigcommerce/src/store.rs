//! The store as the main store: what each use needs to read before it writes, so that repeating changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use connect::{Account, ConnectError, ErrorKind, Found, Page, PageToken, StoreChange, StoreProfile, Window};
use domain::draft::StoreOrderDraft;
use domain::readback::{StoreOrder, StoreOrderState};
use domain::shipment::Package;
use domain::{Money, Reference, StoreOrderId};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::api::{Api, Query, WHOLE};
use crate::body::OrderChanges;
use crate::config::{CURRENCIES, RESTOCKS, STOCK};
use crate::error::refused;
use crate::ids::order_number;
use crate::map_channel::read_wire;
use crate::map_store::{self, reference, state, store_order};
use crate::packages::{self, LineNames};
use crate::paging::{self, Rounding, Shelf, Shelves};
use crate::status::{self, Status};
use crate::{channel, wire};

/// Changed orders on a page. Each of ours that was sent costs one call more.
const PAGE: &str = "50";
/// Orders on a page of a look-up.
const LOOKED_THROUGH: &str = "100";
/// Up to so many references are asked for one by one; for more, the orders since the attempt are looked through.
const ASKED_ONE_BY_ONE: usize = 5;

pub(crate) fn account(api: &Api, store: &wire::StoreInformation) -> Account {
    let names = [&store.name, &store.domain, &store.id];
    let name = names.into_iter().find(|name| !name.trim().is_empty()).cloned().unwrap_or_default();
    Account { id: api.config.account.clone(), name }
}

pub(crate) async fn profile(api: &Api) -> Result<StoreProfile, ConnectError> {
    let store = api.store().await?;
    let currency = store.currency.trim().parse().map_err(|_| {
        refused("bigcommerce.store", ErrorKind::ConfigInvalid, "The store's currency is not an ISO 4217 one.")
    })?;
    let settings = api.inventory_settings().await?;
    let mut currencies: BTreeSet<String> = BTreeSet::from([store.currency.trim().to_owned()]);
    let paid_in = api.currencies().await?.into_iter().filter(|known| known.enabled && known.is_transactional);
    currencies.extend(paid_in.map(|known| known.code));
    let restocks = if settings.refund_order_stock_adjustment { "yes" } else { "no" };
    let probed = [
        (STOCK, settings.update_stock_behavior),
        (RESTOCKS, restocks.to_owned()),
        (CURRENCIES, currencies.into_iter().collect::<Vec<_>>().join(",")),
    ];
    let probed = probed.map(|(name, fact)| (name.to_owned(), fact)).into_iter().collect();
    Ok(StoreProfile { account: account(api, &store), currency, probed })
}

pub(crate) async fn create_order(api: &Api, draft: &StoreOrderDraft) -> Result<StoreOrder, ConnectError> {
    let operation = "bigcommerce.create_order";
    let mut new = map_store::new_order(operation, &api.config, draft, 0)?;
    new.customer_id = customer(api, draft).await?;
    let mut made = api.create_order(&new).await?;
    // From here on it is there: what cannot be read any more leaves that in doubt.
    api.complete_lines(&mut made).await.map_err(in_doubt)?;
    read_back(operation, api, &made, &[])
}

/// An order as it is after a write that went through: what cannot be read now leaves its outcome in doubt.
pub(crate) async fn afterwards(api: &Api, operation: &'static str, id: &StoreOrderId) -> Result<Seen, ConnectError> {
    Seen::of(api, operation, id).await.map_err(in_doubt)
}

const fn in_doubt(mut error: ConnectError) -> ConnectError {
    error.effect = connect::Effect::Possible;
    error
}

/// What [`create_order`] sends, for a guest: the same body, written by the same serializer.
pub(crate) fn preview(api: &Api, draft: &StoreOrderDraft) -> Result<String, ConnectError> {
    let operation = "bigcommerce.preview";
    serde_json::to_string(&map_store::new_order(operation, &api.config, draft, 0)?)
        .map_err(|_| refused(operation, ErrorKind::Unexpected, "Tributary could not write this request."))
}

/// R15: a guest (0), unless the owner wants customers matched and one has the buyer's real e-mail address.
async fn customer(api: &Api, draft: &StoreOrderDraft) -> Result<u64, ConnectError> {
    let email = draft.email.as_deref().map(str::trim).filter(|email| email.contains('@') && !email.contains(','));
    let Some(email) = email.filter(|_| api.config.match_customers && !draft.email_is_relay) else { return Ok(0) };
    let found = api.customers(email).await?;
    let mut same = found.iter().filter(|customer| customer.email.trim().eq_ignore_ascii_case(email));
    Ok(same.next().filter(|_| same.next().is_none()).map_or(0, |customer| customer.id))
}

pub(crate) fn read_back(
    operation: &'static str,
    api: &Api,
    order: &wire::Order,
    made: &[wire::Shipment],
) -> Result<StoreOrder, ConnectError> {
    store_order(&api.config, order, made).map_err(|why| {
        ConnectError::new(ErrorKind::Decode, operation, "The store answered with an order that could not be read.")
            .with_context(format!("order {}: {why}", order.id))
    })
}

/// An order with its packages.
pub(crate) struct Seen {
    pub order: wire::Order,
    pub made: Vec<wire::Shipment>,
}

impl Seen {
    pub async fn of(api: &Api, operation: &'static str, id: &StoreOrderId) -> Result<Self, ConnectError> {
        let order = api.order(operation, order_number(operation, id.as_str())?).await?;
        let made = if order.items_shipped.0.is_zero() { Vec::new() } else { api.shipments(order.id).await? };
        Ok(Self { order, made })
    }

    pub fn read(&self, operation: &'static str, api: &Api) -> Result<StoreOrder, ConnectError> {
        read_back(operation, api, &self.order, &self.made).map_err(ConnectError::without_effect)
    }

    fn state(&self) -> StoreOrderState {
        state(&self.order, Status::of(&self.order))
    }
}

/// Every order that carries one of the references, archived ones included.
pub(crate) async fn find_by_reference(
    api: &Api,
    references: &[Reference],
    since: Timestamp,
) -> Result<Found, ConnectError> {
    let wanted: BTreeSet<Reference> = references.iter().copied().collect();
    let mut found = BTreeMap::new();
    let mut server_time = None;
    let since = paging::date(since, Rounding::Down);
    let asked: Vec<Option<String>> = match wanted.len() {
        0 => Vec::new(),
        count if count <= ASKED_ONE_BY_ONE => wanted.iter().map(|reference| Some(reference.to_string())).collect(),
        _ => vec![None],
    };
    for reference in asked {
        for shelf in [Shelf::Open, Shelf::Archived] {
            // Bounded by its date as well: a store that ignored the other filter would give every order it has.
            let mut query = vec![("min_date_created", since.as_str()), ("limit", LOOKED_THROUGH)];
            query.extend(reference.as_deref().map(|reference| ("external_order_id", reference)));
            query.extend(shelf.filter());
            server_time = look_up(api, &query, &wanted, &mut found).await?.or(server_time);
        }
    }
    Ok(Found { orders: found.into_values().collect(), server_time })
}

async fn look_up(
    api: &Api,
    filter: Query<'_>,
    wanted: &BTreeSet<Reference>,
    found: &mut BTreeMap<u64, StoreOrder>,
) -> Result<Option<Timestamp>, ConnectError> {
    let operation = "bigcommerce.find_by_reference";
    let mut after = 0_u64;
    loop {
        let min_id = after.saturating_add(1).to_string();
        let query = [filter, &[("min_id", min_id.as_str())], &WHOLE].concat();
        let read = api.list_orders(operation, &query).await?;
        for raw in &read.value {
            let Some(mut order) = readable(raw) else { continue };
            if reference(&order).is_some_and(|reference| wanted.contains(&reference)) {
                let made = complete(api, &mut order).await?;
                let order_read = read_back(operation, api, &order, &made).map_err(ConnectError::without_effect)?;
                found.insert(order.id, order_read);
            }
        }
        let Some(next) = paging::next(&read.value, after) else { return Ok(read.server_time) };
        after = paging::after(operation, Some(&next))?;
    }
}

/// What a list may have left out of an order.
async fn complete(api: &Api, order: &mut wire::Order) -> Result<Vec<wire::Shipment>, ConnectError> {
    api.complete_lines(order).await?;
    if order.items_shipped.0.is_zero() { Ok(Vec::new()) } else { api.shipments(order.id).await }
}

/// An order of somebody else that cannot be read concerns nobody here; one of ours can be read.
fn readable(raw: &RawValue) -> Option<wire::Order> {
    match read_wire(raw.get().as_bytes()) {
        Ok(order) => Some(order),
        Err(unreadable) => {
            let id = unreadable.remote_id.unwrap_or_default();
            tracing::warn!(order.id = %id, "order `{id}` of the store cannot be read: {}", unreadable.context);
            None
        }
    }
}

pub(crate) async fn order(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    let operation = "bigcommerce.order";
    Seen::of(api, operation, id).await?.read(operation, api)
}

pub(crate) async fn changes(
    api: &Api,
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<StoreChange>, ConnectError> {
    let operation = "bigcommerce.changes";
    let read = paging::orders(api, operation, (By::Modified, window), (Shelves::Both, PAGE), page).await?;
    let mut items = Vec::with_capacity(read.items.len());
    for raw in &read.items {
        let Some(mut order) = readable(raw).filter(|order| Status::of(order) != Status::Incomplete) else { continue };
        // What was sent of other orders concerns nobody.
        let made = if reference(&order).is_some() { complete(api, &mut order).await? } else { Vec::new() };
        match store_order(&api.config, &order, &made) {
            Ok(order) => items.push(StoreChange::from(order)),
            Err(why) => tracing::warn!(order.id = order.id, "order {} of the store cannot be read: {why}", order.id),
        }
    }
    Ok(Page { items, next: read.next, server_time: read.server_time })
}

/// Which date of an order a window is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Modified,
    Created,
}

/// Sets the status of an order that waits for its money. The store's books hold no amount paid, so none is sent.
pub(crate) async fn mark_paid(api: &Api, id: &StoreOrderId, _paid_total: Money) -> Result<StoreOrder, ConnectError> {
    let operation = "bigcommerce.mark_paid";
    let seen = Seen::of(api, operation, id).await?;
    match seen.state() {
        StoreOrderState::Open if Status::of(&seen.order).is_paid() => seen.read(operation, api),
        StoreOrderState::Open => set_status(api, operation, id, status::AWAITING_FULFILLMENT).await,
        _ => stay_or_refuse(operation, api, &seen),
    }
}

pub(crate) async fn complete_order(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    let operation = "bigcommerce.complete";
    let seen = Seen::of(api, operation, id).await?;
    match seen.state() {
        StoreOrderState::Open => set_status(api, operation, id, status::COMPLETED).await,
        _ => stay_or_refuse(operation, api, &seen),
    }
}

pub(crate) async fn cancel(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    let operation = "bigcommerce.cancel";
    let seen = Seen::of(api, operation, id).await?;
    match seen.state() {
        StoreOrderState::Open | StoreOrderState::Completed => set_status(api, operation, id, status::CANCELLED).await,
        // What was paid back or archived is over already.
        _ => seen.read(operation, api),
    }
}

/// A completed order stays so. The store would take every status after every other.
fn stay_or_refuse(operation: &'static str, api: &Api, seen: &Seen) -> Result<StoreOrder, ConnectError> {
    let is = match seen.state() {
        StoreOrderState::Completed | StoreOrderState::Open => return seen.read(operation, api),
        StoreOrderState::Canceled => "cancelled",
        StoreOrderState::Refunded => "refunded",
        StoreOrderState::Trashed => "archived",
    };
    let says = format!("The order is {is} in the store already: change it there.");
    Err(refused(operation, ErrorKind::InvalidOrder, says))
}

async fn set_status(
    api: &Api,
    operation: &'static str,
    id: &StoreOrderId,
    status: u64,
) -> Result<StoreOrder, ConnectError> {
    let changes = OrderChanges { status_id: Some(status), ..OrderChanges::default() };
    api.update_order(operation, order_number(operation, id.as_str())?, &changes).await?;
    afterwards(api, operation, id).await?.read(operation, api)
}

pub(crate) async fn ship(
    api: &Api,
    id: &StoreOrderId,
    package: &Package,
    completes: bool,
) -> Result<StoreOrder, ConnectError> {
    let operation = "bigcommerce.ship";
    let seen = Seen::of(api, operation, id).await?;
    if !matches!(seen.state(), StoreOrderState::Open | StoreOrderState::Completed) {
        return stay_or_refuse(operation, api, &seen);
    }
    if let Some(tracking) = &package.shipment.tracking {
        channel::fits(operation, tracking)?;
    }
    let number = seen.order.id;
    let mut after = None;
    if !packages::holds(&seen.order, &seen.made, package) {
        if let Some(new) = packages::new_shipment(&seen.order, package, LineNames::OfChannel) {
            api.create_shipment(operation, number, &new).await?;
        } else {
            let staff_notes = [seen.order.staff_notes.trim_end(), &packages::note(package)].join("\n");
            let changes = OrderChanges { staff_notes: Some(staff_notes), ..OrderChanges::default() };
            api.update_order(operation, number, &changes).await?;
        }
        after = Some(afterwards(api, operation, id).await?);
    }
    let now = after.as_ref().unwrap_or(&seen);
    if completes && now.state() == StoreOrderState::Open {
        return set_status(api, operation, id, status::COMPLETED).await;
    }
    now.read(operation, api)
}
