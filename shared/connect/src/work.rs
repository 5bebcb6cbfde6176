//! What a function asks of connectors: whatever else they can do is not linked into it.
//!
//! A connector stands behind a trait object, which keeps the code of all its methods; so the object is of [`Only`], whose other
//! methods do not reach the connector at all.

use std::sync::Arc;

use async_trait::async_trait;
use domain::readback::StoreOrder;
use domain::refund::NewRefund;
use domain::shipment::{Package, Shipment, Tracking};
use domain::{ChannelOrder, ChannelOrderId, Money, ProductId, Reference, Sku, StoreOrderDraft, StoreOrderId};
use jiff::Timestamp;
use url::Url;

use crate::{
    Account, ChannelCapabilities, ConnectError, ErrorKind, Found, Incoming, Listing, MainStore, Page, PageToken,
    Product, QuantityUpdate, SalesChannel, ShipmentSent, StockLevel, StockMove, StoreCapabilities, StoreChange,
    StoreProfile, WebhookHint, WebhookRefused, WebhookRequest, Window,
};

/// Kinds of calls, each a bit.
pub type Work = u32;

pub const NONE: Work = 0;
/// For tests and tools.
pub const ALL: Work = Work::MAX;

/// Finds out whose the credentials are, keeps them, asks for consent, and has a platform call us no more.
pub const CONNECT: Work = 1;
/// Makes the platform call us.
pub const WEBHOOKS: Work = 1 << 1;
/// Verifies a webhook.
pub const READ_WEBHOOK: Work = 1 << 2;
/// Lists what the channel sells.
pub const LISTINGS: Work = 1 << 3;
/// Lists the store's products.
pub const PRODUCTS: Work = 1 << 4;
/// Reads the channel's orders that changed.
pub const CHANNEL_ORDERS: Work = 1 << 5;
/// Reads what changed at the store.
pub const STORE_CHANGES: Work = 1 << 6;
/// Finds the store's orders by reference.
pub const LOOK_UP: Work = 1 << 7;
/// Reads a store's order that is ours.
pub const STORE_ORDERS: Work = 1 << 8;
/// Creates, mends, pays, cancels and refunds the store's orders.
pub const IMPORT: Work = 1 << 9;
/// Writes the request that would create an order, and sends nothing.
pub const PREVIEW: Work = 1 << 10;
/// Packages, tracking and feedback, at the channel and at the store.
pub const FULFIL: Work = 1 << 11;
/// Reads the store's stock.
pub const STOCK: Work = 1 << 12;
/// Moves the store's stock.
pub const MOVE_STOCK: Work = 1 << 13;
/// Sets the channel's quantities.
pub const QUANTITIES: Work = 1 << 14;
/// Forgets the credentials of an account that is disconnected.
pub const FORGET: Work = 1 << 15;
/// Finds the store's products by SKU.
pub const SKUS: Work = 1 << 16;
/// Reads one order of the channel.
pub const CHANNEL_ORDER: Work = 1 << 17;
/// Reads the channel's orders that were placed in a range.
pub const PAST_ORDERS: Work = 1 << 18;

/// A connector that is asked for `WORK` alone.
#[derive(Debug)]
pub struct Only<const WORK: Work, T: ?Sized>(pub Arc<T>);

/// Refuses what is not the function's work: a fault of ours, for it was started without work that it does.
///
/// The condition is a constant and ends the method, so nothing that comes after it is linked. Of a function's answer the
/// compiler would not know that it is always an error.
macro_rules! asked {
    ($work:ident) => {
        if WORK & $work == 0 {
            return Err(left_out());
        }
    };
}

#[cold]
fn left_out() -> ConnectError {
    ConnectError::new(ErrorKind::Unsupported, "connect.work", "This part of Tributary does not do this at a platform.")
        .without_effect()
}

