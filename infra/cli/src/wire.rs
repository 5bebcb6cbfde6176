//! What the commands read of the API's answers; docs/api.md describes them whole. Fields that are not shown are left out.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

/// Money, with its currency's own decimals.
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

#[derive(Debug, Deserialize)]
pub struct Connections {
    pub connections: Vec<Connection>,
}

#[derive(Debug, Deserialize)]
pub struct Connection {
    pub id: String,
    pub platform: String,
    pub role: String,
    pub name: String,
    pub attention: Option<Attention>,
    #[serde(default)]
    pub health: Health,
}

#[derive(Debug, Deserialize)]
pub struct Attention {
    pub why: String,
}

#[derive(Debug, Default, Deserialize)]
pub struct Health {
    pub last_success: Option<Timestamp>,
    pub failing_since: Option<Timestamp>,
    pub last_failure: Option<String>,
    pub waits: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Tested {
    pub works: bool,
    pub account: Option<String>,
    pub why: Option<String>,
}

/// A row of the list.
#[derive(Debug, Deserialize)]
pub struct Row {
    pub id: String,
    pub number: u64,
    pub order_date: Timestamp,
    pub dot: Dot,
    pub status: String,
    pub refund: String,
    pub channel: Channel,
    pub skus: Vec<String>,
    pub items: Vec<String>,
    pub buyer: Option<String>,
    pub total: Amount,
    pub store_order_number: Option<String>,
    pub push: Push,
    pub error: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Dot {
    pub color: String,
    pub units_held: u32,
    pub units: u32,
}

#[derive(Debug, Deserialize)]
pub struct Channel {
    pub connection_id: String,
    pub name: String,
    pub order_number: String,
}

#[derive(Debug, Deserialize)]
pub struct Push {
    pub why: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Counts {
    pub as_of: Timestamp,
    pub tabs: std::collections::BTreeMap<String, u64>,
}

/// One order with its story.
#[derive(Debug, Deserialize)]
pub struct Detail {
    pub id: String,
    pub number: u64,
    pub order_date: Timestamp,
    pub status: String,
    pub refund: String,
    pub dot: Dot,
    pub push: Push,
    pub error: Option<String>,
    #[serde(default)]
    pub differences: Vec<String>,
    pub channel: Channel,
    pub channel_side: ChannelSide,
    pub store_side: StoreSide,
    pub totals: Totals,
    pub lines: Vec<Line>,
    #[serde(default)]
    pub packages: Vec<Package>,
    pub trace: Vec<Told>,
}

#[derive(Debug, Deserialize)]
pub struct ChannelSide {
    pub buyer: Buyer,
    #[serde(default)]
    pub warnings: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Buyer {
    pub name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct StoreSide {
    pub import: String,
    pub order_number: Option<String>,
    pub canceled: bool,
}

#[derive(Debug, Deserialize)]
pub struct Totals {
    pub buyer: Amount,
}

#[derive(Debug, Deserialize)]
pub struct Line {
    pub listing: String,
    pub title: String,
    pub unlinked: Option<Unlinked>,
}

/// Why an item waits for a link.
#[derive(Debug, Deserialize)]
pub struct Unlinked {
    pub text: String,
    /// The product of the main store with the item's SKU.
    pub product: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Package {
    pub key: String,
    pub tracking: Option<Tracking>,
    pub push: String,
    pub why: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Tracking {
    pub number: String,
}

#[derive(Debug, Deserialize)]
pub struct Told {
    pub at: Timestamp,
    pub text: String,
}

#[derive(Debug, Deserialize)]
pub struct Linked {
    pub orders_rung: u64,
}

/// What linking many listings did, and what stayed open.
#[derive(Debug, Deserialize)]
pub struct LinkedInBulk {
    pub linked: Vec<String>,
    pub already_linked: u64,
    pub no_key: Vec<String>,
    pub no_match: Vec<String>,
    pub several_matches: Vec<String>,
    pub orders_rung: u64,
}

/// What became of one order that was synced (`queued`) or sent (`answer`).
#[derive(Debug, Deserialize)]
pub struct Outcome {
    pub id: String,
    pub queued: Option<bool>,
    pub answer: Option<String>,
    pub store_order_number: Option<String>,
    pub why: Option<String>,
}

impl Outcome {
    pub fn is_taken(&self) -> bool {
        self.queued.unwrap_or(matches!(self.answer.as_deref(), Some("queued" | "already_imported")))
    }
}

#[derive(Debug, Deserialize)]
pub struct Report {
    pub from: Date,
    pub to: Date,
    pub time_zone: Option<String>,
    pub rows: Vec<Sales>,
    pub totals: Totaled,
}

#[derive(Debug, Deserialize)]
pub struct Totaled {
    pub overall: Vec<Sales>,
}

/// A row or a total of a report.
#[derive(Debug, Deserialize)]
pub struct Sales {
    pub day: Option<Date>,
    pub channel: Option<String>,
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

#[derive(Debug, Deserialize)]
pub struct Product {
    pub sku: Option<String>,
    pub name: String,
    pub orders: u64,
    pub units: u64,
    pub revenue: Amount,
}

#[derive(Debug, Deserialize)]
pub struct Kinds {
    pub kinds: Vec<OfKind>,
}

/// One kind of trouble.
#[derive(Debug, Deserialize)]
pub struct OfKind {
    pub kind: String,
    pub count: u64,
    pub more: bool,
    pub worth: Vec<Amount>,
    pub oldest: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub struct Needing {
    pub id: String,
    pub number: u64,
    pub connection_id: String,
    pub order_date: Timestamp,
    pub worth: Amount,
}

/// What the orders of some days cost in the cloud.
#[derive(Debug, Deserialize)]
pub struct Costs {
    pub from: Date,
    pub to: Date,
    pub orders: u64,
    pub parts: Vec<CostPart>,
    pub usd: CostSum,
    pub leaves_out: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct CostPart {
    pub part: String,
    pub unit: String,
    pub quantity: u64,
    pub usd: String,
}

#[derive(Debug, Deserialize)]
pub struct CostSum {
    pub total: String,
    pub per_1000_orders: Option<String>,
}
