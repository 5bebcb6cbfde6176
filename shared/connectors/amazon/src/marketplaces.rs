//! Amazon's marketplaces: their regions, currencies, and where their sellers sign in.

/// A selling region, with an API of its own.
/// <https://developer-docs.amazon.com/sp-api/docs/sp-api-endpoints>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    NorthAmerica,
    Europe,
    FarEast,
}

impl Region {
    /// By its name in the settings.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "na" => Some(Self::NorthAmerica),
            "eu" => Some(Self::Europe),
            "fe" => Some(Self::FarEast),
            _ => None,
        }
    }

    pub const fn api(self) -> &'static str {
        match self {
            Self::NorthAmerica => "https://sellingpartnerapi-na.amazon.com",
            Self::Europe => "https://sellingpartnerapi-eu.amazon.com",
            Self::FarEast => "https://sellingpartnerapi-fe.amazon.com",
        }
    }

    /// <https://developer-docs.amazon.com/sp-api/docs/the-selling-partner-api-sandbox>
    pub const fn sandbox(self) -> &'static str {
        match self {
            Self::NorthAmerica => "https://sandbox.sellingpartnerapi-na.amazon.com",
            Self::Europe => "https://sandbox.sellingpartnerapi-eu.amazon.com",
            Self::FarEast => "https://sandbox.sellingpartnerapi-fe.amazon.com",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marketplace {
    pub id: &'static str,
    pub region: Region,
    pub currency: &'static str,
    /// Where its sellers sign in and consent.
    pub seller_central: &'static str,
    /// Sales tax comes on top of the prices shown; elsewhere prices are shown with their tax.
    pub tax_on_top: bool,
}

const EUROPE: &str = "https://sellercentral-europe.amazon.com";

const fn of(id: &'static str, region: Region, currency: &'static str, seller_central: &'static str) -> Marketplace {
    Marketplace { id, region, currency, seller_central, tax_on_top: false }
}

const fn taxed_on_top(marketplace: Marketplace) -> Marketplace {
    Marketplace { tax_on_top: true, ..marketplace }
}

/// <https://developer-docs.amazon.com/sp-api/docs/marketplace-ids>,
/// <https://developer-docs.amazon.com/sp-api/docs/seller-central-urls>
const MARKETPLACES: &[Marketplace] = &[
    taxed_on_top(of("ATVPDKIKX0DER", Region::NorthAmerica, "USD", "https://sellercentral.amazon.com")),
    taxed_on_top(of("A2EUQ1WTGCTBG2", Region::NorthAmerica, "CAD", "https://sellercentral.amazon.ca")),
    of("A1AM78C64UM0Y8", Region::NorthAmerica, "MXN", "https://sellercentral.amazon.com.mx"),
    of("A2Q3Y263D00KWC", Region::NorthAmerica, "BRL", "https://sellercentral.amazon.com.br"),
    of("A28R8C7NBKEWEA", Region::Europe, "EUR", "https://sellercentral.amazon.ie"),
    of("A1RKKUPIHCS9HS", Region::Europe, "EUR", EUROPE),
    of("A1F83G8C2ARO7P", Region::Europe, "GBP", EUROPE),
    of("A13V1IB3VIYZZH", Region::Europe, "EUR", EUROPE),
    of("AMEN7PMS3EDWL", Region::Europe, "EUR", "https://sellercentral.amazon.com.be"),
    of("A1805IZSGTT6HS", Region::Europe, "EUR", "https://sellercentral.amazon.nl"),
    of("A1PA6795UKMFR9", Region::Europe, "EUR", EUROPE),
    of("APJ6JRA9NG5V4", Region::Europe, "EUR", EUROPE),
    of("A2NODRKZP88ZB9", Region::Europe, "SEK", "https://sellercentral.amazon.se"),
    of("AE08WJ6YKNBMC", Region::Europe, "ZAR", "https://sellercentral.amazon.co.za"),
    of("A1C3SOZRARQ6R3", Region::Europe, "PLN", "https://sellercentral.amazon.pl"),
    of("ARBP9OOSHTCHU", Region::Europe, "EGP", "https://sellercentral.amazon.eg"),
    of("A33AVAJ2PDY3EV", Region::Europe, "TRY", "https://sellercentral.amazon.com.tr"),
    of("A17E79C6D8DWNP", Region::Europe, "SAR", "https://sellercentral.amazon.sa"),
    of("A2VIGQ35RCS4UG", Region::Europe, "AED", "https://sellercentral.amazon.ae"),
    of("A21TJRUUN4KGV", Region::Europe, "INR", "https://sellercentral.amazon.in"),
    of("A19VAU5U5O7RUS", Region::FarEast, "SGD", "https://sellercentral.amazon.sg"),
    of("A39IBJ37TRP1C6", Region::FarEast, "AUD", "https://sellercentral.amazon.com.au"),
    of("A1VC38T7YXB528", Region::FarEast, "JPY", "https://sellercentral.amazon.co.jp"),
];

/// `None`: one that Amazon opened since.
pub fn marketplace(id: &str) -> Option<&'static Marketplace> {
    MARKETPLACES.iter().find(|known| known.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::Currency;

    use super::*;

    #[test]
    fn every_marketplace_is_there_once_with_a_real_currency() {
        let ids: BTreeSet<_> = MARKETPLACES.iter().map(|marketplace| marketplace.id).collect();
        assert_eq!(ids.len(), MARKETPLACES.len());
        for marketplace in MARKETPLACES {
            assert!(marketplace.currency.parse::<Currency>().is_ok(), "{}", marketplace.id);
            assert!(url::Url::parse(marketplace.seller_central).is_ok(), "{}", marketplace.id);
        }
    }
}
