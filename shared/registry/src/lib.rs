//! The only match from a platform's name to its connector.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect::config::ConfigError;
use connect::work::{self, Only, Work};
use connect::{
    ChannelCapabilities, ConnectionConfig, Consent, Http, MainStore, Notice, SalesChannel, StoreCapabilities,
    TokenStore, Unreadable,
};
use connector_amazon as amazon;
use connector_bigcommerce as bigcommerce;
use connector_ebay as ebay;
use connector_etsy as etsy;
use connector_shopify as shopify;
use connector_woocommerce as woocommerce;
use domain::{ChannelOrder, Platform};

/// What a connector is made from.
#[derive(Clone)]
pub struct Parts {
    pub config: ConnectionConfig,
    pub http: Http,
    pub tokens: Arc<dyn TokenStore>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("config", &self.config).finish_non_exhaustive()
    }
}

/// One platform: what it can do in each role, and how its connector is made.
struct Entry {
    name: &'static str,
    channel: Option<Role<ChannelCapabilities, dyn SalesChannel>>,
    store: Option<Role<StoreCapabilities, dyn MainStore>>,
    /// How a person grants access in the browser; `None`: keys are entered by hand.
    consent: Option<&'static Consent>,
    read: Read,
}

type Made<T> = Result<Arc<T>, ConfigError>;
type Make<T> = fn(&Parts) -> Made<T>;
type Read = fn(&[u8]) -> Result<ChannelOrder, Unreadable>;
/// What an account can do; it may depend on what connecting found out about it.
type Can<C> = fn(&BTreeMap<String, String>) -> &'static C;

struct Role<C: 'static, T: ?Sized> {
    can: Can<C>,
    make: Make<T>,
}

/// Every platform, with connectors that are asked for `WORK` alone.
struct Table<const WORK: Work>;

impl<const WORK: Work> Table<WORK> {
    const PLATFORMS: &'static [Entry] = &[
        Entry {
            name: "amazon",
            channel: Some(Role {
                can: |_| &amazon::CAPABILITIES,
                make: |parts| {
                    Ok(only::<WORK, _>(amazon::Amazon::new(&parts.config, parts.http.clone(), parts.tokens.clone())?))
                },
            }),
            store: None,
            consent: Some(&amazon::CONSENT),
            read: amazon::read,
        },
        Entry {
            name: "bigcommerce",
            channel: Some(Role {
                can: |_| &bigcommerce::CHANNEL,
                make: |parts| Ok(only::<WORK, _>(bigcommerce::BigCommerce::new(&parts.config, parts.http.clone())?)),
            }),
            store: Some(Role {
                can: bigcommerce::store_capabilities,
                make: |parts| Ok(only::<WORK, _>(bigcommerce::BigCommerce::new(&parts.config, parts.http.clone())?)),
            }),
            consent: None,
            read: bigcommerce::read,
        },
        Entry {
            name: "ebay",
            channel: Some(Role {
                can: |_| &ebay::CAPABILITIES,
                make: |parts| {
                    Ok(only::<WORK, _>(ebay::Ebay::new(&parts.config, parts.http.clone(), parts.tokens.clone())?))
                },
            }),
            store: None,
            consent: Some(&ebay::CONSENT),
            read: ebay::read,
        },
        Entry {
            name: "etsy",
            channel: Some(Role {
                can: |_| &etsy::CAPABILITIES,
                make: |parts| {
                    Ok(only::<WORK, _>(etsy::Etsy::new(&parts.config, parts.http.clone(), parts.tokens.clone())?))
                },
            }),
            store: None,
            consent: Some(&etsy::CONSENT),
            read: etsy::read,
        },
        Entry {
            name: "shopify",
            channel: Some(Role {
                can: |_| &shopify::CHANNEL,
                make: |parts| {
                    Ok(only::<WORK, _>(shopify::Shopify::new(&parts.config, parts.http.clone(), parts.tokens.clone())?))
                },
            }),
            store: Some(Role {
                can: |_| &shopify::STORE,
                make: |parts| {
                    Ok(only::<WORK, _>(shopify::Shopify::new(&parts.config, parts.http.clone(), parts.tokens.clone())?))
                },
            }),
            read: shopify::read,
            consent: Some(&shopify::CONSENT),
        },
        Entry {
            name: "woocommerce",
            channel: Some(Role {
                can: |_| &woocommerce::CHANNEL,
                make: |parts| Ok(only::<WORK, _>(woocommerce::WooCommerce::new(&parts.config, parts.http.clone())?)),
            }),
            store: Some(Role {
                can: |_| &woocommerce::STORE,
                make: |parts| Ok(only::<WORK, _>(woocommerce::WooCommerce::new(&parts.config, parts.http.clone())?)),
            }),
            consent: None,
            read: woocommerce::read,
        },
    ];
}

