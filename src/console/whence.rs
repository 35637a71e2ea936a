//! Which address a request comes from. What a proxy says of it counts only where the settings name
//! the proxy: anybody can write that header.

use std::net::{IpAddr, Ipv6Addr};

use crate::web::address::Net;

/// Where a request comes from, as far as that can be known; `None` where it would be the same for
/// everybody. An IPv6 address stands for its network: whoever has one has all of it.
pub(super) fn address<'a>(
    peer: IpAddr,
    proxies: &[Net],
    is_behind_one: bool,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
) -> Option<IpAddr> {
    let is_proxy = |address: IpAddr| proxies.iter().any(|net| net.contains(address.to_canonical()));
    if !is_proxy(peer) {
        return (!is_behind_one).then_some(network(peer));
    }
    // The last one was written by the proxy that is nearest to us.
    for said in forwarded.flat_map(|line| line.split(',')).rev() {
        let address = said.trim().parse().ok()?;
        if !is_proxy(address) {
            return Some(network(address));
        }
    }
    None
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(peer: &str, proxies: &[&str], behind: bool, forwarded: &[&str]) -> Option<String> {
        let proxies: Vec<Net> = proxies.iter().map(|net| Net::parse(net).unwrap()).collect();
        let found = address(peer.parse().unwrap(), &proxies, behind, forwarded.iter().copied());
        found.map(|address| address.to_string())
    }

    #[test]
    fn what_anybody_can_write_counts_for_nothing() {
        let own = Some("192.0.2.7".to_owned());
        assert_eq!(at("192.0.2.7", &[], false, &["10.0.0.1"]), own);
        assert_eq!(at("192.0.2.7", &["127.0.0.1"], false, &["10.0.0.1"]), own);
        assert_eq!(at("192.0.2.7", &[], true, &["10.0.0.1"]), None, "it is the proxy that we see, for everybody");
    }

    #[test]
    fn what_our_proxies_say_counts_from_behind() {
        let proxies = ["127.0.0.1", "10.1.0.0/16"];
        let said = |forwarded: &[&str]| at("127.0.0.1", &proxies, true, forwarded);
        assert_eq!(said(&["192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(said(&["203.0.113.1, 192.0.2.7"]).as_deref(), Some("192.0.2.7"), "the first was their own word");
        assert_eq!(said(&["192.0.2.7, 10.1.2.3"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(said(&["203.0.113.1", "192.0.2.7", "10.1.2.3"]).as_deref(), Some("192.0.2.7"));
        for unsaid in [&[][..], &["unknown"], &["10.1.2.3"], &["192.0.2.7, x"]] {
            assert_eq!(said(unsaid), None, "{unsaid:?}");
        }
    }

    #[test]
    fn a_network_is_one() {
        assert_eq!(at("2001:db8:1:2:3:4:5:6", &[], false, &[]).as_deref(), Some("2001:db8:1:2::"));
        assert_eq!(at("::ffff:192.0.2.7", &[], false, &[]).as_deref(), Some("192.0.2.7"));
        assert_eq!(at("::ffff:127.0.0.1", &["127.0.0.0/8"], true, &["192.0.2.7"]).as_deref(), Some("192.0.2.7"));
    }
}
