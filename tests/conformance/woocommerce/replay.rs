//! One shop like the recorded one, and the comparison of what it answers with what was recorded.

use std::collections::BTreeSet;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fakes::woocommerce::{ApiKey, WooFake, WooShop};
use fakes::{Base, Call, FakeServer, Listener, SimClock};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;
use sha2::Sha256;

use crate::captures::{Capture, Captures};
use crate::client::{Answer, send};
use crate::compare::differences;

const HOOK_SECRET: &str = "hook-secret-1";

pub struct Replay {
    pub captures: Captures,
    pub shop: WooFake,
    /// Where webhooks go instead of the recorder's own port.
    pub receiver_url: String,
    pub receiver: Option<FakeServer>,
    /// Whether ids are compared.
    pub ids: bool,
    replayed: BTreeSet<String>,
    partly: Vec<(String, String)>,
    differences: Vec<String>,
}

impl Replay {
    /// The shop of `store-a.json`: its products under its ids, with the stock that the recordings imply.
    pub async fn of_store_a(captures: Captures) -> Self {
        let replay = Self::fresh(captures, false).await;
        replay.at("2026-11-21T20:51:09Z");
        let store = replay.captures.json("store-a");
        let price = |cents: i64| Decimal::new(cents, 2);
        let shop = &replay.shop;
        let hoodie;
        let added = [
            ("TEE-RED-M", shop.add_product("TEE-RED-M", "Red Tee M", price(1990), 50)),
            ("TEE-BLU-L", shop.add_product("TEE-BLU-L", "Blue Tee L", price(2150), 30)),
            ("MUG-01", shop.add_product("MUG-01", "Mug", price(999), 100)),
            ("CAP-OOS", shop.add_product("CAP-OOS", "Cap (out of stock)", price(1400), 0)),
            ("POSTER-A2", shop.add_product("POSTER-A2", "Poster A2", price(1250), 25)),
            ("HOODIE", {
                hoodie = shop.add_unmanaged_product("HOODIE", "Hoodie", price(3900));
                hoodie
            }),
            ("HOODIE-S", shop.add_variation(hoodie, "HOODIE-S", ("Size", "S"), price(3900), 15)),
            ("HOODIE-XL", shop.add_variation(hoodie, "HOODIE-XL", ("Size", "XL"), price(4200), 15)),
        ];
        for (sku, id) in added {
            assert_eq!(store["products"][sku], id);
        }
        replay
    }

    /// A shop without products, with the recorded address and keys.
    pub async fn fresh(captures: Captures, older: bool) -> Self {
        let store = captures.json(if older { "store-b" } else { "store-a" });
        let text = |name: &str| store[name].as_str().unwrap().to_owned();
        let keys = vec![
            ApiKey { key: text("consumer_key"), secret: text("consumer_secret"), may_write: true },
            ApiKey { key: text("ro_key"), secret: text("ro_secret"), may_write: false },
        ];
        let clock = SimClock::starting_at("2026-11-21T20:51:09Z".parse().unwrap());
        let mut shop = WooShop::new().home(&text("home")).keys(keys).clock(clock).behind_tls();
        if older {
            shop = shop.version_9_4();
        }
        Self {
            captures,
            shop: shop.start().await.unwrap(),
            receiver_url: String::new(),
            receiver: None,
            ids: true,
            replayed: BTreeSet::new(),
            partly: Vec::new(),
            differences: Vec::new(),
        }
    }

    pub fn at(&self, now: &str) {
        self.shop.clock().set(now.parse().unwrap());
    }

    pub async fn all(&mut self, names: &[&str]) {
        for name in names {
            let capture = self.captures.read(name);
            let answer = self.ask(&capture).await;
            self.compare(name, &capture, &answer);
            self.replayed.insert((*name).to_owned());
        }
    }

