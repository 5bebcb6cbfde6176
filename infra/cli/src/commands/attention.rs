//! `attention`: what needs a person.

use serde_json::json;

use super::Context;
use crate::api::{Query, read};
use crate::args::Kind;
use crate::error::Failure;
use crate::find::page;
use crate::show;
use crate::wire::{Kinds, Needing};

pub async fn run(context: &mut Context, kind: Option<Kind>) -> Result<(), Failure> {
    let Some(kind) = kind else {
        let answer = context.api.get("/attention", &Query::new()).await?;
        return context.print(&answer, || Ok(show::attention(context.look, &read::<Kinds>(&answer)?.kinds)));
    };
    let (mut orders, mut cursor) = (Vec::new(), None);
    loop {
        let mut query = vec![("limit", "200".to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let mut more = page(&mut context.api, &format!("/attention/{}", kind.name()), &query).await?;
        orders.append(&mut more.orders);
        match more.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    context.print(&json!({ "orders": orders }), || {
        let rows = orders.iter().map(read).collect::<Result<Vec<Needing>, _>>()?;
        Ok(show::needing(context.look, kind.name(), &rows))
    })
}
