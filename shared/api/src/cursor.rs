//! Where a list goes on, as text that only the list which gave it takes back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use storage::{PageRequest, PageToken};

use crate::input::Query;
use crate::problem::Problem;

/// Tells a cursor of this list from any other text; it keeps no secret.
const CHECK: usize = 8;

/// One list: its name and what it is about.
pub(crate) struct List<'a>(pub &'a str, pub &'a str);

impl List<'_> {
    /// The page that `cursor` and `limit` ask for.
    pub fn page(&self, query: &Query) -> Result<PageRequest, Problem> {
        query.only(&["cursor", "limit"])?;
        Ok(PageRequest { after: self.place(query)?, limit: query.limit()? })
    }

    /// The place that `cursor` asks for, in a list whose pages the platform itself cuts.
    pub fn after(&self, query: &Query) -> Result<Option<PageToken>, Problem> {
        query.only(&["cursor"])?;
        self.place(query)
    }

    /// The place that `cursor` asks for, beside other parameters.
    pub fn place(&self, query: &Query) -> Result<Option<PageToken>, Problem> {
        let wrong = || Problem::parameter("cursor", "`cursor` is not one that this list gave.");
        query.text("cursor").map(|text| self.token(text).ok_or_else(wrong)).transpose()
    }

    /// `cursor` of the page after this one.
    pub fn cursor(&self, token: &PageToken) -> String {
        let bytes = [&self.check(token.as_str())[..], token.as_str().as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn token(&self, cursor: &str) -> Option<PageToken> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (check, token) = bytes.split_at_checked(CHECK)?;
        let token = std::str::from_utf8(token).ok()?;
        (check == self.check(token)).then(|| PageToken::from_text(token))
    }

    fn check(&self, token: &str) -> [u8; CHECK] {
        let hash = Sha256::digest(format!("{}\n{}\n{token}", self.0, self.1));
        std::array::from_fn(|i| hash[i])
    }
}
