//! A main store that counts: it does what a step says and what the platform does by itself, and keeps the stock moved.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::draft::{DraftItem, StoreOrderDraft};
use tributary_domain::plan::Step;
use tributary_domain::refund::{Back, NewRefund, Recorded, Recording};
use tributary_domain::stock::{self, LineStock, StockState};
use tributary_domain::trace::NotImported;
use tributary_domain::{ImportState, LineId, ProductId};

use super::{Scene, imported};

pub type Key = (LineId, ProductId);

/// One line of the store's order: how many units are out, whoever deducted them.
#[derive(Debug, Clone, Copy)]
struct StoreLine {
    quantity: u32,
    out: u32,
}

#[derive(Debug, Clone)]
pub struct World {
    pub scene: Scene,
    /// Units that have left the stock, by line and product.
    pub out: BTreeMap<Key, i64>,
    /// How often units went out, by line and product: 1 when moved once and never put back.
    pub times_out: BTreeMap<Key, u32>,
    pub creates: u32,
    /// What the order wanted out of stock when it was created in the store.
    pub wanted_at_import: Option<BTreeMap<Key, u32>>,
    /// Open units of each line then.
    pub open_at_import: BTreeMap<LineId, u32>,
    pub steps: Vec<&'static str>,
    keys: BTreeSet<(Key, u32)>,
    store_order: Option<BTreeMap<Key, StoreLine>>,
    /// The store's order counts as deducted (`_order_stock_reduced`).
    is_marked: bool,
    /// The worker of the next deduction dies after this many calls and before it can store their outcome.
    pub dies_after: Option<usize>,
}

impl World {
    pub fn new(scene: Scene) -> Self {
        Self {
            scene,
            out: BTreeMap::new(),
            times_out: BTreeMap::new(),
            creates: 0,
            wanted_at_import: None,
            open_at_import: BTreeMap::new(),
            steps: Vec::new(),
            keys: BTreeSet::new(),
            store_order: None,
            is_marked: false,
            dies_after: None,
        }
    }

    /// Units of a product that are out of stock.
    pub fn units_out(&self, product: &str) -> i64 {
        self.out.iter().filter(|((_, known), _)| known.as_str() == product).map(|(_, units)| units).sum()
    }

    /// What the order wants out of stock now: its open units, by its links.
    pub fn wanted(&self) -> BTreeMap<Key, u32> {
        let links = self.scene.links();
        let mut wanted = BTreeMap::new();
        for line in self.scene.order.source.lines.iter().filter(|line| line.canceled < line.quantity) {
            for target in links.of(line).iter().flat_map(|link| &link.targets) {
                wanted.insert(
                    (line.id.clone(), target.product.clone()),
                    (line.quantity - line.canceled) * target.quantity,
                );
            }
        }
        wanted
    }

    /// What the order wants of what it was imported with: its links as they were then, its units as they are now.
    pub fn wanted_of_import(&self) -> Option<BTreeMap<Key, u32>> {
        let wanted = self.wanted_at_import.clone()?.into_iter().map(|(key, units)| {
            let line = self.scene.order.source.lines.iter().find(|line| line.id == key.0).unwrap();
            let then = self.open_at_import[&key.0];
            (key, units / then * line.open_quantity())
        });
        Some(wanted.collect())
    }

    pub fn is_still(step: &Step, import: &ImportState) -> bool {
        match step {
            Step::Done | Step::Stay => true,
            Step::Wait(reason) => *import == ImportState::Waiting(reason.clone()),
            _ => false,
        }
    }

    /// Applies steps until nothing is left; says how many it took. Panics at the tenth.
    pub fn settle(&mut self) -> usize {
        for taken in 0..10 {
            let step = self.scene.next();
            if Self::is_still(&step, &self.scene.order.import) {
                return taken;
            }
            self.apply(step);
        }
        panic!("no end after {:?}: {:?}", self.steps, self.scene.order)
    }

    /// One step. False if there was none to take.
    pub fn step(&mut self) -> bool {
        let step = self.scene.next();
        let moves = !Self::is_still(&step, &self.scene.order.import);
        if moves {
            self.apply(step);
        }
        moves
    }

    fn apply(&mut self, step: Step) {
        let order = &mut self.scene.order;
        self.steps.push(match &step {
            Step::Import { .. } => "import",
            Step::Deduct(_) => "deduct",
            Step::PutBack(_) => "put back",
            Step::MarkPaid => "mark paid",
            Step::CancelInStore => "cancel",
            Step::UndoInStore => "undo",
            Step::Undone => "undone",
            Step::Wait(_) => "wait",
            Step::Leave(_) => "leave",
            Step::RecordRefund(_) => "refund",
            Step::Restore(_) => "restore",
            Step::Review => "review",
            Step::Stay | Step::Done => "none",
        });
        match step {
            Step::Import { draft, stock } => self.create(&draft, stock),
            Step::Deduct(lines) => self.deduct(lines),
            Step::PutBack(lines) => self.put_back(&lines),
            Step::MarkPaid => self.mark_paid(),
            Step::CancelInStore | Step::UndoInStore => self.cancel(),
            Step::Undone => {
                order.import = ImportState::Left(NotImported::Undone);
                order.by_hand.undo = None;
            }
            Step::Wait(reason) => order.import = ImportState::Waiting(reason),
            Step::Leave(reason) => order.import = ImportState::Left(reason),
            Step::RecordRefund(refund) => self.record(refund),
            Step::Restore(back) => self.come_back(&back),
            Step::Review => order.after.review.revision = order.after.edited,
            Step::Stay | Step::Done => {}
        }
    }

