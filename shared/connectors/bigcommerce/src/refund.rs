//! R9: money that the channel returned already, recorded in the store. No payment provider is asked.
//!
//! "Payments collected outside of BigCommerce can be marked as offline when creating a refund":
//! <https://developer.bigcommerce.com/docs/store-operations/orders/refunds>. The payment option `custom` marks "an amount up
//! to the full order amount as refunded externally, through a provider or means not represented directly in BC":
//! <https://developer.bigcommerce.com/docs/rest-management/transactions/payment-actions#create-a-refund-quote>. Stock does
//! not move with it ("you cannot return items to inventory that you refunded via API").

use connect::{ConnectError, ErrorKind};
use domain::readback::StoreOrder;
use domain::refund::NewRefund;
use domain::{Money, StoreOrderId};

use crate::api::Api;
use crate::body::{self, RefundItem, RefundPayment, number};
use crate::error::refused;
use crate::map_store::currency;
use crate::store::{Seen, afterwards};
use crate::wire;

const OPERATION: &str = "bigcommerce.record_refund";
/// What the vendor takes for a reason.
const LONGEST_REASON: usize = 1000;

pub(crate) async fn record(api: &Api, id: &StoreOrderId, refund: &NewRefund) -> Result<StoreOrder, ConnectError> {
    let refuse = |says: &str| Err(refused(OPERATION, ErrorKind::InvalidOrder, says));
    if refund.amount.minor() <= 0 {
        return refuse("A refund is an amount above zero.");
    }
    let seen = Seen::of(api, OPERATION, id).await?;
    let order = &seen.order;
    let known = api.refunds(order.id).await?;
    if known.iter().any(|known| is_same(known, &refund.key)) {
        return seen.read(OPERATION, api);
    }
    let Ok(currency) = currency(order) else { return refuse("The order's currency is not an ISO 4217 one.") };
    if currency != refund.amount.currency() {
        return refuse("The refund is of another currency than the store's order.");
    }
    let amounts = known.iter().map(|known| Money::rounded(known.total_amount.0, currency));
    let amounts = amounts.chain([Ok(refund.amount)]).collect::<Result<Vec<_>, _>>();
    let sum = amounts.and_then(|amounts| Money::sum(currency, amounts));
    let total = Money::rounded(order.total_inc_tax.0, currency);
    if !sum.is_ok_and(|sum| total.is_ok_and(|total| sum.minor() <= total.minor())) {
        return refuse("The store refused the refund: it is more than what is left of the order.");
    }
    let item =
        RefundItem { item_type: "ORDER", item_id: order.id, amount: number(refund.amount), reason: reason(refund) };
    let payment = RefundPayment { provider_id: "custom", amount: number(refund.amount), offline: true };
    api.create_refund(order.id, &body::NewRefund { items: vec![item], payments: vec![payment] }).await?;
    afterwards(api, OPERATION, id).await?.read(OPERATION, api)
}

fn mark(key: &str) -> String {
    format!("[{key}]")
}

fn reason(refund: &NewRefund) -> String {
    let mark = mark(&refund.key);
    let room = LONGEST_REASON.saturating_sub(mark.chars().count() + 1);
    let reason: String = refund.reason.chars().take(room).collect();
    format!("{reason} {mark}").trim().to_owned()
}

fn is_same(known: &wire::Refund, key: &str) -> bool {
    let mark = mark(key);
    let mut reasons = known.items.iter().map(|item| &item.reason).chain([&known.reason]);
    reasons.any(|reason| reason.trim_end().ends_with(&mark))
}
