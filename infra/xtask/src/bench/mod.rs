//! `cargo xtask bench`: builds what is measured, lets `tributary-bench` measure it, and prints or writes down the figures.

mod memory;
pub mod start;

use crate::process::output;
use crate::progress::Progress;
use crate::workspace::{Workspace, make_folder};
use anyhow::{Context, Result, bail};
use comfy_table::{Table, presets};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A stripped release build of a function, with six connectors.
const LARGEST_BINARY: u64 = 8_000_000;
/// Of an order of 6 KB.
const MOST_TO_READ: u64 = 150_000;
const MEASURING: [&str; 8] =
    ["-p", "tributary-bench", "-p", "tributary-tests", "--bin", "tributary-bench", "--bin", "fakes"];
/// Of these, more is better.
const AT_LEAST: [&str; 1] = ["import_rate_percent"];

#[derive(Debug, Clone)]
pub struct Options {
    /// One JSON object a line instead of a table.
    pub json: bool,
    /// Replaces the figures in `docs/performance.md`.
    pub write: bool,
    /// Measures the import from the first into the second instead.
    pub stores: Option<[String; 2]>,
    pub orders: u32,
}

/// One figure beside what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    metric: String,
    target: Option<Number>,
    measured: Option<Number>,
    unit: String,
}

impl Row {
    fn new(metric: impl Into<String>, target: Option<u64>, measured: Option<u64>, unit: &str) -> Self {
        let (target, measured) = (target.map(Number::from), measured.map(Number::from));
        Self { metric: metric.into(), target, measured, unit: unit.to_owned() }
    }

    /// `None`: there is no target, or nothing was measured.
    fn is_met(&self) -> Option<bool> {
        let (target, measured) = (self.target.as_ref()?.as_f64()?, self.measured.as_ref()?.as_f64()?);
        Some(if self.is_at_least() { measured >= target } else { measured <= target })
    }

    /// About lists, search and reports: they have a table of their own.
    fn is_of_pages(&self) -> bool {
        let begins = ["list_read", "search_read", "report_read", "derived_writes"];
        begins.iter().any(|name| self.metric.starts_with(name))
    }

    fn is_at_least(&self) -> bool {
        AT_LEAST.iter().any(|name| self.metric.starts_with(name))
    }

    /// metric, target, measured, unit, met: as people read them.
    fn cells(&self) -> [String; 5] {
        let target = self.target.as_ref().map_or_else(String::new, |target| {
            let bound = if self.is_at_least() { "≥" } else { "≤" };
            format!("{bound} {target}")
        });
        let measured = self.measured.as_ref().map_or_else(|| "not measured".to_owned(), Number::to_string);
        let met = match self.is_met() {
            Some(true) => "yes",
            Some(false) => "MISSED",
            None => "",
        };
        [self.metric.clone(), target, measured, self.unit.clone(), met.to_owned()]
    }
}

const HEADER: [&str; 5] = ["Metric", "Target", "Measured", "Unit", "Met"];

pub fn run(workspace: &Workspace, progress: Progress, options: &Options) -> Result<()> {
    let folder = workspace.folder().join("bench");
    make_folder(&folder)?;
    let bench = Bench { workspace, progress, folder };
    let rows = match &options.stores {
        Some([source, destination]) => bench.stores(source, destination, options.orders)?,
        None => bench.functions()?,
    };
    if options.json {
        for row in &rows {
            println!("{}", serde_json::to_string(row)?);
        }
    } else {
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(HEADER);
        for row in &rows {
            table.add_row(row.cells());
        }
        println!("{table}");
    }
    if options.write {
        let (pages, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(Row::is_of_pages);
        if !pages.is_empty() {
            write_down(workspace, options, Some("pages"), &pages)?;
        }
        write_down(workspace, options, None, &others)?;
    }
    Ok(())
}

struct Bench<'a> {
    workspace: &'a Workspace,
    progress: Progress,
    folder: PathBuf,
}

