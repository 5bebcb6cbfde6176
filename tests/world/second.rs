//! A second channel: a shop of its own, under whatever name the scenario gives it.

use app::ConnectionInput;
use domain::link::Target;
use domain::{ConnectionId, Link, ListingKey, Sku};
use fakes::woocommerce::{WooFake, WooShop};
use rust_decimal::Decimal;
use storage::Role;

use super::{World, store_input};

/// A channel beside eBay.
pub struct SecondChannel {
    pub shop: WooFake,
    pub id: ConnectionId,
}

impl World {
    /// Connects a shop as a channel, with these products as its listings, linked to nothing yet.
    pub async fn connect_channel(&self, name: &str, listings: &[(&str, i64)]) -> SecondChannel {
        let shop = WooShop::new().currency("GBP").clock(self.clock.clone()).start().await.unwrap();
        for (sku, quantity) in listings {
            shop.add_product(sku, sku, Decimal::new(1999, 2), *quantity);
        }
        let input = ConnectionInput { role: Role::Channel, name: name.to_owned(), ..store_input(&shop) };
        let id = self.app.connect(input).await.unwrap().id;
        SecondChannel { shop, id }
    }

    /// Links a listing of any channel, by its SKU, to products of the main store in these quantities.
    pub async fn link_parts(&self, channel: &ConnectionId, listing_sku: &str, products: &[(&str, u32, u32)]) {
        let targets = products.iter().map(|(sku, quantity, weight)| Target {
            product: self.product(sku),
            sku: Some(Sku::new(sku).unwrap()),
            quantity: *quantity,
            weight: *weight,
        });
        let listing = ListingKey::Sku(Sku::new(listing_sku).unwrap());
        let link = Link { connection: channel.clone(), listing, targets: targets.collect(), tax_rate: None };
        self.app.link(link).await.unwrap();
    }
}

impl SecondChannel {
    /// Every quantity that was set on a listing over the API, in the order in which they came.
    pub fn set(&self, sku: &str) -> Vec<i64> {
        let moves = self.shop.movements(sku).into_iter();
        moves.filter(|m| m.reason == fakes::woocommerce::MoveReason::Api).map(|m| m.to).collect()
    }

    /// How often quantities were set: one call may hold many.
    pub fn calls(&self) -> usize {
        self.shop.calls().count("POST */products/batch")
    }
}
