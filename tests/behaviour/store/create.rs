//! Orders as they are created: once, worth what was meant, quietly, and with stock as the capabilities say.

use connect::{Effect, ErrorKind, StoreCapabilities};
use domain::StoreOrderDraft;
use domain::draft::DraftFee;
use domain::readback::{StoreOrderState, differences};
use domain::refund::NewRefund;

use crate::drafts::{add_up, draft, money, product_line, reference, simple, tax, text_line};
use crate::kit::Store;
use crate::subject::SKU;
use crate::suite::{Promise, promises};

pub fn promises(can: &StoreCapabilities) -> Vec<Promise<Store>> {
    let mut all = promises![
        one_request_makes_one_order_worth_what_was_meant,
        the_stores_own_tax_is_kept_out,
        fees_discounts_and_taxes_add_up_to_the_cent,
        an_unpaid_order_is_not_paid,
        nobody_is_mailed_unless_it_is_wanted,
        stock_is_taken_as_the_capabilities_say,
        units_that_we_deducted_are_not_taken_again,
        an_unknown_product_is_refused_or_reported,
        a_definite_refusal_creates_nothing_and_leaves_no_doubt,
    ];
    all.extend(if can.text_lines { promises![a_text_line_moves_no_stock] } else { promises![a_text_line_is_refused] });
    all.extend(if can.any_currency {
        promises![any_currency_is_kept_with_its_scale]
    } else {
        promises![a_foreign_currency_is_refused]
    });
    if can.restocks_on_cancel {
        all.extend(promises![a_cancel_puts_back_what_was_taken_and_what_we_deducted]);
    }
    all
}

async fn one_request_makes_one_order_worth_what_was_meant(store: Store) {
    let before = store.fake.orders();
    let meant = simple(&*store.fake, 1, 2);
    let made = store.connector.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made), []);
    assert_eq!((made.reference, made.state, made.paid), (Some(reference(1)), StoreOrderState::Open, true));
    assert_eq!(store.fake.total(&made.id), meant.total.amount());
    let writes = store.fake.calls().all().iter().filter(|call| call.method != "GET").count();
    assert_eq!((writes, store.fake.orders()), (1, before + 1));
    assert_eq!(store.fake.created()[&reference(1)], 1);
    assert_eq!(store.connector.order(&made.id).await.unwrap(), made);
}

/// To where the store would add its own tax.
async fn the_stores_own_tax_is_kept_out(store: Store) {
    let (currency, country) = store.fake.taxes();
    let meant = draft(&*store.fake, 1, vec![product_line("L1", &store.fake.product(), 1, money(4000, currency))]);
    assert_eq!((meant.ship_to.country.as_str(), meant.total), (country, money(4400, currency)));
    let made = store.connector.create_order(&meant).await.unwrap();
    assert_eq!(made.total, money(4400, currency));
    assert_eq!(store.fake.total(&made.id), money(4400, currency).amount());
    // A later change of the order must not tax it either.
    store.connector.complete(&made.id).await.unwrap();
    assert_eq!(store.fake.total(&made.id), money(4400, currency).amount());
}

async fn fees_discounts_and_taxes_add_up_to_the_cent(store: Store) {
    let currency = store.fake.taxes().0;
    let cents = |minor| money(minor, currency);
    // 3 x 12.345: the line is worth 37.04, which no unit price says.
    let mut line = product_line("L1", &store.fake.product(), 3, cents(3704));
    line.undiscounted = cents(5000);
    let mut meant = draft(&*store.fake, 1, vec![line, product_line("L2", &store.fake.product(), 1, cents(0))]);
    let fee = |label: &str, net| DraftFee { label: label.to_owned(), net: cents(net), tax: cents(0) };
    meant.fees = vec![fee("Gift wrap", 250), fee("Adjustment by the seller", -99)];
    meant.taxes = vec![tax("VAT 20%", cents(617)), tax("Recycling levy", cents(1))];
    meant.shipping.net = cents(1489);
    add_up(&mut meant);
    let made = store.connector.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made), []);
    assert_eq!((made.total.minor(), store.fake.total(&made.id)), (5962, cents(5962).amount()));
}

async fn an_unpaid_order_is_not_paid(store: Store) {
    let meant = StoreOrderDraft { paid: false, ..simple(&*store.fake, 1, 1) };
    let made = store.connector.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made), []);
    assert_eq!((made.paid, made.state), (false, StoreOrderState::Open));
}

