//! Every platform in every version that the suite tries.

mod bigcommerce;
mod ebay;
mod woocommerce;

use crate::subject::Subject;

pub const SUBJECTS: [&Subject; 5] =
    [&bigcommerce::ON_PLACING, &bigcommerce::ON_COMPLETION, &ebay::EBAY, &woocommerce::CURRENT, &woocommerce::OLD];
