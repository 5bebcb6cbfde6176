//! Accounts and links by hand: everything that the API's role must allow beside the flows.

use fakes::woocommerce::WooShop;
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::json;

use crate::stage::{on_stage, woocommerce};

#[test]
fn an_account_is_connected_once_linked_by_hand_and_forgotten_when_disconnected() {
    on_stage(async |stage| {
        let shop = WooShop::new().currency("GBP").start().await.unwrap();
        shop.add_product("CUP", "Cup", Decimal::new(500, 2), 5);
        let connection = woocommerce("channel", "The fair", &shop);
        let made = stage.call(Method::POST, "/connections", Some(&connection)).await;
        assert_eq!(made.status, 201, "{}", made.json);
        let id = made.json["id"].as_str().unwrap();
        let again = stage.call(Method::POST, "/connections", Some(&connection)).await;
        assert_eq!((again.status, &again.json["connection_id"]), (409, &json!(id)), "{}", again.json);

        let product = stage.shop_tea.to_string();
        let link = json!({"listing": "sku:CUP", "targets": [{"product": product, "quantity": 2, "weight": 1}]});
        let links = format!("/connections/{id}/links");
        let linked = stage.call(Method::POST, &links, Some(&link)).await;
        assert_eq!(linked.status, 201, "{}", linked.json);
        assert_eq!(stage.get(&links).await["links"].as_array().unwrap().len(), 1);
        let unlinked = stage.call(Method::DELETE, &format!("{links}/sku:CUP"), None).await;
        assert_eq!(unlinked.status, 204, "{}", unlinked.json);
        assert_eq!(stage.get(&links).await["links"], json!([]));

        let credentials = json!({"credentials": connection["credentials"]});
        let back = stage.call(Method::POST, &format!("/connections/{id}/reconnect"), Some(&credentials)).await;
        assert_eq!((back.status, &back.json["state"]), (200, &json!("active")), "{}", back.json);

        let path = format!("/connections/{id}");
        let gone = stage.call(Method::DELETE, &path, None).await;
        assert_eq!(gone.status, 204, "{}", gone.json);
        assert_eq!(stage.call(Method::GET, &path, None).await.status, 404);
        let connected = stage.get("/connections").await;
        assert_eq!(connected["connections"].as_array().unwrap().len(), 3, "{connected}");

        let once_more = stage.call(Method::POST, "/connections", Some(&connection)).await;
        assert_eq!((once_more.status, &once_more.json["id"]), (201, &json!(id)), "{}", once_more.json);
        assert_eq!(stage.call(Method::DELETE, &path, None).await.status, 204);
    });
}
