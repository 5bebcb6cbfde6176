//! The `import-order` function.

fn main() {}
