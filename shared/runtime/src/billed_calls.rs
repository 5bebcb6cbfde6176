//! Each call of a queue, of the bus and of the secrets is counted once, where it leaves the process.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use app::{DomainEvent, Events, Job, Queue};
use axum::Router;
use axum::http::StatusCode;
use connect::Credentials;
use domain::ConnectionId;
use domain::cost::{Consumed, Part};
use fakes::dynamo::Dynamo;
use fakes::{Base, FakeServer, Listener, SimClock};
use jiff::Timestamp;
use serde_json::json;
use storage::{Connection, Counting, Usage};

use crate::clients::Aws;
use crate::clock::SystemClock;
use crate::events::EventBus;
use crate::queue::SqsQueue;
use crate::secrets::Secrets;
use crate::{Config, InitError};

/// What any of the three would answer to anything; each reads its own of it.
const ANSWER: &str = r#"{"Successful":[],"Failed":[],"FailedEntryCount":0,"Entries":[],"SecretString":"{}"}"#;

async fn aws() -> FakeServer {
    let answer = || async { ([("content-type", "application/x-amz-json-1.0")], ANSWER) };
    let base = Base::new(SimClock::real(), |_| ("application/x-amz-json-1.0", "{}".to_owned()));
    Listener::bind().await.unwrap().serve(Router::new().fallback(answer), base)
}

fn config(aws: &FakeServer) -> Config {
    let queue = |name: &str| format!("{}/000000000000/{name}", aws.url());
    Config {
        region: "us-east-1".to_owned(),
        endpoint: Some(aws.url().to_owned()),
        orders_table: "orders".to_owned(),
        links_table: "links".to_owned(),
        settings_table: "settings".to_owned(),
        polls_queue: queue("polls"),
        orders_queue: queue("orders"),
        fulfilments_queue: queue("fulfilments"),
        alerts_queue: queue("alerts"),
        stock_queue: queue("stock"),
        reconciles_queue: queue("reconciles"),
        event_bus: "events".to_owned(),
        secret_prefix: "tributary/".to_owned(),
        allow_private_hosts: true,
        memory_mib: 256,
    }
}

fn usage() -> Usage {
    Dynamo::new().counting(Counting { seed: 0, now: Timestamp::now }).1
}

fn connection() -> ConnectionId {
    ConnectionId::new("ebay-1").unwrap()
}

#[tokio::test]
async fn a_batch_of_ten_messages_is_one_request() -> Result<(), InitError> {
    let (aws, usage) = (aws().await, usage());
    let config = config(&aws);
    let queue = SqsQueue::new(Aws::new(&config)?, &config, usage.clone());
    queue.send(&[], Duration::ZERO).await.unwrap();
    assert_eq!(usage.counted(), Consumed::default(), "nothing is sent");
    let polls = (0..11).map(|_| Job::poll(connection()));
    let jobs: Vec<Job> = polls.chain([Job::poll(connection()), Job::stock("1".parse().unwrap(), None)]).collect();
    queue.send(&jobs, Duration::ZERO).await.unwrap();
    assert_eq!(usage.counted(), Consumed::default().with(Part::QueueRequests, 3), "twelve polls and one for stock");
    assert_eq!(aws.calls().all().len(), 3);
    Ok(())
}

#[tokio::test]
async fn an_event_is_counted_when_the_bus_has_it() -> Result<(), InitError> {
    let (aws, usage) = (aws().await, usage());
    let config = config(&aws);
    let bus = EventBus::new(Aws::new(&config)?, &config, Arc::new(SystemClock), usage.clone());
    let event = || DomainEvent::ChannelRecovered { connection_id: connection() };
    bus.publish(event()).await.unwrap();
    assert_eq!(usage.counted(), Consumed::default().with(Part::Events, 1));
    aws.faults().on("*").fail_next(StatusCode::BAD_REQUEST, None);
    bus.publish(event()).await.unwrap_err();
    assert_eq!(usage.counted(), Consumed::default().with(Part::Events, 1), "refused");
    Ok(())
}

#[tokio::test]
async fn each_call_for_a_secret_is_counted_and_what_is_known_costs_none() -> Result<(), InitError> {
    let (aws, usage) = (aws().await, usage());
    let config = config(&aws);
    let secrets = Secrets::new(Aws::new(&config)?, &config, usage.clone());
    let connected: Connection = serde_json::from_value(json!({
        "id": "ebay-1", "role": "channel", "platform": "ebay", "name": "eBay", "account": "seller", "settings": {},
        "probed": {}, "state": "active", "created_at": "2026-10-05T12:00:00Z", "version": 1,
    }))
    .unwrap();
    secrets.credentials(&connected).await.unwrap();
    secrets.credentials(&connected).await.unwrap();
    assert_eq!(usage.counted(), Consumed::default().with(Part::SecretRequests, 1));
    let reconnected = Connection { version: 2, ..connected };
    secrets.credentials(&reconnected).await.unwrap();
    secrets.credentials(&reconnected).await.unwrap();
    assert_eq!(usage.counted(), Consumed::default().with(Part::SecretRequests, 2), "read anew, once");
    secrets.save_credentials(&connection(), &Credentials::default()).await.unwrap();
    secrets.adopt(&connection(), &connection()).await.unwrap();
    secrets.forget(&connection()).await.unwrap();
    assert_eq!(usage.counted(), Consumed::default().with(Part::SecretRequests, 6), "created, read, written, deleted");
    assert_eq!(aws.calls().all().len(), 6);
    Ok(())
}
