//! What the store says of itself, and who its customers are.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::http::{Answer, Asked};
use super::{HASH, Inner};

impl Inner {
    pub(super) fn store_information(&self) -> Answer {
        Answer::ok(json!({
            "id": HASH, "domain": "a-store.test", "secure_url": "https://a-store.test", "status": "live",
            "name": "A store", "currency": self.store.currency, "country_code": "US", "plan_name": "Standard",
            "is_price_entered_with_tax": false, "default_channel_id": 1, "store_id": 4711,
        }))
    }

    pub(super) fn inventory_settings(&self) -> Answer {
        let settings = json!({
            "product_out_of_stock_behavior": "do_nothing", "option_out_of_stock_behavior": "do_nothing",
            "update_stock_behavior": self.store.stock_moves.word(), "edit_order_stock_adjustment": false,
            "refund_order_stock_adjustment": self.store.restocks, "stock_level_display": "dont_show",
            "default_out_of_stock_message": "", "hide_in_product_filtering": false, "show_pre_order_stock_levels": false,
            "show_out_of_stock_message": false,
        });
        Answer::data(StatusCode::OK, &settings)
    }

    pub(super) fn currencies(&self, asked: &Asked) -> Answer {
        if asked.number("page").is_some_and(|page| page > 1) {
            return Answer::list(Vec::new());
        }
        let all = self.store.transactional.iter().enumerate().map(|(index, code)| {
            json!({
                "id": index + 1, "is_default": *code == self.store.currency, "currency_code": code, "enabled": true,
                "is_transactional": true, "currency_exchange_rate": "1.0000000000", "decimal_places": 2, "name": code,
            })
        });
        let shown = json!({
            "id": 99, "is_default": false, "currency_code": "SEK", "enabled": true, "is_transactional": false,
            "currency_exchange_rate": "10.0000000000", "decimal_places": 2, "name": "Shown only",
        });
        Answer::list(all.chain([shown]).collect())
    }

    pub(super) fn customers(&self, asked: &Asked) -> Answer {
        let emails = asked.list("email:in").unwrap_or_default();
        let found = self
            .store
            .customers
            .iter()
            .filter(|(_, email)| emails.iter().any(|asked| asked.eq_ignore_ascii_case(email)));
        let found: Vec<Value> = found.map(|(id, email)| json!({"id": id, "email": email})).collect();
        Answer::data(StatusCode::OK, &Value::Array(found))
    }
}
