//! Carriers: what other systems call them, and what Amazon does.

/// Codes that Amazon knows, as Seller Central lists them. Not complete, and it need not be: any other name goes as it is.
/// <https://sellercentral.amazon.com/gp/help/G200137470>
const CODES: &[&str] = &[
    "Aramex",
    "Australia Post",
    "BlueDart",
    "Canada Post",
    "Chronopost",
    "City Link",
    "DHL",
    "DHL Global Mail",
    "DPD",
    "DTDC",
    "Delhivery",
    "Deutsche Post",
    "Fastway",
    "FedEx",
    "FedEx SmartPost",
    "GLS",
    "GO!",
    "Hermes Logistik Gruppe",
    "India Post",
    "JP_EXPRESS",
    "La Poste",
    "Lasership",
    "NITTSU",
    "Newgistics",
    "NipponExpress",
    "OSM",
    "OnTrac",
    "Parcelforce",
    "Parcelnet",
    "Poste Italiane",
    "Royal Mail",
    "SAGAWA",
    "SDA",
    "SagawaExpress",
    "Smartmail",
    "Streamlite",
    "TNT",
    "UPS",
    "UPS Mail Innovations",
    "USPS",
    "YAMATO",
    "YamatoTransport",
];

/// Other names that carriers go by, in letters and digits only.
const ALIASES: &[(&str, &str)] = &[
    ("dhlexpress", "DHL"),
    ("dhlpaket", "DHL"),
    ("federalexpress", "FedEx"),
    ("hermes", "Hermes Logistik Gruppe"),
    ("unitedparcelservice", "UPS"),
    ("unitedstatespostalservice", "USPS"),
];

/// `carrierCode` and `carrierName`: "Required when `carrierCode` is \"Other\"". `None`: nothing is left of the name.
pub fn code(name: &str) -> Option<(String, Option<String>)> {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let wanted = plain(name);
    let known = CODES.iter().find(|code| plain(code) == wanted && !wanted.is_empty()).copied();
    let known = known.or_else(|| ALIASES.iter().find(|(alias, _)| *alias == wanted).map(|(_, code)| *code));
    if let Some(code) = known {
        return Some((code.to_owned(), None));
    }
    let name = name.trim();
    (!name.is_empty()).then(|| ("Other".to_owned(), Some(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_get_amazons_code_or_keep_their_own_name() {
        let codes =
            ["Royal Mail", "ROYAL-MAIL", "ups", "United Parcel Service", "go", " Speedy Bikes (Leeds) ", "日本郵便"]
                .map(|name| code(name).unwrap());
        let shown = codes.map(|(code, name)| name.map_or(code.clone(), |name| format!("{code}: {name}")));
        let expected =
            ["Royal Mail", "Royal Mail", "UPS", "UPS", "GO!", "Other: Speedy Bikes (Leeds)", "Other: 日本郵便"];
        assert_eq!(shown, expected);
        assert_eq!(code("  "), None);
    }
}
