//! Takes the notifications that a platform sends to a queue of the owner's, and reads the orders that they name sooner.

use app::{App, AppError};
use serde_json::Value;

/// Rings for each order that a notification names; nothing else in it is used.
///
/// - **Trigger**: the queue `notifications`, into which Amazon's own account may send, and nobody else.
/// - **Idempotency**: notifications about one order within five seconds are one; an order read twice is stored once.
/// - **Failure**: if the tables or the queue do not answer, the batch comes back; after five times it is dead letters, and the
///   next scheduled poll has found it all by then. One that says nothing to anybody here is acknowledged and logged.
pub async fn handle(app: &App, messages: Vec<Value>) -> Result<(), AppError> {
    for message in messages {
        if !app.receive_notice(message.to_string().as_bytes()).await? {
            let kind = message.get("NotificationType").and_then(Value::as_str).unwrap_or_default();
            let kind: String = kind.chars().filter(|c| c.is_ascii_uppercase() || *c == '_').take(60).collect();
            tracing::warn!(kind, "A notification says nothing to any connection");
        }
    }
    Ok(())
}
