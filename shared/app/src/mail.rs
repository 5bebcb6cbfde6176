//! One mail to the owner: the most important thing in its subject, each trouble with what to do and a link.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{ConnectionId, Order, OrderId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::events::{DomainEvent, Trouble};
use crate::ports::PortError;

/// Entries of one trouble that a mail names; the others are counted.
const NAMED: usize = 20;
/// RFC 5322 allows 998 characters a line; a mail program shows far fewer.
const LONGEST_SUBJECT: usize = 150;

/// A mail as it is sent. Both bodies say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Sends a mail to the owner.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &Mail) -> Result<(), PortError>;
}

/// How a mail is written for this owner.
#[derive(Debug, Clone)]
pub struct Letterhead {
    /// Where the owner's frontend shows orders, without a slash at its end; without it the mail names the API's paths.
    pub console: Option<String>,
    pub zone: TimeZone,
}

/// What a mail names beside the events themselves.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub connections: BTreeMap<ConnectionId, String>,
    pub orders: BTreeMap<OrderId, Order>,
}

/// All events of one trouble, of one connection where it has one.
#[derive(Debug)]
pub(crate) struct Group {
    pub trouble: Trouble,
    pub connection: Option<ConnectionId>,
    pub events: Vec<DomainEvent>,
}

struct Section {
    headline: String,
    advice: &'static str,
    lines: Vec<(String, String)>,
    more: usize,
}

/// The mail about these groups, the most urgent first. There is at least one.
pub(crate) fn compose(groups: &[Group], known: &Known, letterhead: &Letterhead) -> Mail {
    let mut groups: Vec<&Group> = groups.iter().collect();
    groups.sort_by_key(|group| group.trouble);
    let sections: Vec<Section> = groups.iter().map(|group| section(group, known, letterhead)).collect();
    let first = sections.first().map_or("", |section| section.headline.as_str());
    let others = sections.len().saturating_sub(1);
    let subject = if others == 0 { first.to_owned() } else { format!("{first} (and {others} more)") };
    Mail { subject: one_line(&subject), text: text(&sections), html: html(&sections) }
}

fn section(group: &Group, known: &Known, letterhead: &Letterhead) -> Section {
    let name = group.connection.as_ref().and_then(|id| known.connections.get(id));
    let name = name.map_or("a connection", String::as_str);
    let n = group.events.len();
    let since = group
        .events
        .iter()
        .find_map(DomainEvent::since)
        .map(|since| moment(since, &letterhead.zone))
        .unwrap_or_default();
    let orders = counted(n, "order", "orders");
    let (headline, advice) = match group.trouble {
        Trouble::MainStoreUnavailable => (
            format!("Your main store {name} has not answered since {since}"),
            "Your orders are safe: they wait and are imported by themselves when the store answers. Look whether its site opens in a browser.",
        ),
        Trouble::ConnectionNeedsAttention => (
            format!("{name} must be connected again"),
            "Nothing is read from it or sent to it until you reconnect it; nothing is lost meanwhile.",
        ),
        Trouble::BuyerDataRequested => (
            format!("{} of {name} what is kept of them", if n == 1 { "A buyer asks" } else { "Buyers ask" }),
            "The law gives you a month. Look the orders up, and answer the buyer yourself; Tributary sends nothing.",
        ),
        Trouble::DuplicateInStore => (
            format!("{} more than once in your main store", counted(n, "order stands", "orders stand")),
            "Compare the orders in the store and cancel the one that nobody works on. Tributary touches neither.",
        ),
        Trouble::StockPaused => (
            format!("Stock of {name} is paused: too many listings would go to zero"),
            "Nothing is set on this channel until you have looked at the main store's stock and start it again.",
        ),
        Trouble::ListingRefused => (
            format!("{name} does not take the quantity of {}", counted(n, "listing", "listings")),
            "Set the quantity there by hand, or mend the link; the other listings go on.",
        ),
        Trouble::Oversold => (
            format!("{} oversold on {name}", counted(n, "product is", "products are")),
            "Fill up the stock, or cancel what you cannot deliver on the channel.",
        ),
        Trouble::OrderImportFailed => (
            format!("{orders} from {name} could not be imported"),
            "Each line says why. When the cause is gone, open the order and press Sync.",
        ),
        Trouble::OrderDiffers => (
            format!("{orders} from {name} with other figures in your main store"),
            "Compare both figures and correct the store's order, or the store's settings, before you ship.",
        ),
        Trouble::OrderUnreadable => (
            format!("{orders} from {name} could not be read"),
            "The others go on. Look at the order on the channel and enter it in the store by hand if it is urgent.",
        ),
        Trouble::ChannelStalled => (
            format!("{name} has not been read since {since}"),
            "Orders come in by themselves once it answers. If its own site works, look at the connection.",
        ),
        Trouble::OrderHasUnlinkedProducts => (
            format!("{orders} from {name} {} for a link", if n == 1 { "waits" } else { "wait" }),
            "Link each item to a product of the main store; its orders import by themselves.",
        ),
        Trouble::ReconcileFoundGaps => (
            "The nightly comparison found gaps".to_owned(),
            "What could be closed safely was closed; the report names each gap and what to do.",
        ),
    };
    let lines = group.events.iter().take(NAMED).map(|event| line(event, known, letterhead)).collect();
    Section { headline, advice, lines, more: n.saturating_sub(NAMED) }
}

