//! One function per operation of the Admin GraphQL API: <https://shopify.dev/docs/api/admin-graphql/2026-10>.

use std::fmt;
use std::sync::Arc;

use connect::{Allowance, ConnectError, ErrorKind, Http, Method, PageToken, Request, Response, TokenStore, Told};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::auth::{ShopifyRefresh, below};
use crate::config::{Config, Grant};
use crate::error::{self, Call};
use crate::wire::{self, Connection, Envelope, points};

mod documents;
mod lists;
mod writes;

use documents::{
    CUSTOMER_BY_EMAIL, ORDER, ORDER_LINES, ORDER_TO_SHIP, Operation, SHOP, VARIANTS_BY_ID, VARIANTS_QUERY,
    WEBHOOK_SUBSCRIPTIONS,
};
pub(crate) use lists::{By, any_of};

/// The version of the API that the documents are written for: <https://shopify.dev/docs/api/usage/versioning>.
const PATH: &str = "admin/api/2026-10/graphql.json";

/// The bucket of points of a shop on a standard plan, as far as is known before the first answer: 100 points a second, and
/// room for the dearest single query at least. Every answer says what it really is.
/// <https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits>
pub(crate) const POINTS: &Allowance = &Allowance { name: "points", burst: 1_000, per_hour: 360_000 };

const VARIANTS: u32 = 100;
/// Variants that are asked for together by their ids, each of which may have to be paid.
const VARIANTS_TOGETHER: usize = 50;
/// The most that a list given as input may hold: <https://shopify.dev/docs/api/usage/limits#input-array-limits>.
pub(crate) const MOST: usize = 250;

pub(crate) struct Api {
    pub config: Config,
    http: Http,
    tokens: Arc<dyn TokenStore>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("config", &self.config).finish_non_exhaustive()
    }
}

/// An answer with Shopify's clock.
pub(crate) struct At<T> {
    pub value: T,
    pub server_time: Option<Timestamp>,
}

impl Api {
    pub const fn new(config: Config, http: Http, tokens: Arc<dyn TokenStore>) -> Self {
        Self { config, http, tokens }
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/order>
    pub async fn order(&self, id: &str) -> Result<At<Box<RawValue>>, ConnectError> {
        #[derive(Deserialize)]
        struct Data {
            order: Option<Box<RawValue>>,
        }
        let answer = self.call::<Data>(ORDER, &json!({"id": id})).await?;
        let value = answer.value.order.ok_or_else(|| not_found(ORDER.name))?;
        Ok(At { value, server_time: answer.server_time })
    }

    /// An order with what is left to send of it:
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/objects/FulfillmentOrder>
    pub async fn order_to_ship(&self, id: &str) -> Result<wire::Order, ConnectError> {
        #[derive(Deserialize)]
        struct Data {
            order: Option<wire::Order>,
        }
        let answer = self.call::<Data>(ORDER_TO_SHIP, &json!({"id": id})).await?;
        let order = answer.value.order.ok_or_else(|| not_found(ORDER_TO_SHIP.name))?;
        self.with_every_line(order).await
    }

    /// Reads the lines that did not fit into the order's own answer.
    pub async fn with_every_line(&self, mut order: wire::Order) -> Result<wire::Order, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Lines {
            line_items: Connection<wire::LineItem>,
        }
        #[derive(Deserialize)]
        struct Data {
            order: Option<Lines>,
        }
        let mut after = std::mem::take(&mut order.line_items.page_info).next();
        while let Some(cursor) = after {
            let answer = self.call::<Data>(ORDER_LINES, &json!({"id": order.id, "after": cursor})).await?;
            let lines = answer.value.order.ok_or_else(|| not_found(ORDER_LINES.name))?.line_items;
            order.line_items.nodes.extend(lines.nodes);
            after = lines.page_info.next();
        }
        Ok(order)
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/shop>, with the shop's locations:
    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/locations>
    pub async fn shop(&self) -> Result<(wire::Shop, Vec<wire::Location>), ConnectError> {
        #[derive(Deserialize)]
        struct Data {
            shop: wire::Shop,
            locations: wire::Nodes<wire::Location>,
        }
        let answer = self.call::<Data>(SHOP, &json!({})).await?;
        Ok((answer.value.shop, answer.value.locations.nodes))
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/productVariants>
    pub async fn variants(
        &self,
        query: Option<&str>,
        location: &str,
        page: Option<&PageToken>,
    ) -> Result<At<Connection<wire::ProductVariant>>, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            product_variants: Connection<wire::ProductVariant>,
        }
        let after = page.map(|page| page.0.as_str());
        let variables = json!({"query": query, "first": VARIANTS, "after": after, "location": location});
        let answer = self.call::<Data>(VARIANTS_QUERY, &variables).await?;
        Ok(At { value: answer.value.product_variants, server_time: answer.server_time })
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/nodes>. What is gone is missing.
    pub async fn variants_by_id(
        &self,
        ids: &[String],
        location: &str,
    ) -> Result<Vec<wire::ProductVariant>, ConnectError> {
        #[derive(Deserialize)]
        struct Data {
            nodes: Vec<Option<wire::ProductVariant>>,
        }
        let mut found = Vec::new();
        for some in ids.chunks(VARIANTS_TOGETHER) {
            let operation = VARIANTS_BY_ID.with_ids(some.len(), VARIANTS_TOGETHER);
            let answer = self.call::<Data>(operation, &json!({"ids": some, "location": location})).await?;
            found.extend(answer.value.nodes.into_iter().flatten());
        }
        Ok(found)
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/customerByIdentifier>
    pub async fn customer_by_email(&self, email: &str) -> Result<Option<String>, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            customer_by_identifier: Option<wire::Id>,
        }
        let answer = self.call::<Data>(CUSTOMER_BY_EMAIL, &json!({"email": email})).await?;
        Ok(answer.value.customer_by_identifier.map(|customer| customer.id))
    }

