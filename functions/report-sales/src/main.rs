//! Serves the sale reports.

use lambda_http::Error;
use runtime::Origin;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ runtime::work::NONE }>()?;
    let (origin, zone) = (Origin::from_env()?, runtime::time_zone()?);
    runtime.serve_http(report_sales::service(&runtime.app, &zone, origin.as_ref())).await
}
