//! The JSON of an order, as `getOrder` and `getOrders` give it.

use iso_currency::Currency;
use serde_json::{Map, Value, json};

use super::buyer::{Address, Buyer, Field};
use super::line_spec::{Collector, LineSpec, TaxSpec};
use super::money::amount;
use super::order::{Cancel, Order, Refund};
use super::order_spec::{Patch, Payment};
use super::sums::shows;
use super::time::{days_after, stamp};

/// What a caller asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detail<'a> {
    /// The server's own URL, for the links in the order.
    pub url: &'a str,
    pub tax_breakdown: bool,
    /// `getOrder`: only it lists the cancel requests.
    pub single: bool,
}

impl Order {
    /// <https://developer.ebay.com/api-docs/sell/fulfillment/types/sel:Order>
    pub(super) fn json(&self, detail: Detail<'_>) -> Value {
        let currency = self.spec.currency;
        let sums = self.spec.sums(detail.tax_breakdown);
        let collected = self.spec.lines.iter().any(|line| line.taxes.iter().any(TaxSpec::is_collected));
        let mut order = json!({
            "orderId": self.spec.id,
            "creationDate": stamp(self.created),
            "lastModifiedDate": stamp(self.modified),
            "orderFulfillmentStatus": self.fulfilment_status(),
            "orderPaymentStatus": self.payment_status(),
            "sellerId": super::SELLER,
            "buyer": buyer(&self.spec.buyer),
            "pricingSummary": self.pricing(detail.tax_breakdown),
            "cancelStatus": self.cancel_status(detail.single),
            "paymentSummary": self.payment(detail.tax_breakdown),
            "fulfillmentStartInstructions": [self.instructions()],
            "fulfillmentHrefs": self.hrefs(detail.url),
            "lineItems": self.lines(detail.tax_breakdown),
            "totalFeeBasisAmount": amount(sums.fee_basis, currency),
            "totalMarketplaceFee": amount(sums.marketplace_fee, currency),
        });
        if let Some(note) = &self.spec.note {
            order["buyerCheckoutNotes"] = json!(note);
        }
        if collected {
            order["ebayCollectAndRemitTax"] = json!(true);
        }
        for patch in &self.spec.patches {
            // `place` has seen that each patch finds its place in the whole order.
            apply(&mut order, patch);
        }
        order
    }

    /// The first patch that changes nothing, which is a mistake in the test.
    pub(super) fn idle_patch(&self) -> Option<&Patch> {
        let spec = super::OrderSpec { patches: Vec::new(), ..self.spec.clone() };
        let mut order = Self { spec, ..self.clone() }.json(Detail { url: "", tax_breakdown: true, single: true });
        self.spec.patches.iter().find(|patch| !apply(&mut order, patch))
    }

    fn pricing(&self, tax_breakdown: bool) -> Value {
        let sums = self.spec.sums(tax_breakdown);
        let currency = self.spec.currency;
        let mut pricing = json!({
            "priceSubtotal": amount(sums.price_subtotal, currency),
            "deliveryCost": amount(sums.delivery_cost, currency),
            "total": amount(sums.total, currency),
        });
        let sometimes = [
            ("adjustment", sums.adjustment),
            ("priceDiscount", sums.price_discount),
            ("deliveryDiscount", sums.delivery_discount),
            ("tax", sums.tax),
            ("fee", if tax_breakdown { sums.fee } else { 0 }),
        ];
        for (name, value) in sometimes.into_iter().filter(|(_, value)| *value != 0) {
            pricing[name] = amount(value, currency);
        }
        pricing
    }

    fn cancel_status(&self, single: bool) -> Value {
        let (state, requested, canceled) = match self.cancel {
            Cancel::None => return json!({"cancelState": "NONE_REQUESTED", "cancelRequests": []}),
            Cancel::Requested(at) => ("IN_PROGRESS", at, None),
            Cancel::Canceled(at) => ("CANCELED", at, Some(at)),
        };
        let mut request = json!({
            "cancelInitiator": "BUYER",
            "cancelReason": "BUYER_ASKED_CANCEL",
            "cancelRequestId": format!("5{}", digits(&self.spec.id)),
            "cancelRequestState": if canceled.is_some() { "COMPLETED" } else { "REQUESTED" },
            "cancelRequestedDate": stamp(requested),
        });
        let mut status = json!({"cancelState": state});
        if let Some(at) = canceled {
            request["cancelCompletedDate"] = json!(stamp(at));
            status["cancelledDate"] = json!(stamp(at));
        }
        status["cancelRequests"] = if single { json!([request]) } else { json!([]) };
        status
    }

