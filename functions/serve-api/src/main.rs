//! Serves the API behind API Gateway.

use lambda_http::Error;
use runtime::Origin;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ serve_api::WORK }>()?;
    let origin = Origin::from_env()?;
    let (app, zone) = (runtime.app.clone(), runtime.config.time_zone.clone());
    runtime.serve_http(serve_api::service(app, zone, origin.as_ref())).await
}
