//! Names and addresses, from Shopify's form into the domain's.

use domain::channel_order::{Address, Buyer};

use crate::wire;

/// `None`: the address says nothing, as where the shop's data is not for this app.
pub(crate) fn address(from: &wire::MailingAddress) -> Option<Address> {
    let text = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let address = Address {
        first_name: text(&from.first_name),
        last_name: text(&from.last_name),
        company: text(&from.company),
        line1: text(&from.address1),
        line2: text(&from.address2),
        city: text(&from.city),
        region: text(if from.province_code.is_some() { &from.province_code } else { &from.province }),
        postcode: text(&from.zip),
        country: text(&from.country_code_v2),
        phone: text(&from.phone),
    };
    (address != Address::default()).then_some(address)
}

pub(crate) fn buyer(order: &wire::Order) -> Buyer {
    let named = order.shipping_address.as_ref().or(order.billing_address.as_ref());
    let name = named.map(|address| {
        let parts = [&address.first_name, &address.last_name];
        parts.iter().filter_map(|part| part.as_deref()).collect::<Vec<_>>().join(" ")
    });
    Buyer {
        username: None,
        name: name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
        email: order.email.clone().filter(|email| !email.trim().is_empty()),
        email_is_relay: false,
    }
}