    /// For recordings of another state: only the status can be compared.
    pub async fn status_only(&mut self, name: &str, why: &str) -> Value {
        let capture = self.captures.read(name);
        let answer = self.ask(&capture).await;
        assert_eq!(answer.status, capture.status, "{name}");
        self.partly(name, why);
        answer.json()
    }

    pub fn partly(&mut self, name: &str, why: &str) {
        self.replayed.insert(name.to_owned());
        self.partly.push((name.to_owned(), why.to_owned()));
    }

    async fn ask(&mut self, capture: &Capture) -> Answer {
        self.shop.clock().set(moment_of(capture));
        let mut headers = capture.headers.clone();
        let keys = |replay: &Self| {
            let store = replay.captures.json("store-a");
            let text = |name: &str| store[name].as_str().unwrap().to_owned();
            match capture.auth.as_deref() {
                Some("rw") => Some((replay.shop.key(), replay.shop.secret())),
                Some("ro") => Some((text("ro_key"), text("ro_secret"))),
                Some("bad") => Some((text("consumer_key"), "cs_wrong".to_owned())),
                _ => None,
            }
        };
        if let Some((key, secret)) = keys(self) {
            headers.push((
                "Authorization".to_owned(),
                format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:{secret}"))),
            ));
        }
        let body = capture.body.as_ref().map(|body| body.replace("http://127.0.0.1:9099", &self.receiver_url));
        send(self.shop.url(), &capture.method, &capture.target, &headers, body.as_deref()).await.unwrap()
    }

    fn compare(&mut self, name: &str, capture: &Capture, answer: &Answer) {
        if answer.status != capture.status {
            self.differences
                .push(format!("{name}: recorded {}, answered {}: {}", capture.status, answer.status, answer.text));
            return;
        }
        // Ids of notes count the notes of every order, and those of later recordings other orders.
        let ids = self.ids && !capture.target.contains("/notes");
        let answered: Value =
            serde_json::from_str(&answer.text.replace(&self.receiver_url_or_never(), "http://127.0.0.1:9099"))
                .unwrap_or_else(|_| Value::String(answer.text.clone()));
        for difference in differences(&capture.answer, &answered, ids) {
            self.differences.push(format!("{name}{difference}"));
        }
        for header in ["X-WP-Total", "X-WP-TotalPages", "Retry-After", "Location"] {
            let recorded = capture.answer_header(header).filter(|_| ids || header != "Location");
            if recorded.is_some() && recorded != answer.header(header) {
                self.differences
                    .push(format!("{name} {header}: recorded {recorded:?}, answered {:?}", answer.header(header)));
            }
        }
        let next = |link: Option<&str>| link.is_some_and(|link| link.contains("rel=\"next\""));
        if next(capture.answer_header("Link")) != next(answer.header("Link")) {
            self.differences.push(format!("{name} Link: {:?}", answer.header("Link")));
        }
    }

    fn receiver_url_or_never(&self) -> String {
        if self.receiver_url.is_empty() { "http://never.invalid".to_owned() } else { self.receiver_url.clone() }
    }

    /// Headers, body and signature of one delivery.
    pub fn compare_delivery(&mut self, name: &str, call: &Call) {
        let recorded = self.captures.json(name);
        for (header, value) in recorded["headers"].as_object().unwrap() {
            let own = ["Host", "Connection", "Content-Length", "Accept", "Accept-Encoding", "X-WC-Webhook-Delivery-ID"];
            if own.contains(&header.as_str()) || header == "X-WC-Webhook-Signature" {
                continue;
            }
            if call.header(header) != value.as_str() {
                self.differences.push(format!("{name} {header}: recorded {value}, sent {:?}", call.header(header)));
            }
        }
        let signed = recorded["headers"].get("X-WC-Webhook-Signature").is_some();
        let expected = signed.then(|| signature(&call.body));
        assert_eq!(call.header("x-wc-webhook-signature"), expected.as_deref(), "{name}");
        let sent = call.json().unwrap_or_else(|| String::from_utf8_lossy(&call.body).into_owned().into());
        for difference in differences(&recorded["body"], &sent, true) {
            self.differences.push(format!("{name}{difference}"));
        }
        self.replayed.insert(name.to_owned());
    }

