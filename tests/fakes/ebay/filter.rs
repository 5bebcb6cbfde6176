//! The `filter` of `getOrders`.
//! <https://developer.ebay.com/api-docs/sell/fulfillment/types/api:FilterField>

use jiff::{SignedDuration, Timestamp};

use super::errors::Refusal;
use super::order::Order;
use super::time::days_after;

/// "Up to two years old."
const OLDEST_DAYS: i64 = 2 * 365;
/// Without a filter: the orders created within the last 90 days.
const DEFAULT_DAYS: i64 = 90;

/// Which orders a list shows, and by which date they are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) by: Date,
    pub(super) from: Timestamp,
    /// Inclusive.
    pub(super) to: Option<Timestamp>,
    statuses: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Date {
    Created,
    Modified,
}

impl Filter {
    pub(super) fn parse(text: Option<&str>, now: Timestamp) -> Result<Self, Refusal> {
        let recent = Self { by: Date::Created, from: days_after(now, -DEFAULT_DAYS), to: None, statuses: None };
        let (mut created, mut modified, mut statuses) = (None, None, None);
        for (name, value) in criteria(text.unwrap_or_default()) {
            match name {
                "creationdate" => created = Some(range(value, now)?),
                "lastmodifieddate" => modified = Some(range(value, now)?),
                "orderfulfillmentstatus" => statuses = Some(combination(value)?),
                _ => return Err(Refusal::fulfillment(30700, format!("Invalid filter name: {name}"))),
            }
        }
        // "If creationdate and lastmodifieddate are both included, only creationdate is used."
        let (by, (from, to)) = match (created, modified) {
            (Some(range), _) => (Date::Created, range),
            (None, Some(range)) => (Date::Modified, range),
            (None, None) => (recent.by, (recent.from, recent.to)),
        };
        Ok(Self { by, from, to, statuses })
    }

    /// `lag`: how long a change stays out of the lists.
    pub(super) fn shows(&self, order: &Order, now: Timestamp, lag: SignedDuration) -> bool {
        let date = self.date(order);
        let listed = date.saturating_add(lag).is_ok_and(|from| from <= now);
        let status = order.fulfilment_status();
        listed
            && date >= self.from
            && self.to.is_none_or(|to| date <= to)
            && self.statuses.as_ref().is_none_or(|statuses| statuses.iter().any(|known| known == status))
    }

    pub(super) fn date(&self, order: &Order) -> Timestamp {
        match self.by {
            Date::Created => order.created,
            Date::Modified => order.modified,
        }
    }
}

/// `name:value` pairs, separated by commas outside of brackets.
fn criteria(text: &str) -> Vec<(&str, &str)> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().filter(|part| !part.is_empty()).map(|part| part.split_once(':').unwrap_or((part, ""))).collect()
}

fn range(value: &str, now: Timestamp) -> Result<(Timestamp, Option<Timestamp>), Refusal> {
    let not_a_date = || Refusal::fulfillment(30810, "Invalid date format");
    let date = |text: &str| -> Result<Timestamp, Refusal> {
        if !text.ends_with('Z') {
            return Err(not_a_date());
        }
        text.parse().map_err(|_| not_a_date())
    };
    let inside = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')).ok_or_else(not_a_date)?;
    let (from, to) = inside.split_once("..").ok_or_else(not_a_date)?;
    if from.is_empty() {
        return Err(Refusal::fulfillment(30820, "Start date is missing"));
    }
    let from = date(from)?;
    let to = if to.is_empty() { None } else { Some(date(to)?) };
    if from > now || to.is_some_and(|to| to > now) {
        return Err(Refusal::fulfillment(30850, "Start and end dates can't be in the future"));
    }
    if to.is_some_and(|to| to < from) {
        return Err(Refusal::fulfillment(30840, "Start date should be before end date"));
    }
    if from < days_after(now, -OLDEST_DAYS) {
        let message = "Time range between start date and end date must be within '2' years.";
        return Err(Refusal::fulfillment(30830, message));
    }
    Ok((from, to))
}

/// "Only the combinations shown here are currently supported."
fn combination(value: &str) -> Result<Vec<String>, Refusal> {
    let inside = value.strip_prefix('{').and_then(|value| value.strip_suffix('}')).unwrap_or_default();
    let mut statuses: Vec<String> = inside.split('|').map(str::to_owned).collect();
    statuses.sort();
    if statuses == ["IN_PROGRESS", "NOT_STARTED"] || statuses == ["FULFILLED", "IN_PROGRESS"] {
        Ok(statuses)
    } else {
        let message = format!("Invalid filter value {value} for filter orderfulfillmentstatus");
        Err(Refusal::fulfillment(30800, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Filter, Refusal> {
        Filter::parse(Some(text), "2026-11-21T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn only_the_creation_date_counts_when_both_are_given() {
        let text = "lastmodifieddate:[2026-11-20T00:00:00.000Z..],creationdate:[2026-11-01T00:00:00.000Z..2026-11-02T00:00:00.000Z]";
        let filter = parsed(text).unwrap();
        assert_eq!(filter.by, Date::Created);
        assert_eq!(filter.to, Some("2026-11-02T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn each_documented_refusal_has_its_number() {
        let refused = |text: &str| parsed(text).unwrap_err().json()["errorId"].as_u64().unwrap();
        assert_eq!(refused("orderstatus:{ACTIVE}"), 30700);
        assert_eq!(refused("lastModifiedDate:[2026-11-20T00:00:00.000Z..]"), 30700);
        assert_eq!(refused("orderfulfillmentstatus:{NOT_STARTED}"), 30800);
        assert_eq!(refused("creationdate:[yesterday..]"), 30810);
        assert_eq!(refused("creationdate:2026-11-20T00:00:00.000Z"), 30810);
        assert_eq!(refused("creationdate:[2026-11-20T00:00:00+01:00..]"), 30810);
        assert_eq!(refused("creationdate:[..2026-11-20T00:00:00.000Z]"), 30820);
        assert_eq!(refused("creationdate:[2024-01-01T00:00:00.000Z..]"), 30830);
        assert_eq!(refused("creationdate:[2026-11-20T00:00:00.000Z..2026-11-19T00:00:00.000Z]"), 30840);
        assert_eq!(refused("lastmodifieddate:[2026-11-20T00:00:00.000Z..2026-11-21T12:00:00.001Z]"), 30850);
    }
}
