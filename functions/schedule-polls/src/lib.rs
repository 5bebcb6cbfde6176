//! Rings for every connection that works.

use app::{App, AppError};

/// Queues one poll per connection.
///
/// - **Trigger**: EventBridge Scheduler, every minute.
/// - **Idempotency**: a poll that is rung for twice is read once (the cursor's lease).
/// - **Failure**: the invocation fails and the next minute rings again; nothing is lost, because polls read from their cursor.
pub async fn handle(app: &App) -> Result<(), AppError> {
    let rung = app.schedule_polls().await?;
    tracing::info!(connections = rung, "Rang for {rung} connections");
    Ok(())
}
