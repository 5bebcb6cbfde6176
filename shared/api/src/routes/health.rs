//! `/health`: how each connection fares, at one look.

use app::{App, AttentionSummary, ConnectionHealth};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::head::Attention;
use domain::{ConnectionId, Platform};
use jiff::Timestamp;
use serde::Serialize;
use storage::{BucketLevel, ConnectionState, Role};
use utoipa::ToSchema;

use crate::dto::Amount;
use crate::input::NoQuery;
use crate::problem::Problem;
use crate::words::ConnectionWord;

#[derive(Serialize, ToSchema)]
#[schema(as = HealthReport)]
struct Report {
    as_of: Timestamp,
    /// Of the most overdue channel that works.
    worst_lag_seconds: i64,
    connections: Vec<View>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionHealth)]
struct View {
    id: ConnectionId,
    platform: Platform,
    role: Role,
    name: String,
    state: ConnectionWord,
    /// Its last complete poll.
    #[schema(required)]
    last_poll: Option<Timestamp>,
    lag_seconds: i64,
    stalled: bool,
    /// Everything that the platform changed before this was seen.
    #[schema(required)]
    read_until: Option<Timestamp>,
    #[schema(required)]
    failing_since: Option<Timestamp>,
    #[schema(required)]
    paused_until: Option<Timestamp>,
    /// What is wrong, in one sentence.
    #[schema(required)]
    why: Option<String>,
    needs_a_person: Vec<Needing>,
    calls: Vec<Calls>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = NeedsPerson)]
struct Needing {
    kind: Attention,
    count: usize,
    more: bool,
    worth: Vec<Amount>,
    #[schema(required)]
    oldest: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CallsLeft)]
struct Calls {
    allowance: String,
    left: u32,
    of: u32,
    per_hour: u32,
}

impl From<AttentionSummary> for Needing {
    fn from(summary: AttentionSummary) -> Self {
        let AttentionSummary { kind, count, more, worth, oldest, .. } = summary;
        Self { kind, count, more, worth: worth.into_values().map(Amount::from).collect(), oldest }
    }
}

impl From<BucketLevel> for Calls {
    fn from(level: BucketLevel) -> Self {
        Self { allowance: level.name, left: level.left, of: level.capacity, per_hour: level.per_hour }
    }
}

impl From<ConnectionHealth> for View {
    fn from(one: ConnectionHealth) -> Self {
        let ConnectionHealth { connection, health, lag, stalled, read_until, needing, calls } = one;
        let failure = health.failing_since.and(health.last_failure).map(|(_, why)| why);
        let (state, why) = match connection.state {
            ConnectionState::Active => (ConnectionWord::Active, failure.or(health.waits)),
            ConnectionState::NeedsAttention { why, .. } => (ConnectionWord::NeedsAttention, Some(why)),
            ConnectionState::Disconnected => (ConnectionWord::Disconnected, None),
        };
        Self {
            id: connection.id,
            platform: connection.platform,
            role: connection.role,
            name: connection.name,
            state,
            last_poll: health.last_success,
            lag_seconds: lag.as_secs(),
            stalled,
            read_until,
            failing_since: health.failing_since,
            paused_until: health.paused_until,
            why,
            needs_a_person: needing.into_iter().map(Needing::from).collect(),
            calls: calls.into_iter().map(Calls::from).collect(),
        }
    }
}

/// How each connection fares, at one look.
#[utoipa::path(
    get,
    path = "/health",
    tag = "Attention",
    responses(
        (status = 200, description = "Every connection", body = Report),
    )
)]
pub(crate) async fn get_health(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let connections: Vec<View> = app.health().await?.into_iter().map(View::from).collect();
    let working = connections.iter().filter(|one| one.role == Role::Channel && one.state == ConnectionWord::Active);
    let worst_lag_seconds = working.map(|one| one.lag_seconds).max().unwrap_or_default();
    Ok(Json(Report { as_of: app.clock.now(), worst_lag_seconds, connections }))
}
