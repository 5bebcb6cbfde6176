//! The last line's numbers, counted from three books: the channel's, ours and the main store's; and where they disagree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rust_decimal::Decimal;

use super::api::Import;
use super::shop::BookedOrder;

/// What every reference of ours begins with.
const REFERENCE: &str = "trib-";

/// What should become of an order, by what its channel's book says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Imported,
    /// The channel itself still holds it back.
    Waits,
    /// It has no business in the main store: canceled before anyone saw it, or shipped by the channel itself.
    Left,
    Unreadable,
}

/// An order in its channel's own book.
#[derive(Debug, Clone)]
pub struct Sold {
    pub id: String,
    pub fate: Fate,
    /// Canceled on the channel after it had been imported.
    pub canceled_later: bool,
    /// What the order is worth to the seller.
    pub total: Decimal,
    pub currency: String,
    /// The tracking number of every package that the channel was told of over its API.
    pub packages: Vec<Option<String>>,
    /// The channel says that all of it was sent.
    pub fulfilled: bool,
}

/// An order as Tributary shows it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The channel's id of it.
    pub sold: String,
    pub import: Import,
    pub store_order: Option<String>,
    pub reference: String,
}

/// Everything that is counted.
#[derive(Debug, Clone, Default)]
pub struct Books {
    pub sold: Vec<Sold>,
    pub kept: Vec<Kept>,
    /// The channel's ids of orders that could not be read.
    pub unreadable: BTreeSet<String>,
    pub booked: Vec<BookedOrder>,
    /// The channel's ids of the orders that the store's people sent, with their tracking numbers.
    pub sent: BTreeMap<String, String>,
}

/// The numbers, and every sentence about two books that disagree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    pub orders: usize,
    pub imported: usize,
    pub waiting: usize,
    pub errors: usize,
    pub duplicates: usize,
    pub lost: usize,
    pub shipped_back: usize,
    pub disagreements: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { orders, imported, waiting, errors, duplicates, lost, shipped_back, .. } = self;
        write!(
            f,
            "orders={orders} imported={imported} waiting={waiting} errors={errors} duplicates={duplicates} lost={lost} shipped_back={shipped_back}"
        )
    }
}

impl Tally {
    pub fn of(books: &Books) -> Self {
        let mut tally = Self { orders: books.sold.len(), ..Self::default() };
        for sold in &books.sold {
            tally.count(books, sold);
        }
        tally.find_strangers(books);
        tally
    }

    /// Nothing lost, nothing twice, and all books agree.
    pub fn is_good(&self) -> bool {
        self.lost == 0 && self.duplicates == 0 && self.disagreements.is_empty()
    }

    fn count(&mut self, books: &Books, sold: &Sold) {
        let kept: Vec<&Kept> = books.kept.iter().filter(|kept| kept.sold == sold.id).collect();
        if kept.len() > 1 {
            self.disagree(sold, format!("Tributary shows it {} times", kept.len()));
        }
        let import = kept.first().map(|kept| kept.import);
        match import {
            Some(Import::Imported) => self.imported += 1,
            Some(Import::Waiting) => self.waiting += 1,
            Some(Import::Failed) => self.errors += 1,
            None if books.unreadable.contains(&sold.id) => self.errors += 1,
            _ => {}
        }

        let booked: Vec<&BookedOrder> = kept.first().map_or_else(Vec::new, |kept| {
            books.booked.iter().filter(|order| order.marks.contains(&kept.reference)).collect()
        });
        self.duplicates += booked.len().saturating_sub(1);
        let is_lost = match import {
            Some(Import::Imported) => booked.is_empty(),
            Some(Import::Waiting | Import::Failed) => false,
            Some(Import::NotToBeImported) => sold.fate != Fate::Left,
            Some(Import::Received | Import::BeingCreated | Import::Unknown) => true,
            None => !books.unreadable.contains(&sold.id),
        };
        self.lost += usize::from(is_lost);
        self.compare(books, sold, kept.first().copied(), &booked);
        self.count_packages(books, sold);
    }

