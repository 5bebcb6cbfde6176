//! An order's story: what happened, what it waits for, what to do.

use crate::show::{at, dot, status};
use crate::wire::{Detail, Package};

/// All of it.
pub fn tell(order: &Detail) -> String {
    let channel = &order.channel;
    let buyer = order.channel_side.buyer.name.as_deref().map_or_else(String::new, |name| format!(" by {name}"));
    let in_store = match (&order.store_side.order_number, order.store_side.canceled) {
        (Some(number), false) => format!("in the main store as {number}"),
        (Some(number), true) => format!("in the main store as {number}, canceled there"),
        (None, _) => "not in the main store".to_owned(),
    };
    let head = format!(
        "Order {}: {} {}, {}\nPlaced {} UTC{buyer}\n{}, dot {}, {in_store}\nId {}",
        order.number,
        channel.name,
        channel.order_number,
        order.totals.buyer,
        at(order.order_date),
        status(&order.status, &order.refund),
        dot(&order.dot),
        order.id,
    );
    let happened = order.trace.iter().map(|told| format!("{}  {}", at(told.at), told.text)).collect();
    let parts = [
        ("What happened", happened, "Nothing yet: it has just come in."),
        ("What it waits for", waits(order), "Nothing."),
        ("What to do", advice(order), "Nothing."),
    ];
    let told = parts.iter().map(|(title, lines, nothing)| part(title, lines, nothing));
    format!("{head}\n{}", told.collect::<String>())
}

fn part(title: &str, lines: &[String], nothing: &str) -> String {
    if lines.is_empty() {
        return format!("\n{title}\n  {nothing}\n");
    }
    let lines = lines.iter().map(|line| format!("  {}\n", line.replace('\n', "\n  ")));
    format!("\n{title}\n{}", lines.collect::<String>())
}

/// What has to come before the order goes on; each thing once.
fn waits(order: &Detail) -> Vec<String> {
    let mut waits = Vec::new();
    match order.store_side.import.as_str() {
        "received" => waits.push("Its turn: it is looked at within a minute or two.".to_owned()),
        "being_created" => waits.push("The main store's answer: it is being created there.".to_owned()),
        "unknown" => {
            waits.push(
                "The main store did not answer clearly; Tributary looks there by itself before anything else."
                    .to_owned(),
            );
        }
        "waiting" | "failed" | "not_to_be_imported" => {
            waits.extend(order.push.why.clone().or_else(|| order.error.clone()));
        }
        _ => waits.extend(order.error.clone().filter(|error| !order.differences.contains(error))),
    }
    let wanted = order.packages.iter().filter(|package| package.push == "wanted");
    waits.extend(wanted.map(|package| format!("Package {} is on its way to the other side.", name(package))));
    waits
}

/// What a person can do, with the command where there is one.
fn advice(order: &Detail) -> Vec<String> {
    let number = order.number;
    let mut advice: Vec<String> = Vec::new();
    for line in &order.lines {
        let Some(unlinked) = &line.unlinked else { continue };
        let product = unlinked.product.as_deref().unwrap_or("PRODUCT");
        advice.push(format!(
            "{}: {}\n  tributary link {} {} {}",
            line.title,
            unlinked.text,
            order.channel.connection_id,
            quoted(&line.listing),
            quoted(product),
        ));
    }
    advice.extend(order.differences.iter().cloned());
    match order.store_side.import.as_str() {
        // Linking imports by itself; other reasons name the setting.
        "waiting" if advice.is_empty() => {
            advice.push(format!(
                "Nothing, if that comes by itself. To import it all the same:\n  tributary send {number}"
            ));
        }
        "failed" => advice.push(format!("When the cause is gone:\n  tributary sync {number}")),
        _ if !order.differences.is_empty() => advice.push(format!("When it is mended:\n  tributary sync {number}")),
        _ => {}
    }
    let refused = order.packages.iter().filter(|package| package.push == "refused");
    advice.extend(refused.map(|package| {
        let why = package.why.as_deref().unwrap_or("it was refused");
        format!("Package {} did not reach the other side: {why}", name(package))
    }));
    advice.extend(order.channel_side.warnings.iter().map(|warning| format!("Look at this: {warning}")));
    advice
}

fn name(package: &Package) -> &str {
    package.tracking.as_ref().map_or(package.key.as_str(), |tracking| tracking.number.as_str())
}

/// As a shell takes it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests;
