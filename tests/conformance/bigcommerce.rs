//! The BigCommerce fake against the vendor's own descriptions: what it answers, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails its test by panicking")]

use std::sync::LazyLock;

use fakes::SimClock;
use fakes::bigcommerce::{ACCESS_TOKEN, BigFake, BigStore, DESCRIPTIONS, HASH, Purchase};
use fakes::ebay::CATALOGUE;
use fakes::spec::{Reading, SpecSet};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// The client wants a TLS provider even for plain http.
static PROVIDER: LazyLock<()> = LazyLock::new(|| rustls::crypto::ring::default_provider().install_default().unwrap());

struct Caller {
    fake: BigFake,
    client: Client,
    specs: SpecSet,
    /// Departures of the answers.
    broken: Vec<String>,
}

impl Caller {
    async fn start() -> Self {
        LazyLock::force(&PROVIDER);
        let clock = SimClock::starting_at("2026-11-21T12:00:00Z".parse().unwrap());
        let fake = BigStore::new().clock(clock).currencies(&["USD", "EUR"]).start().await.unwrap();
        fake.stock_demo();
        let specs = SpecSet::load(&DESCRIPTIONS).unwrap();
        Self { fake, client: Client::new(), specs, broken: Vec::new() }
    }

    /// `path` from the version on; its answer is checked against the description of that call.
    async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let url = format!("{}/stores/{HASH}/{path}", self.fake.url());
        let mut request = self.client.request(method.clone(), url).header("X-Auth-Token", ACCESS_TOKEN);
        request = request.header("Accept", "application/json");
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        let described = format!("/stores/store_hash/{}", path.split('?').next().unwrap());
        // An empty list of version 2 is no list; the descriptions leave it out:
        // <https://developer.bigcommerce.com/docs/start/about/status-codes>.
        if status == StatusCode::NO_CONTENT {
            return (status, Value::Null);
        }
        let broken = self.specs.check_answer((&method, &described), status, &body, Reading::Received);
        self.broken.extend(broken.iter().map(|broken| format!("{method} {path} {status}: {broken}")));
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn get(&mut self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        if status != StatusCode::OK {
            self.broken.push(format!("GET {path} {status}: {body}"));
        }
        body
    }

    fn buy(&self, paid: bool) -> u64 {
        let address = json!({"first_name": "Ana", "last_name": "Doe", "street_1": "5 Elm St", "city": "San Francisco",
            "state": "California", "zip": "94016", "country": "United States", "country_iso2": "US", "email": "ana@example.test"});
        let price = |minor: i64| rust_decimal::Decimal::new(minor, 2);
        let purchase = Purchase {
            currency: "USD".to_owned(),
            sku: CATALOGUE[0].sku.to_owned(),
            quantity: 2,
            unit_price: price(1999),
            shipping: price(500),
            coupon: price(100),
            paid,
            address,
            message: "ring twice".to_owned(),
        };
        self.fake.place(&purchase).unwrap()
    }
}

#[tokio::test]
async fn every_kind_of_answer_is_as_described() {
    let mut caller = Caller::start().await;
    let (paid, unpaid) = (caller.buy(true), caller.buy(false));
    caller.fake.pack(paid, "1Z1", 1);
    caller.fake.refund(paid, Some(1));
    let inside = "include=consignments.line_items,fees&consignment_structure=object";
    let orders = caller.get(&format!("v2/orders?{inside}&sort=id")).await;
    let listed = orders.as_array().map(Vec::len);
    for order in [paid, unpaid] {
        caller.get(&format!("v2/orders/{order}?{inside}")).await;
    }
    for list in ["products", "taxes", "shipments"] {
        caller.get(&format!("v2/orders/{paid}/{list}")).await;
    }
    caller.get(&format!("v3/orders/{paid}/transactions")).await;
    caller.get(&format!("v3/orders/{paid}/payment_actions/refunds")).await;
    caller.get("v2/store").await;
    caller.get("v3/catalog/products?include=variants").await;
    let hook =
        json!({"scope": "store/order/*", "destination": "https://api.test/hook", "is_active": true, "headers": {}});
    let (status, _) = caller.call(Method::POST, "v3/hooks", Some(hook)).await;
    assert!(status.is_success(), "{status}");
    caller.get("v3/hooks").await;
    let (status, _) = caller.call(Method::GET, "v2/orders/999999", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = caller.call(Method::GET, "v2/orders?min_id=999999", None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(caller.broken.is_empty(), "{:#?}", caller.broken);
    assert_eq!(listed, Some(2));
    assert!(caller.fake.violations().is_empty(), "{:#?}", caller.fake.violations());
    for (call, uses) in caller.fake.coverage().into_iter().filter(|(_, uses)| uses.requests > 0) {
        println!("{call}: {} requests", uses.requests);
    }
}

#[tokio::test]
async fn what_the_descriptions_refuse_is_refused() {
    let mut caller = Caller::start().await;
    let order = caller.buy(true);
    let bodies = [
        (Method::POST, "v2/orders".to_owned(), json!({"products": "none"})),
        (Method::POST, format!("v2/orders/{order}/shipments"), json!({"items": []})),
        (Method::POST, "v3/hooks".to_owned(), json!({"scope": 5})),
        (Method::POST, "v3/inventory/adjustments/relative".to_owned(), json!({"items": [{"quantity": "one"}]})),
    ];
    for (method, path, body) in bodies {
        let (status, answer) = caller.call(method, &path, Some(body)).await;
        assert!(status.is_client_error(), "{path} {status}: {answer}");
    }
    let before = caller.fake.violations().len();
    let (status, _) = caller.call(Method::GET, "v2/orders?min_date=yesterday", None).await;
    if caller.specs.is_present() {
        assert!(status.is_client_error(), "{status}");
        assert_eq!(caller.fake.violations().len(), before + 1);
    }
    let unauthorised = format!("{}/stores/{HASH}/v2/store", caller.fake.url());
    let answer = caller.client.get(unauthorised).header("X-Auth-Token", "wrong").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}
