//! How often somebody may ask: by address, by account and by key, each limit a setting.
//!
//! GCRA: a limit of 600 in 60 seconds lets 600 come at once and then one each tenth of a second. Kept in this process:
//! with several servers each counts for itself. The one user of time here is the crate's own monotonic clock.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::identity::Caller;
use crate::ledger::{AccountId, KeyId};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const FORWARDED: &str = "x-forwarded-for";
/// Those who have not come for a while are forgotten after so many questions.
const FORGET_EVERY: u32 = 65_536;

/// A number of requests in a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    requests: NonZeroU32,
    seconds: NonZeroU32,
}

impl Rate {
    /// So many requests in a minute.
    #[must_use]
    pub const fn per_minute(requests: u32) -> Option<Self> {
        match (NonZeroU32::new(requests), NonZeroU32::new(60)) {
            (Some(requests), Some(seconds)) => Some(Self { requests, seconds }),
            _ => None,
        }
    }

    fn quota(self) -> Option<Quota> {
        let all = Duration::from_secs(self.seconds.get().into());
        Some(Quota::with_period(all / self.requests.get())?.allow_burst(self.requests))
    }
}

/// Not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARate;

impl FromStr for Rate {
    type Err = NotARate;

    /// Reads `600/60`: requests and seconds.
    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (requests, seconds) = text.split_once('/').ok_or(NotARate)?;
        let number = |text: &str| text.trim().parse().map_err(|_| NotARate);
        let rate = Self { requests: number(requests)?, seconds: number(seconds)? };
        if rate.seconds.get() <= 86_400 && rate.quota().is_some() { Ok(rate) } else { Err(NotARate) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.seconds)
    }
}

/// The limits that are set. None is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// One address, for what needs no key and for keys that are none.
    pub address: Option<Rate>,
    /// One address, for the forms by which one comes in.
    pub door: Option<Rate>,
    /// All keys of one account together.
    pub account: Option<Rate>,
    /// One customer's key.
    pub key: Option<Rate>,
    /// One operator's key.
    pub operator: Option<Rate>,
    /// Proxies of ours, whose word on the address is taken.
    pub proxies: Vec<IpAddr>,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Whose limit.
    pub of: &'static str,
    rate: Rate,
    remaining: u32,
    /// When the next request is let in; 0 when it is at once.
    pub retry_after_seconds: u64,
}

/// Whether a request is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// With what is left of the limit that is nearest, if any is set.
    Admitted(Option<Spent>),
    /// And when it may come again.
    Refused(Spent),
}

/// One limit, counted for each of whoever it is for.
struct Counter<K: Hash + Eq + Clone> {
    of: &'static str,
    rate: Rate,
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    fn of(of: &'static str, rate: Option<Rate>) -> Option<Self> {
        let rate = rate?;
        let limiter = RateLimiter::dashmap(rate.quota()?).with_middleware::<StateInformationMiddleware>();
        Some(Self { of, rate, limiter, asked: AtomicU32::new(0) })
    }

    fn ask(&self, who: &K) -> Verdict {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let spent =
            |remaining, retry_after_seconds| Spent { of: self.of, rate: self.rate, remaining, retry_after_seconds };
        match self.limiter.check_key(who) {
            Ok(state) => Verdict::Admitted(Some(spent(state.remaining_burst_capacity(), 0))),
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.limiter.clock().now());
                Verdict::Refused(spent(0, wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
            }
        }
    }
}

/// The limits at work.
pub struct Limits {
    address: Option<Counter<IpAddr>>,
    door: Option<Counter<IpAddr>>,
    account: Option<Counter<AccountId>>,
    key: Option<Counter<KeyId>>,
    operator: Option<Counter<KeyId>>,
    proxies: Vec<IpAddr>,
}

impl Limits {
    /// The limits that are set, nothing spent.
    #[must_use]
    pub fn new(rates: &Rates) -> Self {
        Self {
            address: Counter::of("address", rates.address),
            door: Counter::of("address", rates.door),
            account: Counter::of("account", rates.account),
            key: Counter::of("key", rates.key),
            operator: Counter::of("key", rates.operator),
            proxies: rates.proxies.clone(),
        }
    }