impl Bench<'_> {
    /// What an order costs, and what the functions weigh and take to start.
    fn functions(&self) -> Result<Vec<Row>> {
        let functions: Vec<&str> = self.workspace.functions.iter().flat_map(|name| ["-p", name]).collect();
        self.build("Build the functions for release", "release", &[&functions[..], &["--bins"]].concat())?;
        // By itself: what our functions ask of the libraries would weigh on it too.
        self.build("Build a function that does nothing", "release", &["-p", "no-op"])?;
        self.build("Build the measuring program for release", "release", &MEASURING)?;
        let program = self.binary("release", "tributary-bench");
        let mut rows = self.progress.step("Measure orders", |_| rows_of(Command::new(&program).arg("order")))?;
        rows.extend(
            self.progress
                .step("Measure lists, search and reports", |_| rows_of(Command::new(&program).arg("pages")))?,
        );
        rows.extend(self.progress.step("Measure reading and mapping", |_| self.parse(&program))?);
        rows.push(self.progress.step("Measure a function's start", |_| self.start())?);
        for function in &self.workspace.functions {
            let file = self.binary("release", function);
            let bytes = std::fs::metadata(&file).with_context(|| format!("cannot read {}", file.display()))?.len();
            rows.push(Row::new(format!("binary_bytes_{function}"), Some(LARGEST_BINARY), Some(bytes), "bytes"));
        }
        for function in &self.workspace.functions {
            let bytes = memory::peak_of(&self.binary("release", function), function, &self.workspace.template())?;
            let unit = "bytes resident at most, until it asks for its first job";
            rows.push(Row::new(format!("peak_memory_bytes_{function}"), None, Some(bytes), unit));
        }
        Ok(rows)
    }

    /// From an order's bytes to ours, and on to the create: the instructions of a hundred and ten times less those of ten, divided
    /// by a hundred.
    fn parse(&self, program: &Path) -> Result<[Row; 2]> {
        let read = "parse_map_instructions_6kb";
        let created = "parse_map_create_instructions_6kb";
        if !start::has_callgrind() {
            let unit = "instructions: not measured, valgrind is not installed";
            return Ok([Row::new(read, Some(MOST_TO_READ), None, unit), Row::new(created, None, None, unit)]);
        }
        let (file, counts) = (self.folder.join("order.json"), self.folder.join("parse.callgrind"));
        output(Command::new(program).arg("order6kb").arg(&file))?;
        let each = |more: &[&str]| {
            let counted = |times: u32| {
                let mut command = Command::new("valgrind");
                command.args(["--tool=callgrind", "--quiet"]).arg(format!("--callgrind-out-file={}", counts.display()));
                command.arg(program).args(["parse", "--times", &times.to_string()]);
                output(command.args(more).arg(&file))?;
                start::total(&counts)
            };
            let (few, many) = (counted(10)?, counted(110)?);
            Ok::<_, anyhow::Error>(many.saturating_sub(few) / 100)
        };
        let unit = "instructions, from eBay's bytes to an order";
        let on = "instructions, on to the create at WooCommerce";
        Ok([
            Row::new(read, Some(MOST_TO_READ), Some(each(&[])?), unit),
            Row::new(created, None, Some(each(&["--create"])?), on),
        ])
    }

    fn start(&self) -> Result<Row> {
        let (ours, no_op) = (self.binary("release", "import-order"), self.binary("release", "no-op"));
        let unit = "times a no-op function";
        let row = |measured, unit: String| {
            let (metric, target) = ("init_instructions_ratio".to_owned(), Some(3.into()));
            Row { metric, target, measured, unit }
        };
        let Some((ours, theirs)) = start::instructions_of(&ours, &no_op, &self.workspace.template())? else {
            return Ok(row(None, format!("{unit}: not measured, valgrind is not installed")));
        };
        let ratio = Decimal::from(ours).checked_div(Decimal::from(theirs)).context("it took no instruction")?;
        let ratio = serde_json::from_str(&ratio.round_dp(2).normalize().to_string())?;
        Ok(row(Some(ratio), format!("{unit} ({ours} and {theirs} instructions)")))
    }

    fn stores(&self, source: &str, destination: &str, orders: u32) -> Result<Vec<Row>> {
        self.build("Build the measuring program and the fakes for release", "release", &MEASURING)?;
        let log = self.folder.join("stores.log");
        self.progress.step(&format!("Import {orders} orders"), |step| {
            let mut command = Command::new(self.binary("release", "tributary-bench"));
            command.args(["stores", source, destination, "--orders", &orders.to_string(), "--fakes"]);
            command.arg(self.binary("release", "fakes")).arg("--template").arg(self.workspace.template());
            step.run(&mut command, &log)
        })?;
        rows_in(&std::fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?)
    }

    fn build(&self, name: &str, profile: &str, packages: &[&str]) -> Result<()> {
        self.progress.step(name, |step| {
            let mut command = Command::new("cargo");
            command.args(["build", "--profile", profile]).args(packages).current_dir(&self.workspace.root);
            step.run(&mut command, &self.folder.join("build.log"))
        })
    }

    fn binary(&self, profile: &str, name: &str) -> PathBuf {
        self.workspace.target.join(profile).join(name)
    }
}

