//! The role *main store*: a draft as Shopify is asked to hold it.

use connect::{ConnectError, ErrorKind};
use domain::Money;
use domain::channel_order::Address;
use domain::draft::{DraftItem, DraftLine, StoreOrderDraft};
use domain::money::MoneyError;

use crate::api::MOST;
use crate::body::{
    AddressInput, DiscountCodeInput, FixedDiscount, KeyValue, LineInput, Options, OrderCreate, OrderInput, Property,
    ShippingLineInput, TransactionInput,
};
use crate::error::refused;
use crate::ids;
use crate::taxes::{self, Taxed};

/// Of a line: the channel's line that it stands for.
pub(crate) const LINE: &str = "_tributary_line";
/// Of a line: the draft's line that it is, or is a part of.
pub(crate) const INDEX: &str = "_tributary_index";
/// Of a line: units that we had deducted when the order was created.
pub(crate) const DEDUCTED: &str = "_tributary_deducted";
/// Of a line: it is a fee, not goods.
pub(crate) const FEE: &str = "_tributary_fee";
/// Of the order: whose the deduction of its stock was.
pub(crate) const STOCK: &str = "_tributary_stock";
/// Shopify took the stock itself.
pub(crate) const STOCK_TAKEN: &str = "taken";
/// Shopify took nothing.
pub(crate) const STOCK_BYPASSED: &str = "bypassed";
/// Of the order: the buyer's address, where Shopify must not write to it (R13).
const EMAIL: &str = "_tributary_email";
/// Of the order: packages are told to the buyer.
pub(crate) const NOTIFY: &str = "_tributary_notify";
/// Of the order: the name that its payment bears.
pub(crate) const GATEWAY: &str = "_tributary_gateway";

/// A note may have so many characters: <https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Order#field-note>.
const LONGEST_NOTE: usize = 5_000;

/// The one request that creates the order.
pub(crate) fn order_create(operation: &'static str, draft: &StoreOrderDraft) -> Result<OrderCreate, ConnectError> {
    let amounts =
        |_: MoneyError| refused(operation, ErrorKind::InvalidOrder, "The order's amounts cannot be added up.");
    let taxed = taxes::spread(draft).map_err(amounts)?;
    // A tax of the channel's own stands beside the price, and then all of them do.
    let taxes_included = !draft.taxes.is_empty() && draft.channel_liable.is_empty();
    let mut line_items = Vec::new();
    for (index, (line, taxed)) in draft.lines.iter().zip(&taxed.lines).enumerate() {
        line_items.extend(new_lines(operation, index, line, taxed, taxes_included).map_err(|why| why.or(amounts))?);
    }
    for (fee, taxed) in draft.fees.iter().zip(&taxed.fees).filter(|(fee, _)| !fee.net.is_negative()) {
        let gross = taxed.price(fee.net, taxes_included).map_err(amounts)?;
        line_items.push(LineInput {
            variant_id: None,
            title: Some(named(&fee.label, "Fee")),
            quantity: 1,
            price_set: gross.into(),
            requires_shipping: false,
            taxable: !taxed.is_empty(),
            tax_lines: taxed.lines(gross),
            properties: vec![Property { name: FEE, value: "1".to_owned() }],
        });
    }
    if line_items.len() > MOST {
        let says =
            format!("Shopify takes at most {MOST} lines in one order, and this one would have {}.", line_items.len());
        return Err(refused(operation, ErrorKind::InvalidOrder, says));
    }
    let shipping = taxed.shipping.price(draft.shipping.net, taxes_included).map_err(amounts)?;
    let email = draft.email.as_deref().filter(|_| writes_to_buyer(draft));
    Ok(OrderCreate {
        order: OrderInput {
            source_identifier: draft.reference.to_string(),
            name: draft.source.wanted_number.clone(),
            currency: draft.currency.code(),
            processed_at: draft.placed_at.to_string(),
            financial_status: if draft.paid { "PAID" } else { "PENDING" },
            taxes_included,
            email: email.map(str::to_owned),
            buyer_accepts_marketing: email.is_some() && draft.mails.marketing && !draft.email_is_relay,
            note: draft.note.as_deref().map(|note| note.chars().take(LONGEST_NOTE).collect()),
            tags: vec![draft.source.channel_name.replace(',', " ")],
            custom_attributes: attributes(draft, email.is_none()),
            billing_address: address(&draft.billing),
            shipping_address: address(&draft.ship_to),
            line_items,
            shipping_lines: vec![ShippingLineInput {
                title: named(&draft.shipping.title, "Shipping"),
                price_set: shipping.into(),
                tax_lines: taxed.shipping.lines(shipping),
            }],
            discount_code: reduction(draft).map_err(amounts)?,
            transactions: payment(draft),
        },
        options: Options {
            inventory_behaviour: if is_taken(draft) { "DECREMENT_IGNORING_POLICY" } else { "BYPASS" },
            send_receipt: draft.mails.receipt && email.is_some(),
            send_fulfillment_receipt: draft.mails.fulfilment && email.is_some(),
        },
    })
}