    /// A request with a good key.
    pub fn key(&self, caller: &Caller) -> Verdict {
        match caller {
            Caller::Operator { key } => ask(self.operator.as_ref(), key),
            Caller::Customer { account, key } => match ask(self.key.as_ref(), key) {
                Verdict::Refused(spent) => Verdict::Refused(spent),
                Verdict::Admitted(own) => match ask(self.account.as_ref(), account) {
                    Verdict::Refused(spent) => Verdict::Refused(spent),
                    Verdict::Admitted(all) => Verdict::Admitted(nearest(own, all)),
                },
            },
        }
    }

    /// A request of somebody signed in, who has no key: counted with the account's keys.
    pub fn account(&self, account: AccountId) -> Verdict {
        ask(self.account.as_ref(), &account)
    }

    /// A request without a key, or with one that is none.
    pub fn address<B>(&self, request: &axum::http::Request<B>) -> Verdict {
        self.by_address(self.address.as_ref(), request)
    }

    /// A form by which one comes in.
    pub fn door<B>(&self, request: &axum::http::Request<B>) -> Verdict {
        self.by_address(self.door.as_ref(), request)
    }

    /// Where a request came from: the connection's other end, unless that is a proxy of ours.
    #[must_use]
    pub fn came_from(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        came_from(peer, headers, &self.proxies)
    }

    fn by_address<B>(&self, counter: Option<&Counter<IpAddr>>, request: &axum::http::Request<B>) -> Verdict {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        match peer {
            Some(peer) => ask(counter, &block(self.came_from(peer, request.headers()))),
            // Only tests come without a connection.
            None => Verdict::Admitted(None),
        }
    }
}

fn ask<K: Hash + Eq + Clone>(counter: Option<&Counter<K>>, who: &K) -> Verdict {
    counter.map_or(Verdict::Admitted(None), |counter| counter.ask(who))
}

/// The one of which less is left.
fn nearest(one: Option<Spent>, other: Option<Spent>) -> Option<Spent> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.remaining < one.remaining { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// Where a request came from: the connection's other end or, where that is a proxy of ours, the last stranger that it
/// and those before it name. What strangers themselves write there is never reached.
fn came_from(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    if !proxies.contains(&peer) {
        return peer;
    }
    let lines = headers.get_all(FORWARDED).iter().filter_map(|line| line.to_str().ok());
    let named: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let mut last = peer;
    for text in named.into_iter().rev() {
        let Ok(address) = text.parse::<IpAddr>() else { return last };
        last = address;
        if !proxies.contains(&address) {
            return address;
        }
    }
    last
}

/// Whoever has one IPv6 address has a whole network of them.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        address @ IpAddr::V4(_) => address,
    }
}

