//! Connecting and disconnecting by a process that dies anywhere: no secret and no webhook is left that nobody knows of.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use app::{ConnectionInput, ConnectionsError, ConsentInput};
use domain::ConnectionId;
use domain::status::{DotColor, dot};
use fakes::ebay::REFRESH_TOKEN;
use fakes::woocommerce::{WooFake, WooShop};
use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::json;
use storage::{Role, Webhooks};
use url::Url;

use crate::scenarios::order_2;
use crate::world::{Death, World, channel_input, credentials, mortal, store_input, working};

const HOOKS: &str = "https://tributary.example/v1/webhooks/";

/// More awaits than connecting has.
const MOST: u32 = 200;

async fn ids(world: &World) -> Vec<ConnectionId> {
    world.app.storage.settings.connections().await.unwrap().into_iter().map(|connection| connection.id).collect()
}

/// What the night does for connections.
async fn night(world: &World) {
    renew_connections::handle(&working::<{ renew_connections::WORK }>(&world.worker())).await.unwrap();
}

/// Two hours later and after a night: exactly the connections have credentials, and nothing is noted any more.
async fn assert_tidied(world: &World, when: &str) {
    world.advance(SignedDuration::from_hours(2));
    night(world).await;
    let mut connected = ids(world).await;
    connected.sort();
    assert_eq!(world.connectors.kept(), connected, "{when}");
    assert_eq!(world.app.storage.settings.noted_credentials(world.now()).await.unwrap(), [], "{when}");
}

/// The channel's account works, with the credentials that are kept for it.
async fn assert_works(world: &World, id: &ConnectionId) {
    let mut connection = world.app.storage.settings.connection(id).await.unwrap().unwrap();
    world.worker().test(&mut connection).await.unwrap();
}

fn consent(world: &World, reconnects: Option<&ConnectionId>) -> ConsentInput {
    let application = world.ebay.application();
    let mut connection = channel_input(&world.ebay);
    connection.settings.insert("ru_name".to_owned(), application.ru_name.clone());
    connection.credentials =
        credentials(&[("client_id", &application.client_id), ("client_secret", &application.client_secret)]);
    ConsentInput {
        connection,
        reconnects: reconnects.cloned(),
        redirect_uri: "https://tributary.example/v1/oauth/callback".parse().unwrap(),
        asked_by: "owner".to_owned(),
    }
}

/// What the browser brings back from the page.
fn answer(world: &World, page: &Url) -> BTreeMap<String, String> {
    let state = page.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    [("state".to_owned(), state), ("code".to_owned(), world.ebay.consent())].into()
}

async fn without_a_channel() -> World {
    let world = World::new().await;
    world.app.disconnect(&world.channel).await.unwrap();
    world
}

#[tokio::test]
async fn a_consent_that_nobody_answers_is_forgotten_by_the_night_and_not_before_its_time_is_over() {
    let world = without_a_channel().await;
    let page = world.app.ask_consent(consent(&world, None)).await.unwrap();
    night(&world).await;
    assert_eq!(world.connectors.kept().len(), ids(&world).await.len() + 1, "it may still be answered");
    let made = world.app.answer_consent(&answer(&world, &page.url)).await.unwrap();
    assert_tidied(&world, "answered").await;
    assert_works(&world, &made.id).await;

    world.app.ask_consent(consent(&world, Some(&made.id))).await.unwrap();
    assert_tidied(&world, "never answered").await;
    assert_works(&world, &made.id).await;
}

#[tokio::test]
async fn what_waits_when_its_channel_is_disconnected_goes_on_when_the_account_is_connected_again() {
    let world = World::new().await;
    for id in ["12-00002-00001", "12-00002-00002"] {
        world.ebay.place(order_2(id));
    }
    world.pass(SignedDuration::from_mins(5)).await;
    world.app.disconnect(&world.channel).await.unwrap();
    world.ebay.cancel("12-00002-00002");
    world.advance(SignedDuration::from_hours(48));

    let again = world.app.connect(channel_input(&world.ebay)).await.unwrap();
    assert_eq!(again.id, world.channel);
    assert_works(&world, &again.id).await;
    world.pass(SignedDuration::from_mins(10)).await;
    let held = world.app.storage.links.holds(&world.product("A")).await.unwrap();
    assert_eq!(held.iter().map(|hold| hold.units).sum::<u32>(), 1, "the canceled one holds nothing any more");
    world.link("X", "C", 1).await;
    world.drain().await;
    assert_eq!(world.woo.orders().len(), 1);
    assert_eq!(dot(&world.order("12-00002-00001").await).color, DotColor::Green);
    assert_eq!(world.woo.stock("A"), Some(49));
    world.assert_no_duplicates();
}

