//! A channel that exists on paper only: a scenario's platform until its connector is there, by its capabilities alone.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use connect::{
    Account, ChannelCapabilities, ConnectError, CreationTime, ErrorKind, Incoming, Listing, Page, PageToken,
    QuantityUpdate, SalesChannel, ShipmentSent, Window,
};
use domain::shipment::{Package, Shipment, Tracking};
use domain::{
    AccountId, Address, Buyer, Cancel, ChannelOrder, ChannelOrderId, Charge, Currency, Fulfilment, Line, LineId,
    ListingKey, Money, Payment, Revision, Shipping, Sku, TaxKnowledge,
};
use fakes::SimClock;
use jiff::Timestamp;

/// What the plainest channel can do; a scenario changes what its platform differs in.
pub const PAPER_CHANNEL: ChannelCapabilities = ChannelCapabilities {
    creation_time: CreationTime::Immutable,
    unpaid_orders: true,
    zero_tax_is_unknown: true,
    reports_delivery: false,
    refund_quantities: true,
    set_quantity: true,
    ship: true,
    ship_without_tracking: true,
    edit_tracking: true,
    merges_orders: false,
    leave_feedback: false,
    webhooks: false,
    list_lag_seconds: 0,
    carriers: &[],
    lists_cancels: true,
    personal_data_days: None,
    fulfils_itself: false,
};

/// One seller's account: its orders as their connector would state them, and what was written to it.
pub struct PaperChannel {
    capabilities: ChannelCapabilities,
    account: &'static str,
    clock: SimClock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    orders: BTreeMap<ChannelOrderId, ChannelOrder>,
    listings: Vec<Listing>,
    shipments: BTreeMap<ChannelOrderId, Vec<Shipment>>,
    quantities: Vec<QuantityUpdate>,
    looks: Vec<ChannelOrderId>,
    /// Orders that the main store's own checkout took, with its number.
    in_store: BTreeMap<ChannelOrderId, String>,
}

impl PaperChannel {
    pub fn new(account: &'static str, capabilities: ChannelCapabilities, clock: SimClock) -> Self {
        Self { capabilities, account, clock, state: Mutex::default() }
    }

    /// Every order that was ever placed.
    pub fn all(&self) -> Vec<ChannelOrder> {
        self.state.lock().unwrap().orders.values().cloned().collect()
    }

    /// A buyer's order, as of now.
    pub fn place(&self, mut order: ChannelOrder) {
        order.revision = Revision(self.clock.now().as_millisecond());
        self.state.lock().unwrap().orders.insert(order.id.clone(), order);
    }

    /// The same, taken by the main store's own checkout as its order `number`.
    pub fn place_from_store(&self, order: ChannelOrder, number: &str) {
        self.state.lock().unwrap().in_store.insert(order.id.clone(), number.to_owned());
        self.place(order);
    }

    pub fn edit(&self, id: &str, change: impl FnOnce(&mut ChannelOrder)) {
        let id = ChannelOrderId::new(id).unwrap();
        let mut order = self.state.lock().unwrap().orders[&id].clone();
        change(&mut order);
        self.place(order);
    }

    /// A change that the list does not show: only the order itself is newer.
    pub fn edit_unlisted(&self, id: &str, change: impl FnOnce(&mut ChannelOrder)) {
        let mut state = self.state.lock().unwrap();
        let order = state.orders.get_mut(&ChannelOrderId::new(id).unwrap()).unwrap();
        change(order);
        order.revision.0 += 1;
    }

    /// The orders that were asked for one by one, each time.
    pub fn looks(&self) -> Vec<ChannelOrderId> {
        self.state.lock().unwrap().looks.clone()
    }

    pub fn list(&self, listing: Listing) {
        let mut state = self.state.lock().unwrap();
        state.listings.retain(|known| known.key != listing.key);
        state.listings.push(listing);
    }

    /// The packages that the channel was told of.
    pub fn shipments_of(&self, id: &str) -> Vec<Shipment> {
        let id = ChannelOrderId::new(id).unwrap();
        self.state.lock().unwrap().shipments.get(&id).cloned().unwrap_or_default()
    }

    pub fn quantities(&self) -> Vec<QuantityUpdate> {
        self.state.lock().unwrap().quantities.clone()
    }

    fn page<T>(&self, items: Vec<T>) -> Page<T> {
        Page { items, next: None, server_time: Some(self.clock.now()) }
    }
}

/// A listing with this SKU.
pub fn listing(sku: &str, active: bool) -> Listing {
    let sku = Sku::new(sku).unwrap();
    Listing {
        key: ListingKey::Sku(sku.clone()),
        title: format!("Listing {sku}"),
        sku: Some(sku),
        barcode: None,
        active,
        quantity: active.then_some(10),
    }
}

