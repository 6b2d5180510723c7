//! Which addresses may be connected to: those of the public internet, and the private ones that the operator named.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// Networks that are not the public internet (IANA's registry of special-purpose IPv4 addresses), or look like a part
/// of it and are none, with the lengths of their prefixes.
const NOT_PUBLIC_V4: [(Ipv4Addr, u8); 16] = [
    // This host, on this network.
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared by a provider's customers.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::LOCALHOST, 8),
    // Public by its number; in the networks of one cloud it is the machine's own host, which hands out settings.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    // Link-local; where clouds tell machines their secrets.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    // Relays of 6to4.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Benchmarks.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and broadcast.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Parts of `2000::/3`, which is all that is public of IPv6, that are not.
const NOT_PUBLIC_V6: [(Ipv6Addr, u8); 4] = [
    // Protocols: Teredo, benchmarks, ORCHID, and others that are not hosts.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4: an IPv4 address in disguise, and nobody's any more.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// A range of addresses, or one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

/// This is neither an address nor a range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an address such as 10.0.0.5, nor a range such as 10.0.0.0/8")]
pub struct NotANetwork;

/// Addresses that may be connected to although they are not public; none, unless the operator names some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed(Vec<Network>);

impl Network {
    fn has(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(of), IpAddr::V4(is)) => begins_v4(is, of, self.bits),
            (IpAddr::V6(of), IpAddr::V6(is)) => begins_v6(is, of, self.bits),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| NotANetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().map_err(|_| NotANetwork)?,
            None => most,
        };
        if bits > most {
            return Err(NotANetwork);
        }
        Ok(Self { address, bits })
    }
}

impl Allowed {
    /// Those of these texts.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotANetwork> {
        texts
            .into_iter()
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether this address may be connected to.
    pub fn permits(&self, address: IpAddr) -> bool {
        is_public(address) || self.names(address)
    }

    /// Whether the operator named this address, or a range that it is in.
    pub fn names(&self, address: IpAddr) -> bool {
        let address = unwrapped(address);
        self.0.iter().any(|network| network.has(address))
    }
}

/// The address that is connected to in truth: an IPv4 address may be written as an IPv6 one.
pub(crate) fn unwrapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// Whether the address is one of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match unwrapped(address) {
        IpAddr::V4(v4) => !NOT_PUBLIC_V4.iter().any(|(of, bits)| begins_v4(v4, *of, *bits)),
        IpAddr::V6(v6) => match behind_nat64(v6) {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                begins_v6(v6, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
                    && !NOT_PUBLIC_V6.iter().any(|(of, bits)| begins_v6(v6, *of, *bits))
            }
        },
    }
}

/// The IPv4 address that a translator at the edge of an IPv6 network makes of this one (RFC 6052).
fn behind_nat64(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let well_known = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);
    begins_v6(address, well_known, 96).then(|| {
        let [.., a, b, c, d] = address.octets();
        Ipv4Addr::new(a, b, c, d)
    })
}

fn begins_v4(address: Ipv4Addr, of: Ipv4Addr, bits: u8) -> bool {
    let shift = 32_u32.saturating_sub(bits.into());
    (address.to_bits() ^ of.to_bits()).checked_shr(shift).unwrap_or(0) == 0
}

fn begins_v6(address: Ipv6Addr, of: Ipv6Addr, bits: u8) -> bool {
    let shift = 128_u32.saturating_sub(bits.into());
    (address.to_bits() ^ of.to_bits()).checked_shr(shift).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        let public = [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "172.15.255.255",
            "172.32.0.1",
            "192.167.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        let not = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:100.64.0.1",
            "::ffff:168.63.129.16",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::192.168.1.1",
            "64:ff9b::168.63.129.16",
            "64:ff9b::1:127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fdff:ffff::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ];
        for address in not {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_the_operator_names_is_permitted_and_nothing_beside_it() {
        let allowed = Allowed::parse(["10.1.0.0/16", "127.0.0.1", "fd00::/8"]).unwrap();
        for address in [
            "10.1.255.1",
            "127.0.0.1",
            "::ffff:127.0.0.1",
            "fd12::1",
            "8.8.8.8",
        ] {
            assert!(allowed.permits(address.parse().unwrap()), "{address}");
        }
        for address in [
            "10.2.0.1",
            "127.0.0.2",
            "fc00::1",
            "169.254.169.254",
            "2002:7f00:1::",
        ] {
            assert!(!allowed.permits(address.parse().unwrap()), "{address}");
        }
        assert!(
            Allowed::parse(["0.0.0.0/0"])
                .unwrap()
                .permits("127.0.0.1".parse().unwrap())
        );
        for bad in ["", "10", "10.0.0.0/33", "::/129", "10.0.0.0/x", "localhost"] {
            assert_eq!(Allowed::parse([bad]), Err(NotANetwork), "{bad}");
        }
    }
}
