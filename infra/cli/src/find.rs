//! What people call a thing, and the id that the API knows it by.

use serde_json::Value;

use crate::api::{Api, Query, read};
use crate::error::Failure;
use crate::wire::{Connection, Connections, Row};

/// A page of any list of orders.
#[derive(Debug, Default)]
pub struct Page {
    pub orders: Vec<Value>,
    pub next: Option<String>,
    pub as_of: Option<String>,
    pub looked_back_to: Option<String>,
}

/// One page of a list of orders, each as the API wrote it.
pub async fn page(api: &mut Api, path: &str, query: &Query) -> Result<Page, Failure> {
    let mut answer = api.get(path, query).await?;
    let text = |name: &str| answer[name].as_str().map(str::to_owned);
    let (next, as_of, looked_back_to) = (text("next"), text("as_of"), text("looked_back_to"));
    let orders = match answer["orders"].take() {
        Value::Array(orders) => orders,
        other => read::<Vec<Value>>(&other)?,
    };
    Ok(Page { orders, next, as_of, looked_back_to })
}

/// An order by its id, or by its number here, on the channel or in the main store.
pub async fn order(api: &mut Api, called: &str) -> Result<String, Failure> {
    if is_order_id(called) {
        return Ok(called.to_ascii_uppercase());
    }
    let mut cursor = None;
    loop {
        let mut query = vec![("search", called.to_owned()), ("limit", "200".to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let found = page(api, "/orders", &query).await?;
        let rows = found.orders.iter().map(read).collect::<Result<Vec<Row>, _>>()?;
        let named: Vec<&Row> = rows.iter().filter(|row| goes_by(row, called)).collect();
        match (named.as_slice(), found.next) {
            ([one], _) => return Ok(one.id.clone()),
            ([], Some(next)) => cursor = Some(next),
            ([], None) => return Err(Failure::NotFound(format!("There is no order `{called}`."))),
            (several, _) => return Err(Failure::NotFound(ambiguous(called, several))),
        }
    }
}

fn goes_by(row: &Row, called: &str) -> bool {
    row.number.to_string() == called
        || row.channel.order_number == called
        || row.store_order_number.as_deref() == Some(called)
}

fn ambiguous(called: &str, several: &[&Row]) -> String {
    let lines = several.iter().map(|row| {
        let store = row.store_order_number.as_deref().map_or_else(String::new, |number| format!(", store {number}"));
        format!("\n  {}  number {}, {} {}{store}", row.id, row.number, row.channel.name, row.channel.order_number)
    });
    format!("{} orders go by {called}; name one by its id:{}", several.len(), lines.collect::<String>())
}

/// A ULID: 26 characters of Crockford's alphabet.
fn is_order_id(text: &str) -> bool {
    ulid::Ulid::from_string(text).is_ok()
}

/// A connection by its id or its name.
pub async fn connection(api: &mut Api, called: &str) -> Result<String, Failure> {
    let all: Connections = read(&api.get("/connections", &Query::new()).await?)?;
    one_of(&all.connections, called)
}

/// Several of them, read once; none of none.
pub async fn connections(api: &mut Api, called: &[String]) -> Result<Vec<String>, Failure> {
    if called.is_empty() {
        return Ok(Vec::new());
    }
    let all: Connections = read(&api.get("/connections", &Query::new()).await?)?;
    called.iter().map(|called| one_of(&all.connections, called)).collect()
}

fn one_of(all: &[Connection], called: &str) -> Result<String, Failure> {
    if let Some(exact) = all.iter().find(|connection| connection.id == called) {
        return Ok(exact.id.clone());
    }
    let named: Vec<&Connection> =
        all.iter().filter(|connection| connection.name.to_lowercase() == called.to_lowercase()).collect();
    match named.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => {
            if all.is_empty() {
                return Err(Failure::NotFound(format!("There is no connection `{called}`: nothing is connected yet.")));
            }
            let known = all.iter().map(|connection| format!("\n  {}  {}", connection.id, connection.name));
            let known = known.collect::<String>();
            Err(Failure::NotFound(format!("There is no connection `{called}`; there are:{known}")))
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|connection| connection.id.as_str()).collect();
            let ids = ids.join(", ");
            Err(Failure::NotFound(format!("Several connections are called `{called}`; name one by its id: {ids}.")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all() -> Vec<Connection> {
        let connection =
            |id: &str, name: &str| json!({ "id": id, "platform": "ebay", "role": "channel", "name": name });
        let all = json!([connection("ebay-1", "eBay UK"), connection("ebay-2", "Twin"), connection("ebay-3", "Twin")]);
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn a_connection_goes_by_its_id_or_by_a_name_that_no_other_has() {
        assert_eq!(one_of(&all(), "ebay-2").unwrap(), "ebay-2");
        assert_eq!(one_of(&all(), "ebay uk").unwrap(), "ebay-1");
        let twins = one_of(&all(), "Twin").unwrap_err().to_string();
        assert!(twins.contains("ebay-2") && twins.contains("ebay-3"), "{twins}");
        let unknown = one_of(&all(), "etsy").unwrap_err().to_string();
        assert!(unknown.contains("ebay-1  eBay UK"), "{unknown}");
        assert!(one_of(&[], "etsy").unwrap_err().to_string().ends_with("nothing is connected yet."));
    }

    #[test]
    fn only_26_characters_of_the_alphabet_are_an_id() {
        assert!(is_order_id("01KB1Q3V8F0C7R5M2X9D4T6W8Y") && is_order_id("01kb1q3v8f0c7r5m2x9d4t6w8y"));
        assert!(!is_order_id("1042") && !is_order_id("12-34567-89012") && !is_order_id(&"U".repeat(26)));
    }
}
