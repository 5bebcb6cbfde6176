//! Every environment variable a function reads, each named once.

use jiff::tz::TimeZone;

const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// A function's settings, from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// `AWS_REGION`
    pub region: String,
    /// `AWS_ENDPOINT_URL`: another address of all AWS services (the local cloud); unset on AWS.
    pub endpoint: Option<String>,
    /// `ORDERS_TABLE`
    pub orders_table: String,
    /// `LINKS_TABLE`
    pub links_table: String,
    /// `SETTINGS_TABLE`
    pub settings_table: String,
    /// `POLLS_QUEUE_URL`
    pub polls_queue: String,
    /// `ORDERS_QUEUE_URL`
    pub orders_queue: String,
    /// `FULFILMENTS_QUEUE_URL`
    pub fulfilments_queue: String,
    /// `ALERTS_QUEUE_URL`
    pub alerts_queue: String,
    /// `STOCK_QUEUE_URL`
    pub stock_queue: String,
    /// `RECONCILES_QUEUE_URL`
    pub reconciles_queue: String,
    /// `EVENT_BUS`
    pub event_bus: String,
    /// `SECRET_PREFIX`: what the names of the connections' secrets begin with.
    pub secret_prefix: String,
    /// `ALLOW_PRIVATE_HOSTS`: `true` lets connectors call private and loopback addresses; for local use only.
    pub allow_private_hosts: bool,
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`: set by Lambda.
    pub memory_mib: u32,
}

/// A variable that is missing or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {name} {problem}")]
pub struct ConfigError {
    pub name: &'static str,
    pub problem: String,
}

impl Config {
    pub fn from_env() -> Result<Self, ConfigError> {
        let private = required("ALLOW_PRIVATE_HOSTS")?;
        let memory = required(MEMORY)?;
        Ok(Self {
            region: required("AWS_REGION")?,
            endpoint: std::env::var("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty()),
            orders_table: required("ORDERS_TABLE")?,
            links_table: required("LINKS_TABLE")?,
            settings_table: required("SETTINGS_TABLE")?,
            polls_queue: required("POLLS_QUEUE_URL")?,
            orders_queue: required("ORDERS_QUEUE_URL")?,
            fulfilments_queue: required("FULFILMENTS_QUEUE_URL")?,
            alerts_queue: required("ALERTS_QUEUE_URL")?,
            stock_queue: required("STOCK_QUEUE_URL")?,
            reconciles_queue: required("RECONCILES_QUEUE_URL")?,
            event_bus: required("EVENT_BUS")?,
            secret_prefix: required("SECRET_PREFIX")?,
            allow_private_hosts: private.parse().map_err(|_| ConfigError {
                name: "ALLOW_PRIVATE_HOSTS",
                problem: format!("must be true or false, not `{private}`"),
            })?,
            memory_mib: memory.parse().map_err(|_| ConfigError {
                name: MEMORY,
                problem: format!("must be a number of MiB, not `{memory}`"),
            })?,
        })
    }
}

/// `TIME_ZONE`: the owner's zone, an IANA name. Read by the functions that name days alone: with it come the rules of all zones, 0.2 MB.
pub fn time_zone() -> Result<TimeZone, ConfigError> {
    let zone = required("TIME_ZONE")?;
    TimeZone::get(&zone).map_err(|_| ConfigError {
        name: "TIME_ZONE",
        problem: format!("must be an IANA time zone such as Europe/London, not `{zone}`"),
    })
}

pub(crate) fn required(name: &'static str) -> Result<String, ConfigError> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.ok_or_else(|| ConfigError { name, problem: "is not set".to_owned() })
}
