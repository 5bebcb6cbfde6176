//! `orders`: the list, page by page, and what its tabs hold.

use serde_json::{Value, json};

use super::Context;
use crate::api::{Api, Query, read};
use crate::args::{Filter, Orders, Tab};
use crate::error::Failure;
use crate::find::{Page, connections, page};
use crate::wire::{Counts, Row};
use crate::{progress, show};

/// The API gives at most so many at once.
const MOST: usize = 200;

pub async fn run(context: &mut Context, orders: Orders) -> Result<(), Failure> {
    let mut query = filtered(&mut context.api, &orders.filter).await?;
    if orders.counts {
        let answer = context.api.get("/orders/counts", &query).await?;
        return context.print(&answer, || Ok(show::counts(context.look, &read::<Counts>(&answer)?)));
    }
    query.extend(orders.tab.map(|tab| ("tab", tab.name().to_owned())));
    query.extend(orders.search.map(|words| ("search", words)));
    let most = if orders.all { usize::MAX } else { usize::from(orders.limit) };
    let spinner = progress::spinner(context.look, "Reading the orders");
    let read_so_far = |rows: usize| spinner.set_message(format!("Reading the orders: {rows}"));
    let found = gather(&mut context.api, &query, orders.cursor, most, read_so_far).await;
    spinner.finish_and_clear();
    let found = found?;
    let answer = json!({
        "orders": found.orders, "next": found.next, "as_of": found.as_of, "looked_back_to": found.looked_back_to,
    });
    context.print(&answer, || {
        let rows = found.orders.iter().map(read).collect::<Result<Vec<Row>, _>>()?;
        Ok(show::orders(context.look, &rows))
    })?;
    // Beside the table, not in it: whatever reads the rows is not bothered.
    if let (Some(next), false) = (&found.next, context.json) {
        if let Some(back) = &found.looked_back_to {
            eprintln!("Nothing more was found back to {back}.");
        }
        eprintln!("There is more: the same with --cursor {next}, or with --all.");
    }
    Ok(())
}

/// The filter as query parameters; channels by their ids.
pub async fn filtered(api: &mut Api, filter: &Filter) -> Result<Query, Failure> {
    let mut query = Query::new();
    let channels = connections(api, &filter.channel).await?;
    if !channels.is_empty() {
        query.push(("channel", channels.join(",")));
    }
    query.extend(filter.from.map(|day| ("from", day.to_string())));
    query.extend(filter.to.map(|day| ("to", day.to_string())));
    query.extend(filter.time_zone.clone().map(|zone| ("time_zone", zone)));
    Ok(query)
}

/// The ids of all orders of a tab.
pub async fn ids_of(api: &mut Api, tab: Tab, filter: &Filter) -> Result<Vec<String>, Failure> {
    let mut query = filtered(api, filter).await?;
    query.push(("tab", tab.name().to_owned()));
    let found = gather(api, &query, None, usize::MAX, |_| {}).await?;
    let id = |row: &Value| Ok(read::<Row>(row)?.id);
    found.orders.iter().map(id).collect()
}

/// As many rows as are wanted, from as many pages as that takes: a page may hold fewer than asked for.
async fn gather(
    api: &mut Api,
    query: &Query,
    cursor: Option<String>,
    most: usize,
    read_so_far: impl Fn(usize),
) -> Result<Page, Failure> {
    let mut all = Page { next: cursor, ..Page::default() };
    loop {
        let mut query = query.clone();
        query.push(("limit", (most - all.orders.len()).min(MOST).to_string()));
        query.extend(all.next.take().map(|cursor| ("cursor", cursor)));
        let mut more = page(api, "/orders", &query).await?;
        all.orders.append(&mut more.orders);
        all = Page { orders: all.orders, ..more };
        read_so_far(all.orders.len());
        if all.next.is_none() || all.orders.len() >= most {
            return Ok(all);
        }
    }
}
