//! Single orders: what they say of money, time, state and people.

use std::collections::BTreeSet;
use std::rc::Rc;

use connect::{Effect, ErrorKind, Incoming};
use domain::totals::totals;
use domain::{Cancel, ChannelOrder, ChannelOrderId, Fulfilment, Payment};
use jiff::{SignedDuration, Timestamp};

use crate::kit::{Channel, id_of, orders_in, readable};
use crate::subject::{BUYER, NewOrder, SKU, Setup, Status};
use crate::suite::{Promise, Stage, promises, staged};

pub fn promises() -> Vec<Promise<Channel>> {
    let mut all = promises![
        an_order_is_read_alone_as_in_the_list,
        an_unknown_order_is_not_found,
        an_unreadable_order_is_kept_and_the_others_go_on,
        an_unknown_status_never_reads_as_success,
        payment_and_cancellation_are_read,
        a_refund_of_everything_is_read,
        the_buyer_and_the_goods_are_read,
        orders_of_one_kind_differ_only_where_they_differ,
    ];
    all.extend(staged![money_keeps_its_currency_and_scale, times_are_utc]);
    all
}

async fn in_list(channel: &Channel, id: &ChannelOrderId) -> ChannelOrder {
    let read = orders_in(&*channel.connector, channel.until_now()).await;
    readable(read.into_iter().find(|incoming| id_of(incoming) == id.as_str()).unwrap())
}

async fn an_order_is_read_alone_as_in_the_list(channel: Channel) {
    for paid in [true, false] {
        let id = channel.fake.place(NewOrder { paid, ..NewOrder::default() });
        channel.wait(60);
        assert_eq!(channel.order(&id).await, in_list(&channel, &id).await);
    }
}

async fn an_unknown_order_is_not_found(channel: Channel) {
    let id = channel.fake.unknown_order();
    let mut errors = vec![channel.connector.order(&id).await.unwrap_err()];
    if channel.capabilities().ship {
        errors.push(channel.connector.shipments(&id).await.unwrap_err());
    }
    // An id of another platform must not reach another address.
    errors.push(channel.connector.order(&"../../x?y#z".parse().unwrap()).await.unwrap_err());
    for error in errors {
        assert_eq!((error.kind, error.effect), (ErrorKind::NotFound, Effect::None), "{error}");
    }
}

async fn an_unreadable_order_is_kept_and_the_others_go_on(channel: Channel) {
    let mut good = BTreeSet::from([channel.fake.place(NewOrder::default()).to_string()]);
    let bad = channel.fake.place_unreadable();
    good.insert(channel.fake.place(NewOrder::default()).to_string());
    channel.wait(60);
    let read = orders_in(&*channel.connector, channel.until_now()).await;
    let kept = read.iter().filter_map(|incoming| match incoming {
        Incoming::Unreadable(kept) => Some(kept),
        Incoming::Order(_) => None,
    });
    let kept: Vec<_> = kept.collect();
    let ids: BTreeSet<_> = kept.iter().map(|kept| kept.remote_id.clone().unwrap()).collect();
    assert_eq!(ids, bad.iter().map(ToString::to_string).collect());
    for kept in kept {
        // The bytes are the order's own, so that it can be read again when this connector can.
        assert!(serde_json::from_slice::<serde_json::Value>(&kept.raw).is_ok());
        assert!(kept.why.ends_with('.') && !kept.context.is_empty(), "{kept:?}");
        let shown = format!("{kept:?} {} {}", kept.why, kept.context);
        assert!(!BUYER.canaries().iter().any(|canary| shown.contains(canary.as_str())), "{shown}");
    }
    let fine: BTreeSet<_> = read.iter().filter(|incoming| matches!(incoming, Incoming::Order(_))).map(id_of).collect();
    assert_eq!(fine, good);
    for id in &bad {
        assert!(matches!(channel.connector.order(id).await, Ok(Incoming::Unreadable(_))), "{id}");
    }
}

async fn an_unknown_status_never_reads_as_success(channel: Channel) {
    let mut tried = 0;
    for status in [Status::Payment, Status::Fulfilment, Status::Cancel] {
        let id = channel.fake.place(NewOrder { paid: false, ..NewOrder::default() });
        if !channel.fake.confuse(&id, status) {
            continue;
        }
        tried += 1;
        channel.wait(60);
        for order in [channel.order(&id).await, in_list(&channel, &id).await] {
            assert_eq!(
                (order.payment, order.fulfilment),
                (channel.fake.unpaid(), Fulfilment::NotStarted),
                "{status:?}"
            );
            assert_ne!(order.cancel, Cancel::Canceled, "{status:?}");
            assert!(!order.warnings.is_empty(), "{status:?}: nobody is told");
        }
    }
    assert!(tried > 0, "the platform has no status that could be unknown");
}

/// Paid, with the time where the platform tells it.
fn paid(channel: &Channel, at: Timestamp) -> Payment {
    Payment::Paid { at: channel.fake.dates_payments().then_some(at) }
}

