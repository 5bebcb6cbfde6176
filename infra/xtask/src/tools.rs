//! Cargo's helpers that the tests need, installed by version under `target/`.

use crate::progress::Progress;
use crate::workspace::{Workspace, make_folder, remove_folder};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

#[derive(Debug, Clone, Copy)]
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
}

/// Finds dependencies that no code uses.
pub const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2" };
/// Checks licences, banned crates and sources against `deny.toml`.
pub const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// Installs the tool unless this version is there already, and returns its path.
pub fn prepare(workspace: &Workspace, tool: Tool, progress: Progress) -> Result<PathBuf> {
    let Tool { name, version } = tool;
    let parent = workspace.folder().join("tools");
    let root = parent.join(format!("{name}-{version}"));
    let program = root.join("bin").join(name);
    if program.exists() {
        return Ok(program);
    }
    make_folder(&parent)?;
    let build = parent.join(format!("{name}-build"));
    progress.step(&format!("Install {name} {version}"), |step| {
        step.run(
            Command::new("cargo")
                // Unoptimised builds in half the time, and it runs once.
                .args(["install", "--locked", "--debug", "--no-default-features", "--version", version])
                .arg("--root")
                .arg(&root)
                .arg("--target-dir")
                .arg(&build)
                .arg(name)
                .current_dir(&workspace.root),
            &parent.join(format!("{name}.log")),
        )
    })?;
    remove_folder(&build)?;
    Ok(program)
}
