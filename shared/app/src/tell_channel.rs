//! One channel is told quantities: those that change, unless too many would go to zero at once.

use std::time::Duration;

use connect::{ConnectError, Effect, QuantityUpdate, SalesChannel};
use domain::quantity::{HANDFUL, Telling};
use domain::{ChannelSettings, ConnectionId, Link, ListingKey};
use jiff::Timestamp;
use storage::{Connection, ConnectionState, PageRequest, Role};

use crate::App;
use crate::error::{AppError, Outcome};
use crate::events::DomainEvent;

/// Listings in one call of the connector: what stands in between two looks at the clock.
const CHUNK: usize = 10;
/// A chunk begins only if the lease lasts at least this much longer.
const CHUNK_TIME: Duration = Duration::from_secs(40);

/// A channel that was started and works.
pub(crate) struct ToldChannel {
    pub connection: Connection,
    pub settings: ChannelSettings,
    telling: Telling,
}

/// One listing that shall show something else than it was told last.
pub(crate) struct Row<'a> {
    pub link: &'a Link,
    pub quantity: u32,
    /// What it was told last, as far as anybody knows.
    pub before: Option<u32>,
    pub approved: bool,
}

/// What became of one listing.
pub(crate) enum Answer {
    Shown(u32),
    /// The channel does not take this quantity; asking again would change nothing.
    Refused(u32, String),
    /// It may or may not have been set.
    Unsure,
    /// Certainly nothing happened.
    NotSent,
}

impl Answer {
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Unsure | Self::NotSent)
    }
}

/// What became of a channel's listings.
#[derive(Default)]
pub(crate) struct Answers<'a> {
    pub of_listings: Vec<(&'a Link, Answer)>,
    /// When to try again what is open; `None`: something else will ring.
    pub again: Option<Duration>,
    pub failure: Option<AppError>,
}

impl<'a> Answers<'a> {
    fn none_sent(rows: &[Row<'a>], again: Option<Duration>) -> Self {
        let of_listings = rows.iter().map(|row| (row.link, Answer::NotSent)).collect();
        Self { of_listings, again, failure: None }
    }
}

impl App {
    /// The channels that are to be told of stock now.
    pub(crate) async fn told_channels(&self) -> Result<Vec<ToldChannel>, AppError> {
        let mut told = Vec::new();
        for connection in self.storage.settings.connections().await? {
            let offer = self.connectors.offer(&connection.platform, &connection.probed).and_then(|offer| offer.channel);
            let takes = offer.is_some_and(|capabilities| capabilities.set_quantity);
            if connection.role != Role::Channel || connection.state != ConnectionState::Active || !takes {
                continue;
            }
            let telling = self.storage.settings.telling(&connection.id).await?;
            if !matches!(telling, Telling::On { .. }) {
                continue;
            }
            let (settings, _) = self.storage.settings.channel_settings(&connection.id).await?;
            if settings.inventory_sync {
                told.push(ToldChannel { connection, settings, telling });
            }
        }
        Ok(told)
    }

