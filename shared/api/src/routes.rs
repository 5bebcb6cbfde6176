//! The routes, one module per kind of thing.

pub(crate) mod attention;
pub(crate) mod backfill;
pub(crate) mod connections;
pub(crate) mod consent;
pub(crate) mod costs;
pub(crate) mod document;
pub(crate) mod dry_run;
pub(crate) mod health;
pub(crate) mod links;
pub(crate) mod list;
pub(crate) mod orders;
pub(crate) mod people;
pub(crate) mod platforms;
pub(crate) mod settings;
pub(crate) mod stock;
pub(crate) mod undo;

use app::App;
use axum::http::StatusCode;
use domain::ConnectionId;
use storage::{Connection, ConnectionState, Role};

use crate::problem::Problem;

/// The connection, or 404.
async fn known(app: &App, id: &ConnectionId) -> Result<Connection, Problem> {
    let found = app.storage.settings.connection(id).await?;
    let connected = found.filter(|connection| connection.state != ConnectionState::Disconnected);
    connected.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, format!("There is no connection `{id}`.")))
}

/// The connection in the role *channel*, or 404.
async fn known_channel(app: &App, id: &ConnectionId) -> Result<Connection, Problem> {
    let connection = known(app, id).await?;
    if connection.role == Role::Channel {
        return Ok(connection);
    }
    Err(Problem::new(StatusCode::NOT_FOUND, format!("`{id}` is the main store; only a channel has this.")))
}
