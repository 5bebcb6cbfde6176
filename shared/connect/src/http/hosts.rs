//! Which hosts may be called: https on public addresses only, checked on the address that is really dialled.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// A host that must not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedHost {
    NotHttps,
    NoHost,
    Private,
}

impl fmt::Display for RefusedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotHttps => "The address must begin with https://.",
            Self::NoHost => "The address names no host.",
            Self::Private => "This address leads to a private network, which is not allowed.",
        })
    }
}

impl Error for RefusedHost {}

/// Refuses what can be refused without a look-up; names are checked when they are resolved.
pub fn check(url: &Url, allow_private: bool) -> Result<(), RefusedHost> {
    let host = url.host().ok_or(RefusedHost::NoHost)?;
    if allow_private {
        return if matches!(url.scheme(), "http" | "https") { Ok(()) } else { Err(RefusedHost::NotHttps) };
    }
    if url.scheme() != "https" {
        return Err(RefusedHost::NotHttps);
    }
    let address = match host {
        Host::Ipv4(ip) => IpAddr::V4(ip),
        Host::Ipv6(ip) => IpAddr::V6(ip),
        Host::Domain(_) => return Ok(()),
    };
    if is_public(address) { Ok(()) } else { Err(RefusedHost::Private) }
}

/// Resolves names and drops every address that is not public, so that no later answer of the name server gets around the check.
pub struct PublicOnly {
    pub allow_private: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.filter(|address| allow_private || is_public(address.ip())).collect();
            if addresses.is_empty() {
                return Err(RefusedHost::Private.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether the resolver refused the host.
pub fn was_refused(error: &dyn Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        if inner.is::<RefusedHost>() {
            return true;
        }
        source = inner.source();
    }
    false
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => embedded_v4(ip).map_or_else(|| is_public_v6(ip), is_public_v4),
    }
}

/// The blocks of <https://www.iana.org/assignments/iana-ipv4-special-registry> that are not globally reachable.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

/// Global unicast only (`2000::/3`), without documentation, Teredo and `6to4`.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    a & 0xe000 == 0x2000 && !(a == 0x2001 && (b == 0xdb8 || b < 0x200)) && a != 0x2002 && !(a == 0x3fff && b < 0x1000)
}

/// IPv4 addresses that travel inside IPv6 ones (mapped, `NAT64`) lead where the IPv4 address leads.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = ip.segments();
    let nat64 = segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let [.., high, low] = segments;
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    ip.to_ipv4_mapped().or_else(|| nat64.then(|| Ipv4Addr::new(a, b, c, d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_inside_are_refused() {
        for url in [
            "https://127.0.0.1/",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/",
            "https://0.0.0.0/",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://198.18.0.1/",
            "https://255.255.255.255/",
            "https://[::]/",
            "https://224.0.0.1/",
        ] {
            assert_eq!(check(&url.parse().unwrap(), false), Err(RefusedHost::Private), "{url}");
        }
        assert_eq!(check(&"http://8.8.8.8/".parse().unwrap(), false), Err(RefusedHost::NotHttps));
        assert_eq!(check(&"https://8.8.8.8/".parse().unwrap(), false), Ok(()));
        assert_eq!(check(&"https://[2606:4700::1111]/".parse().unwrap(), false), Ok(()));
    }

    #[test]
    fn private_hosts_are_reached_only_when_allowed() {
        assert_eq!(check(&"http://127.0.0.1:8081/".parse().unwrap(), true), Ok(()));
        assert_eq!(check(&"ftp://127.0.0.1/".parse().unwrap(), true), Err(RefusedHost::NotHttps));
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_a_private_address_is_refused() {
        let refused = PublicOnly { allow_private: false }.resolve("localhost".parse().unwrap()).await;
        assert!(refused.is_err_and(|error| error.is::<RefusedHost>()));
    }
}
