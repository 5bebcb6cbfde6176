//! What the shop holds, and the sequences and indexes over it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use super::customers::Customer;
use super::ledger::Ledger;
use super::meddling::Plugin;
use super::state::{Config, Meta, Note, Order, Product};
use super::webhooks::Webhooks;
use crate::{Faults, SimClock};

#[derive(Debug)]
pub(super) struct Shop {
    pub config: Config,
    pub clock: SimClock,
    pub faults: Faults,
    pub products: BTreeMap<u64, Product>,
    pub orders: BTreeMap<u64, Order>,
    /// (created, id) and (modified, id): lists by date read only their window.
    pub by_created: BTreeSet<(Timestamp, u64)>,
    pub by_modified: BTreeSet<(Timestamp, u64)>,
    pub by_created_via: HashMap<String, BTreeSet<u64>>,
    pub customers: BTreeMap<u64, Customer>,
    pub plugin: Option<Plugin>,
    pub webhooks: Webhooks,
    pub ledger: Ledger,
    pub used_nonces: HashSet<String>,
    last_id: u64,
    last_item_id: u64,
    last_meta_id: u64,
    last_note_id: u64,
}

impl Shop {
    pub fn new(config: Config, clock: SimClock, faults: Faults) -> Self {
        Self {
            config,
            clock,
            faults,
            products: BTreeMap::new(),
            orders: BTreeMap::new(),
            by_created: BTreeSet::new(),
            by_modified: BTreeSet::new(),
            by_created_via: HashMap::new(),
            customers: BTreeMap::new(),
            plugin: None,
            webhooks: Webhooks::default(),
            ledger: Ledger::default(),
            used_nonces: HashSet::new(),
            last_id: 9,
            last_item_id: 0,
            last_meta_id: 0,
            last_note_id: 0,
        }
    }

    /// The clock in the resolution that the shop stores.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Orders, refunds and products draw from one sequence.
    pub fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Starts the sequence of orders, refunds and products behind `id`.
    pub fn ids_continue_after(&mut self, id: u64) {
        self.last_id = self.last_id.max(id);
    }

    pub fn new_item_id(&mut self) -> u64 {
        self.last_item_id += 1;
        self.last_item_id
    }

    pub fn new_meta(&mut self, key: &str, value: Value) -> Meta {
        self.last_meta_id += 1;
        Meta { id: self.last_meta_id, key: key.to_owned(), value }
    }

    pub fn note(&mut self, order: &mut Order, text: String, to_customer: bool) -> u64 {
        self.last_note_id += 1;
        let created = self.now();
        order.notes.push(Note { id: self.last_note_id, created, text, to_customer });
        self.last_note_id
    }

    /// Sets a meta entry: the one with this key is overwritten (capture 69), null takes it away.
    pub fn set_meta(&mut self, metas: &mut Vec<Meta>, key: &str, value: Value) {
        if value.is_null() {
            metas.retain(|meta| meta.key != key);
        } else if let Some(meta) = metas.iter_mut().find(|meta| meta.key == key) {
            meta.value = value;
        } else {
            let meta = self.new_meta(key, value);
            metas.push(meta);
        }
    }

    /// Puts an order into the store and the indexes, as it is.
    pub fn keep(&mut self, order: Order) {
        self.forget(order.id);
        self.by_created.insert((order.created, order.id));
        self.by_modified.insert((order.modified, order.id));
        self.by_created_via.entry(order.created_via.clone()).or_default().insert(order.id);
        self.orders.insert(order.id, order);
    }

    pub fn forget(&mut self, id: u64) {
        if let Some(old) = self.orders.remove(&id) {
            self.by_created.remove(&(old.created, id));
            self.by_modified.remove(&(old.modified, id));
            if let Some(ids) = self.by_created_via.get_mut(&old.created_via) {
                ids.remove(&id);
            }
        }
    }
}
