//! __Title__'s endpoints: one function each.

// CHANGE: the vendor's calls, each with the link to its page above it.

use connect::{ConnectError, Http, Method, PageToken, Request, Response, Window};
use serde::de::DeserializeOwned;
use url::Url;

use crate::auth::authorised;
use crate::config::Config;
use crate::error::{self, Call};
use crate::wire;

/// __Title__ for one seller.
pub struct Api {
    pub http: Http,
    pub config: Config,
}

/// Which of an order's dates a window is about.
#[derive(Debug, Clone, Copy)]
pub enum Dates {
    Changed,
    Placed,
}

impl Api {
    pub async fn get_account(&self) -> Result<wire::Account, ConnectError> {
        decode(&self.read("__snake__.get_account", self.address(&["account"])).await?)
    }

    /// The cursor goes on in the same window.
    pub async fn get_orders(
        &self,
        dates: Dates,
        window: &Window,
        page: Option<&PageToken>,
    ) -> Result<Response, ConnectError> {
        let (from, to) = match dates {
            Dates::Changed => ("changed_from", "changed_to"),
            Dates::Placed => ("placed_from", "placed_to"),
        };
        let mut url = self.address(&["orders"]);
        url.query_pairs_mut().append_pair(from, &window.from.to_string()).append_pair(to, &window.to.to_string());
        self.read("__snake__.get_orders", at(url, page)).await
    }

    pub async fn get_order(&self, id: &str) -> Result<Response, ConnectError> {
        self.read("__snake__.get_order", self.address(&["orders", id])).await
    }

    pub async fn get_listings(&self, page: Option<&PageToken>) -> Result<Response, ConnectError> {
        self.read("__snake__.get_listings", at(self.address(&["listings"]), page)).await
    }

    pub async fn set_quantity(&self, sku: &str, quantity: u32) -> Result<(), ConnectError> {
        let url = self.address(&["listings", sku, "quantity"]);
        let request = Request::new("__snake__.set_quantity", Method::Put, url).json(&wire::Quantity { quantity })?;
        self.checked(request, Call::Write).await?.json::<wire::Quantity>().map(drop)
    }

    pub async fn get_packages(&self, order: &str) -> Result<wire::Packages, ConnectError> {
        decode(&self.read("__snake__.get_packages", self.address(&["orders", order, "packages"])).await?)
    }

    pub async fn create_package(&self, order: &str, package: &wire::NewPackage) -> Result<wire::Package, ConnectError> {
        let url = self.address(&["orders", order, "packages"]);
        let request = Request::new("__snake__.create_package", Method::Post, url).json(package)?;
        self.checked(request, Call::Write).await?.json()
    }

    async fn read(&self, operation: &'static str, url: Url) -> Result<Response, ConnectError> {
        self.checked(Request::new(operation, Method::Get, url), Call::Read).await
    }

    async fn checked(&self, request: Request, call: Call) -> Result<Response, ConnectError> {
        let response = self.http.send(authorised(request, &self.config)).await?;
        if response.is_success() { Ok(response) } else { Err(error::classify(&response, call)) }
    }

    /// `segments` below the base's own path, each percent-encoded: an id cannot leave its place.
    fn address(&self, segments: &[&str]) -> Url {
        let mut url = self.config.api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

fn at(mut url: Url, page: Option<&PageToken>) -> Url {
    if let Some(PageToken(cursor)) = page {
        url.query_pairs_mut().append_pair("cursor", cursor);
    }
    url
}

/// Reads the answer to a call that changes nothing.
pub fn decode<T: DeserializeOwned>(response: &Response) -> Result<T, ConnectError> {
    response.json().map_err(ConnectError::without_effect)
}
