//! Serves the queue of `poll-orders`.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ poll_orders::WORK }>()?;
    let app = &runtime.app;
    runtime::sqs::run(&runtime, |job| poll_orders::handle(app, job)).await
}
