//! The list of orders: filters, order, pages, and what a search looks at.

use jiff::Timestamp;
use serde_json::Value;

use super::dates;
use super::http::{Answer, Outcome, Request};
use super::shop::Shop;
use super::state::{Order, Status, Version};
use super::validate::Invalid;
use crate::PageShift;

struct Filter {
    statuses: Vec<Status>,
    any: bool,
    created: (Option<Timestamp>, Option<Timestamp>),
    modified: (Option<Timestamp>, Option<Timestamp>),
    created_via: Vec<String>,
    search: Option<String>,
    include: Vec<u64>,
    exclude: Vec<u64>,
    /// Orders created after this are not shown yet.
    visible_until: Timestamp,
}

impl Shop {
    pub fn list_orders(&mut self, request: &Request) -> Outcome {
        let (page, asked) = paging(request)?;
        let per_page = self.faults.page_limit(asked);
        let filter = self.read_filter(request)?;
        let mut found: Vec<&Order> = self.candidates(&filter).filter(|order| self.matches(order, &filter)).collect();
        let ascending = request.param("order") == Some("asc");
        match request.param("orderby") {
            Some("id") => found.sort_by_key(|order| order.id),
            Some("modified") => found.sort_by_key(|order| (order.modified, order.id)),
            Some("include") => found.sort_by_key(|order| filter.include.iter().position(|id| *id == order.id)),
            _ => found.sort_by_key(|order| (order.created, order.id)),
        }
        if !ascending && request.param("orderby") != Some("include") {
            found.reverse();
        }
        let shown: Vec<&Order> = found.iter().skip((page - 1) * per_page).take(per_page).copied().collect();
        let list: Vec<Value> = shown.iter().map(|order| self.order_json(order)).collect();
        let first = shown.first().map(|order| order.id);
        let mut total = found.len();
        // 11.0.1 says 0 of 0 beyond the last page (capture 76c); with orders stored as posts it counts again.
        if list.is_empty() && page > 1 && self.config.version == Version::V11 {
            total = 0;
        }
        let answer = paged(&self.url("/orders"), request, list, page, per_page, total);
        if let (Some(shift), Some(first)) = (self.faults.take_page_shift(), first) {
            self.shift(shift, first);
        }
        Ok(answer)
    }

