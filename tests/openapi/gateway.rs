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
        ("Forbidden", said("The token does not allow it.", of_either())),
        ("TooLarge", said("The body has more than 1,000,000 bytes.", of_either())),
        ("Unprocessable", said("A field of the body is missing, unknown, or cannot be so.", problem())),
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

/// Which of them a route has, by status. A route without a token answers people with pages of its own.
pub fn answers_of(is_open: bool, has_body: bool) -> Vec<(&'static str, &'static str)> {
    let of_body = [("413", "TooLarge"), ("422", "Unprocessable")];
    let of_token = [("400", "BadRequest"), ("401", "Unauthorized"), ("403", "Forbidden")];
    let always = [("429", "TooMany"), ("500", "Failed"), ("502", "BadAnswer"), ("503", "Busy"), ("504", "TooLate")];
    let of_body = of_body.into_iter().filter(|_| has_body);
    of_body.chain(of_token.into_iter().filter(|_| !is_open)).chain(always).collect()
}
