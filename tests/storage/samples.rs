//! Orders as channels give them: healthy ones of any length, and one that uses every field there is.

use domain::channel_order::{
    Address, Buyer, Cancel, ChannelOrder, Charge, Fee, Fulfilment, Liable, Line, Payment, Place, Refund, Revision,
    Shipping, Tax, TaxKnowledge,
};
use domain::exchange::Conversion;
use domain::head::{After, ImportState, Lease, Order, Review, StoreSide};
use domain::refund::{Recorded, Recording};
use domain::settings::StatedRate;
use domain::shipment::{Origin, Package, Push, Shipment, ShippedLine, Tracking};
use domain::stock::{LineStock, StockState};
use domain::trace::{Event, NotImported, TraceEntry};
use domain::{
    AccountId, ChannelOrderId, ConnectionId, Currency, LineId, ListingKey, Money, OrderId, Platform, ProductId, Sku,
    StoreOrderId,
};
use jiff::Timestamp;

pub const TITLES: [&str; 12] = [
    "Vintage Leather Messenger Bag Brown 15 inch Laptop",
    "Stainless Steel Water Bottle 750ml Insulated Blue",
    "Ceramic Coffee Mug Hand Painted Set of 4",
    "Wireless Bluetooth Headphones Over Ear Black",
    "Men's Merino Wool Hiking Socks Size L 3 Pairs",
    "Bamboo Cutting Board with Juice Groove Large",
    "LED Desk Lamp Dimmable USB Charging Port White",
    "Cotton Baby Blanket Organic Knit Grey 80x100cm",
    "Replacement Filter for Vacuum Cleaner V11 (2 pack)",
    "Watercolour Paint Set 36 Colours with Brushes",
    "Garden Hose Connector Brass 1/2 Inch Quick Release",
    "Board Game Expansion English Edition 2024",
];

pub fn usd() -> Currency {
    "USD".parse().unwrap()
}

pub fn money(minor: i64) -> Money {
    Money::from_minor(minor, usd())
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn connection() -> ConnectionId {
    ConnectionId::new("01KA7RX3M9ZQ2W5T8V4B6N1C0D").unwrap()
}

pub fn now() -> Timestamp {
    at("2026-11-18T09:04:31.482917Z")
}

/// Digits that look like ids do: no two alike, nothing to compress.
fn digits(seed: u64, count: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let digit = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from((*state >> 33) % 10).unwrap())
    };
    std::iter::once('1').chain((1..count).map(|_| digit(&mut state))).collect()
}

/// A line as eBay gives it, its tax collected by the marketplace.
pub fn line(order: u64, index: u64) -> Line {
    let seed = order * 100 + index;
    let price = 999 + i64::try_from(seed * 731 % 9000).unwrap();
    let tax = Tax {
        amount: money(price * 8 / 100),
        place: Place::OnTop,
        liable: Liable::Marketplace,
        label: None,
        rate: None,
    };
    Line {
        id: LineId::new(format!("100{}", digits(seed, 11))).unwrap(),
        listing: ListingKey::listing(&digits(seed + 7, 12), None),
        sku: Some(Sku::new(format!("SKU-{}", digits(seed + 13, 5))).unwrap()),
        title: TITLES[usize::try_from(seed).unwrap() % TITLES.len()].to_owned(),
        quantity: 1 + u32::try_from(index % 3).unwrap(),
        canceled: 0,
        charge: Charge { taxes: vec![tax], ..Charge::plain(money(price)) },
    }
}

