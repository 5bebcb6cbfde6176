//! An order as the API shows it, with everything and its story.

use std::collections::BTreeMap;

use app::{OrderView, Unlinked};
use domain::link::{Links, Target};
use domain::shipment::{Origin, Push, ShippedLine, Tracking};
use domain::status::{Dot, OrderStatus, RefundStatus};
use domain::stock::LineStock;
use domain::totals::totals;
use domain::{
    Address, Buyer, Cancel, Charge, Fee, Fulfilment, ImportState, Liable, Line, LineId, ListingKey, Order, OrderId,
    Package, Payment, Place, Refund, Sku, Tax,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::Amount;
use crate::row::{Channel, PushView};
use crate::words::{ImportWord, PackageWord, PaymentWord};

/// One order with both sides' data; what a person has to know first stands in `error`.
#[derive(Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct Detail<'a> {
    #[schema(required)]
    error: Option<&'a str>,
    differences: &'a [String],
    id: OrderId,
    number: u64,
    order_date: Timestamp,
    status: OrderStatus,
    refund: RefundStatus,
    dot: Dot,
    push: PushView,
    channel: Channel,
    channel_side: ChannelSide<'a>,
    store_side: StoreSide<'a>,
    totals: Totals,
    lines: Vec<LineView<'a>>,
    shipping: ShippingView<'a>,
    fees: Vec<FeeView<'a>>,
    refunds: Vec<RefundView<'a>>,
    packages: Vec<PackageView<'a>>,
    trace: Vec<Told<'a>>,
}

/// What the channel says.
#[derive(Serialize, ToSchema)]
struct ChannelSide<'a> {
    order_id: &'a str,
    payment: PaymentWord,
    #[schema(required)]
    paid_at: Option<Timestamp>,
    fulfilment: Fulfilment,
    cancel: Cancel,
    buyer: &'a Buyer,
    #[schema(required)]
    ship_to: Option<&'a Address>,
    #[schema(required)]
    bill_to: Option<&'a Address>,
    #[schema(required)]
    buyer_note: Option<&'a str>,
    #[schema(required)]
    gift_message: Option<&'a str>,
    warnings: &'a [String],
}

/// How far the order is in the main store.
#[derive(Serialize, ToSchema)]
struct StoreSide<'a> {
    import: ImportWord,
    #[schema(required)]
    order_id: Option<&'a str>,
    #[schema(required)]
    order_number: Option<&'a str>,
    #[schema(required)]
    imported_at: Option<Timestamp>,
    paid: bool,
    completed: bool,
    canceled: bool,
    /// What the store's order carries, so that it can be found again.
    reference: String,
}

/// `store` is missing where the order's parts contradict each other.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderTotals)]
struct Totals {
    buyer: Amount,
    #[schema(required)]
    store: Option<Amount>,
    #[schema(required)]
    seller_tax: Option<Amount>,
    #[schema(required)]
    marketplace_tax: Option<Amount>,
    /// Why there is only the buyer's.
    #[schema(required)]
    why: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Charge)]
struct ChargeView<'a> {
    gross: Amount,
    #[schema(required)]
    seller_discount: Option<Amount>,
    #[schema(required)]
    marketplace_discount: Option<Amount>,
    taxes: Vec<TaxView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Tax)]
struct TaxView<'a> {
    amount: Amount,
    place: Place,
    liable: Liable,
    #[schema(required)]
    label: Option<&'a str>,
    /// Percent.
    #[schema(required)]
    rate: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OrderLine)]
struct LineView<'a> {
    id: &'a LineId,
    listing: &'a ListingKey,
    #[schema(required)]
    sku: Option<&'a Sku>,
    title: &'a str,
    quantity: u32,
    canceled: u32,
    #[serde(flatten)]
    charge: ChargeView<'a>,
    /// None: the line is not linked.
    #[schema(required)]
    link: Option<LinkView<'a>>,
    /// Why it waits for a link, and what to do.
    #[schema(required)]
    unlinked: Option<&'a Unlinked>,
    stock: Vec<&'a LineStock>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LineLink)]
struct LinkView<'a> {
    listing: &'a ListingKey,
    targets: &'a [Target],
}

#[derive(Serialize, ToSchema)]
#[schema(as = Shipping)]
struct ShippingView<'a> {
    service: &'a str,
    #[serde(flatten)]
    charge: ChargeView<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Fee)]
struct FeeView<'a> {
    label: &'a str,
    #[serde(flatten)]
    charge: ChargeView<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Refund)]
struct RefundView<'a> {
    id: &'a str,
    amount: Amount,
    #[schema(required)]
    at: Option<Timestamp>,
    #[schema(required)]
    line: Option<&'a LineId>,
    #[schema(required)]
    quantity: Option<u32>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Package)]
struct PackageView<'a> {
    key: &'a str,
    origin: Origin,
    #[schema(required)]
    tracking: Option<&'a Tracking>,
    #[schema(required)]
    shipped_at: Option<Timestamp>,
    lines: &'a [ShippedLine],
    push: PackageWord,
    #[schema(required)]
    why: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = StoryEntry)]
struct Told<'a> {
    at: Timestamp,
    text: &'a str,
}

