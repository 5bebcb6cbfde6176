//! Listings Items 2021-08-01: the seller's listings and their quantities.
//! <https://developer-docs.amazon.com/sp-api/docs/listings-items-api-v2021-08-01-use-case-guide>

use std::collections::BTreeMap;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::order::millis;
use super::render::stamp;
use super::{MARKETPLACES, SELLER_ID, Shared};

/// "The maximum number of items (SKUs) that can be returned and paged through is 1000."
const DEEPEST: usize = 1000;

#[derive(Debug, Clone)]
pub struct ListedItem {
    pub sku: String,
    pub title: String,
    pub product_type: String,
    pub marketplace_ids: Vec<String>,
    /// What the merchant has; `None`: Amazon's warehouse has it.
    pub quantity: Option<i64>,
    pub buyable: bool,
    /// `None`: when it is listed.
    pub created: Option<Timestamp>,
    /// Amazon refuses changes of this listing with this issue.
    pub issue: Option<&'static str>,
}

impl ListedItem {
    pub fn new(sku: &str, title: &str, quantity: i64) -> Self {
        Self {
            sku: sku.to_owned(),
            title: title.to_owned(),
            product_type: "GROCERY".to_owned(),
            marketplace_ids: vec![MARKETPLACES[0].to_owned()],
            quantity: Some(quantity),
            buyable: true,
            created: None,
            issue: None,
        }
    }

    #[must_use]
    pub fn by_amazon(mut self) -> Self {
        self.quantity = None;
        self
    }

    #[must_use]
    pub fn created(mut self, at: Timestamp) -> Self {
        self.created = Some(at);
        self
    }

    #[must_use]
    pub fn refused(mut self, issue: &'static str) -> Self {
        self.issue = Some(issue);
        self
    }
}

/// A quantity as a caller set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityPatch {
    pub at: Timestamp,
    pub sku: String,
    pub quantity: i64,
    pub product_type: String,
    pub marketplace_ids: Vec<String>,
    pub op: String,
}

#[derive(Debug, Default)]
pub(super) struct Listings {
    pub(super) items: BTreeMap<String, ListedItem>,
    pub(super) patches: Vec<QuantityPatch>,
}

impl Listings {
    pub(super) fn sold(&mut self, sku: &str, quantity: u32) {
        if let Some(left) = self.items.get_mut(sku).and_then(|item| item.quantity.as_mut()) {
            *left = (*left - i64::from(quantity)).max(0);
        }
    }
}

pub(super) fn answer(
    shared: &Shared,
    listings: &mut Listings,
    seller: &str,
    rest: &[&str],
    asked: &Asked,
) -> Result<Answer, Refusal> {
    if seller != SELLER_ID {
        return Err(Refusal::denied(""));
    }
    let marketplaces = asked.list("marketplaceIds");
    if marketplaces.iter().any(|id| !MARKETPLACES.contains(id)) {
        return Err(Refusal::invalid("Invalid 'marketplaceIds' provided."));
    }
    match (&asked.method, rest) {
        (&Method::GET, []) => search(shared, listings, asked),
        (&Method::GET, [sku]) => {
            let item = listings.items.get(*sku).filter(|item| item.is_in(&marketplaces));
            let item = item.ok_or_else(|| Refusal::not_found(&format!("SKU '{sku}'")))?;
            Ok(Answer::ok(item.json(&marketplaces, &asked.list("includedData"))))
        }
        (&Method::PATCH, [sku]) => patch(listings, sku, asked, millis(shared.clock.now())),
        _ => Err(Refusal::not_found("the resource")),
    }
}

impl ListedItem {
    fn is_in(&self, marketplaces: &[&str]) -> bool {
        self.marketplace_ids.iter().any(|id| marketplaces.contains(&id.as_str()))
    }

