//! The API over connections: connecting, settings, reading in.
//!
//! - **Trigger**: API Gateway, after its Cognito authorizer let the caller in.
//!   The answer of a consent page comes without a token; its single-use state lets it in.
//! - **Reach**: an account is tested, its webhooks are registered or taken back; of the functions that answer requests it alone
//!   keeps and forgets credentials.
//! - **Who, idempotency, failure**: as for the whole API, in `api`.

pub use api::functions::serve_connections::{described, routes};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::CONNECT | work::FORGET | work::WEBHOOKS;
