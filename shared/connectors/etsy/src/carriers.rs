//! The carriers of tracking numbers, by the names that Etsy takes.

/// Etsy's name, and the carrier's own; most in use first.
/// <https://developers.etsy.com/documentation/tutorials/fulfillment#tracking-updates-for-shipping-carriers>. What
/// `getShippingCarriers` lists are the carriers of shipping profiles, which are others.
const CARRIERS: &[(&str, &str)] = &[
    ("usps", "USPS"),
    ("ups", "UPS"),
    ("fedex", "FedEx"),
    ("dhl", "DHL Express"),
    ("royal-mail", "Royal Mail"),
    ("canada-post", "Canada Post"),
    ("australia-post", "Australia Post"),
    ("deutsch-post", "Deutsche Post"),
    ("dhl-germany", "DHL Germany"),
    ("dhl-global-mail", "DHL Global Mail"),
    ("dhl-global-mail-asia", "DHL eCommerce"),
    ("dhl-nl", "DHL Netherlands"),
    ("dhl-benelux", "DHL Benelux"),
    ("dhl-poland", "DHL Polska"),
    ("an-post", "An Post"),
    ("aramex", "Aramex"),
    ("asendia-uk", "Asendia UK"),
    ("asendia-usa", "Asendia USA"),
    ("austrian-post", "Austrian Post"),
    ("bpost", "Belgium Post Domestic"),
    ("bpost-international", "Belgium Post International"),
    ("brazil-correios", "Correios de Brasil"),
    ("canpar", "Canpar Courier"),
    ("ceska-posta", "Ceska Posta"),
    ("china-ems", "China EMS"),
    ("china-post", "China Post"),
    ("chitchats", "Chit Chats"),
    ("chronopost-france", "Chronopost France"),
    ("colissimo", "Colissimo"),
    ("collectplus", "Collect Plus"),
    ("couriers-please", "Couriers Please"),
    ("danmark-post", "PostNord"),
    ("dpd", "DPD"),
    ("dpd-de", "DPD Germany"),
    ("dpd-poland", "DPD Polska"),
    ("dpd-uk", "DPD UK"),
    ("fastway-au", "Fastway Australia"),
    ("fastway-ireland", "Fastway Couriers"),
    ("fastway-nz", "Fastway New Zealand"),
    ("fedex-uk", "FedEx UK (Domestic)"),
    ("gls", "GLS"),
    ("hermes", "Hermes UK"),
    ("hermes-de", "Hermes"),
    ("hermes-it", "Hermes Italy"),
    ("hong-kong-post", "Hong Kong Post"),
    ("hrvatska-posta", "Hrvatska Posta"),
    ("india-post", "India Post"),
    ("interlink-express", "Interlink Express"),
    ("israel-post", "Israel Post"),
    ("italy-sda", "SDA Express Courier"),
    ("japan-post", "Japan Post"),
    ("jersey-post", "Jersey Post"),
    ("korea-post", "Korea Post EMS"),
    ("la-poste-colissimo", "La Poste"),
    ("lasership", "LaserShip"),
    ("latvijas-pasts", "Latvijas Pasts"),
    ("lietuvos-pastas", "Lietuvos Pastas"),
    ("magyar-posta", "Magyar Posta"),
    ("mondialrelay", "Mondial Relay"),
    ("mrw-spain", "MRW"),
    ("nacex-spain", "Nacex"),
    ("new-zealand-post", "New Zealand Post"),
    ("nova-poshta", "Nova Poshta"),
    ("ontrac", "OnTrac"),
    ("parcel-force", "Parcelforce Worldwide"),
    ("poczta-polska", "Poczta Polska"),
    ("portugal-ctt", "Correios de Portugal (CTT)"),
    ("poste-italiane", "Poste Italiane"),
    ("posten-norge", "Posten Norge"),
    ("posti", "Posti"),
    ("postnl", "PostNL Domestic"),
    ("postnl-international", "PostNL International"),
    ("postnord", "PostNord Logistics"),
    ("ptt-posta", "PTT Posta"),
    ("purolator", "Purolator"),
    ("sendle", "Sendle"),
    ("sf-express", "SF Express"),
    ("singapore-post", "Singapore Post"),
    ("spain-correos-es", "Correos de Espana"),
    ("spanish-seur", "SEUR Espana (Domestico)"),
    ("star-track", "StarTrack"),
    ("sweden-posten", "Posten AB"),
    ("swiss-post", "Swiss Post"),
    ("tnt", "TNT"),
    ("tnt-uk", "TNT UK"),
    ("uk-mail", "UK Mail"),
    ("ukrposhta", "Ukrposhta"),
    ("whistl", "Whistl"),
    ("yanwen", "Yanwen"),
    ("yodel", "Yodel"),
];

/// Other names that carriers go by, in letters and digits only.
const ALIASES: &[(&str, &str)] = &[
    ("bpostbe", "bpost"),
    ("correos", "spain-correos-es"),
    ("ctt", "portugal-ctt"),
    ("deutschepostdhl", "dhl-germany"),
    ("dhlpaket", "dhl-germany"),
    ("evri", "hermes"),
    ("federalexpress", "fedex"),
    ("myhermes", "hermes"),
    ("osterreichischepost", "austrian-post"),
    ("parcelforce", "parcel-force"),
    ("sda", "italy-sda"),
    ("seur", "spanish-seur"),
    ("unitedparcelservice", "ups"),
    ("unitedstatespostalservice", "usps"),
];

/// "If the carrier is not supported, you may use `other` as the carrier name so you can provide the tracking code."
const OTHER: &str = "other";

/// The names as Etsy spells them, `other` among them.
pub const NAMES: &[&str] = &names();

const fn names() -> [&'static str; CARRIERS.len() + 1] {
    let mut names = [OTHER; CARRIERS.len() + 1];
    let mut at = 0;
    while at < CARRIERS.len() {
        names[at] = CARRIERS[at].0;
        at += 1;
    }
    names
}

/// Etsy's name of a carrier: by that name, by the carrier's own, or by another that it is known by.
pub fn code(name: Option<&str>) -> &'static str {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let wanted = plain(name.unwrap_or_default());
    let known = CARRIERS.iter().find(|(code, own)| plain(code) == wanted || plain(own) == wanted);
    let alias = || ALIASES.iter().find(|(alias, _)| *alias == wanted);
    known.or_else(alias).map_or(OTHER, |found| if known.is_some() { found.0 } else { found.1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_get_etsys_name() {
        let names = ["UPS", "Royal Mail", "ROYAL-MAIL", "DHL Germany", "dhl", "Evri", "DHL Paket", "Bike Leeds", ""];
        let expected =
            ["ups", "royal-mail", "royal-mail", "dhl-germany", "dhl", "hermes", "dhl-germany", "other", "other"];
        assert_eq!(names.map(|name| code(Some(name))), expected);
        assert_eq!(code(None), "other");
    }

    #[test]
    fn no_name_stands_twice_and_every_alias_has_its_carrier() {
        let mut names = NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CARRIERS.len() + 1);
        assert!(ALIASES.iter().all(|(alias, code)| NAMES.contains(code) && !NAMES.contains(alias)));
    }
}
