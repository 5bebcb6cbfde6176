//! The `poll-orders` function.

fn main() {}
