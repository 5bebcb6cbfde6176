//! Serves the sale reports.

use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init()?;
    let (app, zone) = (&runtime.app, &runtime.config.time_zone);
    let reported =
        move |request: Request| async move { Ok::<_, Error>(report_sales::handle(app, zone, &request).await) };
    lambda_http::run(service_fn(reported)).await
}
