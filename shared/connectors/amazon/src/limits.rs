//! Amazon's limits: one for each operation, as its description states them.
//! <https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits>

use std::time::Duration;

use connect::{Allowance, Response, Told};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// 0.0056 a second: one in three minutes.
pub static SEARCH_ORDERS: Allowance = Allowance { name: "searchOrders", burst: 20, per_hour: 20 };
pub static GET_ORDER: Allowance = Allowance { name: "getOrder", burst: 30, per_hour: 1800 };
pub static CONFIRM_SHIPMENT: Allowance = Allowance { name: "confirmShipment", burst: 10, per_hour: 7200 };
pub static SEARCH_LISTINGS: Allowance = Allowance { name: "searchListingsItems", burst: 5, per_hour: 18_000 };
pub static GET_LISTING: Allowance = Allowance { name: "getListingsItem", burst: 10, per_hour: 18_000 };
pub static PATCH_LISTING: Allowance = Allowance { name: "patchListingsItem", burst: 5, per_hour: 18_000 };
/// Each operation of the notifications has one of its own; they are seldom asked for.
pub static NOTIFICATIONS: Allowance = Allowance { name: "notifications", burst: 5, per_hour: 3600 };
pub static PARTICIPATIONS: Allowance = Allowance { name: "getMarketplaceParticipations", burst: 15, per_hour: 57 };

/// Requests a second, as Amazon grants them to this seller and application at the moment.
fn rate(response: &Response) -> Option<Decimal> {
    let text = response.header("x-amzn-ratelimit-limit")?;
    Decimal::from_str_exact(text.trim()).ok().filter(|rate| *rate > Decimal::ZERO)
}

/// What an answer says of its operation's allowance.
pub fn told(response: &Response) -> Option<Told> {
    let per_hour = rate(response).and_then(|rate| rate.checked_mul(Decimal::from(3600)))?.floor().to_u32();
    let left = (response.status == 429).then_some(0);
    per_hour.filter(|calls| *calls > 0).map(|calls| Told { left, per_hour: Some(calls), ..Told::default() })
}

/// Amazon sends no `Retry-After` of its own: the next call is there after one step of the rate.
pub fn wait(response: &Response) -> Option<Duration> {
    if let Some(wait) = response.retry_after() {
        return Some(wait);
    }
    let seconds = Decimal::ONE.checked_div(rate(response)?)?.ceil().to_u64()?;
    (response.status == 429).then(|| Duration::from_secs(seconds.max(1)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::{env, fs};

    use serde_json::Value;

    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers: BTreeMap<_, _> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { operation: "amazon.test", status, headers, body: Vec::new() }
    }

    #[test]
    fn the_rate_says_how_long_to_stay_away() {
        let seconds = |status, headers: &[(&str, &str)]| wait(&answer(status, headers)).map(|wait| wait.as_secs());
        assert_eq!(seconds(429, &[("x-amzn-ratelimit-limit", "0.0056")]), Some(179));
        assert_eq!(seconds(429, &[("x-amzn-ratelimit-limit", "5.0")]), Some(1));
        assert_eq!(seconds(429, &[("x-amzn-ratelimit-limit", "0.5"), ("retry-after", "7")]), Some(7));
        assert_eq!(seconds(429, &[("x-amzn-ratelimit-limit", "many")]), None);
        assert_eq!(seconds(429, &[("x-amzn-ratelimit-limit", "0")]), None);
        assert_eq!(seconds(503, &[("x-amzn-ratelimit-limit", "0.5")]), None);
        assert_eq!(seconds(429, &[]), None);
    }

    #[test]
    fn the_granted_rate_is_told() {
        let of = |status| told(&answer(status, &[("x-amzn-ratelimit-limit", "0.0167")])).unwrap();
        assert_eq!((of(200).left, of(200).per_hour), (None, Some(60)));
        assert_eq!((of(429).left, of(429).per_hour), (Some(0), Some(60)));
        assert!(told(&answer(200, &[])).is_none());
    }

    #[test]
    fn every_limit_is_the_described_one() {
        let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
        let folder = env::var_os("TRIBUTARY_SPECS").map_or(own, PathBuf::from).join("amazon");
        let limits = [
            ("orders_2026-01-01.json", &SEARCH_ORDERS),
            ("orders_2026-01-01.json", &GET_ORDER),
            ("ordersV0.json", &CONFIRM_SHIPMENT),
            ("listingsItems_2021-08-01.json", &SEARCH_LISTINGS),
            ("listingsItems_2021-08-01.json", &GET_LISTING),
            ("listingsItems_2021-08-01.json", &PATCH_LISTING),
            ("sellers.json", &PARTICIPATIONS),
        ];
        for (file, limit) in limits {
            let Ok(text) = fs::read_to_string(folder.join(file)) else {
                println!("skipped: no {file} in {}", folder.display());
                return;
            };
            let document: Value = serde_json::from_str(&text).unwrap();
            let calls = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
            let call = calls.map(|(_, call)| call).find(|call| call["operationId"] == limit.name).unwrap();
            // | Rate (requests per second) | Burst |
            let row = call["description"]
                .as_str()
                .unwrap()
                .lines()
                .find(|line| line.starts_with("| ") && line[2..].starts_with(|c: char| c.is_ascii_digit()));
            let cells: Vec<Decimal> =
                row.unwrap().split('|').filter_map(|cell| Decimal::from_str_exact(cell.trim()).ok()).collect();
            let per_hour = (cells[0] * Decimal::from(3600)).floor().to_u32().unwrap();
            assert_eq!((limit.per_hour, Decimal::from(limit.burst)), (per_hour, cells[1]), "{}", limit.name);
        }
    }
}
