//! Shopify as the main store: what each use needs to read before it writes, so that repeating changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use connect::{Account, ConnectError, ErrorKind, Found, Page, PageToken, StoreChange, StoreProfile, Window};
use domain::draft::StoreOrderDraft;
use domain::readback::{StoreOrder, StoreOrderState};
use domain::{AccountId, Money, Reference, StoreOrderId};
use serde_json::value::RawValue;

use crate::api::Api;
use crate::body::Adjust;
use crate::config::LOCATION;
use crate::error::{after_write, refused};
use crate::ids::{number, order_gid};
use crate::map_store::{goods, is_bypassed, reference, store_order};
use crate::{draft, map_channel, map_store, products, wire};

/// References in one look-up.
const REFERENCES: usize = 20;
/// How often an order is read again until a cancel shows; after that the next attempt looks.
const LOOKS: usize = 3;
/// The metafield that says that what we had deducted came back.
const STOCK_KEY: &str = "stock";

pub(crate) fn account(shop: &wire::Shop) -> Result<Account, ConnectError> {
    let id = AccountId::new(&shop.myshopify_domain)
        .map_err(|_| refused("shopify.shop", ErrorKind::Decode, "Shopify sent an answer that could not be read."))?;
    Ok(Account { id, name: shop.name.clone() })
}

/// Checks the token by using it; the location is the chosen one, else the first that ships online orders.
pub(crate) async fn profile(api: &Api) -> Result<StoreProfile, ConnectError> {
    let operation = "shopify.shop";
    let (shop, locations) = api.shop().await?;
    let currency = shop
        .currency_code
        .parse()
        .map_err(|_| refused(operation, ErrorKind::ConfigInvalid, "The shop's currency is not an ISO 4217 one."))?;
    let location = products::chosen(operation, api.config.location.as_deref(), &locations)?;
    let probed = BTreeMap::from([(LOCATION.to_owned(), number(location).to_owned())]);
    Ok(StoreProfile { account: account(&shop)?, currency, probed })
}

/// One request creates. A buyer's customer is put on the order afterwards, because creating with one would change the customer's
/// default address and phone (R15); an order without is no worse.
pub(crate) async fn create_order(api: &Api, meant: &StoreOrderDraft) -> Result<StoreOrder, ConnectError> {
    let operation = "shopify.order_create";
    let input = draft::order_create(operation, meant)?;
    let customer = match meant.email.as_deref().filter(|_| !meant.email_is_relay) {
        Some(email) => api.customer_by_email(email).await?,
        None => None,
    };
    let made = api.order_create(&input).await?;
    let made = api.with_every_line(made).await.map_err(after_write)?;
    let made_order = read_back(operation, &made)?;
    if let Some(customer) = customer
        && let Err(error) = api.order_customer_set(&made.id, &customer).await
    {
        tracing::warn!(order.id = %made_order.id, %error, "order `{}` stays a guest's", made_order.id);
    }
    Ok(made_order)
}

/// The variables that [`create_order`] sends: the same body, written by the same serializer.
pub(crate) fn preview(meant: &StoreOrderDraft) -> Result<String, ConnectError> {
    let operation = "shopify.preview";
    serde_json::to_string(&draft::order_create(operation, meant)?)
        .map_err(|_| refused(operation, ErrorKind::Unexpected, "Tributary could not write this request."))
}

pub(crate) fn read_back(operation: &'static str, order: &wire::Order) -> Result<StoreOrder, ConnectError> {
    store_order(order).map_err(|why| {
        ConnectError::new(ErrorKind::Decode, operation, "Shopify answered with an order that could not be read.")
            .with_context(format!("order {}: {why}", number(&order.id)))
    })
}

