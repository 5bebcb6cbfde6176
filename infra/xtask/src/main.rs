//! `cargo xtask`: up, down, demo, read, bench, logs, test, new-connector.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use xtask::new_connector::{self, Name};
use xtask::read::Reading;
use xtask::{LocalCloud, Progress, Workspace, bench, demo, process, read, test};

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
    /// Sixty orders travel from a fake eBay, Etsy and Amazon into a main store and their tracking back, on a local cloud of
    /// its own.
    Demo(DemoArguments),
    /// Print how Tributary reads a vendor's order, as JSON; or why it cannot, with exit 1.
    Read {
        /// amazon, bigcommerce, ebay, etsy, shopify, woocommerce
        platform: String,
        /// One order as the platform's API gives it.
        file: PathBuf,
    },
    /// Measure what an order costs and what the functions weigh; or, with --stores, how fast a store is filled.
    Bench(BenchArguments),
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
    /// Lay a small working channel of a made-up platform, to be turned into a real one (docs/connectors.md).
    NewConnector {
        /// The platform: lower-case letters and digits, words joined by `-`.
        name: String,
        /// Lay it in a copy that is thrown away, and show that it passes the lints and the behaviour suite.
        #[arg(long = "try")]
        trial: bool,
    },
}

#[derive(Args)]
struct DemoArguments {
    /// End by itself; exit 0 only if nothing is lost, nothing is there twice, and all ledgers agree.
    #[arg(long)]
    once: bool,
    /// The simulated main store.
    #[arg(long, value_enum, default_value_t = StoreName::Woocommerce, conflicts_with = "store_url")]
    store: StoreName,
    /// A real WooCommerce as the main store: its address. Products that it lacks are added, and orders are made there.
    #[arg(long, value_name = "URL", requires_all = ["store_key", "store_secret"])]
    store_url: Option<String>,
    /// Its consumer key (read and write).
    #[arg(long, value_name = "K", requires = "store_url")]
    store_key: Option<String>,
    /// Its consumer secret.
    #[arg(long, value_name = "S", requires = "store_url")]
    store_secret: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum StoreName {
    Woocommerce,
    Shopify,
    Bigcommerce,
}

impl From<StoreName> for demo::StoreKind {
    fn from(name: StoreName) -> Self {
        match name {
            StoreName::Woocommerce => Self::WooCommerce,
            StoreName::Shopify => Self::Shopify,
            StoreName::Bigcommerce => Self::BigCommerce,
        }
    }
}

#[derive(Args)]
struct BenchArguments {
    /// One JSON object a line, with metric, target, measured and unit.
    #[arg(long)]
    json: bool,
    /// Put the figures into docs/performance.md.
    #[arg(long)]
    write: bool,
    /// Import from one WooCommerce into another: each `fake`, `fake:WORKERS:MILLISECONDS` or `URL,KEY,SECRET`. Orders are
    /// made in both.
    #[arg(long, num_args = 2, value_names = ["SOURCE", "DEST"])]
    stores: Option<Vec<String>>,
    /// How many orders travel.
    #[arg(long, default_value_t = 500, requires = "stores")]
    orders: u32,
}

impl BenchArguments {
    fn options(&self) -> bench::Options {
        let stores = self.stores.clone().and_then(|stores| stores.try_into().ok());
        bench::Options { json: self.json, write: self.write, stores, orders: self.orders }
    }
}

impl DemoArguments {
    fn options(&self) -> demo::Options {
        let given = self.store_url.clone().zip(self.store_key.clone()).zip(self.store_secret.clone());
        let store = match given {
            Some(((url, key), secret)) => demo::StoreKind::Real(demo::Address { url, key, secret }),
            None => self.store.into(),
        };
        demo::Options { once: self.once, store }
    }
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
            println!("       {}", cloud.command_line("orders"));
            println!("Logs   cargo xtask logs --follow\nStop   cargo xtask down");
            cloud.keep()?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Down => {
            let stopped = LocalCloud::stop_kept(&workspace, UP)?;
            println!("{}", if stopped { "The local cloud is stopped." } else { "No local cloud was running." });
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo(arguments) => {
            let good = demo::run(&workspace, progress, &arguments.options())?;
            Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Read { platform, file } => {
            let reading = read::read(platform, file)?;
            println!("{:#}", reading.json());
            Ok(if matches!(reading, Reading::Order(_)) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Bench(arguments) => {
            bench::run(&workspace, progress, &arguments.options())?;
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
        Command::NewConnector { name, trial } => {
            let name = Name::parse(name)?;
            if *trial {
                new_connector::try_it(&workspace, &name, progress)?;
                println!("A connector laid as `{}` passes all of it; the copy is removed.", name.kebab());
            } else {
                println!("{}", new_connector::lay(&workspace.root, &name)?.told(&name));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
