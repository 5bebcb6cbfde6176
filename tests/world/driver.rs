//! Drives a world: rings the schedule, delivers messages through the real disposition code, and lets workers die.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use app::{App, FulfilJob, ImportJob, Job, PollJob, ReconcileJob, StockJob};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::SignedDuration;

use super::World;
use super::alerts::deliver_together;
use super::ports::{Message, QueueName};
use super::working::working;

/// A worker dies at this many await points; `None` lets it live.
#[derive(Debug, Clone, Copy, Default)]
pub struct Death(pub Option<u32>);

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Acknowledged.
    Done,
    /// Came back as failed.
    Failed,
    /// The worker died: the message will be seen again after its visibility timeout.
    Died,
}

/// Message visibility of the template's queues.
const VISIBILITY: SignedDuration = SignedDuration::from_secs(180);

impl World {
    /// Rings for every connection, as the schedule does each minute.
    pub async fn ring(&self) {
        self.unconnected.schedule_polls().await.unwrap();
    }

    /// Rings and delivers everything that is due now, including what that leads to.
    pub async fn poll(&self) {
        self.ring().await;
        self.drain().await;
    }

    /// Delivers what is due now, and what that leads to, until nothing is due.
    pub async fn drain(&self) {
        for _ in 0..10_000 {
            let due = self.queue.take_due();
            if due.is_empty() {
                return;
            }
            let (alerts, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|m| m.queue == QueueName::Alerts);
            let (stock, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|m| m.queue == QueueName::Stock);
            let together = |message: &Message| message.queue == QueueName::Orders && self.orders_at_once > 1;
            let (orders, due): (Vec<_>, Vec<_>) = due.into_iter().partition(together);
            for message in due {
                self.deliver(&self.app, message, Death::default()).await;
            }
            self.deliver_orders(orders).await;
            self.deliver_stock(&self.app, stock, Death::default()).await;
            let visible_again = self.now().checked_add(VISIBILITY).unwrap();
            for failed in deliver_together(&self.unconnected, &self.mailbox, alerts).await {
                self.queue.give_back(failed, visible_again);
            }
        }
        panic!("messages never end: {:?}", self.queue.bodies());
    }

    /// Lets time pass minute by minute, with the schedule ringing, for as long as given.
    pub async fn pass(&self, time: SignedDuration) {
        let end = self.now().checked_add(time).unwrap();
        while self.now() < end {
            self.poll().await;
            let next_minute = self.now().checked_add(SignedDuration::from_mins(1)).unwrap();
            let next = self.queue.next_due().map_or(next_minute, |due| due.min(next_minute));
            self.clock.set(next.max(self.now()).min(end));
        }
        self.poll().await;
    }

    /// Every poll and every order's doorbells three times more.
    pub async fn replay(&self) {
        for _ in 0..3 {
            self.advance(SignedDuration::from_secs(61));
            self.ring().await;
            for order in self.orders().await {
                self.queue_now(&[Job::import(order.id), Job::fulfil(order.id)]).await;
            }
            self.drain().await;
        }
    }

    pub async fn queue_now(&self, jobs: &[Job]) {
        use app::Queue;
        self.queue.send(jobs, std::time::Duration::ZERO).await.unwrap();
    }

    /// Delivers one message to a worker through the functions' own batch code.
    pub async fn deliver(&self, app: &App, message: Message, death: Death) -> Delivered {
        let visible_again = self.now().checked_add(VISIBILITY).unwrap();
        let delivered = deliver_to(app, &message, death).await;
        if delivered != Delivered::Done {
            self.queue.give_back(message, visible_again);
        }
        delivered
    }
}

impl World {
    /// Delivers messages of the queue `orders` as its event source does: several to a worker, which handles them side by side.
    async fn deliver_orders(&self, messages: Vec<Message>) {
        let visible_again = self.now().checked_add(VISIBILITY).unwrap();
        let app = working::<{ import_order::WORK }>(&self.app);
        for batch in messages.chunks(self.orders_at_once) {
            let handle = |job: ImportJob| import_order::handle(&app, job);
            let response = runtime::sqs::batch(self.app.queue.as_ref(), &handle, event(batch)).await;
            for message in batch.iter().filter(|message| failed(&response, message)) {
                self.queue.give_back(message.clone(), visible_again);
            }
        }
    }

