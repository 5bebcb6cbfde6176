//! Money that went back: amounts on the receipt as a whole, without an id.

use domain::{Currency, Refund};

use super::money::money;
use super::{Problem, status, time};
use crate::wire::ShopReceipt;

/// A word that says that the money went back. The description lists none; no word is common.
const DONE: &[&str] = &["", "complete", "completed", "issued", "paid", "processed", "refunded", "succeeded", "success"];

pub fn refunds(receipt: &ShopReceipt, currency: Currency, warnings: &mut Vec<String>) -> Result<Vec<Refund>, Problem> {
    let mut refunds: Vec<Refund> = Vec::new();
    for wire in &receipt.refunds {
        let amount = wire.amount.as_ref().ok_or(Problem::Missing("refunds.amount"))?;
        let amount = money("refunds.amount", amount, currency)?;
        let word = wire.status.as_deref().unwrap_or_default().trim();
        // The receipt's own status is a second witness.
        if !DONE.contains(&word.to_lowercase().as_str()) && !status::says_refunded(receipt) {
            warnings.push(format!("A refund with Etsy's status `{word}` is not counted yet."));
            continue;
        }
        if amount.is_zero() {
            continue;
        }
        let created = wire.created_timestamp.unwrap_or_default();
        let mut id = format!("{created}-{}", amount.minor());
        let same = |other: &&Refund| other.id.split('#').next() == Some(&id);
        match refunds.iter().filter(same).count() {
            0 => {}
            earlier => id = format!("{id}#{}", earlier + 1),
        }
        let at = wire.created_timestamp.and_then(time);
        refunds.push(Refund { id, amount, at, line: None, quantity: None });
    }
    Ok(refunds)
}
