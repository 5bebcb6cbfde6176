//! Serves the sale reports.

use lambda_http::Error;
use runtime::Origin;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ runtime::work::NONE }>()?;
    let origin = Origin::from_env()?;
    runtime.serve_http(report_sales::service(&runtime.app, &runtime.config.time_zone, origin.as_ref())).await
}
