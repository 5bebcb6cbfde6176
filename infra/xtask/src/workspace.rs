//! Where things are: the workspace's root, cargo's target directory, the functions, the test suites.

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct Workspace {
    pub root: PathBuf,
    /// Cargo's target directory: `CARGO_TARGET_DIR` and `build.target-dir` count.
    pub target: PathBuf,
    /// The packages under `functions/`; each has one binary of the same name.
    pub functions: Vec<String>,
    /// The integration test suites of all packages (`flows`, `behaviour`, `cloud`).
    pub suites: Vec<String>,
}

impl Workspace {
    pub fn find() -> Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cargo does not tell about this workspace")?;
        let root = metadata.workspace_root.into_std_path_buf();
        let folder = root.join("functions");
        let mut functions: Vec<String> = metadata
            .packages
            .iter()
            .filter(|package| package.manifest_path.as_std_path().starts_with(&folder))
            .map(|package| package.name.to_string())
            .collect();
        functions.sort();
        let suites = metadata
            .packages
            .iter()
            .flat_map(|package| &package.targets)
            .filter(|target| target.is_test())
            .map(|target| target.name.clone())
            .collect();
        Ok(Self { root, target: metadata.target_directory.into_std_path_buf(), functions, suites })
    }

    /// Everything that these commands make: environments, tools, instances of the local cloud.
    pub fn folder(&self) -> PathBuf {
        self.target.join("xtask")
    }

    pub fn template(&self) -> PathBuf {
        self.root.join("template.yaml")
    }

    /// The binary that `cargo build --profile local` makes of a function.
    pub fn binary(&self, function: &str) -> PathBuf {
        self.target.join("local").join(function)
    }

    pub fn infra(&self, file: &str) -> PathBuf {
        self.root.join("infra/local").join(file)
    }
}

/// Makes a folder and its parents; says which one when it cannot.
pub fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))
}

/// Removes a folder and all in it, if it is there.
pub fn remove_folder(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove the folder {}", path.display()))
        }
        _ => Ok(()),
    }
}