    /// What should have become of the order, by what the channel's book says that it is.
    fn compare(&mut self, books: &Books, sold: &Sold, kept: Option<&Kept>, booked: &[&BookedOrder]) {
        let import = kept.map(|kept| kept.import);
        let unreadable = books.unreadable.contains(&sold.id);
        let wanted = match sold.fate {
            Fate::Imported => (Some(Import::Imported), false, 1),
            Fate::Waits => (Some(Import::Waiting), false, 0),
            Fate::Left => (Some(Import::NotToBeImported), false, 0),
            Fate::Unreadable => (None, true, 0),
        };
        let found = (import, unreadable, booked.len());
        if found != wanted {
            let said = |(import, unreadable, booked): (Option<Import>, bool, usize)| {
                let import = import.map_or_else(|| "not kept".to_owned(), |import| format!("{import:?}"));
                format!("{import}{} and {booked} times in the store", if unreadable { ", unreadable," } else { "" })
            };
            self.disagree(sold, format!("{:?} should be {}, and is {}", sold.fate, said(wanted), said(found)));
        }
        let (Some(kept), [order]) = (kept, booked) else { return };
        if kept.store_order.as_deref() != Some(&*order.id) {
            self.disagree(sold, format!("the store has it as {}, Tributary as {:?}", order.id, kept.store_order));
        }
        if order.closed != sold.canceled_later {
            self.disagree(
                sold,
                format!("canceled later: {}, and in the store it is closed: {}", sold.canceled_later, order.closed),
            );
        }
        if (order.total, &order.currency) != (sold.total, &sold.currency) {
            let (is, was) =
                (format!("{} {}", order.total, order.currency), format!("{} {}", sold.total, sold.currency));
            self.disagree(sold, format!("it is worth {was} and stands in the store with {is}"));
        }
    }

    fn count_packages(&mut self, books: &Books, sold: &Sold) {
        let told: Vec<Option<&String>> = sold.packages.iter().map(Option::as_ref).collect();
        self.shipped_back += told.len();
        let sent: Vec<Option<&String>> = books.sent.get(&sold.id).into_iter().map(Some).collect();
        if told != sent {
            self.disagree(sold, format!("the store sent {sent:?}, and the channel was told {told:?}"));
        } else if !sent.is_empty() && !sold.fulfilled {
            self.disagree(sold, "all of it was sent, and the channel knows of a part");
        }
    }

    /// Orders in the store, or with us, that nobody placed.
    fn find_strangers(&mut self, books: &Books) {
        let sold: BTreeSet<&str> = books.sold.iter().map(|sold| &*sold.id).collect();
        let known: BTreeSet<&str> = books.kept.iter().map(|kept| &*kept.reference).collect();
        for kept in books.kept.iter().filter(|kept| !sold.contains(&*kept.sold)) {
            self.disagreements.push(format!("{}: nobody placed it, and Tributary shows it", kept.sold));
        }
        // What others order in a real store is none of our business; what bears a reference of ours is.
        let is_ours = |order: &BookedOrder| order.marks.iter().any(|mark| mark.starts_with(REFERENCE));
        let is_known = |order: &BookedOrder| order.marks.iter().any(|mark| known.contains(&**mark));
        for order in books.booked.iter().filter(|order| is_ours(order) && !is_known(order)) {
            self.disagreements.push(format!("the store's order {} belongs to no order of ours", order.id));
        }
    }

