//! The event port on EventBridge: for alerts, and for whatever rule the owner adds.

use std::sync::{Arc, OnceLock};

use app::{Clock, DomainEvent, Events, PortError};
use async_trait::async_trait;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::Config;
use crate::clients::Aws;

const SOURCE: &str = "tributary";

pub(crate) struct EventBus {
    aws: Aws,
    /// Made on first use: most invocations tell nothing.
    client: OnceLock<aws_sdk_eventbridge::Client>,
    bus: String,
    clock: Arc<dyn Clock>,
}

impl EventBus {
    pub(crate) fn new(aws: Aws, config: &Config, clock: Arc<dyn Clock>) -> Self {
        Self { aws, client: OnceLock::new(), bus: config.event_bus.clone(), clock }
    }
}

#[async_trait]
impl Events for EventBus {
    async fn publish(&self, event: DomainEvent) -> Result<(), PortError> {
        let failed = |context: String| PortError { operation: "events.put", context, source: None };
        let mut detail = serde_json::to_value(&event).map_err(|error| failed(error.to_string()))?;
        if let Some(fields) = detail.as_object_mut() {
            fields.insert("version".to_owned(), 1.into());
            fields.insert("at".to_owned(), self.clock.now().to_string().into());
        }
        let entry = PutEventsRequestEntry::builder()
            .source(SOURCE)
            .detail_type(event.name())
            .detail(detail.to_string())
            .event_bus_name(&self.bus)
            .build();
        let client = self.client.get_or_init(|| self.aws.eventbridge());
        let answer = client.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| PortError {
            operation: "events.put",
            context: event.name().to_owned(),
            source: Some(error.into()),
        })?;
        if answer.failed_entry_count() == 0 {
            return Ok(());
        }
        let code = answer.entries().iter().find_map(|entry| entry.error_code()).unwrap_or("no code");
        Err(failed(format!("{}: {code}", event.name())))
    }
}
