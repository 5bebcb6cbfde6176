//! The local cloud: the emulator with `template.yaml` deployed to it, stopped when dropped.

use crate::instance::{Instance, State};
use crate::process::{Group, run, stop_group};
use crate::progress::Progress;
use crate::python::{Environment, prepare};
use crate::workspace::Workspace;
use crate::{deploy, emulator};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// One copy of the local cloud. Dropping it stops it, unless it was there before or [`LocalCloud::keep`] was called.
#[derive(Debug)]
pub struct LocalCloud {
    workspace: Workspace,
    instance: Instance,
    /// The emulator, if this value started it.
    group: Option<Group>,
    state: State,
    api_url: String,
    emulator_programs: PathBuf,
}

impl LocalCloud {
    /// Starts a copy of its own for this process: two never meet, in one checkout or in many.
    pub fn start(workspace: &Workspace, purpose: &str, progress: Progress) -> Result<Self> {
        Self::start_or_update(workspace, &format!("{purpose}-{}", std::process::id()), progress)
    }

    /// Starts the copy of that name, or deploys anew to it if it runs.
    pub fn start_or_update(workspace: &Workspace, name: &str, progress: Progress) -> Result<Self> {
        let emulator_programs = prepare(workspace, Environment::Emulator, progress)?;
        let aws_programs = prepare(workspace, Environment::Aws, progress)?;
        let instance = Instance::open(workspace, name)?;
        deploy::build(workspace, &instance, progress)?;

        let (group, state) = if let Some(state) = instance.running()? {
            (None, state)
        } else {
            let (group, state) =
                progress.step("Start the emulator", |_| emulator::start(&instance, &emulator_programs))?;
            (Some(group), state)
        };
        let mut cloud =
            Self { workspace: workspace.clone(), instance, group, state, api_url: String::new(), emulator_programs };
        deploy::deploy(workspace, &cloud.instance, &cloud.state, &aws_programs, progress)?;
        progress.step("Make a user and a token", |_| cloud.refresh())?;
        Ok(cloud)
    }

    /// The API's URL with its stage, without a slash at the end.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// For the header `Authorization: Bearer ...`; good for an hour from the start or the last [`LocalCloud::refresh`].
    pub fn token(&self) -> &str {
        &self.state.token
    }

    /// Where every AWS service answers (`AWS_ENDPOINT_URL`), with the region `us-east-1` and any credentials: those
    /// of nobody in particular may do everything.
    pub fn endpoint(&self) -> String {
        self.state.endpoint()
    }

    /// How the owner's command line is asked for something here (docs/cli.md); `$TOKEN` stands for the token.
    pub fn command_line(&self, command: &str) -> String {
        let cargo = "cargo run --quiet --profile local -p tributary-cli --";
        format!("TRIBUTARY_API={} TRIBUTARY_TOKEN=$TOKEN {cargo} {command}", self.api_url)
    }

    /// One of the template's outputs, by its name there.
    pub fn output(&self, name: &str) -> Result<&str> {
        self.state.output(name)
    }

    /// The file from which another process learns all this: [`State::read`].
    pub fn state_file(&self) -> PathBuf {
        self.instance.state_file()
    }

    /// Reads the stack's outputs again and gets a new token.
    pub fn refresh(&mut self) -> Result<()> {
        let described = deploy::describe(&self.workspace, &self.instance, &self.state, &self.emulator_programs)?;
        self.state.outputs = described.outputs;
        self.state.token = described.token;
        self.api_url = self.state.api_url()?;
        self.instance.save(&self.state)
    }

    /// Leaves it running when this process ends.
    pub fn keep(mut self) -> Result<()> {
        self.state.kept = true;
        self.instance.save(&self.state)?;
        if let Some(group) = self.group.take() {
            group.keep();
        }
        Ok(())
    }

    /// Stops a copy that was kept; tells whether one was running.
    pub fn stop_kept(workspace: &Workspace, name: &str) -> Result<bool> {
        let instance = Instance::open(workspace, name)?;
        let running = instance.running()?;
        if let Some(state) = &running {
            stop_group(state.group)?;
        }
        instance.forget()?;
        Ok(running.is_some())
    }

    /// Prints the logs of a copy that was kept.
    pub fn print_logs(workspace: &Workspace, name: &str, function: Option<&str>, follow: bool) -> Result<()> {
        let instance = Instance::visit(workspace, name);
        let state = instance.running()?.context("No local cloud is running: start one with `cargo xtask up`.")?;
        let programs = prepare(workspace, Environment::Aws, Progress::new())?;
        let mut command = Command::new(programs.join("sam"));
        command.args(["logs", "--stack-name", deploy::STACK]);
        if let Some(function) = function {
            if !workspace.functions.iter().any(|known| known == function) {
                bail!("There is no function `{function}`; there are {}.", workspace.functions.join(", "));
            }
            command.args(["--name", &deploy::logical_id(function)]);
        }
        if follow {
            command.arg("--tail");
        }
        run(emulator::aim_at(&mut command, &state, &instance))
    }
}

impl Drop for LocalCloud {
    fn drop(&mut self) {
        if let Some(group) = self.group.take() {
            drop(group);
            if let Err(error) = self.instance.forget() {
                eprintln!("{error:#}");
            }
        }
    }
}
