//! Tells every linked listing what it shall show.

use std::time::Duration;

use app::{App, AppError, StockJob};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::STOCK | work::QUANTITIES;

/// Looks at the products of a batch together, each once, and tells every started channel what its linked listings shall show.
///
/// - **Trigger**: the queue `stock`, rung wherever the stock of a product or what orders hold of it moves.
/// - **Idempotency**: a job only names a product; quantities are absolute, read anew under one lease, and what a listing shows
///   already is not sent again. What a worker that died had in hand is set again by the next.
/// - **Failure**: a channel or store that does not answer sends the job anew with its delay and holds up no other; a listing that
///   its channel refuses is told once and acknowledged.
pub async fn handle(app: &App, jobs: Vec<StockJob>) -> Result<Vec<(StockJob, Duration)>, AppError> {
    app.sync_stock(&jobs).await
}
