//! Who bought, where it goes, and what the buyer wrote. Every part may be missing.

use domain::{Address, Buyer};

use super::text;
use crate::wire::{ShopReceipt, TransactionVariations};

/// The buyer, and the address on the parcel. What is only downloaded goes nowhere.
pub fn people(receipt: &ShopReceipt, warnings: &mut Vec<String>) -> (Buyer, Option<Address>) {
    let email = text(receipt.buyer_email.as_deref());
    if email.is_none() {
        warnings.push("Etsy gives no e-mail address of the buyer.".to_owned());
    }
    let name = text(receipt.name.as_deref());
    let address = address(receipt);
    let digital = receipt.transactions.iter().all(|sold| sold.is_digital == Some(true));
    match &address {
        None if !digital => warnings.push("Etsy gives no address to ship to.".to_owned()),
        Some(address) if address.line1.is_empty() && !digital => {
            warnings.push("Etsy gives no street to ship to.".to_owned());
        }
        _ => {}
    }
    (Buyer { username: None, name, email, email_is_relay: false }, address)
}

fn address(receipt: &ShopReceipt) -> Option<Address> {
    let part = |part: &Option<String>| text(part.as_deref()).unwrap_or_default();
    let address = Address {
        line1: part(&receipt.first_line),
        line2: part(&receipt.second_line),
        city: part(&receipt.city),
        region: part(&receipt.state),
        postcode: part(&receipt.zip),
        country: part(&receipt.country_iso),
        ..Address::default()
    };
    let known = address != Address::default();
    known.then(|| address.with_full_name(receipt.name.as_deref().unwrap_or_default()))
}

/// `Size: L`
pub fn told(variation: &TransactionVariations) -> Option<String> {
    let value = text(variation.formatted_value.as_deref())?;
    Some(match text(variation.formatted_name.as_deref()) {
        Some(name) => format!("{name}: {value}"),
        None => value,
    })
}

/// The buyer's message, and below it what is to be written on the goods. A choice has a `value_id`, a wish has none.
/// <https://newreleases.io/project/github/etsy/open-api/release/3.0.0-general-release-2022-01-14>
pub fn note(receipt: &ShopReceipt) -> Option<String> {
    let wishes = receipt.transactions.iter().flat_map(|sold| {
        let title = text(sold.title.as_deref()).unwrap_or_default();
        let wishes = sold.variations.iter().filter(|wish| wish.value_id.is_none()).filter_map(told);
        wishes.map(move |wish| format!("{title}: {wish}"))
    });
    let parts: Vec<String> = text(receipt.message_from_buyer.as_deref()).into_iter().chain(wishes).collect();
    Some(parts.join("\n")).filter(|note| !note.is_empty())
}