const COUNT: usize = Table::<{ work::NONE }>::PLATFORMS.len();

fn only<const WORK: Work, T>(connector: T) -> Arc<Only<WORK, T>> {
    Arc::new(Only(Arc::new(connector)))
}

/// One question to all platforms as a list of its own: a function is linked with the answers to what it asks, and no others.
macro_rules! column {
    ($work:expr, $entry:ident => $answer:expr) => {
        const {
            let mut column = [None; COUNT];
            let mut at = 0;
            while at < COUNT {
                let $entry = &Table::<{ $work }>::PLATFORMS[at];
                column[at] = $answer;
                at += 1;
            }
            column
        }
    };
}

const NAMES: [&str; COUNT] = {
    let mut names = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        names[at] = Table::<{ work::NONE }>::PLATFORMS[at].name;
        at += 1;
    }
    names
};

fn position(platform: &Platform) -> Option<usize> {
    NAMES.iter().position(|name| *name == platform.as_str())
}

/// The names of every platform.
pub fn platforms() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter()
}

/// What an account on a platform can do in each role; `None`: no such platform.
pub fn capabilities(
    platform: &Platform,
    probed: &BTreeMap<String, String>,
) -> Option<(Option<&'static ChannelCapabilities>, Option<&'static StoreCapabilities>)> {
    let at = position(platform)?;
    let channel = column!(work::NONE, entry => match &entry.channel { Some(role) => Some(role.can), None => None })[at];
    let store = column!(work::NONE, entry => match &entry.store { Some(role) => Some(role.can), None => None })[at];
    Some((channel.map(|can| can(probed)), store.map(|can| can(probed))))
}

/// The connector in the role *channel*; `None`: the platform has no such role.
pub fn channel<const WORK: Work>(platform: &Platform, parts: &Parts) -> Option<Made<dyn SalesChannel>> {
    let make = column!(WORK, entry => match &entry.channel { Some(role) => Some(role.make), None => None });
    make[position(platform)?].map(|make| make(parts))
}

/// The connector in the role *main store*; `None`: the platform has no such role.
pub fn store<const WORK: Work>(platform: &Platform, parts: &Parts) -> Option<Made<dyn MainStore>> {
    let make = column!(WORK, entry => match &entry.store { Some(role) => Some(role.make), None => None });
    make[position(platform)?].map(|make| make(parts))
}

/// How a person grants access in the browser; `None`: no such platform, or its keys are entered by hand.
pub fn consent(platform: &Platform) -> Option<&'static Consent> {
    column!(work::NONE, entry => entry.consent)[position(platform)?]
}

/// Reads what a platform sent to a queue of the owner's; so far Amazon alone does. `None`: it is none that says anything.
pub fn notice(message: &[u8]) -> Option<Notice> {
    amazon::notice(message)
}

/// Reads one order as the platform's list gives it; `None`: no such platform.
pub fn read(platform: &Platform, raw: &[u8]) -> Option<Result<ChannelOrder, Unreadable>> {
    column!(work::NONE, entry => Some(entry.read))[position(platform)?].map(|read| read(raw))
}