    /// Delivers messages of the queue `stock` as its event source gathers them: many to a worker.
    pub async fn deliver_stock(&self, app: &App, messages: Vec<Message>, death: Death) -> Delivered {
        let visible_again = self.now().checked_add(VISIBILITY).unwrap();
        let mut worst = Delivered::Done;
        let app = &working::<{ sync_stock::WORK }>(app);
        for batch in messages.chunks(STOCK_BATCH) {
            let event = event(batch);
            let queue = app.queue.as_ref();
            let handle = |jobs: Vec<StockJob>| sync_stock::handle(app, jobs);
            let response = mortal(death, runtime::sqs::gathered(queue, &handle, event)).await;
            worst = if response.is_none() { Delivered::Died } else { worst };
            for message in batch {
                if response.as_ref().is_none_or(|response| failed(response, message)) {
                    self.queue.give_back(message.clone(), visible_again);
                }
            }
        }
        worst
    }
}

/// The template's batch size of the queue `stock`.
const STOCK_BATCH: usize = 50;

fn failed(response: &SqsBatchResponse, message: &Message) -> bool {
    let id = message.id.to_string();
    response.batch_item_failures.iter().any(|failure| failure.item_identifier == id)
}

fn event(messages: &[Message]) -> SqsEvent {
    let record = |message: &Message| {
        let mut record = SqsMessage::default();
        record.message_id = Some(message.id.to_string());
        record.body = Some(message.body.clone());
        record
    };
    let mut event = SqsEvent::default();
    event.records = messages.iter().map(record).collect();
    event
}

/// Delivers one message without giving it back.
pub async fn deliver_to(app: &App, message: &Message, death: Death) -> Delivered {
    let event = event(std::slice::from_ref(message));
    let queue = app.queue.as_ref();
    let response = match message.queue {
        QueueName::Polls => {
            let app = working::<{ poll_orders::WORK }>(app);
            mortal(death, runtime::sqs::batch(queue, &|job: PollJob| poll_orders::handle(&app, job), event)).await
        }
        QueueName::Orders => {
            let app = working::<{ import_order::WORK }>(app);
            mortal(death, runtime::sqs::batch(queue, &|job: ImportJob| import_order::handle(&app, job), event)).await
        }
        QueueName::Fulfilments => {
            let app = working::<{ sync_fulfilment::WORK }>(app);
            mortal(death, runtime::sqs::batch(queue, &|job: FulfilJob| sync_fulfilment::handle(&app, job), event)).await
        }
        QueueName::Reconciles => {
            let app = working::<{ reconcile::WORK }>(app);
            mortal(death, runtime::sqs::batch(queue, &|job: ReconcileJob| reconcile::handle(&app, job), event)).await
        }
        QueueName::Alerts => panic!("alerts are delivered together"),
        QueueName::Stock => {
            let app = working::<{ sync_stock::WORK }>(app);
            let handle = |jobs: Vec<StockJob>| sync_stock::handle(&app, jobs);
            mortal(death, runtime::sqs::gathered(queue, &handle, event)).await
        }
    };
    match response {
        None => Delivered::Died,
        Some(response) if response.batch_item_failures.is_empty() => Delivered::Done,
        Some(_) => Delivered::Failed,
    }
}

/// Runs a future that may die: dropped at its n-th await point, like a process that is killed there.
pub async fn mortal<T>(death: Death, future: impl Future<Output = T>) -> Option<T> {
    Mortal { future: Box::pin(future), left: death.0 }.await
}

struct Mortal<'a, T> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
    left: Option<u32>,
}

impl<T> Future for Mortal<'_, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        match self.future.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => {
                if let Some(left) = &mut self.left {
                    *left -= 1;
                    if *left == 0 {
                        return Poll::Ready(None);
                    }
                }
                Poll::Pending
            }
        }
    }
}
