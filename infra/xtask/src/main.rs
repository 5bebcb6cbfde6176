//! The project's own commands: up, down, demo, test, bench, logs.

fn main() {}
