//! Two made-up platforms: `market` (a channel) and `shop` (both roles; `plain-shop` holds no text lines). They test credentials, show listings and products,
//! verify webhooks, and note every call that would change something.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use app::{Asking, Connectors, Offer, PortError, VERIFIER};
use async_trait::async_trait;
use connect::{
    Account, ChannelCapabilities, ConnectError, CreationTime, Credentials, ErrorKind, Found, Http, HttpLimits,
    HttpPool, Incoming, Listing, MainStore, Method, Page, PageToken, Product, QuantityUpdate, Request, SalesChannel,
    ShipmentSent, StockLevel, StockMove, StoreCapabilities, StoreChange, StoreProfile, WebhookHint, WebhookRefused,
    WebhookRequest, Window,
};
use domain::readback::StoreOrder;
use domain::refund::NewRefund;
use domain::{
    AccountId, ChannelOrder, ChannelOrderId, ConnectionId, ListingKey, Money, Package, Platform, ProductId, Reference,
    Shipment, Sku, StoreOrderDraft, StoreOrderId,
};
use jiff::Timestamp;
use storage::Connection;
use url::Url;

use super::unlimited::Unlimited;

const MARKET: ChannelCapabilities = ChannelCapabilities {
    creation_time: CreationTime::Immutable,
    unpaid_orders: false,
    zero_tax_is_unknown: false,
    reports_delivery: false,
    refund_quantities: false,
    set_quantity: true,
    ship: true,
    ship_without_tracking: true,
    edit_tracking: false,
    merges_orders: false,
    leave_feedback: false,
    webhooks: true,
    list_lag_seconds: 0,
    carriers: &[],
    lists_cancels: true,
    personal_data_days: None,
    fulfils_itself: false,
};

const SHOP: ChannelCapabilities = ChannelCapabilities { unpaid_orders: true, zero_tax_is_unknown: true, ..MARKET };

const STORE: StoreCapabilities = StoreCapabilities {
    text_lines: true,
    keep_order_number: false,
    max_order_number: 0,
    tax_label: true,
    customer_notifications: true,
    owner_new_order_mail: true,
    receipt_mail: false,
    fulfilment_mail: false,
    marketing_consent: false,
    any_currency: true,
    deducts_paid: true,
    deducts_unpaid: false,
    restocks_on_cancel: true,
    refunds_restock: true,
    keyed_stock_moves: false,
    mends: false,
    channel_liable_tax: false,
    webhooks: true,
    longest_execution_seconds: 60,
    search_lag_seconds: 0,
};

/// A store that holds products only (Squarespace).
const PLAIN_STORE: StoreCapabilities = StoreCapabilities { text_lines: false, ..STORE };

/// A store that bears the channel's own numbers (Shopify), short ones.
const NUMBER_STORE: StoreCapabilities = StoreCapabilities { keep_order_number: true, max_order_number: 30, ..STORE };

/// What the platforms hold, and what was asked of them.
#[derive(Default)]
pub struct Held {
    pub listings: Vec<(String, Option<&'static str>)>,
    pub products: Vec<(&'static str, Option<&'static str>)>,
    /// Every call fails so.
    pub fails: Option<ErrorKind>,
    /// Where the platforms were asked to call.
    pub hooks: Vec<String>,
    /// Calls that would have changed something.
    pub changes: Vec<&'static str>,
}

pub struct Platforms {
    credentials: Mutex<BTreeMap<ConnectionId, BTreeMap<String, String>>>,
    pub held: Arc<Mutex<Held>>,
    pool: HttpPool,
}

impl Platforms {
    pub fn new() -> Self {
        let pool = HttpPool::new(HttpLimits::default()).unwrap();
        Self { credentials: Mutex::default(), held: Arc::default(), pool }
    }

    pub fn keep(&self, id: &ConnectionId, credentials: &[(&str, &str)]) {
        let credentials = credentials.iter().map(|(name, secret)| ((*name).to_owned(), (*secret).to_owned()));
        self.credentials.lock().unwrap().insert(id.clone(), credentials.collect());
    }

    /// The connections whose credentials are kept.
    pub fn kept(&self) -> Vec<ConnectionId> {
        self.credentials.lock().unwrap().keys().cloned().collect()
    }

    fn account(&self, connection: &Connection) -> OneAccount {
        let credentials = self.credentials.lock().unwrap().get(&connection.id).cloned().unwrap_or_default();
        OneAccount {
            credentials,
            url: connection.settings.get("url").cloned(),
            http: self.pool.http(connection.id.clone(), Arc::new(Unlimited)),
            held: Arc::clone(&self.held),
        }
    }
}

#[async_trait]
impl Connectors for Platforms {
    fn platforms(&self) -> Vec<&'static str> {
        vec!["shop", "plain-shop", "market"]
    }

    fn offer(&self, platform: &Platform, _probed: &BTreeMap<String, String>) -> Option<Offer> {
        match platform.as_str() {
            "market" => Some(Offer { channel: Some(&MARKET), store: None }),
            "number-shop" => Some(Offer { channel: None, store: Some(&NUMBER_STORE) }),
            "plain-shop" => Some(Offer { channel: None, store: Some(&PLAIN_STORE) }),
            "shop" => Some(Offer { channel: Some(&SHOP), store: Some(&STORE) }),
            _ => None,
        }
    }

