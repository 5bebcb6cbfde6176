//! Reads what changed at one connection since the last time.

use app::{App, AppError, Outcome, PollJob};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work =
    work::CHANNEL_ORDERS | work::CHANNEL_ORDER | work::PAST_ORDERS | work::LISTINGS | work::STORE_CHANGES;

/// Looks at one connection, reads on in one of its backfills, or reads one order that its platform named.
///
/// - **Trigger**: the queue `polls`, rung by the schedule, by a webhook or by a reconnect.
/// - **Idempotency**: the connection's cursor is lent to one poller at a time; another one acknowledges and does nothing.
///   An order read twice is stored once, by its deterministic id.
/// - **Failure**: a platform that does not answer opens the connection's breaker and the job is acknowledged, because the
///   schedule rings again; withdrawn access parks the connection with one alert. The cursor moves only after every page is
///   stored and queued. An order that cannot be read is kept as it came and the others go on.
pub async fn handle(app: &App, job: PollJob) -> Result<Outcome, AppError> {
    match (&job.backfill, &job.order) {
        (Some(backfill), _) => app.backfill(&job.connection_id, backfill).await,
        (None, Some(order)) => app.poll_order(&job.connection_id, order).await,
        (None, None) => app.poll(&job.connection_id).await,
    }
}
