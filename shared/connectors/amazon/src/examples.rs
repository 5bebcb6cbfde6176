//! Every example answer of Amazon's descriptions is read: the pairs of its sandbox, and the samples beside the schemas.
//!
//! Some are nonsense as data, though not in form: `createdBefore` earlier than the orders it lists, a package made after the
//! order's last change, an anonymised e-mail address on an order of Amazon's own warehouse.

use std::path::PathBuf;
use std::{env, fs};

use connect::Response;
use domain::totals::totals;
use serde_json::Value;

use crate::error::{self, Call};
use crate::wire::{self, listings, orders};
use crate::{map, paging};

fn description(file: &str) -> Option<Value> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
    let folder = env::var_os("TRIBUTARY_SPECS").map_or(own, PathBuf::from).join("amazon");
    let text = fs::read_to_string(folder.join(file)).ok();
    if text.is_none() {
        println!("skipped: no {file} in {}", folder.display());
    }
    Some(serde_json::from_str(&text?).unwrap())
}

/// The example answers of an operation, with their status.
fn answers(description: &Value, operation: &str) -> Vec<(u16, Value)> {
    let calls = description["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let call = calls.into_iter().find(|call| call["operationId"] == operation).unwrap();
    let mut found = Vec::new();
    for (status, answer) in call["responses"].as_object().unwrap() {
        let status: u16 = status.parse().unwrap();
        let pairs = answer["x-amzn-api-sandbox"]["static"].as_array().into_iter().flatten();
        found.extend(pairs.map(|pair| (status, pair["response"].clone())));
        // The sellers' sample stands there without its media type.
        let samples = &answer["examples"];
        let sample = samples.get("application/json").unwrap_or(samples);
        found.extend(sample.is_object().then(|| (status, sample.clone())));
    }
    found
}

#[test]
fn every_example_order_is_read_and_adds_up() {
    let Some(description) = description("orders_2026-01-01.json") else { return };
    let mut read = Vec::new();
    for operation in ["searchOrders", "getOrder"] {
        for (_, answer) in answers(&description, operation).into_iter().filter(|(status, _)| *status == 200) {
            let body = answer.to_string();
            if operation == "searchOrders" {
                let list: orders::SearchOrdersResponse = serde_json::from_str(&body).unwrap();
                read.extend(list.orders.unwrap().iter().map(|raw| map::read(raw.get().as_bytes()).unwrap()));
            } else {
                let one: orders::GetOrderResponse = serde_json::from_str(&body).unwrap();
                read.push(map::read(one.order.unwrap().get().as_bytes()).unwrap());
            }
        }
    }
    read.sort_by(|a, b| a.id.cmp(&b.id));
    read.dedup_by(|a, b| a.id == b.id);
    let shown: Vec<String> = read
        .iter()
        .map(|order| {
            let sums = totals(order).unwrap();
            let (paid, held) = (order.payment.is_paid(), order.fulfilled_by_channel);
            format!("{} {} paid={paid} fba={held} {:?} {:?}", order.id, sums.store_total, order.fulfilment, order.tax)
        })
        .collect();
    println!("{shown:#?}");
    let expected = [
        ("028-1234567-8901234", "125.00 TRY"),
        ("114-9876543-1234567", "49.99 USD"),
        ("171-2345678-9012345", "1599.90 BRL"),
        ("171-9876543-2109876", "299.90 BRL"),
        ("202-7654321-1098765", "34.99 GBP"),
        ("250-1234567-8901234", "19940 JPY"),
    ];
    for (id, total) in expected {
        let order = read.iter().find(|order| order.id.as_str() == id).unwrap();
        assert_eq!(totals(order).unwrap().store_total.to_string(), total, "{id}");
    }
    assert!(read.len() >= expected.len(), "{}", read.len());
    let turkish = read.iter().find(|order| order.id.as_str() == "028-1234567-8901234").unwrap();
    assert!(turkish.warnings.iter().any(|warning| warning.contains("does not say how much")), "{:?}", turkish.warnings);
}

#[test]
fn every_example_of_listings_and_accounts_is_read() {
    let (Some(items), Some(sellers)) = (description("listingsItems_2021-08-01.json"), description("sellers.json"))
    else {
        return;
    };
    let ok = |description: &Value, operation: &str| {
        let all = answers(description, operation).into_iter().filter(|(status, _)| *status == 200);
        all.map(|(_, answer)| answer.to_string()).collect::<Vec<_>>()
    };
    let mut read = 0;
    for body in ok(&items, "searchListingsItems") {
        let found: listings::ItemSearchResults = serde_json::from_str(&body).unwrap();
        for item in found.items.unwrap() {
            let listing = paging::listing(item).unwrap();
            assert!(listing.active && !listing.title.is_empty());
            assert_eq!(listing.quantity, Some(100));
        }
        read += 1;
    }
    for body in ok(&items, "getListingsItem") {
        let item: listings::Item = serde_json::from_str(&body).unwrap();
        assert_eq!(item.summaries[0].product_type.as_deref(), Some("LUGGAGE"));
        read += 1;
    }
    for body in ok(&items, "patchListingsItem") {
        let answer: listings::ListingsItemSubmissionResponse = serde_json::from_str(&body).unwrap();
        assert!(matches!(answer.status.as_deref(), Some("ACCEPTED" | "VALID" | "INVALID")));
        read += 1;
    }
    for body in ok(&sellers, "getMarketplaceParticipations") {
        let answer: wire::Participations = serde_json::from_str(&body).unwrap();
        assert_eq!(answer.payload[0].store_name.as_deref(), Some("BestSellerStore"));
        read += 1;
    }
    assert!(read >= 8, "{read}");
}

#[test]
fn every_example_refusal_is_understood() {
    let used = [
        ("orders_2026-01-01.json", "searchOrders", Call::Read),
        ("orders_2026-01-01.json", "getOrder", Call::Order),
        ("ordersV0.json", "confirmShipment", Call::Ship),
        ("listingsItems_2021-08-01.json", "searchListingsItems", Call::Read),
        ("listingsItems_2021-08-01.json", "getListingsItem", Call::Listing),
        ("listingsItems_2021-08-01.json", "patchListingsItem", Call::Quantity),
    ];
    let mut read = 0;
    for (file, operation, call) in used {
        let Some(description) = description(file) else { return };
        for (status, answer) in answers(&description, operation).into_iter().filter(|(status, _)| *status >= 400) {
            let body = answer.to_string().into_bytes();
            let response =
                Response { operation: "amazon.test", status, headers: std::collections::BTreeMap::new(), body };
            let error = error::classify(&response, call);
            let code = answer["errors"][0]["code"].as_str().unwrap();
            assert_eq!(error.context, format!("status {status}, errors [{code:?}]"), "{operation}");
            assert_eq!(error.effect, connect::Effect::None, "{operation}");
            read += 1;
        }
    }
    assert!(read >= 6, "{read}");
}
