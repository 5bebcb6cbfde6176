//! Starts the emulator on a free port, in an environment of its own.

use crate::instance::{Instance, State};
use crate::process::Group;
use crate::workspace::make_folder;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long the emulator may take to answer; two seconds are usual.
const START_LIMIT: Duration = Duration::from_mins(1);
/// Between our looking for a free port and the emulator's taking it, somebody else may: then another is tried.
const TRIES: usize = 3;
const REGION: &str = "us-east-1";

/// Starts it and writes the instance's state; returns when it answers.
pub fn start(instance: &Instance, programs: &Path) -> Result<(Group, State)> {
    for folder in ["home", "tmp", "store"] {
        make_folder(&instance.path(folder))?;
    }
    let mut last = None;
    for _ in 0..TRIES {
        let port = free_port()?;
        let mut group = spawn(instance, programs, port)?;
        let state = State { port, group: group.id(), ..State::default() };
        instance.save(&state)?;
        match wait_until_ready(&mut group, port, instance) {
            Ok(()) => return Ok((group, state)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.context("the emulator was not started")?)
}

fn spawn(instance: &Instance, programs: &Path, port: u16) -> Result<Group> {
    let path = instance.log("emulator");
    let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let complaints = log.try_clone().context("cannot write the emulator's log twice")?;
    let mut command = Command::new(programs.join("ministack"));
    // Functions inherit this environment, so nothing of ours may be in it.
    let search = std::env::var_os("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", search)
        .env("HOME", instance.path("home"))
        .env("TMPDIR", instance.path("tmp"))
        .env("STATE_DIR", instance.path("store"))
        .env("S3_DATA_DIR", instance.path("store/s3"))
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_DEFAULT_REGION", REGION)
        // The functions' roles are enforced, as on AWS.
        .env("AUTH", "true")
        // It would listen on a fixed port, in the way of a second copy.
        .env("IOT_MTLS_ENABLED", "0")
        .current_dir(instance.path("home"))
        .stdin(Stdio::from(instance.emulator_lock()?))
        .stdout(Stdio::from(log))
        .stderr(Stdio::from(complaints));
    Group::spawn(&mut command)
}

fn wait_until_ready(group: &mut Group, port: u16, instance: &Instance) -> Result<()> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if group.has_ended()? {
            let text = std::fs::read(instance.log("emulator")).context("cannot read the emulator's log")?;
            bail!("The emulator ended at once:\n{}", String::from_utf8_lossy(&text).trim_end());
        }
        if is_ready(port).unwrap_or(false) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("The emulator did not answer for {} s.", START_LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn is_ready(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"HTTP/1.1 200")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on this machine")?;
    Ok(listener.local_addr().context("no free port on this machine")?.port())
}

/// Points an AWS client at the instance, and at nothing else: no profile or credential of the developer is seen.
pub fn aim_at<'a>(command: &'a mut Command, state: &State, instance: &Instance) -> &'a mut Command {
    let search = std::env::var_os("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", search)
        .env("HOME", instance.path("home"))
        .env("TMPDIR", instance.path("tmp"))
        .env("AWS_ENDPOINT_URL", state.endpoint())
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("SAM_CLI_TELEMETRY", "0")
}
