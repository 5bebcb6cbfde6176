//! Rings for every connection that works.

use app::{App, AppError};

/// Queues one poll per connection.
///
/// - **Trigger**: EventBridge Scheduler, every minute.
/// - **Idempotency**: a poll that is rung for twice is read once (the cursor's lease).
/// - **Failure**: the invocation fails and the next minute rings again; nothing is lost, because polls read from their cursor.
pub async fn handle(app: &App) -> Result<(), AppError> {
    let tick = app.schedule_polls().await?;
    let (rung, lag) = (tick.rung, tick.channel_lag.as_secs());
    // The template's metric filter and its alarm read this field.
    tracing::info!(connections = rung, channel_lag_seconds = lag, "Rang for {rung} connections");
    Ok(())
}
