//! What platforms hand on of the law: buyers to be forgotten, shops that are gone, buyers who ask what is kept of them.

use std::collections::BTreeSet;
use std::time::Duration;

use connect::{ConnectError, ErrorKind, PrivacyRequest};
use domain::trace::{Event, is_forgotten};
use domain::{ConnectionId, Order};
use jiff::{SignedDuration, Timestamp};
use storage::{Attempt, Change, Connection, Idempotency, PageRequest, Role, Updated};

use crate::App;
use crate::error::{AppError, Outcome};
use crate::events::DomainEvent;
use crate::ports::PrivacyJob;

const PAGE: u16 = 100;
/// Pages of one job; what is left is for the next.
const PAGES: usize = 50;
/// Somebody works on an order of it: looked at again after this long.
const BUSY: Duration = Duration::from_secs(30);
/// Who has not told the owner by then has died.
const TELLING: Duration = Duration::from_mins(1);
/// A question that is delivered again within this time is the same one.
const SAME_QUESTION: Duration = Duration::from_hours(72);

/// Whose buyers are meant.
enum Meant {
    /// Of these orders of the connection, by the platform's ids.
    These(BTreeSet<String>),
    /// Of all orders of the channel.
    All,
}

impl Meant {
    /// A channel names its own orders, a main store those that it holds of ours.
    fn holds(&self, connection: &Connection, order: &Order) -> bool {
        let of_channel = order.connection == connection.id;
        match (self, connection.role) {
            (Self::All, _) => of_channel,
            (Self::These(ids), Role::Channel) => of_channel && ids.contains(order.source.id.as_str()),
            (Self::These(ids), Role::MainStore) => {
                order.import.store_order().is_some_and(|stored| ids.contains(stored.as_str()))
            }
        }
    }
}

impl App {
    /// Does what the platform asks. Delivered twice it changes and tells nothing anew.
    pub(crate) async fn privacy(&self, job: &PrivacyJob) -> Result<Outcome, AppError> {
        let Some(connection) = self.storage.settings.connection(&job.connection_id).await? else {
            return Ok(Outcome::Done);
        };
        match &job.request {
            PrivacyRequest::Forget { orders } => {
                self.forget(&connection, job, &Meant::These(orders.iter().cloned().collect())).await
            }
            PrivacyRequest::ShopGone => {
                let why = "The shop has removed Tributary's application: connect it again if that was not meant.";
                let error = ConnectError::new(ErrorKind::Unauthorized, "webhook.shop_gone", why).without_effect();
                self.needs_attention(&connection, &error).await?;
                // What a main store's orders hold came from the channels, and is theirs to ask for.
                match connection.role {
                    Role::Channel => self.forget(&connection, job, &Meant::All).await,
                    Role::MainStore => Ok(Outcome::Done),
                }
            }
            PrivacyRequest::Tell { request, orders } => self.tell_owner(&connection.id, request, orders).await,
        }
    }

    async fn tell_owner(&self, id: &ConnectionId, request: &str, orders: &[String]) -> Result<Outcome, AppError> {
        let key = format!("asked:{id}:{request}");
        let attempt = Attempt { request: key.clone(), key, holder: self.clock.nonce() };
        let settings = &self.storage.settings;
        match settings.begin_request(&attempt, self.clock.now(), TELLING).await? {
            Idempotency::New => {}
            // Whoever began may have died before telling: looked at again.
            Idempotency::Running => return Ok(Outcome::Again(TELLING)),
            Idempotency::Done(_) | Idempotency::Other => return Ok(Outcome::Done),
        }
        let (connection_id, request, orders) = (id.clone(), request.to_owned(), orders.to_vec());
        self.events.publish(DomainEvent::BuyerDataRequested { connection_id, request, orders }).await?;
        settings.finish_request(&attempt, "told", self.clock.now(), SAME_QUESTION).await?;
        Ok(Outcome::Done)
    }

    /// No list leads from a platform's id to its order, so all are looked through: it is asked seldom.
    async fn forget(&self, connection: &Connection, job: &PrivacyJob, meant: &Meant) -> Result<Outcome, AppError> {
        let from = job.from.unwrap_or(Timestamp::UNIX_EPOCH);
        let to = self.clock.now().saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        let (mut page, mut forgotten, mut busy) = (PageRequest::first(PAGE), 0_u32, false);
        let mut reached = None;
        for _ in 0..PAGES {
            let answer = self.storage.orders.range(from, to, &page).await?;
            for order in answer.items.iter().filter(|order| meant.holds(connection, order)) {
                match self.forget_buyer(order).await? {
                    Forgotten::Now => forgotten += 1,
                    Forgotten::Before => {}
                    Forgotten::NotYet => busy = true,
                }
            }
            reached = answer.items.last().map(|order| order.source.created_at).or(reached);
            let Some(next) = answer.next else {
                self.empty_unread(connection, meant).await?;
                reached = None;
                break;
            };
            page = PageRequest::after(next, PAGE);
        }
        tracing::info!(connection = %connection.id, forgotten, "Forgot the buyers of {forgotten} orders");
        if busy {
            return Ok(Outcome::Again(BUSY));
        }
        if let Some(reached) = reached {
            let next = PrivacyJob { from: Some(reached), ..job.clone() };
            self.queue.send(&[next.into()], Duration::ZERO).await?;
        }
        Ok(Outcome::Done)
    }

    /// It is noted first that the buyer is to be forgotten, so that no later version of the order brings them back.
    async fn forget_buyer(&self, order: &Order) -> Result<Forgotten, AppError> {
        let noted = is_forgotten(&order.trace);
        if noted && !order.source.names_a_person() {
            return Ok(Forgotten::Before);
        }
        let order = if noted {
            Box::new(order.clone())
        } else {
            let trace = Some(self.traced(order, Event::Forgotten));
            match self.storage.orders.update(order, Change { trace, ..Change::default() }).await? {
                Updated::Done(order) => order,
                Updated::Conflict(_) => return Ok(Forgotten::NotYet),
                Updated::Gone => return Ok(Forgotten::Before),
            }
        };
        if order.source.names_a_person() && !self.storage.orders.erase(&order, &order.source.without_person()).await? {
            return Ok(Forgotten::NotYet);
        }
        Ok(Forgotten::Now)
    }

    /// What could not be read may name anybody: its bytes go.
    async fn empty_unread(&self, connection: &Connection, meant: &Meant) -> Result<(), AppError> {
        let mut page = PageRequest::first(PAGE);
        loop {
            let answer = self.storage.orders.unreadable(&connection.id, &page).await?;
            for order in answer.items.iter().filter(|order| !order.raw.is_empty()) {
                let is_meant = match meant {
                    Meant::All => true,
                    Meant::These(ids) => order.remote_id.as_ref().is_some_and(|id| ids.contains(id)),
                };
                if is_meant {
                    self.storage.orders.empty_unreadable(order).await?;
                }
            }
            match answer.next {
                Some(next) => page = PageRequest::after(next, PAGE),
                None => return Ok(()),
            }
        }
    }
}

enum Forgotten {
    Now,
    Before,
    /// Somebody else wrote the order meanwhile.
    NotYet,
}
