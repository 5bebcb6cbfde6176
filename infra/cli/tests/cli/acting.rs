//! `link`, `sync`, `send`: what changes something, by ringing for it.

use app::Job;
use domain::trace::NotImported;
use domain::{Cancel, ConnectionId, ImportState, ListingKey, OrderId, ProductId};
use serde_json::json;

use crate::served::Served;
use crate::support::orders::{order, stored};

#[tokio::test(flavor = "multi_thread")]
async fn link_by_hand_rings_for_the_orders_that_waited() {
    let (served, channel) = Served::with_channel().await;
    let storage = &served.world.app.storage;
    let waiting = stored(storage, order(&channel, 1, "2026-11-18T09:00:00Z")).await;
    storage.links.wait(waiting, &channel, &[ListingKey::listing("4711", Some("blue"))]).await.unwrap();
    let linked = served.prints(&["link", "My market-1", "id:4711/blue", "10=2:3", "11"]);
    assert_eq!(linked, "id:4711/blue is linked. 1 order that waited is looked at again.\n");
    let (mug, cup) = (ProductId::new("10").unwrap(), ProductId::new("11").unwrap());
    assert_eq!(served.world.queue.take(), [Job::import(waiting), Job::stock(mug, None), Job::stock(cup, None)]);
    let made = served.json(&["link", "market-1", "id:4711/blue", "10=2", "--tax-rate", "700"]);
    let target = json!({ "product": "10", "quantity": 2, "weight": 1 });
    assert_eq!(made["link"], json!({ "listing": "id:4711/blue", "targets": [target], "tax_rate": 700 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_cannot_be_is_told_with_the_problems_sentence_and_field() {
    let (served, _) = Served::with_channel().await;
    let refused = served.refused(&["link", "market-1", "sku:MUG", "99"]);
    assert_eq!(refused, "Unprocessable Entity: The main store has no product 99. (targets)\n");
    let refused = served.refused(&["link", "market-1", "sku:MUG", "10=0"]);
    assert!(refused.starts_with("Unprocessable Entity: ") && refused.contains("(targets"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn link_by_sku_reports_what_stayed_open() {
    let (served, _) = Served::with_channel().await;
    let listing = |id: &str, sku| (id.to_owned(), sku);
    served.world.platforms.held.lock().unwrap().listings =
        vec![listing("1", Some("MUG")), listing("2", Some("NONE")), listing("3", None)];
    let report = served.prints(&["link", "market-1", "--by-sku"]);
    assert!(report.starts_with("1 linked now, 0 were linked before."), "{report}");
    for part in ["NONE", "No product of the main store has this SKU.", "Listing 3", "The listing has no SKU."] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert_eq!(served.json(&["link", "market-1", "--by-sku"])["already_linked"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn link_by_barcode_tells_in_the_platforms_words_why_it_cannot() {
    let (served, _) = Served::with_channel().await;
    served.world.platforms.held.lock().unwrap().fails = Some(connect::ErrorKind::Unauthorized);
    let refused = served.refused(&["link", "market-1", "--by-barcode"]);
    assert_eq!(refused, "Conflict: The platform does not answer.\n");
    assert_eq!(served.server.calls().to("POST */links/by-barcode").len(), 1, "a refusal is not tried again");
}

async fn failed_orders(served: &Served, channel: &ConnectionId, numbers: std::ops::Range<u64>) -> Vec<OrderId> {
    let mut ids = Vec::new();
    for number in numbers {
        let mut failed = order(channel, number, "2026-11-18T09:00:00Z");
        failed.import = ImportState::Failed { why: "Refused.".to_owned(), refused: true };
        ids.push(stored(&served.world.app.storage, failed).await);
    }
    ids
}

fn imports(served: &Served) -> Vec<Job> {
    let mut jobs = served.world.queue.take();
    jobs.sort_by_key(|job| format!("{job:?}"));
    jobs
}

fn expected(ids: &[OrderId]) -> Vec<Job> {
    let mut jobs: Vec<Job> = ids.iter().map(|id| Job::import(*id)).collect();
    jobs.sort_by_key(|job| format!("{job:?}"));
    jobs
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_rings_for_one_order_for_many_and_for_a_whole_tab() {
    let (served, channel) = Served::with_channel().await;
    let ids = failed_orders(&served, &channel, 1..4).await;
    let one = served.prints(&["sync", "CH-1"]);
    assert_eq!(one, format!("Queued; `tributary why {}` tells what comes of it.\n", ids[0]));
    assert_eq!(imports(&served), expected(&ids[..1]));
    let two = served.prints(&["sync", "CH-1", &ids[1].to_string(), "CH-1"]);
    assert_eq!(two, "2 of 2 orders queued.\n");
    assert_eq!(imports(&served), expected(&ids[..2]));
    assert_eq!(served.prints(&["sync", "--tab", "error"]), "3 of 3 orders queued.\n");
    assert_eq!(imports(&served), expected(&ids));
    assert_eq!(served.prints(&["sync", "--tab", "shipping"]), "0 of 0 orders queued.\n");
    let unknown = order(&channel, 9, "2026-11-18T09:00:00Z").id.to_string();
    assert_eq!(served.refused(&["sync", &unknown]), format!("Not Found: There is no order `{unknown}`.\n"));
    let partly = served.run(&["sync", &unknown, &ids[0].to_string()]);
    assert_eq!((partly.code, partly.err.as_str()), (1, "1 of 2 orders were not taken.\n"));
    assert!(partly.out.contains(&unknown) && partly.out.contains("There is no such order."), "{}", partly.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_of_more_orders_than_one_request_takes_is_synced_whole() {
    let (served, channel) = Served::with_channel().await;
    let ids = failed_orders(&served, &channel, 1..121).await;
    assert_eq!(served.prints(&["sync", "--tab", "error", "--channel", "market-1"]), "120 of 120 orders queued.\n");
    assert_eq!(imports(&served), expected(&ids));
    assert_eq!(served.server.calls().to("POST */orders/sync").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn send_imports_what_waits_and_says_of_each_other_why_not() {
    let (served, channel) = Served::with_channel().await;
    let storage = &served.world.app.storage;
    let waits = |number| {
        let mut waits = order(&channel, number, "2026-11-18T09:00:00Z");
        waits.import = ImportState::Waiting(NotImported::ImportIsOff);
        waits
    };
    let (first, second) = (stored(storage, waits(1)).await, stored(storage, waits(2)).await);
    let mut canceled = waits(3);
    canceled.source.cancel = Cancel::Canceled;
    let canceled = stored(storage, canceled).await;
    served.prints(&["send", "CH-1"]);
    assert_eq!(imports(&served), expected(&[first]));
    let refused = served.refused(&["send", "CH-3"]);
    assert_eq!(refused, "Conflict: The order was canceled on the channel before it was imported.\n");
    let unasked = served.run(&["send", "CH-2", "CH-3"]);
    assert_eq!((unasked.code, unasked.err.as_str()), (2, "2 orders would be sent; say so with --yes.\n"));
    assert!(imports(&served).is_empty());
    let partly = served.run(&["send", "CH-2", "CH-3", "--yes"]);
    assert_eq!((partly.code, partly.err.as_str()), (1, "1 of 2 orders were not taken.\n"));
    assert!(
        partly.out.starts_with("1 of 2 orders queued.") && partly.out.contains(&canceled.to_string()),
        "{}",
        partly.out
    );
    assert_eq!(imports(&served), expected(&[second]));
    let as_json = served.run(&["send", "CH-2", "CH-3", "--yes", "--json"]);
    let answered: serde_json::Value = serde_json::from_str(&as_json.out).unwrap();
    assert_eq!((as_json.code, &answered["results"][1]["answer"]), (1, &json!("refused")));
}
