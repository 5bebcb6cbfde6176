//! `report`: what was sold, as a table, as CSV or as a chart.

use super::{Context, print};
use crate::api::{Query, read};
use crate::args::Report;
use crate::error::Failure;
use crate::{chart, find, show, wire};

/// Days up to today, if no range is given.
const DAYS: u16 = 30;

pub async fn run(context: &mut Context, report: Report) -> Result<(), Failure> {
    let mut query = Query::new();
    match (report.from, report.to, report.days_from_today) {
        (Some(from), Some(to), _) => query.extend([("from", from.to_string()), ("to", to.to_string())]),
        (_, _, Some(days)) => query.push(("days_from_today", days.to_string())),
        _ => query.push(("days", report.days.unwrap_or(DAYS).to_string())),
    }
    query.extend(report.time_zone.map(|zone| ("time_zone", zone)));
    let channels = find::connections(&mut context.api, &report.channel).await?;
    query.extend(channels.into_iter().map(|channel| ("channel", channel)));
    query.extend(report.status.into_iter().map(|status| ("status", status)));
    let path = if report.products { "/reports/products" } else { "/reports/sales" };
    if report.csv {
        query.push(("format", "csv".to_owned()));
        return print(&context.api.text(path, &query).await?);
    }
    let answer = context.api.get(path, &query).await?;
    context.print(&answer, || {
        if report.products {
            return Ok(show::products(context.look, &read::<Vec<wire::Product>>(&answer["products"])?));
        }
        let sold: wire::Report = read(&answer)?;
        match report.chart {
            Some(lines) => Ok(chart::draw(context.look, lines, &sold)),
            None => Ok(show::report(context.look, &sold)),
        }
    })
}
