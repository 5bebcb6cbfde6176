//! A main store that exists on paper only: it refuses by its capabilities, deducts as they say, and keeps a ledger.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use connect::{
    Account, ConnectError, ErrorKind, Found, MainStore, Page, PageToken, Product, StockLevel, StockMove,
    StoreCapabilities, StoreChange, StoreProfile, Window,
};
use domain::draft::{DraftItem, StoreOrderDraft};
use domain::readback::{StoreLine, StoreOrder, StoreOrderState};
use domain::refund::NewRefund;
use domain::shipment::Package;
use domain::{AccountId, Currency, Money, ProductId, Reference, Sku, StoreOrderId};
use fakes::SimClock;
use jiff::Timestamp;

/// What the plainest store can do; a scenario changes what its platform differs in.
pub const PAPER_STORE: StoreCapabilities = StoreCapabilities {
    text_lines: true,
    keep_order_number: true,
    max_order_number: 32,
    tax_label: true,
    customer_notifications: false,
    owner_new_order_mail: false,
    receipt_mail: true,
    fulfilment_mail: true,
    marketing_consent: true,
    any_currency: true,
    deducts_paid: true,
    deducts_unpaid: true,
    restocks_on_cancel: true,
    refunds_restock: true,
    keyed_stock_moves: true,
    mends: false,
    channel_liable_tax: false,
    webhooks: false,
    longest_execution_seconds: 30,
    search_lag_seconds: 30,
};

pub struct PaperStore {
    capabilities: StoreCapabilities,
    account: &'static str,
    currency: Currency,
    clock: SimClock,
    state: Mutex<State>,
}

/// An order of the ledger: what was asked for, and what the store holds.
#[derive(Debug, Clone)]
pub struct Booked {
    pub draft: StoreOrderDraft,
    pub held: StoreOrder,
    pub refunds: Vec<(String, Money)>,
}

#[derive(Default)]
struct State {
    orders: Vec<Booked>,
    products: BTreeMap<ProductId, Product>,
    /// Why no order is taken now.
    refuses: Option<&'static str>,
    /// Keys of moves that were made: a key again moves nothing.
    moved: BTreeMap<String, i64>,
}

impl PaperStore {
    pub fn new(account: &'static str, capabilities: StoreCapabilities, currency: &str, clock: SimClock) -> Self {
        Self { capabilities, account, currency: currency.parse().unwrap(), clock, state: Mutex::default() }
    }

    pub fn add_product(&self, sku: &str, stock: Option<i64>) -> ProductId {
        let id = ProductId::new(format!("p-{sku}")).unwrap();
        let product = Product {
            id: id.clone(),
            sku: Some(Sku::new(sku).unwrap()),
            barcode: None,
            name: format!("Product {sku}"),
            stock,
        };
        self.state.lock().unwrap().products.insert(id.clone(), product);
        id
    }

    pub fn set_barcode(&self, sku: &str, barcode: &str) {
        let id = ProductId::new(format!("p-{sku}")).unwrap();
        self.state.lock().unwrap().products.get_mut(&id).unwrap().barcode = Some(barcode.to_owned());
    }

    /// From now on every order is refused for a reason of the store's own.
    pub fn refuse_orders(&self, why: &'static str) {
        self.state.lock().unwrap().refuses = Some(why);
    }

    pub fn orders(&self) -> Vec<Booked> {
        self.state.lock().unwrap().orders.clone()
    }

    pub fn stock_of(&self, sku: &str) -> Option<i64> {
        let id = ProductId::new(format!("p-{sku}")).unwrap();
        self.state.lock().unwrap().products[&id].stock
    }

    /// What a person does in the store's back office.
    pub fn edit(&self, id: &StoreOrderId, change: impl FnOnce(&mut StoreOrder)) {
        let mut state = self.state.lock().unwrap();
        let booked = state.orders.iter_mut().find(|booked| booked.held.id == *id).unwrap();
        change(&mut booked.held);
        booked.held.modified_at = self.clock.now();
    }

    fn changed(&self, id: &StoreOrderId, change: impl FnOnce(&mut StoreOrder)) -> Result<StoreOrder, ConnectError> {
        let mut state = self.state.lock().unwrap();
        let found = state.orders.iter_mut().find(|booked| booked.held.id == *id);
        let booked = found.ok_or_else(|| refused(ErrorKind::NotFound, "There is no such order."))?;
        change(&mut booked.held);
        booked.held.modified_at = self.clock.now();
        Ok(booked.held.clone())
    }

