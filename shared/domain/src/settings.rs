//! R5 and friends: what a merchant can set for one channel, with its defaults and its bounds.

mod currency;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::alerts::AlertSettings;
use crate::capabilities::{ChannelCapabilities, StoreCapabilities, plain_carrier};
use crate::feedback::{FeedbackAfter, FeedbackSettings};
use crate::money::Currency;
use crate::retention;
use crate::tax::MAX_RATE;

use crate::stock_settings::StockSettings;
pub use currency::{CurrencySettings, ExchangeRate, InvalidRate, StatedRate};

/// The settings of one channel: one document, validated as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each shown as one to the merchant")]
pub struct ChannelSettings {
    /// Pull orders in and keep stock right.
    pub inventory_sync: bool,
    /// When inventory sync was last switched on; set by Tributary. Orders placed or first paid later are covered.
    pub inventory_sync_since: Option<Timestamp>,
    pub auto_import: AutoImport,
    pub send_when: SendWhen,
    pub skip_unpaid: bool,
    /// R19: orders that the channel ships from its own warehouse come into the main store too. They never move its stock.
    pub import_fulfilled_by_channel: bool,
    pub keep_order_number: bool,
    pub order_number_prefix: String,
    pub tax: TaxSettings,
    pub currency: CurrencySettings,
    pub mails: MailSettings,
    pub restock_refunds: RestockRefunds,
    /// A23, A24: of what the owner is told by mail.
    pub alerts: AlertSettings,
    pub stock: StockSettings,
    /// Channel service name -> the store's shipping title.
    pub shipping_methods: BTreeMap<String, String>,
    /// Store carrier name -> the channel's carrier code.
    pub carriers: BTreeMap<String, String>,
    pub feedback: FeedbackSettings,
    /// Days after delivery for which buyers' data is kept (R19).
    pub personal_data_days: u16,
}

