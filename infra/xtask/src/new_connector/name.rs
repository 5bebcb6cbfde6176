//! A platform's name in the spellings that files, types and constants want.

use anyhow::{Result, bail};

/// As long as a platform's name may be.
const LONGEST: usize = 32;

/// Words that no module can be called: <https://doc.rust-lang.org/reference/keywords.html>.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "std",
];

/// `corner-shop`, `corner_shop`, `CornerShop`, `CORNER_SHOP`, and `Corner Shop` in texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    words: Vec<String>,
    kebab: String,
}

impl Name {
    /// Takes lower-case words of ASCII letters and digits, joined by `-` or `_`.
    pub fn parse(text: &str) -> Result<Self> {
        let words: Vec<String> = text.split(['-', '_']).map(str::to_owned).collect();
        let plain =
            |word: &String| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !words.iter().all(plain) || !text.starts_with(|c: char| c.is_ascii_lowercase()) || text.len() > LONGEST {
            bail!(
                "`{text}` is no name for a platform: take lower-case letters and digits, words joined by `-`, a letter first, \
                 at most {LONGEST} characters (corner-shop)."
            );
        }
        if KEYWORDS.contains(&text) {
            bail!("`{text}` is a word of Rust itself: take another name.");
        }
        let kebab = words.join("-");
        Ok(Self { words, kebab })
    }

    /// The platform's name in the registry; folders and the crate too.
    pub fn kebab(&self) -> &str {
        &self.kebab
    }

    /// Modules.
    pub fn snake(&self) -> String {
        self.words.join("_")
    }

    /// Types.
    pub fn pascal(&self) -> String {
        self.capitals().concat()
    }

    /// What texts call it.
    pub fn title(&self) -> String {
        self.capitals().join(" ")
    }

    fn capitals(&self) -> Vec<String> {
        self.words.iter().map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
    }

    pub fn upper(&self) -> String {
        self.snake().to_ascii_uppercase()
    }

    /// The text with the name in place of its placeholders.
    pub fn filled(&self, template: &str) -> String {
        template
            .replace("__kebab__", &self.kebab)
            .replace("__snake__", &self.snake())
            .replace("__Pascal__", &self.pascal())
            .replace("__Title__", &self.title())
            .replace("__UPPER__", &self.upper())
    }

    /// Whether a type, a constant or a module of this name would meet another of the same name in the code.
    pub fn is_word_of(&self, code: &str) -> bool {
        let code = code.lines().map(|line| line.split("//").next().unwrap_or_default());
        let mine = [self.pascal(), self.upper(), self.snake()];
        code.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
            .any(|word| mine.iter().any(|mine| mine == word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_five_spellings() {
        for text in ["corner-shop", "corner_shop"] {
            let name = Name::parse(text).unwrap();
            assert_eq!(
                name.filled("__kebab__ __snake__ __Pascal__ __UPPER__ __Title__"),
                "corner-shop corner_shop CornerShop CORNER_SHOP Corner Shop"
            );
        }
        assert_eq!(Name::parse("shop24").unwrap().pascal(), "Shop24");
    }

    #[test]
    fn what_is_no_name_is_refused_in_one_sentence() {
        for text in ["", "Acme", "4shops", "-acme", "acme-", "a--b", "a b", "acmé", "a/b", "..", &"a".repeat(33)] {
            let error = Name::parse(text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{text}` is no name for a platform: ")) && error.ends_with('.'),
                "{error}"
            );
        }
        assert_eq!(
            Name::parse("match").unwrap_err().to_string(),
            "`match` is a word of Rust itself: take another name."
        );
    }

    #[test]
    fn a_name_that_the_code_uses_is_seen() {
        let of = |name: &str, code: &str| Name::parse(name).unwrap().is_word_of(code);
        assert!(of("page", "use connect::{Page, Window};") && of("fakes", "use fakes::Faults;"));
        assert!(!of("page", "// a Page\nuse connect::PageToken;") && !of("acme", "use connect::Page;"));
    }
}
