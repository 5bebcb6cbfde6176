//! What can be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

/// Tributary from a terminal: orders, links, reports and what needs a person.
///
/// Exit codes: 0 done, 1 refused or failed, 2 called wrongly.
#[derive(Debug, Parser)]
#[command(name = "tributary", version)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Global {
    /// The API's address, the stack's output `ApiUrl`; remembered by `login`.
    #[arg(long, global = true, env = "TRIBUTARY_API", value_name = "URL")]
    pub api: Option<String>,
    /// Print what the API answered, as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in; later commands renew the access by themselves.
    Login(Login),
    /// Forget the access that `login` kept.
    Logout,
    /// The connected accounts and how they fare.
    Connections(Connections),
    /// The orders, newest first.
    Orders(Orders),
    /// The story of an order: what happened, what it waits for, what to do.
    Why {
        /// The order's id, or its number here, on the channel or in the main store.
        order: String,
    },
    /// Link a channel's listings to products of the main store.
    Link(Link),
    /// Apply the rules to orders again.
    Sync(Bulk),
    /// Import orders whatever the channel's settings say; unlinked items go as text.
    Send(Bulk),
    /// What was sold, by day, channel and currency.
    Report(Report),
    /// What the orders cost in the cloud, as far as it is measured.
    Costs {
        /// So many days up to today.
        #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=366))]
        days: u16,
    },
    /// What needs a person.
    Attention {
        /// The orders of one kind.
        kind: Option<Kind>,
    },
}

#[derive(Debug, Args)]
pub struct Login {
    /// Who signs in; asked for if not given.
    #[arg(long)]
    pub email: Option<String>,
    /// The stack's output `UserPoolClientId`; remembered.
    #[arg(long, env = "TRIBUTARY_CLIENT_ID", value_name = "ID")]
    pub client_id: Option<String>,
    /// The stack's AWS region, if the API's address does not name it; remembered.
    #[arg(long, env = "TRIBUTARY_REGION")]
    pub region: Option<String>,
    /// Where Cognito answers, if not at AWS (the local cloud); remembered.
    #[arg(long, value_name = "URL")]
    pub cognito_url: Option<String>,
    /// Read an ID token from standard input and keep that; it cannot be renewed.
    #[arg(long, conflicts_with_all = ["email", "client_id", "region", "cognito_url"])]
    pub with_token: bool,
}

#[derive(Debug, Args)]
pub struct Connections {
    #[command(subcommand)]
    pub action: Option<ConnectionAction>,
}

#[derive(Debug, Subcommand)]
pub enum ConnectionAction {
    /// Ask the platform whether the kept access works.
    Test {
        /// The connection's id or name.
        connection: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Tab {
    All,
    ReadyToShip,
    Shipping,
    Completed,
    Canceled,
    Unlinked,
    Error,
}

impl Tab {
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::ReadyToShip => "ready_to_ship",
            Self::Shipping => "shipping",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Unlinked => "unlinked",
            Self::Error => "error",
        }
    }
}

/// Which orders: the same for the list, its counts and whole tabs that are synced or sent.
#[derive(Debug, Default, Args)]
pub struct Filter {
    /// Only of this channel, by id or name; may be given several times.
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Vec<String>,
    /// Placed on this day or later.
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// Placed on this day or earlier.
    #[arg(long, value_name = "DATE")]
    pub to: Option<Date>,
    /// The time zone in which days begin and end (Europe/Berlin); the deployment's if not given.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
}

#[derive(Debug, Args)]
pub struct Orders {
    #[arg(long, value_enum)]
    pub tab: Option<Tab>,
    #[command(flatten)]
    pub filter: Filter,
    /// The beginnings of words: a number, an SKU, an item, a name.
    #[arg(long, value_name = "WORDS", conflicts_with = "counts")]
    pub search: Option<String>,
    /// Show at most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub limit: u16,
    /// Go on where an earlier page ended.
    #[arg(long, conflicts_with = "all")]
    pub cursor: Option<String>,
    /// Show every order, however many pages.
    #[arg(long)]
    pub all: bool,
    /// Only how many orders each tab holds.
    #[arg(long, conflicts_with_all = ["tab", "cursor", "all"])]
    pub counts: bool,
}

