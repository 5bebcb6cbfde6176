//! The event port on EventBridge: for alerts, and for whatever rule the owner adds.

use std::sync::{Arc, OnceLock};

use app::{Clock, DomainEvent, EventDetail, Events, PortError};
use async_trait::async_trait;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::cost::{Consumed, Part};
use storage::Usage;

use crate::Config;
use crate::clients::Aws;

const SOURCE: &str = "tributary";

pub(crate) struct EventBus {
    aws: Aws,
    /// Made on first use: most invocations tell nothing.
    client: OnceLock<aws_sdk_eventbridge::Client>,
    bus: String,
    clock: Arc<dyn Clock>,
    usage: Usage,
}

impl EventBus {
    pub(crate) fn new(aws: Aws, config: &Config, clock: Arc<dyn Clock>, usage: Usage) -> Self {
        Self { aws, client: OnceLock::new(), bus: config.event_bus.clone(), clock, usage }
    }
}

#[async_trait]
impl Events for EventBus {
    async fn publish(&self, event: DomainEvent) -> Result<(), PortError> {
        let failed = |context: String| PortError { operation: "events.put", context, source: None };
        let name = event.name();
        let detail = EventDetail::new(event, self.clock.now());
        let detail = serde_json::to_string(&detail).map_err(|error| failed(error.to_string()))?;
        let entry = PutEventsRequestEntry::builder()
            .source(SOURCE)
            .detail_type(name)
            .detail(detail)
            .event_bus_name(&self.bus)
            .build();
        let client = self.client.get_or_init(|| self.aws.eventbridge());
        let answer = client.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| PortError {
            operation: "events.put",
            context: name.to_owned(),
            source: Some(error.into()),
        })?;
        if answer.failed_entry_count() == 0 {
            self.usage.add(Consumed::default().with(Part::Events, 1));
            return Ok(());
        }
        let code = answer.entries().iter().find_map(|entry| entry.error_code()).unwrap_or("no code");
        Err(failed(format!("{name}: {code}")))
    }
}