    /// Tells one channel. Its trouble stays its own: it comes back as something to look at again.
    pub(crate) async fn tell_channel<'a>(
        &self,
        channel: &ToldChannel,
        rows: Vec<Row<'a>>,
        until: Timestamp,
    ) -> Answers<'a> {
        match self.try_to_tell(channel, &rows, until).await {
            Ok(answers) => answers,
            Err(error) => Answers { failure: Some(error), ..Answers::none_sent(&rows, None) },
        }
    }

    async fn try_to_tell<'a>(
        &self,
        channel: &ToldChannel,
        rows: &[Row<'a>],
        until: Timestamp,
    ) -> Result<Answers<'a>, AppError> {
        let id = &channel.connection.id;
        if rows.is_empty() {
            return Ok(Answers::default());
        }
        if let Some(paused) = self.paused(id).await? {
            return Ok(Answers::none_sent(rows, Some(paused.wait)));
        }
        if !self.may_set(channel, rows).await? {
            return Ok(Answers::none_sent(rows, None));
        }
        let connector = match self.connectors.channel(&channel.connection).await {
            Ok(connector) => connector,
            Err(error) => {
                let again = self.channel_trouble(&channel.connection, error).await?;
                return Ok(Answers::none_sent(rows, again));
            }
        };
        let mut answers = Answers::default();
        for chunk in rows.chunks(CHUNK) {
            let late = self.clock.now().saturating_add(CHUNK_TIME).map_or(true, |end| end > until);
            if late || answers.again.is_some() || answers.failure.is_some() {
                answers.again = answers.again.or(late.then_some(Duration::from_secs(1)));
                answers.of_listings.extend(chunk.iter().map(|row| (row.link, Answer::NotSent)));
                continue;
            }
            self.tell_chunk(channel, connector.as_ref(), chunk, &mut answers).await;
        }
        Ok(answers)
    }

    async fn tell_chunk<'a>(
        &self,
        channel: &ToldChannel,
        connector: &dyn SalesChannel,
        chunk: &[Row<'a>],
        answers: &mut Answers<'a>,
    ) {
        let updates: Vec<QuantityUpdate> = chunk.iter().map(update).collect();
        match connector.set_quantities(&updates).await {
            Ok(results) => {
                let mut results = results.into_iter();
                for row in chunk {
                    let answer = match results.next() {
                        Some(Ok(())) => Answer::Shown(row.quantity),
                        Some(Err(error)) => self.not_set(channel, row, error, answers).await,
                        None => Answer::Unsure,
                    };
                    answers.of_listings.push((row.link, answer));
                }
            }
            Err(error) => {
                let open = || if error.effect == Effect::None { Answer::NotSent } else { Answer::Unsure };
                answers.of_listings.extend(chunk.iter().map(|row| (row.link, open())));
                match self.channel_trouble(&channel.connection, error).await {
                    Ok(again) => answers.again = answers.again.max(again),
                    Err(error) => answers.failure = Some(error),
                }
            }
        }
    }

    /// One listing was not set: refused, or to be tried again.
    async fn not_set<'a>(
        &self,
        channel: &ToldChannel,
        row: &Row<'a>,
        error: ConnectError,
        answers: &mut Answers<'a>,
    ) -> Answer {
        let id = &channel.connection.id;
        let open = if error.effect == Effect::None { Answer::NotSent } else { Answer::Unsure };
        if error.kind.is_temporary() || error.kind.needs_reconnect() {
            match self.channel_trouble(&channel.connection, error).await {
                Ok(again) => answers.again = answers.again.max(again),
                Err(error) => answers.failure = Some(error),
            }
            return open;
        }
        let (listing, why) = (row.link.listing.clone(), error.public_message.clone());
        tracing::warn!(connection = %id, listing = %listing, error = %error, "Listing `{listing}` does not take its quantity");
        let event =
            DomainEvent::ListingRefused { connection_id: id.clone(), listing: listing.to_string(), why: why.clone() };
        if let Err(error) = self.events.publish(event).await {
            answers.failure = Some(error.into());
            return open;
        }
        Answer::Refused(row.quantity, why)
    }

    /// When to try again; `None` while a person must reconnect the channel, which rings for everything.
    async fn channel_trouble(&self, channel: &Connection, error: ConnectError) -> Result<Option<Duration>, AppError> {
        let parked = error.kind.needs_reconnect();
        match self.trouble(channel, error).await? {
            Outcome::Again(wait) => Ok((!parked).then_some(wait)),
            Outcome::Done => Ok(None),
        }
    }

    /// R7: counts the listings that go to zero; too many at once pause the channel, and a person is asked.
    async fn may_set(&self, channel: &ToldChannel, rows: &[Row<'_>]) -> Result<bool, AppError> {
        let id = &channel.connection.id;
        let zeros = rows.iter().filter(|row| row.quantity == 0 && row.before != Some(0) && !row.approved).count();
        let zeros = u32::try_from(zeros).unwrap_or(u32::MAX);
        if zeros == 0 {
            return Ok(true);
        }
        let now = self.clock.now();
        let mut after = channel.telling.with_zeros(zeros, u32::MAX, now);
        if matches!(after, Telling::On { zeros, .. } if zeros > HANDFUL) {
            // Only now is it worth counting.
            after = channel.telling.with_zeros(zeros, self.linked_listings(id).await?, now);
        }
        if !self.storage.settings.put_telling(id, channel.telling, after).await? {
            // Somebody has just started or paused it: looked at anew.
            return Ok(false);
        }
        let Telling::Paused { zeros, listings, .. } = after else { return Ok(true) };
        tracing::warn!(connection = %id, zeros, listings, "Stock of `{id}` is paused: too many listings would go to zero");
        let event = DomainEvent::StockPaused { connection_id: id.clone(), zeros, listings };
        self.events.publish(event).await?;
        Ok(false)
    }

    async fn linked_listings(&self, channel: &ConnectionId) -> Result<u32, AppError> {
        let mut count = 0_usize;
        let mut page = PageRequest::first(1_000);
        loop {
            let links = self.storage.links.list(channel, &page).await?;
            count += links.items.len();
            match links.next {
                Some(next) => page = PageRequest::after(next, 1_000),
                None => return Ok(u32::try_from(count).unwrap_or(u32::MAX)),
            }
        }
    }
}

fn update(row: &Row<'_>) -> QuantityUpdate {
    let sku = match &row.link.listing {
        ListingKey::Sku(sku) => Some(sku.clone()),
        ListingKey::Listing(_) => None,
    };
    QuantityUpdate { listing: row.link.listing.clone(), sku, quantity: row.quantity }
}