#[derive(Debug, Args)]
pub struct Link {
    /// The channel, by id or name.
    pub channel: String,
    /// The listing: `id:` and its id on the channel, or `sku:` and an SKU.
    #[arg(requires = "products", required_unless_present_any = ["by_sku", "by_barcode"])]
    pub listing: Option<String>,
    /// What one unit of the listing stands for: PRODUCT, PRODUCT=QUANTITY or PRODUCT=QUANTITY:WEIGHT.
    #[arg(value_name = "PRODUCT", value_parser = target)]
    pub products: Vec<Target>,
    /// The product's own tax rate in basis points: 700 is 7 %.
    #[arg(long, value_name = "POINTS", requires = "listing")]
    pub tax_rate: Option<u16>,
    /// Link every listing whose SKU exactly one product has.
    #[arg(long, conflicts_with_all = ["listing", "by_barcode"])]
    pub by_sku: bool,
    /// Link every listing whose barcode exactly one product has.
    #[arg(long, conflicts_with = "listing")]
    pub by_barcode: bool,
}

/// One product of a link, and its share of the price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub product: String,
    pub quantity: u32,
    pub weight: u32,
}

fn target(text: &str) -> Result<Target, String> {
    let number = |text: &str| text.parse::<u32>().map_err(|_| format!("`{text}` is not a number"));
    // A product's id may hold `:` itself, as Shopify's do.
    let Some((product, amounts)) = text.rsplit_once('=') else {
        return Ok(Target { product: text.to_owned(), quantity: 1, weight: 1 });
    };
    let (quantity, weight) = match amounts.split_once(':') {
        Some((quantity, weight)) => (number(quantity)?, number(weight)?),
        None => (number(amounts)?, 1),
    };
    Ok(Target { product: product.to_owned(), quantity, weight })
}

#[derive(Debug, Args)]
pub struct Bulk {
    /// Orders: ids, or numbers here, on the channel or in the main store.
    #[arg(required_unless_present = "tab", conflicts_with = "tab")]
    pub orders: Vec<String>,
    /// All orders of a tab.
    #[arg(long, value_enum)]
    pub tab: Option<Tab>,
    #[command(flatten)]
    pub filter: Filter,
    /// Do not ask before many orders are sent.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct Report {
    /// The first day; with --to.
    #[arg(long, value_name = "DATE", requires = "to", conflicts_with_all = ["days", "days_from_today"])]
    pub from: Option<Date>,
    /// The last day.
    #[arg(long, value_name = "DATE", requires = "from")]
    pub to: Option<Date>,
    /// So many days up to today; 30 if no range is given.
    #[arg(long, value_name = "N", conflicts_with = "days_from_today")]
    pub days: Option<u16>,
    /// So many days beginning today.
    #[arg(long, value_name = "N")]
    pub days_from_today: Option<u16>,
    /// The time zone in which days begin and end; the deployment's if not given.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Only of this channel, by id or name; may be given several times.
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Vec<String>,
    /// Only orders of this status (`awaiting_payment`, `ready_to_ship` ...); may be given several times.
    #[arg(long)]
    pub status: Vec<String>,
    /// The top-selling products instead.
    #[arg(long, conflicts_with = "chart")]
    pub products: bool,
    /// Print CSV.
    #[arg(long, conflicts_with_all = ["chart", "json"])]
    pub csv: bool,
    /// Draw orders and totals by day.
    #[arg(long, value_enum, value_name = "LINE", num_args = 0..=1, default_missing_value = "both", require_equals = true)]
    pub chart: Option<Lines>,
}

/// Which lines of the chart are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lines {
    Both,
    Orders,
    Total,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    Error,
    Unknown,
    Unlinked,
    Parked,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Unknown => "unknown",
            Self::Unlinked => "unlinked",
            Self::Parked => "parked",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_product_may_bring_its_quantity_and_weight() {
        let is = |product: &str, quantity, weight| Ok(Target { product: product.to_owned(), quantity, weight });
        assert_eq!(target("10"), is("10", 1, 1));
        assert_eq!(target("10=2"), is("10", 2, 1));
        assert_eq!(target("gid://shopify/ProductVariant/7=2:3"), is("gid://shopify/ProductVariant/7", 2, 3));
        for wrong in ["10=", "10=two", "10=2:", "10=-1"] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_together_is_refused() {
        for line in [
            "link market id:1",
            "link market",
            "link market id:1 10 --by-sku",
            "link market --by-sku --by-barcode",
            "sync",
            "sync 1042 --tab error",
            "report --from 2026-11-01",
            "report --days 7 --days-from-today 7",
            "report --csv --chart",
            "orders --counts --tab error",
            "orders --limit 0",
            "orders --from yesterday",
            "login --with-token --email a@example.com",
        ] {
            let words = std::iter::once("tributary").chain(line.split(' '));
            assert!(Arguments::try_parse_from(words).is_err(), "{line}");
        }
        for line in ["link market id:1 10 11=2", "link market --by-sku", "sync --tab error", "report --chart=orders"] {
            let words = std::iter::once("tributary").chain(line.split(' '));
            assert!(Arguments::try_parse_from(words).is_ok(), "{line}");
        }
    }
}
