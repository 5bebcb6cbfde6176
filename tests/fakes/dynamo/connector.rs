//! The SDK's HTTP client that never leaves the process, and meets the faults on its way.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::engine::{Answer, Engine};
use crate::{Call, CallLog, Fault, Faults, Gate, SimClock};

#[derive(Debug, Clone)]
pub(super) struct Connector {
    pub(super) engine: Arc<Engine>,
    pub(super) faults: Faults,
    pub(super) calls: CallLog,
    pub(super) clock: SimClock,
}

/// What the faults of one call come to.
#[derive(Debug, Default)]
struct Course {
    refused: Option<StatusCode>,
    lost_request: bool,
    lost_answer: bool,
    malformed: bool,
    delay: std::time::Duration,
    gates: Vec<Gate>,
}

impl Connector {
    pub(super) fn into_client(self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self);
        http_client_fn(move |_, _| connector.clone())
    }

    async fn carry_out(self, operation: String, body: String) -> Result<HttpResponse, ConnectorError> {
        let path = format!("/{}/{operation}", table_of(&body));
        let number = self.calls.record(Call {
            at: self.clock.now(),
            method: Method::POST,
            path: path.clone(),
            query: None,
            headers: HeaderMap::new(),
            body: body.clone().into(),
            status: None,
        });
        let course = course(self.faults.meet(&Method::POST, &path));
        tokio::task::yield_now().await;
        for gate in &course.gates {
            gate.passed().await;
        }
        if course.lost_request {
            return Err(ConnectorError::io("the request was lost".into()));
        }
        let answer = match course.refused {
            Some(status) => refusal(status),
            None => self.engine.answer(&operation, &body),
        };
        if !course.delay.is_zero() {
            tokio::time::sleep(course.delay).await;
        }
        tokio::task::yield_now().await;
        if course.lost_answer {
            return Err(ConnectorError::io("the answer was lost".into()));
        }
        self.calls.answered(number, StatusCode::from_u16(answer.status).unwrap_or_default());
        Ok(response(answer, course.malformed))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
        let operation = operation.map(|(_, operation)| operation.to_owned()).unwrap_or_default();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        HttpConnectorFuture::new(self.clone().carry_out(operation, body))
    }
}

fn course(faults: Vec<Fault>) -> Course {
    let mut course = Course::default();
    for fault in faults {
        match fault {
            Fault::Answer { status, .. } => course.refused = Some(status),
            Fault::DropRequest => course.lost_request = true,
            Fault::DropResponse => course.lost_answer = true,
            Fault::Slow(delay) => course.delay = delay,
            Fault::Malformed => course.malformed = true,
            Fault::Held(gate) => course.gates.push(gate),
        }
    }
    course
}

/// The table that a request is about; of several (a batch, a transaction), the first.
fn table_of(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let of_transaction = || {
        let write = body["TransactItems"][0].as_object()?.values().next()?;
        write["TableName"].as_str().map(str::to_owned)
    };
    let of_batch = || body["RequestItems"].as_object()?.keys().next().cloned();
    body["TableName"].as_str().map(str::to_owned).or_else(of_batch).or_else(of_transaction).unwrap_or_default()
}

/// As DynamoDB words it: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
fn refusal(status: StatusCode) -> Answer {
    let (status, kind) = if status.is_server_error() {
        (status.as_u16(), "InternalServerError")
    } else if status == StatusCode::FORBIDDEN {
        (400, "AccessDeniedException")
    } else {
        (400, "ProvisionedThroughputExceededException")
    };
    let body =
        json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "refused by the test" });
    Answer { status, body: body.to_string() }
}

fn response(answer: Answer, malformed: bool) -> HttpResponse {
    let mut body = answer.body;
    if malformed {
        body.truncate(body.len() / 2);
    }
    let status = answer
        .status
        .try_into()
        .unwrap_or_else(|_| aws_smithy_runtime_api::http::StatusCode::try_from(500).expect("a status"));
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}
