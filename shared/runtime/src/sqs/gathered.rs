//! A queue whose jobs are looked at together, each job's outcome its own: a burst of one product is one look.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use app::{AppError, Job, Queue};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::FutureExt;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;

use super::{failure, later};
use crate::Runtime;

/// Serves a queue whose jobs are looked at together, until the process ends. `handle` says which to send anew, and when.
pub async fn run_gathered<J, H, F>(runtime: &Runtime, handle: H) -> Result<(), Error>
where
    J: DeserializeOwned + Into<Job> + Clone,
    H: Fn(Vec<J>) -> F,
    F: Future<Output = Result<Vec<(J, Duration)>, AppError>>,
{
    let (queue, handle) = (&runtime.app.queue, &handle);
    let looked = move |event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(gathered(queue.as_ref(), handle, event.payload).await)
    };
    runtime.serve(lambda_runtime::Runtime::new(service_fn(looked))).await
}

/// Looks at the jobs of a batch together. If that fails, each is looked at by itself, so that one takes no other with it.
pub async fn gathered<J, H, F>(queue: &dyn Queue, handle: &H, event: SqsEvent) -> SqsBatchResponse
where
    J: DeserializeOwned + Into<Job> + Clone,
    H: Fn(Vec<J>) -> F,
    F: Future<Output = Result<Vec<(J, Duration)>, AppError>>,
{
    let mut failed = Vec::new();
    let mut jobs: Vec<(&SqsMessage, J)> = Vec::with_capacity(event.records.len());
    for message in &event.records {
        match json::from_str(message.body.as_deref().unwrap_or_default()) {
            Ok(job) => jobs.push((message, job)),
            Err(error) => {
                let id = message.message_id.as_deref().unwrap_or_default();
                tracing::error!(message.id = %id, error = ?error.classify(), "Message `{id}` is not a job");
                failed.push(message);
            }
        }
    }
    if !jobs.is_empty() && !look(queue, handle, &jobs).await {
        for job in &jobs {
            if jobs.len() == 1 || !look(queue, handle, std::slice::from_ref(job)).await {
                failed.push(job.0);
            }
        }
    }
    let failures = failed.into_iter().map(|message| failure(message.message_id.clone().unwrap_or_default()));
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.collect();
    response
}

/// `true`: the messages may be acknowledged.
async fn look<J, H, F>(queue: &dyn Queue, handle: &H, jobs: &[(&SqsMessage, J)]) -> bool
where
    J: Into<Job> + Clone,
    H: Fn(Vec<J>) -> F,
    F: Future<Output = Result<Vec<(J, Duration)>, AppError>>,
{
    let all = || jobs.iter().map(|(_, job)| job.clone());
    let again = match AssertUnwindSafe(Box::pin(handle(all().collect()))).catch_unwind().await {
        Ok(Ok(again)) => again,
        Ok(Err(error)) => {
            let Some(wait) = later(&error) else {
                tracing::error!(jobs = jobs.len(), error = %error, source = ?std::error::Error::source(&error), "A batch failed");
                return false;
            };
            tracing::warn!(jobs = jobs.len(), error = %error, wait = wait.as_secs(), "A batch is looked at again later");
            all().map(|job| (job, wait)).collect()
        }
        Err(_panic) => {
            tracing::error!(jobs = jobs.len(), "A batch made the worker panic");
            return false;
        }
    };
    let mut by_wait: BTreeMap<Duration, Vec<Job>> = BTreeMap::new();
    for (job, wait) in again {
        by_wait.entry(wait).or_default().push(job.into());
    }
    for (wait, jobs) in by_wait {
        if let Err(error) = queue.send(&jobs, wait).await {
            tracing::warn!(jobs = jobs.len(), error = %error, "Jobs could not be sent anew");
            return false;
        }
    }
    true
}
