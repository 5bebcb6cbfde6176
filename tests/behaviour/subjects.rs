//! Every platform in every version that the suite tries.

mod ebay;
mod shopify;
mod woocommerce;

use crate::subject::Subject;

pub const SUBJECTS: [&Subject; 4] = [&ebay::EBAY, &shopify::SHOPIFY, &woocommerce::CURRENT, &woocommerce::OLD];
