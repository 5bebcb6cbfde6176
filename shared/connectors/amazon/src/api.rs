//! Amazon's endpoints: one function each. A call that is refused for its token is sent once more with a fresh one.

use std::sync::Arc;

use connect::{Allowance, ConnectError, ErrorKind, Http, Method, Request, Response, TokenStore};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use crate::auth::{self, AmazonRefresh};
use crate::config::Config;
use crate::error::{self, Call};
use crate::limits;
use crate::wire::{self, listings, orders};

const ORDERS: [&str; 3] = ["orders", "2026-01-01", "orders"];
const LISTINGS: [&str; 3] = ["listings", "2021-08-01", "items"];

/// Everything that is read of an order. Left out: the names of promotions, what the seller pays for points, and Easy
/// Ship's own orders.
const ORDER_DATA: &str = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT";
/// What is needed to tell of a package: no buyer.
const PACKAGE_DATA: &str = "FULFILLMENT,PACKAGES";
const LISTING_DATA: &str = "summaries,fulfillmentAvailability";

/// Amazon for one seller in one region.
pub struct Api {
    pub http: Http,
    pub tokens: Arc<dyn TokenStore>,
    pub config: Config,
}

impl Api {
    /// `dates`: the two ends of the window under Amazon's names.
    /// <https://developer-docs.amazon.com/sp-api/reference/searchorders>
    pub async fn search_orders(
        &self,
        dates: &[(&str, String)],
        limit: u32,
        token: Option<&str>,
    ) -> Result<Response, ConnectError> {
        let mut url = address(&self.config.api, &ORDERS);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("marketplaceIds", &self.config.marketplace_ids.join(","));
            query.extend_pairs(dates);
            query.append_pair("includedData", ORDER_DATA).append_pair("maxResultsPerPage", &limit.to_string());
            if let Some(token) = token {
                query.append_pair("paginationToken", token);
            }
        }
        self.read("amazon.search_orders", url, &limits::SEARCH_ORDERS, Call::Read).await
    }

    /// <https://developer-docs.amazon.com/sp-api/reference/getorder-3>
    pub async fn get_order(&self, order_id: &str) -> Result<Response, ConnectError> {
        self.order_with(order_id, ORDER_DATA).await
    }

    /// As [`Self::get_order`], without anything about the buyer.
    pub async fn get_packages(&self, order_id: &str) -> Result<Response, ConnectError> {
        self.order_with(order_id, PACKAGE_DATA).await
    }

    async fn order_with(&self, order_id: &str, data: &str) -> Result<Response, ConnectError> {
        let mut url = address(&self.config.api, &[&ORDERS[..], &[order_id]].concat());
        url.query_pairs_mut().append_pair("includedData", data);
        self.read("amazon.get_order", url, &limits::GET_ORDER, Call::Order).await
    }

    /// The same `packageReferenceId` again edits the package that has it.
    /// <https://developer-docs.amazon.com/sp-api/docs/confirm-the-shipment-status>
    pub async fn confirm_shipment(
        &self,
        order_id: &str,
        body: &orders::ConfirmShipmentRequest,
    ) -> Result<(), ConnectError> {
        let url = address(&self.config.api, &["orders", "v0", "orders", order_id, "shipmentConfirmation"]);
        let request = Request::new("amazon.confirm_shipment", Method::Post, url).json(body)?;
        self.checked(request, &limits::CONFIRM_SHIPMENT, Call::Ship).await.map(drop)
    }

    /// The oldest first, so that a list of more than Amazon pages through can be taken up where it ended.
    /// <https://developer-docs.amazon.com/sp-api/reference/searchlistingsitems>
    pub async fn search_listings(
        &self,
        created_after: Option<&str>,
        limit: u32,
        token: Option<&str>,
    ) -> Result<Response, ConnectError> {
        let mut url = address(&self.config.api, &[&LISTINGS[..], &[&self.config.seller_id]].concat());
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("marketplaceIds", &self.config.marketplace_ids.join(","))
                .append_pair("includedData", LISTING_DATA)
                .append_pair("sortBy", "createdDate")
                .append_pair("sortOrder", "ASC")
                .append_pair("pageSize", &limit.to_string());
            if let Some(after) = created_after {
                query.append_pair("createdAfter", after);
            }
            if let Some(token) = token {
                query.append_pair("pageToken", token);
            }
        }
        self.read("amazon.search_listings_items", url, &limits::SEARCH_LISTINGS, Call::Read).await
    }

    /// <https://developer-docs.amazon.com/sp-api/reference/getlistingsitem>
    pub async fn get_listing(&self, sku: &str) -> Result<listings::Item, ConnectError> {
        let mut url = address(&self.config.api, &[&LISTINGS[..], &[&self.config.seller_id, sku]].concat());
        url.query_pairs_mut()
            .append_pair("marketplaceIds", &self.config.marketplace_ids.join(","))
            .append_pair("includedData", LISTING_DATA);
        decode(&self.read("amazon.get_listings_item", url, &limits::GET_LISTING, Call::Listing).await?)
    }

    /// <https://developer-docs.amazon.com/sp-api/reference/patchlistingsitem>
    pub async fn patch_listing(
        &self,
        sku: &str,
        marketplace_ids: &[&str],
        body: &listings::ListingsItemPatchRequest,
    ) -> Result<listings::ListingsItemSubmissionResponse, ConnectError> {
        let mut url = address(&self.config.api, &[&LISTINGS[..], &[&self.config.seller_id, sku]].concat());
        url.query_pairs_mut().append_pair("marketplaceIds", &marketplace_ids.join(","));
        let request = Request::new("amazon.patch_listings_item", Method::Patch, url).json(body)?;
        self.checked(request, &limits::PATCH_LISTING, Call::Quantity).await?.json()
    }

    /// <https://developer-docs.amazon.com/sp-api/reference/getmarketplaceparticipations>
    pub async fn get_participations(&self) -> Result<wire::Participations, ConnectError> {
        let url = address(&self.config.api, &["sellers", "v1", "marketplaceParticipations"]);
        let operation = "amazon.get_marketplace_participations";
        decode(&self.read(operation, url, &limits::PARTICIPATIONS, Call::Read).await?)
    }

    async fn read(
        &self,
        operation: &'static str,
        url: Url,
        limit: &'static Allowance,
        call: Call,
    ) -> Result<Response, ConnectError> {
        self.checked(Request::new(operation, Method::Get, url), limit, call).await
    }

    pub async fn checked(
        &self,
        request: Request,
        limit: &'static Allowance,
        call: Call,
    ) -> Result<Response, ConnectError> {
        let response = self.send(request.allowance(limit, 1), limit).await?;
        if response.is_success() { Ok(response) } else { Err(error::classify(&response, call)) }
    }

    async fn send(&self, request: Request, limit: &'static Allowance) -> Result<Response, ConnectError> {
        let token = self.token(None).await?;
        let response = self.answered(authorised(request.clone(), &token), limit).await?;
        // An access token that has ended is answered with 403, as is a role that is missing.
        if !matches!(response.status, 401 | 403) {
            return Ok(response);
        }
        let fresh = self.token(Some(&token)).await?;
        self.answered(authorised(request, &fresh), limit).await
    }

    /// A call that belongs to the application and to no seller, with a token of its own kind.
    /// <https://developer-docs.amazon.com/sp-api/docs/grantless-operations>
    pub async fn grantless(
        &self,
        request: Request,
        limit: &'static Allowance,
        call: Call,
    ) -> Result<Response, ConnectError> {
        let token = auth::grantless(&self.http, &self.config).await?;
        let response = self.answered(authorised(request.allowance(limit, 1), &token), limit).await?;
        if response.is_success() { Ok(response) } else { Err(error::classify(&response, call)) }
    }

    async fn answered(&self, request: Request, limit: &'static Allowance) -> Result<Response, ConnectError> {
        let response = self.http.send(request).await?;
        if let Some(told) = limits::told(&response) {
            self.http.told(limit, told).await;
        }
        Ok(response)
    }

    async fn token(&self, rejected: Option<&SecretString>) -> Result<SecretString, ConnectError> {
        let refresh = AmazonRefresh { http: &self.http, config: &self.config };
        // Without a token nothing was sent.
        let token = self.tokens.access(self.http.connection(), rejected, &refresh).await;
        token.map_err(ConnectError::without_effect)
    }
}

/// No AWS signature since October 2023.
/// <https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api>
fn authorised(request: Request, token: &SecretString) -> Request {
    request.header("x-amz-access-token", token.expose_secret())
}

/// Reads the answer to a call that changes nothing.
pub fn decode<T: DeserializeOwned>(response: &Response) -> Result<T, ConnectError> {
    response.json().map_err(ConnectError::without_effect)
}

/// An answer that is JSON but lacks what it must hold.
pub fn lacking(operation: &'static str, what: &str) -> ConnectError {
    let message = "Amazon sent an answer that could not be read.";
    ConnectError::new(ErrorKind::Decode, operation, message).without_effect().with_context(format!("no {what}"))
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
        let base = Url::parse("http://127.0.0.1:1/").unwrap();
        assert_eq!(address(&base, &["orders", "../a b?x#y"]).as_str(), "http://127.0.0.1:1/orders/..%2Fa%20b%3Fx%23y");
    }
}
