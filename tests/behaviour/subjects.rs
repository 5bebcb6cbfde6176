//! Every platform in every version that the suite tries.

mod ebay;
mod woocommerce;

use crate::subject::Subject;

pub const SUBJECTS: [&Subject; 3] = [&ebay::EBAY, &woocommerce::CURRENT, &woocommerce::OLD];
