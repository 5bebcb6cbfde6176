//! The `report-sales` function.

fn main() {}
