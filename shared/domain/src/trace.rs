//! E1: what happened to an order and why, kept as codes with evidence and told in a merchant's words.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};
use crate::order_id::OrderId;
use crate::settings::NO_TEXT_LINES;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEntry {
    #[serde(rename = "t")]
    pub at: Timestamp,
    #[serde(rename = "e")]
    pub event: Event,
}

/// Kept short: a healthy order's whole trace stays within its one write unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Imported {
        number: String,
    },
    Adopted {
        number: String,
    },
    NotImported(NotImported),
    Ambiguous {
        attempt: u8,
        why: String,
    },
    Refused {
        why: String,
    },
    Differs {
        what: String,
    },
    /// R3: what the store had made of the order, corrected there in place.
    Mended {
        what: String,
    },
    Stock {
        what: String,
    },
    Changed {
        what: String,
    },
    StoreMarkedPaid,
    StoreCompleted,
    StoreCanceled,
    /// Something that came back was told to the store's order.
    Returned {
        what: String,
    },
    /// The channel merged orders: these lines now belong to that order.
    SupersededBy {
        order: String,
    },
    Supersedes {
        orders: Vec<String>,
    },
    ShipmentSent {
        package: String,
    },
    ShipmentRefused {
        package: String,
        why: String,
    },
    Flag {
        what: String,
    },
    Asked {
        by: String,
        what: String,
    },
    /// R1: what the marketplace collects and remits itself; told from the order, never stored.
    TaxCollected {
        buyer_total: Money,
        collected: Money,
    },
    /// R12: what `import_without_tax` took away.
    TaxLeftOut {
        buyer_total: Money,
        removed: Money,
    },
    /// R17: what the order was worth on the channel, and the stated rate.
    Converted {
        original: Money,
        total: Money,
        rate: String,
    },
    Undone {
        number: Option<String>,
    },
    /// B7: the buyer got the feedback that the setting says.
    FeedbackLeft,
    FeedbackRefused {
        why: String,
    },
    /// The platform asked to forget the buyer. Later versions of the order come in without one.
    Forgotten,
}

/// Why an order is not in the main store: the rule, the setting, the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotImported {
    /// R5: `auto_import` is off.
    ImportIsOff,
    /// R5: `send_when` is `paid` and the buyer has not paid.
    AwaitingPayment,
    /// R6: the channel holds the order back.
    HeldByChannel,
    /// R5: these items have no link.
    Unlinked { items: Vec<String> },
    /// R5: inventory sync is off.
    SyncIsOff,
    /// The order was canceled before it was imported.
    Canceled,
    /// All its money was returned before it was imported.
    Refunded,
    /// R19: the channel merged it into another order.
    Superseded { by: OrderId },
    /// The store's connection does not work; the order waits for it.
    StoreUnavailable { why: String },
    /// The main store cannot hold lines without a product, and these have none.
    NoTextLines { items: Vec<String> },
    /// No main store is connected.
    NoMainStore,
    /// The order's channel is not connected any more.
    NoChannel,
    /// R20: a person undid the import.
    Undone,
    /// R1: the order's amounts contradict each other.
    DoesNotAddUp { why: String },
    /// R17: the setting `currency`, or the store itself, refuses other currencies than the store's.
    ForeignCurrency { order: Currency, store: Currency },
    /// R17: the setting `currency` has no rate between these two.
    NoExchangeRate { order: Currency, store: Currency },
    /// B8: the main store's own checkout took it, under this number.
    AlreadyInStore { number: String },
    /// R14: the number that the order shall bear is longer than the store's order numbers may be.
    NumberTooLong { number: String, most: u16 },
    /// R19: the channel ships it from its own warehouse.
    FulfilledByChannel,
}

