//! Compares channel, Tributary and main store at night; names every gap and closes the safe ones.

use app::{App, AppError, Outcome, ReconcileJob};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work =
    work::CHANNEL_ORDERS | work::LOOK_UP | work::STORE_ORDERS | work::STORE_CHANGES | work::PRODUCTS | work::STOCK;

/// Begins the comparison of the last seven days, or does one step of it: one day of one side.
///
/// - **Trigger**: the queue `reconciles`, rung by EventBridge Scheduler at night and by each step for the next one.
/// - **Idempotency**: a run is begun once a day; what a step found is kept by whoever was first, and closing a gap twice
///   changes nothing. In a week without gaps no order is written.
/// - **Failure**: a platform that does not answer sends the step anew with its delay; after twelve hours the step is kept as
///   not looked at, with the reason, and the next one begins.
pub async fn handle(app: &App, job: ReconcileJob) -> Result<Outcome, AppError> {
    app.reconcile(&job).await
}
