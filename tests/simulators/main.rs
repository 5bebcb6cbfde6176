//! Serves one fake on a port until it is stopped: `fakes woocommerce`, `fakes ebay`, `fakes etsy`, `fakes amazon`,
//! `fakes shopify`, `fakes bigcommerce`, `fakes dynamo`.
//!
//! Its first line on standard output is a JSON object with its address and what opens it.

use std::io;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use fakes::SimClock;
use fakes::amazon::{self, AmazonFake};
use fakes::bigcommerce::{self, BigStore};
use fakes::dynamo::Dynamo;
use fakes::ebay::{EbayFake, REFRESH_TOKEN, demo_items, demo_orders};
use fakes::etsy::{self, EtsyFake};
use fakes::shopify::{
    ACCESS_TOKEN, CATALOGUE, REFRESH_TOKEN as SHOPIFY_REFRESH_TOKEN, ShopifyFake, ShopifyShop,
    demo_orders as shopify_orders,
};
use fakes::woocommerce::{PhpWorkers, WooShop};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

#[derive(Parser)]
#[command(name = "fakes", about = "Serves one fake on a port of this machine until it is stopped.")]
struct Arguments {
    #[command(subcommand)]
    platform: Platform,
    /// Where to listen; port 0 is any free port.
    #[arg(long, global = true, default_value = "127.0.0.1:0")]
    listen: String,
    /// End when standard input is closed: a program that starts this one leaves nothing behind.
    #[arg(long, global = true)]
    until_input_ends: bool,
}

#[derive(Subcommand)]
enum Platform {
    /// A WooCommerce without products and orders.
    Woocommerce(Shop),
    /// A BigCommerce store.
    Bigcommerce {
        /// With the demo's products.
        #[arg(long)]
        demo: bool,
    },
    /// A seller's eBay account.
    Ebay {
        /// With the demo's items and orders.
        #[arg(long)]
        demo: bool,
    },
    /// A Shopify shop without products and orders.
    Shopify {
        #[arg(long, default_value = "GBP")]
        currency: String,
        /// With the demo's products and orders.
        #[arg(long)]
        demo: bool,
    },
    /// A shop on Etsy.
    Etsy {
        /// With the demo's listings and orders.
        #[arg(long)]
        demo: bool,
    },
    /// A seller's Amazon account in Europe.
    Amazon {
        /// With the demo's listings and orders.
        #[arg(long)]
        demo: bool,
    },
    /// The three tables of `template.yaml`, empty.
    Dynamo,
}

