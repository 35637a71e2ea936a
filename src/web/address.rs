//! Which addresses may be reached: those of the public internet, and beyond them only what the
//! settings name. It is asked about the name in a URL, and again about every address that the name
//! is found to have when a connection is made: a name can lead anywhere.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::collections::BTreeSet;

/// A block of addresses: `10.20.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Net {
    base: IpAddr,
    /// How many bits of the base count.
    bits: u8,
}

impl Net {
    /// Reads `10.20.0.0/16`, `fd00::/8` or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base.parse().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let width = if matches!(base, IpAddr::V4(_)) { 32 } else { 128 };
        let bits: u8 = bits.unwrap_or(width);
        (bits <= width).then_some(Self { base, bits })
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |base: u128, address: u128, width: u32| {
            let left = width.saturating_sub(u32::from(self.bits));
            base.checked_shr(left).unwrap_or(0) == address.checked_shr(left).unwrap_or(0)
        };
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => same(base.to_bits().into(), address.to_bits().into(), 32),
            (IpAddr::V6(base), IpAddr::V6(address)) => same(base.to_bits(), address.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// What may be reached beside the public internet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Hosts that may have any address, in lower case.
    pub hosts: BTreeSet<String>,
    /// Blocks of addresses that any host may have.
    pub nets: Vec<Net>,
    /// Hosts that are spoken to without encryption.
    pub plain: BTreeSet<String>,
}

impl Reach {
    /// Whether `host` may be spoken to by this scheme.
    pub fn allows_scheme(&self, scheme: &str, host: &str) -> bool {
        scheme == "https" || scheme == "http" && self.plain.contains(&host.to_ascii_lowercase())
    }

    /// Whether a connection to `host` may go to `address`.
    pub fn allows(&self, host: &str, address: IpAddr) -> bool {
        // An IPv4 address in IPv6 clothes goes to the IPv4 address.
        let address = address.to_canonical();
        is_public(address)
            || self.hosts.contains(&host.to_ascii_lowercase())
            || self.nets.iter().any(|net| net.contains(address))
    }
}

/// Whether an address is one of the public internet's.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By the IANA IPv4 Special-Purpose Address Registry; multicast and the former class E too.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

/// Global unicast is `2000::/3`; less what stands in the IANA IPv6 Special-Purpose Address Registry,
/// and what only wraps an IPv4 address (6to4, Teredo, NAT64): nobody needs those, and behind them can
/// be anything.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let special = matches!((a, b), (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff));
    matches!(a, 0x2000..=0x3fff) && !special
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_special_is_not_public() {
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address(special)), "{special}");
        }
    }

    #[test]
    fn what_is_public_is() {
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.1.1",
            "198.17.1.1",
            "198.20.1.1",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "2606:4700::1111",
            "2001:200::1",
            "2a00::1",
        ] {
            assert!(is_public(address(public)), "{public}");
        }
    }

    fn reach(hosts: &[&str], nets: &[&str]) -> Reach {
        Reach {
            hosts: hosts.iter().map(ToString::to_string).collect(),
            nets: nets.iter().map(|net| Net::parse(net).unwrap()).collect(),
            plain: BTreeSet::from(["plain.example".to_owned()]),
        }
    }

    #[test]
    fn what_is_named_may_be_reached_and_no_more() {
        let reach = reach(&["esb.example"], &["10.20.0.0/16", "fd00::/8"]);
        assert!(reach.allows("ESB.example", address("127.0.0.1")));
        assert!(!reach.allows("other.example", address("127.0.0.1")));
        assert!(reach.allows("any.example", address("10.20.3.4")));
        assert!(reach.allows("any.example", address("::ffff:10.20.3.4")));
        assert!(!reach.allows("any.example", address("10.21.0.1")));
        assert!(reach.allows("any.example", address("fd12::1")) && !reach.allows("any.example", address("fe80::1")));
    }

    #[test]
    fn only_a_host_that_is_named_is_spoken_to_in_plain() {
        let reach = reach(&["esb.example"], &[]);
        assert!(reach.allows_scheme("https", "any.example") && reach.allows_scheme("http", "Plain.example"));
        assert!(!reach.allows_scheme("http", "esb.example") && !reach.allows_scheme("ftp", "plain.example"));
    }

    #[test]
    fn a_net_is_read_strictly() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/", "x/8", "10.0.0.0/-1"] {
            assert_eq!(Net::parse(bad), None, "{bad}");
        }
        let all = Net::parse("0.0.0.0/0").unwrap();
        assert!(all.contains(address("255.1.2.3")) && !all.contains(address("::1")));
        assert!(Net::parse("::/0").unwrap().contains(address("fe80::1")));
    }

    proptest! {
        #[test]
        fn a_net_contains_what_has_its_first_bits(base: u32, other: u32, bits in 0_u8..=32) {
            let net = Net::parse(&format!("{}/{bits}", Ipv4Addr::from_bits(base))).unwrap();
            let first = |address: u32| u64::from(address) >> (32 - bits);
            prop_assert_eq!(net.contains(Ipv4Addr::from_bits(other).into()), first(base) == first(other));
        }

        #[test]
        fn clothes_do_not_make_an_address_public(bits: u32) {
            let plain = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_public(plain.into()), is_public(plain.to_ipv6_mapped().into()));
            let compatible = Ipv6Addr::from_bits(bits.into());
            prop_assert!(!is_public(compatible.into()));
        }

        #[test]
        fn without_names_nothing_private_is_reached(bits: u128, host in "[a-z.]{1,12}") {
            let address = IpAddr::V6(Ipv6Addr::from_bits(bits));
            prop_assert_eq!(Reach::default().allows(&host, address), is_public(address));
        }
    }
}
