//! The composition root: configuration, tracing, AWS clients, queues, and the disposition of errors.

mod aws_http;
#[cfg(test)]
mod billed_calls;
mod budget;
mod clients;
mod clock;
mod config;
mod connectors;
mod cors;
mod events;
mod mailer;
mod queue;
mod secrets;
mod serve;
pub mod sqs;
mod tokens;
mod unconnected;

use std::sync::Arc;
use std::time::Instant;

use app::App;
use connect::HttpPool;
use connect::work::Work;
use storage::{Counting, Storage, TableNames, Usage};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

pub use budget::LeasedBudget;
pub use config::{Config, ConfigError, time_zone};
pub use connect::work;
pub use cors::Origin;
pub use mailer::OwnerMail;
pub use unconnected::Unconnected;

/// What every function starts from.
#[derive(Debug, Clone)]
pub struct Runtime {
    pub app: App,
    pub config: Config,
    usage: Usage,
    began: Instant,
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the network client: {0}")]
    Http(#[from] connect::ConnectError),
}

/// Reads the environment, begins to log, and wires the use cases to AWS and to every platform. No call leaves the process.
///
/// `WORK` is what the function asks of the platforms: of the connectors, which would be half of its binary, no more is linked.
pub fn init<const WORK: Work>() -> Result<Runtime, InitError> {
    wired(|wiring| {
        if WORK == work::NONE {
            return Ok(Arc::new(Unconnected));
        }
        let secrets = Arc::new(secrets::Secrets::new(wiring.aws.clone(), wiring.config, wiring.usage.clone()));
        let limits = connect::HttpLimits {
            allow_private_hosts: wiring.config.allow_private_hosts,
            ..connect::HttpLimits::default()
        };
        let (storage, clock) = (wiring.storage, wiring.clock);
        Ok(Arc::new(connectors::PlatformConnectors::<WORK> {
            pool: HttpPool::new(limits)?,
            tokens: Arc::new(tokens::LeasedTokens::new(storage.clone(), Arc::clone(&secrets), Arc::clone(clock))),
            budget: Arc::new(budget::LeasedBudget::new(storage.clone(), Arc::clone(clock))),
            secrets,
        }))
    })
}

/// What connectors are made from.
struct Wiring<'a> {
    aws: &'a clients::Aws,
    config: &'a Config,
    storage: &'a Storage,
    clock: &'a Arc<dyn app::Clock>,
    usage: &'a Usage,
}

fn wired(
    connectors: impl FnOnce(&Wiring<'_>) -> Result<Arc<dyn app::Connectors>, InitError>,
) -> Result<Runtime, InitError> {
    let began = Instant::now();
    init_tracing();
    let config = Config::from_env()?;
    let aws = clients::Aws::new(&config)?;
    let tables = TableNames {
        orders: config.orders_table.clone(),
        links: config.links_table.clone(),
        settings: config.settings_table.clone(),
    };
    // The random part of a ULID.
    let chance = u64::try_from(ulid::Ulid::generate().random() >> 16).unwrap_or_default();
    let counting = Counting { seed: chance, now: jiff::Timestamp::now };
    let (storage, usage) = Storage::counting(aws.dynamodb(), tables, counting);
    let clock: Arc<dyn app::Clock> = Arc::new(clock::SystemClock);
    let queue = Arc::new(queue::SqsQueue::new(aws.clone(), &config, usage.clone()));
    let events = Arc::new(events::EventBus::new(aws.clone(), &config, Arc::clone(&clock), usage.clone()));
    let wiring = Wiring { aws: &aws, config: &config, storage: &storage, clock: &clock, usage: &usage };
    let connectors = connectors(&wiring)?;
    let app = App::new(storage, queue, events, clock, connectors);
    Ok(Runtime { app, config, usage, began })
}

/// One JSON object a line, as `CloudWatch` Logs Insights reads it; the level comes from `RUST_LOG`.
fn init_tracing() {
    // No pattern matching in there: it would weigh as much as a connector.
    let told = std::env::var("RUST_LOG").ok().and_then(|told| told.parse::<Targets>().ok());
    let filter = told.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().json().with_target(false).without_time();
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    // A second initialisation in one process (tests) keeps the first.
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        tracing::debug!("Logging was set up before");
    }
}