/// Every order that carries one of the references. The filter finds words, so each is compared; a deleted order is gone.
pub(crate) async fn find_by_reference(api: &Api, references: &[Reference]) -> Result<Found, ConnectError> {
    let wanted: BTreeSet<Reference> = references.iter().copied().collect();
    let all: Vec<String> = wanted.iter().map(Reference::to_string).collect();
    let mut found = BTreeMap::new();
    let mut server_time = None;
    for some in all.chunks(REFERENCES) {
        let mut page = None;
        loop {
            let read = api.orders_by_source(some, page.as_ref()).await?;
            server_time = read.server_time.or(server_time);
            for raw in &read.orders {
                let Some(order) = whole(api, raw).await? else { continue };
                if reference(&order).is_some_and(|reference| wanted.contains(&reference)) {
                    let read = read_back("shopify.orders", &order).map_err(ConnectError::without_effect)?;
                    found.insert(order.id.clone(), read);
                }
            }
            page = read.next;
            if page.is_none() {
                break;
            }
        }
    }
    Ok(Found { orders: found.into_values().collect(), server_time })
}

/// An order of somebody else that cannot be read concerns nobody here; one of ours can be read.
async fn whole(api: &Api, raw: &RawValue) -> Result<Option<wire::Order>, ConnectError> {
    match map_channel::read_wire(raw.get().as_bytes()) {
        Ok(order) => api.with_every_line(order).await.map(Some),
        Err(unreadable) => {
            let id = unreadable.remote_id.unwrap_or_default();
            tracing::warn!(order.id = %id, "Shopify's order `{id}` cannot be read: {}", unreadable.context);
            Ok(None)
        }
    }
}

pub(crate) async fn order(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    let operation = "shopify.order";
    let order = wire_order(api, operation, id).await?;
    read_back(operation, &order).map_err(ConnectError::without_effect)
}

/// The order with every line.
pub(crate) async fn wire_order(
    api: &Api,
    operation: &'static str,
    id: &StoreOrderId,
) -> Result<wire::Order, ConnectError> {
    let read = api.order(&order_gid(operation, id.as_str())?).await?;
    let order = map_channel::read_wire(read.value.get().as_bytes()).map_err(|unreadable| {
        ConnectError::new(ErrorKind::Decode, operation, unreadable.why)
            .with_context(unreadable.context)
            .without_effect()
    })?;
    api.with_every_line(order).await
}

