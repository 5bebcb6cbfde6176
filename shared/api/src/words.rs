//! States in the words that the API has for them.

use domain::backfill::BackfillState;
use domain::shipment::Push;
use domain::{ImportState, Payment};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConnectionState)]
pub(crate) enum ConnectionWord {
    Active,
    NeedsAttention,
    Disconnected,
}

/// How far a backfill is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BackfillState)]
pub(crate) enum BackfillWord {
    Running,
    Done,
    /// It cannot go on; `why` says the reason.
    Stopped,
}

impl From<&BackfillState> for BackfillWord {
    fn from(state: &BackfillState) -> Self {
        match state {
            BackfillState::Running => Self::Running,
            BackfillState::Done => Self::Done,
            BackfillState::Stopped { .. } => Self::Stopped,
        }
    }
}

/// What the channel says of the payment.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentState)]
pub(crate) enum PaymentWord {
    Unpaid,
    /// The channel does not hand the order out yet.
    Held,
    Paid,
}

impl From<&Payment> for PaymentWord {
    fn from(payment: &Payment) -> Self {
        match payment {
            Payment::Unpaid => Self::Unpaid,
            Payment::Held => Self::Held,
            Payment::Paid { .. } => Self::Paid,
        }
    }
}

/// How far the order is on its way into the main store.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportState)]
pub(crate) enum ImportWord {
    Received,
    Waiting,
    BeingCreated,
    /// Its create was not answered; it is looked up before anything else.
    Unknown,
    Imported,
    Failed,
    NotToBeImported,
}

impl From<&ImportState> for ImportWord {
    fn from(import: &ImportState) -> Self {
        match import {
            ImportState::Received => Self::Received,
            ImportState::Waiting(_) => Self::Waiting,
            ImportState::Reserved { .. } => Self::BeingCreated,
            ImportState::Unknown { .. } => Self::Unknown,
            ImportState::Imported { .. } => Self::Imported,
            ImportState::Failed { .. } => Self::Failed,
            ImportState::Left(_) => Self::NotToBeImported,
        }
    }
}

/// Whether the other side has a package.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PackageState)]
pub(crate) enum PackageWord {
    Wanted,
    Sent,
    /// The other side cannot take it; `why` says the reason.
    Refused,
}

impl From<&Push> for PackageWord {
    fn from(push: &Push) -> Self {
        match push {
            Push::Wanted => Self::Wanted,
            Push::Sending { .. } | Push::Sent => Self::Sent,
            Push::Refused { .. } => Self::Refused,
        }
    }
}

/// What became of a wish to send an order.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SendAnswer)]
pub(crate) enum SendWord {
    Queued,
    AlreadyImported,
    Refused,
    Busy,
    NotFound,
}

/// What undoing does with an order.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UndoAnswer)]
pub(crate) enum UndoWord {
    CancelInStore,
    /// It is not in the store yet; what is held for it comes back.
    LeaveOut,
    AlreadyUndone,
    Refused,
    Busy,
    NotFound,
}