/// Shopify takes an order's stock wholly or not at all (R7): what is not ours then is moved by us, before or after.
fn is_taken(draft: &StoreOrderDraft) -> bool {
    draft.takes_stock && draft.lines.iter().all(|line| line.already_deducted == 0)
}

/// Where any mail or consent is wanted Shopify is given the address; else it would write to the buyer by a mere click.
const fn writes_to_buyer(draft: &StoreOrderDraft) -> bool {
    let mails = &draft.mails;
    mails.receipt || mails.fulfilment || mails.marketing && !draft.email_is_relay
}

/// Why a line cannot be sent.
enum Why {
    Refused(ConnectError),
    Money(MoneyError),
}

impl Why {
    fn or(self, amounts: impl Fn(MoneyError) -> ConnectError) -> ConnectError {
        match self {
            Self::Refused(error) => error,
            Self::Money(error) => amounts(error),
        }
    }
}

impl From<MoneyError> for Why {
    fn from(error: MoneyError) -> Self {
        Self::Money(error)
    }
}

/// One line, or two where the price cannot be divided by the units: 2500/3 is 2 x 833 + 1 x 834 (R16).
fn new_lines(
    operation: &'static str,
    index: usize,
    line: &DraftLine,
    taxed: &Taxed,
    taxes_included: bool,
) -> Result<Vec<LineInput>, Why> {
    let refuse = |says: &str| Err(Why::Refused(refused(operation, ErrorKind::InvalidOrder, says)));
    if line.quantity == 0 {
        return refuse("A line of quantity 0 cannot be sent to Shopify.");
    }
    let total = taxed.price(line.net, taxes_included)?;
    if total.is_negative() {
        return refuse("A line whose price is below zero cannot be sent to Shopify.");
    }
    let (variant_id, title, sku) = match &line.item {
        DraftItem::Product { id, .. } => {
            (Some(ids::variant_gid(operation, id.as_str()).map_err(Why::Refused)?), None, None)
        }
        DraftItem::Text { sku } => (None, Some(named(&line.name, "Item")), sku.as_ref()),
    };
    let parts = divided(total, line.quantity);
    let grosses: Vec<Money> =
        parts.iter().map(|(units, price)| times(*price, *units)).collect::<Result<_, MoneyError>>()?;
    let mut shares = taxed.shares(&grosses).into_iter();
    let mut deducted = line.already_deducted;
    let mut lines = Vec::new();
    for ((units, price), gross) in parts.into_iter().zip(grosses) {
        let taxed = shares.next().unwrap_or_default();
        let mut properties = vec![
            Property { name: LINE, value: line.line.to_string() },
            Property { name: INDEX, value: index.to_string() },
        ];
        let here = deducted.min(units);
        deducted -= here;
        if here > 0 {
            properties.push(Property { name: DEDUCTED, value: here.to_string() });
        }
        properties.extend(sku.map(|sku| Property { name: "SKU", value: sku.to_string() }));
        lines.push(LineInput {
            variant_id: variant_id.clone(),
            title: title.clone(),
            quantity: units,
            price_set: price.into(),
            requires_shipping: true,
            taxable: !taxed.is_empty(),
            tax_lines: taxed.lines(gross),
            properties,
        });
    }
    Ok(lines)
}

