//! The currencies that WooCommerce knows, and how it writes the usual ones.

/// `get_woocommerce_currencies()`, as capture 32 lists them.
pub(super) const CURRENCIES: [&str; 163] = [
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF",
    "BMD", "BND", "BOB", "BRL", "BSD", "BTC", "BTN", "BWP", "BYR", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY",
    "COP", "CRC", "CUC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP",
    "GBP", "GEL", "GGP", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HRK", "HTG", "HUF", "IDR", "ILS",
    "IMP", "INR", "IQD", "IRR", "IRT", "ISK", "JEP", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW",
    "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP",
    "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN",
    "PGK", "PHP", "PKR", "PLN", "PRB", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK",
    "SGD", "SHP", "SLL", "SOS", "SRD", "SSP", "STN", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD",
    "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VEF", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XOF", "XPF",
    "YER", "ZAR", "ZMW",
];

/// Name and sign of a currency. WooCommerce knows them all; the fake, those that tests use.
pub(super) struct Shown<'a> {
    pub name: &'a str,
    pub symbol: &'a str,
    /// The sign as HTML, which is what the currency's own route gives (capture 92b).
    pub html: &'a str,
}

pub(super) fn shown(code: &str) -> Shown<'_> {
    let (name, symbol, html) = match code {
        "USD" => ("United States (US) dollar", "$", "&#36;"),
        "GBP" => ("Pound sterling", "£", "&pound;"),
        "EUR" => ("Euro", "€", "&euro;"),
        "JPY" => ("Japanese yen", "¥", "&yen;"),
        other => (other, other, other),
    };
    Shown { name, symbol, html }
}
