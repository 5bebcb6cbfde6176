//! E12: carriers in the channel's words, flagged before a package goes out under a name that the channel does not know, and
//! compared with what the channel then shows.

use connect::SalesChannel;
use domain::shipment::{self, Package};
use domain::trace::Event;
use domain::{ChannelSettings, Shipment};

/// The carrier as the merchant's map names it for the channel, or as the other side named it.
fn carrier<'a>(settings: &'a ChannelSettings, package: &'a Package) -> Option<&'a str> {
    let named = package.shipment.tracking.as_ref()?.carrier.as_deref()?;
    Some(settings.carrier_code(named).unwrap_or(named))
}

pub(crate) fn in_channel_words(settings: &ChannelSettings, package: &Package) -> Package {
    let mut told = package.clone();
    let named = carrier(settings, package).map(str::to_owned);
    if let Some(tracking) = &mut told.shipment.tracking {
        tracking.carrier = named;
    }
    told
}

/// The channel has names for carriers, and this is none of them.
fn is_unknown(channel: &dyn SalesChannel, name: &str) -> bool {
    !channel.capabilities().carriers.is_empty() && channel.carrier_code(name).is_none()
}

/// What is to be told before a package goes out under a name that the channel does not know.
pub(crate) fn unmapped(channel: &dyn SalesChannel, settings: &ChannelSettings, package: &Package) -> Option<Event> {
    let name = carrier(settings, package).filter(|name| is_unknown(channel, name))?;
    let what = format!(
        "the channel has no carrier called {name}; the package goes out under that name, say in the setting carriers which one it is"
    );
    Some(Event::Flag { what })
}

/// What is to be told where the channel made another carrier of a name that it does not know.
pub(crate) fn shown_otherwise(
    channel: &dyn SalesChannel,
    settings: &ChannelSettings,
    package: &Package,
    on_channel: &[Shipment],
) -> Option<Event> {
    let name = carrier(settings, package).filter(|name| is_unknown(channel, name))?;
    let key = shipment::key_of(&package.shipment);
    let shown = on_channel.iter().find(|shipment| shipment::key_of(shipment) == key)?;
    let shown = shown.tracking.as_ref()?.carrier.as_deref().filter(|shown| !shown.eq_ignore_ascii_case(name))?;
    Some(Event::Flag { what: format!("the channel shows {shown} as the carrier instead of {name}") })
}
