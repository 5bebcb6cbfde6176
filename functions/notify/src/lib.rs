//! Mails the owner about troubles, many of them as one mail.

use app::{App, AppError, EventDetail, Letterhead, Mailer};

/// Sends at most one mail about everything that came.
///
/// - **Trigger**: the queue `alerts`, into which a rule on the event bus puts every event that is a trouble; collected for
///   the time of the event source's batching window.
/// - **Idempotency**: of one trouble (a kind, a connection) the owner is told at most once an hour; more of it is sent anew and
///   becomes one mail afterwards. What is over by then is left out.
/// - **Failure**: if SES does not take the mail, all messages come back and nothing counts as told; after ten times they
///   are dead letters.
pub async fn handle(
    app: &App,
    mailer: &dyn Mailer,
    letterhead: &Letterhead,
    events: Vec<EventDetail>,
) -> Result<(), AppError> {
    app.notify(mailer, letterhead, events).await
}
