//! The links table: links by listing and by product, orders that wait for a link, holds on products.

use domain::{ConnectionId, Link, ListingKey, OrderId, ProductId, Sku};

use crate::client::Table;
use crate::error::StorageError;
use crate::page::{Page, PageRequest};

/// Units of a product that an order not yet imported keeps from the other channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub product: ProductId,
    pub order: OrderId,
    pub units: u32,
    /// The units have left the store's stock already.
    pub applied: bool,
}

/// The links table.
///
/// An order that finds no link calls [`Links::wait`] first and reads the links again after it; who links calls [`Links::put`]
/// first and [`Links::waiting`] after it. Both reads are strongly consistent, so that one of the two sees the other.
#[derive(Debug, Clone)]
pub struct Links {
    table: Table,
}

impl Links {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    /// Strongly consistent; absent ones left out.
    pub async fn get_many(&self, connection: &ConnectionId, keys: &[ListingKey]) -> Result<Vec<Link>, StorageError> {
        todo!()
    }

    /// Stores the link in place of an earlier one of its listing. It must be valid (see [`Link::validate`]).
    pub async fn put(&self, link: &Link) -> Result<(), StorageError> {
        todo!()
    }

    /// Repeating it changes nothing.
    pub async fn delete(&self, connection: &ConnectionId, listing: &ListingKey) -> Result<(), StorageError> {
        todo!()
    }

    pub async fn list(&self, connection: &ConnectionId, page: &PageRequest) -> Result<Page<Link>, StorageError> {
        todo!()
    }

    /// Every link that has the product among its targets.
    pub async fn of_product(&self, product: &ProductId) -> Result<Vec<Link>, StorageError> {
        todo!()
    }

    /// Every link whose listing is keyed by the SKU or that has a target with it. What was linked moments ago may be missing.
    pub async fn of_sku(&self, sku: &Sku) -> Result<Vec<Link>, StorageError> {
        todo!()
    }

    /// Notes that the order waits for a link of any of the listings. Repeating it changes nothing.
    pub async fn wait(&self, order: OrderId, connection: &ConnectionId, keys: &[ListingKey]) -> Result<(), StorageError> {
        todo!()
    }

    /// The orders that wait for a link of the listing; strongly consistent.
    pub async fn waiting(&self, connection: &ConnectionId, key: &ListingKey) -> Result<Vec<OrderId>, StorageError> {
        todo!()
    }

    /// Repeating it changes nothing.
    pub async fn stop_waiting(
        &self,
        order: OrderId,
        connection: &ConnectionId,
        keys: &[ListingKey],
    ) -> Result<(), StorageError> {
        todo!()
    }

    /// Stores the hold in place of an earlier one of the same order on the same product.
    pub async fn hold(&self, hold: &Hold) -> Result<(), StorageError> {
        todo!()
    }

    /// Strongly consistent.
    pub async fn holds(&self, product: &ProductId) -> Result<Vec<Hold>, StorageError> {
        todo!()
    }

    /// Repeating it changes nothing.
    pub async fn release(&self, product: &ProductId, order: OrderId) -> Result<(), StorageError> {
        todo!()
    }
}