    /// Why the platform would not take the draft.
    fn refusal(&self, draft: &StoreOrderDraft, state: &State) -> Option<String> {
        let can = &self.capabilities;
        if let Some(why) = state.refuses {
            return Some(why.to_owned());
        }
        if draft.currency != self.currency && !can.any_currency {
            return Some(format!("{}, the store takes {}", draft.currency, self.currency));
        }
        let number = draft.source.wanted_number.as_ref();
        if number.is_some_and(|number| number.chars().count() > usize::from(can.max_order_number)) {
            return Some("the order number is too long".to_owned());
        }
        if number.is_some() && !can.keep_order_number {
            return Some("the store numbers its orders itself".to_owned());
        }
        for line in &draft.lines {
            match &line.item {
                DraftItem::Product { id, .. } if !state.products.contains_key(id) => {
                    return Some(format!("no product {id}"));
                }
                DraftItem::Text { .. } if !can.text_lines => return Some("a line without a product".to_owned()),
                _ => {}
            }
        }
        let parts = draft.lines.iter().map(|line| line.net).chain([draft.shipping.net]);
        let parts = parts.chain(draft.fees.iter().map(|fee| fee.net)).chain(draft.taxes.iter().map(|tax| tax.amount));
        let parts = parts.chain(draft.channel_liable.iter().map(|tax| tax.amount));
        let sum = Money::sum(draft.currency, parts).map_err(|error| error.to_string());
        match sum {
            Ok(sum) if sum == draft.total => None,
            Ok(sum) => Some(format!("the parts are {sum}, the total says {}", draft.total)),
            Err(error) => Some(error),
        }
    }
}

fn refused(kind: ErrorKind, why: &str) -> ConnectError {
    ConnectError::new(kind, "paper_store", why).without_effect()
}

