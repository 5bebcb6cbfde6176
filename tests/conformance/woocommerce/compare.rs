//! Compares two answers value by value, but for what is random or another sequence.

use jiff::civil::DateTime;
use serde_json::Value;

/// Random, made up by the shop, or of no concern to a connector.
const IGNORED: [&str; 9] = [
    "_links",
    "order_key",
    "payment_url",
    "price_html",
    "related_ids",
    "permalink",
    "total_sales",
    "weight",
    "average_rating",
];

/// Fields of products that the fake does not have, and no connector reads.
const PRODUCT_FIELDS_LEFT_OUT: [&str; 20] = [
    "brands",
    "button_text",
    "cross_sell_ids",
    "date_on_sale_from",
    "date_on_sale_from_gmt",
    "date_on_sale_to",
    "date_on_sale_to_gmt",
    "download_expiry",
    "download_limit",
    "downloads",
    "external_url",
    "gallery_image_ids",
    "generated_slug",
    "permalink_template",
    "post_password",
    "purchase_note",
    "shipping_required",
    "shipping_taxable",
    "sold_individually",
    "upsell_ids",
];

/// The differences, each with its place. `ids`: whether ids are compared too.
pub fn differences(recorded: &Value, answered: &Value, ids: bool) -> Vec<String> {
    let mut found = Vec::new();
    walk("", recorded, answered, ids, &mut found);
    found
}

fn walk(place: &str, recorded: &Value, answered: &Value, ids: bool, found: &mut Vec<String>) {
    match (recorded, answered) {
        (Value::Object(recorded), Value::Object(answered)) => {
            for (name, value) in recorded {
                if IGNORED.contains(&name.as_str()) || (!ids && (name == "id" || name == "number")) {
                    continue;
                }
                let place = format!("{place}.{name}");
                match answered.get(name) {
                    Some(other) => walk(&place, value, other, ids, found),
                    None if PRODUCT_FIELDS_LEFT_OUT.contains(&name.as_str()) => {}
                    None => found.push(format!("{place}: recorded {value}, missing")),
                }
            }
            for name in answered.keys().filter(|name| !recorded.contains_key(*name)) {
                if !IGNORED.contains(&name.as_str()) {
                    found.push(format!("{place}.{name}: not in the recording"));
                }
            }
        }
        (Value::Array(recorded), Value::Array(answered)) => {
            if recorded.len() != answered.len() {
                found.push(format!("{place}: recorded {} entries, answered {}", recorded.len(), answered.len()));
                return;
            }
            // Metas come in any order, and their ids count all metas of the shop.
            let metas = place.ends_with("meta_data");
            let (recorded, answered) =
                if metas { (by_key(recorded), by_key(answered)) } else { (recorded.clone(), answered.clone()) };
            for (index, (value, other)) in recorded.iter().zip(&answered).enumerate() {
                walk(&format!("{place}[{index}]"), value, other, ids && !metas, found);
            }
        }
        (recorded, answered) if recorded == answered || same_moment(recorded, answered) => {}
        (recorded, answered) => found.push(format!("{place}: recorded {recorded}, answered {answered}")),
    }
}

fn by_key(metas: &[Value]) -> Vec<Value> {
    let mut metas = metas.to_vec();
    metas.sort_by_key(|meta| meta["key"].to_string());
    metas
}

/// A real shop took up to two seconds between the dates of one answer; the fake's clock stands still.
fn same_moment(recorded: &Value, answered: &Value) -> bool {
    let date = |value: &Value| value.as_str()?.parse::<DateTime>().ok();
    match (date(recorded), date(answered)) {
        (Some(recorded), Some(answered)) => {
            let apart = recorded.duration_since(answered).as_secs().abs();
            apart <= 2
        }
        _ => false,
    }
}
