//! Scenario 24d: whatever goes wrong, no message, dead letter, event, mail, log line or debug text says who bought.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use fakes::ebay::{Address, OrderSpec};
use fakes::woocommerce::Meddling;
use jiff::SignedDuration;
use serde_json::json;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use crate::world::{Death, QueueName, World, naming};

/// What our own crates log.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Listens to this thread, to our own crates at any level.
    pub fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let ours =
            ["app", "connect", "runtime", "storage", "connector_amazon", "connector_ebay", "connector_woocommerce"];
        let levels = ours.map(|name| (name, LevelFilter::TRACE));
        let filter = Targets::new().with_default(LevelFilter::INFO).with_targets(levels);
        let lines = tracing_subscriber::fmt::layer().json().with_writer(self.clone());
        tracing::subscriber::set_default(tracing_subscriber::registry().with(filter).with(lines))
    }

    pub fn lines(&self) -> Vec<String> {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
    }
}

/// An order of somebody whose every word would be known again.
fn order(n: u32, sku: &str) -> OrderSpec {
    OrderSpec::new(&format!("12-02400-{n:05}"))
        .buyer("canaria_vogelsang", "Canaria Vogelsang")
        .ship_to(Address::new("7 Kanarengasse", "Zwitscherhausen", "ZW1 7AA", "GB").line2("Hinterer Schlag"))
        .note("Please ring at Vogelsang's twice")
        .line(sku, 1, 1999)
}

#[tokio::test]
async fn whatever_goes_wrong_nothing_that_is_queued_told_mailed_logged_or_shown_for_debugging_names_the_buyer() {
    let log = Log::default();
    let _listening = log.listen();
    let world = World::new().await;
    world.woo.meddle(Meddling::OwnTax, true);
    world.ebay.place(order(1, "A"));
    world.ebay.place(order(2, "X"));
    world.ebay.place(order(3, "A").set("/lineItems", json!("not a list")));
    world.ebay.place(order(4, "A").set("/pricingSummary/total/value", json!("99.00")));
    world.pass(SignedDuration::from_mins(5)).await;
    world.woo.stop_meddling();
    // Canceled while it waits, refunded after its import.
    world.ebay.cancel("12-02400-00002");
    world.pass(SignedDuration::from_mins(5)).await;
    // Answers that are lost, refusals, a store that is down, and a key that is withdrawn.
    world.woo.faults().on("POST */orders").drop_response(1);
    world.ebay.place(order(5, "A"));
    world.pass(SignedDuration::from_mins(10)).await;
    world.woo.faults().on("POST */orders").fail_next(axum::http::StatusCode::BAD_REQUEST, None);
    world.ebay.place(order(6, "A"));
    world.pass(SignedDuration::from_mins(10)).await;
    let down = world.woo.maintenance();
    world.ebay.place(order(7, "B"));
    world.pass(SignedDuration::from_mins(30)).await;
    down.off();
    world.woo.faults().revoke();
    world.ebay.place(order(8, "B"));
    world.pass(SignedDuration::from_mins(30)).await;
    // A message that is none of ours, and a job that fails five times.
    world.queue.push_raw(QueueName::Orders, "{\"nonsense\": true}");
    world.queue.refuses.store(true, Ordering::Relaxed);
    world.queue.push_raw(QueueName::Polls, &format!("{{\"connection_id\":\"{}\"}}", world.channel));
    world.ebay.place(order(9, "A"));
    for _ in 0..8 {
        world.advance(SignedDuration::from_mins(4));
        for message in world.queue.take_due() {
            world.deliver(&world.app, message, Death::default()).await;
        }
    }
    world.queue.refuses.store(false, Ordering::Relaxed);
    world.deliver_alerts().await;

    let dead = world.queue.dead_letters.lock().unwrap().clone();
    let queues: BTreeSet<QueueName> = dead.iter().map(|message| message.queue).collect();
    assert_eq!(queues, [QueueName::Polls, QueueName::Orders].into(), "{dead:?}");
    for event in ["OrderUnreadable", "OrderImportFailed", "OrderHasUnlinkedProducts", "OrderDiffers"] {
        assert!(world.events.named(event) > 0, "{event} never happened: {:?}", world.events.all());
    }
    assert!(!world.mailbox.all().is_empty());

    let mut words = world.buyers();
    words.extend(["Canaria", "Vogelsang", "Kanarengasse", "Zwitscherhausen", "Hinterer", "ZW1 7AA"].map(str::to_owned));
    assert!(words.contains("Canaria Vogelsang") && words.contains("02079460000"), "{words:?}");
    assert_eq!(naming(&words, &["Imported for Canaria Vogelsang".to_owned()]).len(), 1, "it would be found");
    assert_eq!(naming(&words, &world.told()), Vec::<&str>::new());
    let debug: Vec<String> = world.orders().await.iter().map(|order| format!("{order:?}")).collect();
    assert!(debug.len() >= 6, "{}", debug.len());
    assert_eq!(naming(&words, &debug), Vec::<&str>::new());
    let lines = log.lines();
    assert!(lines.iter().any(|line| line.contains("\"ERROR\"")) && lines.len() > 20, "{lines:?}");
    assert_eq!(naming(&words, &lines), Vec::<&str>::new());
}