/// What an entry says, and where it leads.
fn line(event: &DomainEvent, known: &Known, letterhead: &Letterhead) -> (String, String) {
    let place = |path: String| match &letterhead.console {
        Some(console) => format!("{console}{path}"),
        None => format!("GET {path}"),
    };
    let link = match (event.order(), event.connection()) {
        (Some(order), _) => place(format!("/orders/{order}")),
        (None, Some(connection)) => match event {
            DomainEvent::StockPaused { .. } | DomainEvent::ListingRefused { .. } => {
                place(format!("/connections/{connection}/stock"))
            }
            _ => place(format!("/connections/{connection}")),
        },
        (None, None) => place("/reconcile".to_owned()),
    };
    let order = event.order().map(|id| match known.orders.get(&id) {
        Some(order) => format!("Order {} ({})", order.number, order.source.id),
        None => format!("Order {id}"),
    });
    let order = order.unwrap_or_default();
    let says = match event {
        DomainEvent::OrderImportFailed { why, .. } => format!("{order}: {why}"),
        DomainEvent::OrderHasUnlinkedProducts { items, .. } => format!("{order}: {}", items.join(", ")),
        DomainEvent::OrderDiffers { differences, .. } => format!("{order}: {}", differences.join("; ")),
        DomainEvent::DuplicateInStore { store_orders, .. } => {
            format!("{order} stands there as {} too", store_orders.join(", "))
        }
        DomainEvent::Oversold { product, short, .. } => format!("{order}: product {product} is short by {short}"),
        DomainEvent::StockPaused { zeros, listings, .. } => {
            format!("{zeros} of {listings} linked listings would have gone to zero within an hour")
        }
        DomainEvent::ListingRefused { listing, why, .. } => format!("{listing}: {why}"),
        DomainEvent::OrderUnreadable { remote_id, .. } => remote_id
            .as_ref()
            .map_or_else(|| "An order without a readable number".to_owned(), |id| format!("Order {id}")),
        DomainEvent::BuyerDataRequested { request, orders, .. } => {
            format!(
                "Request {request}: orders {}",
                if orders.is_empty() { "none".to_owned() } else { orders.join(", ") }
            )
        }
        DomainEvent::ConnectionNeedsAttention { why, .. } => why.clone(),
        DomainEvent::ChannelStalled { why, .. } | DomainEvent::MainStoreUnavailable { why, .. } => {
            why.clone().unwrap_or_else(|| "It gave no reason.".to_owned())
        }
        DomainEvent::ReconcileFoundGaps { run, healed, open } => {
            format!("Comparison of {run}: {healed} closed, {open} for you to look at")
        }
        DomainEvent::OrderImported { .. }
        | DomainEvent::OrderCanceled { .. }
        | DomainEvent::ShipmentSent { .. }
        | DomainEvent::ChannelRecovered { .. }
        | DomainEvent::MainStoreRecovered { .. } => order,
    };
    (says, link)
}

fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M on %-d %B").to_string()
}

/// A subject is one line: a line break in a name would begin a header of its own.
fn one_line(subject: &str) -> String {
    subject.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_SUBJECT).collect()
}

fn text(sections: &[Section]) -> String {
    let section = |section: &Section| {
        let lines: Vec<String> = section.lines.iter().map(|(says, link)| format!("- {says}\n  {link}\n")).collect();
        let more = more(section, "- ", "\n");
        format!("{}\n{}\n\n{}{more}", section.headline, section.advice, lines.concat())
    };
    sections.iter().map(section).collect::<Vec<String>>().join("\n")
}

fn html(sections: &[Section]) -> String {
    let line = |(says, link): &(String, String)| {
        let target = escaped(link);
        // Only an address can be followed; a path of the API is shown as it is.
        let link = if link.starts_with("https://") { format!("<a href=\"{target}\">{target}</a>") } else { target };
        format!("<li>{}<br>{link}</li>", escaped(says))
    };
    let section = |section: &Section| {
        let lines = section.lines.iter().map(line).collect::<Vec<String>>().concat();
        let (headline, advice) = (escaped(&section.headline), escaped(section.advice));
        format!("<h2>{headline}</h2><p>{advice}</p><ul>{lines}{}</ul>", more(section, "<li>", "</li>"))
    };
    let body = sections.iter().map(section).collect::<Vec<String>>().concat();
    format!("<!DOCTYPE html><html><body>{body}</body></html>")
}

/// How many entries are not named.
fn more(section: &Section, before: &str, after: &str) -> String {
    if section.more == 0 { String::new() } else { format!("{before}and {} more{after}", section.more) }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
