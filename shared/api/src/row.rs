//! An order as a row of the list, and what its detail shares with it.

use app::OrderView;
use domain::status::{Dot, OrderStatus, PushStatus, RefundStatus};
use domain::{ConnectionId, ImportState, Order, OrderId, Platform, Sku};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::Amount;

/// One order of the list.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderRow)]
pub(crate) struct Row {
    id: OrderId,
    number: u64,
    order_date: Timestamp,
    dot: Dot,
    status: OrderStatus,
    refund: RefundStatus,
    channel: Channel,
    skus: Vec<Sku>,
    items: Vec<String>,
    #[schema(required)]
    buyer: Option<String>,
    buyer_note: Option<String>,
    gift_message: Option<String>,
    /// What the channel gave in a form that could be read only in part.
    warnings: Vec<String>,
    total: Amount,
    #[schema(required)]
    store_order_number: Option<String>,
    push: PushView,
    #[schema(required)]
    error: Option<String>,
}

/// Where the order came from.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderChannel)]
pub(crate) struct Channel {
    connection_id: ConnectionId,
    name: String,
    platform: Platform,
    order_number: String,
}

impl Channel {
    pub fn new(view: &OrderView) -> Self {
        Self {
            connection_id: view.order.connection.clone(),
            name: view.channel_name.clone(),
            platform: view.order.platform.clone(),
            order_number: view.order.source.number.clone(),
        }
    }
}

impl Row {
    pub fn new(view: &OrderView) -> Self {
        let source = &view.order.source;
        Self {
            id: view.order.id,
            number: view.order.number,
            order_date: source.created_at,
            dot: view.dot,
            status: view.status,
            refund: view.refund,
            channel: Channel::new(view),
            skus: source.real_lines().filter_map(|line| line.sku.clone()).collect(),
            items: source.real_lines().map(|line| line.title.clone()).collect(),
            buyer: buyer_name(&view.order),
            buyer_note: source.buyer_note.clone(),
            gift_message: source.gift_message.clone(),
            warnings: source.warnings.clone(),
            total: source.buyer_total.into(),
            store_order_number: store_number(&view.order),
            push: PushView::new(view),
            error: view.error.clone(),
        }
    }
}

/// B4: whether the order is in the main store, and what stands against it.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderPush)]
pub(crate) struct PushView {
    state: PushStatus,
    #[schema(required)]
    why: Option<String>,
}

impl PushView {
    pub fn new(view: &OrderView) -> Self {
        Self { state: view.push, why: view.push_why.clone() }
    }
}

/// The buyer's name, else the recipient's, else the name on the channel.
fn buyer_name(order: &Order) -> Option<String> {
    let source = &order.source;
    let recipient = source.ship_to.as_ref().map(|to| format!("{} {}", to.first_name, to.last_name).trim().to_owned());
    let named = source.buyer.name.clone().or(recipient.filter(|name| !name.is_empty()));
    named.or_else(|| source.buyer.username.clone())
}

fn store_number(order: &Order) -> Option<String> {
    match &order.import {
        ImportState::Imported { number, .. } => Some(number.clone()),
        _ => None,
    }
}
