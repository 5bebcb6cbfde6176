//! B7: the buyer of a completed order gets the feedback that the channel's setting says, once, whatever is lost on the way.

use domain::feedback::{FeedbackAfter, FeedbackSettings};
use fakes::ebay::{Feedback, OrderSpec};
use fakes::woocommerce::Tracking;
use jiff::SignedDuration;

use crate::world::World;

const ID: &str = "12-00050-00001";
const TEXT: &str = "Fast payment, thank you!";

async fn with_feedback() -> World {
    let world = World::new().await;
    let feedback = FeedbackSettings { after: FeedbackAfter::Completed, text: TEXT.to_owned() };
    world.set(|settings| settings.feedback = feedback).await;
    world
}

async fn shipped(world: &World) {
    world.ebay.place(OrderSpec::new(ID).line("A", 1, 1999).line("B", 1, 2500).shipping(399));
    world.pass(SignedDuration::from_mins(5)).await;
    assert!(world.ebay.feedback().is_empty(), "not before it is completed");
    let store_order = world.woo.orders()[0].id;
    world.woo.ship(store_order, &[Tracking { provider: "UPS".to_owned(), number: "1Z999AA1".to_owned() }]).unwrap();
    world.woo.complete(store_order).unwrap();
    world.pass(SignedDuration::from_mins(10)).await;
    world.replay().await;
}

fn texts(left: &[Feedback]) -> Vec<(&str, &str)> {
    left.iter().map(|feedback| (feedback.order_id.as_str(), feedback.text.as_str())).collect()
}

#[tokio::test]
async fn a_completed_order_gets_its_feedback_once_for_each_line() {
    let world = with_feedback().await;
    // Another buyer's order of the same listings awaits feedback too, and gets none.
    world.ebay.place(OrderSpec::new("12-00050-00002").line("A", 1, 1999));
    shipped(&world).await;
    assert_eq!(texts(&world.ebay.feedback()), [(ID, TEXT), (ID, TEXT)]);
    assert_eq!(world.ebay.violations(), Vec::new());
    let story = world.story(ID).await;
    assert_eq!(story.iter().filter(|told| told.contains("Left the buyer a feedback")).count(), 1, "{story:?}");
}

#[tokio::test]
async fn a_lost_answer_leaves_no_second_feedback() {
    let world = with_feedback().await;
    world.ebay.faults().on("POST */feedback").drop_response(2);
    shipped(&world).await;
    world.pass(SignedDuration::from_mins(30)).await;
    assert_eq!(texts(&world.ebay.feedback()), [(ID, TEXT), (ID, TEXT)]);
}

#[tokio::test]
async fn without_the_setting_nobody_gets_a_feedback() {
    let world = World::new().await;
    shipped(&world).await;
    assert!(world.ebay.feedback().is_empty());
    assert!(world.ebay.calls().all().iter().all(|call| !call.path.contains("feedback")));
}

#[tokio::test]
async fn a_refused_feedback_is_told_once_and_stops_nothing() {
    let world = with_feedback().await;
    world.ebay.faults().on("POST */feedback").fail_next(axum::http::StatusCode::FORBIDDEN, None);
    shipped(&world).await;
    let story = world.story(ID).await;
    assert_eq!(story.iter().filter(|told| told.contains("took no feedback")).count(), 1, "{story:?}");
    assert_eq!(world.ebay.fulfilments(ID).len(), 1);
    let connection = world.app.storage.settings.connection(&world.channel).await.unwrap().unwrap();
    assert_eq!(connection.state, storage::ConnectionState::Active, "the channel goes on");
}
