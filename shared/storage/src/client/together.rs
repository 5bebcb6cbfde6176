//! Several writes that happen all or not at all.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

use super::failure::failed;
use super::{Table, write_units};
use crate::error::{ErrorKind, StorageError};
use crate::expression::Expression;
use crate::item::{Item, Key};
use crate::meter::Operation;

impl Table {
    /// All of the writes or none. `Err(items)`: conditions were false; per write, the item that was in the way.
    pub(crate) async fn write_together(
        &self,
        operation: &'static str,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Vec<Option<Item>>>, StorageError> {
        let sent = self
            .client
            .sdk
            .transact_write_items()
            .set_transact_items(Some(writes))
            .set_return_consumed_capacity(self.want_capacity())
            .send()
            .await;
        let error = match sent {
            Ok(answer) => {
                let consumed = answer.consumed_capacity();
                self.count(operation, consumed.iter().map(write_units).fold(Operation::ONE_CALL, Operation::plus));
                return Ok(Ok(()));
            }
            Err(error) => error,
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
            return Err(failed(operation, "transaction", error));
        };
        let reasons = canceled.cancellation_reasons();
        self.count_refused(operation);
        let is = |wanted: &str| reasons.iter().any(|reason| reason.code() == Some(wanted));
        if is("ConditionalCheckFailed") {
            return Ok(Err(reasons.iter().map(|reason| reason.item().cloned()).collect()));
        }
        let kind = if is("TransactionConflict") {
            ErrorKind::Conflict
        } else if is("ThrottlingError") || is("ProvisionedThroughputExceeded") {
            ErrorKind::Throttled
        } else {
            ErrorKind::Unexpected
        };
        let codes: Vec<_> = reasons.iter().filter_map(|reason| reason.code()).collect();
        Err(StorageError::new(kind, operation, format!("transaction canceled: {}", codes.join(", "))))
    }

    /// A put as part of [`Table::write_together`].
    pub(crate) fn put_part(
        &self,
        operation: &'static str,
        item: Item,
        expression: Expression,
    ) -> Result<TransactWriteItem, StorageError> {
        let parts = expression.into_parts();
        let put = Put::builder()
            .table_name(&*self.name)
            .set_item(Some(item))
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StorageError::new(ErrorKind::Unexpected, operation, "put").because(error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A delete as part of [`Table::write_together`].
    pub(crate) fn delete_part(
        &self,
        operation: &'static str,
        key: &Key,
        expression: Expression,
    ) -> Result<TransactWriteItem, StorageError> {
        let parts = expression.into_parts();
        let delete = Delete::builder()
            .table_name(&*self.name)
            .set_key(Some(key.to_item()))
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StorageError::new(ErrorKind::Unexpected, operation, "delete").because(error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}
