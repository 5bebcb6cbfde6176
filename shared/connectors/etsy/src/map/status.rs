//! Etsy's words for where a receipt stands. Real answers write them in capitals too: `Fully Refunded`.

use domain::{Cancel, Fulfilment, Payment};

use super::time;
use crate::wire::ShopReceipt;

/// <https://developers.etsy.com/documentation/reference#tag/Shop-Receipt>
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Unpaid,
    Paid,
    Completed,
    Canceled,
    Refunded,
    PartlyRefunded,
    Absent,
    Unknown,
}

fn status(receipt: &ShopReceipt) -> Status {
    match receipt.status.as_deref().unwrap_or_default().trim().to_lowercase().as_str() {
        "" => Status::Absent,
        "open" | "payment processing" => Status::Unpaid,
        "paid" => Status::Paid,
        "completed" => Status::Completed,
        "canceled" | "cancelled" => Status::Canceled,
        "fully refunded" => Status::Refunded,
        "partially refunded" => Status::PartlyRefunded,
        _ => Status::Unknown,
    }
}

/// `is_paid` is the fact; without it, the word.
pub fn payment(receipt: &ShopReceipt) -> Payment {
    use Status::{Completed, Paid, PartlyRefunded, Refunded};
    let by_word = matches!(status(receipt), Paid | Completed | Refunded | PartlyRefunded);
    if !receipt.is_paid.unwrap_or(by_word) {
        return Payment::Unpaid;
    }
    let at = receipt.transactions.iter().filter_map(|sold| sold.paid_timestamp).min();
    Payment::Paid { at: at.and_then(time) }
}

/// A receipt is sent or not: Etsy has nothing between.
pub fn fulfilment(receipt: &ShopReceipt) -> Fulfilment {
    let shipped = receipt.is_shipped.unwrap_or(status(receipt) == Status::Completed);
    if shipped { Fulfilment::Shipped } else { Fulfilment::NotStarted }
}

pub fn cancel(receipt: &ShopReceipt) -> Cancel {
    if status(receipt) == Status::Canceled { Cancel::Canceled } else { Cancel::None }
}

/// Money went back, by the receipt's own word.
pub fn says_refunded(receipt: &ShopReceipt) -> bool {
    matches!(status(receipt), Status::Refunded | Status::PartlyRefunded)
}

pub fn warn(receipt: &ShopReceipt, warnings: &mut Vec<String>) {
    match status(receipt) {
        Status::Unknown => {
            let word = receipt.status.as_deref().unwrap_or_default();
            warnings.push(format!("Etsy's status `{word}` is not known to Tributary."));
        }
        Status::Absent => warnings.push("Etsy gives no status.".to_owned()),
        _ => {}
    }
    if says_refunded(receipt) && receipt.refunds.is_empty() {
        warnings.push("Etsy says that money was refunded, but not how much.".to_owned());
    }
}
