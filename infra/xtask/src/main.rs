//! `cargo xtask`: up, down, logs, test.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xtask::{LocalCloud, Progress, Workspace, process, test};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the local cloud (or bring a running one up to date), print the API's URL and a token, and leave it running.
    Up,
    /// Stop the local cloud that `up` left running, and remove what it stored.
    Down,
    /// Print the functions' logs of the local cloud that `up` left running.
    Logs {
        /// One function (import-order); all of them if not given.
        function: Option<String>,
        /// Keep printing as they come, until Ctrl-C.
        #[arg(long)]
        follow: bool,
    },
    /// Run every check and test, and end with a table of what ran.
    Test {
        /// Only the format, the lints, the unit tests and the flows.
        #[arg(long)]
        fast: bool,
    },
}

/// The instance that `up` starts and `down` and `logs` look for.
const UP: &str = "up";

fn main() -> ExitCode {
    match run(&Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<ExitCode> {
    process::stop_all_on_interrupt()?;
    let workspace = Workspace::find()?;
    let progress = Progress::new();
    match command {
        Command::Up => {
            let cloud = LocalCloud::start_or_update(&workspace, UP, progress)?;
            println!("API    {}", cloud.api_url());
            println!("Token  {}", cloud.token());
            println!("\nTry    curl -H \"Authorization: Bearer $TOKEN\" {}/connections", cloud.api_url());
            println!("Logs   cargo xtask logs --follow\nStop   cargo xtask down");
            cloud.keep()?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Down => {
            let stopped = LocalCloud::stop_kept(&workspace, UP)?;
            println!("{}", if stopped { "The local cloud is stopped." } else { "No local cloud was running." });
            Ok(ExitCode::SUCCESS)
        }
        Command::Logs { function, follow } => {
            LocalCloud::print_logs(&workspace, UP, function.as_deref(), *follow)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Test { fast } => {
            let passed = test::run(&workspace, progress, *fast)?;
            Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}
