//! E8: the store's order beside what the channel says now, after it was edited there: what a person has to mend, in words.

use crate::channel_order::{Address, Line};
use crate::draft::{DraftItem, DraftLine, StoreOrderDraft};
use crate::head::Order;
use crate::readback::{StoreLine, StoreOrder};

/// Every difference between `draft`, the order as it would be imported now, and the store's order.
///
/// Canceled units and refunds are told to the store by themselves ([`crate::refund`]): they are no difference.
pub fn differences(order: &Order, draft: &StoreOrderDraft, seen: &StoreOrder) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<&StoreLine> = seen.lines.iter().collect();
    let mut canceled = false;
    for line in &draft.lines {
        let source = order.source.lines.iter().find(|source| source.id == line.line);
        canceled |= source.is_some_and(|source| source.canceled > 0);
        match open.iter().position(|seen| stands_for(line, seen, source)) {
            Some(at) => found.extend(of_line(line, open.remove(at), source)),
            None => found.push(format!(
                "The channel now has {} x {}; add it to the order in the main store.",
                line.quantity, line.name
            )),
        }
    }
    let known = |seen: &StoreLine| seen.line.as_ref().is_some_and(|id| order.source.lines.iter().any(|l| l.id == *id));
    for line in open.into_iter().filter(|line| line.line.is_some() && !known(line)) {
        let what = line.product.as_ref().map_or_else(|| "a line of text".to_owned(), |id| format!("product {id}"));
        found.push(format!(
            "The channel no longer has {} x {what}; take it off the order in the main store.",
            line.quantity
        ));
    }
    if draft.total != seen.total && !canceled {
        found.push(format!(
            "The channel's total is now {}, the main store's order says {}; correct it there.",
            draft.total, seen.total
        ));
    }
    // Once the buyer's data is removed, nobody knows the address any more.
    let known_place = order.source.names_a_person();
    if let Some(told) = seen.ship_to.as_ref().filter(|_| known_place).and_then(|seen| of_address(&draft.ship_to, seen))
    {
        found.push(told);
    }
    found
}

fn stands_for(line: &DraftLine, seen: &StoreLine, source: Option<&Line>) -> bool {
    let product = match &line.item {
        DraftItem::Product { id, .. } => Some(id),
        DraftItem::Text { .. } => None,
    };
    // A line whose units were all canceled since is text in the draft, and still a product in the store.
    let gone = source.is_some_and(|source| source.open_quantity() == 0);
    seen.line.as_ref() == Some(&line.line) && (gone || seen.product.as_ref() == product)
}

fn of_line(line: &DraftLine, seen: &StoreLine, source: Option<&Line>) -> Option<String> {
    if source.is_some_and(|source| source.canceled > 0) {
        return None;
    }
    let name = &line.name;
    if line.quantity > seen.quantity {
        let more = line.quantity - seen.quantity;
        return Some(format!(
            "The channel now has {} x {name}, the main store's order {}; add {more} there, which also takes their stock.",
            line.quantity, seen.quantity
        ));
    }
    if line.quantity < seen.quantity {
        let less = seen.quantity - line.quantity;
        return Some(format!(
            "The channel now has {} x {name}, the main store's order {}; take {less} off there, which also puts them back.",
            line.quantity, seen.quantity
        ));
    }
    (line.net != seen.net).then(|| {
        format!("{name} is now {} on the channel and {} in the main store; correct it there.", line.net, seen.net)
    })
}

fn of_address(meant: &Address, seen: &Address) -> Option<String> {
    let shown = |address: &Address| {
        let name = format!("{} {}", address.first_name, address.last_name);
        let parts = [
            &name,
            &address.company,
            &address.line1,
            &address.line2,
            &address.city,
            &address.postcode,
            &address.country,
        ];
        let parts = parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
        parts.map(|part| part.to_lowercase())
    };
    (shown(meant) != shown(seen)).then(|| {
        "The shipping address was changed on the channel; enter the new one on the main store's order before it is shipped."
            .to_owned()
    })
}