#[tokio::test]
async fn whoever_dies_while_asking_for_a_consent_leaves_no_secret() {
    let world = without_a_channel().await;
    for at in 1..MOST {
        let asked = mortal(Death(Some(at)), world.worker().ask_consent(consent(&world, None))).await;
        assert_tidied(&world, &format!("died at {at}")).await;
        if asked.is_some() {
            return;
        }
    }
    panic!("asking never ends");
}

#[tokio::test]
async fn whoever_dies_while_answering_a_consent_leaves_a_connection_that_works_or_no_secret() {
    let world = without_a_channel().await;
    let mut connected = 0;
    for at in 1..MOST {
        let page = world.app.ask_consent(consent(&world, None)).await.unwrap();
        let answered = mortal(Death(Some(at)), world.worker().answer_consent(&answer(&world, &page.url))).await;
        assert_tidied(&world, &format!("died at {at}")).await;
        let channel = ids(&world).await.into_iter().find(|id| *id != world.store);
        if let Some(id) = channel {
            connected += 1;
            assert_works(&world, &id).await;
            let (settings, _) = world.app.storage.settings.channel_settings(&id).await.unwrap();
            assert!(settings.inventory_sync_since.is_some(), "died at {at}: it began with its first settings");
            world.app.disconnect(&id).await.unwrap();
        }
        if answered.is_some() {
            assert!(connected > 1, "nobody died after it was connected");
            return;
        }
    }
    panic!("answering never ends");
}

#[tokio::test]
async fn whoever_dies_while_reconnecting_takes_no_secret_and_a_disconnecting_that_died_is_done_again() {
    let world = World::new().await;
    let id = world.channel.clone();
    for at in 1..MOST {
        let page = world.app.ask_consent(consent(&world, Some(&id))).await.unwrap();
        let by_page = mortal(Death(Some(at)), world.worker().answer_consent(&answer(&world, &page.url))).await;
        assert_tidied(&world, &format!("by a page, died at {at}")).await;
        assert_works(&world, &id).await;

        let application = world.ebay.application();
        let keys = credentials(&[
            ("client_id", &application.client_id),
            ("client_secret", &application.client_secret),
            ("refresh_token", REFRESH_TOKEN),
        ]);
        let by_keys = mortal(Death(Some(at)), world.worker().reconnect(&id, &keys)).await;
        assert_tidied(&world, &format!("by keys, died at {at}")).await;
        assert_works(&world, &id).await;
        if by_page.is_some() && by_keys.is_some() {
            break;
        }
    }
    for at in 1..MOST {
        let id = match ids(&world).await.into_iter().find(|id| *id != world.store) {
            Some(id) => id,
            None => world.app.connect(channel_input(&world.ebay)).await.unwrap().id,
        };
        let gone = mortal(Death(Some(at)), world.worker().disconnect(&id)).await;
        if ids(&world).await.contains(&id) {
            world.app.disconnect(&id).await.unwrap();
        }
        assert_tidied(&world, &format!("disconnecting, died at {at}")).await;
        if gone.is_some() {
            assert_eq!(ids(&world).await, std::slice::from_ref(&world.store));
            return;
        }
    }
    panic!("disconnecting never ends");
}

#[tokio::test]
async fn an_account_that_is_connected_again_while_another_disconnects_it_keeps_its_credentials() {
    let world = World::new().await;
    let mut again_before_the_end = 0;
    for steps in 0..MOST {
        let disconnector = world.worker();
        let mut disconnecting = pin!(disconnector.disconnect(&world.channel));
        let mut ended = false;
        for _ in 0..steps {
            if !ended {
                ended = poll_fn(|cx| Poll::Ready(disconnecting.as_mut().poll(cx).is_ready())).await;
            }
        }
        let again = world.worker().connect(channel_input(&world.ebay)).await;
        if ended {
            assert!(again_before_the_end > 0, "it was never connected again before the other had ended");
            return;
        }
        disconnecting.await.unwrap();
        match again {
            Ok(_) => again_before_the_end += 1,
            Err(ConnectionsError::AccountConnected(_)) => {
                world.app.connect(channel_input(&world.ebay)).await.unwrap();
            }
            Err(error) => panic!("{error}"),
        }
        assert_works(&world, &world.channel).await;
    }
    panic!("disconnecting never ends");
}

