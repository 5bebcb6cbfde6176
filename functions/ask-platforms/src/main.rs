//! Serves `ask-platforms` behind API Gateway.

use lambda_http::Error;
use runtime::Origin;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ ask_platforms::WORK }>()?;
    let origin = Origin::from_env()?;
    let routes = api::served(ask_platforms::routes(), runtime.app.clone());
    runtime.serve_http(api::service(api::guarded(routes), origin.as_ref())).await
}
