//! B7: once an order is completed its buyer gets the feedback that the channel's setting says, once.

use connect::SalesChannel;
use domain::Order;
use domain::status::{self, OrderStatus};
use domain::trace::Event;
use storage::{Change, Connection};

use crate::App;
use crate::error::{AppError, Outcome};

impl App {
    /// Leaves the feedback, if one is due. Its answer lost, the channel is asked again, which leaves no second one.
    pub(crate) async fn leave_feedback(
        &self,
        order: &Order,
        connection: &Connection,
        channel: &dyn SalesChannel,
    ) -> Result<Outcome, AppError> {
        let can = channel.capabilities();
        if !can.leave_feedback || order.by_hand.backfill.is_some() || was_told(order) {
            return Ok(Outcome::Done);
        }
        if status::status(order, can.reports_delivery) != OrderStatus::Completed {
            return Ok(Outcome::Done);
        }
        let (settings, _) = self.storage.settings.channel_settings(&connection.id).await?;
        let Some(text) = settings.feedback.text() else { return Ok(Outcome::Done) };
        let event = match channel.leave_feedback(&order.source, text).await {
            Ok(()) => Event::FeedbackLeft,
            Err(error) if error.kind.is_temporary() || error.kind.needs_reconnect() => {
                return self.trouble(connection, error).await;
            }
            Err(error) => {
                tracing::warn!(order.id = %order.id, error = %error, "The channel took no feedback for order `{}`", order.id);
                Event::FeedbackRefused { why: error.public_message }
            }
        };
        self.write(order, Change { trace: Some(self.traced(order, event)), ..Change::default() }).await?;
        Ok(Outcome::Done)
    }
}

fn was_told(order: &Order) -> bool {
    order.trace.iter().any(|entry| matches!(entry.event, Event::FeedbackLeft | Event::FeedbackRefused { .. }))
}
