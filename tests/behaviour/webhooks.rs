//! Webhooks are believed by their signature over the raw bytes, and by nothing else.

use std::collections::BTreeMap;

use connect::{ConnectError, ErrorKind, WebhookHint, WebhookRefused, WebhookRequest};
use url::Url;

use crate::kit::{Channel, Role, Store};
use crate::subject::{Delivery, Future, Subject};
use crate::suite::{Promise, promises};

/// A role that is told by webhooks, or is not.
pub trait Told: Role {
    fn read(&self, headers: &BTreeMap<String, String>, body: &[u8]) -> Result<WebhookHint, WebhookRefused>;
    fn subscribe<'a>(&'a self, to: &'a Url) -> Future<'a, Result<(), ConnectError>>;
    fn unsubscribe<'a>(&'a self, to: &'a Url) -> Future<'a, Result<(), ConnectError>>;
}

impl Told for Channel {
    fn read(&self, headers: &BTreeMap<String, String>, body: &[u8]) -> Result<WebhookHint, WebhookRefused> {
        self.connector.read_webhook(&WebhookRequest { headers, body })
    }

    fn subscribe<'a>(&'a self, to: &'a Url) -> Future<'a, Result<(), ConnectError>> {
        Box::pin(async move { self.connector.subscribe(to).await })
    }

    fn unsubscribe<'a>(&'a self, to: &'a Url) -> Future<'a, Result<(), ConnectError>> {
        Box::pin(async move { self.connector.unsubscribe(to).await })
    }
}

impl Told for Store {
    fn read(&self, headers: &BTreeMap<String, String>, body: &[u8]) -> Result<WebhookHint, WebhookRefused> {
        self.connector.read_webhook(&WebhookRequest { headers, body })
    }

    fn subscribe<'a>(&'a self, to: &'a Url) -> Future<'a, Result<(), ConnectError>> {
        Box::pin(async move { self.connector.subscribe(to).await })
    }

    fn unsubscribe<'a>(&'a self, to: &'a Url) -> Future<'a, Result<(), ConnectError>> {
        Box::pin(async move { self.connector.unsubscribe(to).await })
    }
}

pub fn promises<R: Told>(subject: &Subject) -> Vec<Promise<R>> {
    if R::can(subject, "webhooks") {
        promises![
            what_the_platform_sends_is_understood,
            a_signature_of_other_bytes_is_refused,
            no_flipped_bit_of_a_signature_is_accepted,
            without_a_signature_nothing_is_believed,
            asking_twice_to_be_called_is_asking_once,
            what_the_platform_switched_off_is_switched_on_again,
        ]
    } else {
        promises![is_refused_as_unsupported]
    }
}

fn address(name: &str) -> Url {
    format!("https://tributary.example/v1/webhooks/{name}").parse().unwrap()
}

async fn asking_twice_to_be_called_is_asking_once<R: Told>(role: R) {
    let (ours, theirs) = (address("ours"), address("theirs"));
    let Some(before) = role.fake().hooks() else {
        assert_eq!(role.subscribe(&ours).await.unwrap_err().kind, ErrorKind::Unsupported);
        assert_eq!(role.unsubscribe(&ours).await.unwrap_err().kind, ErrorKind::Unsupported);
        return;
    };
    let count = |url: &Url| role.fake().hooks().unwrap().iter().filter(|hook| *hook == url.as_str()).count();
    role.subscribe(&ours).await.unwrap();
    let once = count(&ours);
    assert!(once > 0, "nothing calls us");
    role.subscribe(&ours).await.unwrap();
    assert_eq!(count(&ours), once);
    role.subscribe(&theirs).await.unwrap();
    assert_eq!((count(&ours), count(&theirs)), (once, once));
    // Exactly ours are taken back, and that again is nothing.
    for _ in 0..2 {
        role.unsubscribe(&ours).await.unwrap();
        assert_eq!((count(&ours), count(&theirs)), (0, once));
    }
    role.unsubscribe(&theirs).await.unwrap();
    assert_eq!(role.fake().hooks().unwrap(), before);
}

async fn what_the_platform_switched_off_is_switched_on_again<R: Told>(role: R) {
    let ours = address("ours");
    if role.fake().hooks().is_none() {
        assert_eq!(role.subscribe(&ours).await.unwrap_err().kind, ErrorKind::Unsupported);
        return;
    }
    role.subscribe(&ours).await.unwrap();
    let hooks = role.fake().hooks();
    role.fake().switch_hooks_off();
    assert_ne!(role.fake().hooks(), hooks);
    role.subscribe(&ours).await.unwrap();
    assert_eq!(role.fake().hooks(), hooks);
}

async fn deliveries<R: Told>(role: &R) -> Vec<Delivery> {
    let sent = role.fake().webhooks().unwrap().await;
    assert!(sent.iter().any(|delivery| delivery.signature.is_some()), "nothing signed was sent");
    sent
}

async fn signed<R: Told>(role: &R) -> Delivery {
    deliveries(role).await.into_iter().find(|delivery| delivery.signature.is_some()).unwrap()
}

async fn what_the_platform_sends_is_understood<R: Told>(role: R) {
    for delivery in deliveries(&role).await {
        assert_eq!(role.read(&delivery.headers, &delivery.body), Ok(delivery.expected));
    }
}

async fn a_signature_of_other_bytes_is_refused<R: Told>(role: R) {
    let delivery = signed(&role).await;
    let refused = |body: &[u8]| assert_eq!(role.read(&delivery.headers, body), Err(WebhookRefused::BadSignature));
    for at in 0..delivery.body.len() {
        let mut body = delivery.body.clone();
        body[at] ^= 1 << (at % 8);
        refused(&body);
    }
    refused(&delivery.body[1..]);
    refused(&[delivery.body.as_slice(), b" "].concat());
    refused(b"");
}

async fn no_flipped_bit_of_a_signature_is_accepted<R: Told>(role: R) {
    let delivery = signed(&role).await;
    let name = delivery.signature.unwrap();
    let genuine = delivery.headers[name].clone();
    let mut tried = 0;
    for at in 0..genuine.len() {
        for bit in 0..7 {
            let mut bytes = genuine.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let mut headers = delivery.headers.clone();
            headers.insert(name.to_owned(), String::from_utf8(bytes).unwrap());
            assert_eq!(role.read(&headers, &delivery.body), Err(WebhookRefused::BadSignature), "byte {at}, bit {bit}");
            tried += 1;
        }
    }
    assert!(tried > 100, "only {tried} signatures were tried");
}

async fn without_a_signature_nothing_is_believed<R: Told>(role: R) {
    let delivery = signed(&role).await;
    let mut headers = delivery.headers.clone();
    headers.remove(delivery.signature.unwrap());
    assert_eq!(role.read(&headers, &delivery.body), Err(WebhookRefused::BadSignature));
    headers.insert(delivery.signature.unwrap().to_owned(), String::new());
    assert_eq!(role.read(&headers, &delivery.body), Err(WebhookRefused::BadSignature));
    assert_eq!(role.read(&BTreeMap::new(), b""), Err(WebhookRefused::BadSignature));
}

async fn is_refused_as_unsupported<R: Told>(role: R) {
    assert!(role.fake().webhooks().is_none(), "the platform sends webhooks after all");
    assert_eq!(role.read(&BTreeMap::new(), b"{}"), Err(WebhookRefused::Unsupported));
    assert!(role.fake().hooks().is_none(), "the platform can be asked to call after all");
    assert_eq!(role.subscribe(&address("ours")).await.unwrap_err().kind, ErrorKind::Unsupported);
}
