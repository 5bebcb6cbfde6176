//! One function per endpoint of the management API, versions 2 and 3: <https://developer.bigcommerce.com/docs/rest-management>.

use connect::{ConnectError, Effect, Http, Method, Request, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::config::Config;
use crate::{auth, body, error, limits, wire};

/// A query's parameters.
pub(crate) type Query<'a> = &'a [(&'a str, &'a str)];

/// With its lines, its addresses and its fees inside: one call instead of four.
pub(crate) const WHOLE: [(&str, &str); 2] =
    [("include", "consignments.line_items,fees"), ("consignment_structure", "object")];
/// The most orders, lines or refunds on a page of version 2.
const MOST: &str = "250";

#[derive(Debug)]
pub(crate) struct Api {
    pub config: Config,
    http: Http,
}

/// An answer with the vendor's clock.
pub(crate) struct At<T> {
    pub value: T,
    pub server_time: Option<Timestamp>,
}

impl Api {
    pub const fn new(config: Config, http: Http) -> Self {
        Self { config, http }
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/store-information#get-store-information>
    pub async fn store(&self) -> Result<wire::StoreInformation, ConnectError> {
        self.get("bigcommerce.store", "v2/store", &[]).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/settings/inventory#get-inventory-settings>
    pub async fn inventory_settings(&self) -> Result<wire::InventorySettings, ConnectError> {
        self.data("bigcommerce.inventory_settings", "v3/settings/inventory", &[]).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/currencies#get-all-currencies>
    pub async fn currencies(&self) -> Result<Vec<wire::Currency>, ConnectError> {
        self.get("bigcommerce.currencies", "v2/currencies", &[("limit", MOST)]).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/orders#get-all-orders>; each unread, so that one bad order
    /// hides no other.
    pub async fn list_orders(
        &self,
        operation: &'static str,
        query: Query<'_>,
    ) -> Result<At<Vec<Box<RawValue>>>, ConnectError> {
        let response = self.ask(operation, Method::Get, "v2/orders", query).await?;
        Ok(At { server_time: response.date(), value: read_list(&response)? })
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/orders#get-an-order>
    pub async fn order(&self, operation: &'static str, id: u64) -> Result<wire::Order, ConnectError> {
        let mut order: wire::Order = self.get(operation, &format!("v2/orders/{id}"), &WHOLE).await?;
        self.complete_lines(&mut order).await?;
        Ok(order)
    }

    /// The same, unread: for an order that may turn out unreadable.
    pub async fn raw_order(&self, operation: &'static str, id: u64) -> Result<At<Box<RawValue>>, ConnectError> {
        let response = self.ask(operation, Method::Get, &format!("v2/orders/{id}"), &WHOLE).await?;
        Ok(At { server_time: response.date(), value: read(&response, Method::Get)? })
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/orders#create-an-order>
    pub async fn create_order(&self, order: &body::NewOrder) -> Result<wire::Order, ConnectError> {
        let operation = "bigcommerce.create_order";
        let request = self.request(operation, Method::Post, "v2/orders", &WHOLE)?.json(order)?;
        let response = self.send(request).await?;
        read(&response, Method::Post)
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/orders#update-an-order>
    pub async fn update_order(
        &self,
        operation: &'static str,
        id: u64,
        changes: &body::OrderChanges,
    ) -> Result<(), ConnectError> {
        // Its answer has no lines: whoever wants them reads the order again.
        self.write::<serde::de::IgnoredAny>(operation, Method::Put, &format!("v2/orders/{id}"), changes).await.map(drop)
    }

    /// All lines of an order whose answer did not hold all of them. The order says how many units it has; a line that was
    /// left out would be missing among them.
    /// <https://developer.bigcommerce.com/docs/rest-management/orders/order-products#list-order-products>
    pub async fn complete_lines(&self, order: &mut wire::Order) -> Result<(), ConnectError> {
        if order.has_all_lines() {
            return Ok(());
        }
        let path = format!("v2/orders/{}/products", order.id);
        let mut all: Vec<wire::OrderProduct> = Vec::new();
        for page in 1_u32.. {
            let query = [("limit", MOST), ("page", &page.to_string())];
            let response = self.ask("bigcommerce.order_products", Method::Get, &path, &query).await?;
            let more: Vec<wire::OrderProduct> = read_list(&response)?;
            let before = all.len();
            all.extend(more);
            all.sort_unstable_by_key(|line| line.id);
            all.dedup_by_key(|line| line.id);
            if all.len() == before {
                break;
            }
        }
        order.products = wire::Lines(Some(all));
        Ok(())
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/orders/order-shipments#get-order-shipments>
    pub async fn shipments(&self, order: u64) -> Result<Vec<wire::Shipment>, ConnectError> {
        self.list("bigcommerce.shipments", &format!("v2/orders/{order}/shipments"), &[("limit", MOST)]).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/orders/order-shipments#create-order-shipment>
    pub async fn create_shipment(
        &self,
        operation: &'static str,
        order: u64,
        shipment: &body::NewShipment,
    ) -> Result<wire::Shipment, ConnectError> {
        self.write(operation, Method::Post, &format!("v2/orders/{order}/shipments"), shipment).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/orders/order-shipments#update-a-shipment>
    pub async fn update_shipment(
        &self,
        order: u64,
        shipment: u64,
        changes: &body::ShipmentChanges,
    ) -> Result<(), ConnectError> {
        let path = format!("v2/orders/{order}/shipments/{shipment}");
        self.write::<wire::Shipment>("bigcommerce.edit_tracking", Method::Put, &path, changes).await.map(drop)
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/orders/order-taxes#get-all-order-taxes>
    pub async fn taxes(&self, order: u64) -> Result<Vec<wire::OrderTax>, ConnectError> {
        let query = [("details", "true"), ("limit", MOST)];
        self.list("bigcommerce.taxes", &format!("v2/orders/{order}/taxes"), &query).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/transactions#get-transactions>
    pub async fn transactions(&self, order: u64) -> Result<Vec<wire::Transaction>, ConnectError> {
        self.data_or_none("bigcommerce.transactions", &format!("v3/orders/{order}/transactions")).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/transactions/payment-actions#get-refunds-for-order>
    pub async fn refunds(&self, order: u64) -> Result<Vec<wire::Refund>, ConnectError> {
        self.data_or_none("bigcommerce.refunds", &format!("v3/orders/{order}/payment_actions/refunds")).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/transactions/payment-actions#create-a-refund>
    pub async fn create_refund(&self, order: u64, refund: &body::NewRefund) -> Result<(), ConnectError> {
        let path = format!("v3/orders/{order}/payment_actions/refunds");
        let made: Result<wire::Data<wire::Refund>, _> =
            self.write("bigcommerce.create_refund", Method::Post, &path, refund).await;
        made.map(drop)
    }

    /// <https://developer.bigcommerce.com/docs/rest-catalog/products#get-all-products>
    pub async fn products(
        &self,
        operation: &'static str,
        query: Query<'_>,
    ) -> Result<At<Vec<Box<RawValue>>>, ConnectError> {
        let response = self.ask(operation, Method::Get, "v3/catalog/products", query).await?;
        let data: wire::Data<Vec<Box<RawValue>>> = read(&response, Method::Get)?;
        Ok(At { server_time: response.date(), value: data.data })
    }

    /// <https://developer.bigcommerce.com/docs/rest-catalog/product-variants#get-all-variants>
    pub async fn variants(&self, sku: &str) -> Result<Vec<wire::Variant>, ConnectError> {
        let query = [("sku", sku), ("include_fields", "product_id,sku"), ("limit", MOST)];
        self.data("bigcommerce.variants", "v3/catalog/variants", &query).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/inventory/items#get-inventory-at-a-location>
    pub async fn location_items(&self, products: &str, page: u32) -> Result<Vec<wire::LocationItem>, ConnectError> {
        let path = format!("v3/inventory/locations/{}/items", self.config.location);
        let query = [("product_id:in", products), ("limit", "1000"), ("page", &page.to_string())];
        self.data("bigcommerce.location_items", &path, &query).await
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/inventory/adjustments#relative-adjustment>
    pub async fn adjust_by(&self, adjustment: &body::Adjustment) -> Result<(), ConnectError> {
        let path = "v3/inventory/adjustments/relative";
        let done: Result<serde::de::IgnoredAny, _> =
            self.write("bigcommerce.move_stock", Method::Post, path, adjustment).await;
        done.map(drop)
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/inventory/adjustments#absolute-adjustment>
    pub async fn adjust_to(&self, adjustment: &body::Adjustment) -> Result<(), ConnectError> {
        let path = "v3/inventory/adjustments/absolute";
        let done: Result<serde::de::IgnoredAny, _> =
            self.write("bigcommerce.set_quantities", Method::Put, path, adjustment).await;
        done.map(drop)
    }

    /// <https://developer.bigcommerce.com/docs/rest-management/customers#get-all-customers>
    pub async fn customers(&self, email: &str) -> Result<Vec<wire::Customer>, ConnectError> {
        self.data("bigcommerce.customers", "v3/customers", &[("email:in", email)]).await
    }

    /// <https://developer.bigcommerce.com/docs/webhooks/webhooks/manage-webhooks-bulk#get-webhooks>
    pub async fn hooks(&self, destination: &str) -> Result<Vec<wire::Hook>, ConnectError> {
        self.data_or_none_of("bigcommerce.hooks", "v3/hooks", &[("destination", destination), ("limit", MOST)]).await
    }

    /// <https://developer.bigcommerce.com/docs/webhooks/webhooks/manage-webhooks-single#create-a-webhook>
    pub async fn create_hook(&self, hook: &body::NewHook<'_>) -> Result<(), ConnectError> {
        let made: Result<wire::Data<wire::Hook>, _> =
            self.write("bigcommerce.create_hook", Method::Post, "v3/hooks", hook).await;
        made.map(drop)
    }

    /// <https://developer.bigcommerce.com/docs/webhooks/webhooks/manage-webhooks-single#update-a-webhook>
    pub async fn update_hook(&self, id: u64, changes: &body::HookChanges) -> Result<(), ConnectError> {
        let made: Result<wire::Data<wire::Hook>, _> =
            self.write("bigcommerce.update_hook", Method::Put, &format!("v3/hooks/{id}"), changes).await;
        made.map(drop)
    }

    /// <https://developer.bigcommerce.com/docs/webhooks/webhooks/manage-webhooks-single#delete-a-webhook>
    pub async fn delete_hook(&self, id: u64) -> Result<(), ConnectError> {
        let path = format!("v3/hooks/{id}");
        self.ask("bigcommerce.delete_hook", Method::Delete, &path, &[]).await.map(drop)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: Query<'_>,
    ) -> Result<T, ConnectError> {
        read(&self.ask(operation, Method::Get, path, query).await?, Method::Get)
    }

    async fn list<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: Query<'_>,
    ) -> Result<Vec<T>, ConnectError> {
        read_list(&self.ask(operation, Method::Get, path, query).await?)
    }

    async fn data<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: Query<'_>,
    ) -> Result<T, ConnectError> {
        let data: wire::Data<T> = self.get(operation, path, query).await?;
        Ok(data.data)
    }

    async fn data_or_none<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
    ) -> Result<Vec<T>, ConnectError> {
        self.data_or_none_of(operation, path, &[]).await
    }

    async fn data_or_none_of<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        query: Query<'_>,
    ) -> Result<Vec<T>, ConnectError> {
        let response = self.ask(operation, Method::Get, path, query).await?;
        if response.status == NO_CONTENT {
            return Ok(Vec::new());
        }
        let data: wire::Data<Vec<T>> = read(&response, Method::Get)?;
        Ok(data.data)
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
        let mut url = self.config.root.join(path).map_err(|_| {
            error::refused(operation, connect::ErrorKind::Unexpected, "Tributary could not write this request.")
        })?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = Request::new(operation, method, url);
        Ok(auth::authorise(&self.config, request.header("accept", "application/json").allowance(&limits::CALLS, 1)))
    }

    async fn send(&self, request: Request) -> Result<Response, ConnectError> {
        let method = request.method;
        let response = self.http.send(request).await?;
        if let Some(told) = limits::told(&response) {
            self.http.told(&limits::CALLS, told).await;
        }
        error::check(response, method)
    }
}

/// An empty list of version 2, and of some of version 3, is an answer without a body.
const NO_CONTENT: u16 = 204;

fn read_list<T: DeserializeOwned>(response: &Response) -> Result<Vec<T>, ConnectError> {
    if response.status == NO_CONTENT { Ok(Vec::new()) } else { read(response, Method::Get) }
}

fn read<T: DeserializeOwned>(response: &Response, method: Method) -> Result<T, ConnectError> {
    response.json().map_err(|mut error| {
        if method == Method::Get {
            error.effect = Effect::None;
        }
        error
    })
}
