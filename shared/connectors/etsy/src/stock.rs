//! Quantities: Etsy replaces a listing's whole inventory, so it is read, changed in one place and written back.

use std::collections::BTreeMap;

use connect::{ConnectError, ErrorKind, QuantityUpdate};
use domain::{ListingKey, Sku};

use crate::api::Api;
use crate::inventory::{self, Wanted};
use crate::{map, paging, wire};

pub use crate::inventory::is_taken_out;

const OPERATION: &str = "etsy.update_listing_inventory";

/// What one update asks of one listing.
struct Part {
    update: usize,
    listing: u64,
    product: Option<u64>,
    sku: Option<Sku>,
}

/// One read and one write for each listing, however many of its products change.
pub async fn set_quantities(
    api: &Api,
    updates: &[QuantityUpdate],
) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
    let mut answers: Vec<Result<(), ConnectError>> = updates.iter().map(|_| Ok(())).collect();
    let mut by_listing: BTreeMap<u64, Vec<Part>> = BTreeMap::new();
    for part in parts(api, updates, &mut answers).await? {
        by_listing.entry(part.listing).or_default().push(part);
    }
    let mut stop: Option<ConnectError> = None;
    for (listing, parts) in by_listing {
        let outcome = match &stop {
            // What stands against one call stands against the next.
            Some(error) => Err(not_sent(error)),
            None => set_listing(api, listing, &parts, updates, &mut answers).await,
        };
        let Err(error) = outcome else { continue };
        for part in &parts {
            if let Some(answer) = answers.get_mut(part.update).filter(|answer| answer.is_ok()) {
                *answer = Err(same(&error));
            }
        }
        if error.kind.is_temporary() || error.kind.needs_reconnect() {
            stop = Some(error);
        }
    }
    Ok(answers)
}

/// Which listings the updates are about. A SKU alone is looked for in the whole shop, once for all of them.
async fn parts(
    api: &Api,
    updates: &[QuantityUpdate],
    answers: &mut [Result<(), ConnectError>],
) -> Result<Vec<Part>, ConnectError> {
    let mut parts = Vec::new();
    let mut wanted: Vec<(usize, &Sku)> = Vec::new();
    for (index, update) in updates.iter().enumerate() {
        match &update.listing {
            ListingKey::Sku(sku) => wanted.push((index, sku)),
            ListingKey::Listing(key) => {
                let (listing, product) = key.split_once('/').map_or((key.as_str(), None), |(l, p)| (l, Some(p)));
                match (listing.parse(), product.map(str::parse).transpose()) {
                    (Ok(listing), Ok(product)) => {
                        parts.push(Part { update: index, listing, product, sku: update.sku.clone() });
                    }
                    _ => answers[index] = Err(not_found("no listing id")),
                }
            }
        }
    }
    if wanted.is_empty() {
        return Ok(parts);
    }
    let mut page = None;
    loop {
        let (listings, next, _) = paging::shop_listings(api, page.as_ref()).await?;
        for listing in &listings {
            let Some(id) = listing.listing_id else { continue };
            for (index, sku) in &wanted {
                let sold = map::listings(listing).into_iter().any(|sold| sold.sku.as_ref() == Some(*sku));
                let known = parts.iter().any(|part: &Part| part.update == *index && part.listing == id);
                if sold && !known {
                    parts.push(Part { update: *index, listing: id, product: None, sku: Some((*sku).clone()) });
                }
            }
        }
        page = next;
        if page.is_none() {
            break;
        }
    }
    for (index, _) in wanted {
        if !parts.iter().any(|part| part.update == index) {
            answers[index] = Err(not_found("no such SKU"));
        }
    }
    Ok(parts)
}

/// Sets what the parts ask for. A part that names nothing of the listing fails alone.
async fn set_listing(
    api: &Api,
    listing: u64,
    parts: &[Part],
    updates: &[QuantityUpdate],
    answers: &mut [Result<(), ConnectError>],
) -> Result<(), ConnectError> {
    // Read once more where the listing changed between reading and writing.
    for _ in 0..2 {
        let found = api.get_listing_inventory(listing).await?;
        let mut wanted = Vec::new();
        for part in parts {
            match inventory::find(&found, part.product, part.sku.as_ref()) {
                Ok(product) => wanted.push(Wanted { product, quantity: updates[part.update].quantity }),
                Err(error) => answers[part.update] = Err(error),
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        if write(api, listing, &found, &wanted).await? {
            return Ok(());
        }
    }
    let message = "This Etsy listing changed while its quantity was set.";
    Err(ConnectError::new(ErrorKind::Unavailable, OPERATION, message).without_effect().with_context("status 409"))
}

/// `false`: the listing changed meanwhile.
async fn write(
    api: &Api,
    listing: u64,
    found: &wire::ListingInventory,
    wanted: &[Wanted],
) -> Result<bool, ConnectError> {
    let state = found.listing.as_ref().and_then(|listing| listing.state.as_deref()).unwrap_or_default();
    let change = inventory::change(found, state, wanted)?;
    if change.nothing_to_do {
        return Ok(true);
    }
    let after = match api.update_listing_inventory(listing, &change.update).await {
        Ok(Some(after)) => after,
        Ok(None) => return Ok(false),
        // Whatever Etsy has against hiding it, nothing more is sold.
        Err(error) if change.takes_out && error.kind == ErrorKind::InvalidOrder => {
            api.update_listing_state(listing, "inactive").await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    if !inventory::shows(&after, &change.update) {
        let message = "Etsy did not keep the quantity that was set.";
        return Err(ConnectError::new(ErrorKind::InvalidOrder, OPERATION, message).with_context("not in the answer"));
    }
    if change.takes_out {
        api.update_listing_state(listing, "inactive").await?;
    }
    if change.brings_back {
        api.update_listing_state(listing, "active").await?;
    }
    Ok(true)
}

fn not_found(context: &str) -> ConnectError {
    ConnectError::new(ErrorKind::NotFound, OPERATION, "Etsy does not have this listing (any more).")
        .without_effect()
        .with_context(context)
}

fn not_sent(error: &ConnectError) -> ConnectError {
    same(error).without_effect()
}

fn same(error: &ConnectError) -> ConnectError {
    let mut same = ConnectError::new(error.kind, error.operation, error.public_message.clone())
        .with_retry_after(error.retry_after)
        .with_context(error.context.clone());
    (same.effect, same.held_back) = (error.effect, error.held_back);
    same
}
