//! What cannot be read is kept as it came, once.

use fakes::dynamo::Dynamo;
use storage::{Kept, PageRequest, UnreadableKey, UnreadableOrder};

use crate::samples::{connection, now};

fn unreadable(remote_id: Option<&str>, raw: &[u8]) -> UnreadableOrder {
    UnreadableOrder {
        connection: connection(),
        remote_id: remote_id.map(str::to_owned),
        raw: raw.to_vec(),
        cut: false,
        why: "eBay sent this order without `lineItems`.".into(),
        context: "`lineItems` is missing".into(),
        seen_at: now(),
    }
}

#[tokio::test]
async fn an_unreadable_order_is_kept_once_and_forgotten_when_it_reads_well() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let (named, nameless) =
        (unreadable(Some("12-345"), b"{\"orderId\":\"12-345\"}"), unreadable(None, &[0xff, 0xfe, 0]));
    assert_eq!(storage.orders.put_unreadable(&named).await.unwrap(), Kept::New);
    assert_eq!(storage.orders.put_unreadable(&nameless).await.unwrap(), Kept::New);
    dynamo.meter.reset();
    assert_eq!(storage.orders.put_unreadable(&named).await.unwrap(), Kept::Known);
    assert_eq!(storage.orders.put_unreadable(&nameless).await.unwrap(), Kept::Known);
    assert_eq!(dynamo.meter.write_units(), 0);

    let mut found = Vec::new();
    let mut page = PageRequest::first(1);
    loop {
        let list = storage.orders.unreadable(&connection(), &page).await.unwrap();
        found.extend(list.items);
        let Some(next) = list.next else { break };
        page = PageRequest::after(next, 1);
    }
    assert_eq!(found, [named, nameless.clone()]);

    storage.orders.remove_unreadable(&connection(), &UnreadableKey::of_remote_id("12-345")).await.unwrap();
    storage.orders.remove_unreadable(&connection(), &UnreadableKey::of_remote_id("12-345")).await.unwrap();
    let left = storage.orders.unreadable(&connection(), &PageRequest::first(9)).await.unwrap();
    assert_eq!((left.items, left.next), (vec![nameless], None));
}

#[tokio::test]
async fn the_same_order_unreadable_in_another_way_replaces_the_first() {
    let storage = Dynamo::new().storage();
    storage.orders.put_unreadable(&unreadable(Some("1"), b"{}")).await.unwrap();
    let newer = unreadable(Some("1"), b"{\"a\":1}");
    assert_eq!(storage.orders.put_unreadable(&newer).await.unwrap(), Kept::New);
    assert_eq!(storage.orders.unreadable(&connection(), &PageRequest::first(9)).await.unwrap().items, [newer]);
}

#[tokio::test]
async fn a_huge_one_is_cut_with_a_mark() {
    let storage = Dynamo::new().storage();
    // Bytes that do not compress: the worst case for the size of an item.
    let mut state = 1_u64;
    let raw: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    })
    .take(400_000)
    .collect();
    let huge = unreadable(Some("1"), &raw);
    assert_eq!(storage.orders.put_unreadable(&huge).await.unwrap(), Kept::New);
    assert_eq!(storage.orders.put_unreadable(&huge).await.unwrap(), Kept::Known);
    let kept = storage.orders.unreadable(&connection(), &PageRequest::first(9)).await.unwrap().items.remove(0);
    assert!(kept.cut);
    assert_eq!(kept.raw, raw[..256 * 1024]);
}
