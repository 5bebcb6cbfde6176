//! One running copy of the local cloud: its folder, its locks and what is known about it.
//!
//! Two locks tell what is alive, whatever became of the processes that wrote the files: `owner.lock` is held by the
//! command at work on the instance, `emulator.lock` by the emulator itself (it inherits the locked file).

use crate::process::stop_group;
use crate::workspace::{Workspace, make_folder, remove_folder};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What other programs may know about an instance: `state.json` in its folder.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    /// Where every AWS service of the instance answers, on 127.0.0.1.
    pub port: u16,
    /// The emulator's process group.
    pub group: i32,
    /// Left running on purpose: not to be cleaned away.
    pub kept: bool,
    /// The stack's outputs (`OrdersTableName`, `PollsQueueUrl` ...); empty until it is deployed.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// A token of the user that was made; good for an hour.
    #[serde(default)]
    pub token: String,
}

impl State {
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("cannot understand {}", path.display()))
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn output(&self, name: &str) -> Result<&str> {
        self.outputs.get(name).map(String::as_str).with_context(|| format!("the stack has no output {name}"))
    }

    /// The API's URL; it needs no particular `Host` header.
    pub fn api_url(&self) -> Result<String> {
        let (id, stage) = (self.output("ApiId")?, self.output("ApiStage")?);
        Ok(format!("{}/_aws/execute-api/{id}/{stage}", self.endpoint()))
    }
}

/// An instance's folder; ours alone for as long as this value lives, if it was opened and not just visited.
#[derive(Debug)]
pub struct Instance {
    folder: PathBuf,
    _owner: Option<File>,
}

impl Instance {
    /// Takes the instance of that name, and cleans away others whose commands died.
    pub fn open(workspace: &Workspace, name: &str) -> Result<Self> {
        let parent = workspace.folder().join("instances");
        make_folder(&parent)?;
        let guard = open_lock(&parent.join("all.lock"))?;
        guard.lock().context("cannot lock the local cloud's folder")?;
        sweep(&parent, name)?;

        let folder = parent.join(name);
        make_folder(&folder.join("logs"))?;
        let Some(owner) = try_lock(&folder.join("owner.lock"))? else {
            bail!("Another command is at work on the local cloud `{name}` of this checkout: wait for it, or end it.");
        };
        Ok(Self { folder, _owner: Some(owner) })
    }

    /// Looks at the instance of that name and leaves it to others to change or stop.
    pub fn visit(workspace: &Workspace, name: &str) -> Self {
        Self { folder: workspace.folder().join("instances").join(name), _owner: None }
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{name}.log"))
    }

    pub fn state_file(&self) -> PathBuf {
        self.path("state.json")
    }

    pub fn save(&self, state: &State) -> Result<()> {
        let path = self.state_file();
        std::fs::write(&path, serde_json::to_vec_pretty(state)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// What is known about the emulator, if it runs.
    pub fn running(&self) -> Result<Option<State>> {
        running(&self.folder)
    }

    /// The locked file that the emulator is to inherit.
    pub fn emulator_lock(&self) -> Result<File> {
        try_lock(&self.path("emulator.lock"))?.context("the emulator of this instance runs already")
    }

    /// Removes all that the emulator stored; its logs stay until the next command.
    pub fn forget(&self) -> Result<()> {
        for folder in ["home", "tmp", "store", "functions"] {
            remove_folder(&self.path(folder))?;
        }
        match std::fs::remove_file(self.state_file()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).context("cannot remove an instance's state")
            }
            _ => Ok(()),
        }
    }
}

fn running(folder: &Path) -> Result<Option<State>> {
    let path = folder.join("state.json");
    // The lock first: who holds it wrote the state before.
    if !path.exists() || try_lock(&folder.join("emulator.lock"))?.is_some() {
        return Ok(None);
    }
    State::read(&path).map(Some)
}

/// Stops and removes what commands that were killed left behind.
fn sweep(parent: &Path, spared: &str) -> Result<()> {
    for entry in std::fs::read_dir(parent).with_context(|| format!("cannot read {}", parent.display()))? {
        let folder = entry.context("cannot read a folder")?.path();
        if !folder.is_dir() || folder.ends_with(spared) {
            continue;
        }
        let Some(_owner) = try_lock(&folder.join("owner.lock"))? else { continue };
        match running(&folder)? {
            Some(state) if state.kept => {}
            Some(state) => {
                stop_group(state.group)?;
                remove_folder(&folder)?;
            }
            None => remove_folder(&folder)?,
        }
    }
    Ok(())
}

fn open_lock(path: &Path) -> Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

/// The locked file, or nothing if somebody else holds it.
///
/// A process that another thread is just starting holds copies of all our open files until it has become its program, so a
/// lock that we gave back a moment ago may still look taken: it is asked for more than once.
fn try_lock(path: &Path) -> Result<Option<File>> {
    const TRIES: u32 = 10;
    let file = open_lock(path)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Group;
    use std::process::{Command, Stdio};

    /// A workspace whose target directory is new and empty.
    fn workspace(name: &str) -> Workspace {
        let target = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        remove_folder(&target).unwrap();
        Workspace { root: target.clone(), target, functions: Vec::new(), suites: Vec::new() }
    }

    /// Something that holds the instance's lock as the emulator does.
    fn start_sleeper(instance: &Instance, kept: bool) -> Group {
        let lock = instance.emulator_lock().unwrap();
        let group = Group::spawn(Command::new("sleep").arg("600").stdin(Stdio::from(lock))).unwrap();
        instance.save(&State { port: 1, group: group.id(), kept, ..State::default() }).unwrap();
        group
    }

    #[test]
    fn two_commands_do_not_work_on_one_instance() {
        let workspace = workspace("owner");
        let _first = Instance::open(&workspace, "up").unwrap();
        assert!(Instance::open(&workspace, "up").unwrap_err().to_string().contains("at work"));
        Instance::open(&workspace, "test-1").unwrap();
        remove_folder(&workspace.target).unwrap();
    }

    #[test]
    fn what_a_killed_command_left_is_stopped_and_what_was_kept_is_not() {
        let workspace = workspace("sweep");
        let left = Instance::open(&workspace, "test-1").unwrap();
        let mut left_sleeper = start_sleeper(&left, false);
        let kept = Instance::open(&workspace, "up").unwrap();
        let mut kept_sleeper = start_sleeper(&kept, true);
        let working = Instance::open(&workspace, "test-2").unwrap();
        let mut working_sleeper = start_sleeper(&working, false);
        drop((left, kept));

        let _another = Instance::open(&workspace, "test-3").unwrap();
        assert!(left_sleeper.has_ended().unwrap());
        assert!(!kept_sleeper.has_ended().unwrap());
        assert!(!working_sleeper.has_ended().unwrap());
        assert!(Instance::visit(&workspace, "up").running().unwrap().is_some());
        assert!(Instance::visit(&workspace, "test-1").running().unwrap().is_none());
        remove_folder(&workspace.target).unwrap();
    }

    #[test]
    fn an_emulator_that_ended_is_not_running_whatever_its_file_says() {
        let workspace = workspace("ended");
        let instance = Instance::open(&workspace, "up").unwrap();
        let sleeper = start_sleeper(&instance, true);
        assert!(instance.running().unwrap().is_some());
        drop(sleeper);
        assert!(instance.running().unwrap().is_none());
        remove_folder(&workspace.target).unwrap();
    }
}
