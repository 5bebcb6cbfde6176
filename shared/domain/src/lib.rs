//! The order, its money and the merchant's rules: pure, no I/O, no clock.