    fn disagree(&mut self, sold: &Sold, what: impl std::fmt::Display) {
        self.disagreements.push(format!("{}: {what}", sold.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sold(id: &str, fate: Fate) -> Sold {
        Sold {
            id: id.to_owned(),
            fate,
            canceled_later: false,
            total: Decimal::new(1000, 2),
            currency: "GBP".to_owned(),
            packages: Vec::new(),
            fulfilled: false,
        }
    }

    fn kept(id: &str, import: Import) -> Kept {
        let store_order = (import == Import::Imported).then(|| format!("store-{id}"));
        Kept { sold: id.to_owned(), import, store_order, reference: format!("{REFERENCE}{id}") }
    }

    fn booked(id: &str) -> BookedOrder {
        BookedOrder {
            id: format!("store-{id}"),
            marks: vec![format!("{REFERENCE}{id}")],
            closed: false,
            total: Decimal::new(10, 0),
            currency: "GBP".to_owned(),
        }
    }

    /// One order of each kind, each where it should be; `paid` is sent.
    fn good() -> Books {
        let fates = [
            ("paid", Fate::Imported),
            ("unpaid", Fate::Imported),
            ("gone", Fate::Left),
            ("open", Fate::Imported),
            ("bad", Fate::Unreadable),
        ];
        let mut books = Books {
            sold: fates.map(|(id, fate)| sold(id, fate)).into(),
            kept: vec![
                kept("paid", Import::Imported),
                kept("unpaid", Import::Imported),
                kept("gone", Import::NotToBeImported),
                kept("open", Import::Imported),
            ],
            unreadable: ["bad".to_owned()].into(),
            booked: vec![booked("paid"), booked("unpaid"), booked("open")],
            sent: [("paid".to_owned(), "RM1".to_owned())].into(),
        };
        books.sold[0].packages.push(Some("RM1".to_owned()));
        books.sold[0].fulfilled = true;
        books
    }

    fn bad(change: impl FnOnce(&mut Books)) -> Tally {
        let mut books = good();
        change(&mut books);
        let tally = Tally::of(&books);
        assert!(!tally.is_good(), "{tally}");
        tally
    }

    #[test]
    fn books_that_agree_are_counted_and_good() {
        let tally = Tally::of(&good());
        assert_eq!(tally.to_string(), "orders=5 imported=3 waiting=0 errors=1 duplicates=0 lost=0 shipped_back=1");
        assert_eq!(tally.disagreements, Vec::<String>::new());
        assert!(tally.is_good());
    }

    #[test]
    fn what_others_order_in_the_store_is_no_disagreement() {
        let mut books = good();
        books.booked.push(BookedOrder { marks: vec!["checkout".to_owned()], ..booked("another") });
        assert!(Tally::of(&books).is_good());
    }

    #[test]
    fn an_order_that_stands_in_the_store_twice_is_a_duplicate() {
        let tally = bad(|books| books.booked.push(BookedOrder { id: "store-99".to_owned(), ..booked("paid") }));
        assert_eq!((tally.duplicates, tally.lost), (1, 0));
    }

    #[test]
    fn an_order_that_nobody_keeps_is_lost() {
        assert_eq!(bad(|books| drop(books.kept.remove(0))).lost, 1);
        assert_eq!(bad(|books| books.unreadable.clear()).lost, 1);
        assert_eq!(bad(|books| books.kept[1].import = Import::Received).lost, 1);
        assert_eq!(bad(|books| books.kept[1].import = Import::NotToBeImported).lost, 1);
    }

    #[test]
    fn an_order_that_only_we_call_imported_is_lost() {
        assert_eq!(bad(|books| drop(books.booked.remove(0))).lost, 1);
    }

    #[test]
    fn books_that_differ_are_not_good_whatever_the_counts() {
        bad(|books| books.booked[0].total = Decimal::new(999, 2));
        bad(|books| books.booked[0].currency = "EUR".to_owned());
        bad(|books| books.kept[0].store_order = Some("another".to_owned()));
        bad(|books| books.booked.push(booked("stranger")));
        bad(|books| books.kept.push(kept("stranger", Import::Waiting)));
        bad(|books| books.kept[2].import = Import::Imported);
        bad(|books| books.kept[3].import = Import::Waiting);
        bad(|books| books.sold[0].canceled_later = true);
        bad(|books| books.booked[0].closed = true);
        bad(|books| books.sold[0].packages.clear());
        bad(|books| books.sold[0].fulfilled = false);
        bad(|books| books.sold[0].packages.push(Some("RM1".to_owned())));
        bad(|books| books.sold[1].packages.push(Some("RM2".to_owned())));
    }
}