    fn create(&mut self, draft: &StoreOrderDraft, stock: Vec<LineStock>) {
        self.creates += 1;
        self.wanted_at_import = Some(self.wanted());
        let lines = &self.scene.order.source.lines;
        self.open_at_import = lines.iter().map(|line| (line.id.clone(), line.open_quantity())).collect();
        let store = self.scene.store;
        let mut lines: BTreeMap<Key, StoreLine> = BTreeMap::new();
        for line in &draft.lines {
            let DraftItem::Product { id, .. } = &line.item else { continue };
            assert!(line.already_deducted <= line.quantity, "more deducted than sold: {line:?}");
            let known = StoreLine { quantity: line.quantity, out: line.already_deducted };
            let twice = lines.insert((line.line.clone(), id.clone()), known);
            assert!(twice.is_none(), "two draft lines for one product of a line: {draft:?}");
        }
        // A platform with keyed moves bypasses its stock for the whole order as soon as one line was deducted before.
        let bypass = store.keyed_stock_moves && lines.values().any(|line| line.out > 0);
        let deducts = if draft.paid { store.deducts_paid } else { store.deducts_unpaid };
        if deducts && !bypass {
            self.take_the_rest(&mut lines);
        }
        self.is_marked = !draft.paid && lines.values().any(|line| line.out > 0);
        self.store_order = Some(lines);
        let order = &mut self.scene.order;
        order.import = imported();
        order.store.paid = draft.paid;
        order.stock = stock;
    }

    /// What WooCommerce does to lines that do not carry `_reduced_stock`.
    fn take_the_rest(&mut self, lines: &mut BTreeMap<Key, StoreLine>) {
        for (key, line) in lines.iter_mut().filter(|(_, line)| line.out == 0) {
            line.out = line.quantity;
            self.take(key.clone(), line.quantity);
        }
    }

    fn mark_paid(&mut self) {
        let mut lines = self.store_order.take().unwrap();
        // WooCommerce deducts on `processing` what `pending` did not, unless the order is marked as reduced.
        if self.scene.store.deducts_paid && !self.scene.store.deducts_unpaid && !self.is_marked {
            self.take_the_rest(&mut lines);
        }
        self.store_order = Some(lines);
        self.scene.order.store.paid = true;
    }

    fn cancel(&mut self) {
        self.scene.order.store.canceled = true;
        if !self.scene.store.restocks_on_cancel {
            return;
        }
        for (key, line) in self.store_order.take().unwrap() {
            *self.out.entry(key).or_default() -= i64::from(line.out);
        }
        self.scene.order.stock = stock::restored(&self.scene.order.stock);
    }

    fn record(&mut self, refund: NewRefund) {
        self.come_back(&refund.restock);
        let done = Recording { key: refund.key, amount: refund.amount, state: Recorded::Done };
        self.scene.order.after.recorded.push(done);
    }

    /// Units come back to stock, and the store's order counts them as no longer deducted.
    fn come_back(&mut self, back: &[Back]) {
        for Back { line, product, units } in back {
            let key = (line.clone(), product.clone());
            let known = self.scene.order.stock.iter().find(|s| s.line == *line && s.product == *product).unwrap();
            assert!(known.outstanding() >= *units, "more comes back than went out: {known:?} {units}");
            let known = known.with_restored(known.restored + units);
            if let Some(line) = self.store_order.as_mut().and_then(|lines| lines.get_mut(&key)) {
                line.out -= units;
            }
            *self.out.entry(key).or_default() -= i64::from(*units);
            self.replace(known);
        }
    }

    fn deduct(&mut self, lines: Vec<LineStock>) {
        for line in &lines {
            assert!(line.state == StockState::Intended && line.restored == 0, "not an intention: {line:?}");
            self.replace(line.clone());
        }
        let dies_after = self.dies_after.take();
        for (index, line) in lines.into_iter().enumerate() {
            if dies_after.is_some_and(|calls| index >= calls) {
                return;
            }
            let key = (line.line.clone(), line.product.clone());
            let round = self.times_back(&key);
            let repeated = !self.keys.insert((key.clone(), round));
            if !(self.scene.store.keyed_stock_moves && repeated) {
                self.take(key, line.units);
            }
            if dies_after.is_none() {
                self.replace(LineStock { state: StockState::Held, ..line });
            }
        }
    }

    fn put_back(&mut self, lines: &[LineStock]) {
        for line in lines {
            let known = self.scene.order.stock.iter().find(|known| known.is_same_line(line)).unwrap().clone();
            assert_eq!(known, *line, "only what is known is put back");
            assert!(known.outstanding() > 0, "nothing to put back: {known:?}");
            *self.out.entry((line.line.clone(), line.product.clone())).or_default() -= i64::from(known.outstanding());
            self.replace(LineStock { state: StockState::Restored, restored: known.units, ..known });
        }
    }

    fn take(&mut self, key: Key, units: u32) {
        *self.times_out.entry(key.clone()).or_default() += 1;
        *self.out.entry(key).or_default() += i64::from(units);
    }

    fn times_back(&self, key: &Key) -> u32 {
        let out = self.out.get(key).copied().unwrap_or(0);
        let times = self.times_out.get(key).copied().unwrap_or(0);
        if out == 0 { times } else { times - 1 }
    }

    fn replace(&mut self, line: LineStock) {
        let stock = &mut self.scene.order.stock;
        match stock.iter_mut().find(|known| known.is_same_line(&line)) {
            Some(known) => *known = line,
            None => stock.push(line),
        }
    }
}
