//! R7: stock that we move ourselves, each move meant before it is made, and the holds and waits that go with it.

use std::collections::BTreeMap;

use connect::{ConnectError, Effect, ErrorKind, StockLevel, StockMove};
use domain::head::Lease;
use domain::link::Links;
use domain::quantity::{product_name, units_of};
use domain::refund::Back;
use domain::stock::{LineStock, StockState};
use domain::trace::Event;
use domain::{ListingKey, Order, ProductId};
use storage::{Change, Hold};

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::create::SEND_WITHIN;
use crate::error::AppError;
use crate::import::Next;

impl App {
    /// Deducts linked lines of an order that the store does not deduct (yet).
    pub(crate) async fn deduct(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        lines: &[LineStock],
    ) -> Result<Next, AppError> {
        let products: Vec<ProductId> = lines.iter().map(|line| line.product.clone()).collect();
        let levels = match store.store.stock(&products).await {
            Ok(levels) => levels,
            Err(error) => return self.trouble(&store.connection, error).await.map(Next::End),
        };
        let is_managed = |line: &LineStock| levels.iter().any(|l| l.product == line.product && l.quantity.is_some());
        let is_wanted = |known: &LineStock| lines.iter().any(|line| line.is_same_line(known));
        let meant = lines.iter().map(|line| {
            let state = if is_managed(line) { StockState::Intended } else { StockState::Unmanaged };
            LineStock { state, restored: 0, ..line.clone() }
        });
        let others = order.stock.iter().filter(|known| !is_wanted(known)).cloned();
        let mut stock: Vec<LineStock> = others.chain(meant).collect();

        let Some(order) = self.write(order, Change { stock: Some(stock.clone()), ..self.taking(order) }).await? else {
            return Ok(Next::Look);
        };
        let mut failure = None;
        for line in stock.iter_mut().filter(|line| is_wanted(line) && line.state == StockState::Intended) {
            let before = levels.iter().find(|level| level.product == line.product).and_then(|level| level.quantity);
            let moved = self.move_line(&order, store, line, -i64::from(line.units)).await;
            let stands_still = moved.as_ref().is_ok_and(|after| after.quantity == before);
            (line.state, failure) = after_move(moved, StockState::Held);
            if stands_still {
                // The store said yes and moved nothing, or somebody put the same number back at the same moment.
                line.state = StockState::Unknown;
            }
            if failure.is_some() {
                break;
            }
        }
        // What was not even tried, or certainly not done, is as if it had never been meant.
        stock.retain(|line| line.state != StockState::Intended || !is_wanted(line));
        let told = sentences(&order, context, stock.iter().filter(|line| is_wanted(line)), "deducted");
        self.finish_moves(&order, store, stock, told, failure).await
    }

    /// Puts back what we hold for an order that will not be imported.
    pub(crate) async fn put_back(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        lines: &[LineStock],
    ) -> Result<Next, AppError> {
        let back = |line: &LineStock| Back {
            line: line.line.clone(),
            product: line.product.clone(),
            units: line.units.saturating_sub(line.restored),
        };
        self.restore(order, context, store, &lines.iter().map(back).collect::<Vec<_>>()).await
    }

