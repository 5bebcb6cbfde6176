//! Serves the platforms' webhooks.

use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ receive_webhook::WORK }>()?;
    let app = &runtime.app;
    let received = move |request: Request| async move { Ok::<_, Error>(receive_webhook::handle(app, &request).await) };
    runtime.serve_http(service_fn(received)).await
}