/// Through an order's whole life.
async fn nobody_is_mailed_unless_it_is_wanted(store: Store) {
    let currency = store.fake.taxes().0;
    for (number, paid) in [(1, true), (2, false)] {
        let meant = StoreOrderDraft { paid, ..simple(&*store.fake, number, 1) };
        let made = store.connector.create_order(&meant).await.unwrap();
        store.connector.mark_paid(&made.id, meant.total).await.unwrap();
        store.connector.ship(&made.id, &crate::drafts::package(Some("AA1"), &[]), true).await.unwrap();
        store
            .connector
            .record_refund(&made.id, &NewRefund::of_money("r-1", money(100, currency), "goodwill"))
            .await
            .unwrap();
    }
    assert_eq!((store.fake.mails_to_buyers(), store.fake.mails_to_owner()), (0, 0));
    let mut loud = simple(&*store.fake, 3, 1);
    loud.mails.customer_notifications = store.capabilities().customer_notifications;
    loud.mails.suppress_owner_mail = !store.capabilities().owner_new_order_mail;
    store.connector.create_order(&loud).await.unwrap();
    assert_eq!(store.fake.mails_to_buyers() > 0, store.capabilities().customer_notifications);
    assert_eq!(store.fake.mails_to_owner() > 0, store.capabilities().owner_new_order_mail);
}

async fn stock_is_taken_as_the_capabilities_say(store: Store) {
    let can = store.capabilities();
    for (number, paid, deducts) in [(1, true, can.deducts_paid), (2, false, can.deducts_unpaid)] {
        let before = store.fake.stock_of(SKU).unwrap();
        let meant = StoreOrderDraft { paid, ..simple(&*store.fake, number, 4) };
        let made = store.connector.create_order(&meant).await.unwrap();
        let taken = if deducts { 4 } else { 0 };
        assert_eq!(store.fake.stock_of(SKU), Some(before - i64::from(taken)), "paid: {paid}");
        assert_eq!(made.lines[0].deducted.unwrap_or(taken), taken, "paid: {paid}");
        // Being paid later takes what was not taken before, and nothing twice.
        store.connector.mark_paid(&made.id, meant.total).await.unwrap();
        let taken = if can.deducts_paid { 4 } else { taken };
        assert_eq!(store.fake.stock_of(SKU), Some(before - i64::from(taken)), "paid: {paid}, later");
    }
}

async fn units_that_we_deducted_are_not_taken_again(store: Store) {
    for (number, paid) in [(1, true), (2, false)] {
        // What we took ourselves before the order could be imported.
        let before = store.fake.stock_of(SKU).unwrap();
        store.fake.set_stock(SKU, before - 3);
        let mut meant = StoreOrderDraft { paid, ..simple(&*store.fake, number, 3) };
        meant.lines[0].already_deducted = 3;
        let made = store.connector.create_order(&meant).await.unwrap();
        store.connector.mark_paid(&made.id, meant.total).await.unwrap();
        store.connector.complete(&made.id).await.unwrap();
        assert_eq!(store.fake.stock_of(SKU), Some(before - 3), "paid: {paid}");
    }
}

async fn a_cancel_puts_back_what_was_taken_and_what_we_deducted(store: Store) {
    for (number, paid, deducted) in [(1, true, 0), (2, true, 3), (3, false, 3), (4, false, 0)] {
        let before = store.fake.stock_of(SKU).unwrap();
        store.fake.set_stock(SKU, before - i64::from(deducted));
        let mut meant = StoreOrderDraft { paid, ..simple(&*store.fake, number, 3) };
        meant.lines[0].already_deducted = deducted;
        let made = store.connector.create_order(&meant).await.unwrap();
        let canceled = store.connector.cancel(&made.id).await.unwrap();
        assert_eq!(canceled.state, StoreOrderState::Canceled);
        assert_eq!(store.fake.stock_of(SKU), Some(before), "paid: {paid}, deducted by us: {deducted}");
        assert_eq!(canceled.lines[0].deducted.unwrap_or(0), 0, "the answer says that units are still taken");
    }
}

