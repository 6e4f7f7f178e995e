//! Limits how often one address may try to log in.

use std::{
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
    time::Duration,
};

use axum::http::{Extensions, HeaderMap};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::HashMapStateStore,
};

use super::{config::ClientAddress, listener::Peer};

/// Above this number of addresses, those that have not tried for a while are forgotten.
const MAX_ADDRESSES: usize = 10_000;

/// The logins of each address.
#[derive(Debug)]
pub(super) struct LoginLimit {
    limiter: RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>,
    source: ClientAddress,
}

impl LoginLimit {
    pub(super) fn new(per_minute: NonZeroU32, source: ClientAddress) -> Self {
        Self { limiter: RateLimiter::hashmap(Quota::per_minute(per_minute)), source }
    }

    /// Counts a login.
    ///
    /// # Errors
    /// After too many: how long to wait.
    pub(super) fn admit(&self, extensions: &Extensions, headers: &HeaderMap) -> Result<(), Duration> {
        let peer = extensions.get().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Peer(address)| *address);
        if self.limiter.len() > MAX_ADDRESSES {
            self.limiter.retain_recent();
        }
        let admitted = self.limiter.check_key(&client_of(peer, headers, &self.source));
        admitted.map_err(|too_soon| too_soon.wait_time_from(DefaultClock::default().now()))
    }
}

/// The client's address; of IPv6 the network, because one client has all of its addresses. In a header, the last address is
/// the one that the proxy itself has added.
fn client_of(peer: IpAddr, headers: &HeaderMap, source: &ClientAddress) -> IpAddr {
    let named = match source {
        ClientAddress::Connection => None,
        ClientAddress::Header(name) => {
            let last = headers.get_all(name).iter().next_back().and_then(|header| header.to_str().ok());
            last.and_then(|addresses| addresses.rsplit(',').next()?.trim().parse().ok())
        }
    };
    match named.unwrap_or(peer).to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::of_the_connection(ClientAddress::Connection, &["203.0.113.9"], "192.0.2.1")]
    #[case::of_the_header(forwarded(), &["203.0.113.9"], "203.0.113.9")]
    #[case::what_the_client_itself_sent_comes_first(forwarded(), &["10.0.0.1, 203.0.113.9"], "203.0.113.9")]
    #[case::in_a_header_of_its_own_too(forwarded(), &["10.0.0.1", "203.0.113.9"], "203.0.113.9")]
    #[case::the_network_of_ipv6(forwarded(), &["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::")]
    #[case::ipv4_in_ipv6(forwarded(), &["::ffff:203.0.113.9"], "203.0.113.9")]
    #[case::no_address(forwarded(), &["unknown"], "192.0.2.1")]
    #[case::no_header(forwarded(), &[], "192.0.2.1")]
    fn a_client_is_told_by_its_address(#[case] source: ClientAddress, #[case] sent: &[&str], #[case] expected: &str) {
        let headers =
            sent.iter().map(|value| (axum::http::HeaderName::from_static("x-forwarded-for"), value.parse().unwrap()));
        let client = client_of("192.0.2.1".parse().unwrap(), &headers.collect(), &source);
        assert_eq!(client, expected.parse::<IpAddr>().unwrap());
    }

    fn forwarded() -> ClientAddress {
        ClientAddress::Header(axum::http::HeaderName::from_static("x-forwarded-for"))
    }
}
