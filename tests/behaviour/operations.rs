//! Every call of the two traits as data, so that one trial can be made of all of them.

use std::sync::Arc;

use connect::{ConnectError, QuantityUpdate, StockMove, Window};
use domain::refund::NewRefund;
use domain::{ChannelOrder, ListingKey, ProductId, Sku, StoreOrderDraft, StoreOrderId};
use jiff::{SignedDuration, Timestamp};

use crate::drafts::{money, package, reference, simple};
use crate::kit::{Channel, Role, Store};
use crate::subject::{Future, NewOrder, SKU};

/// One call of a trait.
pub struct Operation<R: Role> {
    pub name: &'static str,
    /// Changes something on the platform.
    pub writes: bool,
    run: fn(Arc<R::Connector>, Arc<R::Prepared>) -> Future<'static, Result<(), ConnectError>>,
}

#[expect(clippy::expl_impl_clone_on_copy, reason = "a derived one would ask the role to be copied too")]
impl<R: Role> Clone for Operation<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Role> Copy for Operation<R> {}

impl<R: Role> Operation<R> {
    pub async fn run(&self, connector: Arc<R::Connector>, prepared: &Arc<R::Prepared>) -> Result<(), ConnectError> {
        (self.run)(connector, Arc::clone(prepared)).await
    }
}

macro_rules! operations {
    ($($name:ident $kind:ident |$connector:ident, $on:ident| $call:expr;)*) => {
        vec![$(Operation {
            name: stringify!($name),
            writes: stringify!($kind) == "writes",
            run: |$connector, $on| Box::pin(async move { $call }),
        }),*]
    };
}

/// What the calls of a channel work on.
pub struct OnChannel {
    order: ChannelOrder,
    window: Window,
}

impl OnChannel {
    pub async fn prepare(channel: &Channel) -> Self {
        let id = channel.fake.place(NewOrder::default());
        channel.wait(60);
        Self { order: channel.order(&id).await, window: channel.until_now() }
    }
}

pub fn of_channel() -> Vec<Operation<Channel>> {
    operations! {
        account reads |channel, _on| channel.account().await.map(drop);
        orders reads |channel, on| channel.orders(&on.window, None).await.map(drop);
        order reads |channel, on| channel.order(&on.order.id).await.map(drop);
        listings reads |channel, _on| channel.listings(None).await.map(drop);
        set_quantities writes |channel, _on| first(channel.set_quantities(&[quantity(SKU, 7)]).await);
        ship writes |channel, on| {
            let line = on.order.lines[0].id.to_string();
            channel.ship(&on.order, &package(Some("1Z999AA1"), &[(&line, 1)])).await.map(drop)
        };
        shipments reads |channel, on| channel.shipments(&on.order.id).await.map(drop);
    }
}

/// The first update's own answer, or why none was made.
fn first(answers: Result<Vec<Result<(), ConnectError>>, ConnectError>) -> Result<(), ConnectError> {
    answers?.into_iter().next().unwrap()
}

pub fn quantity(sku: &str, quantity: u32) -> QuantityUpdate {
    let sku: Sku = sku.parse().unwrap();
    QuantityUpdate { listing: ListingKey::Sku(sku.clone()), sku: Some(sku), quantity }
}

/// What the calls of a main store work on.
pub struct OnStore {
    paid: StoreOrderId,
    unpaid: StoreOrderId,
    /// A store may refuse to cancel what was completed, so this one is left alone till then.
    to_cancel: StoreOrderId,
    product: ProductId,
    draft: StoreOrderDraft,
    since: Timestamp,
    window: Window,
    currency: &'static str,
}

impl OnStore {
    pub async fn prepare(store: &Store) -> Self {
        let since = store.now();
        let paid = store.connector.create_order(&simple(&*store.fake, 901, 2)).await.unwrap().id;
        let mut unpaid = simple(&*store.fake, 902, 1);
        unpaid.paid = false;
        let unpaid = store.connector.create_order(&unpaid).await.unwrap().id;
        let to_cancel = store.connector.create_order(&simple(&*store.fake, 904, 1)).await.unwrap().id;
        store.wait(60);
        Self {
            paid,
            unpaid,
            to_cancel,
            product: store.fake.product(),
            draft: simple(&*store.fake, 903, 1),
            since,
            window: Window { from: since.checked_sub(SignedDuration::from_secs(60)).unwrap(), to: store.now() },
            currency: store.fake.taxes().0,
        }
    }
}

pub fn of_store() -> Vec<Operation<Store>> {
    operations! {
        profile reads |store, _on| store.profile().await.map(drop);
        products_by_sku reads |store, _on| store.products_by_sku(&[SKU.parse().unwrap()]).await.map(drop);
        products reads |store, _on| store.products(None).await.map(drop);
        create_order writes |store, on| store.create_order(&on.draft).await.map(drop);
        find_by_reference reads |store, on| store.find_by_reference(&[reference(901)], on.since).await.map(drop);
        order reads |store, on| store.order(&on.paid).await.map(drop);
        changes reads |store, on| store.changes(&on.window, None).await.map(drop);
        mark_paid writes |store, on| store.mark_paid(&on.unpaid, money(2399, on.currency)).await.map(drop);
        ship writes |store, on| store.ship(&on.paid, &package(Some("1Z999AA1"), &[("L1", 1)]), false).await.map(drop);
        complete writes |store, on| store.complete(&on.paid).await.map(drop);
        cancel writes |store, on| store.cancel(&on.to_cancel).await.map(drop);
        record_refund writes |store, on| store.record_refund(&on.paid, &NewRefund::of_money("r-1", money(500, on.currency), "goodwill")).await.map(drop);
        stock reads |store, on| store.stock(std::slice::from_ref(&on.product)).await.map(drop);
        move_stock writes |store, on| {
            let stock_move = StockMove { product: on.product.clone(), delta: -2, key: "key-1".to_owned() };
            store.move_stock(&stock_move).await.map(drop)
        };
    }
}
