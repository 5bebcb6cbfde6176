//! Where Amazon sends what changed: made once, mended, taken back, and never taken from somebody else.

use std::sync::Arc;

use connect::{ErrorKind, SalesChannel};
use connector_amazon::{Amazon, notice};
use fakes::SimClock;
use fakes::amazon::{AmazonFake, MARKETPLACES, OrderSpec, SELLER_ID};
use url::Url;

use crate::connection::{Noted, config, http, tokens};

const QUEUE: &str = "arn:aws:sqs:eu-central-1:111122223333:tributary-NotificationsQueue";
const OTHER: &str = "arn:aws:sqs:eu-central-1:111122223333:another";

async fn shop() -> AmazonFake {
    AmazonFake::start(SimClock::starting_at("2026-11-20T12:00:00Z".parse().unwrap())).await.unwrap()
}

fn telling(fake: &AmazonFake, queue: &str) -> Amazon {
    let mut config = config(fake);
    config.settings.insert("notification_queue".to_owned(), queue.to_owned());
    Amazon::new(&config, http(Arc::new(Noted::default())), Arc::new(tokens())).unwrap()
}

fn webhook() -> Url {
    "https://tributary.example/webhooks/amazon-1".parse().unwrap()
}

#[tokio::test]
async fn the_queue_is_told_once_and_again_after_amazon_forgot() {
    let fake = shop().await;
    let amazon = telling(&fake, QUEUE);
    for _ in 0..2 {
        amazon.subscribe(&webhook()).await.unwrap();
        assert_eq!((fake.destinations(), fake.told_queue().as_deref()), (vec![QUEUE.to_owned()], Some(QUEUE)));
    }
    fake.drop_subscription();
    amazon.subscribe(&webhook()).await.unwrap();
    assert_eq!(fake.told_queue().as_deref(), Some(QUEUE));
    for _ in 0..2 {
        amazon.unsubscribe(&webhook()).await.unwrap();
        assert_eq!(fake.told_queue(), None);
    }
    assert_eq!(fake.destinations(), [QUEUE], "other sellers of the application may use it");
    assert_eq!(fake.violations(), Vec::new());
}

#[tokio::test]
async fn a_subscription_that_leads_elsewhere_is_left_alone() {
    let fake = shop().await;
    telling(&fake, OTHER).subscribe(&webhook()).await.unwrap();
    let refused = telling(&fake, QUEUE).subscribe(&webhook()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::AlreadyExists, "{refused}");
    telling(&fake, QUEUE).unsubscribe(&webhook()).await.unwrap();
    assert_eq!(fake.told_queue().as_deref(), Some(OTHER));
}

#[tokio::test]
async fn what_amazon_sends_names_the_seller_and_the_order() {
    let fake = shop().await;
    telling(&fake, QUEUE).subscribe(&webhook()).await.unwrap();
    fake.place(OrderSpec::new("202-0000001-0000001").line("A", 1, 1999));
    let sent = fake.notices();
    assert_eq!((sent.len(), fake.notices().len()), (1, 0), "each change once");
    let read = notice(sent[0].to_string().as_bytes()).unwrap();
    assert_eq!((read.account.as_str(), read.order.as_str()), (SELLER_ID, "202-0000001-0000001"));
    assert!(
        MARKETPLACES[..2]
            .contains(&sent[0]["Payload"]["OrderChangeNotification"]["Summary"]["MarketplaceId"].as_str().unwrap())
    );
}

#[test]
fn what_is_no_queue_is_refused_when_it_is_set() {
    let fake = tokio::runtime::Runtime::new().unwrap().block_on(shop());
    for wrong in ["tributary", "arn:aws:sns:eu-central-1:111122223333:topic", "arn:aws:sqs:eu-central-1::queue"] {
        let mut config = config(&fake);
        config.settings.insert("notification_queue".to_owned(), wrong.to_owned());
        let refused = Amazon::new(&config, http(Arc::new(Noted::default())), Arc::new(tokens())).unwrap_err();
        assert_eq!(refused.field, "notification_queue", "{wrong}");
    }
}
