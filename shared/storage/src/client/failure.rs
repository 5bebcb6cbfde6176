//! From the SDK's errors to ours.

use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::error::{ErrorKind, StorageError};

pub(crate) fn failed<E, R>(operation: &'static str, context: impl fmt::Display, error: SdkError<E, R>) -> StorageError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    let kind = match &error {
        SdkError::ServiceError(service) => kind_of(service.err().code()),
        SdkError::DispatchFailure(failure) if failure.is_user() => ErrorKind::Unexpected,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => ErrorKind::Unavailable,
        _ => ErrorKind::Unexpected,
    };
    let code = error.code().unwrap_or("no code").to_owned();
    let failure = StorageError::new(kind, operation, format!("{context} ({code})"));
    // Without the raw answer, which may hold what an order says.
    match error.into_source() {
        Ok(source) => failure.because(source),
        Err(_) => failure,
    }
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
fn kind_of(code: Option<&str>) -> ErrorKind {
    match code {
        // An answer that makes no sense, of a success or of a refusal.
        None => ErrorKind::Unavailable,
        Some(
            "ProvisionedThroughputExceededException" | "ThrottlingException" | "RequestLimitExceeded" | "Throttling",
        ) => ErrorKind::Throttled,
        Some("TransactionConflictException" | "TransactionInProgressException") => ErrorKind::Conflict,
        Some("InternalServerError" | "InternalFailure" | "ServiceUnavailable" | "ServiceUnavailableException") => {
            ErrorKind::Unavailable
        }
        _ => ErrorKind::Unexpected,
    }
}