impl<'a> Detail<'a> {
    pub fn new(view: &'a OrderView, links: &'a Links, unlinked: &'a BTreeMap<LineId, Unlinked>) -> Self {
        let order = &view.order;
        let source = &order.source;
        Self {
            error: view.error.as_deref(),
            differences: &view.differences,
            id: order.id,
            number: order.number,
            order_date: source.created_at,
            status: view.status,
            refund: view.refund,
            dot: view.dot,
            push: PushView::new(view),
            channel: Channel::new(view),
            channel_side: ChannelSide::new(order),
            store_side: StoreSide::new(order),
            totals: Totals::new(order),
            lines: source.lines.iter().map(|line| LineView::new(line, order, links, unlinked.get(&line.id))).collect(),
            shipping: ShippingView { service: &source.shipping.service, charge: (&source.shipping.charge).into() },
            fees: source.fees.iter().map(FeeView::from).collect(),
            refunds: source.refunds.iter().map(RefundView::from).collect(),
            packages: order.packages.iter().map(PackageView::from).collect(),
            trace: view.story.iter().map(|(at, text)| Told { at: *at, text }).collect(),
        }
    }
}

impl<'a> ChannelSide<'a> {
    fn new(order: &'a Order) -> Self {
        let source = &order.source;
        let paid_at = match source.payment {
            Payment::Paid { at } => at,
            Payment::Unpaid | Payment::Held => None,
        };
        Self {
            order_id: source.id.as_str(),
            payment: (&source.payment).into(),
            paid_at,
            fulfilment: source.fulfilment,
            cancel: source.cancel,
            buyer: &source.buyer,
            ship_to: source.ship_to.as_ref(),
            bill_to: source.bill_to.as_ref(),
            buyer_note: source.buyer_note.as_deref(),
            gift_message: source.gift_message.as_deref(),
            warnings: &source.warnings,
        }
    }
}

impl<'a> StoreSide<'a> {
    fn new(order: &'a Order) -> Self {
        let (order_id, order_number, imported_at) = match &order.import {
            ImportState::Imported { store_order, number, at } => {
                (Some(store_order.as_str()), Some(number.as_str()), Some(*at))
            }
            _ => (None, None, None),
        };
        Self {
            import: (&order.import).into(),
            order_id,
            order_number,
            imported_at,
            paid: order.store.paid,
            completed: order.store.completed,
            canceled: order.store.canceled,
            reference: order.reference().to_string(),
        }
    }
}

impl Totals {
    fn new(order: &Order) -> Self {
        let (known, why) = match totals(&order.source) {
            Ok(known) => (Some(known), None),
            Err(error) => (None, Some(format!("These cannot be worked out: {error}."))),
        };
        Self {
            buyer: order.source.buyer_total.into(),
            store: known.map(|totals| totals.store_total.into()),
            seller_tax: known.map(|totals| totals.seller_tax.into()),
            marketplace_tax: known.map(|totals| totals.marketplace_tax.into()),
            why,
        }
    }
}

impl<'a> From<&'a Charge> for ChargeView<'a> {
    fn from(charge: &'a Charge) -> Self {
        Self {
            gross: charge.gross.into(),
            seller_discount: charge.seller_discount.map(Amount::from),
            marketplace_discount: charge.marketplace_discount.map(Amount::from),
            taxes: charge.taxes.iter().map(TaxView::from).collect(),
        }
    }
}

impl<'a> From<&'a Tax> for TaxView<'a> {
    fn from(tax: &'a Tax) -> Self {
        Self {
            amount: tax.amount.into(),
            place: tax.place,
            liable: tax.liable,
            label: tax.label.as_deref(),
            rate: tax.rate.map(|rate| rate.to_string()),
        }
    }
}

impl<'a> LineView<'a> {
    fn new(line: &'a Line, order: &'a Order, links: &'a Links, unlinked: Option<&'a Unlinked>) -> Self {
        Self {
            id: &line.id,
            listing: &line.listing,
            sku: line.sku.as_ref(),
            title: &line.title,
            quantity: line.quantity,
            canceled: line.canceled,
            charge: (&line.charge).into(),
            link: links.of(line).map(|link| LinkView { listing: &link.listing, targets: &link.targets }),
            unlinked,
            stock: order.stock.iter().filter(|stock| stock.line == line.id).collect(),
        }
    }
}

impl<'a> From<&'a Fee> for FeeView<'a> {
    fn from(fee: &'a Fee) -> Self {
        Self { label: &fee.label, charge: (&fee.charge).into() }
    }
}

impl<'a> From<&'a Refund> for RefundView<'a> {
    fn from(refund: &'a Refund) -> Self {
        Self {
            id: &refund.id,
            amount: refund.amount.into(),
            at: refund.at,
            line: refund.line.as_ref(),
            quantity: refund.quantity,
        }
    }
}

impl<'a> From<&'a Package> for PackageView<'a> {
    fn from(package: &'a Package) -> Self {
        let why = match &package.push {
            Push::Refused { reason } => Some(reason.as_str()),
            Push::Wanted | Push::Sending { .. } | Push::Sent => None,
        };
        Self {
            key: &package.key,
            origin: package.origin,
            tracking: package.shipment.tracking.as_ref(),
            shipped_at: package.shipment.shipped_at,
            lines: &package.shipment.lines,
            push: (&package.push).into(),
            why,
        }
    }
}
