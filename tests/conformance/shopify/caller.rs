//! A bare GraphQL caller of the fake, and a shop with some goods.

use std::sync::LazyLock;

use fakes::SimClock;
use fakes::shopify::{ACCESS_TOKEN, ShopifyFake, ShopifyShop, VERSION};
use reqwest::{Client, StatusCode};
use rust_decimal::Decimal;
use serde_json::{Value, json};

pub const NOW: &str = "2026-11-21T12:00:00Z";

/// The client wants a TLS provider even for plain http.
static PROVIDER: LazyLock<()> = LazyLock::new(|| rustls::crypto::ring::default_provider().install_default().unwrap());

pub struct Caller {
    pub fake: ShopifyFake,
    pub client: Client,
    /// The variant of SKU-A, 50 of it.
    pub variant: u64,
}

impl Caller {
    pub async fn start() -> Self {
        Self::of(ShopifyShop::new()).await
    }

    pub async fn of(shop: ShopifyShop) -> Self {
        LazyLock::force(&PROVIDER);
        let clock = SimClock::starting_at(NOW.parse().unwrap());
        let fake = shop.clock(clock).start().await.unwrap();
        let variant = fake.add_product("SKU-A", "An item", Decimal::new(1999, 2), Some(50));
        fake.add_product("SKU-B", "Another item", Decimal::new(2500, 2), Some(5));
        Self { fake, client: Client::new(), variant }
    }

    pub async fn send(&self, token: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}/admin/api/{VERSION}/graphql.json", self.fake.url());
        let request = self.client.post(url).header("X-Shopify-Access-Token", token);
        let answered = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
        let status = answered.status();
        let text = answered.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// The whole answer, errors and all.
    pub async fn ask(&self, query: &str, variables: &Value) -> Value {
        let (status, answer) = self.send(ACCESS_TOKEN, &json!({"query": query, "variables": variables})).await;
        assert_eq!(status, StatusCode::OK);
        answer
    }

    /// The data of an answer that has no errors.
    pub async fn data(&self, query: &str, variables: &Value) -> Value {
        let answer = self.ask(query, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].clone()
    }

    pub fn variant_gid(&self) -> String {
        ShopifyFake::variant_gid(self.variant)
    }

    pub fn location(&self) -> String {
        format!("gid://shopify/Location/{}", self.fake.locations()[0].id)
    }

    pub fn item(&self) -> String {
        format!("gid://shopify/InventoryItem/{}", self.fake.variant("SKU-A").unwrap().inventory_item)
    }

    pub fn assert_allowed(&self) {
        let violations: Vec<String> = self.fake.violations().iter().map(ToString::to_string).collect();
        assert!(violations.is_empty(), "{violations:#?}");
    }
}