    /// Real orders give what is left for the seller after eBay's fee, where the description speaks of the order's
    /// total: one more reason never to read an order's worth from here.
    fn payment(&self, tax_breakdown: bool) -> Value {
        let sums = self.spec.sums(tax_breakdown);
        let currency = self.spec.currency;
        let due = amount(sums.total - sums.marketplace_fee - self.refunded(), currency);
        let paid = amount(sums.total - sums.marketplace_fee, currency);
        let mut payment = json!({"paymentMethod": "EBAY", "amount": paid, "paymentStatus": "PENDING"});
        match (self.paid, self.spec.payment) {
            (Some(at), _) => {
                payment["paymentStatus"] = json!("PAID");
                payment["paymentDate"] = json!(stamp(at));
                payment["paymentReferenceId"] = json!(format!("42{}_S", digits(&self.spec.id)));
            }
            (None, Payment::Failed) => payment["paymentStatus"] = json!("FAILED"),
            (None, _) => {}
        }
        let refund = |refund: &Refund| {
            let mut shown = json!({
                "amount": amount(refund.amount, currency),
                "refundDate": stamp(refund.at),
                "refundReferenceId": format!("R{}", refund.id),
                "refundStatus": "REFUNDED",
            });
            // A refund of a line has its id there "instead".
            if refund.line.is_none() {
                shown["refundId"] = json!(refund.id);
            }
            shown
        };
        let refunds: Vec<Value> = self.refunds.iter().map(refund).collect();
        json!({"totalDueSeller": due, "payments": [payment], "refunds": refunds})
    }

    fn instructions(&self) -> Value {
        json!({
            "fulfillmentInstructionsType": "SHIP_TO",
            "minEstimatedDeliveryDate": stamp(days_after(self.created, 3)),
            "maxEstimatedDeliveryDate": stamp(days_after(self.created, 5)),
            "ebaySupportedFulfillment": false,
            "shippingStep": {"shipTo": contact(&self.spec.buyer), "shippingServiceCode": self.spec.service},
        })
    }

    fn hrefs(&self, url: &str) -> Vec<String> {
        let order = format!("{url}/sell/fulfillment/v1/order/{}/shipping_fulfillment", self.spec.id);
        self.fulfilments.iter().map(|fulfilment| format!("{order}/{}", fulfilment.id)).collect()
    }

    fn lines(&self, tax_breakdown: bool) -> Vec<Value> {
        let lines = self.spec.lines.iter().enumerate();
        lines.map(|(at, line)| self.line(at, line, tax_breakdown)).collect()
    }

    fn line(&self, at: usize, line: &LineSpec, tax_breakdown: bool) -> Value {
        let currency = self.spec.currency;
        let money = |minor| amount(minor, currency);
        let sums = line.sums(tax_breakdown);
        let id = self.spec.line_id(at);
        let site = marketplace(currency);
        let mut delivery = json!({"shippingCost": money(sums.shipping)});
        if line.shipping_discount != 0 {
            delivery["discountAmount"] = money(line.shipping_discount);
        }
        let promotion =
            json!({"promotionId": "15327109101", "description": "Multi-buy", "discountAmount": money(line.discount)});
        let refunds = self.refunds.iter().filter(|refund| refund.line.as_ref() == Some(&id)).map(
            |refund| json!({"amount": money(refund.amount), "refundDate": stamp(refund.at), "refundId": refund.id}),
        );
        let mut shown = json!({
            "lineItemId": id,
            "legacyItemId": listing_id(line),
            "title": line.title,
            "lineItemCost": money(sums.cost),
            "quantity": line.quantity,
            "soldFormat": "FIXED_PRICE",
            "listingMarketplaceId": site,
            "purchaseMarketplaceId": site,
            "lineItemFulfillmentStatus": self.line_status(at),
            "total": money(sums.total),
            "deliveryCost": delivery,
            "appliedPromotions": if line.discount == 0 { json!([]) } else { json!([promotion]) },
            "taxes": taxes(line, currency, tax_breakdown),
            "refunds": refunds.collect::<Vec<_>>(),
            "properties": {"buyerProtection": true},
            "lineItemFulfillmentInstructions": {
                "minEstimatedDeliveryDate": stamp(days_after(self.created, 3)),
                "maxEstimatedDeliveryDate": stamp(days_after(self.created, 5)),
                "shipByDate": stamp(days_after(self.created, 2)),
                "guaranteedDelivery": false,
            },
            "itemLocation": {"location": "London", "countryCode": "GB", "postalCode": "N1 1AA"},
        });
        if let Some(sku) = &line.sku {
            shown["sku"] = json!(sku);
        }
        if line.discount != 0 {
            shown["discountedLineItemCost"] = money(sums.discounted);
        }
        if let Some(variation) = &line.variation {
            let aspect = |(name, value): &(String, String)| json!({"name": name, "value": value});
            shown["legacyVariationId"] = json!(variation.id);
            shown["variationAspects"] = variation.aspects.iter().map(aspect).collect();
        }
        let collected: Vec<Value> =
            line.taxes.iter().filter(|tax| tax.is_collected()).map(|tax| collected_tax(tax, currency)).collect();
        if !collected.is_empty() {
            shown["ebayCollectAndRemitTaxes"] = collected.into();
        }
        if let Some(gift) = &line.gift {
            shown["giftDetails"] = json!({"recipientEmail": gift.recipient_email, "senderName": gift.sender});
            if let Some(message) = &gift.message {
                shown["giftDetails"]["message"] = json!(message);
            }
        }
        shown
    }
}

