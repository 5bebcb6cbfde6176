//! The template's queues in memory, shared by the threads that stand for the functions.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use app::{Job, PortError, Queue};
use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use tokio::sync::Notify;

/// An empty queue is looked at again after this long, as by a long poll that ends.
const LONG_POLL: Duration = Duration::from_millis(100);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    Polls,
    Orders,
    Fulfilments,
    /// Nobody reads these here.
    Alerts,
    Reconciles,
}

#[derive(Debug)]
struct Message {
    queue: Name,
    due: Instant,
    body: String,
}

/// All queues; each message is visible from when it is due.
#[derive(Debug, Default)]
pub struct Doorbells {
    messages: Mutex<VecDeque<Message>>,
    rung: Notify,
    next_id: AtomicU64,
}

impl Doorbells {
    fn messages(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to `most` messages that are due, or none after a while.
    pub async fn receive(&self, queue: Name, most: usize) -> SqsEvent {
        let mut event = self.take(queue, most);
        if event.records.is_empty() {
            // Whether rung or not, the queue is looked at again.
            if tokio::time::timeout(LONG_POLL, self.rung.notified()).await.is_ok() {
                event = self.take(queue, most);
            }
        }
        event
    }

    pub fn take(&self, queue: Name, most: usize) -> SqsEvent {
        let (now, mut records) = (Instant::now(), Vec::new());
        self.messages().retain(|message| {
            let wanted = records.len() < most && message.queue == queue && message.due <= now;
            if wanted {
                let mut record = SqsMessage::default();
                record.message_id = Some(self.next_id.fetch_add(1, Ordering::Relaxed).to_string());
                record.body = Some(message.body.clone());
                records.push(record);
            }
            !wanted
        });
        let mut event = SqsEvent::default();
        event.records = records;
        event
    }

    /// Lets everybody who waits look again.
    pub fn wake_all(&self) {
        self.rung.notify_waiters();
    }
}

#[async_trait]
impl Queue for Doorbells {
    async fn send(&self, jobs: &[Job], delay: Duration) -> Result<(), PortError> {
        let due = Instant::now() + delay;
        for job in jobs {
            let queue = match job {
                Job::Poll(_) => Name::Polls,
                Job::Import(_) => Name::Orders,
                Job::Fulfil(_) => Name::Fulfilments,
                Job::Alert(_) => Name::Alerts,
                // No channel is started here: who looks at these drops them.
                Job::Stock(_) => continue,
                Job::Reconcile(_) => Name::Reconciles,
            };
            let body = serde_json::to_string(job).map_err(|error| PortError {
                operation: "queue.send",
                context: error.to_string(),
                source: None,
            })?;
            self.messages().push_back(Message { queue, due, body });
        }
        self.rung.notify_waiters();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_batch_holds_what_is_due_in_one_queue() {
        let doorbells = Doorbells::default();
        let id = domain::ConnectionId::new("shop").unwrap();
        let job = Job::poll(id);
        doorbells.send(&[job.clone(), job.clone(), job.clone()], Duration::ZERO).await.unwrap();
        doorbells.send(std::slice::from_ref(&job), Duration::from_mins(1)).await.unwrap();
        assert_eq!(doorbells.take(Name::Orders, 10).records.len(), 0);
        assert_eq!(doorbells.receive(Name::Polls, 2).await.records.len(), 2);
        assert_eq!(doorbells.receive(Name::Polls, 10).await.records.len(), 1);
        assert_eq!(doorbells.receive(Name::Polls, 10).await.records.len(), 0);
    }
}
