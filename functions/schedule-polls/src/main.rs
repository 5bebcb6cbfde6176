//! The `schedule-polls` function.

fn main() {}
