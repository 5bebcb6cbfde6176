//! The Python environments that the local cloud needs, made once under `target/` from requirements pinned by hash.

use crate::process::output;
use crate::progress::Progress;
use crate::workspace::{Workspace, make_folder, remove_folder};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest Python for which the requirements are resolved.
const OLDEST: (u32, u32) = (3, 10);

/// More than one, since the emulator and AWS's command pin different versions of the same library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// The emulator, and boto3 for `infra/local/stack.py`.
    Emulator,
    /// `sam`, `cfn-lint` and `cargo-lambda`.
    Aws,
    /// `schemathesis`, which tries the API against its document.
    Contract,
}

impl Environment {
    fn name(self) -> &'static str {
        match self {
            Self::Emulator => "emulator",
            Self::Aws => "aws",
            Self::Contract => "contract",
        }
    }
}

/// Makes the environment unless it is there already, and returns its folder of programs.
pub fn prepare(workspace: &Workspace, environment: Environment, progress: Progress) -> Result<PathBuf> {
    let name = environment.name();
    let python = find_python()?;
    let requirements = workspace.infra(&format!("{name}.txt"));
    let pinned =
        std::fs::read_to_string(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let parent = workspace.folder().join("python");
    let folder = parent.join(name);
    let programs = folder.join("bin");
    // An environment knows its own path, so one that was moved is made anew.
    let wanted = format!("{}\n{}\n{pinned}", folder.display(), python.display());
    let stamp = folder.join("made-from.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == wanted) {
        return Ok(programs);
    }

    remove_folder(&folder)?;
    make_folder(&parent)?;
    progress.step(&format!("Install the Python environment `{name}`"), |step| {
        let log = parent.join(format!("{name}.log"));
        step.run(Command::new(&python).args(["-m", "venv"]).arg(&folder), &log)?;
        step.run(
            Command::new(programs.join("python"))
                // The file names every package there is, so pip has nothing to resolve.
                .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"])
                .args(["--require-hashes", "-r"])
                .arg(&requirements),
            &log,
        )
    })?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(programs)
}

fn find_python() -> Result<PathBuf> {
    const ASK: &str = "import sys; print(sys.version_info[0], sys.version_info[1], sys.executable)";
    let Ok(answer) = output(Command::new("python3").args(["-c", ASK])) else {
        bail!("Python {}.{} or newer is missing: install it so that `python3` runs.", OLDEST.0, OLDEST.1);
    };
    let mut words = answer.trim().splitn(3, ' ');
    let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
    let (Some(major), Some(minor)) = (number(), number()) else { bail!("`python3` answers oddly: {answer}") };
    if (major, minor) < OLDEST {
        bail!("Python {}.{} or newer is needed, and `python3` is {major}.{minor}.", OLDEST.0, OLDEST.1);
    }
    let python = Path::new(words.next().unwrap_or("python3")).to_owned();
    if output(Command::new(&python).args(["-c", "import venv, ensurepip"])).is_err() {
        bail!("Python's venv module is missing: install it (on Debian and Ubuntu: apt-get install python3-venv).");
    }
    Ok(python)
}
