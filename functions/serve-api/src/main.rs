//! Serves `serve-api` behind API Gateway.

use lambda_http::Error;
use runtime::Origin;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ serve_api::WORK }>()?;
    let (origin, zone) = (Origin::from_env()?, runtime::time_zone()?);
    let routes = api::served(serve_api::routes(zone), runtime.app.clone());
    runtime.serve_http(api::service(api::guarded(routes), origin.as_ref())).await
}
