//! Serves the queue of `sync-fulfilment`.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ sync_fulfilment::WORK }>()?;
    let app = &runtime.app;
    runtime::sqs::run(&runtime, |job| sync_fulfilment::handle(app, job)).await
}
