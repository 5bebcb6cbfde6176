//! Who bought and where it goes. eBay withdraws personal data with time, so every part may be missing.

use domain::{Address, Buyer};

use crate::wire;

/// The buyer, the address on the parcel, and the buyer's registered address where it is another one.
pub fn people(order: &wire::Order, warnings: &mut Vec<String>) -> (Buyer, Option<Address>, Option<Address>) {
    let registered = order.buyer.as_ref().and_then(|buyer| buyer.buyer_registration_address.as_ref());
    let step = order.fulfillment_start_instructions.iter().find_map(|start| start.shipping_step.as_ref());
    let recipient = step.and_then(|step| step.ship_to.as_ref());

    let email = [registered, recipient].into_iter().flatten().find_map(email);
    if email.is_none() {
        warnings.push("eBay gives no e-mail address of the buyer.".to_owned());
    }
    let name = [registered, recipient].into_iter().flatten().find_map(|contact| text(contact.full_name.as_deref()));
    let buyer = Buyer {
        username: order.buyer.as_ref().and_then(|buyer| text(buyer.username.as_deref())),
        name,
        email_is_relay: email.as_deref().is_some_and(is_relay),
        email,
    };
    let reference = step.and_then(|step| text(step.ship_to_reference_id.as_deref()));
    let ship_to = recipient.map(|contact| {
        let mut address = address(contact);
        // "Sellers must include this value on the shipping label immediately above the street address."
        if let Some(reference) = &reference {
            let company = format!("{} Reference #{reference}", address.company);
            company.trim().clone_into(&mut address.company);
        }
        address
    });
    match &ship_to {
        None => warnings.push("eBay gives no address to ship to.".to_owned()),
        Some(address) if address.line1.is_empty() => warnings.push("eBay gives no street to ship to.".to_owned()),
        Some(_) => {}
    }
    // Most parcels go where the buyer is registered, and eBay writes that place twice.
    let elsewhere = reference.is_some() || recipient.zip(registered).is_none_or(|(to, of)| !is_written_alike(to, of));
    let bill_to = registered
        .filter(|_| elsewhere)
        .map(address)
        .filter(|address| !address.line1.is_empty() && !address.country.is_empty());
    let bill_to = bill_to.filter(|address| ship_to.as_ref().is_none_or(|other| !is_same_place(address, other)));
    (buyer, ship_to, bill_to)
}

fn is_written_alike(one: &wire::ExtendedContact, other: &wire::ExtendedContact) -> bool {
    one.full_name == other.full_name
        && one.company_name == other.company_name
        && one.contact_address == other.contact_address
}

/// Phones are written in many ways: they do not make another address.
fn is_same_place(one: &Address, other: &Address) -> bool {
    fn place(address: &Address) -> [&String; 9] {
        let Address { first_name, last_name, company, line1, line2, city, region, postcode, country, phone: _ } =
            address;
        [first_name, last_name, company, line1, line2, city, region, postcode, country]
    }
    place(one) == place(other)
}

/// Withheld addresses come as a sentence ("Invalid Request"), which is no address.
fn email(contact: &wire::ExtendedContact) -> Option<String> {
    let email = text(contact.email.as_deref())?;
    let (local, domain) = email.rsplit_once('@')?;
    let is_address = !local.is_empty() && domain.contains('.') && !email.contains(char::is_whitespace);
    is_address.then_some(email)
}

/// `0123456789abcdef0123@members.ebay.com`, and the same at other eBay sites.
fn is_relay(email: &str) -> bool {
    email.rsplit_once('@').is_some_and(|(_, domain)| domain.to_ascii_lowercase().starts_with("members.ebay."))
}

fn address(contact: &wire::ExtendedContact) -> Address {
    let part = |part: Option<&str>| text(part).unwrap_or_default();
    let place = contact.contact_address.as_ref();
    let at = |field: for<'a> fn(&'a wire::Address<'_>) -> Option<&'a str>| part(place.and_then(field));
    let address = Address {
        company: part(contact.company_name.as_deref()),
        line1: at(|place| place.address_line1.as_deref()),
        line2: at(|place| place.address_line2.as_deref()),
        city: at(|place| place.city.as_deref()),
        region: at(|place| place.state_or_province.as_deref().or(place.county.as_deref())),
        postcode: at(|place| place.postal_code.as_deref()),
        country: at(|place| place.country_code.as_deref()).to_ascii_uppercase(),
        phone: part(contact.primary_phone.as_ref().and_then(|phone| phone.phone_number.as_deref())),
        ..Address::default()
    };
    address.with_full_name(&part(contact.full_name.as_deref()))
}

/// The text without blanks around it, if anything is left.
pub fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{people, wire};

    #[test]
    fn the_registered_address_is_kept_where_it_is_another_than_the_parcels() {
        let contact = |street: &str, phone: &str| {
            json!({"fullName": "Jo Doe", "primaryPhone": {"phoneNumber": phone},
                "contactAddress": {"addressLine1": street, "countryCode": "GB"}})
        };
        let billed = |registered: Value, step: Value| {
            let order = json!({"buyer": {"buyerRegistrationAddress": registered},
                "fulfillmentStartInstructions": [{"shippingStep": step}]});
            let order = order.to_string();
            let order: wire::Order<'_> = json::from_str(&order).unwrap();
            people(&order, &mut Vec::new()).2.map(|address| address.line1)
        };
        let at_home = json!({"shipTo": contact("1 High St", "1")});
        assert_eq!(billed(contact("1 High St", "2"), at_home.clone()), None);
        assert_eq!(billed(contact(" 1 High St ", "1"), at_home.clone()), None, "written otherwise");
        assert_eq!(billed(contact("2 Low Rd", "1"), at_home).as_deref(), Some("2 Low Rd"));
        // The label's reference is a line of the parcel's address alone.
        let programme = json!({"shipTo": contact("1 High St", "1"), "shipToReferenceId": "7"});
        assert_eq!(billed(contact("1 High St", "1"), programme).as_deref(), Some("1 High St"));
        assert_eq!(billed(contact("1 High St", "1"), json!({})).as_deref(), Some("1 High St"), "nothing is sent");
    }
}
