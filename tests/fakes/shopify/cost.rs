//! What a query costs, and the bucket of points that it is paid from.
//!
//! <https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits>: an object costs 1, a scalar nothing, a
//! mutation 10, a connection is "sized by the first and last arguments". How it is sized is not published. A shop said
//! 25 for one product's `variants(first: 250)` with their inventory items
//! (<https://community.shopify.dev/t/23101>); the logarithm here gives the same for it, and is a guess elsewhere. That a
//! list by ids costs its objects follows from "the maximum of possible fields selected".

use jiff::Timestamp;
use serde_json::{Value, json};

use apollo_compiler::ast::Selection;

use super::graphql::{Request, Scope, Wanted, parse};

/// No single query may ask for more.
pub const DEAREST_QUERY: u32 = 1000;
/// A shop on an ordinary plan: 100 points a second, 2000 at most.
const MAXIMUM: u32 = 2000;
const RESTORED_EACH_SECOND: u32 = 100;
const MUTATION: u32 = 10;

/// What the query asks for, at most.
pub(super) fn requested(scope: &Scope<'_>) -> u32 {
    let base = if scope.is_mutation() { MUTATION } else { 0 };
    let root = scope.root();
    root.iter().fold(0, |sum: u32, field| {
        let mut cost = field_cost(scope, field);
        if scope.is_mutation() {
            cost = cost.saturating_sub(1).saturating_add(base);
        }
        sum.saturating_add(cost)
    })
}

/// What a request asks for by these rules, whoever sends it. `None`: it cannot be read.
pub fn requested_cost(document: &str, operation: &str, variables: &Value) -> Option<u32> {
    let request = Request {
        query: document.to_owned(),
        operation_name: Some(operation.to_owned()),
        variables: variables.as_object().cloned().unwrap_or_default(),
    };
    let document = parse(&request.query).ok()?;
    Some(requested(&Scope::new(&document, &request, None).ok()?))
}

fn field_cost(scope: &Scope<'_>, wanted: &Wanted<'_>) -> u32 {
    if wanted.selections.is_empty() {
        return 0;
    }
    let arguments = scope.arguments(wanted.field);
    let size = ["first", "last"].iter().find_map(|name| arguments.get(*name)?.as_u64());
    let children = children(scope, &wanted.selections, size.is_some());
    // A list by ids may hold an object for each of them.
    if let Some(ids) = arguments.get("ids").and_then(Value::as_array) {
        return children.saturating_add(1).saturating_mul(u32::try_from(ids.len()).unwrap_or(u32::MAX));
    }
    match size {
        Some(size) => sized(children.saturating_add(1), size),
        None => children.saturating_add(1),
    }
}

/// `wrapper`: the selections are of a connection, whose own `edges`, `nodes` and `pageInfo` are free.
fn children(scope: &Scope<'_>, selections: &[&Selection], wrapper: bool) -> u32 {
    // Fragments of every type count: the dearest is what may have to be paid.
    scope.collect_all(selections).iter().fold(0, |sum: u32, field| {
        let name = field.field.name.as_str();
        let cost = match name {
            "pageInfo" if wrapper => 0,
            "edges" | "nodes" if wrapper => {
                children(scope, &field.selections, name == "edges").saturating_add(u32::from(name == "nodes"))
            }
            "node" if wrapper => children(scope, &field.selections, false).saturating_add(1),
            _ => field_cost(scope, field),
        };
        sum.saturating_add(cost)
    })
}

fn sized(each: u32, count: u64) -> u32 {
    // Rounded up; a page of one is an object.
    let doublings = u64::BITS - count.max(1).saturating_sub(1).leading_zeros();
    each.saturating_mul(doublings.max(1))
}

/// What was really given: every object of the answer, never more than was asked for.
pub(super) fn actual(data: &Value, mutation: bool, requested: u32) -> u32 {
    fn objects(value: &Value) -> u32 {
        match value {
            Value::Array(items) => items.iter().map(objects).fold(0, u32::saturating_add),
            Value::Object(fields) => fields.values().map(objects).fold(1, u32::saturating_add),
            _ => 0,
        }
    }
    let base = if mutation { MUTATION } else { 0 };
    objects(data).saturating_sub(1).saturating_add(base).min(requested)
}

/// A leaky bucket, by the fake's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    maximum: u32,
    available: u32,
    as_of: Timestamp,
}

impl Bucket {
    pub fn full(now: Timestamp) -> Self {
        Self { maximum: MAXIMUM, available: MAXIMUM, as_of: now }
    }

    pub fn set(&mut self, available: u32, now: Timestamp) {
        self.available = available.min(self.maximum);
        self.as_of = now;
    }

    fn restore(&mut self, now: Timestamp) {
        let seconds = now.duration_since(self.as_of).as_secs();
        if let Ok(seconds @ 1..) = u32::try_from(seconds) {
            let restored = seconds.saturating_mul(RESTORED_EACH_SECOND);
            self.available = self.available.saturating_add(restored).min(self.maximum);
            self.as_of = now;
        }
    }

    pub fn available(&mut self, now: Timestamp) -> u32 {
        self.restore(now);
        self.available
    }

    pub fn take(&mut self, points: u32) {
        self.available = self.available.saturating_sub(points);
    }

    /// `extensions.cost`. `actual`: null where the query was not run.
    pub fn report(&self, requested: u32, actual: Option<u32>) -> Value {
        json!({"cost": {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": f64::from(self.maximum),
                "currentlyAvailable": self.available,
                "restoreRate": f64::from(RESTORED_EACH_SECOND),
            },
        }})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_refilled_by_the_clock() {
        let start = Timestamp::UNIX_EPOCH;
        let mut bucket = Bucket::full(start);
        bucket.take(1500);
        assert_eq!(bucket.available(start), 500);
        let later = start + jiff::SignedDuration::from_secs(3);
        assert_eq!(bucket.available(later), 800);
        assert_eq!(bucket.available(later + jiff::SignedDuration::from_secs(60)), 2000);
    }

    #[test]
    fn a_page_costs_as_a_shop_said() {
        assert_eq!(sized(3, 250) + 1, 25);
    }
}
