//! The few AWS calls that only a test makes, on the emulator's services.
//!
//! Signed as nobody in particular: the emulator lets unknown credentials do everything and checks no signature of theirs.

use reqwest::{Client, Method};
use serde_json::{Value, json};

#[derive(Debug)]
pub struct Aws {
    pub client: Client,
    pub endpoint: String,
}

impl Aws {
    async fn send(&self, service: &str, method: Method, path: &str, target: Option<&str>, body: &Value) -> Value {
        let version = if service == "sqs" { "1.0" } else { "1.1" };
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.endpoint))
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"),
            )
            .header("x-amz-date", "20260101T000000Z")
            .header("content-type", format!("application/x-amz-json-{version}"));
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{service} {path} {target:?}: {status} {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }

    async fn sqs(&self, operation: &str, body: &Value) -> Value {
        self.send("sqs", Method::POST, "/", Some(&format!("AmazonSQS.{operation}")), body).await
    }

    pub async fn put_message(&self, queue: &str, body: &str) {
        self.sqs("SendMessage", &json!({"QueueUrl": queue, "MessageBody": body})).await;
    }

    /// A queue of the owner's own: its URL and its ARN. Repeating it changes nothing.
    pub async fn create_queue(&self, name: &str) -> (String, String) {
        let made = self.sqs("CreateQueue", &json!({"QueueName": name})).await;
        let url = made["QueueUrl"].as_str().unwrap().to_owned();
        let asked = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
        let attributes = self.sqs("GetQueueAttributes", &asked).await;
        (url, attributes["Attributes"]["QueueArn"].as_str().unwrap().to_owned())
    }

    /// One message of the queue, taken off it.
    pub async fn take_message(&self, queue: &str) -> Option<String> {
        let answer = self.sqs("ReceiveMessage", &json!({"QueueUrl": queue, "VisibilityTimeout": 30})).await;
        let message = &answer["Messages"][0];
        let body = message["Body"].as_str()?.to_owned();
        self.sqs("DeleteMessage", &json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]})).await;
        Some(body)
    }

    /// A rule on a bus that sends what matches to a target.
    pub async fn put_rule(&self, bus: &str, name: &str, pattern: &Value, target: &str) {
        let rule = json!({"Name": name, "EventBusName": bus, "EventPattern": pattern.to_string(), "State": "ENABLED"});
        self.send("events", Method::POST, "/", Some("AWSEvents.PutRule"), &rule).await;
        let targets = json!({"Rule": name, "EventBusName": bus, "Targets": [{"Id": "owner", "Arn": target}]});
        let put = self.send("events", Method::POST, "/", Some("AWSEvents.PutTargets"), &targets).await;
        assert_eq!(put["FailedEntryCount"], 0, "{put}");
    }

    /// Every mail that the emulator's SES took.
    pub async fn mails(&self) -> Vec<Value> {
        let answer = self.client.get(format!("{}/_ministack/ses/messages", self.endpoint)).send().await.unwrap();
        let by_account: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let accounts = by_account["messages"].as_object().unwrap().values();
        accounts.filter_map(Value::as_array).flatten().cloned().collect()
    }

    /// Seconds after which a message that was not acknowledged is seen again.
    pub async fn set_visibility(&self, queue: &str, seconds: u32) {
        let attributes = json!({"VisibilityTimeout": seconds.to_string()});
        self.sqs("SetQueueAttributes", &json!({"QueueUrl": queue, "Attributes": attributes})).await;
    }

    /// Messages of the queue that are not visible yet, because they were sent with a delay.
    pub async fn delayed(&self, queue: &str) -> u64 {
        const COUNT: &str = "ApproximateNumberOfMessagesDelayed";
        let answer = self.sqs("GetQueueAttributes", &json!({"QueueUrl": queue, "AttributeNames": [COUNT]})).await;
        answer["Attributes"][COUNT].as_str().unwrap().parse().unwrap()
    }

    /// The newest lines of a function's log.
    pub async fn log_lines(&self, function: &str) -> Vec<String> {
        let body = json!({"logGroupName": format!("/aws/lambda/tributary-{function}"), "limit": 1000});
        let answer = self.send("logs", Method::POST, "/", Some("Logs_20140328.FilterLogEvents"), &body).await;
        let events = answer["events"].as_array().unwrap();
        let lines = events.iter().flat_map(|event| event["message"].as_str().unwrap().lines());
        lines.map(str::to_owned).collect()
    }

    async fn cognito(&self, operation: &str, body: &Value) -> Value {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        self.send("cognito-idp", Method::POST, "/", Some(&target), body).await
    }

    /// A pool that is not the stack's, and a client of it.
    pub async fn other_pool(&self) -> (String, String) {
        let made = self.cognito("CreateUserPool", &json!({"PoolName": "another"})).await;
        let pool = made["UserPool"]["Id"].as_str().unwrap().to_owned();
        let client = self.pool_client(&pool, 3600).await;
        (pool, client)
    }

    /// A client whose tokens are good for so many seconds. AWS itself allows no fewer than 300.
    pub async fn pool_client(&self, pool: &str, seconds: u32) -> String {
        let asked = json!({
            "UserPoolId": pool, "ClientName": format!("for-{seconds}-s"),
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "IdTokenValidity": seconds, "TokenValidityUnits": {"IdToken": "seconds"},
        });
        let made = self.cognito("CreateUserPoolClient", &asked).await;
        made["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned()
    }

    /// A new user of the pool, put into these groups, and a token.
    pub async fn user_token(&self, pool: &str, client: &str, email: &str, groups: &[&str]) -> String {
        const PASSWORD: &str = "a-Long-passw0rd-of-a-test!";
        let user = json!({
            "UserPoolId": pool, "Username": email, "MessageAction": "SUPPRESS", "TemporaryPassword": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        });
        self.cognito("AdminCreateUser", &user).await;
        let password = json!({"UserPoolId": pool, "Username": email, "Password": PASSWORD, "Permanent": true});
        self.cognito("AdminSetUserPassword", &password).await;
        for group in groups {
            let member = json!({"UserPoolId": pool, "Username": email, "GroupName": group});
            self.cognito("AdminAddUserToGroup", &member).await;
        }
        let sign_in = json!({
            "UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": email, "PASSWORD": PASSWORD},
        });
        let signed_in = self.cognito("AdminInitiateAuth", &sign_in).await;
        signed_in["AuthenticationResult"]["IdToken"].as_str().unwrap().to_owned()
    }

    pub async fn environment(&self, function: &str) -> Value {
        let path = format!("/2015-03-31/functions/tributary-{function}/configuration");
        self.send("lambda", Method::GET, &path, None, &Value::Null).await["Environment"].clone()
    }

    pub async fn set_environment(&self, function: &str, environment: &Value) {
        let path = format!("/2015-03-31/functions/tributary-{function}/configuration");
        self.send("lambda", Method::PUT, &path, None, &json!({"Environment": environment})).await;
    }
}
