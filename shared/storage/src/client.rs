//! The SDK's client with our errors and the meter; nothing else in this crate handles an SDK error.

mod failure;
mod together;

use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_dynamodb::types::{
    ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};

use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key};
use crate::meter::{Meter, Operation};
use crate::usage::Usage;
pub(crate) use failure::failed;

#[derive(Debug, Clone)]
pub(crate) struct Client {
    sdk: aws_sdk_dynamodb::Client,
    meter: Option<Meter>,
    usage: Option<Usage>,
}

impl Client {
    pub(crate) const fn new(sdk: aws_sdk_dynamodb::Client) -> Self {
        Self { sdk, meter: None, usage: None }
    }

    pub(crate) fn metered(self, meter: Meter) -> Self {
        Self { meter: Some(meter), ..self }
    }

    pub(crate) fn counting(self, usage: Usage) -> Self {
        Self { usage: Some(usage), ..self }
    }

    pub(crate) fn table(&self, name: String) -> Table {
        Table { client: self.clone(), name: Arc::from(name) }
    }
}

/// One table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    client: Client,
    name: Arc<str>,
}

/// How a conditional write ended.
#[derive(Debug)]
pub(crate) enum Written {
    /// Done; the attributes that were asked for.
    Yes(Option<Item>),
    /// The condition was false; the item as it is.
    No(Option<Item>),
}

/// A query of one partition.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) index: Option<&'static str>,
    pub(crate) expression: Expression,
    pub(crate) after: Option<Item>,
    pub(crate) backwards: bool,
    pub(crate) limit: Option<u16>,
    pub(crate) consistent: bool,
}

impl Query {
    pub(crate) fn partition(expression: Expression) -> Self {
        Self { index: None, expression, after: None, backwards: false, limit: None, consistent: false }
    }
}

/// `BatchGetItem` takes at most this many keys.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MAX_BATCH: usize = 100;

/// How often a batch may come back with nothing more read before it counts as throttled.
const MAX_IDLE_ROUNDS: u8 = 3;

impl Table {
    /// Reads one item, strongly consistent.
    pub(crate) async fn get(&self, operation: &'static str, key: &Key) -> Result<Option<Item>, StorageError> {
        let request =
            self.client.sdk.get_item().table_name(&*self.name).set_key(Some(key.to_item())).consistent_read(true);
        let answer = request
            .set_return_consumed_capacity(self.want_capacity())
            .send()
            .await
            .map_err(|error| failed(operation, key, error))?;
        self.count_read(operation, answer.consumed_capacity());
        Ok(answer.item)
    }

    /// Reads many items, strongly consistent, in no order; absent ones are left out.
    pub(crate) async fn get_many(&self, operation: &'static str, keys: &[Key]) -> Result<Vec<Item>, StorageError> {
        let mut items = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(MAX_BATCH) {
            let mut wanted: Vec<Item> = chunk.iter().map(Key::to_item).collect();
            let mut idle = 0;
            while !wanted.is_empty() {
                let before = items.len();
                wanted = self.get_batch(operation, wanted, &mut items).await?;
                idle = if items.len() == before { idle + 1 } else { 0 };
                if idle >= MAX_IDLE_ROUNDS {
                    return Err(StorageError::new(
                        ErrorKind::Throttled,
                        operation,
                        format!("{} keys left unread", wanted.len()),
                    ));
                }
            }
        }
        Ok(items)
    }

    /// One request; gives back the keys that were not processed.
    async fn get_batch(
        &self,
        operation: &'static str,
        keys: Vec<Item>,
        items: &mut Vec<Item>,
    ) -> Result<Vec<Item>, StorageError> {
        let asked = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let asked =
            asked.map_err(|error| StorageError::new(ErrorKind::Unexpected, operation, "batch").because(error))?;
        let answer = self
            .client
            .sdk
            .batch_get_item()
            .request_items(&*self.name, asked)
            .set_return_consumed_capacity(self.want_capacity())
            .send()
            .await
            .map_err(|error| failed(operation, "batch", error))?;
        self.count_reads(operation, answer.consumed_capacity());
        items.extend(answer.responses.unwrap_or_default().into_values().flatten());
        Ok(answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect())
    }

    /// Replaces the item, or creates it; with a condition in `expression`, only if that holds.
    pub(crate) async fn put(
        &self,
        operation: &'static str,
        item: Item,
        expression: Expression,
    ) -> Result<Written, StorageError> {
        let key = Key::of(&item);
        let conditional = expression.is_conditional();
        let parts = expression.into_parts();
        let sent = self
            .client
            .sdk
            .put_item()
            .table_name(&*self.name)
            .set_item(Some(item))
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .set_return_values_on_condition_check_failure(
                conditional.then_some(ReturnValuesOnConditionCheckFailure::AllOld),
            )
            .set_return_consumed_capacity(self.want_capacity())
            .send()
            .await;
        self.written(operation, &key, sent.map(|answer| (None, answer.consumed_capacity)))
    }

    /// Changes the item by `expression`; `returned` is what comes back on success.
    pub(crate) async fn update(
        &self,
        operation: &'static str,
        key: &Key,
        expression: Expression,
        returned: ReturnValue,
    ) -> Result<Written, StorageError> {
        let conditional = expression.is_conditional();
        let parts = expression.into_parts();
        let sent = self
            .client
            .sdk
            .update_item()
            .table_name(&*self.name)
            .set_key(Some(key.to_item()))
            .set_update_expression(parts.update)
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values(returned)
            .set_return_values_on_condition_check_failure(
                conditional.then_some(ReturnValuesOnConditionCheckFailure::AllOld),
            )
            .set_return_consumed_capacity(self.want_capacity())
            .send()
            .await;
        self.written(operation, key, sent.map(|answer| (answer.attributes, answer.consumed_capacity)))
    }

