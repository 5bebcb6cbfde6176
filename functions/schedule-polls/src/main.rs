//! Serves the schedule.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ runtime::work::NONE }>()?;
    let app = &runtime.app;
    let rung = move |_: LambdaEvent<Value>| async move { schedule_polls::handle(app).await.map_err(Error::from) };
    runtime.serve(lambda_runtime::Runtime::new(service_fn(rung))).await
}
