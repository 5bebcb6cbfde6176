//! Every platform in every version that the suite tries.

mod amazon;
mod bigcommerce;
mod ebay;
mod etsy;
mod shopify;
mod woocommerce;

use crate::subject::Subject;

pub const SUBJECTS: &[&Subject] = &[
    &amazon::AMAZON,
    &bigcommerce::ON_PLACING,
    &bigcommerce::ON_COMPLETION,
    &ebay::EBAY,
    &etsy::ETSY,
    &shopify::SHOPIFY,
    &woocommerce::CURRENT,
    &woocommerce::OLD,
];
