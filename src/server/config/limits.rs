//! The limits' settings: `600/60` is 600 requests in 60 seconds, `off` is no limit.

use super::{ConfigError, Get};
use crate::server::limits::{Rate, Rates};

/// What is so unless it is set. Operators' keys are for service-to-service use and are not limited by themselves.
const ADDRESS_PER_MINUTE: u32 = 6_000;
const DOOR_PER_MINUTE: u32 = 300;
const ACCOUNT_PER_MINUTE: u32 = 12_000;
const KEY_PER_MINUTE: u32 = 6_000;

pub(super) fn rates(set: Get<'_>) -> Result<Rates, ConfigError> {
    Ok(Rates {
        address: rate(set, "AETHEL_LIMIT_ADDRESS", Rate::per_minute(ADDRESS_PER_MINUTE))?,
        door: rate(set, "AETHEL_LIMIT_SIGN_IN", Rate::per_minute(DOOR_PER_MINUTE))?,
        account: rate(set, "AETHEL_LIMIT_ACCOUNT", Rate::per_minute(ACCOUNT_PER_MINUTE))?,
        key: rate(set, "AETHEL_LIMIT_KEY", Rate::per_minute(KEY_PER_MINUTE))?,
        operator: rate(set, "AETHEL_LIMIT_OPERATOR", None)?,
        proxies: proxies(set)?,
    })
}

fn rate(set: Get<'_>, name: &'static str, default: Option<Rate>) -> Result<Option<Rate>, ConfigError> {
    match set(name).as_deref() {
        None => Ok(default),
        Some("off") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| ConfigError {
            name,
            why: format!("{text:?} is neither off nor like 600/60, which is 600 requests in 60 seconds"),
        }),
    }
}

fn proxies(set: Get<'_>) -> Result<Vec<std::net::IpAddr>, ConfigError> {
    let name = "AETHEL_TRUSTED_PROXIES";
    let text = set(name).unwrap_or_default();
    let named = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    named
        .map(|one| one.parse().map_err(|_| ConfigError { name, why: format!("{one:?} is not an IP address") }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, text: &'static str) -> Result<Rates, ConfigError> {
        rates(&move |asked| (asked == name).then(|| text.to_owned()))
    }

    #[test]
    fn an_operators_key_is_not_limited_unless_that_is_set_and_any_limit_can_be_turned_off() {
        let standard = rates(&|_| None).expect("usable");
        assert_eq!((standard.operator, standard.key), (None, Rate::per_minute(6_000)));
        assert_eq!(read("AETHEL_LIMIT_OPERATOR", "9/1").expect("usable").operator, "9/1".parse().ok());
        assert_eq!(read("AETHEL_LIMIT_KEY", "off").expect("usable").key, None);
        let proxies = read("AETHEL_TRUSTED_PROXIES", "10.0.0.1, ::1").expect("usable").proxies;
        assert_eq!(proxies.len(), 2);
    }

    #[test]
    fn what_is_no_limit_stops_the_start_by_its_name() {
        for (name, text) in
            [("AETHEL_LIMIT_KEY", "many"), ("AETHEL_LIMIT_ADDRESS", "0/60"), ("AETHEL_TRUSTED_PROXIES", "proxy")]
        {
            let error = read(name, text).expect_err("refused");
            assert!(error.name == name && error.why.contains(text), "{error}");
        }
    }
}
