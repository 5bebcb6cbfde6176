//! B7: a buyer gets a good feedback once, and only where the channel takes one.

use connect::{ChannelCapabilities, Effect, ErrorKind};
use domain::ChannelOrder;

use crate::kit::Channel;
use crate::subject::NewOrder;
use crate::suite::{Promise, promises};

const TEXT: &str = "Fast payment, thank you!";

pub fn promises(can: &ChannelCapabilities) -> Vec<Promise<Channel>> {
    if can.leave_feedback {
        promises![
            feedback_arrives_for_this_order_and_no_other,
            feedback_again_is_harmless,
            a_lost_answer_leaves_no_second_feedback,
        ]
    } else {
        promises![feedback_is_refused_for_certain]
    }
}

async fn placed(channel: &Channel) -> ChannelOrder {
    let id = channel.fake.place(NewOrder::default());
    channel.wait(60);
    channel.order(&id).await
}

async fn feedback_arrives_for_this_order_and_no_other(channel: Channel) {
    let (order, other) = (placed(&channel).await, placed(&channel).await);
    channel.fake.faults().page_size(Some(1));
    channel.connector.leave_feedback(&order, TEXT).await.unwrap();
    assert_eq!(channel.fake.feedback(&order.id), vec![TEXT; order.lines.len()]);
    assert_eq!(channel.fake.feedback(&other.id), Vec::<String>::new());
}

async fn feedback_again_is_harmless(channel: Channel) {
    let order = placed(&channel).await;
    for _ in 0..2 {
        channel.connector.leave_feedback(&order, TEXT).await.unwrap();
    }
    assert_eq!(channel.fake.feedback(&order.id), vec![TEXT; order.lines.len()]);
}

async fn a_lost_answer_leaves_no_second_feedback(channel: Channel) {
    let order = placed(&channel).await;
    channel.fake.faults().on("POST *").drop_response(1);
    let error = channel.connector.leave_feedback(&order, TEXT).await.unwrap_err();
    assert!(error.kind.is_temporary() && error.effect == Effect::Possible, "{error}");
    channel.connector.leave_feedback(&order, TEXT).await.unwrap();
    assert_eq!(channel.fake.feedback(&order.id), vec![TEXT; order.lines.len()]);
}

async fn feedback_is_refused_for_certain(channel: Channel) {
    let order = placed(&channel).await;
    let error = channel.connector.leave_feedback(&order, TEXT).await.unwrap_err();
    assert_eq!((error.kind, error.effect), (ErrorKind::Unsupported, Effect::None), "{error}");
}
