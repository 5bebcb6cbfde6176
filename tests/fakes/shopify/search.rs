//! Shopify's search syntax, as far as this fake is asked: `field:value`, comparisons, AND, OR, NOT, quotes, wildcards.
//!
//! <https://shopify.dev/docs/api/usage/search-syntax>. An unknown field is ignored, as Shopify does (it warns in
//! `extensions.search`, which is not imitated).

use jiff::Timestamp;
use jiff::civil::Date;

/// One side of OR: terms that all must hold.
type All = Vec<Term>;

#[derive(Debug, Clone, PartialEq)]
struct Term {
    negated: bool,
    /// Empty: any text of the document.
    field: String,
    comparison: Comparison,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Is,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a document has under the name of a filter.
#[derive(Debug, Clone)]
pub(super) enum Found {
    Texts(Vec<String>),
    Time(Timestamp),
    Number(u64),
    /// No such filter.
    Unknown,
}

impl Found {
    pub fn text(text: Option<&String>) -> Self {
        Self::Texts(text.cloned().into_iter().collect())
    }
}

#[derive(Debug, Clone)]
pub(super) struct Search(Vec<All>);

impl Search {
    pub fn parse(query: &str) -> Self {
        let mut sides = vec![All::new()];
        let mut negated = false;
        for word in words(query) {
            match word.as_str() {
                "AND" => {}
                "OR" => sides.push(All::new()),
                "NOT" => negated = true,
                _ => {
                    let (minus, word) = match word.strip_prefix('-') {
                        Some(rest) => (true, rest.to_owned()),
                        None => (false, word),
                    };
                    if let Some(side) = sides.last_mut() {
                        side.push(term(&word, negated || minus));
                    }
                    negated = false;
                }
            }
        }
        sides.retain(|side| !side.is_empty());
        Self(sides)
    }

    pub fn matches(&self, now: Timestamp, find: impl Fn(&str) -> Found) -> bool {
        self.0.is_empty() || self.0.iter().any(|side| side.iter().all(|term| term.holds(now, &find)))
    }
}

impl Term {
    fn holds(&self, now: Timestamp, find: &impl Fn(&str) -> Found) -> bool {
        let holds = match find(&self.field) {
            Found::Unknown => return true,
            Found::Texts(texts) => self.value.split(',').any(|wanted| texts.iter().any(|text| like(text, wanted))),
            Found::Time(at) => self.time(at, now),
            Found::Number(number) => {
                let wanted = self.value.rsplit('/').next().and_then(|value| value.parse::<u64>().ok());
                wanted.is_some_and(|wanted| self.compares(number.cmp(&wanted)))
            }
        };
        holds != self.negated
    }

    fn time(&self, at: Timestamp, now: Timestamp) -> bool {
        if self.value == "now" {
            return self.compares(at.cmp(&now));
        }
        match self.value.parse::<Timestamp>() {
            // The index keeps seconds.
            Ok(wanted) => self.compares(at.as_second().cmp(&wanted.as_second())),
            Err(_) => match self.value.parse::<Date>().ok().and_then(|date| date.in_tz("UTC").ok()) {
                Some(day) => self.compares(at.cmp(&day.timestamp())),
                None => false,
            },
        }
    }

    fn compares(&self, order: std::cmp::Ordering) -> bool {
        match self.comparison {
            Comparison::Is => order.is_eq(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }
}

fn term(word: &str, negated: bool) -> Term {
    let (field, value) = match word.split_once(':') {
        Some((field, value)) if !field.contains(['"', '\'']) => (field.to_lowercase(), value),
        _ => (String::new(), word),
    };
    let comparisons = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    let found = comparisons.iter().find_map(|(sign, comparison)| Some((*comparison, value.strip_prefix(sign)?)));
    let (comparison, value) = found.unwrap_or((Comparison::Is, value));
    let value = unquoted(value);
    Term { negated, field, comparison, value }
}

/// Cut at blanks outside of quotes; brackets only group, and this fake has no use for groups.
fn words(query: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut escaped = false;
    for character in query.chars() {
        if escaped {
            word.push(character);
            escaped = false;
            continue;
        }
        match (quote, character) {
            (_, '\\') => {
                word.push(character);
                escaped = true;
            }
            (Some(open), _) if character == open => {
                quote = None;
                word.push(character);
            }
            (None, '"' | '\'') => {
                quote = Some(character);
                word.push(character);
            }
            (None, ' ' | '(' | ')') => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn unquoted(value: &str) -> String {
    let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut text = String::new();
    let mut escaped = false;
    for character in inner.unwrap_or(value).chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            text.push(character);
            escaped = false;
        }
    }
    text
}

/// Without regard to case; `*` at the end stands for any rest.
fn like(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (text.to_lowercase(), wanted.to_lowercase());
    match wanted.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str) -> bool {
        let now = "2026-10-27T12:00:00Z".parse().unwrap();
        Search::parse(query).matches(now, |field| match field {
            "updated_at" => Found::Time("2026-10-27T11:00:00Z".parse().unwrap()),
            "tag" => Found::Texts(vec!["imported".to_owned(), "from eBay".to_owned()]),
            "source_identifier" => Found::Texts(vec!["ebay:12-34567-89012".to_owned()]),
            "id" => Found::Number(42),
            _ => Found::Unknown,
        })
    }

    #[test]
    fn terms_are_read_as_documented() {
        let found = [
            "",
            "updated_at:>=2026-10-27T11:00:00Z",
            "updated_at:>='2026-10-27T10:00:00Z' AND updated_at:<\"2026-10-27T11:00:01Z\"",
            "updated_at:<now",
            "tag:'from eBay' id:42",
            "source_identifier:\"ebay:12-34567-89012\"",
            "source_identifier:ebay\\:12-34567-89012",
            "tag:nothing OR tag:imp*",
            "NOT tag:nothing",
            "-tag:nothing",
        ];
        let missed = ["updated_at:>2026-10-27T11:00:00Z", "tag:from", "tag:nothing", "NOT tag:imported", "id:>42"];
        for query in found {
            assert!(finds(query), "{query}");
        }
        for query in missed {
            assert!(!finds(query), "{query}");
        }
    }
}
