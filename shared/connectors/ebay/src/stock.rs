//! Quantities: set on the inventory item and on each offer that sells it, because the lower of the two is for sale.

use connect::{ConnectError, ErrorKind, QuantityUpdate};
use domain::ListingKey;

use crate::api::Api;
use crate::error::{self, Call};
use crate::wire;

const OPERATION: &str = "ebay.bulk_update_price_quantity";
/// Offers in one call.
const MAX_OFFERS: usize = 25;

/// One call for each SKU, because "only one SKU (one product) can be updated per call".
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

/// <https://developer.ebay.com/api-docs/sell/static/inventory/bulk-updates.html>
async fn set_quantity(api: &Api, update: &QuantityUpdate) -> Result<(), ConnectError> {
    let sku = match (&update.sku, &update.listing) {
        (Some(sku), _) | (None, ListingKey::Sku(sku)) => sku.as_str(),
        (None, ListingKey::Listing(_)) => {
            let message = "This eBay listing has no SKU, so its quantity cannot be set.";
            return Err(ConnectError::new(ErrorKind::Unsupported, OPERATION, message).without_effect());
        }
    };
    let offers = match api.get_offers(sku).await {
        Ok(offers) => offers.offers,
        // An inventory item that no offer sells yet still has a quantity.
        Err(error) if error.kind == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let live = offers.into_iter().filter(|offer| offer.status.as_deref() == Some("PUBLISHED"));
    // "availableQuantity is not applicable for auction offer."
    let live = live.filter(|offer| offer.format.as_deref() != Some("AUCTION"));
    let quantity = |offer_id| wire::OfferPriceQuantity { offer_id, available_quantity: update.quantity };
    let request = wire::PriceQuantity {
        sku: sku.to_owned(),
        ship_to_location_availability: wire::ShipToLocationAvailability { quantity: Some(i64::from(update.quantity)) },
        offers: live.filter_map(|offer| offer.offer_id).take(MAX_OFFERS).map(quantity).collect(),
    };
    let answer = api.bulk_update_price_quantity(&wire::BulkPriceQuantity { requests: [request] }).await?;
    let Some(refused) = answer.responses.iter().find(|response| response.status_code != Some(200)) else {
        return if answer.responses.is_empty() {
            let message = "eBay did not say whether it set this quantity.";
            Err(ConnectError::new(ErrorKind::Decode, OPERATION, message).with_context("no responses"))
        } else {
            Ok(())
        };
    };
    Err(error::of(OPERATION, refused.status_code.unwrap_or_default(), &refused.errors, Call::Write))
}
