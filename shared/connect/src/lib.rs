//! What a platform connector is: the traits, their errors, and the one HTTP client.

pub mod allowance;
pub mod channel;
pub mod config;
pub mod consent;
pub mod error;
pub mod http;
pub mod ports;
pub mod store;
pub mod webhook;
pub mod wire;
pub mod work;

pub use allowance::{Allowance, Told};
pub use channel::{
    Account, Incoming, Listing, Page, PageToken, QuantityUpdate, SalesChannel, ShipmentSent, Unreadable, Window,
};
pub use config::{ConnectionConfig, Credentials};
pub use consent::{Consent, ConsentAsk, Granted};
pub use domain::capabilities::{ChannelCapabilities, CreationTime, StoreCapabilities};
pub use error::{ConnectError, Effect, ErrorKind};
pub use http::{Http, HttpLimits, HttpPool, Method, Request, Response};
pub use ports::{Access, Budget, Refresh, TokenStore};
pub use store::{Found, MainStore, Product, StockLevel, StockMove, StoreChange, StoreProfile};
pub use webhook::{NOTIFICATION_QUEUE, Notice, PrivacyRequest, WebhookHint, WebhookRefused, WebhookRequest};
