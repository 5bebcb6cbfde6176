//! Who bought and where it goes. Amazon gives personal data only to applications with the role, and not for ever.
//! <https://developer-docs.amazon.com/sp-api/docs/access-orders-pii>

use domain::{Address, Buyer};

use crate::wire::orders as wire;

pub struct People {
    pub buyer: Buyer,
    pub ship_to: Option<Address>,
    /// What the buyer tells those who deliver.
    pub note: Option<String>,
}

/// `needed`: the merchant is to send it, so what is missing is worth a warning.
pub fn people(order: &wire::Order, needed: bool, warnings: &mut Vec<String>) -> People {
    let buyer = order.buyer.as_ref();
    let recipient = order.recipient.as_ref();
    let ship_to = recipient.and_then(|recipient| recipient.delivery_address.as_ref()).map(address);
    let email = buyer.and_then(|buyer| email(buyer.buyer_email.as_deref()));
    if needed {
        if email.is_none() {
            warnings.push("Amazon gives no e-mail address of the buyer.".to_owned());
        }
        match &ship_to {
            None => warnings.push("Amazon gives no address to ship to.".to_owned()),
            Some(address) if address.line1.is_empty() => {
                warnings.push("Amazon gives no street to ship to.".to_owned());
            }
            Some(address) if address.first_name.is_empty() => {
                warnings.push("Amazon gives no name to ship to.".to_owned());
            }
            Some(_) => {}
        }
    }
    let name = buyer.and_then(|buyer| text(buyer.buyer_name.as_deref()));
    let buyer_named = Buyer { username: None, name, email_is_relay: email.as_deref().is_some_and(is_relay), email };
    People { buyer: buyer_named, ship_to, note: note(order) }
}

/// The buyer's words for the delivery, and the number under which a company buys.
fn note(order: &wire::Order) -> Option<String> {
    let preference = order.recipient.as_ref().and_then(|recipient| recipient.delivery_preference.as_ref());
    let instruction = preference.and_then(|preference| text(preference.address_instruction.as_deref()));
    let place = preference.and_then(|preference| text(preference.drop_off_location.as_deref()));
    let number = order.buyer.as_ref().and_then(|buyer| text(buyer.buyer_purchase_order_number.as_deref()));
    let place = place.map(|place| format!("Drop-off: {place}"));
    let number = number.map(|number| format!("Purchase order: {number}"));
    let lines: Vec<String> = [instruction, place, number].into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What is withheld may come as a word, which is no address.
fn email(stated: Option<&str>) -> Option<String> {
    let email = text(stated)?;
    let (local, domain) = email.rsplit_once('@')?;
    let is_address = !local.is_empty() && domain.contains('.') && !email.contains(char::is_whitespace);
    is_address.then_some(email)
}

/// "The anonymized email address of the buyer": `...@marketplace.amazon.com`, and the same at other Amazon sites.
fn is_relay(email: &str) -> bool {
    email.rsplit_once('@').is_some_and(|(_, domain)| domain.to_ascii_lowercase().starts_with("marketplace.amazon."))
}

fn address(stated: &wire::CustomerAddress) -> Address {
    let part = |part: &Option<String>| text(part.as_deref()).unwrap_or_default();
    let second = [&stated.address_line2, &stated.address_line3].map(part);
    let address = Address {
        company: part(&stated.company_name),
        line1: part(&stated.address_line1),
        line2: second.iter().filter(|line| !line.is_empty()).cloned().collect::<Vec<_>>().join(", "),
        city: [&stated.city, &stated.municipality]
            .map(part)
            .into_iter()
            .find(|city| !city.is_empty())
            .unwrap_or_default(),
        region: [&stated.state_or_region, &stated.district_or_county]
            .map(part)
            .into_iter()
            .find(|region| !region.is_empty())
            .unwrap_or_default(),
        postcode: part(&stated.postal_code),
        country: part(&stated.country_code).to_ascii_uppercase(),
        phone: part(&stated.phone),
        ..Address::default()
    };
    address.with_full_name(&part(&stated.name))
}

/// The text without blanks around it, if anything is left.
pub fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
