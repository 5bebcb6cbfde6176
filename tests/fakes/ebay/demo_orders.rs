//! The sixty orders of the demo, and the small catalogue that they are bought from.

use iso_currency::Currency;
use serde_json::json;

use super::{Address, Collector, LineSpec, OrderSpec, Payment, StockedItem};

/// A product that the demo's channel lists and its main store holds, under the same SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    pub sku: &'static str,
    pub title: &'static str,
    /// In pence.
    pub price: i64,
    pub stock: u32,
}

const fn product(sku: &'static str, title: &'static str, price: i64, stock: u32) -> Product {
    Product { sku, title, price, stock }
}

pub const CATALOGUE: [Product; 10] = [
    product("TEA-EARL-100", "Earl Grey tea, 100 bags", 899, 200),
    product("TEA-POT-BLUE", "Blue stoneware teapot", 2450, 100),
    product("MUG-WHITE-35", "White mug, 350 ml", 749, 250),
    product("MUG-BLACK-35", "Black mug, 350 ml", 749, 250),
    product("SPOON-SET-6", "Six teaspoons", 1295, 120),
    product("KETTLE-1L7", "Kettle, 1.7 l", 3999, 80),
    product("HONEY-340", "Heather honey, 340 g", 650, 150),
    product("SCALE-5KG", "Kitchen scale, 5 kg", 1999, 90),
    product("TOWEL-LINEN", "Linen tea towel", 525, 300),
    product("BOX-GIFT-M", "Gift box, medium", 350, 400),
];

/// Listed on the channel, in no main store.
pub const UNLINKED_SKU: &str = "VINTAGE-CADDY";

/// How many orders the demo has.
pub const DEMO_ORDERS: usize = 60;

/// What becomes of a demo order under the default settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Paid,
    /// Imported all the same, as awaiting payment.
    Unpaid,
    /// Cancelled before anyone saw it: nothing to import.
    Canceled,
    /// A line of it has no product in the main store: it waits.
    Unlinked,
    /// Cannot be read.
    Malformed,
}

/// Told from the order itself.
pub fn kind(order: &OrderSpec) -> Kind {
    let known = |line: &LineSpec| CATALOGUE.iter().any(|product| line.sku.as_deref() == Some(product.sku));
    if !order.patches.is_empty() {
        Kind::Malformed
    } else if order.canceled {
        Kind::Canceled
    } else if !order.lines.iter().all(known) {
        Kind::Unlinked
    } else if order.payment == Payment::Pending {
        Kind::Unpaid
    } else {
        Kind::Paid
    }
}

/// The catalogue as eBay sells it, and the item that no main store knows.
pub fn demo_items() -> Vec<StockedItem> {
    let item = |p: &Product| StockedItem::new(p.sku, p.title, p.price, Currency::GBP, p.stock);
    let mut items: Vec<StockedItem> = CATALOGUE.iter().map(item).collect();
    items.push(StockedItem::new(UNLINKED_SKU, "Vintage tea caddy", 3200, Currency::GBP, 1));
    items
}

/// Sixty orders without dates: each is created when it is placed. The same seed gives the same orders.
pub fn demo_orders(seed: u64) -> Vec<OrderSpec> {
    fewer_demo_orders(seed, DEMO_ORDERS)
}

/// The same with fewer ordinary ones: `count` orders, every unusual one among them.
pub fn fewer_demo_orders(seed: u64, count: usize) -> Vec<OrderSpec> {
    let mut dice = Dice::new(seed);
    let special = special_orders();
    let ordinary = special.len()..count;
    let ordinary: Vec<OrderSpec> = ordinary.map(|number| ordinary_order(number, &mut dice)).collect();
    let mut orders = special;
    // The unusual ones come between the others.
    for order in ordinary {
        let at = dice.below(orders.len() + 1);
        orders.insert(at, order);
    }
    for line in orders.iter_mut().flat_map(|order| &mut order.lines) {
        if let Some(product) = CATALOGUE.iter().find(|product| line.sku.as_deref() == Some(product.sku)) {
            product.title.clone_into(&mut line.title);
        }
    }
    orders
}

