//! eBay's endpoints: one function each. A call that is refused for its token is sent once more with a fresh one.

use std::sync::Arc;

use connect::{ConnectError, ErrorKind, Http, Method, Request, Response, TokenStore};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use crate::auth::EbayRefresh;
use crate::config::Config;
use crate::error::{self, Call};
use crate::wire;

const FULFILLMENT: [&str; 3] = ["sell", "fulfillment", "v1"];
const FEEDBACK: [&str; 3] = ["commerce", "feedback", "v1"];
const INVENTORY: [&str; 3] = ["sell", "inventory", "v1"];

/// eBay for one seller.
pub struct Api {
    pub http: Http,
    pub tokens: Arc<dyn TokenStore>,
    pub config: Config,
}

impl Api {
    /// <https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/methods/getOrders>
    pub async fn get_orders(&self, filter: &str, limit: u64, offset: u64) -> Result<Response, ConnectError> {
        let mut url = address(&self.config.application.api, &[&FULFILLMENT[..], &["order"]].concat());
        url.query_pairs_mut()
            .append_pair("fieldGroups", "TAX_BREAKDOWN")
            .append_pair("filter", filter)
            .append_pair("limit", &limit.to_string())
            .append_pair("offset", &offset.to_string());
        self.read("ebay.get_orders", url).await
    }

    /// <https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/methods/getOrder>
    pub async fn get_order(&self, order_id: &str) -> Result<Response, ConnectError> {
        let mut url = address(&self.config.application.api, &[&FULFILLMENT[..], &["order", order_id]].concat());
        url.query_pairs_mut().append_pair("fieldGroups", "TAX_BREAKDOWN");
        self.read("ebay.get_order", url).await
    }

    /// <https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/shipping_fulfillment/methods/getShippingFulfillments>
    pub async fn get_shipping_fulfillments(
        &self,
        order_id: &str,
    ) -> Result<wire::ShippingFulfillmentPagedCollection, ConnectError> {
        let url = address(
            &self.config.application.api,
            &[&FULFILLMENT[..], &["order", order_id, "shipping_fulfillment"]].concat(),
        );
        decode(&self.read("ebay.get_shipping_fulfillments", url).await?)
    }

    /// The new fulfilment's id, as the last part of `Location`.
    /// <https://developer.ebay.com/api-docs/sell/fulfillment/resources/order/shipping_fulfillment/methods/createShippingFulfillment>
    pub async fn create_shipping_fulfillment(
        &self,
        order_id: &str,
        details: &wire::ShippingFulfillmentDetails,
    ) -> Result<Option<String>, ConnectError> {
        let url = address(
            &self.config.application.api,
            &[&FULFILLMENT[..], &["order", order_id, "shipping_fulfillment"]].concat(),
        );
        let request = Request::new("ebay.create_shipping_fulfillment", Method::Post, url).json(details)?;
        let response = self.checked(request, Call::Write).await?;
        let id = response.header("location").and_then(|location| location.rsplit('/').next());
        Ok(id.filter(|id| !id.is_empty()).map(str::to_owned))
    }

    /// `page` counts pages, not items.
    /// <https://developer.ebay.com/api-docs/sell/inventory/resources/inventory_item/methods/getInventoryItems>
    pub async fn get_inventory_items(&self, limit: u64, page: u64) -> Result<Response, ConnectError> {
        let mut url = address(&self.config.application.api, &[&INVENTORY[..], &["inventory_item"]].concat());
        url.query_pairs_mut().append_pair("limit", &limit.to_string()).append_pair("offset", &page.to_string());
        self.read("ebay.get_inventory_items", url).await
    }

    /// <https://developer.ebay.com/api-docs/sell/inventory/resources/offer/methods/getOffers>
    pub async fn get_offers(&self, sku: &str) -> Result<wire::Offers, ConnectError> {
        let mut url = address(&self.config.application.api, &[&INVENTORY[..], &["offer"]].concat());
        url.query_pairs_mut().append_pair("sku", sku);
        decode(&self.read("ebay.get_offers", url).await?)
    }

    /// <https://developer.ebay.com/api-docs/sell/inventory/resources/inventory_item/methods/bulkUpdatePriceQuantity>
    pub async fn bulk_update_price_quantity(
        &self,
        body: &wire::BulkPriceQuantity,
    ) -> Result<wire::BulkPriceQuantityResponse, ConnectError> {
        let url = address(&self.config.application.api, &[&INVENTORY[..], &["bulk_update_price_quantity"]].concat());
        let request = Request::new("ebay.bulk_update_price_quantity", Method::Post, url).json(body)?;
        self.checked(request, Call::Write).await?.json()
    }

    /// Lines of orders for whose partner no feedback was left yet, from the one behind `offset` on.
    /// <https://developer.ebay.com/api-docs/commerce/feedback/resources/awaiting_feedback/methods/getItemsAwaitingFeedback>
    pub async fn awaiting_feedback(&self, offset: u64) -> Result<wire::AwaitingFeedbackResponse, ConnectError> {
        let mut url = address(&self.config.application.api, &[&FEEDBACK[..], &["awaiting_feedback"]].concat());
        url.query_pairs_mut().append_pair("offset", &offset.to_string());
        decode(&self.read("ebay.get_items_awaiting_feedback", url).await?)
    }

    /// <https://developer.ebay.com/api-docs/commerce/feedback/resources/feedback/methods/leaveFeedback>
    pub async fn leave_feedback(&self, feedback: &wire::LeaveFeedback<'_>) -> Result<(), ConnectError> {
        let url = address(&self.config.application.api, &[&FEEDBACK[..], &["feedback"]].concat());
        let request = Request::new("ebay.leave_feedback", Method::Post, url).json(feedback)?;
        self.checked(request, Call::Write).await.map(drop)
    }

    /// <https://developer.ebay.com/api-docs/commerce/identity/resources/user/methods/getUser>
    pub async fn get_user(&self) -> Result<wire::UserResponse, ConnectError> {
        let url = address(&self.config.identity_api, &["commerce", "identity", "v1", "user", ""]);
        decode(&self.read("ebay.get_user", url).await?)
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
        let response = self.http.send(authorised(request.clone(), &token)).await?;
        if response.status != 401 {
            return Ok(response);
        }
        let fresh = self.token(Some(&token)).await?;
        self.http.send(authorised(request, &fresh)).await
    }

    async fn token(&self, rejected: Option<&SecretString>) -> Result<SecretString, ConnectError> {
        let refresh = EbayRefresh { http: &self.http, config: &self.config };
        // Without a token nothing was sent.
        let token = self.tokens.access(self.http.connection(), rejected, &refresh).await;
        token.map_err(ConnectError::without_effect)
    }
}

fn authorised(request: Request, token: &SecretString) -> Request {
    request.header("authorization", format!("Bearer {}", token.expose_secret()))
}

/// Reads the answer to a call that changes nothing.
pub fn decode<T: DeserializeOwned>(response: &Response) -> Result<T, ConnectError> {
    response.json().map_err(ConnectError::without_effect)
}

/// An answer that is JSON but lacks what it must hold.
pub fn lacking(response: &Response, what: &str) -> ConnectError {
    let message = "eBay sent an answer that could not be read.";
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_their_place_in_the_path() {
        let base = Url::parse("http://127.0.0.1:1/ebay/").unwrap();
        assert_eq!(address(&base, &["order", "../a b?x"]).as_str(), "http://127.0.0.1:1/ebay/order/..%2Fa%20b%3Fx");
        assert_eq!(address(&base, &["user", ""]).as_str(), "http://127.0.0.1:1/ebay/user/");
    }
}
