//! The answers that every route has: a refusal of ours is a problem, one of API Gateway is a message.

use serde_json::{Map, Value, json};

/// What API Gateway says by itself: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
pub fn schema() -> Value {
    json!({
        "type": "object",
        "description": "What the gateway in front of the API says when a request does not come through to it.",
        "properties": { "message": { "type": ["string", "null"] } },
        "required": ["message"],
        "additionalProperties": true,
    })
}

/// The content of a refusal of ours.
pub fn problem() -> Value {
    json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } })
}

fn of_gateway() -> Value {
    json!({ "application/json": { "schema": { "$ref": "#/components/schemas/GatewayAnswer" } } })
}

fn of_either() -> Value {
    let mut content = problem();
    content["application/json"] = of_gateway()["application/json"].clone();
    content
}

/// By name, as `components.responses`.
pub fn shared_answers() -> Map<String, Value> {
    let retry_after = json!({ "retry-after": {
        "description": "Seconds after which it may be tried again",
        "schema": { "type": "integer", "minimum": 1 },
    } });
    let said = |description: &str, content: Value| json!({ "description": description, "content": content });
    let mut busy = said("Not just now, or a platform is busy; or the gateway could not reach the API.", of_either());
    busy["headers"] = retry_after;
    let answers = [
        (
            "BadRequest",
            said(
                "The body is not JSON; or a query parameter or header is unknown, given twice, or not what it should be.",
                problem(),
            ),
        ),
        ("Unauthorized", said("No token, or one that has ended.", of_gateway())),
        (
            "Forbidden",
            said(
                "Who is signed in may not: owners act (`read-only`), viewers look (`no-role`); or the gateway knows no such route.",
                of_either(),
            ),
        ),
        ("TooLarge", said("The body has more than 1,000,000 bytes.", of_either())),
        ("Repeated", said(KEY_IN_THE_WAY, problem())),
        ("KeyReused", said("`idempotency-key-reused`: it was the key of another request.", problem())),
        (
            "Unprocessable",
            said("A field of the body is missing, unknown, or cannot be so; or `idempotency-key-reused`.", problem()),
        ),
        ("TooMany", said("More requests in a second than the API takes; try again.", of_gateway())),
        ("Failed", said("A failure of ours; it is in the log.", of_either())),
        (
            "BadAnswer",
            said("A platform gave an answer that cannot be used; or the API gave the gateway none.", of_either()),
        ),
        ("Busy", busy),
        ("TooLate", said("A platform gave no answer in time; or the API gave the gateway none.", of_either())),
    ];
    answers.into_iter().map(|(name, answer)| (name.to_owned(), answer)).collect()
}

/// The one POST that only reads: its question is long.
pub const READS_BY_POST: &str = "/orders/dry-run";
pub const KEY_IN_THE_WAY: &str =
    "`request-runs` or `answer-not-kept`: what became of an earlier request with this `Idempotency-Key`.";

/// What a POST that acts may carry.
pub fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Sent again with the same key within a day, the request is answered again and nothing is done twice. A \
                        repeated answer carries `Idempotent-Replayed: true`.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
    })
}

/// Which of them a route has, by status. A route without a token answers people with pages of its own.
pub fn answers_of(is_open: bool, has_body: bool, takes_key: bool) -> Vec<(&'static str, &'static str)> {
    let of_body = [("413", "TooLarge"), ("422", "Unprocessable")];
    let of_key = [("409", "Repeated"), ("413", "TooLarge"), ("422", "KeyReused")];
    let of_token = [("400", "BadRequest"), ("401", "Unauthorized"), ("403", "Forbidden")];
    let always = [("429", "TooMany"), ("500", "Failed"), ("502", "BadAnswer"), ("503", "Busy"), ("504", "TooLate")];
    let of_body = of_body.into_iter().filter(|_| has_body);
    let of_key = of_key.into_iter().filter(|_| takes_key);
    of_body.chain(of_key).chain(of_token.into_iter().filter(|_| !is_open)).chain(always).collect()
}