    async fn channel(&self, connection: &Connection) -> Result<Arc<dyn SalesChannel>, ConnectError> {
        Ok(Arc::new(self.account(connection)))
    }

    async fn store(&self, connection: &Connection) -> Result<Arc<dyn MainStore>, ConnectError> {
        Ok(Arc::new(self.account(connection)))
    }

    async fn save_credentials(&self, id: &ConnectionId, credentials: &Credentials) -> Result<(), PortError> {
        use secrecy::ExposeSecret;
        let plain = credentials.0.iter().map(|(name, secret)| (name.clone(), secret.expose_secret().to_owned()));
        self.credentials.lock().unwrap().insert(id.clone(), plain.collect());
        Ok(())
    }

    async fn adopt_credentials(&self, from: &ConnectionId, to: &ConnectionId) -> Result<(), PortError> {
        let mut credentials = self.credentials.lock().unwrap();
        let kept = credentials[from].clone();
        credentials.insert(to.clone(), kept);
        Ok(())
    }

    /// The market has a consent page; it grants its key for the code `good`, once.
    async fn consent_page(&self, connection: &Connection, asking: &Asking) -> Result<Option<Url>, ConnectError> {
        if connection.platform.as_str() != "market" {
            return Ok(None);
        }
        let query = [("state", asking.state.as_str()), ("redirect_uri", asking.redirect_uri.as_str())];
        Ok(Some(Url::parse_with_params("https://market.example/consent", query).unwrap()))
    }

    async fn redeem(
        &self,
        connection: &Connection,
        _: &Asking,
        answer: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, ConnectError> {
        let mut all = self.credentials.lock().unwrap();
        let kept = all.get_mut(&connection.id).unwrap();
        assert!(kept.remove(VERIFIER).is_some());
        if answer.get("code").map(String::as_str) != Some("good") {
            let says = "The market does not know this code.";
            return Err(ConnectError::new(ErrorKind::Unauthorized, "double.redeem", says));
        }
        kept.insert("key".to_owned(), "right".to_owned());
        kept.insert("account".to_owned(), answer["seller"].clone());
        Ok([("granted".to_owned(), "yes".to_owned())].into())
    }

    async fn forget_credentials(&self, id: &ConnectionId) -> Result<(), PortError> {
        self.credentials.lock().unwrap().remove(id);
        Ok(())
    }
}

/// One account on either platform.
struct OneAccount {
    credentials: BTreeMap<String, String>,
    url: Option<String>,
    http: Http,
    held: Arc<Mutex<Held>>,
}

impl OneAccount {
    fn up(&self) -> Result<(), ConnectError> {
        match self.held.lock().unwrap().fails {
            Some(kind) => Err(ConnectError::new(kind, "double.call", "The platform does not answer.")),
            None => Ok(()),
        }
    }

    async fn who(&self) -> Result<Account, ConnectError> {
        if let Some(url) = &self.url {
            // The real client, whose check of the address is what is tried here.
            self.http.send(Request::new("double.account", Method::Get, url.parse().unwrap())).await?;
        }
        self.up()?;
        if self.credentials.get("key").map(String::as_str) != Some("right") {
            return Err(ConnectError::new(
                ErrorKind::Unauthorized,
                "double.account",
                "The platform does not know this key.",
            ));
        }
        let account = self.credentials.get("account").map_or("nobody", String::as_str);
        Ok(Account { id: AccountId::new(account).unwrap(), name: account.to_owned() })
    }

    fn changes<T>(&self, operation: &'static str) -> Result<T, ConnectError> {
        self.held.lock().unwrap().changes.push(operation);
        Err(ConnectError::unsupported(operation, "double"))
    }

    fn verified(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        use base64::Engine;
        use hmac::{KeyInit, Mac};
        let signature = request.headers.get("x-wc-webhook-signature").ok_or(WebhookRefused::BadSignature)?;
        let signature = base64::engine::general_purpose::STANDARD.decode(signature);
        let secret = self.credentials.get("webhook_secret").map_or("", String::as_str);
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(request.body);
        let genuine = mac.verify_slice(&signature.map_err(|_| WebhookRefused::BadSignature)?);
        genuine.map(|()| WebhookHint::PollSoon).map_err(|_| WebhookRefused::BadSignature)
    }
}

#[async_trait]
impl SalesChannel for OneAccount {
    fn capabilities(&self) -> &'static ChannelCapabilities {
        &MARKET
    }

    async fn account(&self) -> Result<Account, ConnectError> {
        self.who().await
    }

    async fn orders(&self, _: &Window, _: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        Err(ConnectError::unsupported("double.orders", "double"))
    }

    async fn orders_placed(&self, _: &Window, _: Option<&PageToken>) -> Result<Page<Incoming>, ConnectError> {
        Err(ConnectError::unsupported("double.orders_placed", "double"))
    }

