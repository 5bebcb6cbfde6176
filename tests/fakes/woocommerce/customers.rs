//! The shop's customers: listed by e-mail, named on orders, and never changed by either.
//!
//! <https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-customers>

use serde_json::{Value, json};

use super::WooFake;
use super::http::{Answer, Request};
use super::shop::Shop;
use super::state::Address;
use crate::locked;

/// A person with an account in the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub id: u64,
    pub email: String,
    /// `customer`, `subscriber`, `administrator` ...
    pub role: String,
    pub billing: Address,
}

impl Shop {
    /// Without `role=all` only those whose role is `customer` are listed; `email` is compared as a whole.
    pub fn list_customers(&self, request: &Request) -> Answer {
        let (email, role) = (request.param("email"), request.param("role").unwrap_or("customer"));
        let wanted = |customer: &&Customer| {
            (role == "all" || customer.role == role)
                && email.is_none_or(|email| customer.email.eq_ignore_ascii_case(email))
        };
        let found = self.customers.values().filter(wanted).map(customer_json).collect();
        Answer::ok(Value::Array(found))
    }
}

fn customer_json(customer: &Customer) -> Value {
    let place = &customer.billing;
    json!({
        "id": customer.id, "email": customer.email, "role": customer.role, "first_name": place.first_name,
        "last_name": place.last_name, "username": customer.email, "is_paying_customer": false,
        "billing": {"address_1": place.address_1, "city": place.city, "country": place.country, "phone": place.phone},
    })
}

impl WooFake {
    /// Somebody registers in the shop; their default address is `street`.
    pub fn add_customer(&self, email: &str, role: &str, street: &str) -> u64 {
        let mut shop = locked(&self.inside.shop);
        let id = shop.new_id();
        let billing = Address { address_1: street.to_owned(), ..Address::default() };
        let customer = Customer { id, email: email.to_owned(), role: role.to_owned(), billing };
        shop.customers.insert(id, customer);
        id
    }

    pub fn customers(&self) -> Vec<Customer> {
        locked(&self.inside.shop).customers.values().cloned().collect()
    }
}
