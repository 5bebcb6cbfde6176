//! Lists of orders: every order of a window, whatever its pages do meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use connect::{Incoming, PageToken, Window};
use domain::{Cancel, ChannelOrder, OrderId};
use fakes::PageShift;
use jiff::{SignedDuration, Timestamp};

use crate::kit::{Channel, every, id_of, orders_in, readable};
use crate::subject::{NewOrder, Setup};
use crate::suite::{Promise, Stage, promises, staged};

pub fn promises() -> Vec<Promise<Channel>> {
    let mut all = promises![
        pages_to_the_end,
        resumes_in_the_middle_of_a_window,
        resumes_from_its_cursor,
        overlap_brings_no_duplicate,
        five_hundred_orders_of_one_moment_are_all_read,
        an_empty_window_is_one_empty_answer,
        pages_that_shift_while_they_are_read_hide_no_order,
        what_changed_is_seen_again_and_is_newer,
        the_platforms_own_time_comes_with_each_page,
    ];
    all.extend(staged![no_time_zone_makes_a_gap]);
    all
}

fn place(channel: &Channel, count: usize) -> BTreeSet<String> {
    (0..count).map(|_| channel.fake.place(NewOrder::default()).to_string()).collect()
}

fn ids(incoming: &[Incoming]) -> BTreeSet<String> {
    incoming.iter().map(id_of).collect()
}

async fn pages_to_the_end(channel: Channel) {
    channel.fake.faults().page_size(Some(2));
    let placed = place(&channel, 7);
    channel.wait(60);
    let window = channel.until_now();
    let read = async |page: Option<&PageToken>| channel.connector.orders(&window, page).await.unwrap();
    let (read, pages) = every(|_| {}, read).await;
    assert_eq!(ids(&read), placed);
    assert!(pages >= 4, "seven orders, two a page, in {pages} pages");
}

