//! The API where a platform is asked while a person waits: links, stock, dry runs, one order.
//!
//! - **Trigger**: API Gateway, after its Cognito authorizer let the caller in.
//! - **Reach**: listings, products and stock are read; nothing of a shop's is changed at a platform.
//! - **Who, idempotency, failure**: as for the whole API, in `api`.

pub use api::functions::ask_platforms::{described, routes};
use runtime::work::{self, Work};

/// What it asks of the platforms.
pub const WORK: Work = work::LISTINGS | work::PRODUCTS | work::SKUS | work::STOCK | work::PREVIEW;
