//! The bodies that the import will send, found by importing the same orders into a fake of our own: "the same creates".

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use app::{App, ImportJob, PollJob, Queue};
use fakes::dynamo::Dynamo;
use fakes::woocommerce::{WooFake, WooShop};
use rust_decimal::Decimal;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::import::{app_over, connect};
use super::ports;
use super::ports::NoLimit;
use super::queue::{Doorbells, Name};
use super::shop::Shop;

/// A Tributary of its own, whose main store is a fake in this process with the destination's product ids.
pub struct Rehearsal {
    runtime: Runtime,
    app: App,
    queue: Arc<Doorbells>,
    store: WooFake,
    channel: domain::ConnectionId,
}

impl Rehearsal {
    /// Begins before the orders are placed: a channel's orders count from its connection on.
    pub fn begin(source: &Shop, sold: &BTreeMap<String, u64>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (store, queue) = (runtime.block_on(WooShop::new().start())?, Arc::new(Doorbells::default()));
        let mut products: Vec<(&String, &u64)> = sold.iter().collect();
        products.sort_by_key(|(_, id)| **id);
        for (sku, id) in products {
            store.ids_continue_after(id.saturating_sub(1));
            let made = store.add_product(sku, sku, Decimal::ONE_HUNDRED, 900_000);
            ensure!(made == *id, "the rehearsal's store gave {sku} the id {made}");
        }
        let storage = Dynamo::new().storage();
        let calls = Arc::default();
        let app = app_over(storage, queue.clone(), Arc::new(NoLimit), ports::Keys::default(), calls)?;
        let shop = Shop::new(store.url(), &store.key(), &store.secret())?;
        let channel = runtime.block_on(connect(&app, source, &shop))?;
        Ok(Self { runtime, app, queue, store, channel })
    }

    /// Imports what was placed, and gives the creates that this took.
    pub fn creates(&self, orders: u32) -> Result<Vec<Value>> {
        self.runtime.block_on(async {
            self.queue.send(&[app::Job::poll(self.channel.clone())], std::time::Duration::ZERO).await?;
            let (app, queue) = (&self.app, self.queue.as_ref());
            let poll = queue.take(Name::Polls, 1);
            let failed = runtime::sqs::batch(queue, &|job: PollJob| poll_orders::handle(app, job), poll).await;
            ensure!(failed.batch_item_failures.is_empty(), "the source could not be read");
            loop {
                let batch = queue.take(Name::Orders, 40);
                if batch.records.is_empty() {
                    break;
                }
                let failed = runtime::sqs::batch(queue, &|job: ImportJob| import_order::handle(app, job), batch).await;
                ensure!(
                    failed.batch_item_failures.is_empty(),
                    "an order could not be imported into the rehearsal's store"
                );
            }
            Ok(())
        })?;
        let calls = self.store.calls().to("POST */orders");
        let creates = calls.iter().map(|call| call.json().context("a create without a body"));
        let creates = creates.collect::<Result<Vec<_>>>()?;
        ensure!(creates.len() == usize::try_from(orders)?, "{} creates for {orders} orders", creates.len());
        Ok(creates)
    }
}

/// The same creates as nobody's: Tributary must not meet its own references in the store.
pub fn as_nobodys(creates: &[Value], round: &str) -> Result<Vec<Value>> {
    let renamed = |(number, create): (usize, &Value)| {
        let reference = create["created_via"].as_str().context("a create without a reference")?;
        let nobody = format!("yardstick-{round}-{number:09}");
        Ok(serde_json::from_str(&create.to_string().replace(reference, &nobody))?)
    };
    creates.iter().enumerate().map(renamed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stores::import::Shape;
    use crate::stores::shop::{block_on, post_all};
    use crate::stores::{CHANNEL_LAG, orders};

    #[test]
    fn the_direct_creates_are_those_of_the_import_under_another_name() {
        let serving = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let source = serving.block_on(WooShop::new().start()).unwrap();
        let shop = Shop::new(source.url(), &source.key(), &source.secret()).unwrap();
        let sold = block_on(shop.ensure_products(&orders::PRODUCTS)).unwrap();
        let rehearsal = Rehearsal::begin(&shop, &sold).unwrap();
        std::thread::sleep(std::time::Duration::from_secs(1));
        let bodies: Vec<Value> = (0..3).map(|number| orders::body(number, &sold)).collect();
        post_all(&shop, &bodies, Shape { batch: 1, sandboxes: 1 }).unwrap();
        // The list is read up to some seconds ago.
        std::thread::sleep(CHANNEL_LAG);
        let creates = rehearsal.creates(3).unwrap();
        let direct = as_nobodys(&creates, "x").unwrap();
        let bought: Vec<&Value> = creates[2]["line_items"].as_array().unwrap().iter().collect();
        assert_eq!(bought.len(), 3);
        assert_eq!(direct[2]["line_items"], creates[2]["line_items"]);
        let reference = creates[2]["created_via"].as_str().unwrap();
        assert!(creates[2].to_string().contains(reference) && !direct[2].to_string().contains(reference));
    }
}
