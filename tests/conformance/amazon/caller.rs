//! A bare HTTP caller of the fake, and small helpers.

use std::sync::LazyLock;

use fakes::SimClock;
use fakes::amazon::{AmazonFake, MARKETPLACES, REFRESH_TOKEN, SELLER_ID};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

pub const ORDERS: &str = "/orders/2026-01-01/orders";
pub const NOW: &str = "2026-11-21T12:00:00Z";
/// Every dataset that the fake knows.
pub const ALL: &str = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT";

/// The client wants a TLS provider even for plain http.
static PROVIDER: LazyLock<()> = LazyLock::new(|| rustls::crypto::ring::default_provider().install_default().unwrap());

#[derive(Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub rate: Option<String>,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The first error's code, or the OAuth error.
    pub fn error(&self) -> String {
        let body = self.json();
        let code = body["errors"][0]["code"].as_str().or(body["error"].as_str());
        code.unwrap_or_default().to_owned()
    }
}

/// A fake at [`NOW`] on a standing clock, and a caller with a fresh token.
pub struct Caller {
    pub fake: AmazonFake,
    client: Client,
    pub token: String,
}

impl Caller {
    pub async fn start() -> Self {
        LazyLock::force(&PROVIDER);
        let fake = AmazonFake::start(SimClock::starting_at(NOW.parse().unwrap())).await.unwrap();
        let mut caller = Self { fake, client: Client::new(), token: String::new() };
        let token = caller.refresh(REFRESH_TOKEN).await.json();
        token["access_token"].as_str().unwrap().clone_into(&mut caller.token);
        caller
    }

    /// As [`Self::start`], without limits.
    pub async fn unlimited() -> Self {
        let caller = Self::start().await;
        caller.fake.unlimited();
        caller
    }

    pub async fn refresh(&self, token: &str) -> Answered {
        self.login(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub async fn login(&self, form: &[(&str, &str)]) -> Answered {
        let app = self.fake.application();
        let keys = [("client_id", app.client_id.as_str()), ("client_secret", &app.client_secret)];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).extend_pairs(keys).finish();
        let request = self.client.post(format!("{}/auth/o2/token", self.fake.url()));
        answered(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)).await
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answered {
        self.send(Method::GET, path, query, None).await
    }

    pub async fn send(&self, method: Method, path: &str, query: &[(&str, &str)], body: Option<&Value>) -> Answered {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let url = format!("{}{path}{}{query}", self.fake.url(), if query.is_empty() { "" } else { "?" });
        let request = self.client.request(method, url).header("x-amz-access-token", &self.token);
        match body {
            Some(body) => answered(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await,
            None => answered(request).await,
        }
    }

    /// A search of the last day.
    pub async fn search(&self, more: &[(&str, &str)]) -> Answered {
        let query = [("lastUpdatedAfter", "2026-11-20T12:00:00Z"), ("includedData", ALL)];
        self.get(ORDERS, &[&query[..], more].concat()).await
    }

    pub async fn confirm(&self, order: &str, body: &Value) -> Answered {
        let path = format!("/orders/v0/orders/{order}/shipmentConfirmation");
        self.send(Method::POST, &path, &[], Some(body)).await
    }
}

pub fn listings() -> String {
    format!("/listings/2021-08-01/items/{SELLER_ID}")
}

/// A package of one item, for [`Caller::confirm`].
pub fn package(reference: &str, tracking: &str, lines: &[(&str, u32)]) -> Value {
    let lines: Vec<Value> =
        lines.iter().map(|(id, quantity)| json!({"orderItemId": id, "quantity": quantity})).collect();
    json!({
        "marketplaceId": MARKETPLACES[0],
        "packageDetail": {
            "packageReferenceId": reference, "carrierCode": "UPS", "trackingNumber": tracking,
            "shipDate": "2026-11-21T11:00:00Z", "orderItems": lines,
        },
    })
}

async fn answered(request: reqwest::RequestBuilder) -> Answered {
    let response = request.send().await.unwrap();
    Answered {
        status: response.status(),
        rate: response.headers().get("x-amzn-ratelimit-limit").map(|rate| rate.to_str().unwrap().to_owned()),
        body: response.bytes().await.unwrap().to_vec(),
    }
}
