//! The `sync-fulfilment` function.

fn main() {}