/// What eBay gives of a paid order with this many lines.
pub fn ebay_source(order: u64, lines: u64) -> ChannelOrder {
    let created_at = at("2026-11-18T08:59:12.417Z");
    let lines: Vec<Line> = (0..lines).map(|index| line(order, index)).collect();
    let total =
        lines.iter().map(|line| line.charge.gross.minor() + line.charge.taxes[0].amount.minor()).sum::<i64>() + 595;
    let number = format!("{}-{}-{}", &digits(order, 2), &digits(order + 1, 5), &digits(order + 2, 5));
    let name = ["Margaret Thompson", "José Hernández", "Wei Zhang", "Christopher O'Neill"]
        [usize::try_from(order).unwrap() % 4];
    let address = Address {
        line1: format!("{} Willow Creek Drive", 100 + order % 900),
        line2: "Apt 4B".into(),
        city: "Minneapolis".into(),
        region: "MN".into(),
        postcode: format!("5{}", digits(order, 4)),
        country: "US".into(),
        phone: format!("+1 612-555-{}", digits(order + 3, 4)),
        ..Address::default()
    };
    ChannelOrder {
        id: ChannelOrderId::new(&number).unwrap(),
        number,
        revision: Revision(created_at.as_millisecond() + 1_843),
        created_at,
        currency: usd(),
        buyer_total: money(total),
        payment: Payment::Paid { at: Some(at("2026-11-18T08:59:14.260Z")) },
        fulfilment: Fulfilment::NotStarted,
        cancel: Cancel::None,
        fulfilled_by_channel: false,
        buyer: Buyer {
            username: Some(format!("buyer_{}", digits(order, 6))),
            name: Some(name.to_owned()),
            email: Some(format!("4f{}c2b1d9e@members.ebay.com", digits(order, 5))),
            email_is_relay: true,
        },
        ship_to: Some(address.with_full_name(name)),
        bill_to: None,
        lines,
        shipping: Shipping { service: "USPSGroundAdvantage".into(), charge: Charge::plain(money(595)) },
        fees: Vec::new(),
        tax: TaxKnowledge::Known,
        refunds: Vec::new(),
        shipments: Vec::new(),
        buyer_note: None,
        gift_message: None,
        warnings: Vec::new(),
    }
}

/// An order as intake stores it.
pub fn received(source: ChannelOrder) -> Order {
    let platform = Platform::new("ebay").unwrap();
    let account = AccountId::new("seller").unwrap();
    Order {
        id: OrderId::derive(source.created_at, &platform, &account, &source.id),
        connection: connection(),
        platform,
        number: 10_482,
        source,
        generation: 1,
        import: ImportState::Received,
        store: StoreSide::default(),
        stock: Vec::new(),
        packages: Vec::new(),
        lease: Lease::default(),
        by_hand: domain::ByHand::default(),
        trace: Vec::new(),
        after: domain::head::After::default(),
    }
}

pub fn healthy(order: u64, lines: u64) -> Order {
    received(ebay_source(order, lines))
}

/// How the stock of every line stands.
pub fn stock(source: &ChannelOrder, state: StockState) -> Vec<LineStock> {
    let lines = source.lines.iter().enumerate();
    lines
        .map(|(index, line)| LineStock {
            line: line.id.clone(),
            product: ProductId::new(format!("{}", 4_711 + index * 37)).unwrap(),
            units: line.quantity,
            state,
            restored: 0,
            of: 0,
        })
        .collect()
}

pub fn imported(number: u64) -> ImportState {
    let number = number.to_string();
    ImportState::Imported { store_order: StoreOrderId::new(&number).unwrap(), number, at: now() }
}

pub fn lease(fence: u64, holder: &str, until: Option<Timestamp>) -> Lease {
    Lease { fence, holder: holder.to_owned(), until }
}

/// A package of the whole order, with tracking, on its way to the channel.
pub fn package() -> Package {
    let tracking = Tracking { number: "9405511206238471630257".into(), carrier: Some("USPS".into()) };
    Package {
        key: format!("t:{}", tracking.number),
        origin: Origin::Store,
        shipment: Shipment {
            remote_id: None,
            tracking: Some(tracking),
            shipped_at: Some(at("2026-11-19T15:20:00Z")),
            lines: Vec::new(),
        },
        push: Push::Sending { attempt: 1, send_by: at("2026-11-19T15:32:10.118Z") },
    }
}

