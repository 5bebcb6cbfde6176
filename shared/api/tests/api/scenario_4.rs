//! Scenario 4 as one merchant meets it, over the API: what cannot be switched on, and why. Its last part, (i), needs polls:
//! `tests/flows/first_listing.rs`.

use axum::body::Body;
use axum::http::Request;
use domain::ConnectionId;
use serde_json::{Value, json};
use storage::Role;

use crate::Answer;
use crate::support::World;
use crate::support::orders::{order, stored};

struct Document {
    settings: Value,
    offers: Value,
    etag: String,
}

impl Document {
    async fn of(world: &World, id: &ConnectionId) -> Self {
        let answer = world.get(&format!("/connections/{id}/settings")).await;
        let json = answer.ok(200);
        Self {
            settings: json["settings"].clone(),
            offers: json["offers"].clone(),
            etag: answer.header("etag").to_owned(),
        }
    }

    fn offer(&self, field: &str, value: Option<&str>) -> Value {
        let is_it = |offer: &&Value| offer["field"] == field && offer.get("value").and_then(Value::as_str) == value;
        self.offers.as_array().unwrap().iter().find(is_it).unwrap_or_else(|| panic!("{field}: {}", self.offers)).clone()
    }

    async fn put(&self, world: &World, id: &ConnectionId, change: impl FnOnce(&mut Value)) -> Answer {
        let mut settings = self.settings.clone();
        change(&mut settings);
        let request = Request::builder().method("PUT").uri(format!("/connections/{id}/settings"));
        let request = request.header("if-match", &self.etag).body(Body::from(settings.to_string())).unwrap();
        world.send(request).await
    }
}

fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn scenario_4_a_to_h_what_cannot_be_switched_on_says_why() {
    let world = World::new();
    let shop = world.connected("shop-1", "shop", Role::Channel).await;
    let market = world.connected("market-1", "market", Role::Channel).await;
    let store = world.connected("store-1", "shop", Role::MainStore).await;

    // (a) and (b): import needs inventory sync, in either order of switching.
    let both_off = |settings: &mut Value| {
        settings["auto_import"] = json!("off");
        settings["inventory_sync"] = json!(false);
    };
    Document::of(&world, &shop).await.put(&world, &shop, both_off).await.ok(200);
    let on = |settings: &mut Value| settings["auto_import"] = json!("linked");
    let problem = Document::of(&world, &shop).await.put(&world, &shop, on).await.problem(422);
    assert_eq!(fields(&problem), ["inventory_sync"]);
    let both_on = |settings: &mut Value| {
        settings["auto_import"] = json!("linked");
        settings["inventory_sync"] = json!(true);
    };
    Document::of(&world, &shop).await.put(&world, &shop, both_on).await.ok(200);
    let off = |settings: &mut Value| settings["inventory_sync"] = json!(false);
    let problem = Document::of(&world, &shop).await.put(&world, &shop, off).await.problem(422);
    assert_eq!(fields(&problem), ["inventory_sync"]);

    // (c) 100 % of tax is none; 20 % is.
    let rate = |points: u32| {
        move |settings: &mut Value| settings["tax"]["rates"] = json!([{ "basis_points": points, "label": "VAT" }])
    };
    let problem = Document::of(&world, &shop).await.put(&world, &shop, rate(10_000)).await.problem(422);
    assert_eq!(fields(&problem), ["tax.rates[0].basis_points"]);
    Document::of(&world, &shop).await.put(&world, &shop, rate(2000)).await.ok(200);

    // A custom rate is offered only where the channel may leave the tax unknown (R2).
    let told = Document::of(&world, &market).await;
    assert_eq!(told.offer("tax.rates", None)["offered"], false);
    let problem = told.put(&world, &market, rate(2000)).await.problem(422);
    assert_eq!(fields(&problem), ["tax.rates"]);
    assert_eq!(problem["errors"][0]["detail"], told.offer("tax.rates", None)["reason"]);

    // (e) a channel of paid orders only.
    assert_eq!(told.offer("skip_unpaid", None)["offered"], false);
    let skip = |settings: &mut Value| settings["skip_unpaid"] = json!(true);
    assert_eq!(fields(&told.put(&world, &market, skip).await.problem(422)), ["skip_unpaid"]);
    Document::of(&world, &shop).await.put(&world, &shop, skip).await.ok(200);

    // (f) keeping the channel's number depends on the store; and (h) nothing is overwritten unseen.
    let keep = |settings: &mut Value| settings["keep_order_number"] = json!(true);
    let before = Document::of(&world, &shop).await;
    assert_eq!(before.offer("keep_order_number", None)["offered"], false);
    assert_eq!(fields(&before.put(&world, &shop, keep).await.problem(422)), ["keep_order_number"]);
    let newer = before.put(&world, &shop, |settings| settings["send_when"] = json!("paid")).await.ok(200);
    let problem = before.put(&world, &shop, |settings| settings["send_when"] = json!("committed")).await.problem(409);
    assert_eq!((&problem["settings"], &problem["version"]), (&newer["settings"], &newer["version"]));

    world.app.disconnect(&store).await.unwrap();
    let store = world.connected("store-2", "number-shop", Role::MainStore).await;
    let numbers = Document::of(&world, &shop).await;
    assert_eq!(numbers.offer("keep_order_number", None)["offered"], true);
    numbers.put(&world, &shop, keep).await.ok(200);
    let prefix = |settings: &mut Value| settings["order_number_prefix"] = json!("FROM-THE-SHOP-");
    let problem = Document::of(&world, &shop).await.put(&world, &shop, prefix).await.problem(422);
    assert_eq!(fields(&problem), ["order_number_prefix"], "too long for the store with the channel's own number");
    let back = |settings: &mut Value| settings["keep_order_number"] = json!(false);
    Document::of(&world, &shop).await.put(&world, &shop, back).await.ok(200);

    // (d) a store that holds no lines of text.
    world.app.disconnect(&store).await.unwrap();
    world.connected("store-3", "plain-shop", Role::MainStore).await;
    let plain = Document::of(&world, &shop).await;
    let all = plain.offer("auto_import", Some("all"));
    assert_eq!(all["offered"], false);
    let problem = plain.put(&world, &shop, |settings| settings["auto_import"] = json!("all")).await.problem(422);
    assert_eq!((fields(&problem), &problem["errors"][0]["detail"]), (vec!["auto_import"], &all["reason"]));
    let mixed = stored(&world.app.storage, order(&shop, 1, "2026-11-18T09:00:00Z")).await;
    let refused = world.post("/orders/send", &json!({ "ids": [mixed] })).await.json();
    let why = refused["results"][0]["why"].as_str().unwrap_or_else(|| panic!("{refused}"));
    assert!(why.contains(all["reason"].as_str().unwrap()), "{why}");

    // (g) platforms without orders are listed, with the reason.
    let platforms = world.get("/platforms").await.ok(200);
    for name in ["google-shopping", "facebook-shops"] {
        let listed = platforms["platforms"].as_array().unwrap().iter().find(|p| p["platform"] == name).unwrap();
        assert_eq!(listed["syncable"], false);
        assert!(listed["reason"].as_str().unwrap().contains("no orders"), "{listed}");
    }
    world.assert_no_platform_changed();
}
