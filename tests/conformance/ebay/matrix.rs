//! Orders of every shape that the builder can make, by seed.

use fakes::ebay::{Address, Collector, Field, LineSpec, OrderSpec};
use iso_currency::Currency;

/// xorshift64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn amount(&mut self, limit: u64) -> i64 {
        i64::try_from(self.below(limit)).unwrap()
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }
}

/// Any shape that eBay sends and that can be read.
pub fn any_order(seed: u64) -> OrderSpec {
    let mut dice = Dice::new(seed);
    let mut order = OrderSpec::new(&format!("12-{:05}-{:05}", seed % 100_000, dice.below(100_000)));
    order = order.currency(dice.one_of(&[Currency::GBP, Currency::USD, Currency::EUR, Currency::JPY, Currency::AUD]));
    for number in 0..=dice.below(4) {
        let mut line =
            LineSpec::new(&format!("SKU-{number}"), u32::try_from(1 + dice.below(5)).unwrap(), dice.amount(5000));
        line = line.shipping(if dice.chance(2) { dice.amount(900) } else { 0 });
        if dice.chance(3) {
            let discount = dice.amount(u64::try_from(line.cost() + 1).unwrap());
            line = line.discount(discount);
        }
        if dice.chance(3) {
            let discount = dice.amount(u64::try_from(line.shipping + 1).unwrap());
            line = line.shipping_discount(discount);
        }
        if dice.chance(3) {
            line = line.variation(&format!("66{number}"), &[("Colour", "Rouge"), ("Größe", "L")]);
        }
        if dice.chance(6) {
            line = line.without_sku("123456789012");
        }
        if dice.chance(8) {
            line = line.gift("Ada", if dice.chance(2) { Some("Happy birthday") } else { None });
        }
        for _ in 0..dice.below(4) {
            let kind =
                dice.one_of(&["STATE_SALES_TAX", "VAT", "GST", "PROVINCE_SALES_TAX", "ELECTRONIC_RECYCLING_FEE"]);
            let collector = dice.one_of(&[Collector::Seller, Collector::Ebay, Collector::EbayOutsideTotals]);
            line = line.tax(kind, 1 + dice.amount(400), collector);
        }
        order = order.line_of(line);
    }
    if dice.chance(5) {
        order = order.adjustment(dice.amount(300) - 150);
    }
    if dice.chance(5) {
        order = order.ebay_discount(dice.amount(300));
    }
    if dice.chance(3) {
        order = order.without_email().null_address_lines();
    }
    if dice.chance(4) {
        order = order.buyer("jp_buyer", "山田 太郎").ship_to(Address::new("丸の内1丁目", "千代田区", "100-0005", "JP"));
        order.buyer.phone = None;
        order.buyer.address.state = Field::Null;
    }
    if dice.chance(4) {
        order = order.note("Ring twice, please ♥");
    }
    match dice.below(8) {
        0 => order.unpaid(),
        1 => order.payment_failed(),
        2 => order.canceled(),
        _ => order,
    }
}
