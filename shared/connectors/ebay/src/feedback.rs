//! Feedback for buyers: positive, as sellers may, once for each line of an order.

use connect::{ConnectError, ErrorKind};
use domain::ChannelOrder;

use crate::api::Api;
use crate::wire::{AwaitingFeedback, LeaveFeedback};

/// Pages of lines that await feedback; beyond these a line counts as done.
const MAX_PAGES: usize = 40;

/// Leaves `text` for the buyer on each line of the order that still awaits feedback. What does not await any has it
/// already, or is too old for one.
pub async fn leave(api: &Api, order: &ChannelOrder, text: &str) -> Result<(), ConnectError> {
    for line in awaiting(api, order).await.map_err(of_feedback)? {
        let feedback = LeaveFeedback {
            listing_id: line.listing_id,
            order_line_item_id: line.order_line_item_id,
            transaction_id: line.transaction_id,
            comment_text: text,
            comment_type: "POSITIVE",
        };
        api.leave_feedback(&feedback).await.map_err(of_feedback)?;
    }
    Ok(())
}

async fn awaiting(api: &Api, order: &ChannelOrder) -> Result<Vec<AwaitingFeedback>, ConnectError> {
    let is_ours = |line: &AwaitingFeedback| {
        let id = line.order_line_item_id.as_deref();
        order.real_lines().any(|own| id == Some(own.id.as_str()))
    };
    let (mut found, mut read) = (Vec::new(), 0);
    for _ in 0..MAX_PAGES {
        let page = api.awaiting_feedback(read).await?;
        let entries = u64::try_from(page.line_items.len()).unwrap_or(u64::MAX);
        let more = page.pagination.next.is_some() && entries > 0;
        read = read.saturating_add(entries);
        found.extend(page.line_items.into_iter().filter(is_ours));
        if !more || found.len() >= order.lines.len() {
            break;
        }
    }
    Ok(found)
}

/// A missing permission for feedback stops feedback, not the whole connection.
fn of_feedback(mut error: ConnectError) -> ConnectError {
    if error.kind == ErrorKind::Unauthorized && error.context.contains("1100") {
        error.kind = ErrorKind::Unsupported;
        "The eBay application lacks the permission to leave feedback; reconnect eBay."
            .clone_into(&mut error.public_message);
    }
    error
}
