//! A25: looking for orders by words: at the beginning of any word, whatever the case and accents, in any script.

use std::borrow::Cow;

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::row::Words;

/// The longest text that is looked for, in characters.
pub const MAX_CHARS: usize = 100;
/// More words than a name and an article have.
const MAX_WORDS: usize = 10;

const DECOMPOSED: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();

/// What was asked for, ready to be compared.
#[derive(Clone, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
}

impl std::fmt::Debug for Search {
    /// Leaves out the words: it may be a buyer's name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").finish_non_exhaustive()
    }
}

/// Why a text cannot be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    #[error("at least two letters or digits are needed")]
    TooShort,
    #[error("at most {MAX_CHARS} characters and {MAX_WORDS} words can be looked for")]
    TooLong,
}

impl Search {
    pub fn new(text: &str) -> Result<Self, SearchError> {
        if text.chars().take(MAX_CHARS + 1).count() > MAX_CHARS {
            return Err(SearchError::TooLong);
        }
        let folded = fold(text);
        let words: Vec<String> = folded
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        if words.len() > MAX_WORDS {
            return Err(SearchError::TooLong);
        }
        // One character of Han is a whole name; one Latin letter is half of all orders.
        let enough = words.iter().any(|word| word.chars().count() > 1 || word.chars().any(is_a_word));
        if enough { Ok(Self { words }) } else { Err(SearchError::TooShort) }
    }

    /// Each word begins a word of the order: of a number, a name, an SKU or a title.
    pub fn finds(&self, order: &Words) -> bool {
        let ours = order.number.to_string();
        let of_order: Vec<Cow<'_, str>> = [ours.as_str(), &order.channel_number]
            .into_iter()
            .chain(order.store_number.as_deref())
            .chain(order.names.iter().map(String::as_str))
            .map(fold)
            .collect();
        self.words.iter().all(|word| {
            of_order.iter().any(|text| begins_a_word(text, word))
                || order.lines.iter().any(|line| {
                    line.item.sku.as_deref().is_some_and(|sku| begins_a_word(&fold(sku), word))
                        || begins_a_word(&fold(&line.item.title), word)
                })
        })
    }
}

fn begins_a_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() || is_a_word(before))
            || word.chars().next().is_some_and(is_a_word)
    })
}

/// Scripts that put no blanks between words: each character may begin one (Thai to Khmer, kana, Han) or are decomposed to parts (Hangul).
const fn is_a_word(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The text without case, accents and forms of writing.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let mut folded = String::with_capacity(text.len());
    for c in DECOMPOSED.normalize(text).chars().filter(|c| !is_accent(*c)) {
        for c in c.to_lowercase().filter(|c| !is_accent(*c)) {
            match base(c) {
                Some(base) => folded.push_str(base),
                None => folded.push(c),
            }
        }
    }
    Cow::Owned(folded)
}

/// Marks on Latin, Greek, Cyrillic, Hebrew and Arabic letters. Other scripts' marks are letters: they stay.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}' | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}'
        | '\u{05C7}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{0640}')
}

/// Letters that Unicode does not decompose and people type without their stroke.
const fn base(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ð' | 'đ' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ς' => "σ",
        '\u{2019}' | '\u{02BC}' => "'",
        _ => return None,
    })
}
