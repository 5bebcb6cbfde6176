//! An order as the description shows it, with the datasets that were asked for and nothing else.

use iso_currency::Currency;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::order::{Order, Package};
use super::order_spec::{Collector, LineSpec, Patch, TaxStyle};

/// `includedData`: which parts of an order were asked for.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each of Amazon's datasets")]
pub(super) struct Included {
    buyer: bool,
    recipient: bool,
    proceeds: bool,
    cancellation: bool,
    fulfillment: bool,
    packages: bool,
    tax: bool,
    payment: bool,
}

impl Included {
    pub(super) const ALL: Self = Self {
        buyer: true,
        recipient: true,
        proceeds: true,
        cancellation: true,
        fulfillment: true,
        packages: true,
        tax: true,
        payment: true,
    };

    pub(super) fn of(names: &[&str]) -> Self {
        let has = |name: &str| names.contains(&name);
        Self {
            buyer: has("BUYER"),
            recipient: has("RECIPIENT"),
            proceeds: has("PROCEEDS"),
            cancellation: has("CANCELLATION"),
            fulfillment: has("FULFILLMENT"),
            packages: has("PACKAGES"),
            tax: has("TAX"),
            payment: has("PAYMENT"),
        }
    }
}

pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.fZ").to_string()
}

/// A decimal text with the currency's decimals: "5980" for yen.
fn amount(minor: i64, currency: Currency) -> Value {
    let scale = currency.exponent().map_or(2, usize::from);
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if minor < 0 { "-" } else { "" };
    let text = if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    json!({"amount": text, "currencyCode": currency.code()})
}

impl Order {
    pub(super) fn json(&self, included: Included) -> Value {
        let spec = &self.spec;
        let mut shown = json!({
            "orderId": spec.id,
            "createdTime": stamp(self.created),
            "lastUpdatedTime": stamp(self.modified),
            "programs": spec.programs,
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": spec.marketplace_id},
            "orderItems": (0..spec.lines.len()).map(|at| self.item(at, included)).collect::<Vec<_>>(),
        });
        let has_amounts = !self.is_pending() || spec.pending_amounts;
        if included.proceeds && has_amounts {
            shown["proceeds"] = self.proceeds();
        }
        if included.fulfillment {
            shown["fulfillment"] = json!({
                "fulfillmentStatus": self.status(),
                "fulfilledBy": if spec.by_amazon { "AMAZON" } else { "MERCHANT" },
                "fulfillmentServiceLevel": spec.service,
                "deliverByWindow": {"latestDateTime": stamp(self.deliver_by())},
            });
        }
        if included.payment && self.released.is_some() {
            let execution =
                json!({"paymentMethod": spec.payment_method, "paymentAmount": amount(spec.total(), spec.currency)});
            shown["payment"] = json!({"paymentExecutions": [execution]});
        }
        // "The order is in UNSHIPPED, PARTIALLY_SHIPPED, or SHIPPED status."
        if !self.is_pending() {
            self.add_people(&mut shown, included);
        }
        if included.packages && !spec.by_amazon && !self.packages.is_empty() {
            shown["packages"] = self.packages.iter().map(package).collect();
        }
        for patch in &spec.patches {
            apply(&mut shown, patch);
        }
        shown
    }

    fn add_people(&self, shown: &mut Value, included: Included) {
        let spec = &self.spec;
        if included.buyer {
            let mut buyer = Map::new();
            if spec.address.is_some() {
                buyer.insert("buyerName".to_owned(), json!(spec.buyer_name));
            }
            let merchants = [
                ("buyerEmail", spec.email.as_ref().filter(|_| !spec.by_amazon)),
                ("buyerCompanyName", spec.company.as_ref()),
                ("buyerPurchaseOrderNumber", spec.purchase_order.as_ref()),
            ];
            for (name, value) in merchants {
                if let Some(value) = value {
                    buyer.insert(name.to_owned(), json!(value));
                }
            }
            shown["buyer"] = Value::Object(buyer);
        }
        if included.recipient {
            let mut recipient = Map::new();
            if let Some(address) = &spec.address {
                recipient.insert("deliveryAddress".to_owned(), address.clone());
            }
            if let Some(instruction) = &spec.instruction {
                recipient.insert("deliveryPreference".to_owned(), json!({"addressInstruction": instruction}));
            }
            shown["recipient"] = Value::Object(recipient);
        }
    }

    /// Aggregated across the items, and the tip.
    fn proceeds(&self) -> Value {
        let spec = &self.spec;
        let sum = |of: fn(&LineSpec) -> i64| spec.lines.iter().map(of).sum::<i64>();
        let sums = [
            ("ITEM", sum(LineSpec::price)),
            ("SHIPPING", sum(|line| line.shipping)),
            ("GIFT_WRAP", sum(|line| line.gift.as_ref().map_or(0, |gift| gift.price))),
            ("COD_FEE", sum(|line| line.cod_fee)),
            ("TAX", sum(LineSpec::taxes)),
            ("DISCOUNT", -sum(LineSpec::discounts)),
            ("DELIVERY_TIP", spec.tip),
        ];
        let shown = sums.into_iter().filter(|(kind, minor)| *minor != 0 || *kind == "ITEM");
        let breakdowns: Vec<Value> =
            shown.map(|(kind, minor)| json!({"type": kind, "subtotal": amount(minor, spec.currency)})).collect();
        json!({"grandTotal": amount(spec.total(), spec.currency), "breakdowns": breakdowns})
    }