pub fn trace_of(events: Vec<Event>) -> Vec<TraceEntry> {
    events.into_iter().map(|event| TraceEntry { at: now(), event }).collect()
}

/// Every optional field is there, in both the order and its parts.
pub fn complete() -> Order {
    let tax = Tax {
        amount: money(83),
        place: Place::Included,
        liable: Liable::Seller,
        label: Some("VAT 20%".into()),
        rate: Some("8.25".parse().unwrap()),
    };
    let charge = Charge {
        gross: money(2_500),
        seller_discount: Some(money(250)),
        marketplace_discount: Some(money(100)),
        taxes: vec![tax],
    };
    let address = Address {
        first_name: "Анна".into(),
        last_name: "Кузнецова".into(),
        company: "ООО Ромашка".into(),
        line1: "улица Ленина 1".into(),
        line2: "кв. 2".into(),
        city: "Москва".into(),
        region: "Москва".into(),
        postcode: "101000".into(),
        country: "RU".into(),
        phone: "+7 495 000-00-00".into(),
    };
    let shipment = Shipment {
        remote_id: Some("9405".into()),
        tracking: Some(Tracking { number: "1Z999AA10123456784".into(), carrier: Some("UPS".into()) }),
        shipped_at: Some(now()),
        lines: vec![ShippedLine { line: LineId::new("1").unwrap(), quantity: 2 }],
    };
    let mut source = ebay_source(50, 2);
    source.cancel = Cancel::Requested;
    source.fulfilment = Fulfilment::Partial;
    source.ship_to = Some(address.clone());
    source.bill_to = Some(address);
    source.lines[0].charge = charge.clone();
    source.lines[0].canceled = 1;
    source.shipping.charge = charge.clone();
    source.fees = vec![Fee { label: "Gift wrap".into(), charge }];
    source.refunds = vec![Refund {
        id: "5012".into(),
        amount: money(250),
        at: Some(now()),
        line: Some(source.lines[0].id.clone()),
        quantity: Some(1),
    }];
    source.shipments = vec![shipment.clone()];
    source.buyer_note = Some("Please leave it at the door".into());
    source.gift_message = Some("Happy birthday!".into());
    source.warnings = vec!["The phone number is missing.".into()];
    let mut order = received(source);
    order.generation = 3;
    order.import = ImportState::Waiting(NotImported::Unlinked { items: vec!["Mug".into()] });
    order.store = StoreSide { paid: true, completed: true, canceled: true };
    order.stock = stock(&order.source, StockState::Held);
    order.stock[1].restored = 1;
    order.packages = vec![Package { shipment, push: Push::Refused { reason: "No such carrier".into() }, ..package() }];
    order.lease = lease(7, "import-order/4f2c", Some(now()));
    order.by_hand.undo = Some(domain::Asked { by: "helper@shop.example".into(), at: now() });
    order.by_hand.send = Some(domain::Asked { by: "owner@shop.example".into(), at: now() });
    order.trace = trace_of(vec![
        Event::NotImported(NotImported::Unlinked { items: vec!["Mug".into()] }),
        Event::Asked { by: "anna".into(), what: "send".into() },
    ]);
    order.after = After {
        recorded: vec![Recording { key: "5012".into(), amount: money(250), state: Recorded::Done }],
        supersedes: vec![order.id],
        superseded_by: Some(order.id),
        edited: Some(Revision(7)),
        review: Review { revision: Some(Revision(7)), differences: vec!["The address was changed.".into()] },
        conversion: Conversion::At(StatedRate {
            from: "EUR".parse().unwrap(),
            to: "USD".parse().unwrap(),
            rate: "1.0850".parse().unwrap(),
            source: "ECB".into(),
            at: now(),
        }),
    };
    order
}
