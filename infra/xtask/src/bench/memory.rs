//! How much memory each function has taken when it asks for its first job: the peak that Linux tells of its process.
//!
//! <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html> (`VmHWM`)

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::start::{environment, until_first_question};

/// The peak of one function's process.
pub fn peak_of(function: &Path, name: &str, template: &Path) -> Result<u64> {
    until_first_question(&mut Command::new(function), name, &environment(template, name)?, peak)
}

fn peak(process: u32) -> Result<u64> {
    let file = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    Ok(kilobytes.with_context(|| format!("{file} tells no peak"))? * 1024)
}
