//! What leaves a world, as messages, events and mails, names no buyer: looked at whenever a world ends.

use std::collections::BTreeSet;

use domain::ChannelOrder;
use fakes::ebay::Field;

use super::World;

/// A shorter text could be part of anything.
const SHORTEST: usize = 6;

impl World {
    /// Every word that tells who a buyer is, of all orders on eBay, on paper channels and in the main store.
    pub fn buyers(&self) -> BTreeSet<String> {
        let mut words = Vec::new();
        for order in self.ebay.orders().into_iter().chain(self.ebay.combined_away()) {
            let buyer = order.spec.buyer;
            words.extend([buyer.name, buyer.email, buyer.phone, order.spec.note].into_iter().flatten());
            for field in [buyer.address.line1, buyer.address.line2] {
                words.extend(if let Field::Text(line) = field { Some(line) } else { None });
            }
        }
        for order in self.woo.orders() {
            for person in [order.billing, order.shipping] {
                words.push(format!("{} {}", person.first_name, person.last_name));
                words.extend([person.address_1, person.address_2, person.email, person.phone]);
            }
        }
        for channel in self.paper.lock().unwrap().iter() {
            words.extend(channel.all().iter().flat_map(of_order));
        }
        words.retain(|word| word.trim().len() >= SHORTEST);
        words.into_iter().map(|word| word.trim().to_owned()).collect()
    }

    /// Every text that left: messages, dead letters among them, events, and mails to the owner.
    pub fn told(&self) -> Vec<String> {
        let events = self.events.all();
        let events = events.iter().map(|event| serde_json::to_string(event).unwrap());
        let mails =
            self.mailbox.all().into_iter().map(|mail| format!("{}\n{}\n{}", mail.subject, mail.text, mail.html));
        self.queue.sent().into_iter().chain(events).chain(mails).collect()
    }
}

fn of_order(order: &ChannelOrder) -> Vec<String> {
    let mut words: Vec<Option<String>> = vec![order.buyer.name.clone(), order.buyer.email.clone()];
    words.extend([order.buyer_note.clone(), order.gift_message.clone()]);
    for address in [&order.ship_to, &order.bill_to].into_iter().flatten() {
        words.push(Some(format!("{} {}", address.first_name, address.last_name)));
        words.extend([&address.line1, &address.line2, &address.phone].map(|word| Some(word.clone())));
    }
    words.into_iter().flatten().collect()
}

/// The texts in which one of the words stands.
pub fn naming<'a>(words: &BTreeSet<String>, texts: &'a [String]) -> Vec<&'a str> {
    let texts = texts.iter().map(String::as_str);
    texts.filter(|text| words.iter().any(|word| text.contains(word.as_str()))).collect()
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(naming(&self.buyers(), &self.told()), Vec::<&str>::new(), "a buyer is named");
        }
    }
}