    async fn order(&self, _: &ChannelOrderId) -> Result<Incoming, ConnectError> {
        Err(ConnectError::unsupported("double.order", "double"))
    }

    async fn listings(&self, _: Option<&PageToken>) -> Result<Page<Listing>, ConnectError> {
        self.up()?;
        let listing = |(id, sku): &(String, Option<&str>)| Listing {
            key: ListingKey::Listing(id.clone()),
            sku: sku.map(|sku| Sku::new(sku).unwrap()),
            barcode: None,
            title: format!("Listing {id}"),
            active: true,
            quantity: None,
        };
        let items = self.held.lock().unwrap().listings.iter().map(listing).collect();
        Ok(Page { items, next: None, server_time: None })
    }

    async fn set_quantities(&self, _: &[QuantityUpdate]) -> Result<Vec<Result<(), ConnectError>>, ConnectError> {
        self.changes("set_quantities")
    }

    async fn ship(&self, _: &ChannelOrder, _: &Package) -> Result<ShipmentSent, ConnectError> {
        self.changes("channel.ship")
    }

    async fn shipments(&self, _: &ChannelOrderId) -> Result<Vec<Shipment>, ConnectError> {
        Err(ConnectError::unsupported("double.shipments", "double"))
    }

    async fn subscribe(&self, to: &Url) -> Result<(), ConnectError> {
        self.up()?;
        self.held.lock().unwrap().hooks.push(to.to_string());
        Ok(())
    }

    async fn unsubscribe(&self, to: &Url) -> Result<(), ConnectError> {
        self.up()?;
        self.held.lock().unwrap().hooks.retain(|hook| hook != to.as_str());
        Ok(())
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        self.verified(request)
    }
}

#[async_trait]
impl MainStore for OneAccount {
    fn capabilities(&self) -> &'static StoreCapabilities {
        &STORE
    }

    async fn profile(&self) -> Result<StoreProfile, ConnectError> {
        let account = self.who().await?;
        Ok(StoreProfile { account, currency: "GBP".parse().unwrap(), probed: BTreeMap::new() })
    }

    async fn products_by_sku(&self, skus: &[Sku]) -> Result<Vec<Product>, ConnectError> {
        self.up()?;
        let held = self.held.lock().unwrap();
        let wanted =
            held.products.iter().filter(|(_, sku)| sku.is_some_and(|sku| skus.iter().any(|s| s.as_str() == sku)));
        let product = |(id, sku): &(&str, Option<&str>)| Product {
            id: ProductId::new(id).unwrap(),
            sku: sku.map(|sku| Sku::new(sku).unwrap()),
            barcode: None,
            name: format!("Product {id}"),
            stock: Some(5),
        };
        Ok(wanted.map(product).collect())
    }

    async fn products(&self, _: Option<&PageToken>) -> Result<Page<Product>, ConnectError> {
        Err(ConnectError::unsupported("double.products", "double"))
    }

    fn preview(&self, draft: &StoreOrderDraft) -> Result<String, ConnectError> {
        Ok(format!(r#"{{"reference":"{}","total":"{}"}}"#, draft.reference, draft.total.amount()))
    }

    async fn create_order(&self, _: &StoreOrderDraft) -> Result<StoreOrder, ConnectError> {
        self.changes("create_order")
    }

    async fn find_by_reference(&self, _: &[Reference], _: Timestamp) -> Result<Found, ConnectError> {
        Err(ConnectError::unsupported("double.find_by_reference", "double"))
    }

    async fn order(&self, _: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        Err(ConnectError::unsupported("double.order", "double"))
    }

    async fn changes(&self, _: &Window, _: Option<&PageToken>) -> Result<Page<StoreChange>, ConnectError> {
        Err(ConnectError::unsupported("double.changes", "double"))
    }

    async fn mark_paid(&self, _: &StoreOrderId, _: Money) -> Result<StoreOrder, ConnectError> {
        self.changes("mark_paid")
    }

    async fn ship(&self, _: &StoreOrderId, _: &Package, _: bool) -> Result<StoreOrder, ConnectError> {
        self.changes("store.ship")
    }

    async fn complete(&self, _: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        self.changes("complete")
    }

    async fn cancel(&self, _: &StoreOrderId) -> Result<StoreOrder, ConnectError> {
        self.changes("cancel")
    }

    async fn record_refund(&self, _: &StoreOrderId, _: &NewRefund) -> Result<StoreOrder, ConnectError> {
        self.changes("record_refund")
    }

    async fn stock(&self, products: &[ProductId]) -> Result<Vec<StockLevel>, ConnectError> {
        self.up()?;
        let held = self.held.lock().unwrap();
        let known = products.iter().filter(|product| held.products.iter().any(|(id, _)| *id == product.as_str()));
        Ok(known.map(|product| StockLevel { product: product.clone(), quantity: Some(5) }).collect())
    }

    async fn move_stock(&self, _: &StockMove) -> Result<StockLevel, ConnectError> {
        self.changes("move_stock")
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookHint, WebhookRefused> {
        self.verified(request)
    }
}
