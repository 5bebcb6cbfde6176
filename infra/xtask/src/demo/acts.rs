//! What people do after the import: a product is added and linked by itself, an order is canceled, another edited.

use std::time::Instant;

use anyhow::Result;
use fakes::ebay::{Kind, UNLINKED_SKU, kind};
use rust_decimal::Decimal;
use serde_json::json;

use super::api::{Import, Row};
use super::tally::Fate;
use super::{Demo, LOOK_AGAIN, Settled, TRACKING_LIMIT, show};
use crate::progress::Step;

/// The tax that the shop wants to see apart: a fifth on top is a sixth of the price.
const RATE: u32 = 2_000;
pub const TAX_LABEL: &str = "VAT 20%";
/// What the shop asks for the product that it did not have.
const ADDED: (&str, i64, u32) = ("Vintage tea caddy", 3200, 1);

/// The channel's ids of the orders that something was done to.
#[derive(Debug, Clone, Default)]
pub struct Acts {
    pub canceled: Option<String>,
    pub edited: Option<String>,
}

impl Demo {
    /// VAT is to stand apart in the store's orders to Britain.
    pub fn want_tax_apart(&self, channel: &str) -> Result<()> {
        let rates = json!([{"country": "GB", "basis_points": RATE, "label": TAX_LABEL}]);
        self.progress.step("Ask for VAT as a line of its own", |_| {
            self.runtime.block_on(self.api.set(channel, "/tax/rates", rates))
        })
    }

    /// Nothing is sent to the channel before its owner has seen what it would be.
    pub fn start_stock(&self, name: &str, channel: &str) -> Result<()> {
        self.progress.step(&format!("See what stock {name} would be sent, and start it"), |_| {
            self.runtime.block_on(async {
                let preview = self.api.stock(channel).await?;
                for listing in preview.iter().take(3) {
                    let [now, then] =
                        [listing.quantity, listing.will_be].map(|n| n.map_or("?".to_owned(), |n| n.to_string()));
                    println!("  {}: shows {now}, will show {then}", listing.sku.as_deref().unwrap_or_default());
                }
                println!("  ... {} linked listings in all", preview.len());
                self.api.start_stock(channel).await
            })
        })
    }

    /// Cancels one imported order on the channel and changes the address of another; neither is among those to be sent.
    pub fn change_on_channel(&self, settled: &Settled, sent: &[String]) -> Result<Acts> {
        let imported =
            |id: &String| settled.values().any(|o| o.channel_side.order_id == *id && o.store_side.order_id.is_some());
        let sold = self.scene.sold_on_ebay();
        let mut free = sold.iter().filter(|order| kind(&order.spec) == Kind::Paid).map(|order| order.spec.id.clone());
        let mut next = || free.find(|id| imported(id) && !sent.contains(id));
        let acts = Acts { canceled: next(), edited: next() };
        self.progress.step("Cancel one order on the channel, change another", |_| {
            if let Some(id) = &acts.canceled {
                self.scene.ebay.cancel(id);
            }
            if let Some(id) = &acts.edited {
                self.scene.ebay.edit(id, |order| {
                    order.buyer.address = fakes::ebay::Address::new("2 Another Street", "Leeds", "LS1 1AA", "GB");
                });
            }
            anyhow::Ok(acts.clone())
        })
    }

    /// The store gets the product that was missing; linking by SKU finds it, and its order goes in by itself.
    pub fn link_the_rest(&self, channel: &str) -> Result<()> {
        for order in self.runtime.block_on(self.api.orders())?.iter().filter(|row| row.error.is_some()) {
            println!("  {}: {}", order.channel.order_number, order.error.as_deref().unwrap_or_default());
        }
        self.progress.step("Add the missing product to the store, and link it", |_| {
            self.runtime.block_on(async {
                let (title, price, stock) = ADDED;
                self.scene.store.has_or_gets(UNLINKED_SKU, title, Decimal::new(price, 2), stock).await?;
                let report = self.api.link_by_sku(channel).await?;
                println!("  Linked {}; {} order rung for.", report.skus.join(", "), report.orders_rung);
                anyhow::Ok(())
            })
        })
    }

    /// Waits until every act has arrived on the other side.
    pub fn wait_for_acts(&self, acts: &Acts) -> Result<()> {
        println!("  eBay's list runs two minutes late here too.");
        self.progress.step("Wait until the changes have arrived", |step| {
            self.runtime.block_on(async {
                let deadline = Instant::now() + TRACKING_LIMIT;
                // At the limit the books tell what is missing.
                while !self.have_arrived(acts, step).await? && Instant::now() < deadline {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                anyhow::Ok(())
            })
        })
    }

    async fn have_arrived(&self, acts: &Acts, step: &Step) -> Result<bool> {
        let rows = self.api.orders().await?;
        let (mut waiting, mut canceled, mut edited) = (0, acts.canceled.is_none(), acts.edited.is_none());
        let sold = self.scene.sold();
        let held =
            |row: &&Row| sold.iter().any(|order| order.fate == Fate::Waits && order.id == row.channel.order_number);
        let concerned = |row: &&Row| row.error.is_some() || acts.concern(&row.channel.order_number);
        for row in rows.iter().filter(|row| !held(row)).filter(concerned) {
            let order = self.api.order(&row.id).await?;
            let id = Some(&order.channel_side.order_id);
            waiting += usize::from(order.store_side.import != Import::Imported);
            canceled |= id == acts.canceled.as_ref() && order.tells("Canceled in the main store");
            edited |= id == acts.edited.as_ref() && order.tells("the address");
        }
        let untold = self.scene.stock_not_told().len();
        step.note(&format!(
            "{waiting} waiting, canceled: {canceled}, edited: {edited}, {untold} listings with another stock"
        ));
        Ok(waiting == 0 && canceled && edited && untold == 0)
    }

    /// Their stories, as anyone reads them.
    pub fn tell_acts(&self, acts: &Acts) -> Result<()> {
        let titles = [
            (&acts.canceled, "The order that was canceled on the channel: canceled in the store, its stock back"),
            (&acts.edited, "The order whose address was changed after the import"),
        ];
        for row in self.runtime.block_on(self.api.orders())? {
            let title = titles.iter().find(|(id, _)| id.as_ref() == Some(&row.channel.order_number));
            if let Some((_, title)) = title {
                let order = self.runtime.block_on(self.api.order(&row.id))?;
                println!("\n{}", show::story(title, &order));
            }
        }
        Ok(())
    }
}

impl Acts {
    fn concern(&self, order: &str) -> bool {
        [&self.canceled, &self.edited].into_iter().flatten().any(|id| id == order)
    }
}