    /// Puts these units back; the order may go on wanting the others of their lines.
    pub(crate) async fn restore(
        &self,
        order: &Order,
        context: &Context,
        store: &ReadyStore,
        back: &[Back],
    ) -> Result<Next, AppError> {
        let units = |known: &LineStock| back.iter().find(|b| b.line == known.line && b.product == known.product);
        let before = &order.stock;
        let mut stock = before.clone();
        // Stored before the call: if nobody comes back from it, nobody guesses.
        stock.iter_mut().filter(|known| units(known).is_some()).for_each(|known| known.state = StockState::Unknown);
        let meant = Change { stock: Some(stock.clone()), ..self.taking(order) };
        let Some(order) = self.write(order, meant).await? else { return Ok(Next::Look) };
        let mut failure = None;
        for (line, before) in stock.iter_mut().zip(before) {
            let Some(back) = units(before) else { continue };
            if failure.is_some() {
                *line = before.clone();
                continue;
            }
            let moved = self.move_line(&order, store, line, i64::from(back.units)).await;
            (line.state, failure) = after_move(moved, StockState::Restored);
            match line.state {
                StockState::Restored => *line = before.with_restored(before.restored.saturating_add(back.units)),
                StockState::Intended => *line = before.clone(),
                _ => {}
            }
        }
        // As many as came back now, and told as such where the line goes on holding the others.
        let moved = stock.iter().zip(before).filter_map(|(line, before)| {
            let units = units(before)?.units;
            let state = if line.state == StockState::Unknown { line.state } else { StockState::Restored };
            (line != before).then(|| LineStock { units, state, ..line.clone() })
        });
        let moved: Vec<LineStock> = moved.collect();
        let told = sentences(&order, context, moved.iter(), "put back");
        self.finish_moves(&order, store, stock, told, failure).await
    }

    async fn move_line(
        &self,
        order: &Order,
        store: &ReadyStore,
        line: &LineStock,
        delta: i64,
    ) -> Result<StockLevel, ConnectError> {
        let key = format!("{}:{}:{}:{delta}", order.reference(), line.line, line.product);
        store.store.move_stock(&StockMove { product: line.product.clone(), delta, key }).await
    }

    async fn finish_moves(
        &self,
        order: &Order,
        store: &ReadyStore,
        stock: Vec<LineStock>,
        told: String,
        failure: Option<ConnectError>,
    ) -> Result<Next, AppError> {
        let products: Vec<ProductId> = order.stock.iter().chain(&stock).map(|line| line.product.clone()).collect();
        self.ring_stock(products, Some(order.id)).await?;
        let trace = (!told.is_empty()).then(|| self.traced(order, Event::Stock { what: told }));
        let change =
            Change { stock: Some(stock.clone()), lease: Some(Self::released(order)), trace, ..Change::default() };
        if self.write(order, change).await?.is_none() {
            return Ok(Next::Look);
        }
        self.store_holds(order, &stock).await?;
        match failure {
            Some(error) => self.trouble(&store.connection, error).await.map(Next::End),
            None => Ok(Next::Look),
        }
    }

    /// One hold per product, whatever number of lines it is on; none where nothing is held any more.
    async fn store_holds(&self, order: &Order, stock: &[LineStock]) -> Result<(), AppError> {
        let mut held: BTreeMap<&ProductId, u32> = BTreeMap::new();
        for line in stock {
            let units = if line.state == StockState::Held { line.outstanding() } else { 0 };
            *held.entry(&line.product).or_default() += units;
        }
        for (product, units) in held {
            let (product, order) = (product.clone(), order.id);
            if units > 0 {
                self.storage.links.hold(&Hold { product, order, units, applied: true }).await?;
            } else {
                self.storage.links.release(&product, order).await?;
            }
        }
        Ok(())
    }

    /// The change that takes the order's lease for one outward effect.
    pub(crate) fn taking(&self, order: &Order) -> Change {
        let until = self.clock.now().saturating_add(SEND_WITHIN).unwrap_or(jiff::Timestamp::MAX);
        Change {
            lease: Some(Lease { ..self.lease(order, until) }),
            expect_revision: Some(order.source.revision),
            ..Change::default()
        }
    }

    /// A worker died between meaning a move and knowing its answer, and the store takes no keys: nobody can tell, a person decides.
    pub(crate) async fn doubt_stock(&self, order: &Order, context: &Context) -> Result<Next, AppError> {
        let in_doubt = |line: &LineStock| line.state == StockState::Intended;
        let doubted = order.stock.iter().filter(|line| in_doubt(line));
        self.ring_stock(doubted.clone().map(|line| line.product.clone()), Some(order.id)).await?;
        let names: Vec<String> = doubted.map(|line| name_of(order, line, Some(&context.links))).collect();
        let mut stock = order.stock.clone();
        stock.iter_mut().filter(|line| in_doubt(line)).for_each(|line| line.state = StockState::Unknown);
        let what =
            format!("nobody knows whether the stock of {} was deducted; compare it in the store", names.join(", "));
        let change =
            Change { stock: Some(stock), trace: Some(self.traced(order, Event::Flag { what })), ..Change::default() };
        self.write(order, change).await?;
        Ok(Next::Look)
    }

