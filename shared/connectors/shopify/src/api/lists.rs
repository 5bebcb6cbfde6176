//! Lists of orders: those of a channel whole, those of a main store at a glance and by their ids.

use connect::{ConnectError, PageToken, Window};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::documents::{LINE_PRODUCTS, ORDERS_BY_ID, ORDERS_QUERY, Operation, STORE_ORDERS};
use super::{Api, At, not_found};
use crate::error;
use crate::wire::{self, Connection};

/// Orders of one page, and how few are tried where Shopify finds that too dear: how it sizes lists is not published. A page of
/// four may cost half of what a query may, and a fifth of a standard bucket.
pub(super) const ORDERS: [u32; 3] = [4, 2, 1];
/// The same of orders that are only glanced at.
pub(super) const GLANCES: [u32; 3] = [50, 10, 2];
/// Orders that are asked for together by their ids. A list by ids has no size that is known before, so it is a short one.
pub(super) const TOGETHER: usize = 2;

/// One page of orders: each unread, so that one bad order hides no other.
pub(crate) struct OrdersPage {
    pub orders: Vec<Box<RawValue>>,
    pub next: Option<PageToken>,
    pub server_time: Option<Timestamp>,
}

/// By which of its dates an order is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Modified,
    Created,
}

impl By {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Modified => ("updated_at", "UPDATED_AT"),
            Self::Created => ("created_at", "CREATED_AT"),
        }
    }
}

/// Orders of the main store at a glance: each unread, so that one bad order hides no other.
pub(crate) struct GlancesPage {
    pub orders: Vec<Box<RawValue>>,
    pub next: Option<PageToken>,
    pub server_time: Option<Timestamp>,
}

impl Api {
    /// The orders modified (or created) in a window, whatever their status, by keyset:
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/orders>
    pub async fn orders(
        &self,
        (by, window): (By, &Window),
        page: Option<&PageToken>,
    ) -> Result<OrdersPage, ConnectError> {
        let (filter, sort_key) = by.words();
        self.orders_page(&within(filter, window), sort_key, page).await
    }

    /// The orders that carry one of the references. The filter reads words, so it may find others too.
    pub async fn orders_by_source(
        &self,
        references: &[String],
        page: Option<&PageToken>,
    ) -> Result<OrdersPage, ConnectError> {
        self.orders_page(&any_of("source_identifier", references), "CREATED_AT", page).await
    }

    async fn orders_page(
        &self,
        query: &str,
        sort_key: &str,
        page: Option<&PageToken>,
    ) -> Result<OrdersPage, ConnectError> {
        #[derive(Deserialize)]
        struct Data {
            orders: Connection<Box<RawValue>>,
        }
        let after = page.map(|page| page.0.as_str());
        let asked = |first: u32| json!({"query": query, "sortKey": sort_key, "first": first, "after": after});
        let answer = self.sized::<Data>(ORDERS_QUERY, ORDERS, asked).await?;
        let Connection { nodes, page_info } = answer.value.orders;
        Ok(OrdersPage { orders: nodes, next: page_info.next().map(PageToken), server_time: answer.server_time })
    }

    /// What there is to see of the orders modified in a window without reading them:
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/orders>
    pub async fn glances(&self, window: &Window, page: Option<&PageToken>) -> Result<GlancesPage, ConnectError> {
        #[derive(Deserialize)]
        struct Data {
            orders: Connection<Box<RawValue>>,
        }
        let query = within(By::Modified.words().0, window);
        let after = page.map(|page| page.0.as_str());
        let asked = |first: u32| json!({"query": query, "first": first, "after": after});
        let answer = self.sized::<Data>(STORE_ORDERS, GLANCES, asked).await?;
        let Connection { nodes, page_info } = answer.value.orders;
        Ok(GlancesPage { orders: nodes, next: page_info.next().map(PageToken), server_time: answer.server_time })
    }

    /// Orders by their ids. What is gone is missing: <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/nodes>
    pub async fn orders_by_id(&self, ids: &[String]) -> Result<Vec<Box<RawValue>>, ConnectError> {
        #[derive(Deserialize)]
        struct Data {
            nodes: Vec<Option<Box<RawValue>>>,
        }
        let mut found = Vec::new();
        for some in ids.chunks(TOGETHER) {
            match self.call::<Data>(ORDERS_BY_ID.with_ids(some.len(), TOGETHER), &json!({"ids": some})).await {
                Ok(answer) => found.extend(answer.value.nodes.into_iter().flatten()),
                Err(error) if some.len() > 1 && error::is_too_dear(&error) => {
                    for id in some {
                        let answer =
                            self.call::<Data>(ORDERS_BY_ID.with_ids(1, TOGETHER), &json!({"ids": [id]})).await?;
                        found.extend(answer.value.nodes.into_iter().flatten());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// The variants of an order's lines from a place in their list on.
    pub async fn products_after(&self, order: &str, after: String) -> Result<Vec<wire::GlancedLine>, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Lines {
            line_items: Connection<wire::GlancedLine>,
        }
        #[derive(Deserialize)]
        struct Data {
            order: Option<Lines>,
        }
        let (mut found, mut after) = (Vec::new(), Some(after));
        while let Some(cursor) = after {
            let answer = self.call::<Data>(LINE_PRODUCTS, &json!({"id": order, "after": cursor})).await?;
            let lines = answer.value.order.ok_or_else(|| not_found(LINE_PRODUCTS.name))?.line_items;
            found.extend(lines.nodes);
            after = lines.page_info.next();
        }
        Ok(found)
    }

    /// Asks for a page, and for a smaller one where Shopify finds it too dear.
    async fn sized<T: DeserializeOwned>(
        &self,
        operation: Operation,
        sizes: [u32; 3],
        asked: impl Fn(u32) -> Value,
    ) -> Result<At<T>, ConnectError> {
        let [first, fewer @ ..] = sizes;
        let mut outcome = self.call(operation, &asked(first)).await;
        for first in fewer {
            if !outcome.as_ref().is_err_and(error::is_too_dear) {
                break;
            }
            outcome = self.call(operation, &asked(first)).await;
        }
        outcome
    }
}

/// The filter of a window by one of an order's dates.
fn within(field: &str, window: &Window) -> String {
    let (from, to) = (whole_second(window.from, false), whole_second(window.to, true));
    format!("{field}:>='{from}' {field}:<'{to}'")
}

/// A moment for a filter that may count whole seconds: never too narrow.
pub(super) fn whole_second(at: Timestamp, up: bool) -> String {
    let floor = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
    let second = floor + i64::from(up && at.subsec_nanosecond() != 0);
    Timestamp::from_second(second).unwrap_or(at).to_string()
}

/// `field:"a" OR field:"b"`: <https://shopify.dev/docs/api/usage/search-syntax>
pub(crate) fn any_of(field: &str, values: &[String]) -> String {
    let quoted = values.iter().map(|value| format!("{field}:\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")));
    quoted.collect::<Vec<_>>().join(" OR ")
}
