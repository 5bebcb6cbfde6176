//! The Commerce Feedback API as far as a seller leaves feedback with it: which lines await it, and each once.
//! <https://developer.ebay.com/api-docs/commerce/feedback/resources/methods>

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Shared;
use super::errors::Refusal;
use super::http::{Answer, Asked};
use super::order::Order;
use super::render::listing_id;
use super::state::State;

/// A feedback that the seller left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    pub order_id: String,
    pub line_id: String,
    pub text: String,
}

const PAGE: usize = 25;
const LONGEST: usize = 500;

pub(super) fn answer(shared: &Shared, state: &mut State, asked: &Asked) -> Result<Answer, Refusal> {
    let segments = asked.segments();
    let path: Vec<&str> = segments.iter().skip(3).map(String::as_str).collect();
    match path[..] {
        ["awaiting_feedback"] if asked.method == Method::GET => Ok(awaiting(shared, state, asked)),
        ["feedback"] if asked.method == Method::POST => leave(state, asked),
        _ => Err(Refusal::no_such_resource()),
    }
}

/// Lines of orders that are paid, stand, and have no feedback of the seller yet.
fn waiting(state: &State) -> Vec<(&Order, String, Value)> {
    let mut lines = Vec::new();
    for order in state.orders.values().filter(|order| !order.is_canceled() && order.payment_status() == "PAID") {
        for (line, id) in order.spec.lines.iter().zip(order.spec.line_ids()) {
            if state.feedback.iter().all(|left| left.line_id != id) {
                let entry = json!({
                    "listingId": listing_id(line), "listingTitle": line.title, "orderLineItemId": id,
                    "transactionId": format!("T{id}"),
                });
                lines.push((order, id, entry));
            }
        }
    }
    lines
}

fn awaiting(shared: &Shared, state: &State, asked: &Asked) -> Answer {
    let all = waiting(state);
    let offset = asked.parameter("offset").and_then(|offset| offset.parse().ok()).unwrap_or(0);
    let limit = shared.faults.page_limit(PAGE);
    let page: Vec<Value> = all.iter().skip(offset).take(limit).map(|(_, _, entry)| entry.clone()).collect();
    let mut pagination = json!({"total": all.len(), "count": page.len(), "limit": limit, "offset": offset});
    if offset + page.len() < all.len() {
        pagination["next"] = json!(format!("/commerce/feedback/v1/awaiting_feedback?offset={}", offset + limit));
    }
    let count = json!({"asBuyer": 0, "asSeller": all.len()});
    Answer::ok(json!({"itemsAwaitingFeedbackCount": count, "lineItems": page, "pagination": pagination}))
}

fn leave(state: &mut State, asked: &Asked) -> Result<Answer, Refusal> {
    let body = asked.json();
    let refused = |message: &str| Refusal::feedback(StatusCode::BAD_REQUEST, message);
    if body["commentType"] != "POSITIVE" {
        return Err(refused("Sellers can only leave positive feedback."));
    }
    let text = body["commentText"].as_str().filter(|text| !text.is_empty() && text.chars().count() <= LONGEST);
    let text = text.ok_or_else(|| refused("The comment has 1 to 500 characters."))?.to_owned();
    let wanted = body["orderLineItemId"].as_str().unwrap_or_default();
    let found = waiting(state).into_iter().find(|(_, line, _)| line == wanted);
    let (order, line_id, _) = found.ok_or_else(|| refused("Feedback was left for this line item already."))?;
    let left = Feedback { order_id: order.spec.id.clone(), line_id, text };
    state.feedback.push(left);
    Ok(Answer::ok(json!({"feedbackId": format!("F{}", state.feedback.len())})))
}
