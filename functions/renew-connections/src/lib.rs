//! Renews at night what platforms let lapse, and forgets credentials that came to belong to no connection.

use app::{App, AppError};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::WEBHOOKS | work::FORGET;

/// Registers every connection's webhooks once more, and forgets the credentials of consents that nobody answered.
///
/// - **Trigger**: EventBridge Scheduler, every night.
/// - **Idempotency**: a platform that calls us already is not asked anew; what is forgotten is gone.
/// - **Failure**: the invocation fails and is repeated twice; then the owner is told (`RenewConnectionsAlarm`), and the next
///   night does it. Webhooks only make things sooner.
pub async fn handle(app: &App) -> Result<(), AppError> {
    // First, because a platform may keep the renewal waiting; neither keeps the other from being tried.
    let forgotten = app.forget_abandoned().await;
    app.renew_webhooks().await?;
    forgotten
}