    /// <https://shopify.dev/docs/api/admin-graphql/2026-10/queries/webhookSubscriptions>
    pub async fn webhook_subscriptions(&self) -> Result<Vec<wire::WebhookSubscription>, ConnectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            webhook_subscriptions: Connection<wire::WebhookSubscription>,
        }
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let answer = self.call::<Data>(WEBHOOK_SUBSCRIPTIONS, &json!({"after": after})).await?;
            let page = answer.value.webhook_subscriptions;
            all.extend(page.nodes);
            after = page.page_info.next();
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// Sends one document and reads its data. An answer that is JSON but of another shape is `Decode`.
    async fn call<T: DeserializeOwned>(&self, operation: Operation, variables: &Value) -> Result<At<T>, ConnectError> {
        let answer = self.exchange(operation, variables).await.map_err(|error| of_call(operation, error))?;
        let value = json::from_str(answer.value.get());
        let value = value.map_err(|error| of_call(operation, unreadable(operation.name, &error)))?;
        Ok(At { value, server_time: answer.server_time })
    }

    async fn exchange(&self, operation: Operation, variables: &Value) -> Result<At<Box<RawValue>>, ConnectError> {
        let request = Request::new(operation.name, Method::Post, below(&self.config.admin, PATH))
            .header("accept", "application/json")
            .allowance(POINTS, operation.points)
            .json(&json!({
                "query": operation.document(),
                "operationName": operation.operation_name(),
                "variables": variables,
            }))?;
        let response = self.send(request).await?;
        if !response.is_success() {
            return Err(error::of_status(&response, operation.call));
        }
        let envelope: Envelope =
            json::from_slice(&response.body).map_err(|error| unreadable(operation.name, &error))?;
        self.tell(operation, &envelope).await;
        if !envelope.errors.is_empty() {
            return Err(error::of_errors(operation.name, operation.call, &envelope));
        }
        let value = envelope.data.ok_or_else(|| lacking(operation.name))?;
        Ok(At { value, server_time: response.date() })
    }

    /// Passes on what the answer says of the bucket, and what the query was spared of what it might have cost.
    async fn tell(&self, operation: Operation, envelope: &Envelope) {
        let cost = envelope.extensions.as_ref().and_then(|extensions| extensions.cost.as_ref());
        if let Some(status) = cost.and_then(|cost| cost.throttle_status.as_ref()) {
            let actual = cost.and_then(|cost| cost.actual_query_cost.as_ref()).map(points);
            let told = Told {
                left: Some(points(&status.currently_available)),
                burst: Some(points(&status.maximum_available)),
                per_hour: Some(points(&status.restore_rate).saturating_mul(3600)),
                unused: actual.map_or(0, |actual| operation.points.saturating_sub(actual)),
            };
            self.http.told(POINTS, told).await;
        }
    }

    async fn send(&self, request: Request) -> Result<Response, ConnectError> {
        if let Grant::Token(token) = &self.config.grant {
            return self.http.send(authorised(request, token)).await;
        }
        let token = self.token(None).await?;
        let response = self.http.send(authorised(request.clone(), &token)).await?;
        if response.status != 401 {
            return Ok(response);
        }
        let fresh = self.token(Some(&token)).await?;
        self.http.send(authorised(request, &fresh)).await
    }

    async fn token(&self, rejected: Option<&SecretString>) -> Result<SecretString, ConnectError> {
        let refresh = ShopifyRefresh { http: &self.http, admin: &self.config.admin, grant: &self.config.grant };
        // Without a token nothing was sent.
        let token = self.tokens.access(self.http.connection(), rejected, &refresh).await;
        token.map_err(ConnectError::without_effect)
    }
}

/// <https://shopify.dev/docs/api/admin-graphql/2026-10#authentication>
fn authorised(request: Request, token: &SecretString) -> Request {
    request.header("x-shopify-access-token", token.expose_secret())
}

fn not_found(operation: &'static str) -> ConnectError {
    error::refused(operation, ErrorKind::NotFound, "Shopify has no such order.")
}

const UNREADABLE: &str = "Shopify sent an answer that could not be read.";

/// An answer that lacks what it must hold.
fn lacking(operation: &'static str) -> ConnectError {
    ConnectError::new(ErrorKind::Decode, operation, UNREADABLE).with_context("its data is missing")
}

/// What serde says of a wrong value may quote it, so only the place is kept.
fn unreadable(operation: &'static str, error: &serde_json::Error) -> ConnectError {
    let place = format!("{:?} at line {} column {}", error.classify(), error.line(), error.column());
    ConnectError::new(ErrorKind::Decode, operation, UNREADABLE).with_context(place)
}

/// A read that failed has changed nothing.
fn of_call(operation: Operation, error: ConnectError) -> ConnectError {
    match operation.call {
        Call::Read => error.without_effect(),
        Call::Write => error,
    }
}

#[cfg(test)]
mod tests;
