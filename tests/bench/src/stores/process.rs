//! A fake as a process of its own, which ends with this one.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

/// A running fake and what it said of itself. Dropping it ends it; so does the end of this process, however it comes.
#[derive(Debug)]
pub struct Fake {
    process: Child,
    said: Value,
}

impl Fake {
    pub fn start(program: &Path, platform: &str, arguments: &[String]) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(platform).args(arguments).arg("--until-input-ends").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        let output = process.stdout.take().context("no pipe to read from")?;
        BufReader::new(output).read_line(&mut line)?;
        let said = serde_json::from_str(&line).with_context(|| format!("the fake of {platform} did not start"))?;
        Ok(Self { process, said })
    }

    /// One of the texts of its first line: `url`, a key.
    pub fn said(&self, name: &str) -> Result<String> {
        self.said[name].as_str().map(str::to_owned).with_context(|| format!("the fake did not tell its {name}"))
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            eprintln!("a fake did not end: {error}");
        }
    }
}
