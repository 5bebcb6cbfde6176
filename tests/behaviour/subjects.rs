//! Every platform in every version that the suite tries.

mod amazon;
mod ebay;
mod etsy;
mod shopify;
mod woocommerce;

use crate::subject::Subject;

pub const SUBJECTS: &[&Subject] =
    &[&amazon::AMAZON, &ebay::EBAY, &etsy::ETSY, &shopify::SHOPIFY, &woocommerce::CURRENT, &woocommerce::OLD];
