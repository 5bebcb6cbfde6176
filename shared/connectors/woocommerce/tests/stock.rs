//! Moving stock: the shop adds the difference itself. `inventory_delta` is read as WooCommerce's own code reads it
//! (`prepare_object_for_database` of the products and variations controllers), which its documentation does not name.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside #[test] functions are tests too")]

mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::put;
use axum::{Json, Router};
use connect::{Effect, ErrorKind, MainStore, StockMove};
use connector_woocommerce::WooCommerce;
use domain::ProductId;
use fakes::{Base, FakeServer, Listener, SimClock};
use serde_json::{Value, json};

/// id -> `manage_stock` and the stock that it has itself.
type Shelf = Arc<Mutex<BTreeMap<u64, (Value, Option<i64>)>>>;

async fn put_product(State(shelf): State<Shelf>, Path(id): Path<u64>, Json(body): Json<Value>) -> impl IntoResponse {
    written(&shelf, id, None, &body)
}

async fn put_variation(
    State(shelf): State<Shelf>,
    Path((parent, id)): Path<(u64, u64)>,
    Json(body): Json<Value>,
) -> impl IntoResponse {
    written(&shelf, id, Some(parent), &body)
}

fn written(shelf: &Shelf, id: u64, parent: Option<u64>, body: &Value) -> impl IntoResponse + use<> {
    let mut shelf = shelf.lock().unwrap();
    let parents = parent.and_then(|parent| shelf.get(&parent)).and_then(|(_, stock)| *stock);
    let Some((managed, stock)) = shelf.get_mut(&id) else {
        let refusal =
            json!({"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 400}});
        return (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], refusal.to_string());
    };
    let shared = managed.as_str() == Some("parent");
    if *managed != json!(false) {
        // A variation that shares its product's stock starts from that and writes its own, which nobody reads.
        let from = if shared { parents } else { *stock };
        *stock = Some(from.unwrap_or(0) + body["inventory_delta"].as_i64().unwrap_or(0));
    }
    let shown = if shared { parents } else { *stock };
    let answer = json!({"id": id, "manage_stock": managed, "stock_quantity": shown});
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], answer.to_string())
}

async fn shop() -> (FakeServer, Shelf, WooCommerce) {
    let shelf: Shelf = Arc::new(Mutex::new(BTreeMap::from([
        (10, (json!(true), Some(50))),
        (11, (json!(false), None)),
        (15, (json!(true), Some(30))),
        (16, (json!(true), Some(7))),
        (17, (json!("parent"), None)),
    ])));
    let router = Router::new()
        .route("/wp-json/wc/v3/products/{id}", put(put_product))
        .route("/wp-json/wc/v3/products/{parent}/variations/{id}", put(put_variation))
        .with_state(Arc::clone(&shelf));
    let base = Base::new(SimClock::real(), |status| ("text/html", status.to_string()));
    let server = Listener::bind().await.unwrap().serve(router, base);
    let config = support::config(server.url(), "", "ck", "cs", BTreeMap::new());
    let store = WooCommerce::new(&config, support::http()).unwrap();
    (server, shelf, store)
}

fn by(product: &str, delta: i64) -> StockMove {
    StockMove { product: ProductId::new(product).unwrap(), delta, key: "key".to_owned() }
}

#[tokio::test]
async fn stock_moves_by_the_difference_in_one_call() {
    let (server, _, store) = shop().await;
    assert_eq!(store.move_stock(&by("10", -2)).await.unwrap().quantity, Some(48));
    assert_eq!(store.move_stock(&by("10", 1)).await.unwrap().quantity, Some(49));
    assert_eq!(store.move_stock(&by("15/16", -3)).await.unwrap().quantity, Some(4));
    assert_eq!(server.calls().all().len(), 3);
}

#[tokio::test]
async fn a_variation_that_shares_its_products_stock_moves_that() {
    let (_server, shelf, store) = shop().await;
    assert_eq!(store.move_stock(&by("15/17", -2)).await.unwrap().quantity, Some(28));
    assert_eq!(shelf.lock().unwrap()[&15].1, Some(28));
}

#[tokio::test]
async fn stock_that_is_not_managed_does_not_move() {
    let (_server, shelf, store) = shop().await;
    assert_eq!(store.move_stock(&by("11", -2)).await.unwrap().quantity, None);
    assert_eq!(shelf.lock().unwrap()[&11].1, None);
    let gone = store.move_stock(&by("4711", -2)).await.unwrap_err();
    assert_eq!((gone.kind, gone.effect), (ErrorKind::NotFound, Effect::None));
    assert_eq!(store.move_stock(&by("gid://shopify/1", -2)).await.unwrap_err().effect, Effect::None);
}

#[tokio::test]
async fn an_unanswered_move_is_in_doubt() {
    let (server, shelf, store) = shop().await;
    server.faults().drop_response(1);
    assert_eq!(store.move_stock(&by("10", -2)).await.unwrap_err().effect, Effect::Possible);
    assert_eq!(shelf.lock().unwrap()[&10].1, Some(48));
}
