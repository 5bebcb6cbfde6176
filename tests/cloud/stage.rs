//! What all tests share: the deployed API, a main store, two channels, and the orders placed on them.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use fakes::SimClock;
use fakes::ebay::{EbayFake, OrderSpec, REFRESH_TOKEN, StockedItem};
use fakes::woocommerce::{WooFake, WooShop};
use iso_currency::Currency;
use reqwest::{Client, Method};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::aws::Aws;

/// Names the state of a running local cloud.
const VARIABLE: &str = "TRIBUTARY_CLOUD";
pub const SECRET: &str = "the-secret-of-the-webhooks";
/// The schedule rings once a minute, eBay's list runs two minutes late, and the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(6);

/// What the test command knows of the local cloud.
#[derive(Debug, serde::Deserialize)]
struct State {
    port: u16,
    outputs: std::collections::BTreeMap<String, String>,
    token: String,
}

pub struct Stage {
    runtime: Runtime,
    api_url: String,
    token: String,
    outputs: std::collections::BTreeMap<String, String>,
    pub aws: Aws,
    /// The main store.
    pub shop: WooFake,
    /// Its product `TEA`.
    pub shop_tea: u64,
    /// A shop that is a channel, and rings by webhook.
    pub market: WooFake,
    pub market_id: String,
    /// The market's product `TEA`.
    pub market_tea: u64,
    pub shop_id: String,
    pub ebay: EbayFake,
    pub ebay_id: String,
    /// The order that was placed on eBay when the stage was set.
    pub ebay_order: String,
}

static STAGE: OnceLock<Option<Stage>> = OnceLock::new();
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs a test on the stage, alone. Without a local cloud it says so and does nothing.
pub fn on_stage<F: Future<Output = ()>>(test: impl FnOnce(&'static Stage) -> F) {
    let _turn: MutexGuard<'_, ()> = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let stage = STAGE.get_or_init(|| match std::env::var(VARIABLE) {
        Ok(path) => Some(Stage::set(&path)),
        Err(_) => None,
    });
    match stage {
        Some(stage) => stage.runtime.block_on(test(stage)),
        None => println!("{VARIABLE} names no running local cloud: the deployed template is not tested here."),
    }
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub json: Value,
}

impl Stage {
    fn set(path: &str) -> Self {
        let text = std::fs::read(path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
        let state: State = serde_json::from_slice(&text).unwrap();
        let endpoint = format!("http://127.0.0.1:{}", state.port);
        let (id, name) = (&state.outputs["ApiId"], &state.outputs["ApiStage"]);
        let runtime = Runtime::new().unwrap();
        let (shop, market, ebay) = runtime.block_on(async {
            let shop = WooShop::new().currency("GBP").base("GB", "").start().await.unwrap();
            let market = WooShop::new().currency("GBP").base("GB", "").start().await.unwrap();
            (shop, market, EbayFake::start(SimClock::real()).await.unwrap())
        });
        // No number comes twice on a local cloud that is used again: what an earlier run left is never taken for this one's.
        let run = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let [shop_tea, market_tea] = [&shop, &market].map(|store| {
            store.ids_continue_after(run);
            store.add_product("TEA", "Tea", Decimal::new(1200, 2), 50)
        });
        ebay.stock(StockedItem::new("TEA", "Tea", 1200, Currency::GBP, 50));
        let mut stage = Self {
            api_url: format!("{endpoint}/_aws/execute-api/{id}/{name}"),
            token: state.token,
            outputs: state.outputs,
            aws: Aws { client: client(), endpoint },
            runtime,
            shop,
            shop_tea,
            market,
            market_tea,
            ebay,
            market_id: String::new(),
            shop_id: String::new(),
            ebay_id: String::new(),
            ebay_order: format!("12-{:05}-{:05}", run / 100_000 % 100_000, run % 100_000),
        };
        stage.connect_all();
        stage
    }

    fn connect_all(&mut self) {
        let application = self.ebay.application();
        let ebay = json!({
            "platform": "ebay", "role": "channel", "name": "eBay",
            "settings": {"api_url": self.ebay.url()},
            "credentials": {
                "client_id": application.client_id,
                "client_secret": application.client_secret,
                "refresh_token": REFRESH_TOKEN,
            },
        });
        let shop = woocommerce("main_store", "The shop", &self.shop);
        let market = woocommerce("channel", "The market", &self.market);
        let connected = self.runtime.block_on(async {
            // What an earlier run on the same local cloud connected.
            for left in self.get("/connections").await["connections"].as_array().unwrap() {
                self.call(Method::DELETE, &format!("/connections/{}", left["id"].as_str().unwrap()), None).await;
            }
            let mut ids = Vec::new();
            for connection in [shop, market, ebay] {
                let answer = self.call(Method::POST, "/connections", Some(&connection)).await;
                assert_eq!(answer.status, 201, "{}", answer.json);
                ids.push(answer.json["id"].as_str().unwrap().to_owned());
            }
            for channel in &ids[1..] {
                self.link_tea(channel).await;
            }
            ids
        });
        let ids: [String; 3] = connected.try_into().unwrap();
        [self.shop_id, self.market_id, self.ebay_id] = ids;
        // Placed at once: the other tests run while eBay's list is still too new to be read.
        self.ebay.place(OrderSpec::new(&self.ebay_order).line("TEA", 2, 1200).shipping(399));
    }

    /// Links a channel's `TEA` to the main store's. An account that an earlier run connected still has the link of then, to a
    /// product of another store.
    pub async fn link_tea(&self, channel: &str) {
        let links = format!("/connections/{channel}/links");
        for link in self.get(&links).await["links"].as_array().unwrap() {
            let listing = link["listing"].as_str().unwrap();
            let unlinked = self.call(Method::DELETE, &format!("{links}/{listing}"), None).await;
            assert_eq!(unlinked.status, 204, "{}", unlinked.json);
        }
        let answer = self.call(Method::POST, &format!("{links}/by-sku"), None).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        assert!(answer.json["linked"].as_array().unwrap().contains(&json!("TEA")), "{}", answer.json);
    }

    pub fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api_url)
    }

    /// The owner's, good for an hour from the start.
    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn as_owner(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.bearer_auth(&self.token)
    }

    /// Calls the API as its owner.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.as_owner(self.aws.client.request(method, self.url(path)));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        answered(request).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.json);
        answer.json
    }

    /// The order in full, when it stands in the main store.
    pub async fn imported(&self, channel_order: &str) -> Option<Value> {
        let rows = self.get("/orders").await;
        let row =
            rows["orders"].as_array().unwrap().iter().find(|row| row["channel"]["order_number"] == channel_order)?;
        let order = self.get(&format!("/orders/{}", row["id"].as_str().unwrap())).await;
        (order["store_side"]["import"] == "imported").then_some(order)
    }
}

/// Without the caller's token.
pub async fn answered(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    Answer { status, json: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

/// Asks until there is an answer; the test fails where there is none in time.
pub async fn wait_for<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

pub fn woocommerce(role: &str, name: &str, shop: &WooFake) -> Value {
    json!({
        "platform": "woocommerce", "role": role, "name": name,
        "settings": {"url": shop.url()},
        "credentials": {"consumer_key": shop.key(), "consumer_secret": shop.secret(), "webhook_secret": SECRET},
    })
}

fn client() -> Client {
    let tls =
        rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}