    fn item(&self, at: usize, included: Included) -> Value {
        let (spec, line, id) = (&self.spec, &self.spec.lines[at], self.spec.item_id(at));
        let mut product = json!({"asin": asin(&line.sku), "title": line.title, "sellerSku": line.sku});
        if !self.is_pending() || spec.pending_amounts {
            product["price"] = json!({"unitPrice": amount(line.unit_price, spec.currency)});
        }
        let mut shown = json!({"orderItemId": id, "quantityOrdered": line.quantity, "product": product});
        if included.proceeds && (!self.is_pending() || spec.pending_amounts) {
            shown["proceeds"] = item_proceeds(line, spec.currency, spec.tax_style);
        }
        if included.cancellation {
            let mut cancellation = Map::new();
            if self.cancel_requested.contains(&id) {
                let request = json!({"requester": "BUYER", "cancelReason": "Ordered by mistake"});
                cancellation.insert("cancellationRequest".to_owned(), request);
            }
            if self.canceled {
                cancellation.insert("cancellationExecution".to_owned(), json!({"cancelledBy": "BUYER"}));
            }
            if !cancellation.is_empty() {
                shown["cancellation"] = Value::Object(cancellation);
            }
        }
        if included.fulfillment {
            let sent = if self.sent_by_amazon { line.quantity } else { self.sent(&id, None) };
            let mut fulfillment = json!({
                "quantityFulfilled": sent,
                "quantityUnfulfilled": if self.canceled { 0 } else { line.quantity.saturating_sub(sent) },
            });
            if let Some(gift) = &line.gift {
                let mut option = json!({"giftWrapLevel": "STANDARD"});
                if let Some(message) = gift.message.as_ref().filter(|_| !self.is_pending()) {
                    option["giftMessage"] = json!(message);
                }
                fulfillment["packing"] = json!({"giftOption": option});
            }
            if line.collector == Collector::Ioss {
                fulfillment["shipping"] = json!({"internationalShipping": {"iossNumber": "IM4420001201"}});
            }
            shown["fulfillment"] = fulfillment;
        }
        if included.tax && line.collector != Collector::Seller {
            let party = "Amazon Services Europe S.a.r.L.";
            shown["tax"] = json!({"taxCollections": [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": party}]});
            if line.collector == Collector::Ioss {
                shown["tax"]["taxCalculationBreakdowns"] = json!([{"reportingScheme": "IOSS"}]);
            }
        }
        shown
    }
}

fn item_proceeds(line: &LineSpec, currency: Currency, style: TaxStyle) -> Value {
    let gift = line.gift.as_ref();
    let mut breakdowns = vec![json!({"type": "ITEM", "subtotal": amount(line.price(), currency)})];
    let charges =
        [("SHIPPING", line.shipping), ("GIFT_WRAP", gift.map_or(0, |gift| gift.price)), ("COD_FEE", line.cod_fee)];
    for (kind, minor) in charges.into_iter().filter(|(_, minor)| *minor != 0) {
        breakdowns.push(json!({"type": kind, "subtotal": amount(minor, currency)}));
    }
    let detailed = |kind: &str, sign: i64, parts: &[(&str, i64)]| {
        let sum: i64 = parts.iter().map(|(_, minor)| minor).sum();
        let details = parts.iter().filter(|(_, minor)| *minor != 0);
        let details: Vec<Value> = details
            .map(|(subtype, minor)| json!({"subtype": subtype, "value": amount(sign * minor, currency)}))
            .collect();
        json!({"type": kind, "subtotal": amount(sign * sum, currency), "detailedBreakdowns": details})
    };
    if line.taxes() != 0 {
        let taxes =
            [("ITEM", line.tax), ("SHIPPING", line.shipping_tax), ("GIFT_WRAP", gift.map_or(0, |gift| gift.tax))];
        breakdowns.push(detailed("TAX", 1, &taxes));
    }
    if line.discounts() != 0 {
        breakdowns.push(detailed("DISCOUNT", -1, &[("ITEM", line.discount), ("SHIPPING", line.shipping_discount)]));
    }
    json!({"proceedsTotal": amount(line.proceeds(style), currency), "breakdowns": breakdowns})
}

fn package(package: &Package) -> Value {
    let item = |(id, quantity): &(String, u32)| json!({"orderItemId": id, "quantity": quantity});
    json!({
        "packageReferenceId": package.reference,
        "createdTime": stamp(package.created),
        "packageStatus": {"status": package.status},
        "carrier": package.carrier,
        "shipTime": stamp(package.shipped),
        "trackingNumber": package.tracking,
        "packageItems": package.lines.iter().map(item).collect::<Vec<_>>(),
    })
}

/// The same for the same SKU.
fn asin(sku: &str) -> String {
    let letters: String = sku.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    format!("B0{letters:0>8.8}")
}

/// A place that the order lacks, for want of the dataset, stays as it is.
fn apply(shown: &mut Value, patch: &Patch) {
    let (pointer, value) = match patch {
        Patch::Set(pointer, value) => (pointer, Some(value)),
        Patch::Remove(pointer) => (pointer, None),
    };
    let Some((holder, key)) = pointer.rsplit_once('/') else { return };
    match shown.pointer_mut(holder) {
        Some(Value::Object(object)) => match value {
            Some(value) => drop(object.insert(key.to_owned(), value.clone())),
            None => drop(object.remove(key)),
        },
        Some(Value::Array(items)) => {
            if let (Some(value), Some(slot)) = (value, key.parse().ok().and_then(|at: usize| items.get_mut(at))) {
                *slot = value.clone();
            }
        }
        _ => {}
    }
}
