//! `connections`: which accounts are connected and how they fare.

use super::Context;
use crate::api::{Query, read};
use crate::args::ConnectionAction;
use crate::error::Failure;
use crate::wire::{Connections, Tested};
use crate::{find, show};

pub async fn run(context: &mut Context, action: Option<ConnectionAction>) -> Result<(), Failure> {
    let Some(ConnectionAction::Test { connection }) = action else {
        let answer = context.api.get("/connections", &Query::new()).await?;
        return context
            .print(&answer, || Ok(show::connections(context.look, &read::<Connections>(&answer)?.connections)));
    };
    let id = find::connection(&mut context.api, &connection).await?;
    let answer = context.api.post(&format!("/connections/{id}/test"), None).await?;
    let tested: Tested = read(&answer)?;
    let account = tested.account.unwrap_or_default();
    if tested.works {
        return context.print(&answer, || Ok(format!("{connection} works: it is the account {account}.")));
    }
    if context.json {
        super::print(&format!("{answer:#}"))?;
    }
    Err(Failure::Here(format!("{connection} does not work: {}", tested.why.unwrap_or_default())))
}
