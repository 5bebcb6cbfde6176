//! E2: what import would do with one order now, and what other settings would have done with past ones. Nothing is written.

use std::collections::BTreeMap;

use connect::ConnectError;
use domain::by_hand::ByHand;
use domain::draft::DraftMails;
use domain::foresee::{Foreseen, foresee};
use domain::head::StoreSide;
use domain::plan::Step;
use domain::status::PushStatus;
use domain::trace::NotImported;
use domain::{ChannelSettings, ConnectionId, ImportState, Money, Order, OrderId, Payment, ProductId, status};
use serde::Serialize;
use storage::PageRequest;
use utoipa::ToSchema;

use crate::App;
use crate::connections::ConnectionsError;
use crate::context::{Context, KnownStore, Store};
use crate::error::AppError;
use crate::range::Range;

/// Past orders that one request may look at; the next page goes on.
const PAGE: u16 = 200;
/// The longest range of past orders.
pub const MAX_PAST_DAYS: i32 = 92;

/// What would be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Would {
    Import,
    /// Not now, for a reason that may pass.
    Wait,
    /// Never.
    Leave,
    /// The store cannot be asked for it, or has refused it: a person has to mend something.
    Fail,
    /// It would not be taken in at all.
    StayOut,
    MarkPaid,
    CancelInStore,
    /// An earlier create is in doubt: the store would be asked for it first.
    LookUp,
    /// Nothing is left to do.
    Nothing,
}

/// What import would do with one order now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    pub would: Would,
    pub why: Option<String>,
    /// The body of the request that would create the order, byte for byte.
    pub request: Option<String>,
    pub total: Option<Money>,
    pub mails: Option<DraftMails>,
    pub moves: Vec<ForeseenMove>,
}

/// Stock that would move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForeseenMove {
    pub product: ProductId,
    pub units: i64,
    /// What the store has of it now.
    pub in_store: i64,
}

/// What would have become of one past order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PastOrder {
    pub id: OrderId,
    pub number: u64,
    pub channel_order_number: String,
    pub would: Would,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How it is now.
    pub now: PushStatus,
    /// It would have been imported and is not, or the other way round.
    pub differs: bool,
}

/// One page of past orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PastRun {
    pub orders: Vec<PastOrder>,
    pub counts: BTreeMap<Would, usize>,
    pub differ: usize,
    /// Give it as `after` for the orders that follow.
    #[schema(required)]
    pub next: Option<OrderId>,
}

/// Which past orders of a channel are looked at.
#[derive(Debug, Clone, Copy)]
pub struct PastRange {
    pub range: Range,
    /// Only those after this one (`next` of the page before).
    pub after: Option<OrderId>,
}

impl App {
    /// What import would do with the order now. Reads the store's stock; writes nothing anywhere.
    pub async fn dry_run(&self, id: OrderId) -> Result<Option<DryRun>, AppError> {
        let Some(order) = self.storage.orders.get(id).await? else { return Ok(None) };
        let Some(context) = self.context(&order).await? else {
            return Ok(Some(DryRun::stands_still(Would::Leave, Some(NotImported::NoChannel.sentence()))));
        };
        let store = match self.main_store().await? {
            Store::Ready(store) => store,
            Store::Missing => {
                return Ok(Some(DryRun::stands_still(Would::Wait, Some(NotImported::NoMainStore.sentence()))));
            }
            Store::NeedsAttention { why } | Store::Paused { why, .. } => {
                let reason = NotImported::StoreUnavailable { why };
                return Ok(Some(DryRun::stands_still(Would::Wait, Some(reason.sentence()))));
            }
        };
        let Foreseen { end, moves } = foresee(&context.facts(&order, &store));
        let (would, why) = told(&order, &end);
        let mut run = DryRun::stands_still(would, why);
        let products: Vec<ProductId> = moves.keys().cloned().collect();
        let levels = if products.is_empty() { Vec::new() } else { store.store.stock(&products).await? };
        // What the store does not manage does not move.
        let managed = levels.into_iter().filter_map(|level| Some((level.product, level.quantity?)));
        let foreseen = managed.filter_map(|(product, in_store)| {
            let units = *moves.get(&product)?;
            Some(ForeseenMove { product, units, in_store })
        });
        run.moves = foreseen.collect();
        run.moves.sort_by(|a, b| a.product.cmp(&b.product));
        if let Step::Import { draft, .. } = &end {
            match store.store.preview(draft) {
                Ok(request) => run.request = Some(request),
                // The connector cannot even write the request: the import would end here.
                Err(ConnectError { public_message, .. }) => {
                    (run.would, run.why) = (Would::Fail, Some(public_message));
                }
            }
            run.total = Some(draft.total);
            run.mails = Some(draft.mails);
        }
        Ok(Some(run))
    }

