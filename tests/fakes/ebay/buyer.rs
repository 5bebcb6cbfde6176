//! Who bought, and where it goes.

#[derive(Debug, Clone)]
pub struct Buyer {
    pub username: String,
    pub name: Option<String>,
    /// eBay gives it for 14 days; members of some sites hide it.
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Address,
}

#[derive(Debug, Clone, Default)]
pub struct Address {
    pub line1: Field,
    pub line2: Field,
    pub city: Field,
    pub state: Field,
    pub postal_code: Field,
    pub country: Field,
}

/// A text that eBay gives, leaves out, or gives as null.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Field {
    #[default]
    Absent,
    Null,
    Text(String),
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Address {
    /// Street, city and postal code in a country of two letters.
    pub fn new(line1: &str, city: &str, postal_code: &str, country: &str) -> Self {
        Self {
            line1: line1.into(),
            city: city.into(),
            postal_code: postal_code.into(),
            country: country.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn line2(mut self, line2: &str) -> Self {
        self.line2 = line2.into();
        self
    }

    #[must_use]
    pub fn state(mut self, state: &str) -> Self {
        self.state = state.into();
        self
    }
}
