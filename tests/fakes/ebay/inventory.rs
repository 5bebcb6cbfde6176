//! The Sell Inventory API: items with their quantities, the offers that sell them, and where they are kept.
//! <https://developer.ebay.com/api-docs/sell/inventory/resources/methods>

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use iso_currency::Currency;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Shared;
use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::money::amount;
use super::render::listing_of;

const BASE: &str = "/sell/inventory/v1";
/// "Each listing can be revised up to 250 times in one calendar day."
const REVISIONS_A_DAY: usize = 250;
const MAX_OFFERS: usize = 25;

/// One SKU, listed by one offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockedItem {
    pub sku: String,
    pub title: String,
    /// In minor units.
    pub price: i64,
    pub currency: Currency,
    /// Of the inventory item: `shipToLocationAvailability.quantity`.
    pub quantity: u32,
    /// Of the offer: `availableQuantity`. `None`: the item's quantity holds.
    pub offer_quantity: Option<u32>,
    pub offer_id: String,
    pub listing_id: String,
}

impl StockedItem {
    pub fn new(sku: &str, title: &str, price: i64, currency: Currency, quantity: u32) -> Self {
        let listing_id = listing_of(sku);
        let offer_id = format!("8{}", &listing_id[2..]);
        let (sku, title) = (sku.to_owned(), title.to_owned());
        Self { sku, title, price, currency, quantity, offer_quantity: None, offer_id, listing_id }
    }

    /// What buyers can buy.
    pub fn available(&self) -> u32 {
        self.offer_quantity.unwrap_or(self.quantity).min(self.quantity)
    }
}

/// A quantity that a caller set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityUpdate {
    pub at: Timestamp,
    pub sku: String,
    pub quantity: u32,
    /// `None`: the inventory item's own quantity.
    pub offer_id: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Inventory {
    pub(super) items: BTreeMap<String, StockedItem>,
    pub(super) updates: Vec<QuantityUpdate>,
}

impl Inventory {
    /// eBay lowers what is for sale by itself when it sells.
    pub(super) fn sold(&mut self, sku: &str, quantity: u32) {
        if let Some(item) = self.items.get_mut(sku) {
            item.quantity = item.quantity.saturating_sub(quantity);
            item.offer_quantity = item.offer_quantity.map(|offered| offered.saturating_sub(quantity));
        }
    }

    fn revisions(&self, sku: &str, now: Timestamp) -> usize {
        let day = |at: Timestamp| at.as_second().div_euclid(86_400);
        self.updates.iter().filter(|update| update.sku == sku && day(update.at) == day(now)).count()
    }
}

pub(super) fn answer(shared: &Shared, inventory: &mut Inventory, asked: &Asked) -> Result<Answer, Refusal> {
    let segments = asked.segments();
    let path: Vec<&str> = segments.iter().skip(3).map(String::as_str).collect();
    let get = asked.method == Method::GET;
    match path[..] {
        ["inventory_item"] if get => items(inventory, asked),
        ["inventory_item", sku] if get => {
            let message = || format!("{sku} could not be found or is not available in the system.");
            let item = inventory.items.get(sku);
            let item = item.ok_or_else(|| Refusal::inventory(StatusCode::NOT_FOUND, 25702, message()))?;
            Ok(Answer::ok(item_json(item)))
        }
        ["offer"] if get => offers(inventory, asked),
        ["offer", id] if get => {
            let item = inventory.items.values().find(|item| item.offer_id == id);
            Ok(Answer::ok(offer_json(item.ok_or_else(no_offer)?)))
        }
        ["location"] if get => Ok(Answer::ok(json!({
            "href": format!("{BASE}/location?limit=100&offset=0"),
            "limit": 100, "offset": 0, "total": 1,
            "locations": [{
                "merchantLocationKey": "main",
                "merchantLocationStatus": "ENABLED",
                "locationTypes": ["WAREHOUSE"],
                "location": {"locationId": "1", "address": {"country": "GB", "postalCode": "N1 1AA"}},
            }],
        }))),
        ["bulk_update_price_quantity"] => update(shared.clock.now(), inventory, &asked.json()),
        _ => Err(Refusal::no_such_resource()),
    }
}

fn no_offer() -> Refusal {
    Refusal::inventory(StatusCode::NOT_FOUND, 25713, "This Offer is not available.")
}

/// Here `offset` is the number of a page, not of an item.
fn items(inventory: &Inventory, asked: &Asked) -> Result<Answer, Refusal> {
    let number = |name: &str, default: usize| {
        asked.parameter(name).map_or(Some(default), |text| text.parse().ok()).ok_or_else(|| {
            Refusal::inventory(
                StatusCode::BAD_REQUEST,
                25706,
                format!("You have provided invalid pagination values. {name}."),
            )
        })
    };
    let (limit, page) = (number("limit", 25)?, number("offset", 0)?);
    if !(1..=200).contains(&limit) {
        let message = "You have provided invalid pagination values. limit.";
        return Err(Refusal::inventory(StatusCode::BAD_REQUEST, 25706, message));
    }
    let total = inventory.items.len();
    let link = |page: usize| format!("{BASE}/inventory_item?limit={limit}&offset={page}");
    let shown: Vec<Value> = inventory.items.values().skip(page * limit).take(limit).map(item_json).collect();
    let mut body = json!({
        "href": link(page), "limit": limit, "size": total.div_ceil(limit), "total": total, "inventoryItems": shown,
    });
    if (page + 1) * limit < total {
        body["next"] = json!(link(page + 1));
    }
    if page > 0 {
        body["prev"] = json!(link(page - 1));
    }
    Ok(Answer::ok(body))
}