impl TaxSpec {
    fn is_collected(&self) -> bool {
        self.collector != Collector::Seller
    }
}

/// `taxType` is given with `TAX_BREAKDOWN` only; without it, one amount stands for all.
fn taxes(line: &LineSpec, currency: Currency, tax_breakdown: bool) -> Vec<Value> {
    let shown: Vec<&TaxSpec> = line.taxes.iter().filter(|tax| shows(tax.collector, tax_breakdown)).collect();
    if tax_breakdown {
        return shown.iter().map(|tax| json!({"taxType": tax.kind, "amount": amount(tax.amount, currency)})).collect();
    }
    match shown.iter().map(|tax| tax.amount).sum() {
        0 => Vec::new(),
        sum => vec![json!({"amount": amount(sum, currency)})],
    }
}

fn collected_tax(tax: &TaxSpec, currency: Currency) -> Value {
    let mut shown = json!({"taxType": tax.kind, "amount": amount(tax.amount, currency), "collectionMethod": "NET"});
    if tax.kind == "VAT" {
        shown["ebayReference"] = json!({"name": "OSS", "value": "EU 123 4567 89"});
    }
    shown
}

fn buyer(buyer: &Buyer) -> Value {
    json!({
        "username": buyer.username,
        "taxAddress": fields(&[
            ("city", &buyer.address.city),
            ("stateOrProvince", &buyer.address.state),
            ("postalCode", &buyer.address.postal_code),
            ("countryCode", &buyer.address.country),
        ]),
        "buyerRegistrationAddress": contact(buyer),
    })
}

fn contact(buyer: &Buyer) -> Value {
    let mut contact = json!({"contactAddress": address(&buyer.address)});
    if let Some(name) = &buyer.name {
        contact["fullName"] = json!(name);
    }
    if let Some(phone) = &buyer.phone {
        contact["primaryPhone"] = json!({"phoneNumber": phone});
    }
    if let Some(email) = &buyer.email {
        contact["email"] = json!(email);
    }
    contact
}

fn address(address: &Address) -> Value {
    fields(&[
        ("addressLine1", &address.line1),
        ("addressLine2", &address.line2),
        ("city", &address.city),
        ("stateOrProvince", &address.state),
        ("postalCode", &address.postal_code),
        ("countryCode", &address.country),
    ])
}

fn fields(fields: &[(&str, &Field)]) -> Value {
    let mut object = Map::new();
    for (name, field) in fields {
        match field {
            Field::Absent => continue,
            Field::Null => object.insert((*name).to_owned(), Value::Null),
            Field::Text(text) => object.insert((*name).to_owned(), json!(text)),
        };
    }
    Value::Object(object)
}

/// False where there is no such place.
fn apply(order: &mut Value, patch: &Patch) -> bool {
    let (Patch::Set(pointer, _) | Patch::Remove(pointer)) = patch;
    let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
    match (order.pointer_mut(parent), patch) {
        (Some(Value::Object(object)), Patch::Set(_, value)) => {
            object.insert(key.to_owned(), value.clone());
            true
        }
        (Some(Value::Object(object)), Patch::Remove(_)) => object.remove(key).is_some(),
        (Some(Value::Array(items)), Patch::Set(_, value)) => {
            let item = key.parse::<usize>().ok().and_then(|at| items.get_mut(at));
            item.map(|item| *item = value.clone()).is_some()
        }
        _ => false,
    }
}

/// The site that sells in this currency.
/// <https://developer.ebay.com/api-docs/sell/fulfillment/types/ba:MarketplaceIdEnum>
fn marketplace(currency: Currency) -> &'static str {
    match currency {
        Currency::USD => "EBAY_US",
        Currency::EUR => "EBAY_DE",
        Currency::AUD => "EBAY_AU",
        Currency::CAD => "EBAY_CA",
        Currency::CHF => "EBAY_CH",
        Currency::PLN => "EBAY_PL",
        Currency::JPY => "EBAY_JP",
        _ => "EBAY_GB",
    }
}

/// Twelve digits, the same for each sale of a SKU.
pub(super) fn listing_id(line: &LineSpec) -> String {
    line.listing_id.clone().unwrap_or_else(|| listing_of(line.sku.as_deref().unwrap_or(&line.title)))
}

pub(super) fn listing_of(sku: &str) -> String {
    // FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>
    let hash = sku
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("3{:011}", hash % 100_000_000_000)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
