//! Serves the API behind API Gateway.

use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init()?;
    lambda_http::run(serve_api::service(runtime.app, runtime.config.time_zone)).await
}
