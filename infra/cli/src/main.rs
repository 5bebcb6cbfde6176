//! `tributary`: orders, links, reports and what needs a person, from a terminal.

mod api;
mod args;
mod chart;
mod cognito;
mod commands;
mod error;
mod find;
mod look;
mod progress;
mod session;
mod show;
mod story;
mod wire;

use std::process::ExitCode;

use clap::Parser;

use args::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // A wrong call ends here, with exit code 2.
    let arguments = Arguments::parse();
    match commands::run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.told());
            failure.exit_code()
        }
    }
}
