//! `link`: by hand, by SKU or by barcode.

use serde_json::json;

use super::Context;
use crate::api::{read, segment};
use crate::args::{Link, Target};
use crate::error::Failure;
use crate::wire::{Linked, LinkedInBulk};
use crate::{find, progress, show};

pub async fn run(context: &mut Context, link: Link) -> Result<(), Failure> {
    let channel = find::connection(&mut context.api, &link.channel).await?;
    let path = format!("/connections/{}/links", segment(&channel));
    let Some(listing) = link.listing else {
        let by = if link.by_sku { show::Key::Sku } else { show::Key::Barcode };
        let spinner = progress::spinner(context.look, "Comparing the channel's listings with the store's products");
        let answer = context.api.post(&format!("{path}/{}", by.path()), None).await;
        spinner.finish_and_clear();
        let answer = answer?;
        return context.print(&answer, || Ok(show::linked_in_bulk(context.look, by, &read::<LinkedInBulk>(&answer)?)));
    };
    let target =
        |target: &Target| json!({ "product": target.product, "quantity": target.quantity, "weight": target.weight });
    let targets: Vec<_> = link.products.iter().map(target).collect();
    let mut body = json!({ "listing": listing, "targets": targets });
    if let Some(points) = link.tax_rate {
        body["tax_rate"] = json!(points);
    }
    let answer = context.api.post(&path, Some(&body)).await?;
    context.print(&answer, || Ok(show::linked(&listing, &read::<Linked>(&answer)?)))
}