/// Another worker goes on where the first one stopped: all that there is to know stands in the token.
async fn resumes_in_the_middle_of_a_window(channel: Channel) {
    channel.fake.faults().page_size(Some(2));
    let placed = place(&channel, 9);
    channel.wait(60);
    let window = channel.until_now();
    let mut seen = BTreeSet::new();
    let mut token: Option<PageToken> = None;
    for _ in 0..100 {
        let stored = token.map(|token| PageToken(token.0.clone()));
        let page = channel.other_worker().orders(&window, stored.as_ref()).await.unwrap();
        seen.extend(ids(&page.items));
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    assert_eq!((token, seen), (None, placed));
}

/// The next window begins where the last one ended, and brings what came since, nothing less and nothing else.
async fn resumes_from_its_cursor(channel: Channel) {
    let first = place(&channel, 3);
    channel.wait(60);
    let window = channel.until_now();
    assert_eq!(ids(&orders_in(&*channel.connector, window).await), first);
    let second = place(&channel, 4);
    channel.wait(60);
    let next = Window { from: window.to, to: channel.fake.clock().now() };
    let read = ids(&orders_in(&*channel.other_worker(), next).await);
    assert!(second.is_subset(&read), "{second:?} in {read:?}");
    channel.wait(60);
    let quiet =
        Window { from: next.to.checked_add(SignedDuration::from_secs(5)).unwrap(), to: channel.fake.clock().now() };
    assert_eq!(ids(&orders_in(&*channel.connector, quiet).await), BTreeSet::new());
}

/// What is read twice is the same order, by its id, its revision and all that it holds.
async fn overlap_brings_no_duplicate(channel: Channel) {
    let account = channel.connector.account().await.unwrap().id;
    let mut placed = BTreeSet::new();
    let mut windows = Vec::new();
    for _ in 0..4 {
        placed.extend(place(&channel, 2));
        channel.wait(300);
        windows.push(channel.until_now());
    }
    let mut known: BTreeMap<OrderId, ChannelOrder> = BTreeMap::new();
    let mut times = 0;
    for window in windows {
        for incoming in orders_in(&*channel.connector, window).await {
            let order = readable(incoming);
            let platform = "any".parse().unwrap();
            let id = OrderId::derive(order.created_at, &platform, &account, &order.id);
            times += 1;
            let before = known.insert(id, order.clone());
            assert!(before.is_none_or(|before| before == order), "an unchanged order was read differently");
        }
    }
    assert_eq!((known.len(), placed.len()), (8, 8));
    assert!(times >= 20, "the windows overlapped in {times} orders only");
}

async fn five_hundred_orders_of_one_moment_are_all_read(channel: Channel) {
    let placed = place(&channel, 500);
    channel.wait(60);
    let read = orders_in(&*channel.connector, channel.until_now()).await;
    assert_eq!(ids(&read), placed);
    let moments: BTreeSet<Timestamp> = read.into_iter().map(|order| readable(order).created_at).collect();
    assert_eq!(moments.len(), 1);
}

async fn an_empty_window_is_one_empty_answer(channel: Channel) {
    channel.wait(60);
    let window = channel.until_now();
    let read = async |page: Option<&PageToken>| channel.connector.orders(&window, page).await.unwrap();
    let (read, pages) = every(|_| {}, read).await;
    assert_eq!(read.len(), 0);
    assert!(pages <= 2, "{pages} pages of nothing");
}

/// An order that leaves the window has changed, so the next window brings it; no other may be missed for it.
async fn pages_that_shift_while_they_are_read_hide_no_order(channel: Channel) {
    for shift in [PageShift::Leaves, PageShift::Enters] {
        for phase in 0..3 {
            channel.wait(3600);
            let from = channel.fake.clock().now();
            let placed = place(&channel, 9);
            channel.wait(60);
            let window = Window { from, to: channel.fake.clock().now() };
            channel.wait(60);
            channel.fake.faults().page_size(Some(2));
            let shifts = |page: usize| {
                if page % 3 == phase {
                    channel.fake.faults().shift_pages(shift);
                }
            };
            let read = async |page: Option<&PageToken>| channel.connector.orders(&window, page).await.unwrap();
            let (read, _) = every(shifts, read).await;
            channel.fake.faults().clear();
            channel.wait(60);
            let later = Window { from: window.to, to: channel.fake.clock().now() };
            let seen = &ids(&read) | &ids(&orders_in(&*channel.connector, later).await);
            let missed: Vec<_> = placed.difference(&seen).collect();
            assert_eq!(missed, Vec::<&String>::new(), "{shift:?} {phase}");
        }
    }
}

async fn what_changed_is_seen_again_and_is_newer(channel: Channel) {
    let id = channel.fake.place(NewOrder { paid: false, ..NewOrder::default() });
    channel.wait(60);
    let first = channel.until_now();
    let before = readable(orders_in(&*channel.connector, first).await.remove(0));
    channel.fake.pay(&id);
    channel.wait(60);
    let second = Window { from: first.to, to: channel.fake.clock().now() };
    let after = readable(orders_in(&*channel.connector, second).await.remove(0));
    assert_eq!(after.id, before.id);
    assert!(after.revision > before.revision);
    assert!(after.payment.is_paid() && !before.payment.is_paid());
    // What changes again within the second in which it was read is newer all the same.
    channel.fake.touch(&id);
    let hasty = channel.order(&id).await;
    channel.fake.clock().advance(SignedDuration::from_millis(300));
    channel.fake.cancel(&id);
    channel.wait(60);
    let settled = channel.order(&id).await;
    assert_eq!((hasty.cancel, settled.cancel), (Cancel::None, Cancel::Canceled));
    assert!(settled.revision > hasty.revision);
}

async fn the_platforms_own_time_comes_with_each_page(channel: Channel) {
    channel.fake.faults().page_size(Some(2));
    place(&channel, 5);
    channel.wait(90);
    let window = channel.until_now();
    let mut token = None;
    loop {
        let page = channel.connector.orders(&window, token.as_ref()).await.unwrap();
        assert_eq!(page.server_time.unwrap().as_second(), channel.fake.clock().now().as_second());
        let Some(next) = page.next else { break };
        token = Some(next);
        channel.wait(1);
    }
}

/// A day of hourly windows around the end of summer time, as polling does: no order is missed, wherever the shop is.
async fn no_time_zone_makes_a_gap(stage: Rc<Stage<Channel>>) {
    for zone in stage.subject.zones {
        let setup = Setup { now: "2026-10-24T12:00:00Z".parse().unwrap(), zone };
        let channel = stage.start(setup).await;
        let mut from = channel.fake.clock().now();
        let (mut placed, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for _ in 0..30 {
            for _ in 0..3 {
                placed.extend(place(&channel, 1));
                channel.wait(1200);
            }
            let window = Window { from, to: channel.fake.clock().now() };
            channel.wait(10);
            let read = ids(&orders_in(&*channel.connector, window).await);
            assert!(read.len() <= 5, "{zone}: an hour of 3 orders brought {}", read.len());
            seen.extend(read);
            from = window.to;
        }
        let missed: Vec<_> = placed.difference(&seen).collect();
        assert_eq!(missed, Vec::<&String>::new(), "{zone}");
    }
}
