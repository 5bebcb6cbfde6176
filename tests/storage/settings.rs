//! Connections, settings, cursors, health, and things that happen once.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use domain::{AccountId, ChannelSettings, ConnectionId, Platform, Revision};
use fakes::SimClock;
use fakes::dynamo::Dynamo;
use jiff::{SignedDuration, Timestamp};
use storage::{
    Attempt, Bucket, BucketTold, Connection, ConnectionState, Created, Cursor, Health, Idempotency, Role, Saved, Seen,
    Taken, TokenState,
};

use crate::samples::{connection, healthy, now};

fn connected(id: &str, role: Role, account: &str) -> Connection {
    Connection {
        id: ConnectionId::new(id).unwrap(),
        role,
        platform: Platform::new("ebay").unwrap(),
        name: "My shop".into(),
        account: AccountId::new(account).unwrap(),
        settings: BTreeMap::from([("marketplace".into(), "EBAY_US".into())]),
        probed: BTreeMap::new(),
        currency: None,
        state: ConnectionState::Active,
        created_at: now(),
        webhooks: None,
        version: 1,
    }
}

fn later(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn an_account_is_connected_once_and_there_is_one_main_store() {
    let storage = Dynamo::new().storage();
    let create = async |id, role, account| {
        storage.settings.create_connection(&connected(id, role, account), None).await.unwrap()
    };
    let id = |text| ConnectionId::new(text).unwrap();
    assert_eq!(create("a", Role::Channel, "seller").await, Created::Yes);
    assert_eq!(create("b", Role::Channel, "seller").await, Created::AccountConnected(id("a")));
    assert_eq!(create("c", Role::MainStore, "seller").await, Created::AccountConnected(id("a")));
    assert_eq!(create("d", Role::MainStore, "shop").await, Created::Yes);
    assert_eq!(create("e", Role::MainStore, "shop two").await, Created::MainStoreConnected(id("d")));
    // What was refused left nothing: its account is free.
    assert_eq!(create("f", Role::Channel, "shop two").await, Created::Yes);
    // The very same again, its answer lost.
    assert_eq!(create("a", Role::Channel, "seller").await, Created::Yes);
    let ids: Vec<_> = storage.settings.connections().await.unwrap().into_iter().map(|c| c.id.to_string()).collect();
    assert_eq!(ids, ["a", "d", "f"]);
}

#[tokio::test]
async fn of_two_who_connect_the_same_account_at_once_one_wins() {
    let dynamo = Dynamo::new();
    let (one, two) = (dynamo.storage(), dynamo.storage());
    let (a, b) = (connected("a", Role::MainStore, "shop"), connected("b", Role::MainStore, "shop"));
    let (first, second) =
        tokio::join!(one.settings.create_connection(&a, None), two.settings.create_connection(&b, None));
    let yes = [first.unwrap(), second.unwrap()].into_iter().filter(|created| *created == Created::Yes).count();
    assert_eq!((yes, one.settings.connections().await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_deleted_connection_frees_its_account_and_takes_all_of_its_own_along() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let (a, b) = (connected("a", Role::MainStore, "shop"), connected("b", Role::MainStore, "shop"));
    storage.settings.create_connection(&a, None).await.unwrap();
    storage.settings.record_success(&a.id, now()).await.unwrap();
    storage.settings.put_channel_settings(&a.id, &ChannelSettings::default(), 0).await.unwrap();
    storage.settings.delete_connection(&a).await.unwrap();
    let left: Vec<_> = dynamo.items("settings").iter().map(|item| item["sk"]["S"].clone()).collect();
    assert_eq!(left, ["FORMER#STORE"]);
    assert_eq!(storage.settings.create_connection(&b, None).await.unwrap(), Created::Yes);
    // Late, once more: what belongs to another by now stays.
    storage.settings.delete_connection(&a).await.unwrap();
    assert_eq!(storage.settings.connections().await.unwrap(), std::slice::from_ref(&b));
    let third = connected("c", Role::MainStore, "shop");
    assert_eq!(storage.settings.create_connection(&third, None).await.unwrap(), Created::AccountConnected(b.id));
}

#[tokio::test]
async fn an_account_that_was_connected_before_is_known_by_its_role_until_it_is_connected_again() {
    let storage = Dynamo::new().storage();
    let a = connected("a", Role::Channel, "seller");
    let former = async |role| storage.settings.former_connection(&a.platform, &a.account, role).await.unwrap();
    storage.settings.create_connection(&a, None).await.unwrap();
    storage.settings.take_cursor(&a.id, "w", later(1), now()).await.unwrap().unwrap();
    let read = Cursor { position: Some(now()), ..Cursor::default() };
    assert!(storage.settings.advance_cursor(&a.id, "w", &read).await.unwrap());
    assert_eq!(former(Role::Channel).await, None);
    storage.settings.delete_connection(&a).await.unwrap();
    assert_eq!((former(Role::Channel).await, former(Role::MainStore).await), (Some(a.id.clone()), None));
    storage.settings.create_connection(&a, None).await.unwrap();
    assert_eq!(former(Role::Channel).await, None);
    assert_eq!(storage.settings.polled_until(&a.id).await.unwrap(), Some(now()), "it is read on from there");
}

#[tokio::test]
async fn a_stale_change_of_a_connection_is_refused() {
    let storage = Dynamo::new().storage();
    let first = connected("a", Role::Channel, "seller");
    storage.settings.create_connection(&first, None).await.unwrap();
    let read = storage.settings.connection(&first.id).await.unwrap().unwrap();
    assert_eq!(read, first);
    let renamed = Connection { name: "Renamed".into(), ..read.clone() };
    assert_eq!(storage.settings.update_connection(&renamed).await.unwrap(), Saved::Yes(2));
    let stored = Connection { version: 2, ..renamed };
    let stale = Connection { name: "Other".into(), ..read };
    assert_eq!(storage.settings.update_connection(&stale).await.unwrap(), Saved::Stale(Box::new(stored.clone()), 2));
    assert_eq!(storage.settings.connection(&first.id).await.unwrap(), Some(stored));
    let nobody = connected("b", Role::Channel, "x");
    assert_eq!(storage.settings.update_connection(&nobody).await.unwrap(), Saved::Gone);
}

#[tokio::test]
async fn trouble_with_a_connection_is_news_once() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let id = connected("a", Role::Channel, "seller").id;
    storage.settings.create_connection(&connected("a", Role::Channel, "seller"), None).await.unwrap();
    let withdrawn =
        |since| ConnectionState::NeedsAttention { why: "Reconnect eBay: access was withdrawn".into(), since };
    dynamo.faults.on("*/settings/UpdateItem").drop_response(1);
    assert!(
        storage.settings.set_connection_state(&id, &withdrawn(now())).await.unwrap(),
        "even when the answer was lost"
    );
    assert!(!storage.settings.set_connection_state(&id, &withdrawn(later(1))).await.unwrap());
    assert!(storage.settings.set_connection_state(&id, &ConnectionState::Active).await.unwrap());
    assert!(!storage.settings.set_connection_state(&ConnectionId::new("x").unwrap(), &withdrawn(now())).await.unwrap());
    assert_eq!(storage.settings.connections().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_settings_conflict_shows_what_is_stored() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let id = connection();
    assert_eq!(storage.settings.channel_settings(&id).await.unwrap(), (ChannelSettings::default(), 0));
    let mine = ChannelSettings { skip_unpaid: true, ..ChannelSettings::default() };
    let theirs = ChannelSettings { keep_order_number: true, ..ChannelSettings::default() };
    dynamo.faults.on("*/settings/PutItem").drop_response(1);
    assert_eq!(storage.settings.put_channel_settings(&id, &mine, 0).await.unwrap(), Saved::Yes(1));
    let stale = storage.settings.put_channel_settings(&id, &theirs, 0).await.unwrap();
    assert_eq!(stale, Saved::Stale(Box::new(mine.clone()), 1));
    assert_eq!(storage.settings.put_channel_settings(&id, &theirs, 1).await.unwrap(), Saved::Yes(2));
    assert_eq!(storage.settings.channel_settings(&id).await.unwrap(), (theirs, 2));
}

#[tokio::test]
async fn a_second_poller_gets_no_cursor() {
    let storage = Dynamo::new().storage();
    let id = connection();
    let take = async |holder: &str, at: Timestamp| {
        let until = at + SignedDuration::from_mins(5);
        storage.settings.take_cursor(&id, holder, until, at).await.unwrap()
    };
    assert_eq!(take("a", now()).await, Some(Cursor::default()));
    assert_eq!(take("b", later(4)).await, None);
    let orders = [healthy(1, 1), healthy(2, 1)];
    let seen: HashSet<Seen> = orders.iter().map(|order| Seen::of(order.id, order.source.revision)).collect();
    let cursor = Cursor { position: Some(later(3)), seen, open: None };
    assert!(storage.settings.advance_cursor(&id, "a", &cursor).await.unwrap());
    assert_eq!(take("b", later(4)).await, Some(cursor.clone()));
    assert!(cursor.seen.contains(&Seen::of(orders[0].id, orders[0].source.revision)));
    assert!(!cursor.seen.contains(&Seen::of(orders[0].id, Revision(0))));
}

#[tokio::test]
async fn a_poller_past_its_lease_stores_nothing() {
    let storage = Dynamo::new().storage();
    let id = connection();
    storage.settings.take_cursor(&id, "a", later(5), now()).await.unwrap();
    assert!(storage.settings.take_cursor(&id, "b", later(10), later(5)).await.unwrap().is_some());
    let late = Cursor { position: Some(later(3)), ..Cursor::default() };
    assert!(!storage.settings.advance_cursor(&id, "a", &late).await.unwrap());
    storage.settings.release_cursor(&id, "a").await.unwrap();
    assert_eq!(storage.settings.take_cursor(&id, "c", later(11), later(6)).await.unwrap(), None);
    storage.settings.release_cursor(&id, "b").await.unwrap();
    assert_eq!(storage.settings.take_cursor(&id, "c", later(11), later(6)).await.unwrap(), Some(Cursor::default()));
}

#[tokio::test]
async fn a_cursor_is_advanced_even_when_the_answer_is_lost() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let id = connection();
    storage.settings.take_cursor(&id, "a", later(5), now()).await.unwrap();
    dynamo.faults.on("*/settings/UpdateItem").drop_response(1);
    let cursor = Cursor { position: Some(later(3)), ..Cursor::default() };
    assert!(storage.settings.advance_cursor(&id, "a", &cursor).await.unwrap());
    assert_eq!(storage.settings.cursor(&id).await.unwrap(), cursor);
}

#[tokio::test]
async fn order_numbers_are_given_out_once_to_all_takers() {
    let dynamo = Dynamo::new();
    let mut takers = tokio::task::JoinSet::new();
    for taker in 0..20 {
        let storage = dynamo.storage();
        takers.spawn(async move { storage.settings.take_numbers(1 + taker % 4).await.unwrap() });
    }
    let blocks = takers.join_all().await;
    let taken: usize = blocks.iter().map(|block| block.clone().count()).sum();
    let numbers: BTreeSet<u64> = blocks.into_iter().flatten().collect();
    assert_eq!((numbers.len(), numbers.first()), (taken, Some(&1)));
    // A lost answer costs numbers, never gives them twice.
    dynamo.faults.on("*/settings/UpdateItem").drop_response(1);
    let next = dynamo.storage().settings.take_numbers(5).await.unwrap();
    assert!(next.start > *numbers.last().unwrap() && next.clone().count() == 5);
}

#[tokio::test]
async fn health_tells_since_when_a_connection_has_not_answered() {
    let storage = Dynamo::new().storage();
    let id = connection();
    assert_eq!(storage.settings.health(&id).await.unwrap(), Health::default());
    storage.settings.record_success(&id, now()).await.unwrap();
    storage.settings.record_failure(&id, later(1), "eBay does not answer").await.unwrap();
    let failing = storage.settings.record_failure(&id, later(9), "eBay is down").await.unwrap();
    assert_eq!((failing.last_success, failing.failing_since), (Some(now()), Some(later(1))));
    assert_eq!(failing.last_failure, Some((later(9), "eBay is down".into())));
    storage.settings.pause(&id, later(20)).await.unwrap();
    storage.settings.pause(&id, later(15)).await.unwrap();
    storage.settings.record_success(&id, later(10)).await.unwrap();
    let healthy = storage.settings.health(&id).await.unwrap();
    assert_eq!((healthy.last_success, healthy.failing_since), (Some(later(10)), None));
    assert_eq!(healthy.paused_until, Some(later(20)), "the platform asked for it");
    storage.settings.record_failure(&id, later(11), "eBay is down").await.unwrap();
    storage.settings.record_waiting(&id, later(12), "It sells nothing.").await.unwrap();
    let waiting = storage.settings.health(&id).await.unwrap();
    assert_eq!((waiting.last_success, waiting.failing_since), (Some(later(12)), None));
    assert_eq!(waiting.waits.as_deref(), Some("It sells nothing."));
    storage.settings.record_success(&id, later(13)).await.unwrap();
    assert_eq!(storage.settings.health(&id).await.unwrap().waits, None);
}

#[tokio::test]
async fn of_many_hints_in_a_moment_one_counts() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let quiet = Duration::from_mins(1);
    let debounce = async |key: &str, at| storage.settings.debounce(key, at, quiet).await.unwrap();
    dynamo.faults.on("*/settings/PutItem").drop_response(1);
    assert!(debounce("a", now()).await, "even when the answer was lost");
    assert!(!debounce("a", now() + SignedDuration::from_secs(59)).await);
    assert!(debounce("b", now()).await);
    assert!(debounce("a", now() + SignedDuration::from_mins(1)).await);
}

#[tokio::test]
async fn a_request_with_an_idempotency_key_is_done_once() {
    let clock = SimClock::starting_at(now());
    let dynamo = Dynamo::at(clock.clone());
    let storage = dynamo.storage();
    let (minute, day) = (Duration::from_mins(1), Duration::from_hours(24));
    let attempt = |holder: &str| Attempt { key: "k".into(), request: "sync".into(), holder: holder.into() };
    let begin = async |holder: &str, at| storage.settings.begin_request(&attempt(holder), at, minute).await.unwrap();
    dynamo.faults.on("*/settings/PutItem").drop_response(1);
    assert_eq!(begin("a", now()).await, Idempotency::New, "even when the answer was lost");
    assert_eq!(begin("b", now()).await, Idempotency::Running);
    let other = Attempt { request: "send".into(), ..attempt("c") };
    let other = async || storage.settings.begin_request(&other, now(), minute).await.unwrap();
    assert_eq!(other().await, Idempotency::Other);
    storage.settings.abandon_request(&attempt("b")).await.unwrap();
    assert_eq!(begin("b", now()).await, Idempotency::Running, "only who holds it gives it up");
    storage.settings.abandon_request(&attempt("a")).await.unwrap();

    assert_eq!(begin("b", now()).await, Idempotency::New);
    // It died. The next one takes over, and what the dead one still says is not heard.
    assert_eq!(begin("c", later(1)).await, Idempotency::New);
    storage.settings.finish_request(&attempt("b"), "late", later(1), day).await.unwrap();
    assert_eq!(begin("d", later(1)).await, Idempotency::Running);
    dynamo.faults.on("*/settings/UpdateItem").drop_response(1);
    storage.settings.finish_request(&attempt("c"), "{\"ok\":true}", later(1), day).await.unwrap();
    storage.settings.abandon_request(&attempt("c")).await.unwrap();
    assert_eq!(begin("d", later(60 * 24)).await, Idempotency::Done("{\"ok\":true}".into()));
    assert_eq!(other().await, Idempotency::Other);
    assert_eq!(begin("d", later(60 * 24 + 1)).await, Idempotency::New);
    clock.set(later(60 * 24 * 3));
    dynamo.sweep_expired();
    assert!(dynamo.items("settings").is_empty());
}

#[tokio::test]
async fn an_oauth_state_counts_once_and_not_for_ever() {
    let storage = Dynamo::new().storage();
    let keep = Duration::from_mins(10);
    for state in ["a", "b"] {
        storage.settings.put_oauth_state(state, &"connection".to_owned(), now(), keep).await.unwrap();
    }
    assert_eq!(
        storage.settings.take_oauth_state::<String>("a", later(9)).await.unwrap(),
        Some("connection".to_owned())
    );
    assert_eq!(storage.settings.take_oauth_state::<String>("a", later(9)).await.unwrap(), None);
    assert_eq!(storage.settings.take_oauth_state::<String>("b", later(10)).await.unwrap(), None);
    assert_eq!(storage.settings.take_oauth_state::<String>("c", now()).await.unwrap(), None);
}

#[tokio::test]
async fn one_worker_refreshes_a_token() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let id = connection();
    let take = async |holder: &str, at| storage.settings.take_token_lease(&id, holder, later(5), at).await.unwrap();
    assert_eq!(take("a", now()).await, Some(TokenState::default()));
    assert_eq!(take("b", later(1)).await, None);
    dynamo.faults.on("*/settings/UpdateItem").drop_response(1);
    assert!(storage.settings.finish_token(&id, "a", later(120)).await.unwrap());
    let refreshed = TokenState { version: 1, expires_at: Some(later(120)) };
    assert_eq!(storage.settings.token(&id).await.unwrap(), refreshed);
    assert_eq!(take("b", later(1)).await, Some(refreshed));
    assert!(!storage.settings.finish_token(&id, "a", later(240)).await.unwrap());
    storage.settings.release_token(&id, "b").await.unwrap();
    assert!(take("c", later(2)).await.is_some());
}

