//! Where an event may be sent: an address that a customer wrote, which must not lead into our own network.
//!
//! A name is resolved for each attempt, every address that it has must be public, and the connection goes to exactly the
//! address that was looked at: a name that answers otherwise the next moment gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use http::Uri;

/// Longer addresses are hardly ever meant.
const URL_BYTES_MAX: usize = 2_000;
/// How long a name may take to be resolved.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);

/// What may be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses, over https.
    #[default]
    Public,
    /// Also loopback, and http: for test mode on one's own machine, and only when a setting says so.
    Loopback,
}

/// Why an address cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not an address at all, or one with a user, a fragment, or no host.
    #[error("the address must be like https://hooks.example.com/aethel, without a user name or a fragment")]
    Malformed,
    /// http, or another scheme.
    #[error("the address must begin with https://")]
    NotHttps,
    /// It leads to a private, loopback, link-local or otherwise special address.
    #[error("the address leads to a network that is not public")]
    NotPublic,
    /// The name has no address.
    #[error("the host's name could not be resolved")]
    Unresolved,
}

/// An address that may be written down. Whether its name leads somewhere public is asked anew each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    uri: Uri,
    host: String,
    port: u16,
}

impl Target {
    /// Reads what a customer wrote.
    ///
    /// # Errors
    /// When nothing may ever be sent there.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, TargetError> {
        let sound = text.len() <= URL_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !sound || text.contains(['#', '\\', '@', '"', '<', '>']) {
            return Err(TargetError::Malformed);
        }
        let uri: Uri = text.parse().map_err(|_| TargetError::Malformed)?;
        let default = match (uri.scheme_str(), reach) {
            (Some("https"), _) => 443,
            (Some("http"), Reach::Loopback) => 80,
            (Some(_), _) => return Err(TargetError::NotHttps),
            (None, _) => return Err(TargetError::Malformed),
        };
        let authority = uri.authority().ok_or(TargetError::Malformed)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let has_port = authority.as_str().len() > authority.host().len();
        let port = match (authority.port_u16(), has_port) {
            (Some(port), _) if port > 0 => port,
            (None, false) => default,
            _ => return Err(TargetError::Malformed),
        };
        let literal = host.parse::<IpAddr>().ok();
        if host.is_empty() || (literal.is_none() && !is_name(&host)) {
            return Err(TargetError::Malformed);
        }
        let target = Self { uri, host, port };
        match literal {
            Some(address) if !reaches(reach, address) => Err(TargetError::NotPublic),
            None if is_of_this_machine(&target.host) && reach == Reach::Public => Err(TargetError::NotPublic),
            _ => Ok(target),
        }
    }

    /// The host, as certificates name it.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The `Host` header.
    pub(super) fn authority(&self) -> &str {
        self.uri.authority().map_or("", http::uri::Authority::as_str)
    }

    /// The same resource, asked of one address.
    pub(super) fn at(&self, address: SocketAddr) -> Option<Uri> {
        let mut parts = self.uri.clone().into_parts();
        parts.authority = address.to_string().parse().ok();
        Uri::from_parts(parts).ok()
    }

    /// Where to connect: the first of the host's addresses, all of which may be reached.
    ///
    /// # Errors
    /// When there is none, or one that may not be reached.
    pub(super) async fn resolve(&self, reach: Reach) -> Result<SocketAddr, TargetError> {
        let lookup = tokio::net::lookup_host((self.host.as_str(), self.port));
        let found = tokio::time::timeout(RESOLVE_LIMIT, lookup).await.map_err(|_| TargetError::Unresolved)?;
        let addresses: Vec<SocketAddr> = found.map_err(|_| TargetError::Unresolved)?.collect();
        if addresses.iter().any(|address| !reaches(reach, address.ip())) {
            return Err(TargetError::NotPublic);
        }
        addresses.first().copied().ok_or(TargetError::Unresolved)
    }
}

fn is_name(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

/// Names that mean this machine or its network wherever they are asked.
fn is_of_this_machine(host: &str) -> bool {
    !host.contains('.') || [".localhost", ".local", ".internal"].iter().any(|end| host.ends_with(end))
}

fn reaches(reach: Reach, address: IpAddr) -> bool {
    is_public(address) || (reach == Reach::Loopback && address.is_loopback())
}

/// Whether an address belongs to the public internet. What is not known to is taken not to.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// All but IANA's special-purpose registry.
fn is_public_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: [([u8; 4], u32); 15] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    let bits = address.to_bits();
    SPECIAL.iter().all(|(network, length)| (bits ^ u32::from_be_bytes(*network)) >> (32 - length) != 0)
}