pub(crate) async fn changes(
    api: &Api,
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<StoreChange>, ConnectError> {
    let read = api.glances(window, page).await?;
    let glances: Vec<wire::Glance> = read.orders.iter().filter_map(|raw| glance(raw)).collect();
    let concern_us = |glance: &&wire::Glance| map_store::glanced_reference(glance).is_some() && !glance.is_at_rest();
    let ids: Vec<String> = glances.iter().filter(concern_us).map(|glance| glance.id.clone()).collect();
    let mut whole_ones = BTreeMap::new();
    for raw in &api.orders_by_id(&ids).await? {
        let Some(order) = whole(api, raw).await? else { continue };
        match store_order(&order) {
            Ok(read) => drop(whole_ones.insert(order.id, read)),
            Err(why) => {
                let id = number(&order.id);
                tracing::warn!(order.id = %id, "Shopify's order `{id}` cannot be read: {why}");
            }
        }
    }
    let mut items = Vec::with_capacity(glances.len());
    for mut glance in glances {
        let after = std::mem::take(&mut glance.line_items.page_info).next();
        if let Some(after) = after {
            glance.line_items.nodes.extend(api.products_after(&glance.id, after).await?);
        }
        let order = whole_ones.remove(&glance.id);
        if order.is_some() || !concern_us(&&glance) {
            items.extend(map_store::change(&glance, order));
        }
    }
    Ok(Page { items, next: read.next, server_time: read.server_time })
}

fn glance(raw: &RawValue) -> Option<wire::Glance> {
    let read = json::from_str::<wire::Glance>(raw.get());
    if let Err(error) = &read {
        // What serde says of a wrong value may quote it, so only the place is kept.
        let (line, column) = (error.line(), error.column());
        tracing::warn!(
            "An order in Shopify's list cannot be read: {:?} at line {line} column {column}",
            error.classify()
        );
    }
    read.ok()
}

/// Records that the money came in elsewhere: the outstanding sum, whatever was meant, so that a wrong one shows.
pub(crate) async fn mark_paid(api: &Api, id: &StoreOrderId, _total: Money) -> Result<StoreOrder, ConnectError> {
    let operation = "shopify.order_mark_as_paid";
    let before = wire_order(api, operation, id).await?;
    let state = read_back(operation, &before).map_err(ConnectError::without_effect)?;
    if matches!(state.state, StoreOrderState::Canceled | StoreOrderState::Refunded) {
        return stay_or_refuse(operation, state, StoreOrderState::Completed);
    }
    if map_store::is_paid(&before) {
        return Ok(state);
    }
    let paid = api.order_mark_as_paid(&before.id).await?;
    read_back(operation, &api.with_every_line(paid).await.map_err(after_write)?)
}

/// Cancels without a mail and without moving money. Shopify puts back what it took itself; what we had deducted for the order
/// comes back by moves of ours, which are noted on the order.
pub(crate) async fn cancel(api: &Api, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
    let operation = "shopify.order_cancel";
    let mut order = wire_order(api, operation, id).await?;
    let state = read_back(operation, &order).map_err(ConnectError::without_effect)?;
    if state.state == StoreOrderState::Refunded {
        return Ok(state);
    }
    if order.cancelled_at.is_none() {
        api.order_cancel(&order.id, !is_bypassed(&order)).await?;
        for _ in 0..LOOKS {
            order = wire_order(api, operation, id).await.map_err(after_write)?;
            if order.cancelled_at.is_some() {
                break;
            }
        }
        if order.cancelled_at.is_none() {
            let error = ConnectError::new(ErrorKind::Unavailable, operation, "Shopify is still canceling the order.");
            return Err(error.with_retry_after(Some(Duration::from_secs(5))));
        }
    }
    if is_bypassed(&order) && order.stock.is_none() && goods(&order).any(|item| map_store::deducted(&order, item) > 0) {
        put_back(api, &order).await.map_err(after_write)?;
        order = wire_order(api, operation, id).await.map_err(after_write)?;
    }
    read_back(operation, &order)
}

/// Each line under a key of its own, so that doing it twice moves it once; the note on the order is the last step.
async fn put_back(api: &Api, order: &wire::Order) -> Result<(), ConnectError> {
    let location = products::location(api).await?;
    let lines: Vec<_> = goods(order)
        .filter_map(|item| Some((item, item.variant.as_ref()?.id.clone(), map_store::deducted(order, item))))
        .filter(|(_, _, units)| *units > 0)
        .collect();
    let variants: Vec<String> = lines.iter().map(|(_, variant, _)| variant.clone()).collect();
    let known = api.variants_by_id(&variants, &location).await?;
    for (item, variant, units) in lines {
        // A product that was deleted meanwhile has no stock to come back to.
        let Some(found) = known.iter().find(|found| found.id == variant) else { continue };
        let key = format!("cancel-{}-{}", number(&order.id), number(&item.id));
        let inventory_item = &found.inventory_item.id;
        let adjust = Adjust { inventory_item, location: &location, delta: i64::from(units), key: &key };
        api.inventory_adjust(&adjust).await?;
    }
    api.metafield_set(&order.id, STOCK_KEY, "single_line_text_field", "returned").await
}

/// An order that is over is not revived.
pub(crate) fn stay_or_refuse(
    operation: &'static str,
    order: StoreOrder,
    wanted: StoreOrderState,
) -> Result<StoreOrder, ConnectError> {
    if order.state == wanted {
        return Ok(order);
    }
    let is = match order.state {
        StoreOrderState::Completed => "fulfilled",
        StoreOrderState::Canceled => "canceled",
        StoreOrderState::Refunded => "refunded",
        StoreOrderState::Trashed => "deleted",
        StoreOrderState::Open => "open",
    };
    Err(refused(operation, ErrorKind::InvalidOrder, format!("The order is {is} in Shopify already: change it there.")))
}
