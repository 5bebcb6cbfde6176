//! Buyers and their addresses.

use domain::channel_order::{Address, Buyer};

use crate::wire;

pub(crate) fn buyer(order: &wire::Order) -> Buyer {
    let from = &order.billing_address;
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Buyer {
        username: None,
        name: filled(&format!("{} {}", from.first_name, from.last_name)),
        email: filled(&from.email),
        email_is_relay: false,
    }
}

/// Goods without an address of their own (downloads, what is collected) go where the bill goes.
pub(crate) fn ship_to(order: &wire::Order) -> Option<Address> {
    let own = order.consignments.shipping.iter().find_map(|group| address(&group.address));
    own.or_else(|| address(&order.billing_address))
}

/// `None`: neither a name nor a place.
pub(crate) fn address(from: &wire::Address) -> Option<Address> {
    let said = [
        &from.first_name,
        &from.last_name,
        &from.company,
        &from.street_1,
        &from.city,
        &from.zip,
        &from.country_iso2,
        &from.country,
    ];
    if said.iter().all(|text| text.trim().is_empty()) {
        return None;
    }
    Some(Address {
        first_name: from.first_name.clone(),
        last_name: from.last_name.clone(),
        company: from.company.clone(),
        line1: from.street_1.clone(),
        line2: from.street_2.clone(),
        city: from.city.clone(),
        region: from.state.clone(),
        postcode: from.zip.clone(),
        country: from.country_iso2.clone(),
        phone: from.phone.clone(),
    })
}
