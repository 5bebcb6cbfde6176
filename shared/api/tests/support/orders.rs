//! Orders as intake would have stored them.

use domain::{
    Address, Buyer, Cancel, ChannelOrder, ChannelOrderId, Charge, ConnectionId, Fulfilment, ImportState, Line, LineId,
    ListingKey, Money, Order, OrderId, Payment, Platform, Revision, Shipping, Sku, TaxKnowledge,
};
use storage::{Inserted, Storage};

pub fn gbp(minor: i64) -> Money {
    Money::from_minor(minor, "GBP".parse().unwrap())
}

/// A paid order of two mugs at 19.99 with 2.50 shipping, not yet looked at.
pub fn order(connection: &ConnectionId, number: u64, created_at: &str) -> Order {
    let id = ChannelOrderId::new(format!("c-{number}")).unwrap();
    let platform = Platform::new("market").unwrap();
    let account = domain::AccountId::new(connection.as_str()).unwrap();
    let created_at = created_at.parse().unwrap();
    let line = Line {
        id: LineId::new("line-1").unwrap(),
        listing: ListingKey::Listing("4711/blue".to_owned()),
        sku: Some(Sku::new("MUG").unwrap()),
        title: "Mug, blue".to_owned(),
        quantity: 2,
        canceled: 0,
        charge: Charge::plain(gbp(3998)),
    };
    let source = ChannelOrder {
        id: id.clone(),
        number: format!("CH-{number}"),
        revision: Revision(1),
        created_at,
        currency: "GBP".parse().unwrap(),
        buyer_total: gbp(4248),
        payment: Payment::Paid { at: Some(created_at) },
        fulfilment: Fulfilment::NotStarted,
        cancel: Cancel::None,
        fulfilled_by_channel: false,
        buyer: Buyer { name: Some("Zoë Müller".to_owned()), ..Buyer::default() },
        ship_to: Some(Address { country: "GB".to_owned(), ..Address::default() }.with_full_name("Zoë Müller")),
        bill_to: None,
        lines: vec![line],
        shipping: Shipping { service: "Standard".to_owned(), charge: Charge::plain(gbp(250)) },
        fees: Vec::new(),
        tax: TaxKnowledge::Known,
        refunds: Vec::new(),
        shipments: Vec::new(),
        buyer_note: None,
        gift_message: None,
        warnings: Vec::new(),
    };
    Order {
        id: OrderId::derive(created_at, &platform, &account, &id),
        connection: connection.clone(),
        platform,
        number,
        source,
        generation: 1,
        import: ImportState::Received,
        store: domain::head::StoreSide::default(),
        stock: Vec::new(),
        packages: Vec::new(),
        lease: domain::head::Lease::default(),
        by_hand: domain::ByHand::default(),
        trace: Vec::new(),
        after: domain::head::After::default(),
    }
}

/// Stores it as it is.
pub async fn stored(storage: &Storage, order: Order) -> OrderId {
    assert_eq!(storage.orders.insert(&order).await.unwrap(), Inserted::New);
    order.id
}
