//! More units were promised than there are: the orders that did it say so, once, and it is told.

use domain::quantity::{Available, product_name};
use domain::trace::Event;
use domain::{Link, Order, OrderId, ProductId};
use storage::{Change, Updated};

use crate::App;
use crate::error::AppError;
use crate::events::DomainEvent;
use crate::ports::StockJob;
use crate::sync_stock::Known;

/// A flag that somebody else's write got in the way of is tried again this often.
const TRIES: usize = 3;

impl App {
    /// Flags the newest orders of the batch that took more of a product than there is, and publishes an event for each. What
    /// was told is remembered afterwards: a death in between tells twice rather than never.
    pub(crate) async fn tell_oversold(
        &self,
        jobs: &[StockJob],
        links: &[Link],
        known: &mut Known,
    ) -> Result<(), AppError> {
        let available: Vec<(ProductId, Available)> = known.available.iter().map(|(id, a)| (id.clone(), *a)).collect();
        for (product, available) in available {
            let short = available.short();
            let Some(remembered) = known.remembered.get_mut(&product) else { continue };
            let more = short.saturating_sub(remembered.short);
            if more > 0 {
                let name = name_of(&product, links);
                tracing::warn!(product = %product, short, "Product `{product}` is oversold");
                let of_product = jobs.iter().filter(|job| job.product_id == product);
                let mut causes: Vec<OrderId> = of_product.filter_map(|job| job.order_id).collect();
                causes.sort_unstable();
                causes.dedup();
                self.flag_oversold(&causes, &product, &name, short, more).await?;
            }
            remembered.short = short;
        }
        Ok(())
    }

    /// The newest first, until they explain what is missing.
    async fn flag_oversold(
        &self,
        causes: &[OrderId],
        product: &ProductId,
        name: &str,
        short: u32,
        more: u32,
    ) -> Result<(), AppError> {
        let mut unexplained = more;
        for id in causes.iter().rev() {
            if unexplained == 0 {
                break;
            }
            let Some(order) = self.storage.orders.get(*id).await? else { continue };
            let own = order.stock.iter().filter(|stock| stock.product == *product);
            let units: u32 = own.map(|stock| stock.units).fold(0, u32::saturating_add);
            unexplained = unexplained.saturating_sub(units.max(1));
            self.flag_one(order, product, name, short).await?;
        }
        Ok(())
    }

    async fn flag_one(&self, mut order: Order, product: &ProductId, name: &str, short: u32) -> Result<(), AppError> {
        let begins = format!("oversold, {name} short ");
        let is_flagged = |order: &Order| {
            let told = |event: &Event| matches!(event, Event::Flag { what } if what.starts_with(&begins));
            order.trace.iter().any(|entry| told(&entry.event))
        };
        if is_flagged(&order) {
            return Ok(());
        }
        let (order_id, connection_id) = (order.id, order.connection.clone());
        let event = DomainEvent::Oversold { order_id, connection_id, product: product.clone(), short };
        self.events.publish(event).await?;
        let what = format!("{begins}{short}; restock it, or cancel an order on its channel");
        for _ in 0..TRIES {
            let trace = self.traced(&order, Event::Flag { what: what.clone() });
            match self.storage.orders.update(&order, Change { trace: Some(trace), ..Change::default() }).await? {
                Updated::Conflict(current) if !is_flagged(&current) => order = *current,
                Updated::Done(_) | Updated::Conflict(_) | Updated::Gone => return Ok(()),
            }
        }
        Ok(())
    }
}

/// By the SKU that a link gives it.
fn name_of(product: &ProductId, links: &[Link]) -> String {
    let mut targets = links.iter().flat_map(|link| &link.targets);
    let sku = targets.find_map(|target| target.sku.as_ref().filter(|_| target.product == *product));
    product_name(product, sku)
}