    /// While the store is down, other channels are told its last known stock less these units.
    pub(crate) async fn hold_unapplied(&self, order: &Order, context: &Context) -> Result<(), AppError> {
        if order.source.fulfilled_by_channel {
            return Ok(());
        }
        let mut open: BTreeMap<&ProductId, u32> = BTreeMap::new();
        for line in order.source.real_lines().filter(|line| line.open_quantity() > 0) {
            for target in context.links.of(line).iter().flat_map(|link| &link.targets) {
                let known = order.stock.iter().any(|stock| stock.line == line.id && stock.product == target.product);
                if !known {
                    *open.entry(&target.product).or_default() += line.open_quantity().saturating_mul(target.quantity);
                }
            }
        }
        for (product, units) in &open {
            let hold = Hold { product: (*product).clone(), order: order.id, units: *units, applied: false };
            self.storage.links.hold(&hold).await?;
        }
        self.ring_stock(open.into_keys().cloned(), Some(order.id)).await
    }

    pub(crate) async fn wait_for_links(&self, order: &Order) -> Result<(), AppError> {
        Ok(self.storage.links.wait(order.id, &order.connection, &keys(order)).await?)
    }

    /// The order waits for no link any more and holds nothing back from other channels.
    pub(crate) async fn stop_waiting(&self, order: &Order, products: &[ProductId]) -> Result<(), AppError> {
        self.storage.links.stop_waiting(order.id, &order.connection, &keys(order)).await?;
        for product in products {
            self.storage.links.release(product, order.id).await?;
        }
        Ok(())
    }
}

/// The product of a line as a merchant knows it: by the SKU that its link gives it, else by the line's own.
pub(crate) fn name_of(order: &Order, stock: &LineStock, links: Option<&Links>) -> String {
    let line = order.source.lines.iter().find(|line| line.id == stock.line);
    let mut targets = line.and_then(|line| links?.of(line)).into_iter().flat_map(|link| &link.targets);
    let linked = targets.find(|target| target.product == stock.product).and_then(|target| target.sku.as_ref());
    product_name(&stock.product, linked.or_else(|| line?.sku.as_ref()))
}

/// What became of these lines, one sentence each without its stop.
fn sentences<'a>(order: &Order, context: &Context, lines: impl Iterator<Item = &'a LineStock>, what: &str) -> String {
    let sentence = |line: &LineStock| {
        let name = name_of(order, line, Some(&context.links));
        let units = units_of(line.units, &name);
        match line.state {
            StockState::Held | StockState::Taken | StockState::Intended => format!("{units} held for this order"),
            StockState::Restored => format!("{units} put back"),
            StockState::Unmanaged => format!("the main store does not count the stock of {name}, nothing is held"),
            StockState::Unknown => format!("nobody knows whether {units} was {what}; compare it in the store"),
        }
    };
    lines.map(sentence).collect::<Vec<_>>().join("; ")
}

fn keys(order: &Order) -> Vec<ListingKey> {
    let mut keys: Vec<ListingKey> = order.source.real_lines().flat_map(domain::Line::keys).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The line's state after a move, and the error that ends the row of moves.
fn after_move(moved: Result<StockLevel, ConnectError>, done: StockState) -> (StockState, Option<ConnectError>) {
    match moved {
        Ok(_) => (done, None),
        // The product is gone: it has no stock that anybody could move.
        Err(error) if error.effect == Effect::None && error.kind == ErrorKind::NotFound => {
            (StockState::Unmanaged, None)
        }
        Err(error) if error.effect == Effect::None => (StockState::Intended, Some(error)),
        Err(error) => (StockState::Unknown, Some(error)),
    }
}
