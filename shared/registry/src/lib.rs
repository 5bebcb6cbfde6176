//! The only match from a platform's name to its connector.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect::config::ConfigError;
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
    read: fn(&[u8]) -> Result<ChannelOrder, Unreadable>,
}

type Made<T> = Result<Arc<T>, ConfigError>;
/// What connecting found out about the very account; empty: nothing is known of it yet.
type Probed = BTreeMap<String, String>;

struct Role<C: 'static, T: ?Sized> {
    can: fn(&Probed) -> &'static C,
    make: fn(&Parts) -> Made<T>,
}

const PLATFORMS: &[Entry] = &[
    Entry {
        name: "amazon",
        channel: Some(Role {
            can: |_| &amazon::CAPABILITIES,
            make: |parts| Ok(Arc::new(amazon::Amazon::new(&parts.config, parts.http.clone(), parts.tokens.clone())?)),
        }),
        store: None,
        consent: Some(&amazon::CONSENT),
        read: amazon::read,
    },
    Entry {
        name: "bigcommerce",
        channel: Some(Role {
            can: |_| &bigcommerce::CHANNEL,
            make: |parts| Ok(Arc::new(bigcommerce::BigCommerce::new(&parts.config, parts.http.clone())?)),
        }),
        store: Some(Role {
            can: bigcommerce::store_capabilities,
            make: |parts| Ok(Arc::new(bigcommerce::BigCommerce::new(&parts.config, parts.http.clone())?)),
        }),
        consent: None,
        read: bigcommerce::read,
    },
    Entry {
        name: "ebay",
        channel: Some(Role {
            can: |_| &ebay::CAPABILITIES,
            make: |parts| Ok(Arc::new(ebay::Ebay::new(&parts.config, parts.http.clone(), parts.tokens.clone())?)),
        }),
        store: None,
        consent: Some(&ebay::CONSENT),
        read: ebay::read,
    },
    Entry {
        name: "etsy",
        channel: Some(Role {
            can: |_| &etsy::CAPABILITIES,
            make: |parts| Ok(Arc::new(etsy::Etsy::new(&parts.config, parts.http.clone(), parts.tokens.clone())?)),
        }),
        store: None,
        consent: Some(&etsy::CONSENT),
        read: etsy::read,
    },
    Entry {
        name: "shopify",
        channel: Some(Role {
            can: |_| &shopify::CHANNEL,
            make: |parts| Ok(Arc::new(shopify::Shopify::new(&parts.config, parts.http.clone(), parts.tokens.clone())?)),
        }),
        store: Some(Role {
            can: |_| &shopify::STORE,
            make: |parts| Ok(Arc::new(shopify::Shopify::new(&parts.config, parts.http.clone(), parts.tokens.clone())?)),
        }),
        read: shopify::read,
        consent: Some(&shopify::CONSENT),
    },
    Entry {
        name: "woocommerce",
        channel: Some(Role {
            can: |_| &woocommerce::CHANNEL,
            make: |parts| Ok(Arc::new(woocommerce::WooCommerce::new(&parts.config, parts.http.clone())?)),
        }),
        store: Some(Role {
            can: |_| &woocommerce::STORE,
            make: |parts| Ok(Arc::new(woocommerce::WooCommerce::new(&parts.config, parts.http.clone())?)),
        }),
        consent: None,
        read: woocommerce::read,
    },
];

/// What a platform can do, apart from the connector that does it: a function that asks only this is linked with no connector.
#[derive(Clone, Copy)]
struct Facts {
    name: &'static str,
    channel: Option<fn(&Probed) -> &'static ChannelCapabilities>,
    store: Option<fn(&Probed) -> &'static StoreCapabilities>,
}

const FACTS: [Facts; PLATFORMS.len()] = {
    let mut facts = [Facts { name: "", channel: None, store: None }; PLATFORMS.len()];
    let mut at = 0;
    while at < PLATFORMS.len() {
        let entry = &PLATFORMS[at];
        facts[at].name = entry.name;
        if let Some(role) = &entry.channel {
            facts[at].channel = Some(role.can);
        }
        if let Some(role) = &entry.store {
            facts[at].store = Some(role.can);
        }
        at += 1;
    }
    facts
};

fn entry(platform: &Platform) -> Option<&'static Entry> {
    PLATFORMS.iter().find(|entry| entry.name == platform.as_str())
}

/// The names of every platform.
pub fn platforms() -> impl Iterator<Item = &'static str> {
    FACTS.iter().map(|facts| facts.name)
}

/// What an account on a platform can do in each role; `None`: no such platform.
pub fn capabilities(
    platform: &Platform,
    probed: &BTreeMap<String, String>,
) -> Option<(Option<&'static ChannelCapabilities>, Option<&'static StoreCapabilities>)> {
    let facts = FACTS.iter().find(|facts| facts.name == platform.as_str())?;
    Some((facts.channel.map(|can| can(probed)), facts.store.map(|can| can(probed))))
}

/// The connector in the role *channel*; `None`: the platform has no such role.
pub fn channel(platform: &Platform, parts: &Parts) -> Option<Made<dyn SalesChannel>> {
    entry(platform)?.channel.as_ref().map(|role| (role.make)(parts))
}

/// The connector in the role *main store*; `None`: the platform has no such role.
pub fn store(platform: &Platform, parts: &Parts) -> Option<Made<dyn MainStore>> {
    entry(platform)?.store.as_ref().map(|role| (role.make)(parts))
}

/// How a person grants access in the browser; `None`: no such platform, or its keys are entered by hand.
pub fn consent(platform: &Platform) -> Option<&'static Consent> {
    entry(platform)?.consent
}

/// Reads what a platform sent to a queue of the owner's; so far Amazon alone does. `None`: it is none that says anything.
pub fn notice(message: &[u8]) -> Option<Notice> {
    amazon::notice(message)
}

/// Reads one order as the platform's list gives it; `None`: no such platform.
pub fn read(platform: &Platform, raw: &[u8]) -> Option<Result<ChannelOrder, Unreadable>> {
    entry(platform).map(|entry| (entry.read)(raw))
}
