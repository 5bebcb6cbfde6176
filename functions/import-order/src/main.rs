//! Serves the queue of `import-order`.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ import_order::WORK }>()?;
    let app = &runtime.app;
    runtime::sqs::run(&runtime, |job| import_order::handle(app, job)).await
}