/// Captures 20 and 81: a store may take any id and make a line of nothing of it. That must not pass for an import.
async fn an_unknown_product_is_refused_or_reported(store: Store) {
    let currency = store.fake.taxes().0;
    let unknown = product_line("L1", &store.fake.unknown_product(), 1, money(1999, currency));
    let meant = draft(&*store.fake, 1, vec![unknown]);
    let before = store.fake.orders();
    match store.connector.create_order(&meant).await {
        Ok(made) => assert_ne!(differences(&meant, &made), [], "an unknown product was imported silently"),
        Err(error) => assert_eq!((error.effect, store.fake.orders()), (Effect::None, before), "{error}"),
    }
    let foreign = product_line("L1", &"gid://other/Product/1".parse().unwrap(), 1, money(1999, currency));
    let error = store.connector.create_order(&draft(&*store.fake, 2, vec![foreign])).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None), "{error}");
}

async fn a_definite_refusal_creates_nothing_and_leaves_no_doubt(store: Store) {
    let before = store.fake.orders();
    let mut empty = simple(&*store.fake, 1, 1);
    empty.lines[0].quantity = 0;
    let error = store.connector.create_order(&empty).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::InvalidOrder, Effect::None), "{error}");
    store.fake.faults().revoke();
    let error = store.connector.create_order(&simple(&*store.fake, 2, 1)).await.unwrap_err();
    store.fake.faults().grant();
    assert_eq!((error.kind, error.effect), (ErrorKind::Unauthorized, Effect::None), "{error}");
    let status = axum::http::StatusCode::TOO_MANY_REQUESTS;
    store.fake.faults().fail_next(status, None);
    let error = store.connector.create_order(&simple(&*store.fake, 3, 1)).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::RateLimited, Effect::None), "{error}");
    assert_eq!((store.fake.orders(), store.fake.created().len()), (before, 0));
}

async fn a_text_line_moves_no_stock(store: Store) {
    let currency = store.fake.taxes().0;
    let before = store.fake.stock_of(SKU);
    let lines = vec![text_line("L1", 2, money(3000, currency)), text_line("L2", 1, money(1, currency))];
    let meant = draft(&*store.fake, 1, lines);
    let made = store.connector.create_order(&meant).await.unwrap();
    assert_eq!(differences(&meant, &made), []);
    assert_eq!(made.lines.iter().filter(|line| line.product.is_some()).count(), 0);
    // Its SKU is that of a product, and yet it is not that product.
    assert_eq!(store.fake.stock_of(SKU), before);
}

async fn a_text_line_is_refused(store: Store) {
    let currency = store.fake.taxes().0;
    let meant = draft(&*store.fake, 1, vec![text_line("L1", 2, money(3000, currency))]);
    let error = store.connector.create_order(&meant).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::Unsupported, Effect::None));
}

async fn any_currency_is_kept_with_its_scale(store: Store) {
    for (number, (currency, net)) in [("JPY", 5500), ("USD", 1999), ("EUR", 1), ("KWD", 12_340)].into_iter().enumerate()
    {
        let lines = vec![product_line("L1", &store.fake.product(), 3, money(net, currency))];
        let mut meant = draft(&*store.fake, u32::try_from(number).unwrap(), lines);
        // The store may write no more than two decimals.
        meant.shipping.net = money(700, currency);
        add_up(&mut meant);
        let made = store.connector.create_order(&meant).await.unwrap();
        assert_eq!(differences(&meant, &made), [], "{currency}");
        assert_eq!((made.total.currency().code(), made.total), (currency, meant.total));
        assert_eq!(store.fake.total(&made.id).normalize(), meant.total.amount().normalize(), "{currency}");
    }
    // What it cannot write it must not pretend to have written.
    let meant = draft(&*store.fake, 9, vec![product_line("L1", &store.fake.product(), 1, money(12_345, "KWD"))]);
    match store.connector.create_order(&meant).await {
        Ok(made) => {
            assert_eq!(store.fake.total(&made.id) == meant.total.amount(), differences(&meant, &made).is_empty());
        }
        Err(error) => assert_eq!(error.effect, Effect::None),
    }
}

async fn a_foreign_currency_is_refused(store: Store) {
    let meant = draft(&*store.fake, 1, vec![product_line("L1", &store.fake.product(), 1, money(5500, "ISK"))]);
    let error = store.connector.create_order(&meant).await.unwrap_err();
    assert_eq!(error.effect, Effect::None);
}
