//! `sync` and `send`: one order, many, or a whole tab.

use std::io::{BufRead, IsTerminal, Write, stdin};

use serde_json::{Value, json};

use super::{Context, orders};
use crate::api::{Api, read};
use crate::args::{Bulk, Tab};
use crate::error::Failure;
use crate::wire::Outcome;
use crate::{find, progress, show};

/// Fewer at once than the API takes (200): so it can be seen how far it is, and each request is answered soon.
const AT_ONCE: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Sync,
    Send,
}

impl Act {
    const fn path(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Send => "send",
        }
    }

    const fn doing(self) -> &'static str {
        match self {
            Self::Sync => "Syncing",
            Self::Send => "Sending",
        }
    }
}

pub async fn run(context: &mut Context, act: Act, which: Bulk) -> Result<(), Failure> {
    let ids = match which.tab {
        Some(tab) => of_tab(context, tab, &which).await?,
        None => named(&mut context.api, &which.orders).await?,
    };
    if let ([id], None) = (ids.as_slice(), which.tab) {
        // Of one order a refusal says more.
        let answer = context.api.post(&format!("/orders/{id}/{}", act.path()), None).await?;
        return context.print(&answer, || Ok(show::outcome(&read::<Outcome>(&answer)?)));
    }
    if act == Act::Send && ids.len() > 1 && !which.yes {
        confirm(ids.len())?;
    }
    let (results, stopped_by) = carry_out(context, act, &ids).await;
    let outcomes = results.iter().map(read).collect::<Result<Vec<Outcome>, _>>()?;
    // What was done before a failure is not kept from whoever asked.
    if stopped_by.is_none() || !outcomes.is_empty() {
        let answer = json!({ "results": results });
        context.print(&answer, || Ok(show::outcomes(context.look, &outcomes)))?;
    }
    if let Some(failure) = stopped_by {
        return Err(failure);
    }
    match outcomes.iter().filter(|outcome| !outcome.is_taken()).count() {
        0 => Ok(()),
        failed => Err(Failure::Partly { failed, all: outcomes.len() }),
    }
}

async fn of_tab(context: &mut Context, tab: Tab, which: &Bulk) -> Result<Vec<String>, Failure> {
    let spinner = progress::spinner(context.look, "Reading the tab");
    let ids = orders::ids_of(&mut context.api, tab, &which.filter).await;
    spinner.finish_and_clear();
    ids
}

async fn named(api: &mut Api, called: &[String]) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for called in called {
        let id = find::order(api, called).await?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The results, and the failure that ended it before its end.
async fn carry_out(context: &mut Context, act: Act, ids: &[String]) -> (Vec<Value>, Option<Failure>) {
    let bar = progress::bar(context.look, act.doing(), ids.len());
    let mut results = Vec::new();
    let mut stopped_by = None;
    for some in ids.chunks(AT_ONCE) {
        let answer = context.api.post(&format!("/orders/{}", act.path()), Some(&json!({ "ids": some }))).await;
        match answer.and_then(|mut answer| read::<Vec<Value>>(&answer["results"].take())) {
            Ok(told) => results.extend(told),
            Err(failure) => {
                stopped_by = Some(failure);
                break;
            }
        }
        bar.inc(some.len().try_into().unwrap_or(u64::MAX));
    }
    bar.finish_and_clear();
    (results, stopped_by)
}

/// Sending overrides the settings: many at once are asked for once more.
fn confirm(orders: usize) -> Result<(), Failure> {
    if !stdin().is_terminal() {
        return Err(Failure::Usage(format!("{orders} orders would be sent; say so with --yes.")));
    }
    let mut shown = std::io::stderr().lock();
    let mut typed = String::new();
    let asked = write!(shown, "Send {orders} orders to the main store, whatever the settings say? [y/N] ");
    let answered = asked.and_then(|()| shown.flush()).and_then(|()| stdin().lock().read_line(&mut typed));
    answered.map_err(|error| Failure::Here(error.to_string()))?;
    match typed.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::Here("Nothing was sent.".to_owned())),
    }
}