#[async_trait]
impl MainStore for PaperStore {
    fn capabilities(&self) -> &'static StoreCapabilities {
        Box::leak(Box::new(self.capabilities))
    }

    async fn profile(&self) -> Result<StoreProfile, ConnectError> {
        let account = Account { id: AccountId::new(self.account).unwrap(), name: self.account.to_owned() };
        Ok(StoreProfile { account, currency: self.currency, probed: BTreeMap::new() })
    }

    async fn products_by_sku(&self, skus: &[Sku]) -> Result<Vec<Product>, ConnectError> {
        let state = self.state.lock().unwrap();
        let wanted = |product: &&Product| product.sku.as_ref().is_some_and(|sku| skus.contains(sku));
        Ok(state.products.values().filter(wanted).cloned().collect())
    }

    async fn products(&self, _: Option<&PageToken>) -> Result<Page<Product>, ConnectError> {
        let items = self.state.lock().unwrap().products.values().cloned().collect();
        Ok(Page { items, next: None, server_time: Some(self.clock.now()) })
    }

    fn preview(&self, draft: &StoreOrderDraft) -> Result<String, ConnectError> {
        Ok(serde_json::to_string(draft).unwrap())
    }

    async fn create_order(&self, draft: &StoreOrderDraft) -> Result<StoreOrder, ConnectError> {
        let mut state = self.state.lock().unwrap();
        if let Some(why) = self.refusal(draft, &state) {
            return Err(refused(ErrorKind::InvalidOrder, &why));
        }
        let id = state.orders.len() + 1001;
        let deducts = if draft.paid { self.capabilities.deducts_paid } else { self.capabilities.deducts_unpaid };
        let deducts = deducts && draft.takes_stock;
        let mut lines = Vec::new();
        for (index, line) in draft.lines.iter().enumerate() {
            let product = match &line.item {
                DraftItem::Product { id, .. } => state.products.get_mut(id),
                DraftItem::Text { .. } => None,
            };
            let takes = if deducts { line.quantity - line.already_deducted } else { 0 };
            let deducted = product.as_ref().map(|p| if p.stock.is_some() { line.already_deducted + takes } else { 0 });
            let product = product.map(|product| {
                product.stock = product.stock.map(|stock| stock - i64::from(takes));
                product.id.clone()
            });
            let id = format!("{id}-{}", index + 1);
            lines.push(StoreLine {
                id,
                line: Some(line.line.clone()),
                product,
                quantity: line.quantity,
                net: line.net,
                deducted,
            });
        }
        let held = StoreOrder {
            id: StoreOrderId::new(id.to_string()).unwrap(),
            number: draft.source.wanted_number.clone().unwrap_or_else(|| format!("#{id}")),
            reference: Some(draft.reference),
            state: StoreOrderState::Open,
            paid: draft.paid,
            total: draft.total,
            modified_at: self.clock.now(),
            lines,
            ship_to: Some(draft.ship_to.clone()),
            shipments: Vec::new(),
        };
        state.orders.push(Booked { draft: draft.clone(), held: held.clone(), refunds: Vec::new() });
        Ok(held)
    }

    async fn find_by_reference(&self, references: &[Reference], _: Timestamp) -> Result<Found, ConnectError> {
        let held = self.orders().into_iter().map(|booked| booked.held);
        let orders = held.filter(|order| order.reference.is_some_and(|own| references.contains(&own))).collect();
        Ok(Found { orders, server_time: Some(self.clock.now()) })
    }

    async fn order(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        let found = self.orders().into_iter().find(|booked| booked.held.id == *id);
        found.map(|booked| booked.held).ok_or_else(|| refused(ErrorKind::NotFound, "There is no such order."))
    }

    async fn changes(&self, window: &Window, _: Option<&PageToken>) -> Result<Page<StoreChange>, ConnectError> {
        let held = self.orders().into_iter().map(|booked| booked.held);
        let changed = held.filter(|order| (window.from..window.to).contains(&order.modified_at));
        let items = changed.map(StoreChange::from).collect();
        Ok(Page { items, next: None, server_time: Some(self.clock.now()) })
    }

    async fn mark_paid(&self, id: &StoreOrderId, paid_total: Money) -> Result<StoreOrder, ConnectError> {
        if paid_total != self.order(id).await?.total {
            return Err(refused(ErrorKind::InvalidOrder, "This is not what the order costs."));
        }
        self.changed(id, |order| order.paid = true)
    }

    async fn ship(&self, id: &StoreOrderId, package: &Package, completes: bool) -> Result<StoreOrder, ConnectError> {
        self.changed(id, |order| {
            if !order.shipments.contains(&package.shipment) {
                order.shipments.push(package.shipment.clone());
            }
            if completes {
                order.state = StoreOrderState::Completed;
            }
        })
    }

    async fn complete(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        self.changed(id, |order| order.state = StoreOrderState::Completed)
    }

    async fn cancel(&self, id: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        if self.order(id).await?.state == StoreOrderState::Canceled {
            return self.order(id).await;
        }
        let order = self.changed(id, |order| order.state = StoreOrderState::Canceled)?;
        if self.capabilities.restocks_on_cancel {
            let mut state = self.state.lock().unwrap();
            for line in &order.lines {
                let Some(product) = line.product.as_ref().and_then(|id| state.products.get_mut(id)) else { continue };
                product.stock = product.stock.map(|stock| stock + i64::from(line.deducted.unwrap_or(0)));
            }
        }
        Ok(order)
    }

    async fn record_refund(&self, id: &StoreOrderId, refund: &NewRefund) -> Result<StoreOrder, ConnectError> {
        let mut state = self.state.lock().unwrap();
        let State { orders, products, .. } = &mut *state;
        let found = orders.iter_mut().find(|booked| booked.held.id == *id);
        let booked = found.ok_or_else(|| refused(ErrorKind::NotFound, "There is no such order."))?;
        if booked.refunds.iter().any(|(known, _)| *known == refund.key) {
            return Ok(booked.held.clone());
        }
        if !refund.restock.is_empty() && !self.capabilities.refunds_restock {
            return Err(ConnectError::unsupported("paper_store", "This store"));
        }
        for back in &refund.restock {
            let mut lines = booked.held.lines.iter_mut();
            let line = lines
                .find(|line| line.line.as_ref() == Some(&back.line) && line.product.as_ref() == Some(&back.product));
            let line = line.ok_or_else(|| refused(ErrorKind::InvalidOrder, "There is no such line."))?;
            line.deducted = line.deducted.map(|deducted| deducted - back.units);
            let product = products.get_mut(&back.product);
            let product = product.ok_or_else(|| refused(ErrorKind::InvalidOrder, "There is no such product."))?;
            product.stock = product.stock.map(|stock| stock + i64::from(back.units));
        }
        booked.refunds.push((refund.key.clone(), refund.amount));
        Ok(booked.held.clone())
    }

    async fn stock(&self, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError> {
        let state = self.state.lock().unwrap();
        let known = products.iter().filter_map(|id| state.products.get(id));
        Ok(known.map(|product| StockLevel { product: product.id.clone(), quantity: product.stock }).collect())
    }

    async fn move_stock(&self, stock_move: &StockMove) -> Result<StockLevel, ConnectError> {
        let mut state = self.state.lock().unwrap();
        let again = state.moved.insert(stock_move.key.clone(), stock_move.delta).is_some();
        let found = state.products.get_mut(&stock_move.product);
        let product = found.ok_or_else(|| refused(ErrorKind::NotFound, "There is no such product."))?;
        if !again || !self.capabilities.keyed_stock_moves {
            product.stock = product.stock.map(|stock| stock + stock_move.delta);
        }
        Ok(StockLevel { product: product.id.clone(), quantity: product.stock })
    }
}
