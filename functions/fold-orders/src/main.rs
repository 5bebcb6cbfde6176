//! Serves the stream of the orders table and the nightly schedule.

use fold_orders::Message;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ runtime::work::NONE }>()?;
    let app = &runtime.app;
    let folded = move |event: LambdaEvent<Message>| async move {
        fold_orders::handle(app, &event.payload).await.map_err(Error::from)
    };
    runtime.serve(lambda_runtime::Runtime::new(service_fn(folded))).await
}