impl NotImported {
    /// One sentence for the merchant: what is the case and what to do.
    pub fn sentence(&self) -> String {
        match self {
            Self::ImportIsOff => {
                "Automatic import is off for this channel (setting auto_import); press Send to import it.".into()
            }
            Self::AwaitingPayment => {
                "The buyer has not paid yet and this channel imports paid orders only (setting send_when = paid)."
                    .into()
            }
            Self::HeldByChannel => {
                "The channel still holds this order back; it will be imported when the channel releases it.".into()
            }
            Self::Unlinked { items } => format!(
                "Not linked: {}. Link each to a product of the main store and the order imports by itself (setting auto_import = linked).",
                items.join(", ")
            ),
            Self::SyncIsOff => "Inventory sync is off for this channel (setting inventory_sync).".into(),
            Self::Canceled => "The order was canceled on the channel before it was imported.".into(),
            Self::Refunded => "All its money was returned on the channel before it was imported.".into(),
            Self::Superseded { .. } => {
                "The channel merged this order into another one, which is imported in its place.".into()
            }
            Self::StoreUnavailable { why } => {
                let why = why.trim_end_matches('.');
                format!("The main store cannot be reached: {why}. The order waits and imports by itself.")
            }
            Self::NoTextLines { items } => format!(
                "{NO_TEXT_LINES}, by Send and by the setting auto_import = all too. Not linked: {}; link every item first.",
                items.join(", ")
            ),
            Self::NoMainStore => "No main store is connected.".into(),
            Self::NoChannel => "The channel that this order came from is not connected any more.".into(),
            Self::Undone => "Its import was undone; press Re-import to import it again.".into(),
            Self::DoesNotAddUp { why } => format!("The amounts of this order contradict each other: {why}."),
            Self::ForeignCurrency { order, store } => format!(
                "{order}, store takes {store} (setting currency). Choose to keep or to convert where it is offered, then press Sync."
            ),
            Self::NoExchangeRate { order, store } => format!(
                "{order}, store takes {store}, and no rate between them is stated (setting currency). Add one, then press Sync."
            ),
            Self::AlreadyInStore { number } => format!(
                "The main store's own checkout took this order, as {number}; it is there already and is not imported again."
            ),
            Self::NumberTooLong { number, most } => format!(
                "The order number {number} is longer than the {most} characters that the main store's order numbers may have (settings keep_order_number, order_number_prefix). Shorten the prefix or let the store number it, then press Sync."
            ),
            Self::FulfilledByChannel => {
                "The channel ships this order from its own warehouse: it counts in reports and stays out of the main store (setting import_fulfilled_by_channel)."
                    .into()
            }
        }
    }
}

impl Event {
    pub fn sentence(&self) -> String {
        match self {
            Self::Imported { number } => format!("Imported into the main store as order {number}."),
            Self::Adopted { number } => {
                format!("The store had taken the order although its answer was lost: found as {number}.")
            }
            Self::NotImported(reason) => reason.sentence(),
            Self::Ambiguous { attempt, why } => {
                format!(
                    "Attempt {attempt} to create the order got no clear answer ({why}); looking in the store before anything else."
                )
            }
            Self::Refused { why } => format!("The main store refused the order: {why}"),
            Self::Differs { what } => format!("The store's order differs from what was sent: {what}."),
            Self::Mended { what } => {
                format!("The store had made something else of the order: {what}. It was corrected there in place.")
            }
            Self::Stock { what } => format!("Stock: {what}."),
            Self::Changed { what } => format!("Changed on the channel: {what}."),
            Self::StoreMarkedPaid => "Marked as paid in the main store.".into(),
            Self::StoreCompleted => "Completed in the main store.".into(),
            Self::StoreCanceled => "Canceled in the main store.".into(),
            Self::Returned { what } => format!("{what}."),
            Self::SupersededBy { order } => {
                format!("The channel merged this order into its order {order}, which takes its place.")
            }
            Self::Supersedes { orders } => {
                format!("The channel merged into this order: {}. It takes their place.", orders.join(", "))
            }
            Self::FeedbackLeft => "Left the buyer a feedback on the channel (setting feedback).".into(),
            Self::FeedbackRefused { why } => format!("The channel took no feedback for the buyer: {why}"),
            Self::Forgotten => "The buyer's data was removed, because the platform asked for it.".into(),
            Self::ShipmentSent { package } => format!("Package {package} sent to the other side."),
            Self::ShipmentRefused { package, why } => format!("Package {package} could not be sent: {why}"),
            Self::Flag { what } => format!("Needs a look: {what}."),
            Self::Undone { number: Some(number) } => {
                format!("The import was undone: order {number} of the main store is canceled, what was moved is back.")
            }
            Self::Undone { number: None } => "The import was undone before it was made; what was moved is back.".into(),
            Self::Asked { by, what } => format!("{by} asked: {what}."),
            Self::TaxCollected { buyer_total, collected } => format!(
                "Of the buyer's total of {buyer_total}, the marketplace collects {collected} of tax; it is not in the main store's order."
            ),
            Self::TaxLeftOut { buyer_total, removed } => format!(
                "Of the buyer's total of {buyer_total}, {removed} of tax was left out (setting import_without_tax)."
            ),
            Self::Converted { original, total, rate } => {
                format!("{original} arrive as {total}, converted at {rate} (setting currency).")
            }
        }
    }
}

/// The newest entries are worth most: an order keeps at most this many.
pub const MAX_ENTRIES: usize = 40;

/// Whether the platform asked to forget the buyer.
pub fn is_forgotten(trace: &[TraceEntry]) -> bool {
    trace.iter().any(|entry| entry.event == Event::Forgotten)
}

/// Appends an entry; the oldest go first, and repeating the last one adds nothing. That a buyer is to be forgotten stays.
pub fn append(trace: &mut Vec<TraceEntry>, at: Timestamp, event: Event) {
    if trace.last().is_some_and(|last| last.event == event) {
        return;
    }
    trace.push(TraceEntry { at, event });
    while trace.len() > MAX_ENTRIES {
        let oldest = trace.iter().position(|entry| entry.event != Event::Forgotten).unwrap_or(0);
        trace.remove(oldest);
    }
}
