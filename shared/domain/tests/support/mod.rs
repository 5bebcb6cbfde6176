//! Builders that read like the scenarios: an order, its links, its settings, its store. Amounts are minor units.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod platforms;
pub mod world;

pub use platforms::*;

use jiff::Timestamp;
use tributary_domain::capabilities::StoreCapabilities;
use tributary_domain::draft::{DraftItem, StoreOrderDraft};
use tributary_domain::drafting::{self, Drafting};
use tributary_domain::head::{Lease, StoreSide};
use tributary_domain::link::{Links, Target};
use tributary_domain::plan::{self, Facts, Step};
use tributary_domain::settings::TaxRate;
use tributary_domain::shipment::{Origin, Push, ShippedLine, Tracking};
use tributary_domain::{
    Address, Buyer, ChannelOrder, ChannelOrderId, ChannelSettings, Charge, ConnectionId, Currency, Fee, Fulfilment,
    ImportState, Liable, Line, LineId, Link, ListingKey, Money, Order, OrderId, Package, Payment, Place, Platform,
    ProductId, Refund, Revision, Shipment, Shipping, Sku, StoreOrderId, Tax, TaxKnowledge,
};

pub fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

pub fn money(minor: i64, code: &str) -> Money {
    Money::from_minor(minor, currency(code))
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn line_id(name: &str) -> LineId {
    LineId::new(name).unwrap()
}

pub fn product(name: &str) -> ProductId {
    ProductId::new(name).unwrap()
}

/// A store order, not created yet, and everything that decides about it.
#[derive(Debug, Clone)]
pub struct Scene {
    pub order: Order,
    pub settings: ChannelSettings,
    pub links: Vec<Link>,
    pub store: StoreCapabilities,
    pub store_currency: Option<Currency>,
    pub by_hand: bool,
}

impl Scene {
    /// SCENARIOS' fixture: eBay into WooCommerce, A and B linked 1:1, X not.
    pub fn new(source: Sale) -> Self {
        Self {
            order: order(source.0),
            settings: ChannelSettings::default(),
            links: vec![link("A", &[("A", 1, 1)]), link("B", &[("B", 1, 1)])],
            store: woocommerce(),
            store_currency: None,
            by_hand: false,
        }
    }

    pub fn facts<'a>(&'a self, links: &'a Links) -> Facts<'a> {
        Facts {
            order: &self.order,
            settings: &self.settings,
            links,
            store: &self.store,
            store_currency: self.store_currency,
            channel_name: "eBay",
            by_hand: self.by_hand,
        }
    }

    pub fn links(&self) -> Links {
        self.links.iter().cloned().collect()
    }

    pub fn next(&self) -> Step {
        plan::next_step(&self.facts(&self.links()))
    }

    pub fn draft(&self) -> StoreOrderDraft {
        drafting::draft(&Drafting::of(&self.facts(&self.links()))).unwrap()
    }

    #[must_use]
    pub fn rate(mut self, country: Option<&str>, basis_points: u32, label: &str) -> Self {
        self.settings.tax.rates.push(TaxRate {
            country: country.map(str::to_owned),
            basis_points,
            label: label.to_owned(),
        });
        self
    }

    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut ChannelSettings)) -> Self {
        change(&mut self.settings);
        self
    }
}

pub fn order(source: ChannelOrder) -> Order {
    let platform = Platform::new("ebay").unwrap();
    let account = tributary_domain::AccountId::new("seller").unwrap();
    Order {
        id: OrderId::derive(source.created_at, &platform, &account, &source.id),
        connection: ConnectionId::new("conn-ebay").unwrap(),
        platform,
        number: 1,
        source,
        generation: 0,
        import: ImportState::Received,
        store: StoreSide::default(),
        stock: Vec::new(),
        packages: Vec::new(),
        lease: Lease::default(),
        by_hand: tributary_domain::ByHand::default(),
        trace: Vec::new(),
        after: tributary_domain::head::After::default(),
    }
}

/// A paid order to Great Britain, under construction.
#[derive(Debug, Clone)]
pub struct Sale(pub ChannelOrder);

/// `buyer_total` is always said, so that a scenario's figures stand in its test.
pub fn sale(code: &str, buyer_total: i64) -> Sale {
    let currency = currency(code);
    Sale(ChannelOrder {
        fulfilled_by_channel: false,
        id: ChannelOrderId::new("12-34567-89012").unwrap(),
        number: "12-34567-89012".to_owned(),
        revision: Revision(1),
        created_at: time("2026-11-18T09:00:00Z"),
        currency,
        buyer_total: Money::from_minor(buyer_total, currency),
        payment: Payment::Paid { at: None },
        fulfilment: Fulfilment::NotStarted,
        cancel: tributary_domain::Cancel::None,
        buyer: Buyer::default(),
        ship_to: Some(Address { country: "GB".to_owned(), ..Address::default() }),
        bill_to: None,
        lines: Vec::new(),
        shipping: Shipping { service: "Standard".to_owned(), charge: Charge::plain(Money::zero(currency)) },
        fees: Vec::new(),
        tax: TaxKnowledge::Unknown,
        refunds: Vec::new(),
        shipments: Vec::new(),
        buyer_note: None,
        gift_message: None,
        warnings: Vec::new(),
    })
}

