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

use crate::dto::Amount;
use crate::input::NoQuery;
use crate::problem::Problem;

#[derive(Serialize)]
struct Report {
    as_of: Timestamp,
    /// Of the most overdue channel that works.
    worst_lag_seconds: i64,
    connections: Vec<View>,
}

#[derive(Serialize)]
struct View {
    id: ConnectionId,
    platform: Platform,
    role: Role,
    name: String,
    state: &'static str,
    /// Its last complete poll.
    last_poll: Option<Timestamp>,
    lag_seconds: i64,
    stalled: bool,
    /// Everything that the platform changed before this was seen.
    read_until: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    paused_until: Option<Timestamp>,
    /// What is wrong, in one sentence.
    why: Option<String>,
    needs_a_person: Vec<Needing>,
    calls: Vec<Calls>,
}

#[derive(Serialize)]
struct Needing {
    kind: Attention,
    count: usize,
    more: bool,
    worth: Vec<Amount>,
    oldest: Option<Timestamp>,
}

#[derive(Serialize)]
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
            ConnectionState::Active => ("active", failure.or(health.waits)),
            ConnectionState::NeedsAttention { why, .. } => ("needs_attention", Some(why)),
            ConnectionState::Disconnected => ("disconnected", None),
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

pub(crate) async fn read(State(app): State<App>, _: NoQuery) -> Result<impl IntoResponse, Problem> {
    let connections: Vec<View> = app.health().await?.into_iter().map(View::from).collect();
    let working = connections.iter().filter(|one| one.role == Role::Channel && one.state == "active");
    let worst_lag_seconds = working.map(|one| one.lag_seconds).max().unwrap_or_default();
    Ok(Json(Report { as_of: app.clock.now(), worst_lag_seconds, connections }))
}
