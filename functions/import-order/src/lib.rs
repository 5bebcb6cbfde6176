//! Brings one order to where it should be at the main store.

use app::{App, AppError, ImportJob, Outcome};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::LOOK_UP | work::STORE_ORDERS | work::IMPORT | work::STOCK | work::MOVE_STOCK;

/// Looks at one order: imports it, waits, moves its stock, marks it paid or cancels it, until nothing is left to do.
///
/// - **Trigger**: the queue `orders`, rung by intake, by a new link, by a person, by a store that works again.
/// - **Idempotency**: the order's lease, and the reference that the store's order carries. Delivered twice, late or out of
///   order, a job changes nothing.
/// - **Failure**: a store that does not answer or limits us sends the job anew with its delay and acknowledges this one; a
///   refusal is stored on the order and acknowledged; an unanswered create is in doubt and looked up before anything else.
///   Only the unexpected comes back and ends in the dead-letter queue.
pub async fn handle(app: &App, job: ImportJob) -> Result<Outcome, AppError> {
    app.import(job.order_id).await
}