impl Sale {
    fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.0.currency)
    }

    /// `name` is the line's id, its SKU and its listing.
    #[must_use]
    pub fn line(mut self, name: &str, quantity: u32, unit_price: i64) -> Self {
        let charge = Charge::plain(self.money(unit_price * i64::from(quantity)));
        self.0.lines.push(Line {
            id: line_id(name),
            listing: ListingKey::listing(name, None),
            sku: Some(Sku::new(name).unwrap()),
            title: format!("Item {name}"),
            quantity,
            canceled: 0,
            charge,
        });
        self
    }

    #[must_use]
    pub fn shipping(mut self, minor: i64) -> Self {
        self.0.shipping.charge.gross = self.money(minor);
        self
    }

    #[must_use]
    pub fn fee(mut self, label: &str, minor: i64) -> Self {
        let charge = Charge::plain(self.money(minor));
        self.0.fees.push(Fee { label: label.to_owned(), charge });
        self
    }

    fn charge(&mut self, name: &str) -> &mut Charge {
        match self.0.lines.iter_mut().find(|line| line.id.as_str() == name) {
            Some(line) => &mut line.charge,
            None if name == "shipping" => &mut self.0.shipping.charge,
            None => panic!("no charge {name}"),
        }
    }

    #[must_use]
    pub fn seller_discount(mut self, on: &str, minor: i64) -> Self {
        let amount = self.money(minor);
        self.charge(on).seller_discount = Some(amount);
        self
    }

    #[must_use]
    pub fn marketplace_discount(mut self, on: &str, minor: i64) -> Self {
        let amount = self.money(minor);
        self.charge(on).marketplace_discount = Some(amount);
        self
    }

    /// The channel told this tax, so it knows its taxes.
    #[must_use]
    pub fn tax(mut self, on: &str, minor: i64, place: Place, liable: Liable) -> Self {
        let amount = self.money(minor);
        self.charge(on).taxes.push(Tax { amount, place, liable, label: None, rate: None });
        self.tax_known()
    }

    #[must_use]
    pub fn tax_known(mut self) -> Self {
        self.0.tax = TaxKnowledge::Known;
        self
    }

    #[must_use]
    pub fn to(mut self, country: &str) -> Self {
        self.0.ship_to = Some(Address { country: country.to_owned(), ..Address::default() });
        self
    }

    #[must_use]
    pub fn unpaid(self) -> Self {
        self.payment(Payment::Unpaid)
    }

    #[must_use]
    pub fn payment(mut self, payment: Payment) -> Self {
        self.0.payment = payment;
        self
    }

    #[must_use]
    pub fn at(mut self, created_at: &str) -> Self {
        self.0.created_at = time(created_at);
        self
    }

    #[must_use]
    pub fn named(mut self, id: &str) -> Self {
        self.0.id = ChannelOrderId::new(id).unwrap();
        id.clone_into(&mut self.0.number);
        self
    }

    #[must_use]
    pub fn refunded(mut self, minor: i64) -> Self {
        let amount = self.money(minor);
        let id = format!("R{}", self.0.refunds.len());
        self.0.refunds.push(Refund { id, amount, at: None, line: None, quantity: None });
        self
    }

    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut ChannelOrder)) -> Self {
        change(&mut self.0);
        self
    }
}

/// Listing `name` stands for `targets`: (product, quantity, weight).
pub fn link(name: &str, targets: &[(&str, u32, u32)]) -> Link {
    let target = |&(name, quantity, weight): &(&str, u32, u32)| Target {
        product: product(name),
        sku: Some(Sku::new(name).unwrap()),
        quantity,
        weight,
    };
    Link {
        connection: ConnectionId::new("conn-ebay").unwrap(),
        listing: ListingKey::listing(name, None),
        targets: targets.iter().map(target).collect(),
        tax_rate: None,
    }
}

pub fn imported() -> ImportState {
    ImportState::Imported {
        store_order: StoreOrderId::new("71").unwrap(),
        number: "71".to_owned(),
        at: time("2026-11-18T09:05:00Z"),
    }
}

/// A package as one side states it; `lines` are (line, quantity).
pub fn shipment(remote_id: Option<&str>, number: Option<&str>, lines: &[(&str, u32)]) -> Shipment {
    let shipped = |&(name, quantity): &(&str, u32)| ShippedLine { line: line_id(name), quantity };
    Shipment {
        remote_id: remote_id.map(str::to_owned),
        tracking: number.map(|number| Tracking { number: number.to_owned(), carrier: None }),
        shipped_at: None,
        lines: lines.iter().map(shipped).collect(),
    }
}

pub fn package(origin: Origin, shipment: Shipment) -> Package {
    Package { key: tributary_domain::shipment::key_of(&shipment), origin, shipment, push: Push::Wanted }
}

/// (line, product or "text", quantity, before discount, net, tax) of each draft line.
pub fn lines_of(draft: &StoreOrderDraft) -> Vec<(&str, &str, u32, i64, i64, i64)> {
    let line = |line: &'_ tributary_domain::draft::DraftLine| -> (u32, i64, i64, i64) {
        (line.quantity, line.undiscounted.minor(), line.net.minor(), line.tax.minor())
    };
    let named = draft.lines.iter().map(|l| {
        let item = match &l.item {
            DraftItem::Product { id, .. } => id.as_str(),
            DraftItem::Text { .. } => "text",
        };
        let (quantity, before, net, tax) = line(l);
        (l.line.as_str(), item, quantity, before, net, tax)
    });
    named.collect()
}

/// (label, amount) of each tax of the draft.
pub fn taxes_of(draft: &StoreOrderDraft) -> Vec<(&str, i64)> {
    draft.taxes.iter().map(|tax| (tax.label.as_str(), tax.amount.minor())).collect()
}

pub fn information<'a>(draft: &'a StoreOrderDraft, name: &str) -> Option<&'a str> {
    draft.information.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
