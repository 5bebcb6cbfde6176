//! E8: an order that was edited on the channel after its import is compared with the store's; what differs is told.

use domain::Order;
use domain::head::Review;
use domain::plan;
use domain::review;
use domain::trace::Event;
use storage::Change;

use crate::App;
use crate::context::{Context, ReadyStore};
use crate::error::AppError;
use crate::import::Next;

impl App {
    /// Reads the store's order and stores every difference. It changes nothing at the store.
    pub(crate) async fn review(&self, order: &Order, context: &Context, store: &ReadyStore) -> Result<Next, AppError> {
        let Some(store_order) = order.import.store_order() else { return Ok(Next::Look) };
        let differences = match plan::as_sent(&context.facts(order, store)) {
            Ok((draft, _)) => {
                let seen = match store.store.order(store_order).await {
                    Ok(seen) => seen,
                    Err(error) => return self.trouble(&store.connection, error).await.map(Next::End),
                };
                review::differences(order, &draft, &seen)
            }
            Err(reason) => vec![reason.sentence()],
        };
        let mut trace = order.trace.clone();
        for what in differences.iter().filter(|what| !order.after.review.differences.contains(what)) {
            let what = what.trim_end_matches('.').to_owned();
            domain::trace::append(&mut trace, self.clock.now(), Event::Flag { what });
        }
        let change = Change {
            review: Some(Review { revision: Some(order.source.revision), differences }),
            trace: (trace != order.trace).then_some(trace),
            expect_revision: Some(order.source.revision),
            ..Change::default()
        };
        self.write(order, change).await?;
        Ok(Next::Look)
    }
}
