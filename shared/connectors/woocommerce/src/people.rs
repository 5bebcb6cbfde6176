//! R15: whose order it is. A guest's, unless the shop has a customer with the buyer's own e-mail address.

use domain::draft::StoreOrderDraft;

use crate::api::Api;
use crate::map_store::is_mail_address;

/// The customer to book the order to. A marketplace's forwarding address names nobody and is not asked for; a look-up that
/// fails costs the match, never the order. Naming the customer changes nothing on their account.
pub(crate) async fn customer(api: &Api, draft: &StoreOrderDraft) -> Option<u64> {
    let email =
        draft.email.as_deref().map(str::trim).filter(|email| !draft.email_is_relay && is_mail_address(email))?;
    match api.customers(email).await {
        // A shop that does not know the filter answers with everybody.
        Ok(found) => {
            found.into_iter().find(|customer| customer.email.eq_ignore_ascii_case(email)).map(|found| found.id)
        }
        Err(error) => {
            tracing::warn!(error = %error, "Could not look for the buyer among the shop's customers: booked as a guest");
            None
        }
    }
}
