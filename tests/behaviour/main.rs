//! One suite over every connector and every capability, against the fakes: `ebay::orders::resumes_from_its_cursor`.
//!
//! `subject.rs` says what a platform's adapter must offer; a new platform adds one file to `subjects` and one entry to its
//! list, and has all of the trials below.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a trial fails by panicking")]

mod channel;
mod coverage;
mod drafts;
mod errors;
mod kit;
mod operations;
mod secrets;
mod shown;
mod store;
mod subject;
mod subjects;
mod suite;
mod tokens;
mod webhooks;

#[allow(dead_code, reason = "the ports of the whole world; the suite needs the token store and the budget")]
#[path = "../world/ports.rs"]
mod ports;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let conclusion = libtest_mimic::run(&arguments, suite::trials());
    if !arguments.list {
        coverage::print();
    }
    conclusion.exit_code()
}
