//! The `receive-webhook` function.

fn main() {}
