//! Etsy's endpoints: one function each. A call that is refused for its token is sent once more with a fresh one.

use std::sync::Arc;

use connect::{ConnectError, ErrorKind, Http, Method, Request, Response, TokenStore};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};

use crate::auth::EtsyRefresh;
use crate::config::Config;
use crate::error::{self, Call};
use crate::{limits, wire};

/// Etsy for one shop.
pub struct Api {
    pub http: Http,
    pub tokens: Arc<dyn TokenStore>,
    pub config: Config,
}

impl Api {
    /// <https://developers.etsy.com/documentation/reference#operation/getShopReceipts>
    pub async fn get_shop_receipts(&self, query: &[(&str, String)]) -> Result<Response, ConnectError> {
        let mut url = self.of_shop(&["receipts"]);
        url.query_pairs_mut().extend_pairs(query);
        self.read("etsy.get_shop_receipts", url).await
    }

    /// <https://developers.etsy.com/documentation/reference#operation/getShopReceipt>
    pub async fn get_shop_receipt(&self, receipt_id: u64) -> Result<Response, ConnectError> {
        self.read("etsy.get_shop_receipt", self.of_shop(&["receipts", &receipt_id.to_string()])).await
    }

    /// The receipt as it then stands. Without a number and a carrier it is only marked as sent.
    /// <https://developers.etsy.com/documentation/reference#operation/createReceiptShipment>
    pub async fn create_receipt_shipment(
        &self,
        receipt_id: u64,
        form: &[(&str, &str)],
    ) -> Result<wire::ShopReceipt, ConnectError> {
        let url = self.of_shop(&["receipts", &receipt_id.to_string(), "tracking"]);
        let request = with_form(Request::new("etsy.create_receipt_shipment", Method::Post, url), form);
        self.checked(request, Call::Write).await?.json()
    }

    /// <https://developers.etsy.com/documentation/reference#operation/getListingsByShop>
    pub async fn get_listings_by_shop(&self, state: &str, limit: u64, offset: u64) -> Result<Response, ConnectError> {
        let mut url = self.of_shop(&["listings"]);
        url.query_pairs_mut()
            .append_pair("state", state)
            .append_pair("includes", "Inventory")
            .append_pair("limit", &limit.to_string())
            .append_pair("offset", &offset.to_string());
        self.read("etsy.get_listings_by_shop", url).await
    }

    /// With the listing's own state.
    /// <https://developers.etsy.com/documentation/reference#operation/getListingInventory>
    pub async fn get_listing_inventory(&self, listing_id: u64) -> Result<wire::ListingInventory, ConnectError> {
        let mut url = self.address(&["listings", &listing_id.to_string(), "inventory"]);
        url.query_pairs_mut().append_pair("includes", "Listing");
        decode(&self.read("etsy.get_listing_inventory", url).await?)
    }

    /// The whole inventory is replaced. `None`: it changed meanwhile, and nothing was done.
    /// <https://developers.etsy.com/documentation/reference#operation/updateListingInventory>
    pub async fn update_listing_inventory(
        &self,
        listing_id: u64,
        update: &wire::InventoryUpdate,
    ) -> Result<Option<wire::ListingInventory>, ConnectError> {
        let url = self.address(&["listings", &listing_id.to_string(), "inventory"]);
        let request = Request::new("etsy.update_listing_inventory", Method::Put, url).json(update)?;
        let response = self.send(request).await?;
        match response.status {
            409 => Ok(None),
            _ if response.is_success() => response.json().map(Some),
            _ => Err(error::classify(&response, Call::Write)),
        }
    }

    /// `active` or `inactive`.
    /// <https://developers.etsy.com/documentation/reference#operation/updateListing>
    pub async fn update_listing_state(&self, listing_id: u64, state: &str) -> Result<(), ConnectError> {
        let url = self.of_shop(&["listings", &listing_id.to_string()]);
        let request = with_form(Request::new("etsy.update_listing", Method::Patch, url), &[("state", state)]);
        self.checked(request, Call::Write).await.map(drop)
    }

    /// <https://developers.etsy.com/documentation/reference#operation/getMe>
    pub async fn get_me(&self) -> Result<wire::Me, ConnectError> {
        decode(&self.read("etsy.get_me", self.address(&["users", "me"])).await?)
    }

    /// <https://developers.etsy.com/documentation/reference#operation/getShop>
    pub async fn get_shop(&self) -> Result<wire::Shop, ConnectError> {
        decode(&self.read("etsy.get_shop", self.of_shop(&[])).await?)
    }

    fn address(&self, segments: &[&str]) -> Url {
        address(&self.config.api, &[&["v3", "application"], segments].concat())
    }

    fn of_shop(&self, segments: &[&str]) -> Url {
        self.address(&[&["shops", &self.config.shop_id.to_string()], segments].concat())
    }

    async fn read(&self, operation: &'static str, url: Url) -> Result<Response, ConnectError> {
        self.checked(Request::new(operation, Method::Get, url), Call::Read).await
    }

    async fn checked(&self, request: Request, call: Call) -> Result<Response, ConnectError> {
        let response = self.send(request).await?;
        if response.is_success() { Ok(response) } else { Err(error::classify(&response, call)) }
    }

    async fn send(&self, request: Request) -> Result<Response, ConnectError> {
        let token = self.token(None).await?;
        let response = self.send_with(request.clone(), &token).await?;
        if response.status != 401 {
            return Ok(response);
        }
        let fresh = self.token(Some(&token)).await?;
        self.send_with(request, &fresh).await
    }

    async fn send_with(&self, request: Request, token: &SecretString) -> Result<Response, ConnectError> {
        let request = authorised(request, &self.config.client_id, &self.config.client_secret, token);
        let response = self.http.send(limits::counted(request)).await?;
        limits::tell(&self.http, &response).await;
        Ok(response)
    }

    async fn token(&self, rejected: Option<&SecretString>) -> Result<SecretString, ConnectError> {
        let refresh = EtsyRefresh { http: &self.http, config: &self.config };
        // Without a token nothing was sent.
        let token = self.tokens.access(self.http.connection(), rejected, &refresh).await;
        token.map_err(ConnectError::without_effect)
    }
}

/// The application's key and its secret in one header, since February 2026; and the seller's token.
/// <https://developers.etsy.com/documentation/essentials/requests>, <https://github.com/etsy/open-api/discussions/1531>
pub fn authorised(request: Request, id: &SecretString, secret: &SecretString, token: &SecretString) -> Request {
    request
        .header("x-api-key", format!("{}:{}", id.expose_secret(), secret.expose_secret()))
        .header("authorization", format!("Bearer {}", token.expose_secret()))
}

fn with_form(mut request: Request, form: &[(&str, &str)]) -> Request {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    request.body = Some(("application/x-www-form-urlencoded", form.into_bytes()));
    request
}

/// Reads the answer to a call that changes nothing.
pub fn decode<T: DeserializeOwned>(response: &Response) -> Result<T, ConnectError> {
    response.json().map_err(ConnectError::without_effect)
}

/// An answer that is JSON but lacks what it must hold.
pub fn lacking(response: &Response, what: &str) -> ConnectError {
    let message = "Etsy sent an answer that could not be read.";
    ConnectError::new(ErrorKind::Decode, response.operation, message)
        .without_effect()
        .with_context(format!("no {what}"))
}

/// `segments` below the base's own path, each percent-encoded.
pub fn address(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // A base without a path cannot get this far: `Config` asks for a host.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