#[derive(Args)]
struct Shop {
    #[arg(long, default_value = "USD")]
    currency: String,
    /// As fast as a real shop on two cores was: four workers, 924 ms for a create, 222 ms for anything else.
    #[arg(long)]
    as_recorded: bool,
    /// That many workers instead.
    #[arg(long, requires = "as_recorded")]
    workers: Option<usize>,
    /// A create keeps a worker so many milliseconds instead.
    #[arg(long, requires = "as_recorded")]
    create_takes: Option<u64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let clock = SimClock::real();
    match arguments.platform {
        Platform::Woocommerce(shop) => {
            let mut fake = WooShop::new().currency(&shop.currency).clock(clock).listen(&arguments.listen);
            if shop.as_recorded {
                let recorded = PhpWorkers::RECORDED;
                let create = shop.create_takes.map_or(recorded.create, Duration::from_millis);
                fake =
                    fake.php_workers(PhpWorkers { count: shop.workers.unwrap_or(recorded.count), create, ..recorded });
            }
            let fake = fake.start().await?;
            announce(&json!({
                "platform": "woocommerce", "url": fake.url(),
                "consumer_key": fake.key(), "consumer_secret": fake.secret(),
            }));
            wait(arguments.until_input_ends).await
        }
        Platform::Bigcommerce { demo } => {
            let fake = BigStore::new().clock(clock).listen(&arguments.listen).start().await?;
            if demo {
                fake.stock_demo();
            }
            announce(&json!({
                "platform": "bigcommerce", "url": fake.url(), "store_hash": bigcommerce::HASH,
                "access_token": bigcommerce::ACCESS_TOKEN, "client_secret": bigcommerce::CLIENT_SECRET,
            }));
            wait(arguments.until_input_ends).await
        }
        Platform::Ebay { demo } => {
            let fake = EbayFake::start_on(&arguments.listen, clock).await?;
            if demo {
                for item in demo_items() {
                    fake.stock(item);
                }
                fake.place_all(demo_orders(1));
            }
            let application = fake.application();
            announce(&json!({
                "platform": "ebay", "url": fake.url(), "client_id": application.client_id,
                "client_secret": application.client_secret, "refresh_token": REFRESH_TOKEN,
            }));
            wait(arguments.until_input_ends).await
        }
        Platform::Shopify { currency, demo } => {
            let _fake = shopify(&arguments.listen, clock, &currency, demo).await?;
            wait(arguments.until_input_ends).await
        }
        Platform::Etsy { demo } => {
            let fake = EtsyFake::start_on(&arguments.listen, clock).await?;
            if demo {
                for listing in etsy::demo_listings() {
                    fake.list(listing);
                }
                fake.place_all(etsy::demo_orders());
            }
            let application = fake.application();
            announce(&json!({
                "platform": "etsy", "url": fake.url(), "shop_id": etsy::SHOP_ID.to_string(),
                "client_id": application.client_id, "client_secret": application.client_secret,
                "refresh_token": etsy::REFRESH_TOKEN,
            }));
            wait(arguments.until_input_ends).await
        }
        Platform::Amazon { demo } => {
            let fake = AmazonFake::start_on(&arguments.listen, clock).await?;
            if demo {
                for item in amazon::demo_listings() {
                    fake.list(item);
                }
                fake.place_all(amazon::demo_orders());
            }
            let application = fake.application();
            announce(&json!({
                "platform": "amazon", "url": fake.url(), "region": "eu", "seller_id": amazon::SELLER_ID,
                "marketplace_ids": amazon::MARKETPLACES[..2].join(","), "client_id": application.client_id,
                "client_secret": application.client_secret, "refresh_token": amazon::REFRESH_TOKEN,
            }));
            wait(arguments.until_input_ends).await
        }
        Platform::Dynamo => {
            let server = Dynamo::at(clock).serve(&arguments.listen).await?;
            let tables = json!({"orders": "orders", "links": "links", "settings": "settings"});
            announce(&json!({"platform": "dynamodb", "url": server.url(), "tables": tables}));
            wait(arguments.until_input_ends).await
        }
    }
}

/// Announced and serving; until it is dropped.
async fn shopify(listen: &str, clock: SimClock, currency: &str, demo: bool) -> io::Result<ShopifyFake> {
    let shop = ShopifyShop::new().currency(currency).clock(clock).listen(listen);
    let fake = shop.start().await?;
    if demo {
        for (sku, title, price, stock) in CATALOGUE {
            fake.add_product(sku, title, Decimal::new(price, 2), Some(stock));
        }
        for order in shopify_orders(currency) {
            fake.place(&order);
        }
    }
    let application = fake.application();
    announce(&json!({
        "platform": "shopify", "url": fake.url(), "shop": fake.domain(), "access_token": ACCESS_TOKEN,
        "client_id": application.client_id, "client_secret": application.client_secret,
        "refresh_token": SHOPIFY_REFRESH_TOKEN,
    }));
    Ok(fake)
}

fn announce(what: &Value) {
    println!("{what}");
}

/// For ever, or until the other end of standard input is gone.
async fn wait(until_input_ends: bool) -> io::Result<()> {
    if until_input_ends {
        let mut rest = Vec::new();
        tokio::io::stdin().read_to_end(&mut rest).await?;
        return Ok(());
    }
    std::future::pending().await
}
