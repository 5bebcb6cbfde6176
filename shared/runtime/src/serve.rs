//! Runs a function until its process ends, and counts what Lambda and API Gateway bill for it.

use std::pin::Pin;
use std::time::{Duration, Instant};

use domain::cost::{Consumed, Part};
use lambda_http::{Adapter, Body, IntoResponse, Request, Response};
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::tower::ServiceExt;
use lambda_runtime::tower::util::MapFutureLayer;
use lambda_runtime::{Diagnostic, Error, LambdaInvocation, Service};
use storage::{Storage, Usage};

use crate::Runtime;

/// A note, or a connection made ahead, that takes longer is given up: the next invocation may be waiting.
const PATIENCE: Duration = Duration::from_secs(1);

impl Runtime {
    /// Serves what is no HTTP request.
    pub async fn serve<S>(&self, function: lambda_runtime::Runtime<S>) -> Result<(), Error>
    where
        S: Service<LambdaInvocation, Response = (), Error = Error>,
    {
        self.run(function, Consumed::default().with(Part::FunctionRequests, 1)).await
    }

    /// Serves what comes through API Gateway: one of its requests each time. Somebody waits for its answer, so the tables are
    /// reached beforehand: a start has a whole processor, an invocation its memory's share of one.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
    pub async fn serve_http<'a, S, E>(&self, handler: S) -> Result<(), Error>
    where
        S: Service<Request, Response = Response<Body>, Error = E>,
        S::Future: Send + 'a,
        E: std::fmt::Debug + Into<Diagnostic>,
    {
        let each = Consumed::default().with(Part::FunctionRequests, 1).with(Part::ApiRequests, 1);
        reach(&self.app.storage).await;
        let handler = handler.map_response(AsItIs);
        self.run(lambda_runtime::Runtime::new(Adapter::from(handler)), each).await
    }

    async fn run<S>(&self, function: lambda_runtime::Runtime<S>, each: Consumed) -> Result<(), Error>
    where
        S: Service<LambdaInvocation, Response = (), Error = Error>,
    {
        let bill =
            &Bill { usage: self.usage.clone(), memory_mib: self.config.memory_mib.into(), now: Instant::now, each };
        bill.started(self.began);
        // Around the sending of the answer, too. Boxed: the compiler does not lay out so deep a row of futures in one piece.
        let billed = MapFutureLayer::new(move |invocation| bill.invocation(Box::pin(invocation)));
        function.layer(billed).layer(TracingLayer::new()).run().await
    }
}

/// What fails now is tried again by whoever needs it.
async fn reach(storage: &Storage) {
    match tokio::time::timeout(PATIENCE, storage.settings.reach()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(error = %error, "The tables could not be reached before the first request"),
        Err(_) => tracing::warn!("The tables could not be reached in time before the first request"),
    }
}

/// An answer whose body is what it is to be already: made from any body, `lambda_http` would link the tables of every text encoding.
struct AsItIs(Response<Body>);

impl IntoResponse for AsItIs {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        Box::pin(std::future::ready(self.0))
    }
}

/// Counts a process's time as Lambda bills it: to the millisecond, by the function's memory.
#[derive(Debug)]
pub(crate) struct Bill {
    usage: Usage,
    memory_mib: u64,
    now: fn() -> Instant,
    /// What an invocation is besides its time.
    each: Consumed,
}

impl Bill {
    /// Lambda bills a custom runtime's start as well. What passes before our own code begins is not seen.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
    fn started(&self, began: Instant) {
        self.usage.add(self.time(millis_begun(self.since(began))));
    }

    /// Counts one invocation, and notes what is due when its answer has been sent.
    ///
    /// Nobody waits for a note then, and Lambda has not frozen the process yet: it does so when the next invocation is asked
    /// for. A note before the answer would make somebody wait; one at the next invocation might never be written. An
    /// invocation that is cut off by its time limit is not counted.
    async fn invocation<T>(&self, invocation: impl Future<Output = T>) -> T {
        let began = (self.now)();
        let answered = invocation.await;
        self.usage.add(self.each.plus(self.time(millis_begun(self.since(began)))));
        let answered_at = (self.now)();
        if tokio::time::timeout(PATIENCE, self.usage.note()).await.is_err() {
            tracing::warn!(operation = "usage.note", "What was consumed could not be noted in time");
        }
        // A note is billed with its invocation, whose begun millisecond is counted already.
        self.usage.add(self.time(self.since(answered_at).as_millis()));
        answered
    }

    fn since(&self, began: Instant) -> Duration {
        (self.now)().saturating_duration_since(began)
    }

    fn time(&self, millis: u128) -> Consumed {
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
        Consumed::default().with(Part::FUNCTION_TIME, millis.saturating_mul(self.memory_mib))
    }
}

fn millis_begun(passed: Duration) -> u128 {
    passed.as_nanos().div_ceil(1_000_000)
}

#[cfg(test)]
mod tests;
