//! Carries packages and completion between channel and main store.

use app::{App, AppError, FulfilJob, Outcome};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::FULFIL | work::STORE_ORDERS;

/// Looks at one order's packages on both sides and tells each side what it lacks.
///
/// - **Trigger**: the queue `fulfilments`, rung when an order was shipped on either side or by hand.
/// - **Idempotency**: the order's lease; a package is stored as being sent before it is sent, and one whose sending was not
///   answered is looked up on the other side before it is sent again.
/// - **Failure**: a platform that does not answer sends the job anew with its delay; a package that the other side refuses is
///   stored as refused, with what to do, and acknowledged.
pub async fn handle(app: &App, job: FulfilJob) -> Result<Outcome, AppError> {
    app.fulfil(job.order_id).await
}
