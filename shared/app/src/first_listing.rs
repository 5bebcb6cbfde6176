//! A4: a channel's orders come in once it sells something. Until then nothing is taken in and its cursor stays, so nothing is lost.

use connect::{ErrorKind, SalesChannel};
use storage::{Connection, PageRequest};

use crate::App;
use crate::error::AppError;

/// Pages of listings that one poll looks through for an active one.
const MAX_PAGES: usize = 100;

impl App {
    /// Whether the channel shows an active listing. Asked until its first complete poll, and then never again.
    ///
    /// A platform that shows no listing at all may keep them where its connector cannot see them (eBay's, where they were not
    /// made through the Inventory API): then a link made by hand says that something is sold.
    pub(crate) async fn sells(&self, connection: &Connection, channel: &dyn SalesChannel) -> Result<bool, AppError> {
        let mut shown = false;
        let mut page = None;
        for _ in 0..MAX_PAGES {
            let answer = match channel.listings(page.as_ref()).await {
                Ok(answer) => answer,
                Err(error) if error.kind == ErrorKind::Unsupported => return Ok(true),
                Err(error) => return Err(error.into()),
            };
            if answer.items.iter().any(|listing| listing.active) {
                return Ok(true);
            }
            shown |= !answer.items.is_empty();
            match answer.next.filter(|next| Some(next) != page.as_ref()) {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        if shown {
            return Ok(false);
        }
        Ok(!self.storage.links.list(&connection.id, &PageRequest::first(1)).await?.items.is_empty())
    }
}

/// What a person is told while the channel sells nothing.
pub(crate) fn sells_nothing(connection: &Connection) -> String {
    format!(
        "{} shows no active listing yet, so its orders are not taken in. List something there, or link a listing that it does not show here by hand: then every order since inventory sync was switched on comes in.",
        connection.name
    )
}
