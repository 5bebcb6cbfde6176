//! A bare HTTP caller of the fake, and small helpers.

use std::sync::LazyLock;

use fakes::SimClock;
use fakes::ebay::{EbayFake, REFRESH_TOKEN};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

pub const ORDERS: &str = "/sell/fulfillment/v1/order";
pub const NOW: &str = "2026-11-21T12:00:00Z";

/// The client wants a TLS provider even for plain http.
static PROVIDER: LazyLock<()> = LazyLock::new(|| rustls::crypto::ring::default_provider().install_default().unwrap());

#[derive(Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The first `errorId`, or the OAuth error.
    pub fn error(&self) -> String {
        let body = self.json();
        match &body["errors"][0]["errorId"] {
            Value::Number(id) => id.to_string(),
            _ => body["error"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// A fake at [`NOW`] on a standing clock, and a caller with a fresh token.
pub struct Caller {
    pub fake: EbayFake,
    client: Client,
    pub token: String,
}

impl Caller {
    pub async fn start() -> Self {
        LazyLock::force(&PROVIDER);
        let now: Timestamp = NOW.parse().unwrap();
        let fake = EbayFake::start(SimClock::starting_at(now)).await.unwrap();
        let mut caller = Self { fake, client: Client::new(), token: String::new() };
        let token = caller.refresh(REFRESH_TOKEN, "").await.json();
        token["access_token"].as_str().unwrap().clone_into(&mut caller.token);
        caller
    }

    pub async fn refresh(&self, token: &str, scope: &str) -> Answered {
        self.token_call(&[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await
    }

    pub async fn token_call(&self, form: &[(&str, &str)]) -> Answered {
        let application = self.fake.application();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .client
            .post(format!("{}/identity/v1/oauth2/token", self.fake.url()))
            .basic_auth(&application.client_id, Some(&application.client_secret))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        answered(request).await
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answered {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        self.get_url(&format!("{}{path}{}{query}", self.fake.url(), if query.is_empty() { "" } else { "?" })).await
    }

    pub async fn get_url(&self, url: &str) -> Answered {
        answered(self.client.get(url).header(AUTHORIZATION, format!("Bearer {}", self.token))).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answered {
        let request = self
            .client
            .request(Method::POST, format!("{}{path}", self.fake.url()))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        answered(request).await
    }

    pub async fn ship(&self, order_id: &str, body: &Value) -> Answered {
        self.post(&format!("{ORDERS}/{order_id}/shipping_fulfillment"), body).await
    }

    /// A package with a UPS number.
    pub async fn ship_lines(&self, order_id: &str, tracking: &str, lines: &[(&str, u32)]) -> Answered {
        let lines: Vec<Value> =
            lines.iter().map(|(id, quantity)| json!({"lineItemId": id, "quantity": quantity})).collect();
        let body = json!({"lineItems": lines, "shippingCarrierCode": "UPS", "trackingNumber": tracking});
        self.ship(order_id, &body).await
    }
}

async fn answered(request: reqwest::RequestBuilder) -> Answered {
    let response = request.send().await.unwrap();
    Answered {
        status: response.status(),
        location: response.headers().get("location").map(|value| value.to_str().unwrap().to_owned()),
        body: response.bytes().await.unwrap().to_vec(),
    }
}
