//! The API, the reports and a small Cognito on a port of loopback, and the binary that asks them.

use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use app::App;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::ConnectionId;
use fakes::{Base, FakeServer, Listener, SimClock};
use jiff::tz::TimeZone;
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use storage::Role;
use tempfile::TempDir;

use crate::support::World;
use crate::whole_api::whole_api;

pub const PASSWORD: &str = "correct horse battery";
pub const REFRESH: &str = "refresh-token-1";
/// Each token that is granted begins so, and every one of them is let in.
const GRANTED: &str = "id-token-";

/// One deployment, and a home directory of whoever asks it.
pub struct Served {
    pub world: World,
    pub server: FakeServer,
    home: TempDir,
}

/// What a run of the binary left behind.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Served {
    pub async fn new() -> Self {
        let world = World::new();
        let api = whole_api(&world.app)
            .merge(Router::new().route("/reports/{what}", get(report)).with_state(world.app.clone()))
            .layer(from_fn(authorized));
        let router = Router::new().nest("/v1", api).route("/cognito", post(cognito));
        let base = Base::new(SimClock::real(), |status| {
            ("application/json", json!({ "message": status.to_string() }).to_string())
        });
        let server = Listener::bind().await.unwrap().serve(router, base);
        Self { world, server, home: tempfile::tempdir().unwrap() }
    }

    /// One with a channel and a main store, and a token to ask it with.
    pub async fn with_channel() -> (Self, ConnectionId) {
        let served = Self::new().await;
        let channel = served.world.connected("market-1", "market", Role::Channel).await;
        served.world.connected("shop-1", "shop", Role::MainStore).await;
        served.world.platforms.held.lock().unwrap().products = vec![("10", Some("MUG")), ("11", Some("CUP"))];
        let kept = served.typing("id-token-given\n", &["login", "--with-token"]);
        assert_eq!(kept.code, 0, "{kept:?}");
        (served, channel)
    }

    pub fn api(&self) -> String {
        format!("{}/v1", self.server.url())
    }

    pub fn cognito(&self) -> String {
        format!("{}/cognito", self.server.url())
    }

    pub fn kept(&self, file: &str) -> std::path::PathBuf {
        self.home.path().join("tributary").join(file)
    }

    pub fn run(&self, words: &[&str]) -> Run {
        self.typing("", words)
    }

    /// The same with something on standard input.
    pub fn typing(&self, typed: &str, words: &[&str]) -> Run {
        let api = self.api();
        self.bare(&[("TRIBUTARY_API", &api)], typed, words)
    }

    /// With nothing in the environment but this.
    pub fn bare(&self, environment: &[(&str, &str)], typed: &str, words: &[&str]) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tributary"))
            .args(words)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may have ended before this is written.
        if !typed.is_empty() {
            child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        }
        let ended = child.wait_with_output().unwrap();
        let (out, err) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
        // Whatever is asked, and whatever comes of it.
        for secret in [GRANTED, PASSWORD, REFRESH] {
            assert!(!out.contains(secret) && !err.contains(secret), "{words:?} prints a secret");
        }
        Run { code: ended.status.code().unwrap(), out, err }
    }

    /// What a command that succeeds prints.
    pub fn prints(&self, words: &[&str]) -> String {
        let run = self.run(words);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{words:?}: {}", run.out);
        assert!(!run.out.contains('\u{1b}'), "no colors outside a terminal: {}", run.out);
        run.out
    }

    /// What it prints with `--json`.
    pub fn json(&self, words: &[&str]) -> Value {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.prints(&words)).unwrap()
    }

    /// What a command that is refused says.
    pub fn refused(&self, words: &[&str]) -> String {
        let run = self.run(words);
        assert_eq!(run.code, 1, "{words:?}: {run:?}");
        run.err
    }
}

/// As API Gateway's authorizer does it.
async fn authorized(mut request: Request, next: Next) -> Response<Body> {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if token.is_some_and(|token| token.starts_with(GRANTED)) {
        request.extensions_mut().insert(an_owner());
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, Json(json!({ "message": "Unauthorized" }))).into_response()
    }
}

