//! A shop as slow as a real one: so many requests at a time, each of them holding a worker of PHP for a while.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many workers PHP has, and how long each kind of request keeps one busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhpWorkers {
    pub count: usize,
    /// A `POST`, while every worker is busy.
    pub create: Duration,
    /// Anything else.
    pub other: Duration,
}

impl PhpWorkers {
    /// The recorded shop on two cores (94): 4.33 creates a second by four callers, a list of 20 orders in 0.22 s.
    pub const RECORDED: Self = Self { count: 4, create: Duration::from_millis(924), other: Duration::from_millis(222) };
}

#[derive(Debug, Clone)]
pub(super) struct Pool {
    workers: PhpWorkers,
    free: Arc<Semaphore>,
}

impl Pool {
    pub fn new(workers: PhpWorkers) -> Self {
        Self { workers, free: Arc::new(Semaphore::new(workers.count)) }
    }

    /// Waits for a worker, first come, first served, and then for its work. `None`: the shop is being stopped.
    pub async fn work(&self, method: &Method) -> Option<SemaphorePermit<'_>> {
        let worker = self.free.acquire().await.ok()?;
        let takes = if method == Method::POST { self.workers.create } else { self.workers.other };
        tokio::time::sleep(takes).await;
        Some(worker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_beyond_the_workers_wait_for_one() {
        let pool = Pool::new(PhpWorkers::RECORDED);
        let started = tokio::time::Instant::now();
        let requests = (0..9).map(|_| async {
            drop(pool.work(&Method::POST).await);
            started.elapsed().as_millis()
        });
        let ended: Vec<u128> = futures_util::future::join_all(requests).await;
        assert_eq!(ended, [924, 924, 924, 924, 1848, 1848, 1848, 1848, 2772]);
    }
}
