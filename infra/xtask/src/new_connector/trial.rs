//! `--try`: lays the connector in a copy of the workspace, holds it to the lints and the suites, and removes the copy.

use super::{Laid, Name, lay};
use crate::process::output;
use crate::progress::Progress;
use crate::workspace::{Workspace, make_folder, remove_folder};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a laid connector must pass as it is. `--workspace` where it can be, so that the libraries are those built already.
const CHECKS: [(&str, &str); 5] = [
    ("Its own tests", "test --package connector-__kebab__ --lib"),
    ("Behaviour suite", "test --workspace --test behaviour -- __kebab__::"),
    ("House rules", "test --workspace --test architecture -- every_crate every_connector"),
    ("Lints", "clippy --workspace --lib --test behaviour"),
    ("Lints of its own tests", "clippy --package connector-__kebab__ --all-targets"),
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
    let laid = lay(copy, name)?;
    for (check, command) in CHECKS {
        let log = folder.join(format!("{}.log", check.to_lowercase().replace(' ', "-")));
        let command = name.filled(command);
        let (verb, rest) = command.split_once(' ').context("a check without a command")?;
        let mut cargo = Command::new("cargo");
        cargo.args([verb, "--profile", "local"]).args(rest.split(' '));
        progress
            .step(check, |step| step.run(cargo.current_dir(copy).env("CARGO_TARGET_DIR", &workspace.target), &log))?;
        let printed = fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
        let complaints = complaints(&printed, &laid);
        if !complaints.is_empty() {
            bail!("{check}: what was laid is not clean at {}; see {}", complaints.join(", "), log.display());
        }
        printed.lines().filter(|line| line.starts_with("test result: ")).for_each(|line| println!("  {line}"));
    }
    Ok(())
}

/// The places of what was laid or edited that the compiler warns of. What it has against others is not the connector's.
fn complaints<'a>(printed: &'a str, laid: &Laid) -> Vec<&'a str> {
    let places = printed.lines().filter_map(|line| line.trim_start().strip_prefix("--> "));
    let ours = |place: &&str| laid.files.iter().chain(&laid.edited).any(|path| place.starts_with(path.as_str()));
    places.filter(ours).collect()
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
        copy_file(&root.join(file), &target).with_context(|| format!("cannot copy {file}"))?;
    }
    Ok(())
}

/// As old as the original, so that cargo sees what it has built of it already.
fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to)?;
    let modified = fs::metadata(from)?.modified()?;
    fs::File::options().write(true).open(to)?.set_modified(modified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_laid_or_edited_is_complained_of() {
        let laid = Laid { files: vec!["tests/fakes/acme/mod.rs".to_owned()], edited: vec!["Cargo.toml".to_owned()] };
        let printed = "warning: too long\n   --> tests/fakes/acme/mod.rs:7:1\n  --> tests/fakes/ebay/mod.rs:7:1\n";
        assert_eq!(complaints(printed, &laid), ["tests/fakes/acme/mod.rs:7:1"]);
    }
}
