//! Serves the queue of `receive-notification`.

use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ runtime::work::NONE }>()?;
    let app = &runtime.app;
    runtime::sqs::run_together(&runtime, |messages| receive_notification::handle(app, messages)).await
}
