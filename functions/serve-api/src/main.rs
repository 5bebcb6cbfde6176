//! The `serve-api` function.

fn main() {}