/// What API Gateway tells the functions of the caller.
fn an_owner() -> RequestContext {
    let mut event: Value =
        serde_json::from_str(include_str!("../../../../events/serve-connections/list-connections.json")).unwrap();
    event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = json!("owner");
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    request.extensions().get::<RequestContext>().unwrap().clone()
}

async fn report(State(app): State<App>, request: Request) -> Response<Body> {
    let mut query: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        query.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    let context = request.extensions().get::<RequestContext>().unwrap().clone();
    let asked = lambda_http::http::Request::builder().uri(request.uri()).extension(context);
    let asked = asked.body(lambda_http::Body::Empty).unwrap();
    let answer = report_sales::handle(&app, &TimeZone::UTC, &asked.with_query_string_parameters(query)).await;
    answer.map(|body| match body {
        lambda_http::Body::Text(text) => Body::from(text),
        _ => Body::empty(),
    })
}

/// What Cognito answers to one user, who signs in with `PASSWORD`:
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html>.
async fn cognito(headers: HeaderMap, body: Bytes) -> Response<Body> {
    static GIVEN: AtomicU32 = AtomicU32::new(1);
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let action = headers["x-amz-target"].to_str().unwrap().strip_prefix("AWSCognitoIdentityProviderService.").unwrap();
    assert_eq!(headers[CONTENT_TYPE], "application/x-amz-json-1.1");
    let granted = |seconds: u32, refresh: Option<&str>| {
        let token = format!("{GRANTED}{}", GIVEN.fetch_add(1, Ordering::Relaxed));
        let mut result =
            json!({ "IdToken": token, "AccessToken": "access", "ExpiresIn": seconds, "TokenType": "Bearer" });
        if let Some(refresh) = refresh {
            result["RefreshToken"] = json!(refresh);
        }
        (StatusCode::OK, json!({ "AuthenticationResult": result, "ChallengeParameters": {} }))
    };
    let challenge = |name: &str| {
        let parameters = json!({ "USER_ID_FOR_SRP": "user-1" });
        (StatusCode::OK, json!({ "ChallengeName": name, "Session": "session-1", "ChallengeParameters": parameters }))
    };
    let refused =
        |message: &str| (StatusCode::BAD_REQUEST, json!({ "__type": "NotAuthorizedException", "message": message }));
    let parameters = &asked["AuthParameters"];
    let responses = &asked["ChallengeResponses"];
    let (status, answer) = match (action, asked["AuthFlow"].as_str(), asked["ChallengeName"].as_str()) {
        _ if asked["ClientId"] != "client-1" => refused("Client client-2 does not exist."),
        ("InitiateAuth", Some("USER_PASSWORD_AUTH"), None) => {
            match (parameters["USERNAME"].as_str(), parameters["PASSWORD"].as_str()) {
                (Some("owner@example.com"), Some(PASSWORD)) => granted(3600, Some(REFRESH)),
                // Over before it is used.
                (Some("hasty@example.com"), Some(PASSWORD)) => granted(30, Some(REFRESH)),
                (Some("new@example.com"), Some(PASSWORD)) => challenge("NEW_PASSWORD_REQUIRED"),
                _ => refused("Incorrect username or password."),
            }
        }
        ("InitiateAuth", Some("REFRESH_TOKEN_AUTH"), None) => match parameters["REFRESH_TOKEN"].as_str() {
            Some(REFRESH) => granted(3600, None),
            _ => refused("Refresh Token has been revoked"),
        },
        ("RespondToAuthChallenge", None, Some(name)) => {
            assert_eq!((&asked["Session"], &responses["USERNAME"]), (&json!("session-1"), &json!("user-1")));
            match (name, responses["NEW_PASSWORD"].as_str(), responses["SOFTWARE_TOKEN_MFA_CODE"].as_str()) {
                ("NEW_PASSWORD_REQUIRED", Some("a longer password"), None) => challenge("SOFTWARE_TOKEN_MFA"),
                ("SOFTWARE_TOKEN_MFA", None, Some("123456")) => granted(3600, Some(REFRESH)),
                _ => refused("Code mismatch"),
            }
        }
        other => refused(&format!("{other:?}")),
    };
    (status, Json(answer)).into_response()
}
