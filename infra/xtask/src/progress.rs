//! What is going on and for how long: a spinner on a terminal, plain lines elsewhere.

use crate::process::{Group, shown};
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A plain log says at least this often what a long step is at.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// So many lines of a failed command's output are shown.
const SHOWN_LINES: usize = 30;

#[derive(Debug, Clone, Copy)]
pub struct Progress {
    terminal: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal() }
    }

    /// Does one named piece of work and says how long it took.
    pub fn step<T>(&self, name: &str, work: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
        let step = Step::begin(name, self.terminal);
        let result = work(&step);
        step.end(result.is_ok());
        result
    }
}

#[derive(Debug)]
pub struct Step {
    name: String,
    started: Instant,
    spinner: Option<ProgressBar>,
    last_sign: Mutex<Instant>,
}

impl Step {
    fn begin(name: &str, terminal: bool) -> Self {
        let spinner = terminal.then(|| {
            let spinner = ProgressBar::new_spinner().with_prefix(name.to_owned());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} ({elapsed}) {wide_msg}") {
                spinner.set_style(style);
            }
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        });
        if spinner.is_none() {
            eprintln!("{name} ...");
        }
        Self { name: name.to_owned(), started: Instant::now(), spinner, last_sign: Mutex::new(Instant::now()) }
    }

    fn end(self, good: bool) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        eprintln!("{} {} ({})", if good { "✓" } else { "✗" }, self.name, seconds(self.started.elapsed()));
    }

    /// Shows the newest line of a step that takes its time.
    pub fn note(&self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        if let Some(spinner) = &self.spinner {
            spinner.set_message(line.trim().to_owned());
        } else if let Ok(mut last) = self.last_sign.lock()
            && last.elapsed() >= SIGN_OF_LIFE
        {
            *last = Instant::now();
            eprintln!("  {}: {}", seconds(self.started.elapsed()), line.trim());
        }
    }

    /// Runs a command with its output in `log`; a failure shows the end of it.
    pub fn run(&self, command: &mut Command, log: &Path) -> Result<()> {
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let log_file = Mutex::new(file);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut group = Group::spawn(command)?;
        let printed = group.child().stdout.take().context("no pipe to read from")?;
        let complaints = group.child().stderr.take().context("no pipe to read from")?;
        let copied = std::thread::scope(|scope| {
            let other = scope.spawn(|| self.copy(complaints, &log_file));
            self.copy(printed, &log_file)
                .and(other.join().map_err(|_| anyhow::anyhow!("a reader thread panicked")).flatten())
        });
        let status = group.wait()?;
        copied.with_context(|| format!("cannot write {}", log.display()))?;
        if !status.success() {
            let text = std::fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
            let text = String::from_utf8_lossy(&text);
            let lines: Vec<&str> = text.lines().collect();
            let end = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n");
            bail!("{end}\n\n{} ended with {status}; all that it printed: {}", shown(command), log.display());
        }
        Ok(())
    }

    fn copy(&self, from: impl Read, log: &Mutex<File>) -> Result<()> {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            let mut file = log.lock().map_err(|_| anyhow::anyhow!("a reader thread panicked"))?;
            file.write_all(&line)?;
            drop(file);
            self.note(&String::from_utf8_lossy(&line));
            line.clear();
        }
        Ok(())
    }
}

/// 3.2 s, 75 s: for people.
pub fn seconds(time: Duration) -> String {
    if time < Duration::from_mins(1) {
        format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
    } else {
        format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}