async fn payment_and_cancellation_are_read(channel: Channel) {
    let id = channel.fake.place(NewOrder { paid: false, ..NewOrder::default() });
    let order = channel.order(&id).await;
    assert_eq!((order.payment, order.cancel), (channel.fake.unpaid(), Cancel::None));
    assert!(channel.capabilities().unpaid_orders);
    channel.wait(60);
    channel.fake.pay(&id);
    let paid_at = channel.fake.clock().now();
    channel.wait(60);
    assert_eq!(channel.order(&id).await.payment, paid(&channel, paid_at));
    channel.fake.cancel(&id);
    channel.wait(60);
    let order = channel.order(&id).await;
    assert_eq!(order.cancel, Cancel::Canceled);
    assert_eq!(order.created_at.duration_until(paid_at), SignedDuration::from_secs(60));
}

async fn a_refund_of_everything_is_read(channel: Channel) {
    let order = NewOrder::default();
    let id = channel.fake.place(order);
    channel.wait(60);
    channel.fake.refund(&id);
    channel.wait(60);
    for read in [channel.order(&id).await, in_list(&channel, &id).await] {
        let returned: i64 = read.refunds.iter().map(|refund| refund.amount.minor()).sum();
        assert_eq!(returned, if channel.fake.shows_refunds() { order.total() } else { 0 });
        let ids: BTreeSet<_> = read.refunds.iter().map(|refund| &refund.id).collect();
        assert_eq!(ids.len(), read.refunds.len(), "two refunds have one name");
        assert!(read.payment.is_paid(), "what was paid back had been paid");
    }
}

async fn the_buyer_and_the_goods_are_read(channel: Channel) {
    let order = channel.order(&channel.fake.place(NewOrder::default())).await;
    let address = order.ship_to.clone().unwrap();
    assert_eq!((address.first_name.as_str(), address.last_name.as_str()), (BUYER.first_name, BUYER.last_name));
    assert_eq!((address.line1.as_str(), address.city.as_str()), (BUYER.street, BUYER.city));
    assert_eq!((address.postcode.as_str(), address.country.as_str()), (BUYER.postcode, "DE"));
    assert_eq!(order.buyer.email.as_deref(), Some(BUYER.email));
    assert_eq!(order.buyer_note.as_deref(), Some(BUYER.note));
    assert_eq!((order.lines.len(), order.lines[0].quantity), (1, 3));
    assert_eq!(order.lines[0].sku.as_ref().unwrap().as_str(), SKU);
    assert_eq!(order.lines[0].charge.gross.minor(), 3 * 1999);
    assert_eq!(order.shipping.charge.gross.minor(), 399);
    assert!(!order.number.is_empty() && order.warnings.is_empty(), "{:?}", order.warnings);
}

/// Ids and lines are each order's own; the listing is the same.
async fn orders_of_one_kind_differ_only_where_they_differ(channel: Channel) {
    let one = channel.order(&channel.fake.place(NewOrder::default())).await;
    let other = channel.order(&channel.fake.place(NewOrder::default())).await;
    assert_ne!(one.id, other.id);
    assert_ne!(one.number, other.number);
    assert_eq!(one.lines[0].listing, other.lines[0].listing);
    assert_eq!((one.created_at, one.buyer_total, one.buyer), (other.created_at, other.buyer_total, other.buyer));
}

/// Yen have no cents, and some currencies three decimals: amounts stay what they are, to the last digit.
async fn money_keeps_its_currency_and_scale(stage: Rc<Stage<Channel>>) {
    let channel = stage.start(Setup::default()).await;
    for &currency in stage.subject.currencies {
        let prices = [(1, 5500, 700), (3, 1990, 0), (7, 10, 10), (2, 123_450, 4990)];
        for (quantity, unit_price, shipping) in prices {
            let placed = NewOrder { currency, quantity, unit_price, shipping, paid: true };
            let order = channel.order(&channel.fake.place(placed)).await;
            assert_eq!(order.currency.code(), currency);
            assert_eq!(order.buyer_total.minor(), placed.total(), "{currency} {placed:?}");
            assert_eq!(order.lines[0].charge.gross.minor(), i64::from(quantity) * unit_price, "{currency}");
            assert_eq!(order.shipping.charge.gross.minor(), shipping, "{currency}");
            let all = order.charges().map(|charge| charge.gross).chain([order.buyer_total]);
            assert!(all.into_iter().all(|amount| amount.currency() == order.currency));
            assert_eq!(totals(&order).unwrap().store_total, order.buyer_total);
        }
    }
}

/// Whatever the shop's clock on the wall shows.
async fn times_are_utc(stage: Rc<Stage<Channel>>) {
    for zone in stage.subject.zones {
        let channel = stage.start(Setup { zone, ..Setup::default() }).await;
        let placed = channel.fake.clock().now();
        let id = channel.fake.place(NewOrder::default());
        channel.wait(7200);
        channel.fake.touch(&id);
        let touched = channel.fake.clock().now();
        channel.wait(60);
        let order = channel.order(&id).await;
        assert_eq!((order.created_at, order.payment), (placed, paid(&channel, placed)), "{zone}");
        assert_eq!(order.revision.0, touched.as_millisecond(), "{zone}");
    }
}
