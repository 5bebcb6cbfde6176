//! R3: an order that differs from its draft is brought to what was meant, line by line and in place.
//!
//! "To update a product in an order, include `id` in the body ... To remove a product from an order, set that product's
//! `quantity` to `0`": <https://developer.bigcommerce.com/docs/rest-management/orders#update-an-order>.

use connect::{ConnectError, ErrorKind};
use domain::Money;
use domain::StoreOrderId;
use domain::draft::StoreOrderDraft;
use domain::readback::{StoreOrder, StoreOrderState, differences};

use crate::api::Api;
use crate::body::{NewProduct, OrderChanges, ProductChange, RemovedProduct, amount};
use crate::error::refused;
use crate::map_store::{Costs, currency, new_products, reference};
use crate::packages::whole;
use crate::status::{self, Status};
use crate::store::{Seen, afterwards};
use crate::wire::{self, OrderProduct};

const OPERATION: &str = "bigcommerce.mend";

/// What it holds is read again first: `found` may be old by now, and its lines are ours put together.
pub(crate) async fn mend(
    api: &Api,
    id: &StoreOrderId,
    draft: &StoreOrderDraft,
    _found: &StoreOrder,
) -> Result<StoreOrder, ConnectError> {
    let refuse = |says: &str| Err(refused(OPERATION, ErrorKind::InvalidOrder, says));
    let seen = Seen::of(api, OPERATION, id).await?;
    let now = seen.read(OPERATION, api)?;
    // What is over stays as it is.
    if now.state != StoreOrderState::Open || differences(draft, &now).is_empty() {
        return Ok(now);
    }
    if reference(&seen.order) != Some(draft.reference) {
        return refuse("This order of the store is not the one that was imported.");
    }
    if !currency(&seen.order).is_ok_and(|currency| currency == draft.currency) {
        return refuse("The store keeps the order in another currency, which cannot be changed any more.");
    }
    let changes = changes(draft, &seen.order)?;
    api.update_order(OPERATION, seen.order.id, &changes).await?;
    afterwards(api, OPERATION, id).await?.read(OPERATION, api)
}

fn changes(draft: &StoreOrderDraft, order: &wire::Order) -> Result<OrderChanges, ConnectError> {
    let costs = Costs::of(draft).map_err(|error| refused(OPERATION, ErrorKind::InvalidOrder, error.to_string()))?;
    let mut there: Vec<&OrderProduct> = order.lines().unwrap_or_default();
    let mut products = Vec::new();
    for wanted in new_products(OPERATION, draft)? {
        // The same product under the same mark, else the next one that is the line's own.
        let same =
            there.iter().position(|line| is_same_product(&wanted, line) && line.name_merchant == wanted.name_merchant);
        match same.or_else(|| there.iter().position(|line| is_same_product(&wanted, line))) {
            Some(at) => {
                let line = there.remove(at);
                if !is_as_wanted(&wanted, line) {
                    products.push(ProductChange::Whole(Box::new(NewProduct { id: Some(line.id), ..wanted })));
                }
            }
            None => products.push(ProductChange::Whole(Box::new(wanted))),
        }
    }
    products.extend(there.into_iter().map(|line| {
        ProductChange::Removed(RemovedProduct {
            id: line.id,
            product_id: (line.product_id > 0).then_some(line.product_id),
            quantity: 0,
        })
    }));
    let is_paid = Status::of(order).is_paid();
    let status_id = match (draft.paid, is_paid) {
        (true, false) => Some(status::AWAITING_FULFILLMENT),
        (false, true) => Some(status::AWAITING_PAYMENT),
        _ => None,
    };
    let discount = Money::rounded(order.discount_amount.0, draft.currency);
    Ok(OrderChanges {
        status_id,
        staff_notes: None,
        products,
        shipping_cost_ex_tax: Some(amount(costs.shipping_ex)),
        shipping_cost_inc_tax: Some(amount(costs.shipping_inc)),
        discount_amount: (discount != Ok(costs.discount)).then(|| amount(costs.discount)),
        fees: Some(costs.fees),
    })
}

fn is_same_product(wanted: &NewProduct, line: &OrderProduct) -> bool {
    let same_variant = wanted.variant_id.is_none_or(|variant| line.variant_id == 0 || line.variant_id == variant);
    wanted.product_id.unwrap_or(0) == line.product_id && same_variant
}

fn is_as_wanted(wanted: &NewProduct, line: &OrderProduct) -> bool {
    let price = |text: &str| text.parse::<rust_decimal::Decimal>().ok();
    whole(line.quantity.0) == Some(wanted.quantity)
        && price(wanted.price_ex_tax.get()) == Some(line.price_ex_tax.0)
        && price(wanted.price_inc_tax.get()) == Some(line.price_inc_tax.0)
        && line.name_merchant == wanted.name_merchant
}
