//! Orders asked for one by one, where the channel's list hides a cancel or a refund (R19). A few with each poll.

use connect::{ErrorKind, SalesChannel};
use domain::status::{OrderStatus, RefundStatus, refund_status, status};
use domain::{Cancel, Order};
use jiff::{SignedDuration, Timestamp};
use storage::PageRequest;

use crate::App;
use crate::error::AppError;
use crate::intake::Source;

/// Each slice has one minute of a round.
const SLICES: i64 = 240;
/// Orders created within so many minutes are a slice: 240 slices of three hours are thirty days.
const SLICE_MINUTES: i64 = 180;
/// Calls of one poll: a few thousand a day, which leaves room in a platform's daily quota of ten thousand.
const AT_ONCE: usize = 3;
/// Read of one slice at most.
const READ: u16 = 100;

/// Which orders this minute is for. Every slice has its turn once in four hours, without anything being remembered.
#[derive(Debug, PartialEq, Eq)]
struct Turn {
    from: Timestamp,
    to: Timestamp,
    round: usize,
}

impl Turn {
    fn at(now: Timestamp) -> Self {
        let minute = now.as_second().div_euclid(60);
        let slice = minute.rem_euclid(SLICES);
        let back = |minutes: i64| now.saturating_sub(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MIN);
        let round = usize::try_from(minute.div_euclid(SLICES)).unwrap_or_default();
        // Longer by the minutes of a round: orders grow older while the slices pass, and none may slip between two of them.
        Self { from: back((slice + 1) * SLICE_MINUTES + SLICES), to: back(slice * SLICE_MINUTES), round }
    }

    /// Every second round is for those that are not sent yet: there a cancel matters most.
    fn choose<'a>(&self, orders: &'a [Order], reports_delivery: bool) -> Vec<&'a Order> {
        let open = |order: &&Order| {
            let status = status(order, reports_delivery);
            matches!(status, OrderStatus::AwaitingPayment | OrderStatus::ReadyToShip | OrderStatus::Shipping)
        };
        let mut chosen: Vec<&Order> = orders.iter().filter(open).collect();
        if chosen.is_empty() || self.round % 2 == 1 {
            chosen = orders.iter().collect();
        }
        let first = (self.round / 2 * AT_ONCE).checked_rem(chosen.len()).unwrap_or_default();
        chosen.rotate_left(first);
        chosen.truncate(AT_ONCE);
        chosen
    }
}

impl App {
    /// Looks at a few known orders of the channel. What did not change costs no write; what cannot be had now has another
    /// turn, and says nothing about the poll.
    pub(crate) async fn recheck(&self, source: &Source<'_>, channel: &dyn SalesChannel) -> Result<(), AppError> {
        if source.capabilities.lists_cancels {
            return Ok(());
        }
        let turn = Turn::at(self.clock.now());
        let mut orders = self.storage.orders.range(turn.from, turn.to, &PageRequest::first(READ)).await?.items;
        orders.retain(|order| {
            order.connection == source.connection.id
                && order.source.cancel != Cancel::Canceled
                && refund_status(order) != RefundStatus::Full
        });
        for order in turn.choose(&orders, source.capabilities.reports_delivery) {
            match channel.order(&order.source.id).await {
                Ok(incoming) => drop(self.take_in(source, incoming).await?),
                Err(error) => {
                    tracing::warn!(order.id = %order.id, error = %error, "Cannot look at order `{}` again", order.id);
                    if error.kind != ErrorKind::NotFound {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_of_thirty_days_has_its_turn_in_four_hours() {
        let start: Timestamp = "2026-11-20T12:34:00Z".parse().unwrap();
        let turns: Vec<Turn> = (0..SLICES).map(|minute| Turn::at(start + SignedDuration::from_mins(minute))).collect();
        for hours in 0..30 * 24 - 4 {
            let created = start - SignedDuration::from_hours(hours) - SignedDuration::from_mins(7);
            let met = turns.iter().filter(|turn| turn.from <= created && created < turn.to).count();
            assert!((1..=3).contains(&met), "{hours} hours: {met}");
        }
        assert_eq!(Turn::at(start).round + 1, Turn::at(start + SignedDuration::from_hours(4)).round);
    }
}
