//! Token buckets: one for each operation, at the rate and burst of its description.
//! <https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits>

use std::collections::BTreeMap;

use axum::http::Method;
use jiff::Timestamp;

use super::http::Asked;

/// One operation's usage plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub operation: &'static str,
    /// Requests a second, as `x-amzn-RateLimit-Limit` tells it.
    pub rate: &'static str,
    /// Milliseconds until one more request is there.
    step: i64,
    pub burst: i64,
}

const fn of(operation: &'static str, rate: &'static str, step: i64, burst: i64) -> Limit {
    Limit { operation, rate, step, burst }
}

pub const LIMITS: [Limit; 12] = [
    of("searchOrders", "0.0056", 178_572, 20),
    of("getOrder", "0.5", 2_000, 30),
    of("confirmShipment", "2.0", 500, 10),
    of("searchListingsItems", "5.0", 200, 5),
    of("getListingsItem", "5.0", 200, 10),
    of("patchListingsItem", "5.0", 200, 5),
    of("getMarketplaceParticipations", "0.016", 62_500, 15),
    of("getDestinations", "1.0", 1_000, 5),
    of("createDestination", "1.0", 1_000, 5),
    of("getSubscription", "1.0", 1_000, 5),
    of("createSubscription", "1.0", 1_000, 5),
    of("deleteSubscriptionById", "1.0", 1_000, 5),
];

pub(super) fn limit_of(operation: &str) -> Option<&'static Limit> {
    LIMITS.iter().find(|limit| limit.operation == operation)
}

/// Where the descriptions are absent.
pub(super) fn operation_of(asked: &Asked) -> Option<&'static str> {
    let segments = asked.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (&asked.method, &path[..]) {
        (&Method::GET, ["orders", "2026-01-01", "orders"]) => Some("searchOrders"),
        (&Method::GET, ["orders", "2026-01-01", "orders", _]) => Some("getOrder"),
        (&Method::POST, ["orders", "v0", "orders", _, "shipmentConfirmation"]) => Some("confirmShipment"),
        (&Method::GET, ["listings", "2021-08-01", "items", _]) => Some("searchListingsItems"),
        (&Method::GET, ["listings", "2021-08-01", "items", _, _]) => Some("getListingsItem"),
        (&Method::PATCH, ["listings", "2021-08-01", "items", _, _]) => Some("patchListingsItem"),
        (&Method::GET, ["notifications", "v1", "destinations"]) => Some("getDestinations"),
        (&Method::POST, ["notifications", "v1", "destinations"]) => Some("createDestination"),
        (&Method::GET, ["notifications", "v1", "subscriptions", _]) => Some("getSubscription"),
        (&Method::POST, ["notifications", "v1", "subscriptions", _]) => Some("createSubscription"),
        (&Method::DELETE, ["notifications", "v1", "subscriptions", _, _]) => Some("deleteSubscriptionById"),
        (&Method::GET, ["sellers", "v1", "marketplaceParticipations"]) => Some("getMarketplaceParticipations"),
        _ => None,
    }
}

/// What is left of each bucket: when it would be full again, in milliseconds.
#[derive(Debug, Default)]
pub(super) struct Buckets(BTreeMap<&'static str, i64>);

impl Buckets {
    pub(super) fn take(&mut self, limit: &Limit, now: Timestamp) -> bool {
        let now = now.as_millisecond();
        let full_at = (*self.0.get(limit.operation).unwrap_or(&now)).max(now);
        let after = full_at + limit.step;
        if after - now > limit.step * limit.burst {
            return false;
        }
        self.0.insert(limit.operation, after);
        true
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let (mut buckets, limit) = (Buckets::default(), &LIMITS[0]);
        let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        assert_eq!((0..25).filter(|_| buckets.take(limit, start)).count(), 20);
        assert!(!buckets.take(limit, start + SignedDuration::from_secs(178)));
        assert!(buckets.take(limit, start + SignedDuration::from_secs(179)));
        assert_eq!((0..99).filter(|_| buckets.take(limit, start + SignedDuration::from_hours(2))).count(), 20);
        assert!(buckets.take(&LIMITS[1], start), "another operation has another bucket");
    }
}