#[async_trait]
impl SalesChannel for PaperChannel {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        Box::leak(Box::new(self.capabilities))
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        Ok(Account { id: AccountId::new(self.account).unwrap(), name: self.account.to_owned() })
    }

    async fn orders(&self, window: &Window, _: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        let (from, to) = (window.from.as_millisecond(), window.to.as_millisecond());
        let state = self.state.lock().unwrap();
        let modified = state.orders.values().filter(|order| (from..to).contains(&order.revision.0));
        Ok(self.page(modified.cloned().map(Incoming::Order).collect()))
    }

    async fn orders_placed(&self, window: &Window, _: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        let state = self.state.lock().unwrap();
        let placed = state.orders.values().filter(|order| (window.from..window.to).contains(&order.created_at));
        Ok(self.page(placed.cloned().map(Incoming::Order).collect()))
    }

    async fn order(&self, id: &ChannelOrderId) -> Result<Incoming, ConnectError> {
        let mut state = self.state.lock().unwrap();
        state.looks.push(id.clone());
        let found = state.orders.get(id).cloned();
        let gone = || ConnectError::new(ErrorKind::NotFound, "paper.order", "There is no such order.");
        found.map(Incoming::Order).ok_or_else(|| gone().without_effect())
    }

    fn placed_in_store(&self, order: &ChannelOrder) -> Option<String> {
        self.state.lock().unwrap().in_store.get(&order.id).cloned()
    }

    async fn listings(&self, _: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
        Ok(self.page(self.state.lock().unwrap().listings.clone()))
    }

    async fn set_quantities(&self, updates: &[QuantityUpdate]) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
        self.state.lock().unwrap().quantities.extend_from_slice(updates);
        Ok(updates.iter().map(|_| Ok(())).collect())
    }

    /// Refuses what the platform cannot take: by its capabilities, not by what the caller meant.
    async fn ship(&self, order: &ChannelOrder, package: &Package) -> Result<ShipmentSent, ConnectError> {
        if !self.capabilities.ship || !(self.capabilities.ship_without_tracking || package.shipment.tracking.is_some())
        {
            return Err(ConnectError::unsupported("paper.ship", "This channel"));
        }
        let mut state = self.state.lock().unwrap();
        if !state.orders.contains_key(&order.id) {
            let why = "There is no such order.";
            return Err(ConnectError::new(ErrorKind::NotFound, "paper.ship", why).without_effect());
        }
        let told = state.shipments.entry(order.id.clone()).or_default();
        let remote_id = format!("{}-{}", order.id, told.len() + 1);
        told.push(Shipment { remote_id: Some(remote_id.clone()), ..package.shipment.clone() });
        Ok(ShipmentSent { remote_id: Some(remote_id) })
    }

    async fn edit_tracking(
        &self,
        order: &ChannelOrderId,
        before: &str,
        tracking: &Tracking,
    ) -> Result<(), ConnectError> {
        if !self.capabilities.edit_tracking {
            return Err(ConnectError::unsupported("paper.edit_tracking", "This channel"));
        }
        let mut state = self.state.lock().unwrap();
        let number =
            |shipment: &&mut Shipment| shipment.tracking.as_ref().is_some_and(|own| own.normalised() == before);
        let Some(known) = state.shipments.get_mut(order).and_then(|told| told.iter_mut().find(number)) else {
            return Ok(());
        };
        known.tracking = Some(tracking.clone());
        Ok(())
    }

    async fn shipments(&self, order: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        Ok(self.shipments_of(order.as_str()))
    }
}

/// A paid order without lines and without shipping costs, to a buyer in `country`; its total grows with what is added.
pub fn paper_order(id: &str, currency: &str, country: &str, at: Timestamp) -> ChannelOrder {
    let currency: Currency = currency.parse().unwrap();
    let address = Address {
        line1: "1 Example Street".to_owned(),
        city: "Town".to_owned(),
        postcode: "12345".to_owned(),
        country: country.to_owned(),
        phone: "+44 20 7946 0000".to_owned(),
        ..Address::default()
    };
    ChannelOrder {
        id: ChannelOrderId::new(id).unwrap(),
        number: id.to_owned(),
        revision: Revision(at.as_millisecond()),
        created_at: at,
        currency,
        buyer_total: Money::zero(currency),
        payment: Payment::Paid { at: Some(at) },
        fulfilment: Fulfilment::NotStarted,
        cancel: Cancel::None,
        fulfilled_by_channel: false,
        buyer: Buyer { name: Some("Ada Example".to_owned()), ..Buyer::default() },
        ship_to: Some(address.with_full_name("Ada Example")),
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
    }
}

/// Adds a line of `gross` minor units for the whole quantity, and what the buyer pays for it.
pub fn add_line(order: &mut ChannelOrder, sku: &str, quantity: u32, gross: i64) {
    let sku = Sku::new(sku).unwrap();
    let gross = Money::from_minor(gross, order.currency);
    order.lines.push(Line {
        id: LineId::new(format!("{}-{}", order.id, order.lines.len() + 1)).unwrap(),
        listing: ListingKey::Sku(sku.clone()),
        title: format!("Item {sku}"),
        sku: Some(sku),
        quantity,
        canceled: 0,
        charge: Charge::plain(gross),
    });
    order.buyer_total = order.buyer_total.checked_add(gross).unwrap();
}

/// What the buyer pays for the shipping.
pub fn set_shipping(order: &mut ChannelOrder, gross: i64) {
    let gross = Money::from_minor(gross, order.currency);
    order.shipping.charge = Charge::plain(gross);
    order.buyer_total = order.buyer_total.checked_add(gross).unwrap();
}
