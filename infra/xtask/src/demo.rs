//! `cargo xtask demo`: sixty orders of three channels travel into a main store and their tracking back, on the real template.
//!
//! Channels and store are fakes with books of their own; everything between them is what would run on AWS.

mod acts;
mod api;
mod books;
mod channels;
mod scene;
mod shop;
mod show;
mod store;
mod tally;
mod tls;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fakes::ebay::{Kind, UNLINKED_SKU, kind};
use tokio::runtime::Runtime;

use crate::cloud::LocalCloud;
use crate::progress::{Progress, Step};
use crate::workspace::Workspace;
use api::{Api, Detail, Row};
use scene::Scene;
use tally::Tally;

pub use shop::Address;
pub use store::Kind as StoreKind;

/// So many of eBay's orders are packed in the store, and one each of the other channels'.
const SHIPPED_ON_EBAY: usize = 6;
/// Of so many orders a row is shown.
const SHOWN: usize = 12;
/// eBay's list runs two minutes late and the schedule rings once a minute: three minutes are usual.
const IMPORT_LIMIT: Duration = Duration::from_mins(8);
/// The store's webhook rings at once; without it, the schedule does within a minute.
const TRACKING_LIMIT: Duration = Duration::from_mins(4);
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Something ordinary to show the story of.
const PLAIN_SKU: &str = "MUG-WHITE-35";
/// The token is good for an hour.
const NEW_TOKEN: Duration = Duration::from_mins(50);

/// How the demo is run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Ends by itself instead of staying up.
    pub once: bool,
    /// The main store.
    pub store: StoreKind,
}

/// Runs it; tells whether all books agree.
pub fn run(workspace: &Workspace, progress: Progress, options: &Options) -> Result<bool> {
    let runtime = Runtime::new().context("cannot start the demo's own servers")?;
    let scene = progress.step("Start the channels and the main store", |step| {
        runtime.block_on(Scene::start(options.store.clone(), step))
    })?;
    let mut cloud = LocalCloud::start(workspace, "demo", progress)?;
    let mut demo = Demo { api: Api::new(tls::client()?, cloud.api_url(), cloud.token()), scene, runtime, progress };

    let channel = demo.connect(cloud.api_url())?;
    let settled = demo.import(&channel)?;
    let to_ship = demo.to_ship(&settled);
    let acts = demo.change_on_channel(&settled, &to_ship.keys().cloned().collect::<Vec<_>>())?;
    demo.link_the_rest(&channel)?;
    let sent = demo.ship(&to_ship)?;
    demo.wait_for_acts(&acts)?;
    let tally = demo.settle(&channel, &sent)?;
    demo.show(&channel)?;
    demo.tell_acts(&acts)?;
    for disagreement in &tally.disagreements {
        println!("The books disagree: {disagreement}");
    }
    if !options.once {
        demo.stay_up(&mut cloud, &tally)?;
    }
    println!("{tally}");
    Ok(tally.is_good())
}

struct Demo {
    runtime: Runtime,
    progress: Progress,
    scene: Scene,
    api: Api,
}

/// What became of each order, by Tributary's id.
type Settled = BTreeMap<String, Detail>;

impl Demo {
    /// Connects all accounts, links by SKU, places the orders; returns eBay's id.
    fn connect(&self, api_url: &str) -> Result<String> {
        let [etsy, amazon] = self.scene.others.connections();
        let (store, channels) = self.progress.step("Connect the accounts", |_| {
            self.runtime.block_on(async {
                let store = self.api.connect(&self.scene.store.connection()).await?;
                let mut channels = Vec::new();
                for (name, body) in [("eBay", self.scene.ebay_connection()), ("Etsy", etsy), ("Amazon", amazon)] {
                    channels.push((name, self.api.connect(&body).await?));
                }
                anyhow::Ok((store, channels))
            })
        })?;
        self.progress.step("Link by SKU", |_| {
            for (name, channel) in &channels {
                let report = self.runtime.block_on(self.api.link_by_sku(channel))?;
                let open = if report.no_match.is_empty() { "none".to_owned() } else { report.no_match.join(", ") };
                println!("  {name}: {} listings linked; no product in the store: {open}", report.skus.len());
            }
            anyhow::Ok(())
        })?;
        for (name, channel) in &channels {
            self.start_stock(name, channel)?;
        }
        let ebay = channels.into_iter().next().map(|(_, id)| id).context("no channel is connected")?;
        self.want_tax_apart(&ebay)?;
        self.progress.step("Place the orders on the channels", |_| {
            self.scene.place();
            self.runtime.block_on(self.scene.store.ring(&format!("{api_url}/webhooks/{store}")))
        })?;
        Ok(ebay)
    }