/// Only what is handed out, `2000::/3`, without what carries other addresses inside it or is set apart: mapped,
/// translated, unique local, link-local and multicast ones all lie outside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    const SPECIAL: [(u128, u32); 4] = [
        // Teredo, benchmarks, ORCHID and the other assignments to protocols.
        (0x2001_0000 << 96, 23),
        (0x2001_0db8 << 96, 32),
        // 6to4 carries an IPv4 address.
        (0x2002_0000 << 96, 16),
        (0x3fff_0000 << 96, 20),
    ];
    let bits = address.to_bits();
    bits >> 125 == 1 && SPECIAL.iter().all(|(network, length)| (bits ^ network) >> (128 - length) != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_https_to_something_public_may_be_written_down() {
        for good in [
            "https://hooks.example.com",
            "https://hooks.example.com:8443/a/b?c=d",
            "https://93.184.216.34/x",
            "https://[2606:4700::1111]/x",
        ] {
            assert!(Target::parse(good, Reach::Public).is_ok(), "{good}");
        }
        let refused = [
            ("http://hooks.example.com", TargetError::NotHttps),
            ("ftp://hooks.example.com", TargetError::NotHttps),
            ("hooks.example.com", TargetError::Malformed),
            ("/hook", TargetError::Malformed),
            ("", TargetError::Malformed),
            ("https://", TargetError::Malformed),
            ("https://user:pass@hooks.example.com", TargetError::Malformed),
            ("https://hooks.example.com/#x", TargetError::Malformed),
            ("https://hooks.example.com:0/", TargetError::Malformed),
            ("https://hooks.example.com:99999/", TargetError::Malformed),
            ("https://hooks..example.com/", TargetError::Malformed),
            ("https://hööks.example.com/", TargetError::Malformed),
            ("https://127.0.0.1/", TargetError::NotPublic),
            ("https://10.1.2.3/", TargetError::NotPublic),
            ("https://169.254.169.254/latest/meta-data", TargetError::NotPublic),
            ("https://[::1]/", TargetError::NotPublic),
            ("https://[::ffff:10.0.0.1]/", TargetError::NotPublic),
            ("https://localhost/", TargetError::NotPublic),
            ("https://postgres/", TargetError::NotPublic),
            ("https://api.localhost/", TargetError::NotPublic),
            ("https://metadata.google.internal/", TargetError::NotPublic),
        ];
        for (text, error) in refused {
            assert_eq!(Target::parse(text, Reach::Public).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn loopback_is_reached_only_where_the_setting_says_so_and_other_networks_never() {
        for local in ["http://127.0.0.1:4000/hook", "http://localhost:4000/", "https://[::1]/"] {
            assert!(Target::parse(local, Reach::Loopback).is_ok(), "{local}");
            assert!(Target::parse(local, Reach::Public).is_err(), "{local}");
        }
        for private in ["https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/", "https://[fd00::1]/"] {
            assert_eq!(Target::parse(private, Reach::Loopback), Err(TargetError::NotPublic), "{private}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_it_is_resolved() {
        // Numbers that only the resolver takes for an address, and a name that every machine knows.
        for host in ["2130706433", "0x7f000001", "127.1", "localhost"] {
            let uri = format!("https://{host}/").parse().unwrap();
            let target = Target { uri, host: host.into(), port: 443 };
            let refused = target.resolve(Reach::Public).await.unwrap_err();
            assert!(matches!(refused, TargetError::NotPublic | TargetError::Unresolved), "{host}: {refused:?}");
        }
    }

    #[test]
    fn special_networks_are_not_public_and_their_neighbours_are() {
        for inside in [
            "0.1.2.3",
            "10.255.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.53",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "239.1.1.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::1",
            "100::1",
            "3fff::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860::8888",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_fall_and_what_it_takes_is_https_without_a_user(text in "(https?://)?\\PC{0,60}") {
            if let Ok(target) = Target::parse(&text, Reach::Public) {
                prop_assert!(text.to_ascii_lowercase().starts_with("https://") && !text.contains('@'));
                prop_assert!(target.at(SocketAddr::from(([8, 8, 8, 8], 443))).is_some());
            }
        }

        #[test]
        fn a_mapped_address_is_never_public(bits in any::<u32>()) {
            let mapped = Ipv4Addr::from_bits(bits).to_ipv6_mapped();
            prop_assert!(!is_public(IpAddr::V6(mapped)));
        }
    }
}
