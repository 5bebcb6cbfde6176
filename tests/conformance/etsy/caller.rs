//! A bare HTTP caller of the fake, and small helpers.

use std::sync::LazyLock;

use fakes::SimClock;
use fakes::etsy::{EtsyFake, REFRESH_TOKEN, SHOP_ID};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

pub const NOW: &str = "2026-11-21T12:00:00Z";

/// The client wants a TLS provider even for plain http.
static PROVIDER: LazyLock<()> = LazyLock::new(|| rustls::crypto::ring::default_provider().install_default().unwrap());

#[derive(Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The ids of a list of receipts.
    pub fn receipts(&self) -> Vec<u64> {
        let results = self.json()["results"].as_array().cloned().unwrap_or_default();
        results.iter().map(|receipt| receipt["receipt_id"].as_u64().unwrap()).collect()
    }
}

/// Below the application's root.
pub fn path(rest: &str) -> String {
    format!("/v3/application{rest}")
}

/// Below the shop.
pub fn of_shop(rest: &str) -> String {
    path(&format!("/shops/{SHOP_ID}{rest}"))
}

/// A fake at [`NOW`] on a standing clock, and a caller with a fresh token.
pub struct Caller {
    pub fake: EtsyFake,
    client: Client,
    pub token: String,
    pub refresh_token: String,
    pub key: String,
}

impl Caller {
    pub async fn start() -> Self {
        LazyLock::force(&PROVIDER);
        let now: Timestamp = NOW.parse().unwrap();
        let fake = EtsyFake::start(SimClock::starting_at(now)).await.unwrap();
        let key = format!("{}:{}", fake.application().client_id, fake.application().client_secret);
        let (token, refresh_token) = (String::new(), REFRESH_TOKEN.to_owned());
        let mut caller = Self { fake, client: Client::new(), token, refresh_token, key };
        caller.renew().await;
        caller
    }

    /// Spends the refresh token for the next pair.
    pub async fn renew(&mut self) {
        let tokens = self.refresh(&self.refresh_token).await.json();
        tokens["access_token"].as_str().unwrap().clone_into(&mut self.token);
        tokens["refresh_token"].as_str().unwrap().clone_into(&mut self.refresh_token);
    }

    pub async fn refresh(&self, token: &str) -> Answered {
        let id = &self.fake.application().client_id;
        self.token_call(&[("grant_type", "refresh_token"), ("client_id", id), ("refresh_token", token)]).await
    }

    pub async fn token_call(&self, form: &[(&str, &str)]) -> Answered {
        let request = self.client.post(format!("{}/v3/public/oauth/token", self.fake.url()));
        answered(with_form(request, form)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.fake.url()));
        request.header("x-api-key", &self.key).header(AUTHORIZATION, format!("Bearer {}", self.token))
    }

    pub async fn get(&self, path: &str) -> Answered {
        answered(self.request(Method::GET, path)).await
    }

    pub async fn form(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Answered {
        answered(with_form(self.request(method, path), form)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answered {
        let request = self.request(Method::PUT, path).header(CONTENT_TYPE, "application/json");
        answered(request.body(body.to_string())).await
    }

    pub async fn track(&self, receipt: u64, form: &[(&str, &str)]) -> Answered {
        self.form(Method::POST, &of_shop(&format!("/receipts/{receipt}/tracking")), form).await
    }
}

/// An inventory of one product as Etsy takes it.
pub fn one_product(quantity: u32) -> Value {
    json!({"products": [{"sku": "A", "property_values": [], "offerings": [
        {"price": 7.49, "quantity": quantity, "is_enabled": true, "readiness_state_id": 42}]}],
        "price_on_property": [], "quantity_on_property": [], "sku_on_property": []})
}

fn with_form(request: RequestBuilder, form: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
}

async fn answered(request: RequestBuilder) -> Answered {
    let response = request.send().await.unwrap();
    Answered {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}
