//! Serves the API behind API Gateway.

use lambda_http::Error;
use runtime::Origin;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ serve_api::WORK }>()?;
    let (origin, zone) = (Origin::from_env()?, runtime::time_zone()?);
    runtime.serve_http(serve_api::service(runtime.app.clone(), zone, origin.as_ref())).await
}
