//! Instructions from a function's start to its first question for a job, counted by callgrind: the same on every machine.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next>

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use yaml_serde::Value;

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next";
/// Hash maps are seeded anew in each process, so that counts differ a little; the middle one of these is taken.
const RUNS: usize = 5;
/// callgrind makes a program some fifty times slower.
const PATIENCE: Duration = Duration::from_mins(2);

/// A function's count and that of one that does nothing. `None`: this machine has no callgrind.
pub fn instructions_of(function: &Path, no_op: &Path, template: &Path) -> Result<Option<(u64, u64)>> {
    if !has_callgrind() {
        return Ok(None);
    }
    let environment = environment(template, "import-order")?;
    Ok(Some((instructions(function, &environment)?, instructions(no_op, &environment)?)))
}

/// Whether this machine can count instructions.
pub fn has_callgrind() -> bool {
    let installed = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    installed.is_ok_and(|status| status.success())
}

/// The middle count of several runs.
fn instructions(program: &Path, environment: &BTreeMap<String, String>) -> Result<u64> {
    let mut counts = (0..RUNS).map(|_| once(program, environment)).collect::<Result<Vec<_>>>()?;
    counts.sort_unstable();
    Ok(counts[RUNS / 2])
}

fn once(program: &Path, environment: &BTreeMap<String, String>) -> Result<u64> {
    let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let counted = std::env::temp_dir().join(format!("tributary-{name}-{}.callgrind", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--instr-atstart=yes", "--quiet"])
        .arg(format!("--callgrind-out-file={}", counted.display()))
        .arg(program);
    until_first_question(&mut command, &name, environment, |_| Ok(()))?;
    total(&counted)
}

/// Starts a function, lets somebody look at its process when it asks for its first job, and ends it.
pub fn until_first_question<T>(
    command: &mut Command,
    name: &str,
    environment: &BTreeMap<String, String>,
    look: impl FnOnce(u32) -> Result<T>,
) -> Result<T> {
    let api = TcpListener::bind("127.0.0.1:0").context("cannot stand in for the Runtime API")?;
    command
        .env_clear()
        .envs(environment)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("AWS_LAMBDA_RUNTIME_API", api.local_addr()?.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut process = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let asked = first_question(&api, &mut process);
    let looked = look(process.id());
    // Asked to end, valgrind writes what it counted.
    let ended = terminate(&mut process);
    let (asked, _stream) = asked.with_context(|| format!("{name} did not start"))?;
    ended?;
    if !asked.starts_with(NEXT) {
        bail!("{name} did not start: it told the Runtime API `{}`", asked.trim());
    }
    looked
}

/// The instructions that callgrind wrote down; its file is gone afterwards.
pub fn total(counted: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(counted).with_context(|| format!("cannot read {}", counted.display()))?;
    std::fs::remove_file(counted).with_context(|| format!("cannot remove {}", counted.display()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    total.and_then(|total| total.trim().parse().ok()).context("callgrind told no total")
}

/// The first line that the function sends. It is never answered: what follows would be work, not start.
fn first_question(api: &TcpListener, process: &mut Child) -> Result<(String, TcpStream)> {
    api.set_nonblocking(true)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match api.accept() {
            Ok((stream, _)) => return first_line(stream),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error).context("the Runtime API's port"),
        }
        if process.try_wait()?.is_some() {
            let mut said = String::new();
            if let Some(mut complaints) = process.stderr.take() {
                std::io::Read::read_to_string(&mut complaints, &mut said)?;
            }
            bail!("it ended at once: {}", said.trim());
        }
        if Instant::now() > deadline {
            bail!("it asked for no job within {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The stream is to be kept until the process is gone: handling a closed connection would be counted.
fn first_line(stream: TcpStream) -> Result<(String, TcpStream)> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    Ok((line, stream))
}

fn terminate(process: &mut Child) -> Result<()> {
    if process.try_wait()?.is_none() {
        kill(Pid::from_raw(i32::try_from(process.id())?), Signal::SIGTERM).context("cannot end what was started")?;
    }
    process.wait().context("cannot wait for what was started")?;
    Ok(())
}

/// What Lambda gives every function, and what the template gives this one.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
pub fn environment(template: &Path, function: &str) -> Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(template).with_context(|| format!("cannot read {}", template.display()))?;
    let template: Value = yaml_serde::from_str(&text).context("the template is not YAML")?;
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    let variables = variables.as_mapping().context("the template gives its functions no variables")?;
    let mut environment: BTreeMap<String, String> = [
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
        ("AWS_SESSION_TOKEN", "bench"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let resources = template["Resources"].as_mapping().context("the template has no resources")?;
    let named = |resource: &&Value| match &resource["Properties"]["FunctionName"] {
        Value::Tagged(name) => name.value.as_str().is_some_and(|name| name.ends_with(&format!("}}-{function}"))),
        _ => false,
    };
    let resource = resources.values().find(named).with_context(|| format!("the template has no {function}"))?;
    let own = resource["Properties"]["Environment"]["Variables"].as_mapping();
    for (name, value) in variables.iter().chain(own.into_iter().flatten()) {
        let name = name.as_str().context("a variable of the template has no name")?;
        environment.insert(name.to_owned(), resolved(&template, value));
    }
    Ok(environment)
}

/// A text as it is, a parameter's default, and for a resource its name: something that can be read, called by nobody.
fn resolved(template: &Value, value: &Value) -> String {
    let (tag, text) = match value {
        Value::Tagged(tagged) => (tagged.tag.to_string(), tagged.value.as_str().unwrap_or_default()),
        other => (String::new(), other.as_str().unwrap_or_default()),
    };
    if tag != "!Ref" && tag != "Ref" {
        return text.to_owned();
    }
    match template["Parameters"][text]["Default"].as_str() {
        Some(default) => default.to_owned(),
        None => text.to_owned(),
    }
}
