//! From an eBay order of 6 KB, as bytes, to the body of the request that creates it in `WooCommerce`; again and again.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use connect::work;
use connect::{ConnectionConfig, Credentials, HttpLimits, HttpPool, MainStore};
use domain::drafting::{self, Drafting};
use domain::head::{After, Lease, StoreSide};
use domain::link::{Links, Target};
use domain::{
    AccountId, ChannelOrder, ChannelSettings, ConnectionId, ImportState, Link, Order, OrderId, Platform, ProductId,
};
use registry::Parts;
use secrecy::SecretString;

use crate::order;
use crate::stores::ports::{NoLimit, NoTokens};
use crate::world::World;

const BYTES: std::ops::RangeInclusive<usize> = 5_500..=6_500;
/// Its rendering by the fake is about 6 KB long.
const LINES: u32 = 5;

/// Writes the order that is read.
pub fn write(file: &Path) -> Result<()> {
    let raw = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(an_order())?;
    std::fs::write(file, raw).with_context(|| format!("cannot write {}", file.display()))
}

async fn an_order() -> Result<Vec<u8>> {
    let world = World::new().await;
    order::stock(&world);
    world.ebay.place(order::order(5, LINES));
    let placed = world.ebay.orders().into_iter().next().context("the order was not placed")?;
    let raw = world.ebay.order_json(&placed.spec.id).context("the order is not there")?;
    let raw = serde_json::to_vec(&raw)?;
    ensure!(BYTES.contains(&raw.len()), "the order has {} bytes", raw.len());
    Ok(raw)
}

/// Reads and maps the order so many times.
pub fn read(file: &Path, times: u32) -> Result<()> {
    let raw = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let ebay = Platform::new("ebay")?;
    for _ in 0..times {
        std::hint::black_box(mapped(&ebay, &raw)?);
    }
    Ok(())
}

fn mapped(platform: &Platform, raw: &[u8]) -> Result<ChannelOrder> {
    match registry::read(platform, raw) {
        Some(Ok(order)) => Ok(order),
        _ => bail!("the order cannot be read"),
    }
}

/// The same, on to the body of the request that creates it in the store.
pub fn read_and_draft(file: &Path, times: u32) -> Result<()> {
    let raw = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (ebay, woocommerce) = (Platform::new("ebay")?, Platform::new("woocommerce")?);
    let store = store(&woocommerce)?;
    let settings = ChannelSettings::default();
    let (_, Some(capabilities)) =
        registry::capabilities(&woocommerce, &std::collections::BTreeMap::new()).context("there is no WooCommerce")?
    else {
        bail!("WooCommerce is no main store")
    };
    let links = linked(&as_taken_in(mapped(&ebay, &raw)?, &ebay)?)?;
    for _ in 0..times {
        let order = as_taken_in(mapped(&ebay, &raw)?, &ebay)?;
        let from = Drafting {
            order: &order,
            settings: &settings,
            links: &links,
            store: capabilities,
            store_currency: Some(order.source.currency),
            channel_name: "eBay",
        };
        let draft = drafting::draft(&from).map_err(|why| anyhow::anyhow!(why.sentence()))?;
        std::hint::black_box(store.preview(&draft)?);
    }
    Ok(())
}

fn store(platform: &Platform) -> Result<Arc<dyn MainStore>> {
    let keys = [("consumer_key", "ck_bench"), ("consumer_secret", "cs_bench")];
    let config = ConnectionConfig {
        connection: ConnectionId::new("store")?,
        settings: [("url".to_owned(), "https://shop.example".to_owned())].into(),
        credentials: Credentials(keys.map(|(name, key)| (name.to_owned(), SecretString::from(key))).into()),
        probed: [].into(),
    };
    let http = HttpPool::new(HttpLimits::default())?.http(config.connection.clone(), Arc::new(NoLimit));
    let made = registry::store::<{ work::ALL }>(platform, &Parts { config, http, tokens: Arc::new(NoTokens) });
    Ok(made.context("there is no WooCommerce")??)
}

/// Every line is linked to a product of its own.
fn linked(order: &Order) -> Result<Links> {
    let links = order.source.lines.iter().enumerate().map(|(number, line)| {
        let product = ProductId::new((number + 10).to_string())?;
        Ok(Link {
            connection: order.connection.clone(),
            listing: line.listing.clone(),
            targets: vec![Target { product, sku: line.sku.clone(), quantity: 1, weight: 1 }],
            tax_rate: None,
        })
    });
    links.collect()
}

fn as_taken_in(source: ChannelOrder, platform: &Platform) -> Result<Order> {
    Ok(Order {
        id: OrderId::derive(source.created_at, platform, &AccountId::new("bench")?, &source.id),
        connection: ConnectionId::new("channel")?,
        platform: platform.clone(),
        number: 1,
        source,
        generation: 0,
        import: ImportState::Received,
        store: StoreSide::default(),
        stock: Vec::new(),
        packages: Vec::new(),
        lease: Lease::default(),
        by_hand: domain::ByHand::default(),
        trace: Vec::new(),
        after: After::default(),
    })
}
