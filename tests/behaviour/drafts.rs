//! Drafts of orders for a main store, and packages.

use domain::channel_order::Address;
use domain::draft::{DraftItem, DraftLine, DraftMails, DraftShipping, DraftTax, Source, StoreOrderDraft};
use domain::shipment::{Origin, Package, Push, Shipment, ShippedLine, Tracking, key_of};
use domain::{Currency, Money, OrderId, ProductId, Reference};

use crate::subject::{BUYER, SKU, StoreFake};

pub fn money(minor: i64, currency: &str) -> Money {
    Money::from_minor(minor, currency.parse().unwrap())
}

/// Of the trial's n-th order.
pub fn reference(number: u32) -> Reference {
    let placed = "2026-10-27T09:00:00Z".parse().unwrap();
    let order = format!("12-{number:05}").parse().unwrap();
    let order = OrderId::derive(placed, &"ebay".parse().unwrap(), &"seller".parse().unwrap(), &order);
    Reference { order, generation: 1 }
}

pub fn product_line(line: &str, product: &ProductId, quantity: u32, net: Money) -> DraftLine {
    DraftLine {
        line: line.parse().unwrap(),
        item: DraftItem::Product { id: product.clone(), sku: SKU.parse().ok() },
        name: format!("Listing {line}"),
        quantity,
        undiscounted: net,
        net,
        tax: Money::zero(net.currency()),
        already_deducted: 0,
    }
}

/// A line that names what was sold and moves no stock.
pub fn text_line(line: &str, quantity: u32, net: Money) -> DraftLine {
    let item = DraftItem::Text { sku: SKU.parse().ok() };
    DraftLine { item, ..product_line(line, &"1".parse().unwrap(), quantity, net) }
}

/// A paid order of [`BUYER`], all mails off, to where the store would tax it. Its total is what its parts add up to.
pub fn draft(fake: &dyn StoreFake, number: u32, lines: Vec<DraftLine>) -> StoreOrderDraft {
    let (_, country) = fake.taxes();
    let currency = lines[0].net.currency();
    let address = Address {
        first_name: BUYER.first_name.to_owned(),
        last_name: BUYER.last_name.to_owned(),
        line1: BUYER.street.to_owned(),
        city: BUYER.city.to_owned(),
        postcode: BUYER.postcode.to_owned(),
        country: country.to_owned(),
        phone: BUYER.phone.to_owned(),
        ..Address::default()
    };
    let order = format!("12-{number:05}");
    let mut draft = StoreOrderDraft {
        conversion: domain::exchange::Conversion::AsIs,
        // Nobody is looked up by it, so that a trial of one call is of the call that it means.
        email_is_relay: true,
        remarks: Vec::new(),
        reference: reference(number),
        source: Source {
            platform: "ebay".parse().unwrap(),
            channel_name: "eBay".to_owned(),
            order: order.parse().unwrap(),
            number: order,
            wanted_number: None,
        },
        currency,
        total: Money::zero(currency),
        paid: true,
        placed_at: "2026-10-27T09:00:00Z".parse().unwrap(),
        lines,
        shipping: shipping(currency),
        fees: Vec::new(),
        taxes: Vec::new(),
        channel_liable: vec![],
        billing: address.clone(),
        ship_to: address,
        email: Some(BUYER.email.to_owned()),
        note: Some(BUYER.note.to_owned()),
        information: Vec::new(),
        takes_stock: true,
        mails: DraftMails {
            receipt: false,
            fulfilment: false,
            marketing: false,
            customer_notifications: false,
            suppress_owner_mail: true,
        },
    };
    add_up(&mut draft);
    draft
}

fn shipping(currency: Currency) -> DraftShipping {
    let net = Money::from_minor(400, currency);
    DraftShipping { title: "Tracked parcel".to_owned(), net, tax: Money::zero(currency) }
}

/// Sets the total to what the parts add up to.
pub fn add_up(draft: &mut StoreOrderDraft) {
    let parts = draft.lines.iter().map(|line| line.net).chain([draft.shipping.net]);
    let parts = parts.chain(draft.fees.iter().map(|fee| fee.net)).chain(draft.taxes.iter().map(|tax| tax.amount));
    draft.total = Money::sum(draft.currency, parts).unwrap();
}

pub fn tax(label: &str, amount: Money) -> DraftTax {
    DraftTax { label: label.to_owned(), amount, rate: Some("20".parse().unwrap()) }
}

/// A paid order of `quantity` of the store's product, at 19.99 each.
pub fn simple(fake: &dyn StoreFake, number: u32, quantity: u32) -> StoreOrderDraft {
    let net = money(1999 * i64::from(quantity), fake.taxes().0);
    draft(fake, number, vec![product_line("L1", &fake.product(), quantity, net)])
}

pub fn package(number: Option<&str>, lines: &[(&str, u32)]) -> Package {
    let lines = lines.iter().map(|(line, quantity)| ShippedLine { line: line.parse().unwrap(), quantity: *quantity });
    let tracking = number.map(|number| Tracking { number: number.to_owned(), carrier: Some("UPS".to_owned()) });
    let shipment = Shipment { remote_id: None, tracking, shipped_at: None, lines: lines.collect() };
    Package { key: key_of(&shipment), origin: Origin::Person, shipment, push: Push::Wanted }
}
