//! Child processes, each in a process group of its own, so that nothing that we start outlives us unasked.

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a group may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// A shell's exit code for a command ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C (and SIGTERM, SIGHUP) stops every group that we started, then this process.
pub fn stop_all_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| {
        // Held until the end of the process: nothing can be spawned any more.
        let running = groups();
        for group in running.iter() {
            if let Err(error) = stop_group(*group) {
                eprintln!("{error:#}");
            }
        }
        std::process::exit(INTERRUPTED);
    })
    .context("cannot listen for Ctrl-C")
}

/// A running process group; dropping it stops the group.
#[derive(Debug)]
pub struct Group {
    child: Child,
    finished: bool,
}

impl Group {
    pub fn spawn(command: &mut Command) -> Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut running = groups();
        let child = command.process_group(0).spawn().with_context(|| format!("cannot start {}", shown(command)))?;
        running.insert(id(&child));
        Ok(Self { child, finished: false })
    }

    /// The group's id, which is also its first process's id.
    pub fn id(&self) -> i32 {
        id(&self.child)
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().context("cannot wait for a child process")?;
        self.finished = true;
        groups().remove(&self.id());
        Ok(status)
    }

    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait().context("cannot look after a child process")?.is_some())
    }

    /// Lets the group go on after this process.
    pub fn keep(mut self) {
        self.finished = true;
        groups().remove(&self.id());
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let mut running = groups();
        // Collected while it stops, or it would count as alive until the end of the grace.
        let result = terminate(id(&self.child)).and_then(|()| {
            let deadline = Instant::now() + GRACE;
            while Instant::now() < deadline && self.child.try_wait()?.is_none() {
                std::thread::sleep(Duration::from_millis(20));
            }
            kill(id(&self.child))?;
            self.child.wait()?;
            Ok(())
        });
        if let Err(error) = result {
            eprintln!("{error:#}");
        }
        running.remove(&id(&self.child));
    }
}

/// Stops a process group: asks first, kills what is left after the grace.
pub fn stop_group(group: i32) -> Result<()> {
    terminate(group)?;
    let deadline = Instant::now() + GRACE;
    while Instant::now() < deadline && is_alive(group)? {
        std::thread::sleep(Duration::from_millis(20));
    }
    kill(group)
}

fn terminate(group: i32) -> Result<()> {
    send(group, Signal::SIGTERM)
}

fn kill(group: i32) -> Result<()> {
    send(group, Signal::SIGKILL)
}

fn send(group: i32, signal: Signal) -> Result<()> {
    match killpg(Pid::from_raw(group), signal) {
        // macOS answers EPERM for a group of which only a zombie is left.
        Ok(()) | Err(Errno::ESRCH | Errno::EPERM) => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot stop the process group {group}")),
    }
}

fn is_alive(group: i32) -> Result<bool> {
    match killpg(Pid::from_raw(group), None) {
        Ok(()) => Ok(true),
        Err(Errno::ESRCH | Errno::EPERM) => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot look for the process group {group}")),
    }
}

fn id(child: &Child) -> i32 {
    // A process id is positive and fits: the kernel's limit is 2^22.
    i32::try_from(child.id()).unwrap_or(i32::MAX)
}

/// Runs a command to its end with our own output; the error names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = Group::spawn(command.stdin(Stdio::null()))?.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command to its end and returns what it printed; the error holds what it complained about.
pub fn output(command: &mut Command) -> Result<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut group = Group::spawn(command)?;
    let mut complaints = group.child().stderr.take().context("no pipe to read from")?;
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut complaints, &mut text).map(|_| text)
    });
    let mut answer = String::new();
    let mut printed = group.child().stdout.take().context("no pipe to read from")?;
    std::io::Read::read_to_string(&mut printed, &mut answer).context("cannot read a command's output")?;
    let status = group.wait()?;
    let complaints = reader.join().map_err(|_| anyhow::anyhow!("a reader thread panicked"))??;
    if !status.success() {
        bail!("{} ended with {status}:\n{}", shown(command), String::from_utf8_lossy(&complaints).trim_end());
    }
    Ok(answer)
}

/// A command as one would type it, without its folders.
pub fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    command.get_args().fold(name, |text, argument| text + " " + &argument.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn dropping_a_group_stops_everything_that_it_started() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & sleep 600"]).stdout(Stdio::piped());
        let mut group = Group::spawn(&mut command).unwrap();
        let mut pipe = group.child().stdout.take().unwrap();
        drop(group);
        // Both sleepers held the other end: this would wait for them.
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        assert_eq!(text, "");
    }

    #[test]
    fn a_failed_command_tells_its_name_and_complaint() {
        let error = output(Command::new("sh").args(["-c", "echo no money >&2; exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "sh -c echo no money >&2; exit 3 ended with exit status: 3:\nno money");
    }
}
