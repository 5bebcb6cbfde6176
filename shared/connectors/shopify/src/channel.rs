//! Shopify as a channel: its orders in.

use connect::{Account, ConnectError, ErrorKind, Incoming, Page, PageToken, Window};
use domain::ChannelOrderId;
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::api::{Api, By};
use crate::error::refused;
use crate::ids::order_gid;
use crate::map_channel::{incoming, read_wire};
use crate::store;

/// Checks the token by using it.
pub(crate) async fn account(api: &Api) -> Result<Account, ConnectError> {
    store::account(&api.shop().await?.0)
}

pub(crate) async fn orders(
    api: &Api,
    by: By,
    window: &Window,
    page: Option<&PageToken>,
) -> Result<Page<Incoming>, ConnectError> {
    let read = api.orders((by, window), page).await?;
    let mut items = Vec::with_capacity(read.orders.len());
    for raw in &read.orders {
        items.extend(one(api, raw, read.server_time).await?);
    }
    Ok(Page { items, next: read.next, server_time: read.server_time })
}

pub(crate) async fn order(api: &Api, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
    let operation = "shopify.order";
    let read = api.order(&order_gid(operation, id.as_str())?).await?;
    one(api, &read.value, read.server_time).await?.ok_or_else(|| {
        let says = "This is no order of the shop's own buyers: Tributary imported it.";
        refused(operation, ErrorKind::NotFound, says)
    })
}

/// An order with more lines than fit into a page is read to its end.
async fn one(api: &Api, raw: &RawValue, server_time: Option<Timestamp>) -> Result<Option<Incoming>, ConnectError> {
    let bytes = raw.get().as_bytes();
    match read_wire(bytes) {
        Ok(order) => Ok(incoming(bytes, &api.with_every_line(order).await?, server_time)),
        Err(unreadable) => Ok(Some(Incoming::Unreadable(unreadable))),
    }
}
