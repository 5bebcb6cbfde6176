//! Every platform in every version that the suite tries.

mod amazon;
mod ebay;
mod etsy;
mod woocommerce;

use crate::subject::Subject;

pub const SUBJECTS: &[&Subject] =
    &[&amazon::AMAZON, &ebay::EBAY, &etsy::ETSY, &woocommerce::CURRENT, &woocommerce::OLD];