#[tokio::test]
async fn all_functions_together_stay_within_a_budget() {
    let dynamo = Dynamo::new();
    let bucket = Bucket { name: "calls", capacity: 40, per_hour: 3600 };
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let storage = dynamo.storage();
        takers.spawn(async move { storage.settings.take_calls(&connection(), 10, bucket, now()).await.unwrap() });
    }
    let granted = takers.join_all().await.into_iter().filter(|taken| *taken == Taken::Yes).count();
    assert_eq!(granted, 4);
    let storage = dynamo.storage();
    let Taken::Wait(wait) = storage.settings.take_calls(&connection(), 10, bucket, now()).await.unwrap() else {
        panic!("empty")
    };
    let then = now().checked_add(wait).unwrap();
    assert_eq!(storage.settings.take_calls(&connection(), 10, bucket, then).await.unwrap(), Taken::Yes);
    assert_ne!(storage.settings.take_calls(&connection(), 10, bucket, then).await.unwrap(), Taken::Yes);
    // The platform knows better: how much is left, how much it holds, how fast that comes back.
    let told = BucketTold { at_most: Some(0), capacity: Some(5), per_hour: Some(60) };
    storage.settings.tell_calls(&connection(), bucket, told, then).await.unwrap();
    let Taken::Wait(wait) = storage.settings.take_calls(&connection(), 1, bucket, then).await.unwrap() else {
        panic!("empty")
    };
    assert_eq!(wait.as_secs(), 60);
    // Another allowance of the same connection is another bucket.
    let other = Bucket { name: "reports", ..bucket };
    assert_eq!(storage.settings.take_calls(&connection(), 40, other, then).await.unwrap(), Taken::Yes);
    // More than it ever holds: all it holds, or nobody could go on.
    assert_eq!(storage.settings.take_calls(&connection(), 1_000, bucket, later(660)).await.unwrap(), Taken::Yes);
}