    /// The recorder kept some bodies byte for byte: our reading of the signature holds for them.
    pub fn check_recorded_signatures(&self) {
        let kept = ["order-created", "order-updated-after-create", "order-updated-completed-with-tracking"];
        for name in kept.into_iter().chain(["product-updated-stock"]) {
            let recorded = self.captures.json(&format!("webhooks/{name}"));
            let raw = self.captures.bytes(&format!("webhooks/{name}.raw"));
            assert_eq!(recorded["headers"]["X-WC-Webhook-Signature"], signature(&raw), "{name}");
        }
    }

    pub async fn deliver(&self) {
        self.shop.deliver_webhooks().await;
    }

    /// Creates an order that has no recording; returns its id.
    pub async fn create(&mut self, order: &Value) -> u64 {
        let answer = self.post("/orders", order).await.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_u64().unwrap()
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Option<Answer> {
        let target = format!("/wp-json/wc/v3{path}");
        send(self.shop.url(), "POST", &target, &self.basic(), Some(&body.to_string())).await
    }

    pub async fn get(&self, target: &str) -> Value {
        send(self.shop.url(), "GET", target, &self.basic(), None).await.unwrap().json()
    }

    fn basic(&self) -> Vec<(String, String)> {
        let keys = BASE64_STANDARD.encode(format!("{}:{}", self.shop.key(), self.shop.secret()));
        vec![("Authorization".to_owned(), format!("Basic {keys}"))]
    }

    /// Adds what another shop was asked.
    pub fn take_over(&mut self, other: Self) {
        self.replayed.extend(other.replayed);
        self.differences.extend(other.differences);
    }

    /// Fails where an answer differed, or where a recording was forgotten.
    pub fn finish(self, not_replayed: &[(&str, &str)]) {
        let whole = self.replayed.len() - self.partly.len();
        println!("{whole} recordings replayed and compared whole");
        for (name, why) in &self.partly {
            println!("compared in part: {name}: {why}");
        }
        for (name, why) in not_replayed {
            println!("not replayed: {name}: {why}");
        }
        let forgotten: Vec<String> = self
            .captures
            .names()
            .into_iter()
            .filter(|name| !self.replayed.contains(name) && not_replayed.iter().all(|(left, _)| left != name))
            .collect();
        assert_eq!(forgotten, Vec::<String>::new(), "neither replayed nor named as left out");
        assert!(
            self.differences.is_empty(),
            "{} differences:\n{}",
            self.differences.len(),
            self.differences.join("\n")
        );
    }
}

/// When the recorded shop wrote what it answered: the fake's clock stands there.
fn moment_of(capture: &Capture) -> Timestamp {
    let date = |value: &Value| format!("{}Z", value.as_str()?).parse().ok();
    let body = &capture.answer;
    let written = (capture.method != "GET").then(|| {
        date(&body["date_modified_gmt"])
            .or_else(|| date(&body["date_created_gmt"]))
            .or_else(|| date(&body["create"][0]["date_created_gmt"]))
    });
    written.flatten().unwrap_or_else(|| {
        let header = capture.answer_header("Date").unwrap();
        jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).unwrap()
    })
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(HOOK_SECRET.as_bytes()).unwrap();
    mac.update(body);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// Takes webhooks; `/fail` answers 500.
pub async fn receiver() -> FakeServer {
    let router = Router::new()
        .route("/woo/{topic}", post(|| async { StatusCode::OK }))
        .route("/fail", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    let base = Base::new(SimClock::real(), |status| ("text/plain", status.to_string()));
    Listener::bind().await.unwrap().serve(router, base)
}
