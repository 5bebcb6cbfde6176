//! Serves the queue of `reconcile`.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ reconcile::WORK }>()?;
    let app = &runtime.app;
    runtime::sqs::run(&runtime, |job| reconcile::handle(app, job)).await
}
