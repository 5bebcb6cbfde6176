//! Every platform in every version that the suite tries.

mod amazon;
mod ebay;
mod woocommerce;

use crate::subject::Subject;

pub const SUBJECTS: [&Subject; 4] = [&amazon::AMAZON, &ebay::EBAY, &woocommerce::CURRENT, &woocommerce::OLD];