fn offers(inventory: &Inventory, asked: &Asked) -> Result<Answer, Refusal> {
    let Some(sku) = asked.parameter("sku") else {
        return Err(Refusal::inventory(StatusCode::BAD_REQUEST, 25709, "Invalid value for sku."));
    };
    let item = inventory.items.get(sku).ok_or_else(no_offer)?;
    let href = format!("{BASE}/offer?sku={sku}&limit=100&offset=0");
    Ok(Answer::ok(json!({"href": href, "limit": 100, "size": 1, "total": 1, "offers": [offer_json(item)]})))
}

fn item_json(item: &StockedItem) -> Value {
    json!({
        "sku": item.sku,
        "locale": "en_GB",
        "condition": "NEW",
        "product": {"title": item.title},
        "availability": {"shipToLocationAvailability": {"quantity": item.quantity}},
    })
}

fn offer_json(item: &StockedItem) -> Value {
    json!({
        "offerId": item.offer_id,
        "sku": item.sku,
        "marketplaceId": "EBAY_GB",
        "format": "FIXED_PRICE",
        "availableQuantity": item.available(),
        "pricingSummary": {"price": amount(item.price, item.currency)},
        "status": "PUBLISHED",
        "listing": {"listingId": item.listing_id, "listingStatus": "ACTIVE", "soldQuantity": 0},
        "listingDuration": "GTC",
        "merchantLocationKey": "main",
    })
}

/// <https://developer.ebay.com/api-docs/sell/inventory/resources/inventory_item/methods/bulkUpdatePriceQuantity>
fn update(now: Timestamp, inventory: &mut Inventory, body: &Value) -> Result<Answer, Refusal> {
    let invalid = |what: &str| Refusal::inventory(StatusCode::BAD_REQUEST, 25709, format!("Invalid value for {what}."));
    let requests = body.get("requests").and_then(Value::as_array).ok_or_else(|| invalid("requests"))?;
    // "Only one SKU (one product) can be updated per call."
    let [request] = &requests[..] else { return Err(invalid("requests: one SKU per call")) };
    let offers = request.get("offers").and_then(Value::as_array).cloned().unwrap_or_default();
    let ids: Vec<&str> = offers.iter().filter_map(|offer| offer.get("offerId")?.as_str()).collect();
    let twice = ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id));
    if ids.len() != offers.len() || twice || ids.len() > MAX_OFFERS {
        return Err(invalid("offers"));
    }
    let sku = match request.get("sku").and_then(Value::as_str) {
        Some(sku) => sku.to_owned(),
        None => match inventory.items.values().find(|item| ids.contains(&item.offer_id.as_str())) {
            Some(item) => item.sku.clone(),
            None => return Err(invalid("sku")),
        },
    };
    let mut responses = Vec::new();
    if let Some(availability) = request.get("shipToLocationAvailability") {
        let quantity = availability.get("quantity").and_then(Value::as_i64);
        responses.push(set(now, inventory, &sku, None, quantity));
    }
    for offer in &offers {
        let id = offer.get("offerId").and_then(Value::as_str);
        match (offer.get("availableQuantity").and_then(Value::as_i64), offer.get("price")) {
            (None, None) => return Err(invalid("offers: availableQuantity or price is needed")),
            (None, Some(_)) => responses.push(json!({"sku": sku, "offerId": id, "statusCode": 200})),
            (quantity, _) => responses.push(set(now, inventory, &sku, id, quantity)),
        }
    }
    if responses.is_empty() {
        return Err(invalid("requests: nothing to update"));
    }
    let all = responses.iter().all(|response| response["statusCode"] == 200);
    let status = if all { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    Ok(Answer::json(status, json!({"responses": responses})))
}

fn set(now: Timestamp, inventory: &mut Inventory, sku: &str, offer: Option<&str>, quantity: Option<i64>) -> Value {
    let mut response = json!({"sku": sku});
    if let Some(offer) = offer {
        response["offerId"] = json!(offer);
    }
    let revisions = inventory.revisions(sku, now);
    let item = inventory.items.get_mut(sku).filter(|item| offer.is_none_or(|offer| item.offer_id == offer));
    let refusal = match (item, quantity.and_then(|quantity| u32::try_from(quantity).ok())) {
        (None, _) if offer.is_some() => no_offer(),
        (None, _) => {
            let message = format!("{sku} could not be found or is not available in the system.");
            Refusal::inventory(StatusCode::NOT_FOUND, 25702, message)
        }
        (_, None) => Refusal::inventory(StatusCode::BAD_REQUEST, 25709, "Invalid value for quantity."),
        (Some(_), _) if revisions >= REVISIONS_A_DAY => {
            let message = "Any User error. You have exceeded the number of revisions of this listing for today.";
            Refusal::inventory(StatusCode::BAD_REQUEST, 25002, message)
        }
        (Some(item), Some(quantity)) => {
            match offer {
                Some(_) => item.offer_quantity = Some(quantity),
                None => item.quantity = quantity,
            }
            let update = QuantityUpdate { at: now, sku: sku.to_owned(), quantity, offer_id: offer.map(str::to_owned) };
            inventory.updates.push(update);
            response["statusCode"] = json!(200);
            return response;
        }
    };
    response["statusCode"] = json!(refusal.status().as_u16());
    response["errors"] = json!([refusal.json()]);
    response
}
