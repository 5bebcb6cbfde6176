//! R19: the nightly removal of buyers' data from orders that are over, by an update; sums, lines and numbers stay.

use std::collections::HashMap;

use domain::reconcile::Found;
use domain::{ChannelOrder, ConnectionId, Order, OrderId, retention};
use jiff::{SignedDuration, Timestamp};
use storage::{PageRequest, Role};

use crate::App;
use crate::error::AppError;

const PAGE: u16 = 100;

impl App {
    /// Removes the buyers' data of the orders placed between the two that are over for as long as their channel's setting says.
    pub(crate) async fn erase_people(&self, from: Timestamp, to: Timestamp) -> Result<Found, AppError> {
        let mut days: HashMap<ConnectionId, u16> = HashMap::new();
        let mut page = PageRequest::first(PAGE);
        let mut erased = 0_u32;
        loop {
            let answer = self.storage.orders.range(from, to, &page).await?;
            for order in answer.items.iter().filter(|order| order.source.names_a_person()) {
                erased += u32::from(self.erase_if_due(order, &mut days).await?);
            }
            match answer.next {
                Some(next) => page = PageRequest::after(next, PAGE),
                None => break,
            }
        }
        if erased > 0 {
            tracing::info!(erased, "Removed the buyers' data of {erased} orders");
        }
        Ok(Found::default())
    }

    /// Removes the buyers' data of the noted orders that are over for long enough. A note that is done is dropped at once, so
    /// that a night that dies goes on where it was.
    pub(crate) async fn erase_late(&self) -> Result<(), AppError> {
        let mut days: HashMap<ConnectionId, u16> = HashMap::new();
        let mut page = PageRequest::first(PAGE);
        let mut erased = 0_u32;
        loop {
            let noted = self.storage.orders.noted_late(&page).await?;
            let orders = self.storage.orders.get_many(&noted.items).await?;
            let mut orders: HashMap<OrderId, Order> = orders.into_iter().map(|order| (order.id, order)).collect();
            for id in noted.items {
                let named = orders.remove(&id).filter(|order| order.source.names_a_person());
                if let Some(order) = named {
                    if !self.erase_if_due(&order, &mut days).await? {
                        continue;
                    }
                    erased += 1;
                }
                self.storage.orders.drop_late(id).await?;
            }
            match noted.next {
                Some(next) => page = PageRequest::after(next, PAGE),
                None => break,
            }
        }
        if erased > 0 {
            tracing::info!(erased, "Removed the buyers' data of {erased} orders that were over late");
        }
        Ok(())
    }

    /// `false` also where a newer version of the order came meanwhile: the next night looks at that.
    async fn erase_if_due(&self, order: &Order, days: &mut HashMap<ConnectionId, u16>) -> Result<bool, AppError> {
        let kept = match days.get(&order.connection) {
            Some(kept) => *kept,
            None => self.kept_days(&order.connection, days).await?,
        };
        Ok(retention::is_due(order, kept, self.clock.now())
            && self.storage.orders.erase(order, &order.source.without_person()).await?)
    }

    /// Empties what could not be read and is older than any buyer's data may be.
    pub(crate) async fn erase_unreadable(&self) -> Result<(), AppError> {
        for connection in self.storage.settings.connections().await?.into_iter().filter(|c| c.role == Role::Channel) {
            let (settings, _) = self.storage.settings.channel_settings(&connection.id).await?;
            let kept = SignedDuration::from_hours(24 * i64::from(settings.personal_data_days));
            let oldest = self.clock.now().saturating_sub(kept).unwrap_or(Timestamp::MIN);
            let mut page = PageRequest::first(PAGE);
            loop {
                let answer = self.storage.orders.unreadable(&connection.id, &page).await?;
                for order in answer.items.iter().filter(|order| order.seen_at <= oldest && !order.raw.is_empty()) {
                    self.storage.orders.empty_unreadable(order).await?;
                }
                match answer.next {
                    Some(next) => page = PageRequest::after(next, PAGE),
                    None => break,
                }
            }
        }
        Ok(())
    }

    async fn kept_days(&self, id: &ConnectionId, days: &mut HashMap<ConnectionId, u16>) -> Result<u16, AppError> {
        let (settings, _) = self.storage.settings.channel_settings(id).await?;
        days.insert(id.clone(), settings.personal_data_days);
        Ok(settings.personal_data_days)
    }

    /// A later version of an order whose buyer was removed does not bring them back.
    pub(crate) async fn without_erased(&self, known: &Order, incoming: ChannelOrder) -> Result<ChannelOrder, AppError> {
        if domain::trace::is_forgotten(&known.trace) {
            return Ok(incoming.without_person());
        }
        if known.source.names_a_person() || !incoming.names_a_person() || retention::over_since(known).is_none() {
            return Ok(incoming);
        }
        let (settings, _) = self.storage.settings.channel_settings(&known.connection).await?;
        let due = retention::is_due(known, settings.personal_data_days, self.clock.now());
        Ok(if due { incoming.without_person() } else { incoming })
    }
}
