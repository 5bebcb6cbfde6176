//! Serves the queue of `notify`.

use lambda_runtime::Error;
use runtime::OwnerMail;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let runtime = runtime::init::<{ runtime::work::NONE }>()?;
    let (mailer, letterhead) = OwnerMail::from_env(&runtime.config)?;
    let (app, mailer, letterhead) = (&runtime.app, &mailer, &letterhead);
    runtime::sqs::run_together(&runtime, |events| notify::handle(app, mailer, letterhead, events)).await
}
