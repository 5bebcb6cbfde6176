//! Quantities: patched into a listing, one by one, where the merchant ships it.

use connect::{ConnectError, ErrorKind, QuantityUpdate};
use domain::ListingKey;

use crate::api::Api;
use crate::error;
use crate::paging::BY_MERCHANT;
use crate::wire::listings as wire;

const OPERATION: &str = "amazon.patch_listings_item";

pub async fn set_quantities(api: &Api, updates: &[QuantityUpdate]) -> Vec<Result<(), ConnectError>> {
    let mut answers = Vec::with_capacity(updates.len());
    for update in updates {
        let answer = set_quantity(api, update).await;
        let stop = answer.as_ref().err().filter(|error| error.kind.is_temporary() || error.kind.needs_reconnect());
        let stop = stop.map(not_sent);
        answers.push(answer);
        if let Some(stop) = stop {
            // What stands against one call stands against the next.
            answers.resize_with(updates.len(), || Err(not_sent(&stop)));
        }
        if answers.len() == updates.len() {
            break;
        }
    }
    answers
}

fn not_sent(error: &ConnectError) -> ConnectError {
    ConnectError::new(error.kind, error.operation, error.public_message.clone())
        .without_effect()
        .with_retry_after(error.retry_after)
        .with_context(error.context.clone())
}

async fn set_quantity(api: &Api, update: &QuantityUpdate) -> Result<(), ConnectError> {
    let refused = |kind, message: &str| Err(ConnectError::new(kind, OPERATION, message).without_effect());
    let sku = match (&update.sku, &update.listing) {
        (Some(sku), _) | (None, ListingKey::Sku(sku)) => sku.as_str(),
        (None, ListingKey::Listing(_)) => {
            return refused(ErrorKind::Unsupported, "Amazon sets quantities by SKU, and this listing's is not known.");
        }
    };
    let listing = api.get_listing(sku).await?;
    let by_merchant = |at: &wire::FulfillmentAvailability| at.fulfillment_channel_code.as_deref() == Some(BY_MERCHANT);
    // A quantity of the merchant's would take the listing out of Amazon's warehouses.
    if !listing.fulfillment_availability.iter().any(by_merchant) {
        return refused(
            ErrorKind::InvalidOrder,
            "Amazon ships this listing itself, so its quantity is not yours to set.",
        );
    }
    let places = by_product_type(&listing, &api.config.marketplace_ids);
    if places.is_empty() {
        return refused(ErrorKind::NotFound, "This SKU is not listed in the marketplaces of this connection.");
    }
    for (product_type, marketplace_ids) in places {
        let body = patch(product_type, update.quantity);
        accepted(&api.patch_listing(sku, &marketplace_ids, &body).await?)?;
    }
    Ok(())
}

/// One patch is for one product type, and a listing may have another in each marketplace.
fn by_product_type<'a>(listing: &'a wire::Item, wanted: &'a [String]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut places: Vec<(&str, Vec<&str>)> = Vec::new();
    for summary in &listing.summaries {
        let (Some(id), Some(kind)) = (summary.marketplace_id.as_deref(), summary.product_type.as_deref()) else {
            continue;
        };
        if !wanted.iter().any(|wanted| wanted == id) {
            continue;
        }
        match places.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, ids)) => ids.push(id),
            None => places.push((kind, vec![id])),
        }
    }
    places
}

/// "Use the Patch merge operation to update the quantity field": what else the attribute holds stays.
/// <https://developer-docs.amazon.com/sp-api/docs/merge-a-listing>
fn patch(product_type: &str, quantity: u32) -> wire::ListingsItemPatchRequest {
    wire::ListingsItemPatchRequest {
        product_type: product_type.to_owned(),
        patches: [wire::PatchOperation {
            op: "merge",
            path: "/attributes/fulfillment_availability",
            value: [wire::QuantityOfChannel { fulfillment_channel_code: BY_MERCHANT, quantity }],
        }],
    }
}

/// "Refer to the response to determine if the submission was accepted."
fn accepted(answer: &wire::ListingsItemSubmissionResponse) -> Result<(), ConnectError> {
    match answer.status.as_deref() {
        Some("ACCEPTED" | "VALID") => Ok(()),
        Some("INVALID") => {
            let errors = answer.issues.iter().filter(|issue| issue.severity.as_deref() != Some("INFO"));
            let codes: Vec<String> = errors.filter_map(|issue| issue.code.as_deref().map(error::word)).collect();
            let message = "Amazon does not accept this quantity: look at the listing in Seller Central.";
            let error = ConnectError::new(ErrorKind::InvalidOrder, OPERATION, message);
            Err(error.without_effect().with_context(format!("INVALID, issues {codes:?}")))
        }
        _ => {
            let message = "Amazon did not say whether it took this quantity.";
            Err(ConnectError::new(ErrorKind::Decode, OPERATION, message).with_context("no known status"))
        }
    }
}
