//! Every platform in every version that the suite tries.

mod ebay;
mod etsy;
mod woocommerce;

use crate::subject::Subject;

pub const SUBJECTS: [&Subject; 4] = [&ebay::EBAY, &etsy::ETSY, &woocommerce::CURRENT, &woocommerce::OLD];
