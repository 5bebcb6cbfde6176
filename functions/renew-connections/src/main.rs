//! Serves the nightly renewal.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ renew_connections::WORK }>()?;
    let app = &runtime.app;
    let renewed = move |_: LambdaEvent<Value>| async move { renew_connections::handle(app).await.map_err(Error::from) };
    runtime.serve(lambda_runtime::Runtime::new(service_fn(renewed))).await
}