fn rows_of(command: &mut Command) -> Result<Vec<Row>> {
    rows_in(&output(command)?)
}

/// The lines that are figures; others are for people.
fn rows_in(text: &str) -> Result<Vec<Row>> {
    let rows = text.lines().filter(|line| line.starts_with('{'));
    let rows: Vec<Row> = rows.map(serde_json::from_str).collect::<Result<_, _>>().context("a figure cannot be read")?;
    if rows.is_empty() {
        bail!("nothing was measured:\n{text}");
    }
    Ok(rows)
}

/// Puts the figures between the marks of `docs/performance.md`, with the machine and the command that they come from.
fn write_down(workspace: &Workspace, options: &Options, named: Option<&'static str>, rows: &[Row]) -> Result<()> {
    let page = workspace.root.join("docs/performance.md");
    let text = std::fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    let (block, command) = match &options.stores {
        None => (named.unwrap_or("functions"), "cargo xtask bench --write".to_owned()),
        Some(stores) if stores.iter().all(|store| store.starts_with("fake")) => {
            ("stores", format!("cargo xtask bench --stores {} --orders {} --write", stores.join(" "), options.orders))
        }
        Some(_) => bail!(
            "Figures of real stores are not written down by themselves: their addresses and keys are in the command."
        ),
    };
    let said = |program: &str, arguments: &[&str]| {
        output(Command::new(program).args(arguments).current_dir(&workspace.root)).map(|said| said.trim().to_owned())
    };
    let commit = said("git", &["describe", "--always", "--dirty"])?;
    let mut table = format!(
        "`{command}` at {commit}, {}, on {}:\n\n| {} |\n|{}\n",
        said("date", &["-u", "+%Y-%m-%d"])?,
        machine(&said("rustc", &["--version"])?)?,
        HEADER.join(" | "),
        " --- |".repeat(HEADER.len()),
    );
    for row in rows {
        writeln!(table, "| {} |", row.cells().join(" | "))?;
    }
    let text = replaced(&text, block, &table).with_context(|| format!("{} has no block {block}", page.display()))?;
    std::fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))
}

/// The text between `<!-- measured: block -->` and the next `<!-- end -->`, exchanged.
fn replaced(text: &str, block: &str, with: &str) -> Option<String> {
    let begin = format!("<!-- measured: {block} -->\n");
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once("<!-- end -->")?;
    Some([before, &begin, with, "<!-- end -->", after].concat())
}

fn machine(compiler: &str) -> Result<String> {
    let cores = std::thread::available_parallelism().context("cannot count the cores")?;
    // Linux tells the processor's name here; elsewhere its kind must do.
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name =
        information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    Ok(format!("{cores} cores of {}, {compiler}", name.unwrap_or(std::env::consts::ARCH)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(metric: &str, target: u32, measured: u32) -> Row {
        let (target, measured) = (Some(target.into()), Some(measured.into()));
        Row { metric: metric.to_owned(), target, measured, unit: "bytes".to_owned() }
    }

    #[test]
    fn a_missed_target_is_shown() {
        assert_eq!(row("binary_bytes_import-order", 5, 6).cells()[4], "MISSED");
        assert_eq!(row("binary_bytes_import-order", 5, 5).cells()[4], "yes");
        assert_eq!(row("import_rate_percent_unpaced", 90, 89).cells()[4], "MISSED");
        assert_eq!(row("import_rate_percent", 90, 97).cells()[4], "yes");
        let unmeasured = Row { measured: None, ..row("init_instructions_ratio", 3, 0) };
        assert_eq!(unmeasured.cells()[2..], ["not measured", "bytes", ""]);
    }

    #[test]
    fn figures_are_found_among_other_lines() {
        let line = r#"{"metric":"a","target":3,"measured":1.02,"unit":"calls"}"#;
        let rows = rows_in(&format!("60 orders are placed\n{line}\n")).unwrap();
        assert_eq!(serde_json::to_string(&rows[0]).unwrap(), line);
        assert!(rows_in("nothing").is_err());
    }

    #[test]
    fn only_the_block_is_exchanged() {
        let page = "# A\n<!-- measured: a -->\nold\n<!-- end -->\n# B\n<!-- measured: b -->\nold\n<!-- end -->\n";
        let expected = "# A\n<!-- measured: a -->\nold\n<!-- end -->\n# B\n<!-- measured: b -->\nnew\n<!-- end -->\n";
        assert_eq!(replaced(page, "b", "new\n").unwrap(), expected);
        assert_eq!(replaced(page, "c", "new\n"), None);
    }
}