/// Says in the answer what is left of the limit.
pub fn with_state(mut response: Response, spent: Option<&Spent>) -> Response {
    let Some(Spent { rate, remaining, retry_after_seconds, .. }) = spent else { return response };
    // Until all of it is there again.
    let gone = u64::from(rate.requests.get().saturating_sub(*remaining));
    let reset =
        (gone * u64::from(rate.seconds.get())).div_ceil(u64::from(rate.requests.get())).max(*retry_after_seconds);
    let policy = format!("{};w={}", rate.requests, rate.seconds);
    let headers = response.headers_mut();
    for (name, value) in [(LIMIT, u64::from(rate.requests.get())), (REMAINING, u64::from(*remaining)), (RESET, reset)] {
        headers.insert(name, HeaderValue::from(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(POLICY, policy);
    }
    if *retry_after_seconds > 0 {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use proptest::prelude::*;
    use ulid::Ulid;

    use super::*;

    fn rate(text: &str) -> Option<Rate> {
        text.parse().ok()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_rate_is_a_number_of_requests_in_a_number_of_seconds() {
        assert_eq!(rate("600/60").map(|rate| rate.to_string()).as_deref(), Some("600/60"));
        for text in ["", "600", "0/60", "600/0", "-1/60", "x/60", "600/86401", "1/2/3", "99999999999/1"] {
            assert_eq!(rate(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_and_its_account_are_counted_and_an_operator_is_not_unless_that_is_set() {
        let limits = Limits::new(&Rates { key: rate("2/60"), account: rate("3/60"), ..Rates::default() });
        let account = AccountId::from_ulid(Ulid::from_parts(1, 1));
        let key = |number| Caller::Customer { account, key: KeyId::from_ulid(Ulid::from_parts(1, number)) };
        let remaining = |verdict| match verdict {
            Verdict::Admitted(Some(spent)) => Ok((spent.of, spent.remaining)),
            Verdict::Refused(spent) => Err(spent.of),
            Verdict::Admitted(None) => panic!("no limit"),
        };
        assert_eq!(remaining(limits.key(&key(1))), Ok(("key", 1)));
        assert_eq!(remaining(limits.key(&key(1))), Ok(("key", 0)));
        assert_eq!(remaining(limits.key(&key(1))), Err("key"));
        assert_eq!(remaining(limits.key(&key(2))), Ok(("account", 0)));
        assert_eq!(remaining(limits.key(&key(2))), Err("account"));
        let operator = Caller::Operator { key: KeyId::from_ulid(Ulid::from_parts(1, 3)) };
        assert_eq!(limits.key(&operator), Verdict::Admitted(None));
        let limits = Limits::new(&Rates { operator: rate("1/60"), ..Rates::default() });
        assert_eq!(remaining(limits.key(&operator)), Ok(("key", 0)));
        assert_eq!(remaining(limits.key(&operator)), Err("key"));
    }

    #[test]
    fn an_address_is_the_connections_unless_a_proxy_of_ours_says_otherwise() {
        let forwarded = |text: &'static str| {
            [(HeaderName::from_static(FORWARDED), HeaderValue::from_static(text))].into_iter().collect::<HeaderMap>()
        };
        let (stranger, proxy) = (address("203.0.113.9"), address("10.0.0.1"));
        assert_eq!(came_from(stranger, &forwarded("1.2.3.4"), &[proxy]), stranger);
        assert_eq!(came_from(proxy, &forwarded("6.6.6.6, 1.2.3.4"), &[proxy]), address("1.2.3.4"));
        assert_eq!(came_from(proxy, &forwarded("1.2.3.4, 10.0.0.1"), &[proxy]), address("1.2.3.4"));
        assert_eq!(came_from(proxy, &forwarded("nonsense"), &[proxy]), proxy);
        assert_eq!(came_from(proxy, &HeaderMap::new(), &[proxy]), proxy);
        assert_eq!(block(address("2001:db8::1")), block(address("2001:db8::ffff")));
        assert_eq!(block(address("::ffff:1.2.3.4")), address("1.2.3.4"));
    }

    #[test]
    fn the_answer_says_what_is_left_and_when_to_come_again() {
        let rate = rate("60/60").expect("a rate");
        let spent = Spent { of: "key", rate, remaining: 45, retry_after_seconds: 0 };
        let answer = with_state(Response::new(Body::empty()), Some(&spent));
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("ratelimit-limit"), Some("60"));
        assert_eq!((header("ratelimit-remaining"), header("ratelimit-reset")), (Some("45"), Some("15")));
        assert_eq!((header("ratelimit-policy"), header("retry-after")), (Some("60;w=60"), None));
        let spent = Spent { remaining: 0, retry_after_seconds: 1, ..spent };
        let answer = with_state(Response::new(Body::empty()), Some(&spent));
        assert_eq!(answer.headers()["retry-after"], "1");
    }

    proptest! {
        #[test]
        fn what_a_proxy_passes_on_never_falls_over(text in "[\\x20-\\x7e]{0,60}") {
            let headers = [(HeaderName::from_static(FORWARDED), HeaderValue::from_str(&text).expect("ascii"))];
            let proxy = address("10.0.0.1");
            let _somebody = came_from(proxy, &headers.into_iter().collect(), &[proxy]);
            let _maybe = text.parse::<Rate>();
        }
    }
}