    /// What these settings would have done with a channel's past orders, each taken as if it had just come in.
    pub async fn past_run(
        &self,
        id: &ConnectionId,
        range: PastRange,
        settings: &ChannelSettings,
    ) -> Result<PastRun, ConnectionsError> {
        let store = self.validated(id, settings).await?;
        let Range { from, to } = range.range;
        let page = match range.after {
            Some(after) => PageRequest::after(storage::PageToken::from_text(after.to_string()), PAGE),
            None => PageRequest::first(PAGE),
        };
        let page = self.storage.orders.range(from, to, &page).await.map_err(AppError::from)?;
        let next = page.next.is_some().then(|| page.items.last().map(|order| order.id)).flatten();
        let mut run = PastRun { orders: Vec::new(), counts: BTreeMap::new(), differ: 0, next };
        for order in page.items.into_iter().filter(|order| order.connection == *id) {
            let Some(context) = self.context(&order).await? else { continue };
            let context = Context { settings: settings.clone(), ..context };
            let past = past_order(order, &context, store);
            *run.counts.entry(past.would).or_default() += 1;
            run.differ += usize::from(past.differs);
            run.orders.push(past);
        }
        Ok(run)
    }

    /// The main store's capabilities, if the settings may stand with them.
    async fn validated(&self, id: &ConnectionId, settings: &ChannelSettings) -> Result<KnownStore, ConnectionsError> {
        let faults = self.setting_faults(id, settings).await?;
        if !faults.is_empty() {
            return Err(ConnectionsError::Invalid(faults));
        }
        self.known_store().await?.ok_or(ConnectionsError::NoMainStore)
    }
}

impl DryRun {
    const fn stands_still(would: Would, why: Option<String>) -> Self {
        Self { would, why, request: None, total: None, mails: None, moves: Vec::new() }
    }
}

/// The end of a plan in the words of a dry run.
fn told(order: &Order, end: &Step) -> (Would, Option<String>) {
    let why = |reason: &NotImported| Some(reason.sentence());
    match end {
        Step::Import { .. } => (Would::Import, None),
        Step::Wait(reason) => (Would::Wait, why(reason)),
        Step::Leave(reason) => (Would::Leave, why(reason)),
        Step::MarkPaid => (Would::MarkPaid, None),
        Step::CancelInStore | Step::UndoInStore => (Would::CancelInStore, None),
        Step::Stay => match &order.import {
            ImportState::Failed { why, .. } => (Would::Fail, Some(why.clone())),
            _ => (Would::LookUp, None),
        },
        _ => match &order.import {
            ImportState::Left(reason) => (Would::Leave, why(reason)),
            ImportState::Imported { number, .. } => {
                (Would::Nothing, Some(format!("It stands in the main store as order {number}.")))
            }
            _ => (Would::Nothing, None),
        },
    }
}

fn past_order(order: Order, context: &Context, store: KnownStore) -> PastOrder {
    let now = status::push_status(&order);
    let fresh = Order {
        import: ImportState::Received,
        store: StoreSide::default(),
        stock: Vec::new(),
        by_hand: ByHand::default(),
        ..order
    };
    let (would, why) = if context.settings.skip_unpaid && fresh.source.payment == Payment::Unpaid {
        (Would::StayOut, Some("The buyer has not paid (setting skip_unpaid).".to_owned()))
    } else {
        told(&fresh, &foresee(&context.facts_for(&fresh, store)).end)
    };
    PastOrder {
        id: fresh.id,
        number: fresh.number,
        channel_order_number: fresh.source.number,
        would,
        why,
        now,
        differs: (would == Would::Import) != (now == PushStatus::Sent),
    }
}