    /// Deletes the item and gives it back; with a condition in `expression`, only if that holds.
    pub(crate) async fn delete(
        &self,
        operation: &'static str,
        key: &Key,
        expression: Expression,
    ) -> Result<Written, StorageError> {
        let parts = expression.into_parts();
        let sent = self
            .client
            .sdk
            .delete_item()
            .table_name(&*self.name)
            .set_key(Some(key.to_item()))
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values(ReturnValue::AllOld)
            .set_return_consumed_capacity(self.want_capacity())
            .send()
            .await;
        self.written(operation, key, sent.map(|answer| (answer.attributes, answer.consumed_capacity)))
    }

    /// One page of a partition or of an index, and the key after which the next begins.
    pub(crate) async fn query(
        &self,
        operation: &'static str,
        query: Query,
    ) -> Result<(Vec<Item>, Option<Item>), StorageError> {
        let parts = query.expression.into_parts();
        let answer = self
            .client
            .sdk
            .query()
            .table_name(&*self.name)
            .set_index_name(query.index.map(str::to_owned))
            .set_key_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .set_exclusive_start_key(query.after)
            .scan_index_forward(!query.backwards)
            .set_limit(query.limit.map(i32::from))
            .set_consistent_read(query.consistent.then_some(true))
            .set_return_consumed_capacity(self.want_capacity())
            .send()
            .await
            .map_err(|error| failed(operation, "query", error))?;
        self.count_read(operation, answer.consumed_capacity());
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// Every item of a partition that the query selects.
    pub(crate) async fn query_all(
        &self,
        operation: &'static str,
        expression: Expression,
        consistent: bool,
    ) -> Result<Vec<Item>, StorageError> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let query = Query { after, consistent, ..Query::partition(expression.clone()) };
            let (items, last) = self.query(operation, query).await?;
            all.extend(items);
            if last.is_none() {
                return Ok(all);
            }
            after = last;
        }
    }

    fn written<E, R>(
        &self,
        operation: &'static str,
        key: &Key,
        sent: Result<(Option<Item>, Option<ConsumedCapacity>), SdkError<E, R>>,
    ) -> Result<Written, StorageError>
    where
        E: Conditional + ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        let error = match sent {
            Ok((attributes, consumed)) => {
                self.count_write(operation, consumed.as_ref());
                return Ok(Written::Yes(attributes));
            }
            Err(error) => error,
        };
        match error.as_service_error().and_then(Conditional::refusal) {
            Some(refusal) => {
                self.count_refused(operation);
                Ok(Written::No(refusal.item().cloned()))
            }
            None => Err(failed(operation, key, error)),
        }
    }

    fn want_capacity(&self) -> Option<ReturnConsumedCapacity> {
        let asked = self.client.meter.is_some() || self.client.usage.is_some();
        asked.then_some(ReturnConsumedCapacity::Total)
    }

    fn count_read(&self, operation: &'static str, consumed: Option<&ConsumedCapacity>) {
        self.count(operation, consumed.map(half_read_units).unwrap_or_default().plus(Operation::ONE_CALL));
    }

    fn count_reads(&self, operation: &'static str, consumed: &[ConsumedCapacity]) {
        self.count(operation, consumed.iter().map(half_read_units).fold(Operation::ONE_CALL, Operation::plus));
    }

    fn count_write(&self, operation: &'static str, consumed: Option<&ConsumedCapacity>) {
        self.count(operation, consumed.map(write_units).unwrap_or_default().plus(Operation::ONE_CALL));
    }

    /// A false condition is billed too, but the refusal does not say how much; it is counted as at least one unit.
    fn count_refused(&self, operation: &'static str) {
        self.count(operation, Operation { write_units: 1, ..Operation::ONE_CALL });
    }

    fn count(&self, operation: &'static str, consumed: Operation) {
        if let Some(meter) = &self.client.meter {
            meter.add(operation, consumed);
        }
        if let Some(usage) = &self.client.usage {
            usage.add(consumed.into());
        }
    }
}

fn half_read_units(consumed: &ConsumedCapacity) -> Operation {
    Operation { half_read_units: halves(consumed), ..Operation::default() }
}

fn write_units(consumed: &ConsumedCapacity) -> Operation {
    Operation { write_units: halves(consumed).div_ceil(2), ..Operation::default() }
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the SDK tells capacity as a float; it is a whole number of halves"
)]
fn halves(consumed: &ConsumedCapacity) -> u64 {
    (consumed.capacity_units().unwrap_or_default() * 2.0).ceil() as u64
}

/// A write whose condition can be false.
trait Conditional {
    fn refusal(&self) -> Option<&ConditionalCheckFailedException>;
}

macro_rules! conditional {
    ($($error:ty),*) => {
        $(impl Conditional for $error {
            fn refusal(&self) -> Option<&ConditionalCheckFailedException> {
                if let Self::ConditionalCheckFailedException(refusal) = self { Some(refusal) } else { None }
            }
        })*
    };
}

conditional!(PutItemError, UpdateItemError, DeleteItemError);
