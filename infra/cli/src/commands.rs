//! The commands: each asks the API, and prints a table for people or the answer as JSON.

mod attention;
mod bulk;
mod connections;
mod link;
mod login;
mod orders;
mod report;

use std::io::{ErrorKind, Write};

use secrecy::SecretString;
use serde_json::Value;

use crate::api::{Api, Query, read};
use crate::args::{Arguments, Command, Global};
use crate::error::Failure;
use crate::look::Look;
use crate::session::{Folder, Session, address};
use crate::wire::{Costs, Detail};
use crate::{find, show, story};

/// A token from the environment goes before one that `login` kept.
const TOKEN: &str = "TRIBUTARY_TOKEN";

/// What every command that asks the API has.
struct Context {
    api: Api,
    look: Look,
    json: bool,
}

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { global, command } = arguments;
    match command {
        Command::Login(login) => return login::login(&global, login).await,
        Command::Logout => return login::logout(),
        _ => {}
    }
    let mut context = Context::open(&global)?;
    match command {
        Command::Login(_) | Command::Logout => Ok(()),
        Command::Connections(connections) => connections::run(&mut context, connections.action).await,
        Command::Orders(orders) => orders::run(&mut context, orders).await,
        Command::Why { order } => why(&mut context, &order).await,
        Command::Link(link) => link::run(&mut context, link).await,
        Command::Sync(which) => bulk::run(&mut context, bulk::Act::Sync, which).await,
        Command::Send(which) => bulk::run(&mut context, bulk::Act::Send, which).await,
        Command::Report(report) => report::run(&mut context, report).await,
        Command::Costs { days } => costs(&mut context, days).await,
        Command::Attention { kind } => attention::run(&mut context, kind).await,
    }
}

impl Context {
    fn open(global: &Global) -> Result<Self, Failure> {
        let folder = Folder::find()?;
        let config = folder.config()?;
        let Some(url) = global.api.clone().or(config.api) else {
            return Err(Failure::Usage(
                "Which API? Run `tributary login --api URL`, or give `--api URL` (the stack's output `ApiUrl`)."
                    .to_owned(),
            ));
        };
        let url = address(&url)?;
        let (session, kept_in) = match std::env::var(TOKEN) {
            Ok(token) if !token.is_empty() => (Session::given(url.to_string(), SecretString::from(token)), None),
            // A token is told to nobody but the API that it is for.
            _ => match folder.session()?.filter(|session| session.api == url.as_str()) {
                Some(session) => (session, Some(folder)),
                None => return Err(Failure::NotSignedIn(url.to_string())),
            },
        };
        Ok(Self { api: Api::new(url, session, kept_in)?, look: Look::detect(), json: global.json })
    }

    /// The answer as it is, or what a person is shown of it.
    fn print(&self, answer: &Value, shown: impl FnOnce() -> Result<String, Failure>) -> Result<(), Failure> {
        if self.json { print(&format!("{answer:#}")) } else { print(&shown()?) }
    }
}

/// Whoever reads may stop in the middle (`| head`).
fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{}", text.trim_end_matches(['\r', '\n'])) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Here(error.to_string())),
        _ => Ok(()),
    }
}

async fn why(context: &mut Context, called: &str) -> Result<(), Failure> {
    let id = find::order(&mut context.api, called).await?;
    let answer = context.api.get(&format!("/orders/{id}"), &Query::new()).await?;
    context.print(&answer, || Ok(story::tell(&read::<Detail>(&answer)?)))
}

async fn costs(context: &mut Context, days: u16) -> Result<(), Failure> {
    let answer = context.api.get("/costs", &vec![("days", days.to_string())]).await?;
    context.print(&answer, || Ok(show::costs(context.look, &read::<Costs>(&answer)?)))
}
