//! A budget of calls that never ends.

use std::time::Duration;

use async_trait::async_trait;
use connect::{Allowance, Budget, Told};
use domain::ConnectionId;

pub struct Unlimited;

#[async_trait]
impl Budget for Unlimited {
    async fn take(&self, _: &ConnectionId, _: &Allowance, _: u32) -> Result<(), Duration> {
        Ok(())
    }

    async fn told(&self, _: &ConnectionId, _: &Allowance, _: Told) {}

    async fn pause(&self, _: &ConnectionId, _: Duration) {}
}
