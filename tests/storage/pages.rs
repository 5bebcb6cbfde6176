//! Day pages and their log: what is written is read, a newer page is never replaced by an older one, nothing is half there.

use std::collections::BTreeMap;

use domain::row::OrderRow;
use fakes::dynamo::Dynamo;
use jiff::civil::{Date, date};
use serde_json::json;
use storage::{ErrorKind, Month, Rebuild, Storage, WordsAre};

use crate::samples::{at, ebay_source, now, received};

const DAY: Date = date(2026, 11, 18);

fn rows(count: u64) -> Vec<OrderRow> {
    let row = |number: u64| {
        let mut source = ebay_source(number, 1 + number % 4);
        source.created_at += jiff::SignedDuration::from_secs(i64::try_from(number).unwrap());
        source.id = domain::ChannelOrderId::new(format!("{}/{number}", source.id)).unwrap();
        OrderRow::of(&domain::Order { number, ..received(source) }, true)
    };
    let mut rows: Vec<OrderRow> = (0..count).map(row).collect();
    rows.sort_by_key(|row| row.id);
    rows
}

async fn written(storage: &Storage, version: u64, rows: &[OrderRow]) -> Month {
    let mut month = storage.pages.month(DAY).await.unwrap();
    let entry = storage.pages.write_day(DAY, version, rows, WordsAre::Changed).await.unwrap();
    month.days.insert(DAY, entry);
    storage.pages.put_month(&month).await.unwrap();
    storage.pages.month(DAY).await.unwrap()
}

#[tokio::test]
async fn a_day_is_read_as_it_was_written_however_many_parts_it_needs() {
    for count in [0, 1, 40, 12_000] {
        let storage = Dynamo::new().storage();
        let rows = rows(count);
        let month = written(&storage, 7, &rows).await;
        let read = storage.pages.rows(&month, &[DAY]).await.unwrap();
        assert_eq!((read[&DAY].version, read[&DAY].rows.len()), (7, rows.len()));
        assert!(read[&DAY].rows == rows, "{count} rows");
        let figures = storage.pages.figures(&month, &[DAY]).await.unwrap();
        assert!(
            figures[&DAY].rows.iter().zip(&rows).all(|((id, figures), row)| (*id, figures) == (row.id, &row.figures))
        );
        let counted: u64 =
            storage.pages.totals(&month, &[DAY]).await.unwrap()[&DAY].0.values().map(|row| row.count).sum();
        assert_eq!(counted, count);
        let counts: u64 = month.days[&DAY].counts.0.values().map(|counts| counts[0]).sum();
        assert_eq!(counts, count);
    }
}

#[tokio::test]
async fn a_page_is_never_replaced_by_an_older_one_nor_a_month_by_one_that_knew_less() {
    let storage = Dynamo::new().storage();
    let rows = rows(3);
    let month = written(&storage, 7, &rows).await;
    let older = storage.pages.write_day(DAY, 6, &rows[..1], WordsAre::Changed).await.unwrap_err();
    assert_eq!(older.kind, ErrorKind::Conflict);
    let stale = month.clone();
    storage.pages.put_month(&month).await.unwrap();
    let mut other = stale.clone();
    other.days.clear();
    assert_eq!(storage.pages.put_month(&other).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(storage.pages.months(DAY, DAY).await.unwrap().len(), 1);
    assert_eq!(storage.pages.months(date(2026, 12, 1), DAY.last_of_year()).await.unwrap(), []);
}

/// A fold that died between the words and the figures: nobody reads the one with the other.
#[tokio::test]
async fn words_of_another_version_are_not_read_with_the_figures() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let month = written(&storage, 7, &rows(3)).await;
    let mut words = dynamo.items("orders").into_iter().find(|item| item["sk"]["S"] == "S#18#000").unwrap();
    words["v"] = json!({ "N": "8" });
    dynamo.put_raw("orders", &words);
    let fresh = dynamo.storage();
    assert_eq!(fresh.pages.rows(&month, &[DAY]).await.unwrap(), BTreeMap::new());
    assert_eq!(fresh.pages.figures(&month, &[DAY]).await.unwrap()[&DAY].rows.len(), 3);
}

#[tokio::test]
async fn an_entry_of_the_log_is_written_once_and_a_gap_is_seen() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let rows = rows(5);
    assert_eq!(storage.pages.last_sequence().await.unwrap(), 0);
    assert!(storage.pages.append(1, now(), &rows[..2]).await.unwrap());
    assert!(storage.pages.append(1, now(), &rows[..2]).await.unwrap(), "its own, the answer lost");
    assert!(!storage.pages.append(1, now(), &rows[2..]).await.unwrap());
    assert!(storage.pages.append(2, now(), &rows[1..]).await.unwrap());
    assert_eq!(storage.pages.last_sequence().await.unwrap(), 2);
    for storage in [&storage, &dynamo.storage()] {
        for _ in 0..2 {
            let log = storage.pages.log_after(0, false).await.unwrap();
            assert_eq!((log.last(), log.torn, log.newest().len()), (Some(2), false, 5));
            assert_eq!(log.newest()[&rows[1].id].0, 2);
            assert_eq!(log.entries[0].rows, rows[..2]);
        }
    }
    assert!(storage.pages.append(4, now(), &rows).await.unwrap());
    assert!(storage.pages.log_after(2, true).await.unwrap().torn);
    assert_eq!(storage.pages.log_after(3, true).await.unwrap().last(), Some(4));
}

#[tokio::test]
async fn one_folds_at_a_time_and_says_how_far() {
    let storage = Dynamo::new().storage();
    let until = at("2026-11-18T09:20:00Z");
    assert_eq!(storage.pages.fold_state().await.unwrap(), None);
    let lease = storage.pages.lease_fold("a", now(), until).await.unwrap().unwrap();
    assert_eq!(storage.pages.lease_fold("b", now(), until).await.unwrap(), None);
    let rebuild = Rebuild { to: 9, run: "run".to_owned() };
    storage.pages.begin_rebuild(&lease, &rebuild).await.unwrap();
    assert_eq!(storage.pages.last_sequence().await.unwrap(), 9);
    let state = storage.pages.fold_state().await.unwrap().unwrap();
    assert_eq!((state.folded, state.rebuild), (None, Some(rebuild)));
    // It died; another goes on once the lease has ended.
    let later = at("2026-11-18T09:21:00Z");
    let second = storage.pages.lease_fold("b", later, at("2026-11-18T09:40:00Z")).await.unwrap().unwrap();
    assert_eq!(storage.pages.finish_fold(&lease, 9, now(), later).await.unwrap_err().kind, ErrorKind::Conflict);
    storage.pages.finish_fold(&second, 9, now(), later).await.unwrap();
    let state = storage.pages.fold_state().await.unwrap().unwrap();
    assert_eq!((state.folded, state.as_of, state.folded_at, state.rebuild), (Some(9), Some(now()), Some(later), None));
    assert!(storage.pages.lease_fold("c", later, until).await.unwrap().is_some(), "given back");
}

#[tokio::test]
async fn a_damaged_page_is_an_error_without_its_contents() {
    let dynamo = Dynamo::new();
    let storage = dynamo.storage();
    let month = written(&storage, 7, &rows(3)).await;
    let mut item = dynamo.items("orders").into_iter().find(|item| item["sk"]["S"] == "S#18#000").unwrap();
    item["b"] = json!({ "B": "AQID" });
    dynamo.put_raw("orders", &item);
    let error = dynamo.storage().pages.rows(&month, &[DAY]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Corrupt);
    assert!(!format!("{error:?}").contains("Margaret"));
}
