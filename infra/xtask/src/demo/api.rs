//! Tributary's own API, as a person's program calls it.

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// How often a busy platform is asked again.
const TRIES: u32 = 10;

/// The API of a running local cloud.
#[derive(Debug)]
pub struct Api {
    client: Client,
    url: String,
    token: String,
}

/// A row of `GET /orders`.
#[derive(Debug, Clone, Deserialize)]
pub struct Row {
    pub id: String,
    pub status: String,
    pub dot: Dot,
    pub channel: Channel,
    pub skus: Vec<String>,
    pub buyer: Option<String>,
    pub total: Amount,
    pub store_order_number: Option<String>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Dot {
    pub color: String,
    pub units_held: u32,
    pub units: u32,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Channel {
    pub order_number: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Amount {
    pub amount: String,
    pub currency: String,
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// What the demo reads of `GET /orders/{id}`.
#[derive(Debug, Clone, Deserialize)]
pub struct Detail {
    pub channel_side: ChannelSide,
    pub store_side: StoreSide,
    pub trace: Vec<Told>,
}

impl Detail {
    /// Whether its story says so.
    pub fn tells(&self, what: &str) -> bool {
        self.trace.iter().any(|told| told.text.contains(what))
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct ChannelSide {
    pub order_id: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct StoreSide {
    pub import: Import,
    pub order_id: Option<String>,
    pub reference: String,
}

/// How far an order is on its way into the main store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Import {
    Received,
    Waiting,
    BeingCreated,
    Unknown,
    Imported,
    Failed,
    NotToBeImported,
}

impl Import {
    /// Nothing more happens by itself.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Waiting | Self::Imported | Self::Failed | Self::NotToBeImported)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Told {
    pub at: Timestamp,
    pub text: String,
}

/// An order that could not be read.
#[derive(Debug, Clone, Deserialize)]
pub struct Unreadable {
    pub channel_order_id: Option<String>,
    pub why: String,
}

/// What `POST /connections/{id}/links/by-sku` did.
#[derive(Debug, Clone, Deserialize)]
pub struct Linked {
    #[serde(rename = "linked")]
    pub skus: Vec<String>,
    pub no_match: Vec<String>,
    pub orders_rung: usize,
}

/// A listing's stock, as `GET /connections/{id}/stock` shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct ListedStock {
    pub sku: Option<String>,
    pub quantity: Option<i64>,
    pub will_be: Option<i64>,
}

/// A row or a total of `GET /reports/sales`.
#[derive(Debug, Clone, Deserialize)]
pub struct Sales {
    pub day: Option<String>,
    pub channel_name: Option<String>,
    pub count: u64,
    pub gross: Amount,
    pub canceled: Amount,
    pub unpaid: Amount,
    pub refunds: Amount,
    pub net: Amount,
    pub tax: Amount,
    pub collected_tax: Amount,
}

/// The rows of a report, and its totals by currency.
#[derive(Debug, Clone)]
pub struct Report {
    pub rows: Vec<Sales>,
    pub totals: Vec<Sales>,
}

impl Api {
    pub fn new(client: Client, url: &str, token: &str) -> Self {
        Self { client, url: url.to_owned(), token: token.to_owned() }
    }

    /// Connects an account; returns the connection's id.
    pub async fn connect(&self, connection: &Value) -> Result<String> {
        #[derive(Deserialize)]
        struct Made {
            id: String,
        }
        let made: Made = self.call(Method::POST, "/connections", Some(connection)).await?;
        Ok(made.id)
    }

    pub async fn link_by_sku(&self, channel: &str) -> Result<Linked> {
        self.call(Method::POST, &format!("/connections/{channel}/links/by-sku"), None).await
    }

    /// Changes one setting of a channel; `pointer` says where it stands in the document.
    pub async fn set(&self, channel: &str, pointer: &str, value: Value) -> Result<()> {
        #[derive(Deserialize)]
        struct Document {
            version: u64,
            settings: Value,
        }
        let path = format!("/connections/{channel}/settings");
        let mut document: Document = self.call(Method::GET, &path, None).await?;
        let place = document.settings.pointer_mut(pointer).with_context(|| format!("there is no setting {pointer}"))?;
        *place = value;
        let seen = format!("\"{}\"", document.version);
        let request = self.client.put(format!("{}{path}", self.url)).header("if-match", seen);
        self.send::<Value>(format!("PUT {path}"), request, Some(&document.settings)).await.map(drop)
    }

    /// What the channel's linked listings show and would show: the first page.
    pub async fn stock(&self, channel: &str) -> Result<Vec<ListedStock>> {
        #[derive(Deserialize)]
        struct Page {
            listings: Vec<ListedStock>,
        }
        let page: Page = self.call(Method::GET, &format!("/connections/{channel}/stock"), None).await?;
        Ok(page.listings)
    }

    pub async fn start_stock(&self, channel: &str) -> Result<()> {
        self.call::<Value>(Method::POST, &format!("/connections/{channel}/stock/start"), None).await.map(drop)
    }

    /// Every order, the newest first.
    pub async fn orders(&self) -> Result<Vec<Row>> {
        #[derive(Deserialize)]
        struct Page {
            orders: Vec<Row>,
            next: Option<String>,
        }
        let mut all = Vec::new();
        let mut path = "/orders?limit=200".to_owned();
        loop {
            let page: Page = self.call(Method::GET, &path, None).await?;
            all.extend(page.orders);
            let Some(next) = page.next else { return Ok(all) };
            path = format!("/orders?limit=200&cursor={next}");
        }
    }

    pub async fn order(&self, id: &str) -> Result<Detail> {
        self.call(Method::GET, &format!("/orders/{id}"), None).await
    }

    pub async fn unreadable(&self, channel: &str) -> Result<Vec<Unreadable>> {
        #[derive(Deserialize)]
        struct Page {
            orders: Vec<Unreadable>,
        }
        let page: Page =
            self.call(Method::GET, &format!("/connections/{channel}/unreadable-orders?limit=200"), None).await?;
        Ok(page.orders)
    }

    /// The sales of the last `days` days, today included.
    pub async fn sales(&self, days: u32) -> Result<Report> {
        #[derive(Deserialize)]
        struct Document {
            rows: Vec<Sales>,
            totals: Totals,
        }
        #[derive(Deserialize)]
        struct Totals {
            overall: Vec<Sales>,
        }
        let document: Document = self.call(Method::GET, &format!("/reports/sales?days={days}"), None).await?;
        Ok(Report { rows: document.rows, totals: document.totals.overall })
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&Value>) -> Result<T> {
        let asked = format!("{method} {path}");
        let request = self.client.request(method, format!("{}{path}", self.url));
        self.send(asked, request, body).await
    }

    /// Waits and asks again where the answer says when: a platform may be busy.
    async fn send<T: DeserializeOwned>(
        &self,
        asked: String,
        request: RequestBuilder,
        body: Option<&Value>,
    ) -> Result<T> {
        let mut request = request.bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let mut tries = 1;
        loop {
            let again = request.try_clone().context("a request that cannot be sent again")?;
            let answer = again.send().await.with_context(|| format!("{asked} was not answered"))?;
            let status = answer.status();
            let busy = status == StatusCode::SERVICE_UNAVAILABLE && tries < TRIES;
            let wait = answer.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
            let bytes = answer.bytes().await.with_context(|| format!("{asked} was not answered to the end"))?;
            if status.is_success() {
                return serde_json::from_slice(&bytes).with_context(|| format!("{asked} was answered oddly"));
            }
            let Some(wait) = wait.filter(|_| busy) else {
                bail!("{asked} was answered with {status}: {}", String::from_utf8_lossy(&bytes));
            };
            tokio::time::sleep(Duration::from_secs(wait)).await;
            tries += 1;
        }
    }
}
