//! The way of an alert in one process: the bus's rule, the queue, `notify`, and a mailbox that may refuse.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use app::{App, DomainEvent, EventDetail, Events, Letterhead, Mail, Mailer, PortError};
use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use jiff::tz::TimeZone;

use super::World;
use super::ports::{Message, QueueName};

#[derive(Debug, Default)]
pub struct RecordedEvents(Mutex<Vec<DomainEvent>>);

impl RecordedEvents {
    pub fn all(&self) -> Vec<DomainEvent> {
        self.0.lock().unwrap().clone()
    }

    pub fn named(&self, name: &str) -> usize {
        self.all().iter().filter(|event| event.name() == name).count()
    }
}

#[async_trait]
impl Events for RecordedEvents {
    async fn publish(&self, event: DomainEvent) -> Result<(), PortError> {
        self.0.lock().unwrap().push(event);
        Ok(())
    }
}

/// The owner's mailbox.
#[derive(Debug, Default)]
pub struct Mailbox {
    mails: Mutex<Vec<Mail>>,
    /// While set, no mail is taken.
    pub refuses: AtomicBool,
    /// Events that went through the rule.
    ruled: AtomicUsize,
}

impl Mailbox {
    pub fn all(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    pub fn subjects(&self) -> Vec<String> {
        self.all().into_iter().map(|mail| mail.subject).collect()
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        if self.refuses.load(Ordering::Relaxed) {
            return Err(PortError { operation: "mail.send", context: "refused by the test".to_owned(), source: None });
        }
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

pub fn letterhead() -> Letterhead {
    let zone = TimeZone::get("Europe/London").unwrap();
    Letterhead { console: Some("https://console.example".to_owned()), zone }
}

impl World {
    /// What the batching window does: everything told since the last time comes at once, with what was held back until now.
    pub async fn deliver_alerts(&self) {
        let events = self.events.all();
        let from = self.mailbox.ruled.swap(events.len(), Ordering::Relaxed);
        for event in events.into_iter().skip(from).filter(|event| event.trouble().is_some()) {
            let detail = EventDetail::new(event, self.now());
            self.queue.push_raw(QueueName::Alerts, &serde_json::to_string(&detail).unwrap());
        }
        self.drain().await;
    }
}

/// Delivers messages to `notify` in one batch; gives those back that failed.
pub async fn deliver_together(app: &App, mailbox: &Mailbox, messages: Vec<Message>) -> Vec<Message> {
    let mut event = SqsEvent::default();
    for message in &messages {
        let mut record = SqsMessage::default();
        record.message_id = Some(message.id.to_string());
        record.body = Some(message.body.clone());
        event.records.push(record);
    }
    let letterhead = letterhead();
    let response = runtime::sqs::together(&|events| notify::handle(app, mailbox, &letterhead, events), event).await;
    let failed: Vec<String> = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    messages.into_iter().filter(|message| failed.contains(&message.id.to_string())).collect()
}
