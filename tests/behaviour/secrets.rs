//! No key, token, name, address or e-mail leaves a call by another way than its result.

use std::sync::Arc;

use axum::http::StatusCode;
use fakes::{Fault, Faults};

use crate::kit::{PATIENCE, Role};
use crate::operations::Operation;
use crate::ports::NoLimit;
use crate::shown::{self, Traced};
use crate::subject::{BUYER, Subject};
use crate::suite::{Promise, promises};

pub fn promises<R: Role>(subject: &Subject) -> Vec<Promise<R>> {
    let mut promises = promises![the_parts_of_a_connection_hide_its_secrets, what_is_looked_for_would_be_found];
    for operation in R::operations().into_iter().filter(|operation| R::can(subject, operation.name)) {
        let name = format!("{}::shows_no_secret_and_no_buyer", operation.name);
        promises.push(Promise::new(name, move |role| Box::pin(shows_nothing(role, operation))));
    }
    promises
}

/// What of all that is secret stands in a text, plainly or as in an address.
fn leaked<R: Role>(role: &R, shown: &str) -> Option<String> {
    let mut forbidden = BUYER.canaries();
    forbidden.extend(role.fake().secrets());
    forbidden.into_iter().find(|secret| {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        shown.contains(secret.as_str()) || shown.contains(&encoded)
    })
}

fn assert_clean<R: Role>(role: &R, shown: &str, when: &str) {
    if let Some(secret) = leaked(role, shown) {
        panic!("{when}: `{secret}` in {shown}");
    }
}

/// The call with nothing wrong, and then with everything that can go wrong.
async fn shows_nothing<R: Role>(role: R, operation: Operation<R>) {
    let answers = [400, 401, 403, 404, 409, 422, 429, 500, 503]
        .map(|status| Fault::Answer { status: StatusCode::from_u16(status).unwrap(), retry_after: None });
    let faults = [Fault::DropRequest, Fault::DropResponse, Fault::Malformed].into_iter().chain(answers);
    let harms = faults.map(Some).chain([None]).flat_map(|fault| ["*", "POST *", "PUT *"].map(|on| (on, fault.clone())));
    let mut errors = 0;
    for (on, fault) in harms {
        let prepared = role.prepare().await;
        let (traced, _guard) = Traced::begin();
        let faults = role.fake().faults().on(on);
        if let Some(fault) = fault.clone() {
            drop(faults.always(fault));
        }
        let outcome = operation.run(role.within(PATIENCE, Arc::new(NoLimit)), &prepared).await;
        faults.clear();
        let when = format!("{} {on} {fault:?}", operation.name);
        assert_clean(&role, &traced.text(), &when);
        if let Err(error) = outcome {
            assert_clean(&role, &shown::error(&error), &when);
            errors += 1;
        }
    }
    assert!(errors > 10, "only {errors} of the calls failed");
    let prepared = role.prepare().await;
    role.fake().faults().revoke();
    let error = operation.run(role.within(PATIENCE, Arc::new(NoLimit)), &prepared).await.unwrap_err();
    Faults::grant(role.fake().faults());
    assert_clean(&role, &shown::error(&error), "withdrawn");
}

async fn the_parts_of_a_connection_hide_its_secrets<R: Role>(role: R) {
    let parts = role.connection().parts(PATIENCE, Arc::new(NoLimit));
    let shown = format!("{parts:?}\n{parts:#?}\n{:?}\n{:?}", parts.config, parts.http);
    assert!(shown.contains("behaviour-1"), "{shown}");
    assert_clean(&role, &shown, "parts");
}

/// The checks above can fail: what is traced and what an error holds is seen, and every word of it is looked at.
async fn what_is_looked_for_would_be_found<R: Role>(role: R) {
    let (traced, _guard) = Traced::begin();
    tracing::trace!(field = %BUYER.email, "a line");
    assert!(traced.text().contains(BUYER.email) && traced.text().contains("a line"));
    let inner = std::io::Error::other(BUYER.street);
    let error = connect::ConnectError::new(connect::ErrorKind::Network, "trial", "No.").with_source(inner);
    let shown = shown::error(&error);
    assert!(shown.contains(BUYER.street));
    assert_eq!(leaked(&role, &shown).as_deref(), Some(BUYER.street));
    for secret in role.fake().secrets() {
        assert!(leaked(&role, &format!("?key={secret}&x")).is_some());
    }
    assert_eq!(leaked(&role, "connection behaviour-1"), None);
}
