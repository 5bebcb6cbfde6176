//! `cargo xtask test`: every check and test, each to its end, and a table of what ran.

use crate::cloud::LocalCloud;
use crate::growth;
use crate::process::run as run_command;
use crate::progress::{Progress, seconds};
use crate::python::{Environment, prepare};
use crate::tools::{self, DENY, MACHETE};
use crate::workspace::Workspace;
use anyhow::Result;
use comfy_table::{Table, presets};
use std::process::Command;
use std::time::{Duration, Instant};

/// The suite that talks to the deployed template; it finds the instance's `state.json` through [`CLOUD_VARIABLE`].
const CLOUD_SUITE: &str = "cloud";
/// The suite of use cases on the embedded database, part of `--fast`.
const FLOWS_SUITE: &str = "flows";
/// Names the `state.json` of a running local cloud to the suite `tests/cloud`.
pub const CLOUD_VARIABLE: &str = "TRIBUTARY_CLOUD";
/// Names the program `schemathesis` to it.
const CONTRACT_VARIABLE: &str = "TRIBUTARY_SCHEMATHESIS";

#[derive(Debug)]
struct Outcome {
    check: &'static str,
    passed: bool,
    took: Duration,
}

/// Runs the checks and prints the table; tells whether all passed.
pub fn run(workspace: &Workspace, progress: Progress, fast: bool) -> Result<bool> {
    let mut checks = Checks::default();
    let cargo = |arguments: &[&str]| run_command(Command::new("cargo").args(arguments).current_dir(&workspace.root));

    checks.check("Format", || cargo(&["fmt", "--all", "--check"]));
    checks.check("Lints", || {
        cargo(&["clippy", "--profile", "local", "--workspace", "--all-targets", "--", "-D", "warnings"])
    });
    let tests = ["test", "--profile", "local", "--workspace", "--no-fail-fast"];
    if fast {
        let mut arguments = [tests.as_slice(), &["--lib", "--bins"]].concat();
        if workspace.suites.iter().any(|suite| suite == FLOWS_SUITE) {
            arguments.extend(["--test", FLOWS_SUITE]);
        }
        checks.check("Unit tests and flows", || cargo(&arguments));
    } else {
        checks.check("Tests", || cargo(&tests));
        checks.check("Unused dependencies", || {
            let machete = tools::prepare(workspace, MACHETE, progress)?;
            run_command(Command::new(machete).current_dir(&workspace.root))
        });
        checks.check("Licences, bans, sources", || {
            let deny = tools::prepare(workspace, DENY, progress)?;
            let what = ["check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
            run_command(Command::new(deny).args(what).current_dir(&workspace.root))
        });
        checks.check("Template: sam validate", || {
            let programs = prepare(workspace, Environment::Aws, progress)?;
            let mut sam = Command::new(programs.join("sam"));
            sam.args(["validate", "--lint", "--region", "us-east-1"]).env("SAM_CLI_TELEMETRY", "0");
            run_command(sam.current_dir(&workspace.root))
        });
        checks.check("Template: cfn-lint", || {
            let programs = prepare(workspace, Environment::Aws, progress)?;
            run_command(Command::new(programs.join("cfn-lint")).arg(workspace.template()))
        });
        checks.check("Deployed template", || deployed_template(workspace, progress));
        checks.check("Start and size", || growth::check(workspace));
    }
    println!("\n{}", checks.table());
    Ok(checks.outcomes.iter().all(|outcome| outcome.passed))
}

/// Deploys to a local cloud of its own and runs `tests/cloud` against it.
fn deployed_template(workspace: &Workspace, progress: Progress) -> Result<()> {
    let cloud = LocalCloud::start(workspace, "test", progress)?;
    if !workspace.suites.iter().any(|suite| suite == CLOUD_SUITE) {
        return Ok(());
    }
    let programs = prepare(workspace, Environment::Contract, progress)?;
    run_command(
        Command::new("cargo")
            .args(["test", "--profile", "local", "--workspace", "--test", CLOUD_SUITE, "--", "--nocapture"])
            .env(CLOUD_VARIABLE, cloud.state_file())
            .env(CONTRACT_VARIABLE, programs.join("schemathesis"))
            .current_dir(&workspace.root),
    )
}

#[derive(Debug, Default)]
struct Checks {
    outcomes: Vec<Outcome>,
}

impl Checks {
    /// Runs one check with its output shown; a failure does not end the run.
    fn check(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        println!("\n── {name}");
        let started = Instant::now();
        let result = work();
        if let Err(error) = &result {
            println!("{error:#}");
        }
        self.outcomes.push(Outcome { check: name, passed: result.is_ok(), took: started.elapsed() });
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(["Check", "Result", "Took"]);
        for outcome in &self.outcomes {
            let result = if outcome.passed { "passed" } else { "FAILED" };
            table.add_row([outcome.check, result, &seconds(outcome.took)]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_check_is_shown_and_the_next_one_still_runs() {
        let mut checks = Checks::default();
        checks.check("first", || anyhow::bail!("broken"));
        checks.check("second", || Ok(()));
        let results: Vec<_> = checks.outcomes.iter().map(|outcome| (outcome.check, outcome.passed)).collect();
        assert_eq!(results, [("first", false), ("second", true)]);
        assert!(checks.table().to_string().contains("FAILED"));
    }
}
