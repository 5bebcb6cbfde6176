//! E21: units held by orders that are not imported yet, by product, with the orders.

use std::collections::BTreeMap;

use domain::{ConnectionId, ImportState, Order, OrderId, ProductId, Sku};
use serde::Serialize;
use storage::Hold;
use utoipa::ToSchema;

use crate::App;
use crate::error::AppError;

/// What is held of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Exposure {
    pub product: ProductId,
    #[schema(required)]
    pub sku: Option<Sku>,
    pub units: u32,
    pub orders: Vec<ExposedOrder>,
}

/// One order that holds units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExposedOrder {
    pub id: OrderId,
    pub number: u64,
    pub connection_id: ConnectionId,
    pub channel_order_number: String,
    pub units: u32,
    /// The units have left the main store's stock; else they are still in it and kept from the channels.
    pub deducted: bool,
    /// Why it is not imported, in one sentence.
    #[schema(required)]
    pub why: Option<String>,
}

impl App {
    /// Every product of which something is held, the newest orders first. What was held moments ago may be missing.
    pub async fn stock_exposure(&self) -> Result<Vec<Exposure>, AppError> {
        let holds = self.storage.links.all_holds().await?;
        let mut ids: Vec<OrderId> = holds.iter().map(|hold| hold.order).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = self.storage.orders.get_many(&ids).await?;
        // A hold of an order that is in the store, or never will be, is left over and no exposure.
        let waits = |order: &Order| !matches!(order.import, ImportState::Imported { .. } | ImportState::Left(_));
        let orders: BTreeMap<OrderId, Order> = found.into_iter().filter(waits).map(|order| (order.id, order)).collect();
        let mut by_product: BTreeMap<ProductId, Vec<ExposedOrder>> = BTreeMap::new();
        for hold in holds {
            if let Some(order) = orders.get(&hold.order) {
                by_product.entry(hold.product.clone()).or_default().push(exposed(order, &hold));
            }
        }
        let mut exposures = Vec::with_capacity(by_product.len());
        for (product, mut orders) in by_product {
            orders.sort_by_key(|order| std::cmp::Reverse(order.id));
            let units = orders.iter().map(|order| order.units).fold(0, u32::saturating_add);
            exposures.push(Exposure { sku: self.sku_of(&product).await?, product, units, orders });
        }
        Ok(exposures)
    }

    /// As its links give it.
    async fn sku_of(&self, product: &ProductId) -> Result<Option<Sku>, AppError> {
        let links = self.storage.links.of_product(product).await?;
        let mut targets = links.into_iter().flat_map(|link| link.targets);
        Ok(targets.find_map(|target| target.sku.filter(|_| target.product == *product)))
    }
}

fn exposed(order: &Order, hold: &Hold) -> ExposedOrder {
    ExposedOrder {
        id: order.id,
        number: order.number,
        connection_id: order.connection.clone(),
        channel_order_number: order.source.number.clone(),
        units: hold.units,
        deducted: hold.applied,
        why: crate::orders::error_of(order),
    }
}
