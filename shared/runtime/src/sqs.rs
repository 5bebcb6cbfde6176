//! Running a queue's worker: each message on its own, and the one place where an error becomes a disposition (DESIGN, Errors).

mod gathered;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use app::{AppError, Job, Outcome, Queue};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::FutureExt;
use futures_util::future::join_all;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Runtime;

pub use gathered::{gathered, run_gathered};

/// When storage or a platform is out of order and does not say for how long.
const LATER: Duration = Duration::from_secs(30);
/// A connection that a person must mend is looked at again this often.
const PARKED: Duration = Duration::from_mins(15);

/// Serves a queue until the process ends. `handle` looks at one job.
pub async fn run<J, H, F>(runtime: &Runtime, handle: H) -> Result<(), Error>
where
    J: DeserializeOwned + Serialize + Into<Job> + Clone,
    H: Fn(J) -> F,
    F: Future<Output = Result<Outcome, AppError>>,
{
    let (queue, handle) = (&runtime.app.queue, &handle);
    let looked = move |event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(batch(queue.as_ref(), handle, event.payload).await)
    };
    runtime.serve(lambda_runtime::Runtime::new(service_fn(looked))).await
}

/// Looks at every message of a batch at once; only those that failed come back.
pub async fn batch<J, H, F>(queue: &dyn Queue, handle: &H, event: SqsEvent) -> SqsBatchResponse
where
    J: DeserializeOwned + Into<Job> + Clone,
    H: Fn(J) -> F,
    F: Future<Output = Result<Outcome, AppError>>,
{
    let looks = event.records.iter().map(|message| one(queue, handle, message));
    let failures = event.records.iter().zip(join_all(looks).await).filter(|(_, done)| !done);
    let failures = failures.map(|(message, _)| failure(message.message_id.clone().unwrap_or_default()));
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.collect();
    response
}

/// Serves a queue whose messages are looked at together: one look for all that came.
pub async fn run_together<J, H, F>(runtime: &Runtime, handle: H) -> Result<(), Error>
where
    J: DeserializeOwned,
    H: Fn(Vec<J>) -> F,
    F: Future<Output = Result<(), AppError>>,
{
    let handle = &handle;
    let looked =
        move |event: LambdaEvent<SqsEvent>| async move { Ok::<_, Error>(together(handle, event.payload).await) };
    runtime.serve(lambda_runtime::Runtime::new(service_fn(looked))).await
}

/// Looks at all messages of a batch at once. If that fails all come back; one that cannot be read comes back alone.
pub async fn together<J, H, F>(handle: &H, event: SqsEvent) -> SqsBatchResponse
where
    J: DeserializeOwned,
    H: Fn(Vec<J>) -> F,
    F: Future<Output = Result<(), AppError>>,
{
    let (mut jobs, mut read, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for message in event.records {
        let id = message.message_id.unwrap_or_default();
        match json::from_str(message.body.as_deref().unwrap_or_default()) {
            Ok(job) => {
                jobs.push(job);
                read.push(id);
            }
            Err(error) => {
                tracing::error!(message.id = %id, error = ?error.classify(), "Message `{id}` is not a job");
                failed.push(id);
            }
        }
    }
    if !jobs.is_empty() {
        // Boxed: the compiler does not lay out so deep a row of futures in one piece.
        match AssertUnwindSafe(Box::pin(handle(jobs))).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(error = %error, source = ?std::error::Error::source(&error), "{} messages failed", read.len());
                failed.append(&mut read);
            }
            Err(_panic) => {
                tracing::error!("{} messages made the worker panic", read.len());
                failed.append(&mut read);
            }
        }
    }
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed.into_iter().map(failure).collect();
    response
}

fn failure(message: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message;
    failure
}

/// `true`: the message may be acknowledged.
async fn one<J, H, F>(queue: &dyn Queue, handle: &H, message: &SqsMessage) -> bool
where
    J: DeserializeOwned + Into<Job> + Clone,
    H: Fn(J) -> F,
    F: Future<Output = Result<Outcome, AppError>>,
{
    let id = message.message_id.as_deref().unwrap_or_default();
    let job: J = match json::from_str(message.body.as_deref().unwrap_or_default()) {
        Ok(job) => job,
        Err(error) => {
            // The body may be anything, so it is not logged; the dead-letter queue keeps it.
            tracing::error!(message.id = %id, error = ?error.classify(), "Message `{id}` is not a job");
            return false;
        }
    };
    let again = match AssertUnwindSafe(handle(job.clone())).catch_unwind().await {
        Ok(Ok(Outcome::Done)) => return true,
        Ok(Ok(Outcome::Again(wait))) => wait,
        Ok(Err(error)) => {
            let Some(wait) = later(&error) else {
                tracing::error!(message.id = %id, error = %error, source = ?std::error::Error::source(&error), "Message `{id}` failed");
                return false;
            };
            tracing::warn!(message.id = %id, error = %error, wait = wait.as_secs(), "Message `{id}` is looked at again later");
            wait
        }
        Err(_panic) => {
            tracing::error!(message.id = %id, "Message `{id}` made the worker panic");
            return false;
        }
    };
    match queue.send(&[job.into()], again).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(message.id = %id, error = %error, "Message `{id}` could not be sent anew");
            false
        }
    }
}

/// What passes by itself is sent anew with its delay; only the unexpected counts towards the dead-letter queue.
fn later(error: &AppError) -> Option<Duration> {
    match error {
        AppError::Connect(error) if error.kind.is_temporary() => Some(error.retry_after.unwrap_or(LATER)),
        AppError::Connect(error) if error.kind.needs_reconnect() => Some(PARKED),
        AppError::Storage(error) if error.is_temporary() => Some(LATER),
        AppError::Connect(_) | AppError::Storage(_) | AppError::Port(_) | AppError::Money(_) | AppError::OutOfRange => {
            None
        }
    }
}
