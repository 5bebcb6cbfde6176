//! What is promised of every channel.

mod feedback;
mod offers;
mod orders;
mod pages;
mod shipping;

use crate::kit::Channel;
use crate::subject::Subject;
use crate::suite::Module;

pub fn promises(subject: &Subject) -> Vec<Module<Channel>> {
    let can = subject.as_channel();
    let mut modules =
        vec![("pages", pages::promises()), ("orders", orders::promises()), ("listings", offers::listing_promises())];
    modules.push(("feedback", feedback::promises(can)));
    if can.set_quantity {
        modules.push(("quantities", offers::quantity_promises()));
    }
    if can.ship {
        modules.push(("shipping", shipping::promises(can)));
    }
    modules
}
