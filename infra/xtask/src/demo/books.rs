//! Reads the three books into one shape, to be compared.

use std::collections::BTreeMap;

use anyhow::Result;
use fakes::ebay::{Order, kind};
use rust_decimal::Decimal;

use super::api::{Detail, Unreadable};
use super::scene::Scene;
use super::tally::{Books, Kept, Sold};

/// `sent`: the tracking number of each package that the store's people sent, by the channel's order id.
pub async fn read(
    scene: &Scene,
    kept: &[Detail],
    unreadable: &[Unreadable],
    sent: &BTreeMap<String, String>,
) -> Result<Books> {
    Ok(Books {
        sold: scene.sold().iter().map(sold).collect(),
        kept: kept.iter().map(one).collect(),
        unreadable: unreadable.iter().filter_map(|order| order.channel_order_id.clone()).collect(),
        booked: scene.booked().await?,
        sent: sent.clone(),
    })
}

fn sold(order: &Order) -> Sold {
    let currency = order.spec.currency;
    let scale = currency.exponent().map_or(2, u32::from);
    Sold {
        id: order.spec.id.clone(),
        kind: kind(&order.spec),
        canceled_later: order.is_canceled() && !order.spec.canceled,
        total: Decimal::new(order.spec.sums(false).store_total, scale),
        currency: currency.code().to_owned(),
        packages: order.fulfilments.iter().map(|package| (package.tracking.clone(), package.by)).collect(),
        fulfilled: order.fulfilment_status() == "FULFILLED",
    }
}

fn one(order: &Detail) -> Kept {
    Kept {
        sold: order.channel_side.order_id.clone(),
        import: order.store_side.import,
        store_order: order.store_side.order_id.clone(),
        reference: order.store_side.reference.clone(),
    }
}
