//! Order rows as a shop of several channels has them, the same in every run.

use domain::row::{Figures, Item, OrderRow, Sale, SaleKind, SoldLine, Words};
use domain::status::OrderStatus;
use domain::{AccountId, ChannelOrderId, ConnectionId, Currency, OrderId, Platform};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const SYLLABLES: [&str; 32] = [
    "an", "bel", "cor", "da", "el", "fi", "gar", "hen", "is", "jo", "ka", "lin", "mar", "ne", "or", "pet", "qui", "ro",
    "son", "ta", "ul", "ver", "wil", "xan", "ya", "zo", "berg", "ski", "ova", "ton", "ley", "man",
];
const THINGS: [&str; 16] = [
    "Leather Messenger Bag",
    "Steel Water Bottle",
    "Ceramic Coffee Mug",
    "Bluetooth Headphones",
    "Wool Hiking Socks",
    "Bamboo Cutting Board",
    "LED Desk Lamp",
    "Cotton Baby Blanket",
    "Vacuum Filter",
    "Watercolour Paint Set",
    "Garden Hose Connector",
    "Board Game Expansion",
    "Phone Case",
    "Running Shorts",
    "Bread Knife",
    "Cat Scratching Post",
];
const KINDS: [&str; 12] = [
    "Brown",
    "Blue 750ml",
    "Set of 4",
    "Black",
    "Size L",
    "Large",
    "White",
    "Grey 80x100cm",
    "2 pack",
    "36 Colours",
    "Brass",
    "2026 Edition",
];
/// Articles that the shop sells.
const ARTICLES: u64 = 600;

/// Makes rows; each has its own number.
pub struct Maker {
    seed: u64,
    number: u64,
    channels: Vec<ConnectionId>,
    currencies: Vec<Currency>,
    platform: Option<Platform>,
    account: Option<AccountId>,
}

impl Maker {
    pub fn new(seed: u64) -> Self {
        let channels =
            ["ebay-01kb1q3v8f0c7r5m2x9d4t6w8y", "etsy-01kb1q3v8f0c7r5m2x9d4t6w8z", "woo-01kb1q3v8f0c7r5m2x9d4t6w80"];
        Self {
            seed,
            number: 10_000,
            channels: channels.iter().filter_map(|id| ConnectionId::new(id).ok()).collect(),
            currencies: ["GBP", "EUR"].iter().filter_map(|code| code.parse().ok()).collect(),
            platform: Platform::new("ebay").ok(),
            account: AccountId::new("seller").ok(),
        }
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % bound.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let at = self.below(from.len() as u64);
        usize::try_from(at).ok().and_then(|at| from.get(at)).copied().unwrap_or_default()
    }

    fn digits(&mut self, count: u32) -> String {
        let bound = 10_u64.pow(count);
        let width = count as usize;
        format!("{:0width$}", self.below(bound))
    }

    fn name(&mut self) -> String {
        let mut part = |syllables: usize| {
            let name: String = (0..syllables).map(|_| self.pick(&SYLLABLES)).collect();
            let mut letters = name.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        };
        format!("{} {}", part(2), part(3))
    }

    /// A day's orders as they are by `today`, in the order of their ids.
    pub fn day(&mut self, day: Date, count: u64, today: Date) -> Vec<OrderRow> {
        let mut rows = self.rows(day, count, today);
        rows.sort_by_key(|row| row.id);
        rows
    }

    pub fn rows(&mut self, day: Date, count: u64, today: Date) -> Vec<OrderRow> {
        (0..count).filter_map(|_| self.row(day, today)).collect()
    }

    fn row(&mut self, day: Date, today: Date) -> Option<OrderRow> {
        self.number += 1;
        let second = i64::try_from(self.below(86_400_000)).ok()?;
        let at = day.to_zoned(TimeZone::UTC).ok()?.timestamp() + SignedDuration::from_millis(second);
        let channel_number = format!("{}-{}-{}", self.digits(2), self.digits(5), self.digits(5));
        let id = ChannelOrderId::new(&channel_number).ok()?;
        let id = OrderId::derive(at, self.platform.as_ref()?, self.account.as_ref()?, &id);
        let lines: Vec<SoldLine> =
            (0..[1, 1, 1, 2, 3][usize::try_from(self.below(5)).ok()?]).map(|_| self.line()).collect();
        let age = (today - day).get_days();
        let canceled = self.below(100) < 3;
        let status = match age {
            _ if canceled => OrderStatus::Canceled,
            ..=0 => OrderStatus::ReadyToShip,
            1..=3 => OrderStatus::Shipping,
            _ => OrderStatus::Completed,
        };
        let gross: i64 = lines.iter().map(|line| line.revenue).sum::<i64>() + 399;
        let channel = usize::try_from(self.below(10)).ok()?;
        let channel = self.channels.get([0, 0, 0, 0, 0, 0, 1, 1, 1, 2][channel])?.clone();
        let currency = usize::from(self.below(10) == 0);
        let sale = Sale {
            currency: *self.currencies.get(currency)?,
            kind: if canceled { SaleKind::Canceled } else { SaleKind::Sold },
            fulfilled_by_channel: false,
            gross,
            refunds: if self.below(100) < 2 { gross / 3 } else { 0 },
            tax: gross / 6,
            collected_tax: if self.below(4) == 0 { gross / 12 } else { 0 },
            units: lines.iter().map(|line| line.units).sum(),
        };
        let error = self.below(300) == 0;
        let figures = Figures { channel, status, unlinked: false, error, superseded: false, sale };
        let words = Words {
            number: self.number,
            channel_number,
            store_number: Some((self.number + 40_000).to_string()),
            names: vec![self.name()],
            lines,
        };
        Some(OrderRow { id, figures, words })
    }

    /// A few articles make most of the sales.
    fn line(&mut self) -> SoldLine {
        let article = self.below(ARTICLES).min(self.below(ARTICLES));
        let part = |of: &[&str], by: u64| {
            let at = usize::try_from(article / by).unwrap_or_default() % of.len();
            of.get(at).copied().unwrap_or_default().to_owned()
        };
        let units = if self.below(6) == 0 { 2 } else { 1 };
        let title = format!("{} {} No. {}", part(&THINGS, 1), part(&KINDS, 16), article / 192 + 1);
        let price = 499 + i64::try_from(article * 7_919 % 9_000).unwrap_or_default();
        let item = Item { sku: Some(format!("SKU-{}", 10_007 + article * 7_919)), title };
        SoldLine { item, units, revenue: price * i64::from(units) }
    }
}
