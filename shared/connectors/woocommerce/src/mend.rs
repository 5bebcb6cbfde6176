//! R3: an order that came out other than meant is brought to its draft in place: lines, shipping and fees by their ids.
//!
//! An entry with an id changes that entry, one without is added; a quantity of 0 takes a line off and puts back what it
//! took: <https://woocommerce.github.io/woocommerce-rest-api-docs/#update-an-order>. With any of them the shop counts the
//! whole order anew, and a changed quantity moves its stock (captures 68, 68b).

use connect::ConnectError;
use domain::StoreOrderId;
use domain::draft::{DraftItem, DraftLine, StoreOrderDraft};
use domain::readback::{StoreOrder, StoreOrderState};
use rust_decimal::Decimal;

use crate::api::Api;
use crate::body::{MendedFee, MendedLine, MendedShipping, Mending, NewMeta, amount};
use crate::ids::{Item, order_number};
use crate::map_store::{LINE, VAT_EXEMPT, new_fees};
use crate::{store, wire};

const OTHER: &str = "other";

/// Brings an open order to its draft by one request, or by none where nothing is left to mend. Repeating it changes nothing.
pub(crate) async fn mend(api: &Api, id: &StoreOrderId, draft: &StoreOrderDraft) -> Result<StoreOrder, ConnectError> {
    let operation = "woocommerce.mend";
    let order = api.order(order_number(operation, id.as_str())?).await?;
    let held = store::read_back(operation, &order).map_err(ConnectError::without_effect)?;
    // What somebody ended by now is not touched.
    if held.state != StoreOrderState::Open {
        return Ok(held);
    }
    store::read_back(operation, &api.mend_order(order.id, &mending(draft, &order)).await?)
}

fn mending(draft: &StoreOrderDraft, order: &wire::Order) -> Mending {
    Mending {
        // A line of which nothing may leave the stock is not touched: the shop would take it now.
        line_items: if draft.takes_stock { mended_lines(draft, order) } else { Vec::new() },
        shipping_lines: mended_shipping(draft, order),
        fee_lines: mended_fees(draft, order),
        meta_data: vec![NewMeta::new(VAT_EXEMPT, "yes")],
    }
}

/// Lines of ours that differ, and lines that nobody meant. A line that is missing, or has another product, is for a person.
fn mended_lines(draft: &StoreOrderDraft, order: &wire::Order) -> Vec<MendedLine> {
    let mut open: Vec<&DraftLine> = draft.lines.iter().collect();
    let mut mended = Vec::new();
    for line in &order.line_items {
        let Some(own) = wire::meta_text(&line.meta_data, LINE) else {
            mended.push(MendedLine { id: line.id, quantity: 0, subtotal: None, total: None });
            continue;
        };
        let Some(at) = open.iter().position(|meant| meant.line.as_str() == own && is_of(meant, line)) else { continue };
        let meant = open.remove(at);
        let same = line.quantity.0 == Decimal::from(meant.quantity)
            && line.total.0 == meant.net.amount()
            && line.subtotal.0 == meant.undiscounted.amount();
        if !same {
            mended.push(MendedLine {
                id: line.id,
                quantity: meant.quantity,
                subtotal: Some(amount(meant.undiscounted)),
                total: Some(amount(meant.net)),
            });
        }
    }
    mended
}

fn is_of(meant: &DraftLine, line: &wire::LineItem) -> bool {
    let found = Item::from_wire(line.product_id, line.variation_id).and_then(Item::product_id);
    match &meant.item {
        DraftItem::Product { id, .. } => found.as_ref() == Some(id),
        DraftItem::Text { .. } => found.is_none(),
    }
}

/// The one that was meant, and nothing for any other. It always goes along, so that the shop counts anew.
fn mended_shipping(draft: &StoreOrderDraft, order: &wire::Order) -> Vec<MendedShipping> {
    let meant = amount(draft.shipping.net);
    let mut ids = order.shipping_lines.iter().map(|line| line.id);
    let title = Some(draft.shipping.title.clone());
    let first = match ids.next() {
        Some(id) => MendedShipping { id: Some(id), method_id: None, method_title: title, total: meant },
        None => MendedShipping { id: None, method_id: Some(OTHER), method_title: title, total: meant },
    };
    let others =
        ids.map(|id| MendedShipping { id: Some(id), method_id: None, method_title: None, total: "0".to_owned() });
    std::iter::once(first).chain(others).collect()
}

/// Fees are known by their names; one that nobody meant costs nothing from then on.
fn mended_fees(draft: &StoreOrderDraft, order: &wire::Order) -> Vec<MendedFee> {
    let mut open = new_fees(draft);
    let mut mended = Vec::new();
    for fee in &order.fee_lines {
        let meant = open.iter().position(|meant| meant.name == fee.name).map(|at| open.remove(at));
        let total = meant.map_or_else(|| "0".to_owned(), |meant| meant.total);
        if total.parse() != Ok(fee.total.0) || !fee.total_tax.0.is_zero() {
            mended.push(MendedFee { id: Some(fee.id), name: None, total, tax_status: "none" });
        }
    }
    mended.extend(open.into_iter().map(|missing| MendedFee {
        id: None,
        name: Some(missing.name),
        total: missing.total,
        tax_status: "none",
    }));
    mended
}
