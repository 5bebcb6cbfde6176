//! Reads the three books into one shape, to be compared.

use std::collections::BTreeMap;

use anyhow::Result;

use super::api::{Detail, Unreadable};
use super::scene::Scene;
use super::tally::{Books, Kept};

/// `sent`: the tracking number of each package that the store's people sent, by the channel's order id.
pub async fn read(
    scene: &Scene,
    kept: &[Detail],
    unreadable: &[Unreadable],
    sent: &BTreeMap<String, String>,
) -> Result<Books> {
    Ok(Books {
        sold: scene.sold(),
        kept: kept.iter().map(one).collect(),
        unreadable: unreadable.iter().filter_map(|order| order.channel_order_id.clone()).collect(),
        booked: scene.booked().await?,
        sent: sent.clone(),
    })
}

fn one(order: &Detail) -> Kept {
    Kept {
        sold: order.channel_side.order_id.clone(),
        import: order.store_side.import,
        store_order: order.store_side.order_id.clone(),
        reference: order.store_side.reference.clone(),
    }
}