#[async_trait]
impl<const WORK: Work, T: SalesChannel + ?Sized> SalesChannel for Only<WORK, T> {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        self.0.capabilities()
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        asked!(CONNECT);
        self.0.account().await
    }

    async fn orders(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        asked!(CHANNEL_ORDERS);
        self.0.orders(window, page).await
    }

    async fn orders_placed(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        asked!(PAST_ORDERS);
        self.0.orders_placed(window, page).await
    }

    async fn order(&self, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
        asked!(CHANNEL_ORDER);
        self.0.order(id).await
    }

    async fn listings(&self, page: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
        asked!(LISTINGS);
        self.0.listings(page).await
    }

    async fn set_quantities(&self, updates: &[QuantityUpdate]) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
        asked!(QUANTITIES);
        self.0.set_quantities(updates).await
    }

    async fn ship(&self, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
        asked!(FULFIL);
        self.0.ship(order, package).await
    }

    fn carrier_code(&self, name: &str) -> Option<&'static str> {
        self.0.carrier_code(name)
    }

    async fn edit_tracking(
        &self,
        order: &ChannelOrderId,
        before: &str,
        tracking: &Tracking,
    ) -> Result<(), ConnectError> {
        asked!(FULFIL);
        self.0.edit_tracking(order, before, tracking).await
    }

    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        asked!(FULFIL);
        self.0.shipments(order).await
    }

    fn placed_in_store(&self, order: &ChannelOrder) -> Option<String> {
        self.0.placed_in_store(order)
    }

    async fn leave_feedback(&self, order: &ChannelOrder, text: &str) -> Result<(), ConnectError> {
        asked!(FULFIL);
        self.0.leave_feedback(order, text).await
    }

    async fn subscribe(&self, to: &Url) -> Result<(), ConnectError> {
        asked!(WEBHOOKS);
        self.0.subscribe(to).await
    }

    async fn unsubscribe(&self, to: &Url) -> Result<(), ConnectError> {
        asked!(CONNECT);
        self.0.unsubscribe(to).await
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        if WORK & READ_WEBHOOK == 0 {
            return Err(WebhookRefused::Unsupported);
        }
        self.0.read_webhook(request)
    }
}

#[async_trait]
impl<const WORK: Work, T: MainStore + ?Sized> MainStore for Only<WORK, T> {
    fn capabilities(&self) -> &'static StoreCapabilities {
        self.0.capabilities()
    }

    async fn profile(&self) -> Result<StoreProfile, ConnectError> {
        asked!(CONNECT);
        self.0.profile().await
    }

    async fn products_by_sku(&self, skus: &[Sku]) -> Result<Vec<Product>, ConnectError> {
        asked!(SKUS);
        self.0.products_by_sku(skus).await
    }

    async fn products(&self, page: Option<&PageToken>) -> Result<Page<Product>, ConnectError> {
        asked!(PRODUCTS);
        self.0.products(page).await
    }

    async fn create_order(&self, draft: &StoreOrderDraft) -> Result<StoreOrder, ConnectError> {
        asked!(IMPORT);
        self.0.create_order(draft).await
    }

    fn preview(&self, draft: &StoreOrderDraft) -> Result<String, ConnectError> {
        asked!(PREVIEW);
        self.0.preview(draft)
    }

    async fn mend(
        &self,
        id: &StoreOrderId,
        draft: &StoreOrderDraft,
        found: &StoreOrder,
    ) -> Result<StoreOrder, ConnectError> {
        asked!(IMPORT);
        self.0.mend(id, draft, found).await
    }

    async fn find_by_reference(&self, references: &[Reference], since: Timestamp) -> Result<Found, ConnectError> {
        asked!(LOOK_UP);
        self.0.find_by_reference(references, since).await
    }

    async fn order(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        asked!(STORE_ORDERS);
        self.0.order(id).await
    }

    async fn changes(&self, window: &Window, page: Option<&PageToken>) -> Result<Page<StoreChange>, ConnectError> {
        asked!(STORE_CHANGES);
        self.0.changes(window, page).await
    }

    async fn mark_paid(&self, id: &StoreOrderId, paid_total: Money) -> Result<StoreOrder, ConnectError> {
        asked!(IMPORT);
        self.0.mark_paid(id, paid_total).await
    }

    async fn ship(&self, id: &StoreOrderId, package: &Package, completes: bool) -> Result<StoreOrder, ConnectError> {
        asked!(FULFIL);
        self.0.ship(id, package, completes).await
    }

    async fn complete(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        asked!(FULFIL);
        self.0.complete(id).await
    }

    async fn cancel(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        asked!(IMPORT);
        self.0.cancel(id).await
    }

    async fn record_refund(&self, id: &StoreOrderId, refund: &NewRefund) -> Result<StoreOrder, ConnectError> {
        asked!(IMPORT);
        self.0.record_refund(id, refund).await
    }

    async fn stock(&self, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError> {
        asked!(STOCK);
        self.0.stock(products).await
    }

    async fn move_stock(&self, stock_move: &StockMove) -> Result<StockLevel, ConnectError> {
        asked!(MOVE_STOCK);
        self.0.move_stock(stock_move).await
    }

    async fn subscribe(&self, to: &Url) -> Result<(), ConnectError> {
        asked!(WEBHOOKS);
        self.0.subscribe(to).await
    }

    async fn unsubscribe(&self, to: &Url) -> Result<(), ConnectError> {
        asked!(CONNECT);
        self.0.unsubscribe(to).await
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        if WORK & READ_WEBHOOK == 0 {
            return Err(WebhookRefused::Unsupported);
        }
        self.0.read_webhook(request)
    }
}
