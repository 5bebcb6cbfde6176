//! One function per endpoint of the REST API v3: <https://woocommerce.github.io/woocommerce-rest-api-docs/>.

use connect::{ConnectError, Effect, ErrorKind, Http, Method, Request, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::body;
use crate::config::Config;
use crate::{auth, error, wire};

/// The most entries that a page or a batch may have (capture 40).
pub(crate) const MOST: usize = 100;

/// A query's parameters.
pub(crate) type Query<'a> = &'a [(&'a str, &'a str)];

#[derive(Debug)]
pub(crate) struct Api {
    pub config: Config,
    http: Http,
}

/// One page of a list: each entry unread, so that one bad entry hides no other.
pub(crate) struct RawPage {
    pub items: Vec<Box<RawValue>>,
    /// Pages of the whole list as of this answer; 0 or 1 where this is all of it.
    pub pages: u32,
    pub server_time: Option<Timestamp>,
}

/// An answer with the shop's clock.
pub(crate) struct At<T> {
    pub value: T,
    pub server_time: Option<Timestamp>,
}

impl Api {
    pub const fn new(config: Config, http: Http) -> Self {
        Self { config, http }
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#retrieve-current-currency>
    pub async fn currency(&self) -> Result<wire::Currency, ConnectError> {
        self.get("woocommerce.currency", "data/currencies/current", &[]).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders>
    pub async fn list_orders(
        &self,
        operation: &'static str,
        query: Query<'_>,
        page: u32,
    ) -> Result<RawPage, ConnectError> {
        self.list(operation, "orders", query, page).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#retrieve-an-order>
    pub async fn order(&self, id: u64) -> Result<wire::Order, ConnectError> {
        self.get("woocommerce.order", &format!("orders/{id}"), &[]).await
    }

    /// The same, unread: for an order that may turn out unreadable.
    pub async fn raw_order(&self, id: u64) -> Result<At<Box<RawValue>>, ConnectError> {
        let response = self.ask("woocommerce.order", Method::Get, &format!("orders/{id}"), &[]).await?;
        Ok(At { server_time: response.date(), value: read(&response, Method::Get)? })
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#create-an-order>
    pub async fn create_order(&self, order: &body::NewOrder) -> Result<wire::Order, ConnectError> {
        self.write("woocommerce.create_order", Method::Post, "orders", order).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#update-an-order>
    pub async fn update_order(
        &self,
        operation: &'static str,
        id: u64,
        changes: &body::OrderChanges,
    ) -> Result<wire::Order, ConnectError> {
        self.write(operation, Method::Put, &format!("orders/{id}"), changes).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#update-an-order>: its entries, by their ids.
    pub async fn mend_order(&self, id: u64, mending: &body::Mending) -> Result<wire::Order, ConnectError> {
        self.write("woocommerce.mend", Method::Put, &format!("orders/{id}"), mending).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-customers>: those with this e-mail, whatever their role.
    pub async fn customers(&self, email: &str) -> Result<Vec<wire::Customer>, ConnectError> {
        let query = [("email", email), ("role", "all"), ("_fields", "id,email")];
        self.get("woocommerce.customers", "customers", &query).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-order-notes>
    pub async fn notes(&self, order: u64) -> Result<Vec<wire::Note>, ConnectError> {
        self.get("woocommerce.notes", &format!("orders/{order}/notes"), &[]).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#create-an-order-note>. The buyer is not told.
    pub async fn create_note(&self, order: u64, note: &str) -> Result<(), ConnectError> {
        let body = body::NewNote { note, customer_note: false };
        let made: Result<wire::Note, _> =
            self.write("woocommerce.create_note", Method::Post, &format!("orders/{order}/notes"), &body).await;
        made.map(|_| ())
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-refunds>
    pub async fn refunds(&self, order: u64) -> Result<Vec<wire::Refund>, ConnectError> {
        let most = MOST.to_string();
        self.get("woocommerce.refunds", &format!("orders/{order}/refunds"), &[("per_page", &most)]).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#create-a-refund>
    pub async fn create_refund(&self, order: u64, refund: &body::NewRefund<'_>) -> Result<(), ConnectError> {
        let path = format!("orders/{order}/refunds");
        let made: Result<wire::Refund, _> = self.write("woocommerce.create_refund", Method::Post, &path, refund).await;
        made.map(|_| ())
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-products>
    pub async fn list_products(&self, query: Query<'_>, page: u32) -> Result<RawPage, ConnectError> {
        self.list("woocommerce.products", "products", query, page).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-product-variations>
    pub async fn list_variations(&self, product: u64, query: Query<'_>, page: u32) -> Result<RawPage, ConnectError> {
        self.list("woocommerce.variations", &format!("products/{product}/variations"), query, page).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#update-a-product>
    pub async fn update_product(&self, id: u64, changes: &body::ProductChanges) -> Result<wire::Product, ConnectError> {
        self.write("woocommerce.update_product", Method::Put, &format!("products/{id}"), changes).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#update-a-product-variation>
    pub async fn update_variation(
        &self,
        product: u64,
        id: u64,
        changes: &body::ProductChanges,
    ) -> Result<wire::Product, ConnectError> {
        let path = format!("products/{product}/variations/{id}");
        self.write("woocommerce.update_variation", Method::Put, &path, changes).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-products>; with a parent,
    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-product-variations>.
    pub async fn batch_products(&self, parent: Option<u64>, batch: &body::Batch) -> Result<wire::Batch, ConnectError> {
        let path = parent.map_or_else(|| "products/batch".to_owned(), |id| format!("products/{id}/variations/batch"));
        self.write("woocommerce.set_quantities", Method::Post, &path, batch).await
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-webhooks>: the webhooks of a page, and the pages.
    pub async fn webhooks(&self, query: Query<'_>, page: u32) -> Result<(Vec<wire::Webhook>, u32), ConnectError> {
        const OPERATION: &str = "woocommerce.webhooks";
        let page = page.to_string();
        let mut paged = query.to_vec();
        paged.push(("page", &page));
        let response = self.ask(OPERATION, Method::Get, "webhooks", &paged).await?;
        let pages = response.header("x-wp-totalpages").and_then(|pages| pages.trim().parse().ok()).unwrap_or(1);
        Ok((read(&response, Method::Get)?, pages))
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#create-a-webhook>
    pub async fn create_webhook(&self, hook: &body::Webhook<'_>) -> Result<(), ConnectError> {
        let made: Result<wire::Webhook, _> =
            self.write("woocommerce.create_webhook", Method::Post, "webhooks", hook).await;
        made.map(drop)
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#update-a-webhook>
    pub async fn update_webhook(&self, id: u64, hook: &body::Webhook<'_>) -> Result<(), ConnectError> {
        let path = format!("webhooks/{id}");
        let changed: Result<wire::Webhook, _> =
            self.write("woocommerce.update_webhook", Method::Put, &path, hook).await;
        changed.map(drop)
    }

    /// <https://woocommerce.github.io/woocommerce-rest-api-docs/#delete-a-webhook>
    pub async fn delete_webhook(&self, id: u64) -> Result<(), ConnectError> {
        let path = format!("webhooks/{id}");
        let force = [("force", "true")];
        self.ask("woocommerce.delete_webhook", Method::Delete, &path, &force).await.map(drop)
    }

    async fn list(
        &self,
        operation: &'static str,
        path: &str,
        query: Query<'_>,
        page: u32,
    ) -> Result<RawPage, ConnectError> {
        let page = page.to_string();
        let mut paged = query.to_vec();
        paged.push(("page", &page));
        let response = self.ask(operation, Method::Get, path, &paged).await?;
        let pages = response.header("x-wp-totalpages").and_then(|pages| pages.trim().parse().ok());
        let pages = pages.ok_or_else(|| {
            let message = "The shop does not say how long its lists are; something in front of it may be removing it.";
            ConnectError::new(ErrorKind::Decode, operation, message).with_context("no X-WP-TotalPages").without_effect()
        })?;
        Ok(RawPage { items: read(&response, Method::Get)?, pages, server_time: response.date() })
    }

    async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: Query<'_>,
    ) -> Result<T, ConnectError> {
        read(&self.ask(operation, Method::Get, path, query).await?, Method::Get)
    }

    async fn write<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ConnectError> {
        let request = self.request(operation, method, path, &[])?.json(body)?;
        read(&self.send(request).await?, method)
    }

    async fn ask(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        query: Query<'_>,
    ) -> Result<Response, ConnectError> {
        self.send(self.request(operation, method, path, query)?).await
    }

    fn request(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        query: Query<'_>,
    ) -> Result<Request, ConnectError> {
        let mut url =
            self.config.site.rest.join(path).map_err(|_| {
                error::refused(operation, ErrorKind::Unexpected, "Tributary could not write this request.")
            })?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        auth::authorise(&self.config, Request::new(operation, method, url).header("accept", "application/json"), path)
    }

    async fn send(&self, request: Request) -> Result<Response, ConnectError> {
        let method = request.method;
        error::check(self.http.send(request).await?, method)
    }
}

fn read<T: DeserializeOwned>(response: &Response, method: Method) -> Result<T, ConnectError> {
    response.json().map_err(|mut error| {
        if method == Method::Get {
            error.effect = Effect::None;
        }
        error
    })
}