/// From when orders are covered by inventory sync that is switched on at `now`: platforms date orders by whole seconds, so one of
/// the very second of the switch is dated before it.
#[must_use]
pub fn covered_from(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

impl Default for ChannelSettings {
    fn default() -> Self {
        Self {
            inventory_sync: true,
            inventory_sync_since: None,
            auto_import: AutoImport::Linked,
            send_when: SendWhen::Committed,
            skip_unpaid: false,
            import_fulfilled_by_channel: false,
            keep_order_number: false,
            order_number_prefix: String::new(),
            tax: TaxSettings::default(),
            currency: CurrencySettings::default(),
            mails: MailSettings::default(),
            restock_refunds: RestockRefunds::Always,
            alerts: AlertSettings::default(),
            stock: StockSettings::default(),
            shipping_methods: BTreeMap::new(),
            carriers: BTreeMap::new(),
            feedback: FeedbackSettings::default(),
            personal_data_days: retention::DEFAULT_DAYS,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AutoImport {
    Off,
    Linked,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendWhen {
    Committed,
    Paid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestockRefunds {
    Always,
    UnshippedOnly,
}

/// R2, R12: the tax that a channel does not tell, and whether tax is imported.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaxSettings {
    /// Destination -> rate; the row without a country is the default row.
    pub rates: Vec<TaxRate>,
    pub add_shipping_tax: bool,
    pub import_without_tax: bool,
    /// Tax that the marketplace keeps stands on the store's order, marked as the channel's (R4).
    pub channel_liable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// ISO 3166-1 alpha-2 of the destination.
    #[serde(default)]
    pub country: Option<String>,
    /// 2000 is 20 %.
    pub basis_points: u32,
    pub label: String,
}

/// R13: every mail is off by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each shown as one to the merchant")]
pub struct MailSettings {
    pub receipt: bool,
    pub fulfilment: bool,
    pub marketing: bool,
    /// WooCommerce: the shop's own mails to the customer.
    pub customer_notifications: bool,
    /// The owner's "new order" mail is kept back.
    pub suppress_owner_mail: bool,
}

/// One setting that cannot be as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingError {
    pub field: String,
    pub message: String,
}

/// Why a store that holds no text lines offers neither `auto_import = all` nor Send on a mixed order (A6).
pub const NO_TEXT_LINES: &str =
    "The main store cannot hold lines without a product, so only linked orders can be imported";

/// How long a channel's own order number is taken to be before one was seen: as long as Amazon's.
pub const ASSUMED_NUMBER: usize = 19;

const MAX_ROWS: usize = 300;
const MAX_TEXT: usize = 100;

impl ChannelSettings {
    /// Every fault of the document, for a channel and a main store with these capabilities; empty if it may be stored.
    pub fn validate(
        &self,
        channel: &ChannelCapabilities,
        store: Option<&StoreCapabilities>,
        store_currency: Option<Currency>,
    ) -> Vec<SettingError> {
        let mut faults = Faults(Vec::new());
        if !self.inventory_sync && self.auto_import != AutoImport::Off {
            faults.add("inventory_sync", "Inventory sync must be on while automatic import is on");
        }
        if self.order_number_prefix.chars().count() > 20 || self.order_number_prefix.chars().any(char::is_control) {
            faults.add("order_number_prefix", "A prefix has at most 20 printable characters");
        }
        if !self.order_number_prefix.is_empty() && !self.keep_order_number {
            faults.add("order_number_prefix", "A prefix needs `keep_order_number`");
        }
        self.validate_tax(&mut faults);
        faults.0.extend(self.currency.faults(store_currency));
        faults.0.extend(self.stock.faults());
        faults.0.extend(self.feedback.faults());
        for (field, map) in [("shipping_methods", &self.shipping_methods), ("carriers", &self.carriers)] {
            if map.len() > MAX_ROWS {
                faults.add(field, "At most 300 rows");
            }
            let name_ok = |name: &String| !name.is_empty() && name.chars().count() <= MAX_TEXT;
            if map.iter().any(|(from, to)| !name_ok(from) || !name_ok(to)) {
                faults.add(field, "Each name has 1 to 100 characters");
            }
        }
        let most = channel.personal_data_days.unwrap_or(retention::MAX_DAYS).min(retention::MAX_DAYS);
        if self.personal_data_days == 0 || self.personal_data_days > most {
            let message = format!("Buyers' data is kept for 1 to {most} days after delivery on this channel");
            faults.add("personal_data_days", &message);
        }
        for (name, code) in &self.carriers {
            if !channel.carriers.is_empty() && channel.carrier_code(code).is_none() {
                faults.add(&format!("carriers[{name}]"), "The channel has no carrier of this name");
            }
        }
        for (wanted, offer) in self.with_offers(channel, store) {
            if let Some(reason) = offer.reason.filter(|_| wanted && !offer.offered) {
                faults.add(offer.field, reason);
            }
        }
        // The channel's own number needs a place behind the prefix; how much, who knows its numbers says.
        faults.0.extend(self.number_fault(store, 1));
        faults.0
    }

    /// R14: a prefix that with a number of this many characters makes an order number that the main store cannot bear.
    pub fn number_fault(&self, store: Option<&StoreCapabilities>, longest: usize) -> Option<SettingError> {
        let store = store.filter(|store| store.keep_order_number && self.keep_order_number)?;
        let most = usize::from(store.max_order_number);
        let needed = self.order_number_prefix.chars().count() + longest;
        (!self.order_number_prefix.is_empty() && needed > most).then(|| SettingError {
            field: "order_number_prefix".to_owned(),
            message: format!(
                "With this prefix an order number has up to {needed} characters; the main store's order numbers have at most {most}"
            ),
        })
    }

    fn validate_tax(&self, faults: &mut Faults) {
        if self.tax.rates.len() > MAX_ROWS {
            faults.add("tax.rates", "At most 300 rows");
        }
        for (i, rate) in self.tax.rates.iter().enumerate() {
            if rate.basis_points > MAX_RATE {
                faults.add(
                    &format!("tax.rates[{i}].basis_points"),
                    "A rate is between 0 and 9999 basis points (below 100 %)",
                );
            }
            if rate.label.trim().is_empty() || rate.label.chars().count() > MAX_TEXT {
                faults.add(&format!("tax.rates[{i}].label"), "A label has 1 to 100 characters");
            }
            let country_ok = |c: &String| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase());
            if rate.country.as_ref().is_some_and(|country| !country_ok(country)) {
                faults.add(&format!("tax.rates[{i}].country"), "A country is two capital letters (ISO 3166-1)");
            }
            if self.tax.rates[..i].iter().any(|earlier| earlier.country == rate.country) {
                faults.add(&format!("tax.rates[{i}].country"), "This destination has a row already");
            }
        }
    }

    /// The channel's code of a carrier that the store names so; blanks, signs and case do not count.
    pub fn carrier_code(&self, store_carrier: &str) -> Option<&str> {
        let wanted = plain_carrier(store_carrier);
        self.carriers.iter().find(|(name, _)| plain_carrier(name) == wanted).map(|(_, code)| code.as_str())
    }

    /// Each offer with whether these settings make use of it.
    fn with_offers(&self, channel: &ChannelCapabilities, store: Option<&StoreCapabilities>) -> Vec<(bool, Offer)> {
        let mut offers = vec![(
            self.skip_unpaid,
            Offer::new("skip_unpaid", channel.unpaid_orders, "This channel only has paid orders"),
        )];
        let no_feedback = "This channel takes no feedback for buyers";
        let wanted = self.feedback.after != FeedbackAfter::Never;
        offers.push((wanted, Offer::new("feedback", channel.leave_feedback, no_feedback)));
        let told =
            "This channel tells the tax of every order, zero included: there is none left to take out of a price";
        offers.push((!self.tax.rates.is_empty(), Offer::new("tax.rates", channel.zero_tax_is_unknown, told)));
        let own = "This channel ships nothing from a warehouse of its own";
        let own = Offer::new("import_fulfilled_by_channel", channel.fulfils_itself, own);
        offers.push((self.import_fulfilled_by_channel, own));
        if !channel.refund_quantities {
            let says = "This channel tells what it refunded and not how many units: a line is restocked when its refunds reach what was paid for it, all of them when everything was refunded, else none, and the order says so";
            offers.push((false, Offer { reason: Some(says), ..Offer::new("restock_refunds", true, says) }));
        }
        let Some(store) = store else { return offers };
        let all = Offer { value: Some("all"), ..Offer::new("auto_import", store.text_lines, NO_TEXT_LINES) };
        offers.push((self.auto_import == AutoImport::All, all));
        let own_only = "The main store takes orders in its own currency only; choose convert or refuse";
        let keep = Offer { value: Some("keep"), ..Offer::new("currency", store.any_currency, own_only) };
        offers.push((self.currency == CurrencySettings::Keep, keep));
        let by_platform = [
            (self.keep_order_number, "keep_order_number", store.keep_order_number),
            (self.tax.channel_liable, "tax.channel_liable", store.channel_liable_tax),
            (self.mails.receipt, "mails.receipt", store.receipt_mail),
            (self.mails.fulfilment, "mails.fulfilment", store.fulfilment_mail),
            (self.mails.marketing, "mails.marketing", store.marketing_consent),
            (self.mails.customer_notifications, "mails.customer_notifications", store.customer_notifications),
            (self.mails.suppress_owner_mail, "mails.suppress_owner_mail", store.owner_new_order_mail),
        ];
        let not_there = "The main store's platform does not offer this";
        offers.extend(by_platform.map(|(wanted, field, offered)| (wanted, Offer::new(field, offered, not_there))));
        let limit = "Consent is never claimed for a buyer behind a marketplace's forwarding address";
        for (_, offer) in offers.iter_mut().filter(|(_, offer)| offer.field == "mails.marketing" && offer.offered) {
            offer.reason = Some(limit);
        }
        offers
    }
}

/// A setting, or one value of it, and whether this channel and this main store offer it (A11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Offer {
    pub field: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<&'static str>,
    pub offered: bool,
    /// Why not, or within which limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

impl Offer {
    const fn new(field: &'static str, offered: bool, reason: &'static str) -> Self {
        Self { field, value: None, offered, reason: if offered { None } else { Some(reason) } }
    }
}

/// What a channel and the main store offer of the settings that depend on them. Without a main store, what the channel decides.
pub fn offers(channel: &ChannelCapabilities, store: Option<&StoreCapabilities>) -> Vec<Offer> {
    ChannelSettings::default().with_offers(channel, store).into_iter().map(|(_, offer)| offer).collect()
}

struct Faults(Vec<SettingError>);

impl Faults {
    fn add(&mut self, field: &str, message: &str) {
        self.0.push(SettingError { field: field.to_owned(), message: message.to_owned() });
    }
}