fn called(shop: &WooFake) -> ConnectionInput {
    ConnectionInput {
        role: Role::Channel,
        name: "The market".to_owned(),
        webhooks_at: Some(HOOKS.parse().unwrap()),
        ..store_input(shop)
    }
}

#[tokio::test]
async fn an_order_placed_in_the_very_second_of_the_connection_comes_in() {
    let world = World::new().await;
    let shop = WooShop::new().currency("GBP").clock(world.clock.clone()).start().await.unwrap();
    let cup = shop.add_product("CUP", "Cup", Decimal::new(500, 2), 5);
    world.advance(SignedDuration::from_millis(700));
    let id = world.app.connect(called(&shop)).await.unwrap().id;
    let placed = shop.place_checkout_order(&json!({
        "status": "processing", "payment_method": "card", "billing": {"first_name": "Ada", "country": "GB"},
        "line_items": [{"product_id": cup, "quantity": 1}],
    }));
    world.pass(SignedDuration::from_mins(5)).await;
    let orders = world.orders().await;
    let came: Vec<_> = orders.iter().map(|order| (&order.connection, order.source.id.to_string())).collect();
    assert_eq!(came, [(&id, placed.unwrap().to_string())]);
}

#[tokio::test]
async fn whoever_dies_while_connecting_leaves_no_webhook_that_the_night_and_a_disconnect_do_not_know() {
    let world = World::new().await;
    let shop = WooShop::new().currency("GBP").clock(world.clock.clone()).start().await.unwrap();
    let id = world.app.connect(called(&shop)).await.unwrap().id;
    let complete = shop.active_webhooks().len();
    assert!(complete > 0);
    world.app.disconnect(&id).await.unwrap();
    let (mut mended, mut taken_back) = (0, 0);
    for at in 1..MOST {
        let made = mortal(Death(Some(at)), world.worker().connect(called(&shop))).await;
        let left = shop.active_webhooks().len();
        let mut channels = ids(&world).await.into_iter().filter(|id| *id != world.store && *id != world.channel);
        let Some(id) = channels.next_back() else {
            assert_eq!(left, 0, "died at {at}: nobody would know of them");
            continue;
        };
        if at % 2 == 0 && made.is_none() {
            night(&world).await;
            assert_eq!(shop.active_webhooks(), vec![format!("{HOOKS}{id}"); complete], "died at {at}");
            let webhooks = world.app.storage.settings.connection(&id).await.unwrap().unwrap().webhooks.unwrap();
            assert_eq!((webhooks.url.as_str(), webhooks.why_not), (format!("{HOOKS}{id}").as_str(), None));
            mended += usize::from(left < complete);
        } else {
            taken_back += usize::from(left > 0);
        }
        world.app.disconnect(&id).await.unwrap();
        assert_eq!(shop.active_webhooks(), Vec::<String>::new(), "died at {at}");
        if made.is_some() {
            assert!(mended > 0 && taken_back > 1, "{mended} {taken_back}: nobody died in between");
            assert_tidied(&world, "in the end").await;
            return;
        }
    }
    panic!("connecting never ends");
}

#[tokio::test]
async fn webhooks_that_the_shop_switched_off_are_switched_on_again_at_night() {
    let world = World::new().await;
    let url: url::Url = "https://tributary.example/v1/webhooks/shop".parse().unwrap();
    let connections = world.app.storage.settings.connections().await.unwrap();
    let mut store = connections.into_iter().find(|connection| connection.role == Role::MainStore).unwrap();
    store.webhooks = Some(Webhooks { url: url.clone(), why_not: None });
    world.app.storage.settings.update_connection(&store).await.unwrap();
    night(&world).await;
    assert!(world.woo.active_webhooks().iter().all(|hook| hook == url.as_str()), "what was missing is there");
    let all = world.woo.active_webhooks().len();
    assert!(all > 0);
    world.woo.disable_webhooks();
    world.advance(SignedDuration::from_hours(24));
    night(&world).await;
    assert_eq!(world.woo.active_webhooks().len(), all);
}
