//! Keeps the functions from growing unseen: what they weigh and take to start, as the local cloud has just built them.
//!
//! The bounds are generous and of these builds; the targets, of release builds, are `cargo xtask bench`'s.

use crate::bench::start;
use crate::process::run;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use std::process::Command;

/// Instructions until `import-order` asks for its first job, by those of a function that does nothing.
const MOST_TIMES: u64 = 9;
/// The largest is `reconcile`, with 39 MB.
const LARGEST_BYTES: u64 = 60_000_000;

pub fn check(workspace: &Workspace) -> Result<()> {
    for function in &workspace.functions {
        let file = workspace.binary(function);
        let bytes = std::fs::metadata(&file).with_context(|| format!("cannot read {}", file.display()))?.len();
        ensure!(bytes <= LARGEST_BYTES, "{function} has {bytes} bytes; {LARGEST_BYTES} are allowed");
    }
    println!("No function has more than {LARGEST_BYTES} bytes.");
    run(Command::new("cargo").args(["build", "--profile", "local", "-p", "no-op"]).current_dir(&workspace.root))?;
    let (function, no_op) = (workspace.binary("import-order"), workspace.binary("no-op"));
    let Some((ours, theirs)) = start::instructions_of(&function, &no_op, &workspace.template())? else {
        println!("valgrind is not installed: the instructions of a start are not counted.");
        return Ok(());
    };
    println!("import-order starts in {ours} instructions, a function that does nothing in {theirs}.");
    if ours > theirs.saturating_mul(MOST_TIMES) {
        bail!("import-order takes more than {MOST_TIMES} times as long to start as a function that does nothing");
    }
    Ok(())
}
