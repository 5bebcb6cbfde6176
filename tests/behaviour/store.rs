//! What is promised of every main store.

mod changes;
mod connect;
mod create;
mod lookup;
mod mend;
mod repeat;
mod stock;

use crate::kit::Store;
use crate::subject::Subject;
use crate::suite::Module;

pub fn promises(subject: &Subject) -> Vec<Module<Store>> {
    let can = subject.as_store();
    vec![
        ("connect", connect::promises()),
        ("create", create::promises(can)),
        ("lookup", lookup::promises()),
        ("mend", mend::promises(can)),
        ("repeat", repeat::promises()),
        ("changes", changes::promises()),
        ("stock", stock::promises(can)),
    ]
}
