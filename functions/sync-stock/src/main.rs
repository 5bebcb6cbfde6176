//! Serves the queue of `sync-stock`.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ sync_stock::WORK }>()?;
    let app = &runtime.app;
    runtime::sqs::run_gathered(&runtime, |jobs| sync_stock::handle(app, jobs)).await
}
