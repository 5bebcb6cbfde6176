//! Reads the members of GraphQL inputs, whose types the schema has already checked where it is at hand.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use super::errors::UserError;
use super::money::{Bag, Currencies, exponent};
use super::state::{Address, Tax, Tracking};

/// An input object, or nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'v>(pub &'v Value);

impl<'v> Input<'v> {
    /// `None` where it is absent or null.
    pub fn member(self, name: &str) -> Option<Input<'v>> {
        self.0.get(name).filter(|value| !value.is_null()).map(Input)
    }

    pub fn has(self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// Whether it is there at all, null or not.
    pub fn names(self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    pub fn text(self, name: &str) -> Option<String> {
        self.member(name)?.0.as_str().map(str::to_owned)
    }

    pub fn flag(self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn number(self, name: &str) -> Option<i64> {
        self.member(name)?.0.as_i64()
    }

    pub fn decimal(self, name: &str) -> Option<Decimal> {
        decimal(self.member(name)?.0)
    }

    pub fn time(self, name: &str) -> Option<Timestamp> {
        self.text(name)?.parse().ok()
    }

    pub fn items(self, name: &str) -> Vec<Input<'v>> {
        self.member(name)
            .and_then(|list| list.0.as_array())
            .map(|items| items.iter().map(Input).collect())
            .unwrap_or_default()
    }

    /// A list of strings, or one string with commas.
    pub fn tags(self, name: &str) -> Vec<String> {
        let given = match self.member(name).map(|tags| tags.0) {
            Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(tags)) => vec![tags.clone()],
            _ => Vec::new(),
        };
        let split = given.iter().flat_map(|tag| tag.split(',')).map(|tag| tag.trim().to_owned());
        let mut tags: Vec<String> = split.filter(|tag| !tag.is_empty()).collect();
        tags.sort();
        tags.dedup();
        tags
    }

    pub fn pairs(self, name: &str, key: &str) -> Vec<(String, String)> {
        let pair = |item: Input<'_>| Some((item.text(key)?, item.text("value").unwrap_or_default()));
        self.items(name).into_iter().filter_map(pair).collect()
    }

    pub fn attributes(self, name: &str) -> Vec<(String, Option<String>)> {
        let pair = |item: Input<'_>| Some((item.text("key")?, item.text("value")));
        self.items(name).into_iter().filter_map(pair).collect()
    }

    /// A `MoneyBagInput`, refused where it is not in the order's currencies or below zero.
    pub fn bag(self, money: &Currencies) -> Result<Bag, String> {
        let read = |name: &str, currency: &str| {
            let Some(amount) = self.member(name) else { return Ok(None) };
            let code = amount.text("currencyCode").unwrap_or_default();
            if code != currency {
                return Err(format!("Currency {code} does not match the order's currency {currency}"));
            }
            let value = amount.decimal("amount").ok_or("Amount is not a number")?;
            if value < Decimal::ZERO {
                return Err("Amount must be greater than or equal to 0".to_owned());
            }
            Ok(Some(value))
        };
        let shop = read("shopMoney", &money.shop)?.ok_or("shopMoney is missing")?;
        let presentment = read("presentmentMoney", &money.presentment)?;
        if presentment.is_none() && money.shop != money.presentment {
            return Err(format!(
                "presentmentMoney is required where the presentment currency is {}",
                money.presentment
            ));
        }
        Ok(money.rounded(Bag { shop, presentment: presentment.unwrap_or(shop) }))
    }
}

pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// "`TAX_LINE_RATE_MISSING`: only enforced for line item or shipping line level" (the schema demands it too).
pub(super) fn taxes(owner: Input<'_>, place: &[&str], money: &Currencies) -> Result<Vec<Tax>, UserError> {
    let read = |line: Input<'_>| {
        let Some(rate) = line.decimal("rate") else {
            return Err(UserError::new(place, "Tax line rate is missing").code("TAX_LINE_RATE_MISSING"));
        };
        let amount = match line.member("priceSet") {
            Some(price) => price.bag(money).map_err(|message| UserError::new(place, message).code("INVALID"))?,
            None => Bag::default(),
        };
        let channel_liable = line.0.get("channelLiable").map_or(Some(false), Value::as_bool);
        Ok(Tax { title: line.text("title").unwrap_or_default(), rate: Some(rate), amount, channel_liable })
    };
    owner.items("taxLines").into_iter().map(read).collect()
}

/// `FulfillmentTrackingInput` and the tracking members of `OrderCreateFulfillmentInput`.
pub(super) fn tracking(input: Input<'_>) -> Vec<Tracking> {
    let info = input.member("trackingInfo").unwrap_or(input);
    let company = info.text("company").or_else(|| info.text("trackingCompany"));
    let texts = |one: &str, many: &str| {
        let mut all: Vec<String> =
            info.items(many).iter().filter_map(|item| item.0.as_str()).map(str::to_owned).collect();
        if all.is_empty() {
            all.extend(info.text(one));
        }
        all
    };
    let mut numbers = texts("number", "numbers");
    if numbers.is_empty() {
        numbers.extend(info.text("trackingNumber"));
    }
    let urls = texts("url", "urls");
    if numbers.is_empty() && company.is_none() && urls.is_empty() {
        return Vec::new();
    }
    (0..numbers.len().max(urls.len()).max(1))
        .map(|index| Tracking {
            company: company.clone(),
            number: numbers.get(index).cloned(),
            url: urls.get(index).cloned(),
        })
        .collect()
}

pub(super) fn address(input: Input<'_>) -> Address {
    let code = |name: &str, other: &str| input.text(name).or_else(|| input.text(other).filter(|text| text.len() <= 3));
    Address {
        first_name: input.text("firstName"),
        last_name: input.text("lastName"),
        company: input.text("company"),
        address1: input.text("address1"),
        address2: input.text("address2"),
        city: input.text("city"),
        province: input.text("province").or_else(|| input.text("provinceCode")),
        province_code: code("provinceCode", "province"),
        zip: input.text("zip"),
        country_code: code("countryCode", "country"),
        phone: input.text("phone"),
    }
}

/// Spreads an amount over lines by their weight; the rest of the division goes to the last line that has any.
pub(super) fn spread(whole: Bag, weights: &[Bag], money: &Currencies) -> Vec<Bag> {
    let total: Bag = weights.iter().copied().sum();
    let part = |whole: Decimal, weight: Decimal, total: Decimal, currency: &str| {
        if total.is_zero() {
            return Decimal::ZERO;
        }
        let places = exponent(currency);
        (whole * weight / total).round_dp_with_strategy(places, rust_decimal::RoundingStrategy::ToZero)
    };
    let mut parts: Vec<Bag> = weights
        .iter()
        .map(|weight| Bag {
            shop: part(whole.shop, weight.shop, total.shop, &money.shop),
            presentment: part(whole.presentment, weight.presentment, total.presentment, &money.presentment),
        })
        .collect();
    let rest = whole - parts.iter().copied().sum();
    let last = weights.iter().rposition(|weight| !weight.is_zero());
    if let Some(part) = last.and_then(|last| parts.get_mut(last)) {
        *part += rest;
    }
    parts
}