    /// All orders that could match, read from the narrowest index.
    fn candidates<'a>(&'a self, filter: &Filter) -> Box<dyn Iterator<Item = &'a Order> + 'a> {
        let by_id = |id: u64| self.orders.get(&id);
        if !filter.created_via.is_empty() {
            let found = filter.created_via.iter().filter_map(|via| self.by_created_via.get(via)).flatten().copied();
            let ids: Vec<u64> = found.collect();
            return Box::new(ids.into_iter().filter_map(by_id));
        }
        let (index, after) = match (filter.modified.0, filter.created.0) {
            (Some(after), _) => (&self.by_modified, after),
            (None, Some(after)) => (&self.by_created, after),
            (None, None) => return Box::new(self.orders.values()),
        };
        Box::new(index.range((after, u64::MAX)..).filter_map(move |(_, id)| by_id(*id)))
    }

    fn matches(&self, order: &Order, filter: &Filter) -> bool {
        let in_status = if filter.any {
            !matches!(order.status, Status::Trash | Status::AutoDraft | Status::CheckoutDraft)
        } else {
            filter.statuses.contains(&order.status)
        };
        in_status
            && order.created <= filter.visible_until
            && strictly_between(order.created, filter.created)
            && strictly_between(order.modified, filter.modified)
            && (filter.include.is_empty() || filter.include.contains(&order.id))
            && !filter.exclude.contains(&order.id)
            && filter.search.as_deref().is_none_or(|text| self.mentions(order, text))
    }

    /// `search` does not look at metas (capture 14), and at `transaction_id` only on 11.0.1 (captures 14e).
    fn mentions(&self, order: &Order, text: &str) -> bool {
        let wanted = text.to_lowercase();
        let within = |field: &String| field.to_lowercase().contains(&wanted);
        let people = [&order.billing, &order.shipping].into_iter().any(|address| {
            let name = format!("{} {}", address.first_name, address.last_name);
            [
                &name,
                &address.company,
                &address.address_1,
                &address.address_2,
                &address.city,
                &address.postcode,
                &address.email,
                &address.phone,
            ]
            .into_iter()
            .any(within)
        });
        people
            || order.id.to_string() == text
            || order.lines.iter().any(|line| within(&line.name))
            || (self.config.version == Version::V11 && within(&order.transaction_id))
    }

    fn read_filter(&self, request: &Request) -> Result<Filter, super::http::Refusal> {
        let mut invalid = Invalid::default();
        let gmt = request.flag("dates_are_gmt");
        let mut date = |name: &str| {
            let text = request.param(name)?;
            let bound = dates::filter_bound(text, gmt, &self.config.time_zone);
            if bound.is_none() {
                invalid.date(name);
            }
            bound
        };
        let created = (date("after"), date("before"));
        let modified = (date("modified_after"), date("modified_before"));
        let mut any = true;
        let mut statuses = Vec::new();
        for (index, name) in request.list("status").into_iter().enumerate() {
            match name {
                "any" => statuses.clear(),
                "trash" => statuses.push(Status::Trash),
                name => {
                    if let Some(status) = self.known_status(name) {
                        statuses.push(status);
                    } else {
                        let mut allowed = vec!["any", "trash"];
                        allowed.extend(self.status_names());
                        invalid.not_in("status", &format!("status[{index}]"), &allowed);
                    }
                }
            }
            any = name == "any";
            if any {
                break;
            }
        }
        let orderby = ["date", "id", "include", "title", "slug", "modified"];
        for (name, allowed) in [("order", &["asc", "desc"][..]), ("orderby", &orderby)] {
            if request.param(name).is_some_and(|given| !allowed.contains(&given)) {
                invalid.not_in(name, name, allowed);
            }
        }
        invalid.check()?;
        let ids = |name: &str| request.list(name).iter().filter_map(|id| id.parse().ok()).collect();
        let created_via = match self.config.version {
            Version::V11 => request.list("created_via").into_iter().map(str::to_owned).collect(),
            Version::V9_4 => Vec::new(),
        };
        Ok(Filter {
            statuses,
            any,
            created,
            modified,
            created_via,
            search: request.param("search").filter(|text| !text.is_empty()).map(str::to_owned),
            include: ids("include"),
            exclude: ids("exclude"),
            visible_until: self.clock.now().checked_sub(self.faults.current_search_lag()).unwrap_or(Timestamp::MIN),
        })
    }

    /// Moves an order of the page just read, or puts a new one in front, as another hand would in between.
    fn shift(&mut self, shift: PageShift, first_shown: u64) {
        match shift {
            PageShift::Leaves => {
                if let Some(mut order) = self.orders.get(&first_shown).cloned() {
                    order.modified = self.now();
                    self.keep(order);
                }
            }
            PageShift::Enters => {
                let id = self.new_id();
                if let Some(mut order) = self.orders.get(&first_shown).cloned() {
                    order.id = id;
                    order.created = self.now();
                    order.modified = order.created;
                    "checkout".clone_into(&mut order.created_via);
                    order.meta.clear();
                    self.keep(order);
                }
            }
        }
    }
}

/// Both ends are excluded: `after` a second does not show what happened within it (capture 75).
fn strictly_between(at: Timestamp, window: (Option<Timestamp>, Option<Timestamp>)) -> bool {
    window.0.is_none_or(|after| at > after) && window.1.is_none_or(|before| at < before)
}

/// `(page, per_page)`, at most 100 (capture 40).
pub(super) fn paging(request: &Request) -> Result<(usize, usize), super::http::Refusal> {
    let mut invalid = Invalid::default();
    let mut number = |name: &str, default: usize, message: &str, allowed: std::ops::RangeInclusive<usize>| {
        let given = request.param(name).map_or(Some(default), |text| text.parse().ok());
        let number = given.filter(|number| allowed.contains(number));
        if number.is_none() {
            invalid.add(name, "rest_out_of_bounds", message, &Value::Null);
        }
        number.unwrap_or(default)
    };
    let page = number("page", 1, "page must be greater than or equal to 1", 1..=usize::MAX / 100);
    let limits = "per_page must be between 1 (inclusive) and 100 (inclusive)";
    let per_page = number("per_page", 10, limits, 1..=100);
    invalid.check()?;
    Ok((page, per_page))
}

/// A page with its headers.
pub(super) fn paged(
    url: &str,
    request: &Request,
    list: Vec<Value>,
    page: usize,
    per_page: usize,
    total: usize,
) -> Answer {
    let pages = total.div_ceil(per_page);
    let mut answer = Answer::ok(Value::Array(list));
    answer.headers.push(("x-wp-total", total.to_string()));
    answer.headers.push(("x-wp-totalpages", pages.to_string()));
    let link = |to: usize, rel: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(request.query.iter().filter(|(name, _)| name != "page"));
        query.append_pair("page", &to.to_string());
        format!("<{url}?{}>; rel=\"{rel}\"", query.finish())
    };
    let mut links = Vec::new();
    if page > 1 {
        links.push(link((page - 1).min(pages), "prev"));
    }
    if pages > page {
        links.push(link(page + 1, "next"));
    }
    if !links.is_empty() {
        answer.headers.push(("link", links.join(", ")));
    }
    answer
}
