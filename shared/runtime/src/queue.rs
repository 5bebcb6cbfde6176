//! The queue port on SQS: one queue per kind of job, batches of ten.

use std::sync::OnceLock;
use std::time::Duration;

use app::{Job, PortError, Queue};
use async_trait::async_trait;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::cost::{Consumed, Part};
use storage::Usage;

use crate::Config;
use crate::clients::Aws;

/// The most that one SQS call takes.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
const BATCH: usize = 10;
const LONGEST_DELAY: u64 = 900;

pub(crate) struct SqsQueue {
    aws: Aws,
    /// Made on first use: most jobs ring for nothing.
    client: OnceLock<aws_sdk_sqs::Client>,
    polls: String,
    orders: String,
    fulfilments: String,
    alerts: String,
    stock: String,
    reconciles: String,
    usage: Usage,
}

impl SqsQueue {
    pub(crate) fn new(aws: Aws, config: &Config, usage: Usage) -> Self {
        Self {
            aws,
            client: OnceLock::new(),
            polls: config.polls_queue.clone(),
            orders: config.orders_queue.clone(),
            fulfilments: config.fulfilments_queue.clone(),
            alerts: config.alerts_queue.clone(),
            stock: config.stock_queue.clone(),
            reconciles: config.reconciles_queue.clone(),
            usage,
        }
    }

    fn url(&self, job: &Job) -> &str {
        match job {
            Job::Poll(_) => &self.polls,
            Job::Import(_) => &self.orders,
            Job::Fulfil(_) => &self.fulfilments,
            Job::Alert(_) => &self.alerts,
            Job::Stock(_) => &self.stock,
            Job::Reconcile(_) => &self.reconciles,
        }
    }

    async fn send_batch(&self, url: &str, jobs: &[&Job], delay: i32) -> Result<(), PortError> {
        let failed = |context: String| PortError { operation: "sqs.send", context, source: None };
        let entries = jobs.iter().enumerate().map(|(index, job)| {
            let body = serde_json::to_string(job).map_err(|error| failed(error.to_string()))?;
            SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(body)
                .delay_seconds(delay)
                .build()
                .map_err(|error| failed(error.to_string()))
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let client = self.client.get_or_init(|| self.aws.sqs());
        // One request: ten of our messages are far from the 64 KB from which on it would be billed as more.
        self.usage.add(Consumed::default().with(Part::QueueRequests, 1));
        let answer = client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await;
        let answer = answer.map_err(|error| PortError {
            operation: "sqs.send",
            context: format!("{} jobs", jobs.len()),
            source: Some(error.into()),
        })?;
        match answer.failed() {
            [] => Ok(()),
            [first, ..] => Err(failed(format!("{} of {} jobs: {}", answer.failed().len(), jobs.len(), first.code()))),
        }
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, jobs: &[Job], delay: Duration) -> Result<(), PortError> {
        let delay = i32::try_from(delay.as_secs().min(LONGEST_DELAY)).unwrap_or(0);
        for url in [&self.polls, &self.orders, &self.fulfilments, &self.alerts, &self.stock, &self.reconciles] {
            let own: Vec<&Job> = jobs.iter().filter(|job| self.url(job) == url).collect();
            for batch in own.chunks(BATCH) {
                self.send_batch(url, batch, delay).await?;
            }
        }
        Ok(())
    }
}