fn special_orders() -> Vec<OrderSpec> {
    let us = || Address::new("200 Example Avenue", "San Diego", "92101", "US").line2("Apt 4").state("CA");
    let multi_quantity = order(0).line("MUG-WHITE-35", 6, 749).line("MUG-BLACK-35", 6, 749).shipping(399);
    let discounts = order(1)
        .line_of(LineSpec::new("TEA-POT-BLUE", 1, 2450).discount(245))
        .line_of(LineSpec::new("TEA-EARL-100", 3, 899).discount(135))
        .shipping(595)
        .shipping_discount(196);
    let coupon =
        order(2).line("KETTLE-1L7", 1, 3999).line("SPOON-SET-6", 1, 1295).seller_discount(529).ebay_discount(500);
    let tax_lines = order(3)
        .currency(Currency::USD)
        .buyer("us_county_buyer", "Grace Sample")
        .ship_to(us())
        .service("USPSPriority")
        .line_of(LineSpec::new("SCALE-5KG", 1, 2599).tax("STATE_SALES_TAX", 188, Collector::Seller).tax(
            "COUNTY_SALES_TAX",
            26,
            Collector::Seller,
        ))
        .line_of(LineSpec::new("TOWEL-LINEN", 2, 699).tax("STATE_SALES_TAX", 101, Collector::Seller))
        .shipping(799);
    let us_collected = order(4)
        .currency(Currency::USD)
        .buyer("us_buyer", "John Placeholder")
        .ship_to(us())
        .service("USPSParcel")
        .line("TEA-POT-BLUE", 1, 4000)
        .shipping(500)
        .tax("STATE_SALES_TAX", 371, Collector::Ebay);
    let eu_collected = order(5)
        .currency(Currency::EUR)
        .buyer("de_kaeufer", "Jürgen Müßig")
        .ship_to(Address::new("Beispielweg 3", "Nürnberg", "90402", "DE"))
        .service("DE_DHLPaket")
        .line("HONEY-340", 4, 790)
        .shipping(900)
        .tax("VAT", 771, Collector::Ebay);
    let no_email = order(6).line("KETTLE-1L7", 1, 3999).shipping(495).without_email();
    let null_lines = order(7).line("SPOON-SET-6", 1, 1295).shipping(295).null_address_lines();
    let japanese = order(8)
        .currency(Currency::JPY)
        .buyer("jp_buyer", "山田 太郎")
        .ship_to(Address::new("丸の内1丁目1番1号", "千代田区", "100-0005", "JP").state("東京都"))
        .service("JP_StandardInternational")
        .line("TEA-EARL-100", 2, 1650)
        .line("TEA-POT-BLUE", 1, 4800)
        .shipping(1200);
    let ukrainian =
        order(9).buyer("ua_buyer", "Олена Приклад").line("MUG-WHITE-35", 2, 749).shipping(399).note("Дякую!");
    let arabic = order(10).buyer("ae_buyer", "ليلى مثال").line("HONEY-340", 2, 650).shipping(399);
    let unpaid = order(11).line("SCALE-5KG", 3, 1999).unpaid();
    let unpaid_too = order(12).line("BOX-GIFT-M", 10, 350).shipping(399).unpaid();
    let canceled = order(13).line("TEA-EARL-100", 1, 899).shipping(295).unpaid().canceled();
    let unlinked = order(14)
        .line("TEA-EARL-100", 1, 899)
        .line_of(LineSpec::new(UNLINKED_SKU, 1, 3200).title("Vintage tea caddy"))
        .shipping(399);
    let malformed = order(15)
        .line("MUG-BLACK-35", 1, 749)
        .set("/lineItems/0/quantity", json!("one"))
        .set("/pricingSummary/total/value", json!("seven pounds"));
    vec![
        multi_quantity,
        discounts,
        coupon,
        tax_lines,
        us_collected,
        eu_collected,
        no_email,
        null_lines,
        japanese,
        ukrainian,
        arabic,
        unpaid,
        unpaid_too,
        canceled,
        unlinked,
        malformed,
    ]
}

fn ordinary_order(number: usize, dice: &mut Dice) -> OrderSpec {
    const NAMES: [&str; 6] =
        ["Ada Example", "Ben Sample", "Chloë Muster", "Dafydd Enghraifft", "Ewa Przykład", "Femi Sample"];
    const TOWNS: [(&str, &str); 4] =
        [("London", "N1 1AA"), ("Leeds", "LS1 4AP"), ("Cardiff", "CF10 1EP"), ("Glasgow", "G2 1DY")];
    let (town, postal_code) = TOWNS[dice.below(TOWNS.len())];
    let street = format!("{} Example Street", 1 + dice.below(200));
    let mut spec = order(number)
        .buyer(&format!("buyer_{number:02}"), NAMES[dice.below(NAMES.len())])
        .ship_to(Address::new(&street, town, postal_code, "GB"));
    let first = dice.below(CATALOGUE.len());
    for step in 0..=dice.below(3) {
        let product = CATALOGUE[(first + step * 3) % CATALOGUE.len()];
        let quantity = [1, 1, 1, 2, 3][dice.below(5)];
        spec = spec.line_of(LineSpec::new(product.sku, quantity, product.price));
    }
    if dice.below(4) == 0 {
        let discount = spec.sums(false).price_subtotal / 10;
        spec = spec.seller_discount(discount);
    }
    if dice.below(6) == 0 {
        spec = spec.note("Please leave it with a neighbour.");
    }
    if dice.below(5) == 0 { spec } else { spec.shipping([295, 399, 495][dice.below(3)]) }
}

fn order(number: usize) -> OrderSpec {
    OrderSpec::new(&format!("12-{:05}-{:05}", 34000 + number * 7, 10007 + number * 131))
}

/// A small generator, so that a seed gives the same orders for ever: xorshift64, <https://doi.org/10.18637/jss.v008.i14>.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from(self.0 % limit).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_demo_has_sixty_orders_of_every_kind_and_the_same_for_a_seed() {
        for seed in 0..50 {
            let orders = demo_orders(seed);
            assert_eq!(orders.len(), DEMO_ORDERS);
            assert_eq!(orders.iter().map(|order| &order.id).collect::<BTreeSet<_>>().len(), DEMO_ORDERS);
            let count = |wanted| orders.iter().filter(|order| kind(order) == wanted).count();
            let counts = [Kind::Paid, Kind::Unpaid, Kind::Canceled, Kind::Unlinked, Kind::Malformed].map(count);
            assert_eq!(counts, [55, 2, 1, 1, 1]);
            assert!(orders.iter().any(|order| order.currency == Currency::JPY));
            assert!(orders.iter().any(|order| order.buyer.email.is_none()));
            assert_eq!(format!("{orders:?}"), format!("{:?}", demo_orders(seed)));
        }
        assert_ne!(format!("{:?}", demo_orders(1)), format!("{:?}", demo_orders(2)));
    }

    #[test]
    fn no_seed_sells_more_than_the_catalogue_holds() {
        for seed in 0..200 {
            for product in CATALOGUE {
                let orders = demo_orders(seed);
                let lines = orders.iter().flat_map(|order| &order.lines);
                let sold: u32 =
                    lines.filter(|line| line.sku.as_deref() == Some(product.sku)).map(|line| line.quantity).sum();
                assert!(sold <= product.stock, "seed {seed}: {sold} of {}", product.sku);
            }
        }
    }
}