    /// Waits for the schedule to do the rest.
    fn import(&self, channel: &str) -> Result<Settled> {
        println!(
            "  The schedule polls once a minute, and eBay's list of orders runs two minutes late: this takes about three."
        );
        self.progress.step("Let the schedule import them", |step| {
            self.runtime.block_on(async {
                let deadline = Instant::now() + IMPORT_LIMIT;
                let mut settled = Settled::new();
                loop {
                    let rows = self.api.orders().await?;
                    let unreadable = self.api.unreadable(channel).await?.len();
                    for row in rows.iter().filter(|row| !settled.contains_key(&row.id)).collect::<Vec<_>>() {
                        let order = self.api.order(&row.id).await?;
                        if order.store_side.import.is_settled() {
                            settled.insert(row.id.clone(), order);
                        }
                    }
                    let (done, all) = (settled.len() + unreadable, self.scene.sold().len());
                    step.note(&format!("{} of {all} orders taken in, {done} settled", rows.len() + unreadable));
                    // At the limit the books tell what is missing.
                    if done >= all || Instant::now() > deadline {
                        return Ok(settled);
                    }
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            })
        })
    }

    /// Orders that the store's people are going to pack: by the channel's order id, the store's.
    fn to_ship(&self, settled: &Settled) -> BTreeMap<String, String> {
        let imported = |id: &str| {
            let order = settled.values().find(|order| order.channel_side.order_id == id)?;
            Some((id.to_owned(), order.store_side.order_id.clone()?))
        };
        let paid: Vec<(String, String)> = self
            .scene
            .sold_on_ebay()
            .iter()
            .filter(|order| kind(&order.spec) == Kind::Paid)
            .filter_map(|order| imported(&order.spec.id))
            .collect();
        let every = (paid.len() / SHIPPED_ON_EBAY).max(1);
        let elsewhere = self.scene.others.sold().into_iter().filter_map(|order| imported(&order.id));
        // One of each: the first that Etsy has, the last that Amazon has.
        let elsewhere: Vec<(String, String)> = elsewhere.collect();
        let elsewhere = elsewhere.first().into_iter().chain(elsewhere.last()).cloned();
        paid.into_iter().step_by(every).take(SHIPPED_ON_EBAY).chain(elsewhere).collect()
    }

    /// They pack them; waits until the channel knows. Returns the tracking numbers, by the channel's order id.
    fn ship(&self, to_ship: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
        let number = |booked: &str| format!("RM{booked:0>9}GB");
        self.progress.step("Ship some orders in the store", |_| {
            self.runtime.block_on(async {
                for booked in to_ship.values() {
                    self.scene.store.ship(booked, "Royal Mail", &number(booked)).await?;
                }
                anyhow::Ok(())
            })
        })?;
        let sent: BTreeMap<String, String> =
            to_ship.iter().map(|(sold, booked)| (sold.clone(), number(booked))).collect();
        self.progress.step("Wait for their tracking on the channel", |step| {
            self.runtime.block_on(self.wait_for_tracking(&sent, step));
            anyhow::Ok(())
        })?;
        for sold in sent.keys() {
            for package in self.scene.ebay.fulfilments(sold) {
                let (carrier, number) = (package.carrier.unwrap_or_default(), package.tracking.unwrap_or_default());
                println!("  eBay order {sold}: {carrier} {number}");
            }
        }
        Ok(sent)
    }

    async fn wait_for_tracking(&self, sent: &BTreeMap<String, String>, step: &Step) {
        let deadline = Instant::now() + TRACKING_LIMIT;
        loop {
            let arrived = sent.keys().filter(|sold| self.scene.packages(sold) > 0).count();
            step.note(&format!("{arrived} of {} packages arrived", sent.len()));
            if arrived == sent.len() || Instant::now() > deadline {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Reads all books and counts.
    fn settle(&self, channel: &str, sent: &BTreeMap<String, String>) -> Result<Tally> {
        self.progress.step("Compare the books", |_| {
            self.runtime.block_on(async {
                let unreadable = self.api.unreadable(channel).await?;
                let mut kept: Vec<Detail> = Vec::new();
                for row in self.api.orders().await? {
                    kept.push(self.api.order(&row.id).await?);
                }
                let books = books::read(&self.scene, &kept, &unreadable, sent).await?;
                let mut tally = Tally::of(&books);
                tally.disagreements.extend(self.scene.store_complaints());
                Ok(tally)
            })
        })
    }

    /// A sale report, a few orders, and the stories of those that did not go in.
    fn show(&self, channel: &str) -> Result<()> {
        let (report, rows, unreadable) = self.runtime.block_on(async {
            // Two days: the demo may have begun before midnight.
            let report = self.api.sales(2).await?;
            anyhow::Ok((report, self.api.orders().await?, self.api.unreadable(channel).await?))
        })?;
        println!("\nSales\n{}", show::report(&report));
        let (odd, plain): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| is_odd(row));
        println!("\nSome orders\n{}", show::orders(odd.into_iter().chain(plain).take(SHOWN)));
        for (sku, title) in [(UNLINKED_SKU, "The order that waited for a link"), (PLAIN_SKU, "An order that went in")] {
            let Some(row) = rows.iter().find(|row| row.skus.iter().any(|listed| listed == sku)) else { continue };
            let order = self.runtime.block_on(self.api.order(&row.id))?;
            println!("\n{}", show::story(title, &order));
            if let Some(booked) = &order.store_side.order_id {
                let amounts = self.runtime.block_on(self.scene.store.amounts(booked))?;
                println!("{}", show::amounts(&amounts));
            }
        }
        for order in &unreadable {
            println!("\n{}", show::unreadable(order));
        }
        Ok(())
    }

    /// Says where to look, and stays until Ctrl-C.
    fn stay_up(&mut self, cloud: &mut LocalCloud, tally: &Tally) -> Result<()> {
        let state = cloud.state_file();
        let (etsy, amazon) = (&self.scene.others.etsy, &self.scene.others.amazon);
        println!("\n{tally}\n\nAll of it stays up until Ctrl-C. Where to look:");
        println!("  API          {}", cloud.api_url());
        println!("  Token        {}", cloud.token());
        println!("               (good for an hour; the newest stands in {})", state.display());
        println!("  Try          curl -H \"Authorization: Bearer $TOKEN\" '{}/orders?limit=5'", cloud.api_url());
        println!("               curl -H \"Authorization: Bearer $TOKEN\" '{}/reports/sales?days=7'", cloud.api_url());
        println!("               {}", cloud.command_line("orders"));
        println!("  AWS          AWS_ENDPOINT_URL={} (any credentials, region us-east-1)", cloud.endpoint());
        println!("  Channels     eBay, a fake at {}", self.scene.ebay.url());
        println!("               Etsy, a fake at {}; Amazon, a fake at {}", etsy.url(), amazon.url());
        println!("  Main store   {}", self.scene.store.address());
        println!("  Logs         {}", state.with_file_name("logs").display());
        loop {
            std::thread::sleep(NEW_TOKEN);
            cloud.refresh()?;
        }
    }
}

fn is_odd(row: &Row) -> bool {
    row.error.is_some() || row.status != "ready_to_ship" || row.total.currency != "GBP"
}
