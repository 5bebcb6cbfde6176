//! `--try`: lays the connector in a copy of the workspace, holds it to the lints and the suites, and removes the copy.

use super::{Name, lay};
use crate::process::output;
use crate::progress::Progress;
use crate::workspace::{Workspace, make_folder, remove_folder};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a laid connector must pass as it is. `--workspace` where it can be, so that the libraries are those built already.
const CHECKS: [(&str, &str); 5] = [
    ("Lints", "clippy --workspace --lib --test behaviour -- -D warnings"),
    ("Lints of its own tests", "clippy --package connector-__kebab__ --all-targets -- -D warnings"),
    ("Its own tests", "test --package connector-__kebab__ --lib"),
    ("House rules", "test --workspace --test architecture"),
    ("Behaviour suite", "test --workspace --test behaviour -- __kebab__::"),
];

/// Fails where a check fails. The copy is gone in any case.
pub fn run(workspace: &Workspace, name: &Name, progress: Progress) -> Result<()> {
    let folder = workspace.folder().join("new-connector");
    // Always the same place, so that the next trial finds what this one has built.
    let copy = folder.join("copy");
    remove_folder(&copy)?;
    make_folder(&copy)?;
    let result = tried(workspace, name, progress, &folder, &copy);
    remove_folder(&copy)?;
    result
}

fn tried(workspace: &Workspace, name: &Name, progress: Progress, folder: &Path, copy: &Path) -> Result<()> {
    copy_files(&workspace.root, copy)?;
    lay(copy, name)?;
    for (check, command) in CHECKS {
        let log = folder.join(format!("{}.log", check.to_lowercase().replace(' ', "-")));
        let command = name.filled(command);
        let (verb, rest) = command.split_once(' ').context("a check without a command")?;
        let mut cargo = Command::new("cargo");
        cargo.args([verb, "--profile", "local"]).args(rest.split(' '));
        progress
            .step(check, |step| step.run(cargo.current_dir(copy).env("CARGO_TARGET_DIR", &workspace.target), &log))?;
        let printed = fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
        printed.lines().filter(|line| line.starts_with("test result: ")).for_each(|line| println!("  {line}"));
    }
    Ok(())
}

/// Everything that git knows or would take, as it stands in the folder.
fn copy_files(root: &Path, copy: &Path) -> Result<()> {
    let listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let files = output(Command::new("git").args(listed).current_dir(root))?;
    for file in files.split_terminator('\0').filter(|file| root.join(file).is_file()) {
        let target = copy.join(file);
        if let Some(parent) = target.parent() {
            make_folder(parent)?;
        }
        fs::copy(root.join(file), &target).with_context(|| format!("cannot copy {file}"))?;
    }
    Ok(())
}