/// (units, price of one): the dearer ones last, and none where the price divides.
fn divided(total: Money, quantity: u32) -> Vec<(u32, Money)> {
    let units = i64::from(quantity);
    let (low, dearer) = (total.minor().div_euclid(units), total.minor().rem_euclid(units));
    let price = |minor| Money::from_minor(minor, total.currency());
    // The remainder is below the quantity, which is a u32.
    let dearer = u32::try_from(dearer).unwrap_or(0);
    let all = [(quantity - dearer, price(low)), (dearer, price(low + 1))];
    all.into_iter().filter(|(units, _)| *units > 0).collect()
}

fn times(price: Money, units: u32) -> Result<Money, MoneyError> {
    let minor = price.minor().checked_mul(i64::from(units)).ok_or(MoneyError::OutOfRange)?;
    Ok(Money::from_minor(minor, price.currency()))
}

/// A line of Shopify cannot cost less than nothing, so fees below zero are one code, which leaves the lines' own prices as
/// they are. Of taxes on such a fee nothing is known.
fn reduction(draft: &StoreOrderDraft) -> Result<Option<DiscountCodeInput>, MoneyError> {
    let below: Vec<_> = draft.fees.iter().filter(|fee| fee.net.is_negative()).collect();
    if below.is_empty() {
        return Ok(None);
    }
    let amount = below.iter().try_fold(Money::zero(draft.currency), |sum, fee| sum.checked_sub(fee.net))?;
    let code = below.iter().map(|fee| named(&fee.label, "Adjustment")).collect::<Vec<_>>().join(", ");
    Ok(Some(DiscountCodeInput { item_fixed_discount_code: FixedDiscount { code, amount_set: amount.into() } }))
}

/// The money that the channel took, under the channel's name: no gateway of the shop's (R16).
fn payment(draft: &StoreOrderDraft) -> Vec<TransactionInput> {
    if !draft.paid || draft.total.is_zero() {
        return Vec::new();
    }
    let gateway = draft.source.channel_name.clone();
    vec![TransactionInput { kind: "SALE", status: "SUCCESS", gateway, amount_set: draft.total.into() }]
}

fn attributes(draft: &StoreOrderDraft, email_is_kept_back: bool) -> Vec<KeyValue> {
    let stock = if is_taken(draft) { STOCK_TAKEN } else { STOCK_BYPASSED };
    let mut all = vec![
        KeyValue::new("Channel", draft.source.channel_name.as_str()),
        KeyValue::new("Channel order", draft.source.order.as_str()),
        KeyValue::new(STOCK, stock),
        KeyValue::new(GATEWAY, draft.source.channel_name.as_str()),
    ];
    if let Some(email) = draft.email.as_deref().filter(|_| email_is_kept_back) {
        all.push(KeyValue::new(EMAIL, email));
    }
    if draft.mails.fulfilment && !email_is_kept_back {
        all.push(KeyValue::new(NOTIFY, "yes"));
    }
    all.extend(draft.information.iter().map(|(label, fact)| KeyValue::new(label.as_str(), fact.as_str())));
    all
}

fn named(name: &str, otherwise: &str) -> String {
    let name = name.trim();
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}

/// `None`: there is nothing to send. A country or province that Shopify's own lists could refuse is not sent as a code.
fn address(address: &Address) -> Option<AddressInput> {
    if *address == Address::default() {
        return None;
    }
    let country = address.country.trim().to_ascii_uppercase();
    let is_country = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    let region = address.region.trim();
    let is_code = (1..=3).contains(&region.len())
        && region.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    Some(AddressInput {
        first_name: address.first_name.clone(),
        last_name: address.last_name.clone(),
        company: address.company.clone(),
        address1: address.line1.clone(),
        address2: address.line2.clone(),
        city: address.city.clone(),
        province_code: is_code.then(|| region.to_owned()),
        province: (!is_code && !region.is_empty()).then(|| region.to_owned()),
        zip: address.postcode.clone(),
        country_code: is_country.then_some(country),
        phone: address.phone.clone(),
    })
}

#[cfg(test)]
mod tests;
