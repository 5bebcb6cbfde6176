//! Pages by offset, read from the last to the first, so that an entry leaving the list repeats others and hides none.

use connect::{ConnectError, PageToken};
use serde_json::value::RawValue;

use crate::api::{Api, At, Query, RawPage};
use crate::error::refused;

/// Where reading a list stands. The first answer only says how many pages there are, unless it is the only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Start,
    At(u32),
}

impl Position {
    pub const fn number(self) -> u32 {
        match self {
            Self::Start => 1,
            Self::At(page) => page,
        }
    }

    /// What to read after this page. The first page's entries are read a second time at the end: they may have grown.
    pub const fn after(self, pages: u32) -> Option<Self> {
        match self {
            Self::Start if pages > 1 => Some(Self::At(pages)),
            Self::At(page) if page > 1 => Some(Self::At(page - 1)),
            Self::Start | Self::At(_) => None,
        }
    }
}

/// The two lists that orders are in: `any` leaves out what is in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shelf {
    Any,
    Trash,
}

impl Shelf {
    pub const ALL: [Self; 2] = [Self::Any, Self::Trash];

    pub const fn status(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Trash => "trash",
        }
    }
}

/// Where reading all orders of a window stands, the shelves one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrdersPosition {
    pub shelf: Shelf,
    pub position: Position,
}

impl OrdersPosition {
    pub fn parse(operation: &'static str, token: Option<&PageToken>) -> Result<Self, ConnectError> {
        let Some(token) = token else { return Ok(Self { shelf: Shelf::Any, position: Position::Start }) };
        let unknown =
            || refused(operation, connect::ErrorKind::Unexpected, "Tributary lost its place in the shop's list.");
        let (shelf, page) = token.0.split_once(':').ok_or_else(unknown)?;
        let shelf = Shelf::ALL.into_iter().find(|known| known.status() == shelf).ok_or_else(unknown)?;
        Ok(Self { shelf, position: position(page).ok_or_else(unknown)? })
    }

    pub fn next(self, pages: u32) -> Option<PageToken> {
        let next = match (self.position.after(pages), self.shelf) {
            (Some(position), shelf) => Self { shelf, position },
            (None, Shelf::Any) => Self { shelf: Shelf::Trash, position: Position::Start },
            (None, Shelf::Trash) => return None,
        };
        let page = match next.position {
            Position::Start => 0,
            Position::At(page) => page,
        };
        Some(PageToken(format!("{}:{page}", next.shelf.status())))
    }
}

/// The place in a plain list.
pub(crate) fn parse(operation: &'static str, token: Option<&PageToken>) -> Result<Position, ConnectError> {
    let Some(token) = token else { return Ok(Position::Start) };
    position(&token.0).ok_or_else(|| {
        refused(operation, connect::ErrorKind::Unexpected, "Tributary lost its place in the shop's list.")
    })
}

fn position(page: &str) -> Option<Position> {
    match page.parse().ok()? {
        0 => Some(Position::Start),
        page => Some(Position::At(page)),
    }
}

/// Every entry of a list of orders. An entry may come twice.
pub(crate) async fn every_order(
    api: &Api,
    operation: &'static str,
    query: Query<'_>,
) -> Result<At<Vec<Box<RawValue>>>, ConnectError> {
    let mut all = At { server_time: None, value: Vec::new() };
    let mut position = Some(Position::Start);
    while let Some(at) = position {
        let RawPage { items, pages, server_time } = api.list_orders(operation, query, at.number()).await?;
        all.value.extend(items);
        all.server_time = server_time.or(all.server_time);
        position = at.after(pages);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(pages: u32) -> Vec<String> {
        let mut walked = Vec::new();
        let mut token: Option<PageToken> = None;
        loop {
            let at = OrdersPosition::parse("test", token.as_ref()).unwrap();
            walked.push(format!("{} {}", at.shelf.status(), at.position.number()));
            // The trash has one page.
            let pages = if at.shelf == Shelf::Any { pages } else { 1 };
            token = at.next(pages);
            if token.is_none() {
                return walked;
            }
        }
    }

    #[test]
    fn pages_are_read_from_the_last_to_the_first_and_then_the_trash() {
        assert_eq!(walk(0), ["any 1", "trash 1"]);
        assert_eq!(walk(1), ["any 1", "trash 1"]);
        assert_eq!(walk(3), ["any 1", "any 3", "any 2", "any 1", "trash 1"]);
    }

    #[test]
    fn a_foreign_token_is_refused() {
        assert!(OrdersPosition::parse("test", Some(&PageToken("nonsense".into()))).is_err());
        assert!(OrdersPosition::parse("test", Some(&PageToken("draft:1".into()))).is_err());
        assert!(parse("test", Some(&PageToken("-1".into()))).is_err());
    }
}
