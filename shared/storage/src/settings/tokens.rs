//! Who may refresh a connection's access token. The token itself is never in a table.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::ConnectionId;
use jiff::Timestamp;

use super::{HOLDER, IS_FREE, IS_HELD, LEASED_UNTIL, Settings, key_of};
use crate::client::Written;
use crate::error::StorageError;
use crate::expression::Expression;
use crate::item::{Item, Reader, s, time};

/// What is known of a connection's access token. The token itself is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenState {
    /// Grows with each refresh; 0 before the first.
    pub version: u64,
    pub expires_at: Option<Timestamp>,
}

const VERSION: &str = "v";
const EXPIRES: &str = "x";

fn read_token(operation: &'static str, item: &Item) -> Result<TokenState, StorageError> {
    let read = Reader::new(operation, item);
    Ok(TokenState { version: read.number_or_zero(VERSION)?, expires_at: read.time(EXPIRES)? })
}

impl Settings {
    /// What is known of the connection's access token.
    pub async fn token(&self, id: &ConnectionId) -> Result<TokenState, StorageError> {
        const OPERATION: &str = "settings.token";
        match self.table.get(OPERATION, &key_of(id, "TOKEN")).await? {
            Some(item) => read_token(OPERATION, &item),
            None => Ok(TokenState::default()),
        }
    }

    /// Lets `holder` alone refresh the token until `until`; `None` while another does.
    pub async fn take_token_lease(
        &self,
        id: &ConnectionId,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<TokenState>, StorageError> {
        const OPERATION: &str = "settings.take_token_lease";
        let expression = Expression::new()
            .set(HOLDER, s(holder))
            .set(LEASED_UNTIL, time(until))
            .only_if(IS_FREE)
            .with(":now", time(now));
        match self.table.update(OPERATION, &key_of(id, "TOKEN"), expression, ReturnValue::AllNew).await? {
            Written::Yes(item) => item.as_ref().map(|item| read_token(OPERATION, item)).transpose(),
            Written::No(_) => Ok(None),
        }
    }

    /// The refreshed token is saved: stores its end, raises the version, gives the lease back. `false`: the lease was lost.
    pub async fn finish_token(
        &self,
        id: &ConnectionId,
        holder: &str,
        expires_at: Timestamp,
    ) -> Result<bool, StorageError> {
        const OPERATION: &str = "settings.finish_token";
        let expression = Expression::new()
            .set(EXPIRES, time(expires_at))
            .add(VERSION, 1)
            .remove(HOLDER)
            .remove(LEASED_UNTIL)
            .only_if(IS_HELD)
            .with(":holder", s(holder));
        match self.table.update(OPERATION, &key_of(id, "TOKEN"), expression, ReturnValue::None).await? {
            Written::Yes(_) => Ok(true),
            // Given back with the very end we wrote: our own write, its answer lost.
            Written::No(Some(item)) => {
                Ok(!item.contains_key(HOLDER) && read_token(OPERATION, &item)?.expires_at == Some(expires_at))
            }
            Written::No(None) => Ok(false),
        }
    }

    /// Gives the lease back without a new token. Nothing happens if another has it.
    pub async fn release_token(&self, id: &ConnectionId, holder: &str) -> Result<(), StorageError> {
        let expression =
            Expression::new().remove(HOLDER).remove(LEASED_UNTIL).only_if(IS_HELD).with(":holder", s(holder));
        let key = key_of(id, "TOKEN");
        self.table.update("settings.release_token", &key, expression, ReturnValue::None).await.map(|_| ())
    }
}