    fn created_at(&self) -> Timestamp {
        self.created.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn json(&self, marketplaces: &[&str], included: &[&str]) -> Value {
        let mut shown = json!({"sku": self.sku});
        let created = stamp(self.created_at());
        if included.is_empty() || included.contains(&"summaries") {
            let here = self.marketplace_ids.iter().filter(|id| marketplaces.contains(&id.as_str()));
            let summary = |id: &String| {
                json!({
                    "marketplaceId": id, "productType": self.product_type, "conditionType": "new_new",
                    "status": if self.buyable { vec!["BUYABLE", "DISCOVERABLE"] } else { vec![] },
                    "itemName": self.title, "createdDate": created, "lastUpdatedDate": created,
                })
            };
            shown["summaries"] = here.map(summary).collect();
        }
        if included.contains(&"fulfillmentAvailability") {
            shown["fulfillmentAvailability"] = match self.quantity {
                Some(quantity) => json!([{"fulfillmentChannelCode": "DEFAULT", "quantity": quantity}]),
                None => json!([{"fulfillmentChannelCode": "AMAZON_EU"}]),
            };
        }
        shown
    }
}

fn search(shared: &Shared, listings: &Listings, asked: &Asked) -> Result<Answer, Refusal> {
    let marketplaces = asked.list("marketplaceIds");
    let time = |text: &str| text.parse::<Timestamp>().map_err(|_| Refusal::invalid("Invalid date"));
    let after = asked.parameter("createdAfter").map(time).transpose()?;
    let size: usize = asked.parameter("pageSize").map_or(Some(10), |text| text.parse().ok()).unwrap_or(10);
    let size = shared.faults.page_limit(size.max(1));
    // A real token holds more than letters.
    let token = asked.parameter("pageToken").map(|token| token.strip_prefix("next|").and_then(|at| at.parse().ok()));
    let start: usize = match token {
        None => 0,
        Some(at) => at.ok_or_else(|| Refusal::invalid("Invalid 'pageToken' provided."))?,
    };
    let shows = |item: &&ListedItem| item.is_in(&marketplaces) && after.is_none_or(|after| item.created_at() >= after);
    let mut found: Vec<&ListedItem> = listings.items.values().filter(shows).collect();
    match asked.parameter("sortBy") {
        Some("createdDate") => found.sort_by_key(|item| (item.created_at(), &item.sku)),
        Some("sku") => found.sort_by_key(|item| &item.sku),
        _ => found.sort_by_key(|item| std::cmp::Reverse((item.created_at(), &item.sku))),
    }
    if asked.parameter("sortBy").is_some() && asked.parameter("sortOrder") != Some("ASC") {
        found.reverse();
    }
    let included = asked.list("includedData");
    let reachable = found.len().min(DEEPEST);
    let page: Vec<Value> =
        found[..reachable].iter().skip(start).take(size).map(|item| item.json(&marketplaces, &included)).collect();
    let mut body = json!({"numberOfResults": found.len(), "items": page});
    let mut pagination = serde_json::Map::new();
    if start + size < reachable {
        pagination.insert("nextToken".to_owned(), json!(format!("next|{}", start + size)));
    }
    if start > 0 {
        pagination.insert("previousToken".to_owned(), json!(format!("next|{}", start.saturating_sub(size))));
    }
    if !pagination.is_empty() {
        body["pagination"] = Value::Object(pagination);
    }
    Ok(Answer::ok(body))
}

/// "Only top-level listings item attributes can be patched."
fn patch(listings: &mut Listings, sku: &str, asked: &Asked, now: Timestamp) -> Result<Answer, Refusal> {
    let body = asked.json();
    let marketplace_ids: Vec<String> = asked.list("marketplaceIds").into_iter().map(str::to_owned).collect();
    let Some(item) = listings.items.get_mut(sku) else { return Err(Refusal::invalid("SKU not found")) };
    let submission = |status: &str, issues: Value| {
        let id = "f1dc2914-75dd-11ea-bc55-0242ac130003";
        Answer::ok(json!({"sku": sku, "status": status, "submissionId": id, "issues": issues}))
    };
    let issue = |code: &str, message: &str| json!([{"code": code, "message": message, "severity": "ERROR", "categories": ["INVALID_ATTRIBUTE"]}]);
    if let Some(code) = item.issue {
        return Ok(submission("INVALID", issue(code, "This listing cannot be changed.")));
    }
    if body["productType"].as_str() != Some(&item.product_type) {
        return Ok(submission("INVALID", issue("90244", "The product type is not that of the listing.")));
    }
    for operation in body["patches"].as_array().into_iter().flatten() {
        let value = &operation["value"][0];
        let quantity = value["quantity"].as_i64();
        let (Some("/attributes/fulfillment_availability"), Some("DEFAULT"), Some(quantity)) =
            (operation["path"].as_str(), value["fulfillment_channel_code"].as_str(), quantity)
        else {
            return Ok(submission("INVALID", issue("90000900", "The attributes are invalid.")));
        };
        item.quantity = Some(quantity);
        listings.patches.push(QuantityPatch {
            at: now,
            sku: sku.to_owned(),
            quantity,
            product_type: item.product_type.clone(),
            marketplace_ids: marketplace_ids.clone(),
            op: operation["op"].as_str().unwrap_or_default().to_owned(),
        });
    }
    Ok(submission("ACCEPTED", json!([])))
}
